//! Fields: what a template may name, and what `LabelData` says there; text made of them, conditions on them.
//! Absent: formatting rules beyond these.

use crate::courier;
use crate::flaw::{Flaw, excerpt};
use domain::label_data::LabelData;

/// A field of the data. In templates: `{recipient.name}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Courier,
    CourierCode,
    /// What is torn off below the courier's part: `recipient`, `sender` or nothing; from the couriers' table.
    CourierStub,
    WaybillNo,
    /// In groups, as the courier prints it.
    WaybillNoGrouped,
    RouteCode,
    Consolidation,
    Origin,
    RecipientName,
    RecipientPhone,
    RecipientAddress,
    SenderName,
    SenderPhone,
    SenderAddress,
    /// All goods in one line: `帽子 ×2；围巾 ×1`.
    Goods,
    /// Pieces of all goods together.
    GoodsPieces,
    /// Inside a repeat over goods: this one's name.
    GoodsName,
    /// Inside a repeat over goods: this one's count.
    GoodsCount,
    /// In a repeat's `more`: kinds of goods not shown.
    GoodsRest,
    /// All service marks in one line: `保价 签回单`.
    Marks,
    /// Inside a repeat over marks: this one.
    Mark,
    CustomText,
    CustomSequence,
    CustomStation,
    CustomRemark,
    Remark,
    Reference,
    Reprint,
    PrintedAt,
    Specimen,
}

const NAMES: [(&str, Field); 30] = [
    ("courier", Field::Courier),
    ("courier_code", Field::CourierCode),
    ("courier.stub", Field::CourierStub),
    ("waybill_no", Field::WaybillNo),
    ("waybill_no.grouped", Field::WaybillNoGrouped),
    ("route_code", Field::RouteCode),
    ("consolidation", Field::Consolidation),
    ("origin", Field::Origin),
    ("recipient.name", Field::RecipientName),
    ("recipient.phone", Field::RecipientPhone),
    ("recipient.address", Field::RecipientAddress),
    ("sender.name", Field::SenderName),
    ("sender.phone", Field::SenderPhone),
    ("sender.address", Field::SenderAddress),
    ("goods", Field::Goods),
    ("goods.pieces", Field::GoodsPieces),
    ("goods.name", Field::GoodsName),
    ("goods.count", Field::GoodsCount),
    ("goods.rest", Field::GoodsRest),
    ("marks", Field::Marks),
    ("mark", Field::Mark),
    ("custom.text", Field::CustomText),
    ("custom.sequence", Field::CustomSequence),
    ("custom.station", Field::CustomStation),
    ("custom.remark", Field::CustomRemark),
    ("remark", Field::Remark),
    ("reference", Field::Reference),
    ("reprint", Field::Reprint),
    ("printed_at", Field::PrintedAt),
    ("specimen", Field::Specimen),
];

impl Field {
    fn from_name(name: &str) -> Option<Self> {
        NAMES.iter().find(|n| n.0 == name).map(|n| n.1)
    }
    /// Errors: there is no such field; the nearest one is told.
    fn read(name: &str) -> Result<Self, Flaw> {
        Self::from_name(name).ok_or_else(|| Flaw::UnknownField { field: excerpt(name), near: nearest(name).to_owned() })
    }
    /// The name used in templates.
    fn name(self) -> &'static str {
        NAMES.iter().find(|n| n.1 == self).map_or("", |n| n.0)
    }
    /// The path in the data of what it says.
    pub fn path(self) -> &'static str {
        match self {
            Self::WaybillNoGrouped => Self::WaybillNo.name(),
            Self::CourierStub => Self::CourierCode.name(),
            Self::Marks | Self::Mark => "service_marks",
            other => other.name(),
        }
    }
}

/// The name that takes the fewest changed letters.
fn nearest(name: &str) -> &'static str {
    let letters: Vec<char> = name.chars().take(40).collect();
    NAMES.iter().map(|n| n.0).min_by_key(|known| changes(&letters, known)).unwrap_or_default()
}

/// Letters to put in, take out or change until one is the other (Levenshtein).
fn changes(from: &[char], to: &str) -> usize {
    let mut row: Vec<usize> = (0..=from.len()).collect();
    for (n, wanted) in to.chars().enumerate() {
        let mut corner = row[0];
        row[0] = n + 1;
        for (i, c) in from.iter().enumerate() {
            let changed = corner + usize::from(*c != wanted);
            corner = row[i + 1];
            row[i + 1] = changed.min(row[i] + 1).min(corner + 1);
        }
    }
    row[from.len()]
}

