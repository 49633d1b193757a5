//! A scene: things placed in whole dots. The one source of the printed dots, the PDF and the preview.
//!
//! Invariants: every thing lies inside the label; nothing inks a symbol or its quiet zone but the symbol itself.

use crate::font::{Glyph, Weight};
use crate::rotation::Rotation;
use domain::raster::Raster;
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
    /// Moved by so many dots.
    pub(crate) fn shifted(self, (x, y): (i32, i32)) -> Self {
        Self { x: self.x + x, y: self.y + y, ..self }
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
    /// Pen on the baseline, dots from the label's top.
    pub y: i32,
    /// Turned as its line is.
    pub glyph: Arc<Glyph>,
}

impl Placed {
    /// The glyph's box; no dots for a space.
    pub fn area(&self) -> Area {
        let g = &self.glyph;
        Area { x: self.x + g.left, y: self.y + g.top, w: g.width.cast_signed(), h: g.height.cast_signed() }
    }
}

/// Modules of a matrix symbol, row by row.
#[derive(Clone)]
pub(crate) struct Grid {
    /// Modules in a row, above 0.
    pub columns: i32,
    /// Whole rows.
    pub dark: Vec<bool>,
}

impl Grid {
    pub fn rows(&self) -> i32 {
        i32::try_from(self.dark.len()).unwrap_or(i32::MAX) / self.columns.max(1)
    }
}

/// One placed thing.
#[derive(Clone)]
pub(crate) enum Thing {
    /// Black rectangle.
    Fill(Area),
    /// One line of text.
    Run { weight: Weight, px: u32, rotation: Rotation, white: bool, letters: Vec<Placed> },
    /// A linear symbol: element widths in modules, bar first, from the left or (`down`) from the top.
    Bars { at: Area, module: i32, widths: Vec<u8>, down: bool },
    /// A matrix symbol whose modules are `cell` dots wide and high.
    Matrix { at: Area, cell: (i32, i32), grid: Grid },
    /// Black dots one by one: an image, or the specimen pattern.
    Picture { at: Area, dots: Arc<Raster> },
}

impl Thing {
    /// The smallest area that holds its ink.
    pub fn ink(&self) -> Option<Area> {
        match self {
            Self::Fill(at) | Self::Bars { at, .. } | Self::Matrix { at, .. } | Self::Picture { at, .. } => Some(*at),
            Self::Run { letters, .. } => {
                letters.iter().filter(|l| l.glyph.width > 0).map(Placed::area).reduce(Area::with)
            }
        }
    }

    /// Calls `each` with the black rectangles of a fill or a symbol; texts and pictures have none.
    pub fn rectangles(&self, mut each: impl FnMut(Area)) {
        match self {
            Self::Fill(a) => each(*a),
            Self::Bars { at, module, widths, down } => {
                let mut from = 0;
                for (i, w) in widths.iter().enumerate() {
                    let long = i32::from(*w) * module;
                    if i % 2 == 0 {
                        each(if *down {
                            Area { y: at.y + from, h: long, ..*at }
                        } else {
                            Area { x: at.x + from, w: long, ..*at }
                        });
                    }
                    from += long;
                }
            }
            Self::Matrix { at, cell, grid } => {
                let rows = grid.dark.chunks_exact(grid.columns.max(1).cast_unsigned() as usize);
                for (y, row) in (0..).zip(rows) {
                    let mut x = 0;
                    for part in row.chunk_by(|a, b| a == b) {
                        let n = i32::try_from(part.len()).unwrap_or(i32::MAX);
                        if part[0] {
                            each(Area { x: at.x + x * cell.0, y: at.y + y * cell.1, w: n * cell.0, h: cell.1 });
                        }
                        x += n;
                    }
                }
            }
            Self::Run { .. } | Self::Picture { .. } => {}
        }
    }
}

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// Code 128 (ISO/IEC 15417).
    Code128,
    /// Code 39 (ISO/IEC 16388).
    Code39,
    /// EAN-13 (ISO/IEC 15420).
    Ean13,
    /// EAN-8 (ISO/IEC 15420).
    Ean8,
    /// Interleaved 2 of 5 (ISO/IEC 16390).
    Itf,
    /// QR code (ISO/IEC 18004).
    Qr,
    /// Data Matrix ECC 200 (ISO/IEC 16022).
    DataMatrix,
    /// PDF417 (ISO/IEC 15438).
    Pdf417,
}

impl SymbolKind {
    /// Whether it is read along one line, so that its bars may be as high as one likes.
    pub fn linear(self) -> bool {
        matches!(self, Self::Code128 | Self::Code39 | Self::Ean13 | Self::Ean8 | Self::Itf)
    }
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
    /// How it stands on the label.
    pub rotation: Rotation,
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
    /// Its symbols, in drawing order.
    pub fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }
    pub(crate) fn whole(&self) -> Area {
        Area { x: 0, y: 0, w: self.width.cast_signed(), h: self.height.cast_signed() }
    }
}
