//! What was typed, checked field by field. Nothing here is thrown away: an error says what is wrong with which field, the
//! text stays in the form.

use crate::api::{FieldError, SubmitOrder, WireAddress, WireContact, WireGoods};
use crate::store::Order;
use domain::contact::{Address, Contact, Goods};
pub(crate) use label::shown as show;

/// The platform's limit for names (e-waybill `name`, characters).
const NAME_MAX: usize = 40;
/// The platform's limit for the detail of an address (characters).
const DETAIL_MAX: usize = 256;
const GOODS_NAME_MAX: usize = 100;
const GOODS_LINES_MAX: usize = 100;
const GOODS_COUNT_MAX: u32 = 9_999;
const REMARK_MAX: usize = 200;
/// 200 kg: above it no parcel courier takes it; a typed gram/kilogram mix-up is far more likely.
const WEIGHT_MAX_G: u32 = 200_000;

/// Reads an order as typed. All wrong fields at once, in the order of the form.
pub(crate) fn read(req: &SubmitOrder) -> Result<Order, Vec<FieldError>> {
    let mut wrong = Vec::new();
    let order = Order {
        sender: read_contact("sender", &req.sender, &mut wrong),
        recipient: read_contact("recipient", &req.recipient, &mut wrong),
        goods: read_goods(&req.goods, &mut wrong),
        remark: text("remark", &req.remark, REMARK_MAX, false, &mut wrong),
        weight_g: req.weight_g,
    };
    if let Some(w) = req.weight_g
        && !(1..=WEIGHT_MAX_G).contains(&w)
    {
        wrong.push(error("weight_g", "out_of_range", format!("1–{WEIGHT_MAX_G}")));
    }
    if wrong.is_empty() { Ok(order) } else { Err(wrong) }
}

/// Reads an order that was kept as it was typed.
pub(crate) fn read_order(order: &Order) -> Result<Order, Vec<FieldError>> {
    let Order { sender, recipient, goods, remark, weight_g } = order;
    read(&SubmitOrder {
        submit_key: String::new(),
        sender: wire_contact(sender),
        recipient: wire_contact(recipient),
        goods: wire_goods(goods),
        remark: remark.clone(),
        weight_g: *weight_g,
        courier: String::new(),
        printer: String::new(),
        template: String::new(),
    })
}

/// What was typed, as it was typed.
pub(crate) fn typed_contact(c: &WireContact) -> Contact {
    let a = &c.address;
    Contact {
        name: c.name.clone(),
        phone: c.phone.clone(),
        address: Address {
            province: a.province.clone(),
            city: a.city.clone(),
            district: a.district.clone(),
            town: a.town.clone(),
            detail: a.detail.clone(),
        },
    }
}

/// One side.
pub(crate) fn read_contact(side: &str, c: &WireContact, wrong: &mut Vec<FieldError>) -> Contact {
    let f = |name: &str| format!("{side}.{name}");
    Contact {
        name: text(&f("name"), &c.name, NAME_MAX, true, wrong),
        phone: phone(&f("phone"), &c.phone, wrong),
        address: Address {
            province: text(&f("address.province"), &c.address.province, NAME_MAX, true, wrong),
            city: text(&f("address.city"), &c.address.city, NAME_MAX, false, wrong),
            district: text(&f("address.district"), &c.address.district, NAME_MAX, false, wrong),
            town: text(&f("address.town"), &c.address.town, NAME_MAX, false, wrong),
            detail: text(&f("address.detail"), &c.address.detail, DETAIL_MAX, true, wrong),
        },
    }
}

