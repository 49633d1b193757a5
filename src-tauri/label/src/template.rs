//! The template language: a TOML file in millimetres, described in `templates/README.md`. Reading only; placing is
//! `layout`. Invariant: a template that was read names only known fields and has boxes inside its label.

use crate::error::LabelError;
use crate::field::{Condition, Words};
use crate::font::Weight;
use domain::units::{LabelSize, Mm};
use serde::Deserialize;
use std::sync::LazyLock;

/// One label design.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// Stable id: `waybill-100x180`.
    pub id: String,
    /// Name for people, Chinese.
    pub name: String,
    /// mm
    pub width: f64,
    /// mm
    pub height: f64,
    /// In drawing order.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
}

/// One thing on the label.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Item {
    Text(Text),
    Line(Line),
    Box(Frame),
    Code128(Code128),
    Qr(Qr),
    Repeat(Repeat),
}

/// `[x, y, width, height]` in mm, from the label's top left corner (inside a repeat: from its row's).
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(from = "[f64; 4]")]
pub struct Place {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

impl From<[f64; 4]> for Place {
    fn from([x, y, w, h]: [f64; 4]) -> Self {
        Self { x, y, w, h }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    #[default]
    Left,
    Center,
    Right,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Valign {
    Top,
    #[default]
    Middle,
    Bottom,
}

/// Text in a box. The largest size from `size` down to `min_size` at which all of it fits is taken; when there is
/// none, that is an error, or, only where `ellipsis = true`, the text ends in `…`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Text {
    pub text: Words,
    #[serde(rename = "box")]
    pub place: Place,
    /// Height of an em, mm.
    pub size: f64,
    /// Smallest em, mm; as `size` when left out.
    pub min_size: Option<f64>,
    #[serde(default)]
    pub weight: Weight,
    #[serde(default)]
    pub align: Align,
    #[serde(default)]
    pub valign: Valign,
    /// May use as many lines as the box is high.
    #[serde(default)]
    pub wrap: bool,
    /// With `wrap`: one line down to four fifths of the size, then lines of even length.
    #[serde(default)]
    pub heading: bool,
    /// Distance of baselines in ems.
    #[serde(default = "line_height")]
    pub line_height: f64,
    /// May end in `…`.
    #[serde(default)]
    pub ellipsis: bool,
    /// White on a black box.
    #[serde(default)]
    pub reverse: bool,
    /// Extra space between characters, mm.
    #[serde(default)]
    pub tracking: f64,
    #[serde(rename = "if")]
    pub condition: Option<Condition>,
}

fn line_height() -> f64 {
    1.25
}

/// A straight rule, horizontal or vertical.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    pub from: [f64; 2],
    pub to: [f64; 2],
    #[serde(default = "hairline")]
    pub thickness: f64,
    /// `[on, off]` in mm: a tear line.
    pub dash: Option<[f64; 2]>,
    #[serde(rename = "if")]
    pub condition: Option<Condition>,
}

/// Two dots at 203 dpi: the thinnest rule that cheap heads print without gaps.
fn hairline() -> f64 {
    0.25
}

/// A frame, or a black block.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Frame {
    #[serde(rename = "box")]
    pub place: Place,
    #[serde(default = "hairline")]
    pub thickness: f64,
    #[serde(default)]
    pub fill: bool,
    #[serde(rename = "if")]
    pub condition: Option<Condition>,
}

/// Code 128 as high as its box, with its quiet zones inside the box.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Code128 {
    pub text: Words,
    #[serde(rename = "box")]
    pub place: Place,
    /// Smallest and largest module, mm. The largest whole number of dots that fits is taken.
    #[serde(default = "bar_modules")]
    pub modules: [f64; 2],
    #[serde(default = "center")]
    pub align: Align,
    #[serde(rename = "if")]
    pub condition: Option<Condition>,
}

/// 2 to 3 dots at 203 dpi, 3 to 4 at 300 (printing facts §1).
fn bar_modules() -> [f64; 2] {
    [0.25, 0.375]
}

fn center() -> Align {
    Align::Center
}

