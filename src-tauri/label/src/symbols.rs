//! Code 128 and QR in whole dots with guaranteed quiet zones: a symbol takes its box or is an error.

use crate::code128;
use crate::scene::{Area, Symbol, SymbolKind, Thing};
use crate::template::Align;
use qrcodegen::{QrCode, QrCodeEcc};

/// Quiet zone of Code 128, modules each side (ISO/IEC 15417).
const BARS_QUIET: i32 = 10;
/// Quiet zone of QR, modules each side (ISO/IEC 18004).
const QR_QUIET: i32 = 4;

/// Bars as high as the box. `modules`: smallest and largest module in dots.
/// Errors: why no such symbol can be made, in words.
pub fn code128(text: &str, area: Area, modules: [u32; 2], align: Align) -> Result<(Thing, Symbol), String> {
    let widths = code128::encode(text)?;
    let count = code128::modules(&widths).cast_signed();
    let total = count + 2 * BARS_QUIET;
    let module = largest(total, area.w, modules).ok_or_else(|| {
        format!("{} characters make a bar code of {total} modules, too wide for its place", text.chars().count())
    })?;
    let free = area.w - total * module;
    let x = area.x
        + BARS_QUIET * module
        + match align {
            Align::Left => 0,
            Align::Center => free / 2,
            Align::Right => free,
        };
    let ink = Area { x, w: count * module, ..area };
    let zone = Area { x: x - BARS_QUIET * module, w: total * module, ..area };
    let symbol = Symbol { kind: SymbolKind::Code128, text: text.into(), ink, zone, module: module.cast_unsigned() };
    Ok((Thing::Bars { at: ink, module, widths }, symbol))
}

/// A QR code in the middle of the box, level M or better.
/// Errors: why no such symbol can be made, in words.
pub fn qr(text: &str, area: Area, modules: [u32; 2]) -> Result<(Thing, Symbol), String> {
    if text.is_empty() {
        return Err("a QR code needs at least one character".into());
    }
    // Larger ones never fit a label; this bounds the work on absurd input.
    if text.len() > 300 {
        return Err(format!("{} bytes are too many for a QR code on a label", text.len()));
    }
    let code = QrCode::encode_text(text, QrCodeEcc::Medium).map_err(|e| e.to_string())?;
    let side = code.size();
    let total = side + 2 * QR_QUIET;
    let module = largest(total, area.w.min(area.h), modules)
        .ok_or_else(|| format!("a QR code of {side} modules is too large for its place"))?;
    let at = Area {
        x: area.x + (area.w - side * module) / 2,
        y: area.y + (area.h - side * module) / 2,
        w: side * module,
        h: side * module,
    };
    let quiet = QR_QUIET * module;
    let zone = Area { x: at.x - quiet, y: at.y - quiet, w: at.w + 2 * quiet, h: at.h + 2 * quiet };
    let dark = (0..side * side).map(|i| code.get_module(i % side, i / side)).collect();
    let symbol = Symbol { kind: SymbolKind::Qr, text: text.into(), ink: at, zone, module: module.cast_unsigned() };
    Ok((Thing::Matrix { at, module, side, dark }, symbol))
}

/// The largest module that fits `total` modules into `room` dots.
fn largest(total: i32, room: i32, [min, max]: [u32; 2]) -> Option<i32> {
    let module = (room / total).min(max.cast_signed());
    (module >= min.cast_signed() && module > 0).then_some(module)
}