fn read_goods(goods: &[WireGoods], wrong: &mut Vec<FieldError>) -> Vec<Goods> {
    if goods.is_empty() {
        wrong.push(error("goods[0].name", "required", ""));
    }
    if goods.len() > GOODS_LINES_MAX {
        wrong.push(error("goods", "too_long", GOODS_LINES_MAX.to_string()));
    }
    let mut read = Vec::new();
    for (i, g) in goods.iter().take(GOODS_LINES_MAX).enumerate() {
        let name = text(&format!("goods[{i}].name"), &g.name, GOODS_NAME_MAX, true, wrong);
        if !(1..=GOODS_COUNT_MAX).contains(&g.count) {
            wrong.push(error(&format!("goods[{i}].count"), "out_of_range", format!("1–{GOODS_COUNT_MAX}")));
        }
        read.push(Goods { name, count: g.count });
    }
    read
}

/// A phone: digits with `+ - # 转 ( )` and spaces between, 6 to 24 digits. Full-width forms are mended, as people type
/// them; an extension stays with the number.
pub(crate) fn phone(field: &str, raw: &str, wrong: &mut Vec<FieldError>) -> String {
    let s: String = half_width(raw.trim());
    if s.is_empty() {
        wrong.push(error(field, "required", ""));
        return s;
    }
    let digits = s.chars().filter(char::is_ascii_digit).count();
    let strange = s.chars().find(|c| !c.is_ascii_digit() && !"+-#转() ,".contains(*c));
    if let Some(c) = strange {
        wrong.push(error(field, "bad_phone", show(c)));
    } else if !(6..=24).contains(&digits) || s.chars().count() > 40 {
        wrong.push(error(field, "bad_phone", digits.to_string()));
    }
    s
}

fn text(field: &str, raw: &str, max: usize, required: bool, wrong: &mut Vec<FieldError>) -> String {
    // Line breaks and tabs come with pasted text; on a label they are spaces.
    let s: String = raw
        .trim()
        .chars()
        .map(|c| if matches!(c, '\n' | '\r' | '\t' | '\u{3000}' | '\u{a0}') { ' ' } else { c })
        .collect();
    if s.is_empty() {
        if required {
            wrong.push(error(field, "required", ""));
        }
        return s;
    }
    if s.chars().count() > max {
        wrong.push(error(field, "too_long", max.to_string()));
        return s;
    }
    // No number is taken for a label that cannot be drawn: every character must be in the bundled fonts.
    if let Some(c) = label::missing_glyphs(&s).first() {
        wrong.push(error(field, "missing_glyph", show(*c)));
    }
    s
}

/// Full-width ASCII to ASCII.
fn half_width(s: &str) -> String {
    s.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '\u{3000}' | '\u{a0}' => ' ',
            '—' | '–' => '-',
            c => c,
        })
        .collect()
}

/// One wrong field.
pub(crate) fn error(field: &str, code: &str, detail: impl Into<String>) -> FieldError {
    FieldError { field: field.to_owned(), code: code.to_owned(), detail: detail.into(), fault: None }
}

/// For the wire.
pub(crate) fn wire_address(a: &Address) -> WireAddress {
    WireAddress {
        province: a.province.clone(),
        city: a.city.clone(),
        district: a.district.clone(),
        town: a.town.clone(),
        detail: a.detail.clone(),
    }
}

/// For the wire, unmasked.
pub(crate) fn wire_contact(c: &Contact) -> WireContact {
    WireContact { name: c.name.clone(), phone: c.phone.clone(), address: wire_address(&c.address) }
}

/// For the wire, masked as on the label.
pub(crate) fn masked_contact(c: &Contact) -> WireContact {
    WireContact {
        name: domain::mask::name(&c.name),
        phone: domain::mask::phone(&c.phone),
        address: WireAddress { detail: domain::mask::detail(&c.address.detail), ..wire_address(&c.address) },
    }
}

/// For the wire.
pub(crate) fn wire_goods(goods: &[Goods]) -> Vec<WireGoods> {
    goods.iter().map(|g| WireGoods { name: g.name.clone(), count: g.count }).collect()
}

/// `棉麻衬衫 ×1，收纳盒 ×2`
pub(crate) fn goods_line(goods: &[Goods]) -> String {
    goods.iter().map(|g| format!("{} ×{}", g.name, g.count)).collect::<Vec<_>>().join("，")
}