/// Where a piece of text came from, for errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The template's own words.
    Template,
    /// A field.
    Field(Field),
    /// The name of the n-th goods.
    GoodsName(usize),
    /// The n-th service mark.
    Mark(usize),
}

impl Origin {
    /// The path in the data; `None` for the template's own words.
    pub fn path(self) -> Option<String> {
        match self {
            Self::Template => None,
            Self::Field(f) => Some(f.path().to_owned()),
            Self::GoodsName(i) => Some(format!("goods[{i}].name")),
            Self::Mark(i) => Some(format!("service_marks[{i}]")),
        }
    }
}

/// Which of the goods or marks a repeated item speaks of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turn {
    /// Index in `goods`, or place among the marks in the courier's order.
    pub index: Option<usize>,
    /// How many are left out, for `more`.
    pub rest: usize,
}

/// Calls `take` with every piece that the field says. Nothing for an empty field.
pub fn say<'a>(field: Field, data: &'a LabelData, turn: Turn, take: &mut dyn FnMut(&str, Origin)) {
    let mut text = |s: &'a str| take(s, Origin::Field(field));
    match field {
        Field::Courier => text(&data.courier),
        Field::CourierCode => text(&data.courier_code),
        Field::CourierStub => text(courier::stub(&data.courier_code)),
        Field::WaybillNo => text(&data.waybill_no),
        Field::WaybillNoGrouped => take(&courier::grouped(&data.courier_code, &data.waybill_no), Origin::Field(field)),
        Field::RouteCode => text(&data.route_code),
        Field::Consolidation => text(&data.consolidation),
        Field::Origin => text(&data.origin),
        Field::RecipientName => text(&data.recipient.name),
        Field::RecipientPhone => take(&unbroken(&data.recipient.phone), Origin::Field(field)),
        Field::RecipientAddress => text(&data.recipient.address),
        Field::SenderName => text(&data.sender.name),
        Field::SenderPhone => take(&unbroken(&data.sender.phone), Origin::Field(field)),
        Field::SenderAddress => text(&data.sender.address),
        Field::CustomText => text(&data.custom.text),
        Field::CustomSequence => text(&data.custom.sequence),
        Field::CustomStation => text(&data.custom.station),
        Field::CustomRemark => text(&data.custom.remark),
        Field::Remark => text(&data.remark),
        Field::Reference => text(&data.reference),
        Field::PrintedAt => text(&data.printed_at),
        Field::Reprint => take(&data.reprint.to_string(), Origin::Field(field)),
        Field::Specimen => {}
        Field::Goods => {
            for (i, g) in data.goods.iter().enumerate() {
                if i > 0 {
                    take("；", Origin::Template);
                }
                take(&g.name, Origin::GoodsName(i));
                take(&format!(" ×{}", g.count), Origin::Template);
            }
        }
        Field::GoodsPieces => {
            let n: u64 = data.goods.iter().map(|g| u64::from(g.count)).sum();
            take(&n.to_string(), Origin::Template);
        }
        Field::GoodsName => {
            if let Some((i, g)) = turn.index.and_then(|i| Some((i, data.goods.get(i)?))) {
                take(&g.name, Origin::GoodsName(i));
            }
        }
        Field::GoodsCount => {
            if let Some(g) = turn.index.and_then(|i| data.goods.get(i)) {
                take(&g.count.to_string(), Origin::Template);
            }
        }
        Field::GoodsRest => take(&turn.rest.to_string(), Origin::Template),
        Field::Marks => {
            for (n, i) in courier::marks_in_order(&data.courier_code, &data.service_marks).into_iter().enumerate() {
                if n > 0 {
                    take(" ", Origin::Template);
                }
                take(&data.service_marks[i], Origin::Mark(i));
            }
        }
        Field::Mark => {
            let order = courier::marks_in_order(&data.courier_code, &data.service_marks);
            if let Some(i) = turn.index.and_then(|n| order.get(n)) {
                take(&data.service_marks[*i], Origin::Mark(*i));
            }
        }
    }
}

/// A phone number stays on one line: its spaces become ones that do not break.
fn unbroken(phone: &str) -> String {
    phone.replace(' ', "\u{a0}")
}

