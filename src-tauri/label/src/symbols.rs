//! Symbols in whole dots with guaranteed quiet zones: a symbol takes its box or is an error.
//!
//! | module | holds |
//! | --- | --- |
//! | `code128`, `code39`, `ean`, `itf` (`two_of_five`) | linear symbols: text → element widths |
//! | `matrix` | QR and Data Matrix |
//! | `pdf417` | PDF417 |

use crate::flaw::Flaw;
use crate::rotation::Rotation;
use crate::scene::{Area, Grid, Symbol, SymbolKind, Thing};
use crate::template::Align;

mod code128;
mod code39;
mod ean;
mod itf;
mod matrix;
mod pdf417;
mod two_of_five;

/// More never fits a label as a matrix symbol; this bounds the work on absurd input.
const MOST_BYTES: usize = 300;

impl SymbolKind {
    /// Smallest and largest module, mm, where a template names none. Linear symbols: 2 to 3 dots at 203 dpi, 3 to 4 at
    /// 300 (printing facts §1). Squares: 3 dots at 203 dpi is the least that hand scanners read.
    pub(crate) fn usual_modules(self) -> [f64; 2] {
        match self {
            Self::Qr | Self::DataMatrix => [0.375, 0.75],
            Self::Pdf417 | Self::Code128 | Self::Code39 | Self::Ean13 | Self::Ean8 | Self::Itf => [0.25, 0.375],
        }
    }

    /// Quiet zone in modules: left and right, above and below (that of linear symbols is beside them only).
    pub fn quiet_zone(self) -> (i32, i32, i32) {
        match self {
            // ISO/IEC 15417, 16388 and 16390.
            Self::Code128 | Self::Code39 | Self::Itf => (10, 10, 0),
            // GS1 General Specifications, 5.2.3.4.
            Self::Ean13 => (11, 7, 0),
            Self::Ean8 => (7, 7, 0),
            // ISO/IEC 18004, 16022 and 15438.
            Self::Qr => (4, 4, 4),
            Self::DataMatrix => (1, 1, 1),
            Self::Pdf417 => (2, 2, 2),
        }
    }
}

/// A symbol as large as its modules' range and its box allow. `range`: smallest and largest module, dots. `align`: across the
/// box; matrix symbols stand in the middle of its height, linear ones are as high as it.
/// Errors: why no such symbol can be made.
pub fn make(kind: SymbolKind, text: &str, area: Area, range: [u32; 2], align: Align) -> Result<(Thing, Symbol), Flaw> {
    if kind.linear() {
        let (widths, said) = match kind {
            SymbolKind::Code39 => (code39::encode(text)?, text.to_owned()),
            SymbolKind::Itf => (itf::encode(text)?, text.to_owned()),
            SymbolKind::Ean13 => ean::ean13(text)?,
            SymbolKind::Ean8 => ean::ean8(text)?,
            _ => (code128::encode(text)?, text.to_owned()),
        };
        let size = (modules(&widths), 0);
        let (module, symbol) = place(kind, said, size, area, range, align).ok_or_else(|| {
            let (left, right, _) = kind.quiet_zone();
            let total = size.0 + left + right;
            Flaw::SymbolWide { count: text.chars().count(), modules: total }
        })?;
        return Ok((Thing::Bars { at: symbol.ink, module, widths, down: false }, symbol));
    }
    if text.is_empty() {
        return Err(Flaw::SymbolEmpty {});
    }
    if text.len() > MOST_BYTES {
        return Err(Flaw::SymbolLong { count: text.chars().count() });
    }
    let said = text.to_owned();
    if kind == SymbolKind::Pdf417 {
        let message = pdf417::Message::new(text);
        // The largest modules; among these the smallest symbol.
        let best = message
            .shapes()
            .filter_map(|s| Some((s, place(kind, String::new(), (s.width(), s.height()), area, range, align)?.0)))
            .max_by_key(|(s, module)| (*module, -s.width() * s.height()));
        let shape = best.ok_or(Flaw::SymbolRoom {})?.0;
        return square(kind, said, message.grid(shape), pdf417::ROW, area, range, align);
    }
    let grid = if kind == SymbolKind::Qr { matrix::qr(text)? } else { matrix::data_matrix(text)? };
    square(kind, said, grid, 1, area, range, align)
}

/// Modules across that these element widths take.
fn modules(widths: &[u8]) -> i32 {
    widths.iter().map(|w| i32::from(*w)).sum()
}

/// A matrix symbol whose rows are `row` modules high.
fn square(
    kind: SymbolKind,
    said: String,
    grid: Grid,
    row: i32,
    area: Area,
    range: [u32; 2],
    align: Align,
) -> Result<(Thing, Symbol), Flaw> {
    let size = (grid.columns, grid.rows() * row);
    let (module, symbol) =
        place(kind, said, size, area, range, align).ok_or(Flaw::SymbolLarge { columns: size.0, rows: size.1 })?;
    Ok((Thing::Matrix { at: symbol.ink, cell: (module, module * row), grid }, symbol))
}

/// Module in dots and place of a symbol of so many modules; as high as the box where it has no height of its own.
fn place(
    kind: SymbolKind,
    text: String,
    (columns, rows): (i32, i32),
    area: Area,
    [min, max]: [u32; 2],
    align: Align,
) -> Option<(i32, Symbol)> {
    let (left, right, beside) = kind.quiet_zone();
    let total = columns + left + right;
    let high = if rows == 0 { i32::MAX } else { area.h / (rows + 2 * beside) };
    let module = (area.w / total).min(high).min(max.cast_signed());
    if module < min.cast_signed() || module <= 0 || area.h <= 0 {
        return None;
    }
    let free = area.w - total * module;
    let x = area.x
        + match align {
            Align::Left => 0,
            Align::Center => free / 2,
            Align::Right => free,
        };
    let h = if rows == 0 { area.h } else { rows * module };
    let ink = Area { x: x + left * module, y: area.y + (area.h - h) / 2, w: columns * module, h };
    let quiet = beside * module;
    let zone = Area { x, y: ink.y - quiet, w: total * module, h: h + 2 * quiet };
    let symbol = Symbol { kind, text, ink, zone, module: module.cast_unsigned(), rotation: Rotation::R0 };
    Some((module, symbol))
}
