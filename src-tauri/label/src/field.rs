//! Fields: what a template may name, and what `LabelData` says there. Absent: formatting rules beyond these.

use domain::label_data::LabelData;
use serde::Deserialize;

/// A field of the data. In templates: `{recipient.name}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    Courier,
    WaybillNo,
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
    Remark,
    Reference,
    Reprint,
    PrintedAt,
    Specimen,
}

const NAMES: [(&str, Field); 21] = [
    ("courier", Field::Courier),
    ("waybill_no", Field::WaybillNo),
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
    /// The name used in templates and errors.
    pub fn name(self) -> &'static str {
        NAMES.iter().find(|n| n.1 == self).map_or("", |n| n.0)
    }
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
}

impl Origin {
    /// The path in the data; `None` for the template's own words.
    pub fn path(self) -> Option<String> {
        match self {
            Self::Template => None,
            Self::Field(f) => Some(f.name().to_owned()),
            Self::GoodsName(i) => Some(format!("goods[{i}].name")),
        }
    }
}

/// Which goods a repeated item speaks of.
#[derive(Clone, Copy, Debug, Default)]
pub struct Turn {
    /// Index in `goods`.
    pub index: Option<usize>,
    /// Kinds of goods left out, for `more`.
    pub rest: usize,
}

/// Calls `take` with every piece that the field says. Nothing for an empty field.
pub fn say<'a>(field: Field, data: &'a LabelData, turn: Turn, take: &mut dyn FnMut(&str, Origin)) {
    let mut text = |s: &'a str| take(s, Origin::Field(field));
    match field {
        Field::Courier => text(&data.courier),
        Field::WaybillNo => text(&data.waybill_no),
        Field::RouteCode => text(&data.route_code),
        Field::Consolidation => text(&data.consolidation),
        Field::Origin => text(&data.origin),
        Field::RecipientName => text(&data.recipient.name),
        Field::RecipientPhone => take(&unbroken(&data.recipient.phone), Origin::Field(field)),
        Field::RecipientAddress => text(&data.recipient.address),
        Field::SenderName => text(&data.sender.name),
        Field::SenderPhone => take(&unbroken(&data.sender.phone), Origin::Field(field)),
        Field::SenderAddress => text(&data.sender.address),
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
    }
}

/// A phone number stays on one line: its spaces become ones that do not break.
fn unbroken(phone: &str) -> String {
    phone.replace(' ', "\u{a0}")
}

/// Text with fields: `{sender.name} {sender.phone}`. Braces cannot stand for themselves yet.
#[derive(Clone, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Words(pub Vec<Word>);

/// Own words or a field.
#[derive(Clone, Debug)]
pub enum Word {
    Own(String),
    Field(Field),
}

impl TryFrom<String> for Words {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let mut words = Vec::new();
        let mut rest = text.as_str();
        while let Some((own, after)) = rest.split_once('{') {
            let (name, after) = after.split_once('}').ok_or_else(|| format!("{text:?}: a brace is left open"))?;
            if !own.is_empty() {
                words.push(Word::Own(own.into()));
            }
            words.push(Word::Field(Field::from_name(name).ok_or_else(|| format!("no field is called {name:?}"))?));
            rest = after;
        }
        if !rest.is_empty() {
            words.push(Word::Own(rest.into()));
        }
        Ok(Self(words))
    }
}

/// `if = "remark"`: drawn only when the field says something; `"!remark"`: only when it does not. A number says
/// something when it is not 0.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "String")]
pub struct Condition {
    field: Field,
    wanted: bool,
}

impl TryFrom<String> for Condition {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        let name = text.strip_prefix('!').unwrap_or(&text);
        let field = Field::from_name(name).ok_or_else(|| format!("no field is called {name:?}"))?;
        Ok(Self { field, wanted: name.len() == text.len() })
    }
}

impl Condition {
    /// Whether the item is drawn.
    pub fn holds(self, data: &LabelData, turn: Turn) -> bool {
        let says = match self.field {
            Field::Specimen => data.specimen,
            Field::Reprint => data.reprint > 0,
            Field::GoodsRest => turn.rest > 0,
            field => {
                let mut any = false;
                say(field, data, turn, &mut |s, _| any |= !s.trim().is_empty());
                any
            }
        };
        says == self.wanted
    }
}
