//! The template language: a TOML file in millimetres, described in `templates/README.md`. What it says, as types; reading
//! and checking are in `read`, `keys` and `check`, the built-in files in `library`, placing is `layout`.
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

mod check;
mod keys;
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
#[derive(Clone, Copy, Debug)]
pub struct Place {
    pub x: f64,
    pub y: f64,
    pub w: f64,
    pub h: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Left,
    Center,
    Right,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Valign {
    Top,
    #[default]
    Middle,
    Bottom,
}

/// Text in a box. The largest size from `size` down to `min_size` at which all of it fits is taken; when there is
/// none, that is an error, or, only where `ellipsis = true`, the text ends in `…`.
#[derive(Clone, Debug)]
pub struct Text {
    pub text: Words,
    pub place: Place,
    /// Height of an em, mm.
    pub size: f64,
    /// Smallest em, mm; as `size` when left out.
    pub min_size: Option<f64>,
    pub weight: Weight,
    pub align: Align,
    pub valign: Valign,
    /// May use as many lines as the box is high.
    pub wrap: bool,
    /// With `wrap`: one line down to four fifths of the size, then lines of even length.
    pub heading: bool,
    /// Distance of baselines in ems.
    pub line_height: f64,
    /// May end in `…`.
    pub ellipsis: bool,
    /// White on a black box.
    pub reverse: bool,
    /// Extra space between characters, mm.
    pub tracking: f64,
    /// Turned inside its box.
    pub rotate: Rotation,
    pub condition: Option<Condition>,
}

/// A straight rule, horizontal or vertical.
#[derive(Clone, Debug)]
pub struct Line {
    pub from: [f64; 2],
    pub to: [f64; 2],
    pub thickness: f64,
    /// `[on, off]` in mm: a tear line.
    pub dash: Option<[f64; 2]>,
    pub condition: Option<Condition>,
}

/// A frame, or a black block.
#[derive(Clone, Debug)]
pub struct Frame {
    pub place: Place,
    pub thickness: f64,
    pub fill: bool,
    pub condition: Option<Condition>,
}

/// An image as large as its box allows, in the middle of it.
#[derive(Clone, Debug)]
pub struct Picture {
    pub png: Image,
    pub place: Place,
    pub rotate: Rotation,
    pub condition: Option<Condition>,
}

/// A symbol with its quiet zones inside its box: a linear one as high as the box, a matrix in the middle of it.
#[derive(Clone, Debug)]
pub struct Symbol {
    pub text: Words,
    pub place: Place,
    /// Smallest and largest module, mm; the largest whole number of dots that fits is taken.
    pub modules: Option<[f64; 2]>,
    pub align: Align,
    /// Turned inside its box.
    pub rotate: Rotation,
    pub condition: Option<Condition>,
}

/// Items drawn once for each of the goods or service marks, row under row or (`across`) side by side.
#[derive(Clone, Debug)]
pub struct Repeat {
    pub rows: Rows,
    /// Their boxes are relative to the row.
    pub items: Vec<Item>,
}

/// What a repeat says beside its items.
#[derive(Clone, Debug)]
pub struct Rows {
    pub over: Over,
    pub place: Place,
    /// Height of a row, or width of a place, mm.
    pub step: f64,
    /// Side by side.
    pub across: bool,
    /// Takes the last row when there are more than rows. Without it, too many are an error.
    pub more: Option<Box<Text>>,
    pub condition: Option<Condition>,
}

/// What can be repeated over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    Goods,
    Marks,
}
