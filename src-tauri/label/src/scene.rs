//! A scene: things placed in whole dots. The one source of the printed dots, the PDF and the preview.
//!
//! Invariants: every thing lies inside the label; nothing inks a symbol or its quiet zone but the symbol itself.

use crate::font::{Glyph, Weight};
use domain::units::{Dpi, LabelSize};
use std::sync::Arc;

/// A rectangle in dots.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Area {
    /// Left column.
    pub x: i32,
    /// Top row.
    pub y: i32,
    /// Columns.
    pub w: i32,
    /// Rows.
    pub h: i32,
}

impl Area {
    /// Whether they share a dot.
    pub fn meets(self, o: Self) -> bool {
        self.x < o.x + o.w && o.x < self.x + self.w && self.y < o.y + o.h && o.y < self.y + self.h
    }
    /// Whether `o` lies inside.
    pub fn holds(self, o: Self) -> bool {
        self.x <= o.x && self.y <= o.y && o.x + o.w <= self.x + self.w && o.y + o.h <= self.y + self.h
    }
    /// The smallest area around both.
    #[must_use]
    pub fn with(self, o: Self) -> Self {
        let (x, y) = (self.x.min(o.x), self.y.min(o.y));
        Self { x, y, w: (self.x + self.w).max(o.x + o.w) - x, h: (self.y + self.h).max(o.y + o.h) - y }
    }
}

/// A letter on its line.
#[derive(Clone)]
pub(crate) struct Placed {
    pub ch: char,
    /// Pen, dots from the label's left edge.
    pub x: i32,
    pub glyph: Arc<Glyph>,
}

/// One placed thing.
#[derive(Clone)]
pub(crate) enum Thing {
    /// Black rectangle.
    Fill(Area),
    /// One line of text.
    Run { weight: Weight, px: u32, baseline: i32, white: bool, letters: Vec<Placed> },
    /// Code 128: element widths in modules, bar first.
    Bars { at: Area, module: i32, widths: Vec<u8> },
    /// QR modules, row by row.
    Matrix { at: Area, module: i32, side: i32, dark: Vec<bool> },
    /// The specimen pattern: black stretches of single rows.
    Pattern(Vec<Area>),
}

impl Thing {
    /// The smallest area that holds its ink.
    pub fn ink(&self) -> Option<Area> {
        match self {
            Self::Fill(a) | Self::Bars { at: a, .. } | Self::Matrix { at: a, .. } => Some(*a),
            Self::Run { baseline, letters, .. } => letters
                .iter()
                .filter(|l| l.glyph.width > 0)
                .map(|l| Area {
                    x: l.x + l.glyph.left,
                    y: baseline + l.glyph.top,
                    w: l.glyph.width.cast_signed(),
                    h: l.glyph.height.cast_signed(),
                })
                .reduce(Area::with),
            Self::Pattern(rows) => rows.iter().copied().reduce(Area::with),
        }
    }
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// Code 128.
    Code128,
    /// QR code.
    Qr,
}

/// A symbol in the scene: what must stay readable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Symbol {
    /// Which kind.
    pub kind: SymbolKind,
    /// What a scanner reads.
    pub text: String,
    /// Its ink, dots.
    pub ink: Area,
    /// Ink and quiet zone: nothing else may be black in here.
    pub zone: Area,
    /// Width of a module, dots.
    pub module: u32,
}

/// A label, placed.
#[derive(Clone)]
pub struct Scene {
    pub(crate) size: LabelSize,
    pub(crate) dpi: Dpi,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) things: Vec<Thing>,
    pub(crate) symbols: Vec<Symbol>,
}

impl Scene {
    /// On paper.
    pub fn size(&self) -> LabelSize {
        self.size
    }
    /// The head it was laid out for.
    pub fn dpi(&self) -> Dpi {
        self.dpi
    }
    /// Its bar codes and QR codes, in drawing order.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }
    pub(crate) fn whole(&self) -> Area {
        Area { x: 0, y: 0, w: self.width.cast_signed(), h: self.height.cast_signed() }
    }
}