/// Text with fields: `{sender.name} {sender.phone}`. Braces cannot stand for themselves yet.
#[derive(Clone, Debug)]
pub struct Words(pub Vec<Word>);

/// Own words or a field.
#[derive(Clone, Debug)]
pub enum Word {
    Own(String),
    Field(Field),
}

impl Words {
    /// Errors: an unknown field; a brace without its end.
    pub fn read(text: &str) -> Result<Self, Flaw> {
        let mut words = Vec::new();
        let mut rest = text;
        while let Some((own, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| Flaw::OpenBrace { text: excerpt(text) })?;
            if !own.is_empty() {
                words.push(Word::Own(own.into()));
            }
            words.push(Word::Field(Field::read(name)?));
            rest = after;
        }
        if !rest.is_empty() {
            words.push(Word::Own(rest.into()));
        }
        Ok(Self(words))
    }
}

/// When an item is drawn: every term of `if` must hold. A number says something when it is not 0.
#[derive(Clone, Debug, Default)]
pub struct Condition(Vec<Term>);

#[derive(Clone, Debug)]
struct Term {
    field: Field,
    test: Test,
}

#[derive(Clone, Debug)]
enum Test {
    /// `remark` or `!remark`: says something, or nothing.
    Says(bool),
    /// `courier_code=SF` or `courier_code!=SF`.
    Is(String, bool),
}

impl Term {
    fn read(text: &str) -> Result<Self, Flaw> {
        let (name, test) = if let Some((name, value)) = text.split_once("!=") {
            (name, Test::Is(value.into(), false))
        } else if let Some((name, value)) = text.split_once('=') {
            (name, Test::Is(value.into(), true))
        } else if let Some(name) = text.strip_prefix('!') {
            (name, Test::Says(false))
        } else {
            (text, Test::Says(true))
        };
        Ok(Self { field: Field::read(name)?, test })
    }

    fn holds(&self, data: &LabelData, turn: Turn) -> bool {
        match &self.test {
            Test::Says(wanted) => self.field.says_something(data, turn) == *wanted,
            Test::Is(value, wanted) => {
                let mut said = String::new();
                say(self.field, data, turn, &mut |s, _| said.push_str(s));
                (said == *value) == *wanted
            }
        }
    }
}

impl Field {
    fn says_something(self, data: &LabelData, turn: Turn) -> bool {
        match self {
            Self::Specimen => data.specimen,
            Self::Reprint => data.reprint > 0,
            Self::GoodsRest => turn.rest > 0,
            field => {
                let mut any = false;
                say(field, data, turn, &mut |s, _| any |= !s.trim().is_empty());
                any
            }
        }
    }
}

impl Condition {
    /// Errors: an unknown field.
    pub fn read(terms: &[&str]) -> Result<Self, Flaw> {
        terms.iter().map(|t| Term::read(t)).collect::<Result<_, _>>().map(Self)
    }

    /// Whether the item is drawn.
    pub fn holds(&self, data: &LabelData, turn: Turn) -> bool {
        self.0.iter().all(|t| t.holds(data, turn))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_term_of_a_condition_must_hold() {
        let data = LabelData { courier_code: "SF".into(), remark: "轻放".into(), reprint: 0, ..LabelData::default() };
        let holds = |terms: &[&str]| Condition::read(terms).map(|c| c.holds(&data, Turn::default()));
        assert_eq!(holds(&["remark", "!reprint", "courier_code=SF"]), Ok(true));
        assert_eq!(holds(&["courier_code!=SF"]), Ok(false));
        assert_eq!(holds(&["remark=轻放", "goods"]), Ok(false));
        assert_eq!(holds(&["courier.stub=recipient"]), Ok(true), "from the couriers' table");
        assert_eq!(
            holds(&["remrk=1"]),
            Err(Flaw::UnknownField { field: "remrk".into(), near: "remark".into() }),
            "the nearest name is told"
        );
        assert_eq!(nearest("recipent.name"), "recipient.name");
        assert_eq!(changes(&['a', 'b', 'c'], "xbcd"), 2);
    }

    #[test]
    fn every_field_has_a_name_that_leads_back_to_it() {
        for (name, field) in NAMES {
            assert_eq!((Field::from_name(name), field.name()), (Some(field), name));
        }
    }
}