/// QR code (level M or better) in the middle of its box, with its quiet zone inside the box.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Qr {
    pub text: Words,
    #[serde(rename = "box")]
    pub place: Place,
    /// Smallest and largest module, mm.
    #[serde(default = "qr_modules")]
    pub modules: [f64; 2],
    #[serde(rename = "if")]
    pub condition: Option<Condition>,
}

/// 3 dots at 203 dpi is the least that hand scanners read; a 20 mm box gives a waybill number 5.
fn qr_modules() -> [f64; 2] {
    [0.375, 0.75]
}

/// Items drawn once for each of the goods, row under row.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Repeat {
    pub over: Over,
    #[serde(rename = "box")]
    pub place: Place,
    /// Height of a row, mm.
    pub step: f64,
    /// Their boxes are relative to the row.
    pub items: Vec<Item>,
    /// Takes the last row when there are more goods than rows. Without it, too many goods are an error.
    pub more: Option<Box<Text>>,
}

/// What can be repeated over.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Over {
    Goods,
}

/// What a list of templates shows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TemplateInfo {
    /// Stable id, for `layout` and settings.
    pub id: &'static str,
    /// Name for people, Chinese.
    pub name: &'static str,
    /// On paper.
    pub size: LabelSize,
}

const FILES: [&str; 2] =
    [include_str!("../templates/waybill-76x130.toml"), include_str!("../templates/waybill-100x180.toml")];

static LIBRARY: LazyLock<Vec<Template>> = LazyLock::new(|| {
    FILES.iter().map(|f| Template::read(f).expect("built-in templates can be read: tested in tests/labels")).collect()
});

/// The built-in templates.
pub fn templates() -> Vec<TemplateInfo> {
    LIBRARY.iter().map(|t| TemplateInfo { id: &t.id, name: &t.name, size: t.size() }).collect()
}

/// A built-in template.
pub fn find(id: &str) -> Result<&'static Template, LabelError> {
    LIBRARY.iter().find(|t| t.id == id).ok_or_else(|| LabelError::UnknownTemplate { id: id.to_owned() })
}

impl Template {
    /// Reads and checks a template file.
    pub fn read(toml: &str) -> Result<Self, LabelError> {
        let t: Self = toml::from_str(toml)
            .map_err(|e| LabelError::BadTemplate { place: "file".into(), reason: e.to_string() })?;
        for (n, item) in t.items.iter().enumerate() {
            t.check(item).map_err(|reason| LabelError::BadTemplate { place: t.place(n), reason })?;
        }
        Ok(t)
    }

    /// On paper.
    pub fn size(&self) -> LabelSize {
        LabelSize { width: Mm(self.width), height: Mm(self.height) }
    }

    /// How errors name an item.
    pub fn place(&self, item: usize) -> String {
        format!("{} item {}", self.id, item + 1)
    }

    fn check(&self, item: &Item) -> Result<(), String> {
        let place = match item {
            Item::Text(t) => {
                if t.size <= 0.0 || t.min_size.is_some_and(|m| m <= 0.0 || m > t.size) || t.line_height < 1.0 {
                    return Err("sizes must be above 0, min_size at most size, line_height at least 1".into());
                }
                t.place
            }
            Item::Line(l) => {
                if l.from[0] != l.to[0] && l.from[1] != l.to[1] {
                    return Err("a line is horizontal or vertical".into());
                }
                if l.dash.is_some_and(|d| d[0] <= 0.0 || d[1] <= 0.0) {
                    return Err("dashes must be above 0".into());
                }
                Place { x: l.from[0], y: l.from[1], w: l.to[0] - l.from[0], h: l.to[1] - l.from[1] }
            }
            Item::Box(b) => b.place,
            Item::Code128(c) => c.place,
            Item::Qr(q) => q.place,
            Item::Repeat(r) => {
                if r.step <= 0.0 {
                    return Err("step must be above 0".into());
                }
                if r.items.iter().any(|i| matches!(i, Item::Repeat(_))) {
                    return Err("a repeat cannot hold a repeat".into());
                }
                r.place
            }
        };
        let inside = place.x >= 0.0
            && place.y >= 0.0
            && place.w >= 0.0
            && place.h >= 0.0
            && place.x + place.w <= self.width
            && place.y + place.h <= self.height;
        if inside { Ok(()) } else { Err("lies outside the label".into()) }
    }
}
