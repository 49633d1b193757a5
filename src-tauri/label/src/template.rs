//! The template language: a TOML file in millimetres, described in `templates/README.md`. What it says, as types; reading
//! and checking are in `read` and `check`, the built-in files in `library`, placing is `layout`.
//!
//! Invariant: a [`Template`] exists only checked: it names known fields only, its boxes lie inside the label, its images
//! can be drawn, and its sizes bound the work that drawing it can take.

use crate::error::{LabelError, TemplatePlace};
use crate::field::{Condition, Words};
use crate::font::Weight;
use crate::image::Image;
use crate::rotation::Rotation;
use crate::scene::SymbolKind;
use domain::units::{LabelSize, Mm};
use serde::Deserialize;

mod check;
mod library;
mod read;

pub use library::{TemplateInfo, find, template_text, templates};

/// One label design, read and checked.
#[derive(Clone, Debug)]
pub struct Template {
    /// Stable id: `waybill-100x180`.
    pub(crate) id: String,
    /// Name for people, Chinese.
    pub(crate) name: String,
    /// Of the design, mm; on paper after `rotate`.
    pub(crate) size: (f64, f64),
    /// The whole design, turned.
    pub(crate) rotate: Rotation,
    /// In drawing order.
    pub(crate) items: Vec<Item>,
    /// Line and column of each item.
    spots: Vec<Option<(usize, usize)>>,
}

impl Template {
    /// Reads and checks the text of a template file.
    /// Errors: [`LabelError::BadTemplate`] with line and column, item and key where they can be told.
    pub fn read(toml: &str) -> Result<Self, LabelError> {
        read::template(toml)
    }

    /// Stable id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Name for people.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// On paper.
    pub fn size(&self) -> LabelSize {
        let (width, height) = self.rotate.size(self.size);
        LabelSize { width: Mm(width), height: Mm(height) }
    }

    /// How errors name an item.
    pub(crate) fn place(&self, item: usize) -> TemplatePlace {
        TemplatePlace {
            template: self.id.clone(),
            line_column: self.spots.get(item).copied().flatten(),
            item: Some(item + 1),
            key: None,
        }
    }
}

/// One thing on the label.
#[derive(Clone, Debug)]
pub enum Item {
    Text(Text),
    Line(Line),
    Box(Frame),
    Image(Picture),
    Symbol(SymbolKind, Symbol),
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
    /// Turned inside its box.
    #[serde(default)]
    pub rotate: Rotation,
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

/// An image as large as its box allows, in the middle of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    pub png: Image,
    #[serde(rename = "box")]
    pub place: Place,
    #[serde(default)]
    pub rotate: Rotation,
    #[serde(rename = "if")]
    pub condition: Option<Condition>,
}

/// A symbol with its quiet zones inside its box: a linear one as high as the box, a matrix in the middle of it.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Symbol {
    pub text: Words,
    #[serde(rename = "box")]
    pub place: Place,
    /// Smallest and largest module, mm; the largest whole number of dots that fits is taken.
    pub modules: Option<[f64; 2]>,
    #[serde(default = "center")]
    pub align: Align,
    /// Turned inside its box.
    #[serde(default)]
    pub rotate: Rotation,
    #[serde(rename = "if")]
    pub condition: Option<Condition>,
}

fn center() -> Align {
    Align::Center
}

/// Items drawn once for each of the goods or service marks, row under row or (`across`) side by side.
#[derive(Clone, Debug)]
pub struct Repeat {
    pub rows: Rows,
    /// Their boxes are relative to the row.
    pub items: Vec<Item>,
}

/// What a repeat says beside its items.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rows {
    pub over: Over,
    #[serde(rename = "box")]
    pub place: Place,
    /// Height of a row, or width of a place, mm.
    pub step: f64,
    /// Side by side.
    #[serde(default)]
    pub across: bool,
    /// Takes the last row when there are more than rows. Without it, too many are an error.
    pub more: Option<Box<Text>>,
    #[serde(rename = "if")]
    pub condition: Option<Condition>,
}

/// What can be repeated over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Over {
    Goods,
    Marks,
}
