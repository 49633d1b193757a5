//! What a template may not say though it can be read: places outside the label, sizes of nothing, work without end.

use super::{Item, Line, Place, Rows, Text};
use crate::flaw::Flaw;

/// What is wrong with the value of a key.
pub struct Wrong {
    pub key: &'static str,
    pub reason: Flaw,
}

/// Widths and heights of labels, mm: printers' stock, with air.
const LABEL: std::ops::RangeInclusive<f64> = 5.0..=400.0;
/// Ems, mm.
const EM: std::ops::RangeInclusive<f64> = 0.5..=60.0;
/// The least row or dash, mm; it bounds how many there can be.
const LEAST: f64 = 0.1;
/// The largest module, mm.
const MOST_MODULE: f64 = 10.0;
/// Distances of baselines, ems.
const LINES: std::ops::RangeInclusive<f64> = 1.0..=10.0;

fn wrong(key: &'static str, reason: Flaw) -> Wrong {
    Wrong { key, reason }
}

/// The label itself.
pub fn head(id: &str, (width, height): (f64, f64)) -> Result<(), Wrong> {
    for (key, mm) in [("width", width), ("height", height)] {
        if !LABEL.contains(&mm) {
            return Err(wrong(
                key,
                Flaw::LabelSize { least: LABEL.start().to_string(), most: LABEL.end().to_string() },
            ));
        }
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if id.is_empty() || id.len() > 60 || !id.chars().all(plain) {
        return Err(wrong("id", Flaw::BadId {}));
    }
    Ok(())
}

/// The room that a repeat's items have.
pub fn row(rows: &Rows) -> (f64, f64) {
    if rows.across { (rows.step, rows.place.h) } else { (rows.place.w, rows.step) }
}

/// One item, and that it lies inside `size`.
pub fn item(item: &Item, size: (f64, f64)) -> Result<(), Wrong> {
    match item {
        Item::Text(t) => text(t, size),
        Item::Line(l) => line(l, size),
        Item::Box(b) => {
            thickness(b.thickness)?;
            inside(b.place, size)
        }
        Item::Image(i) => inside(i.place, size),
        Item::Symbol(_, s) => {
            if let Some([min, max]) = s.modules
                && !(min > 0.0 && min <= max && max <= MOST_MODULE)
            {
                return Err(wrong("modules", Flaw::Modules { most: MOST_MODULE.to_string() }));
            }
            inside(s.place, size)
        }
        Item::Repeat(r) => {
            if r.rows.step.is_nan() || r.rows.step < LEAST {
                return Err(wrong("step", Flaw::Step { least: LEAST.to_string() }));
            }
            inside(r.rows.place, size)
        }
    }
}

/// A text, and that it lies inside `size`.
pub fn text(t: &Text, size: (f64, f64)) -> Result<(), Wrong> {
    if !EM.contains(&t.size) {
        return Err(wrong("size", Flaw::LetterHeight { least: EM.start().to_string(), most: EM.end().to_string() }));
    }
    if t.min_size.is_some_and(|m| !(*EM.start()..=t.size).contains(&m)) {
        return Err(wrong("min_size", Flaw::LeastHeight { least: EM.start().to_string() }));
    }
    if !LINES.contains(&t.line_height) {
        return Err(wrong(
            "line_height",
            Flaw::LineHeight { least: LINES.start().to_string(), most: LINES.end().to_string() },
        ));
    }
    if !(0.0..=*EM.end()).contains(&t.tracking) {
        return Err(wrong("tracking", Flaw::Tracking { most: EM.end().to_string() }));
    }
    inside(t.place, size)
}

fn line(l: &Line, size: (f64, f64)) -> Result<(), Wrong> {
    let (w, h) = (l.to[0] - l.from[0], l.to[1] - l.from[1]);
    if w != 0.0 && h != 0.0 {
        return Err(wrong("to", Flaw::Slanted {}));
    }
    if l.dash.is_some_and(|d| d.iter().any(|mm| mm.is_nan() || *mm < LEAST)) {
        return Err(wrong("dash", Flaw::Dash { least: LEAST.to_string() }));
    }
    thickness(l.thickness)?;
    inside(Place { x: l.from[0], y: l.from[1], w, h }, size).map_err(|w| Wrong { key: "to", ..w })
}

fn thickness(mm: f64) -> Result<(), Wrong> {
    if (0.0..=*LABEL.end()).contains(&mm) {
        Ok(())
    } else {
        Err(wrong("thickness", Flaw::Thickness { most: LABEL.end().to_string() }))
    }
}

/// A comparison with a number that is none is false, so such a place lies outside.
fn inside(p: Place, (width, height): (f64, f64)) -> Result<(), Wrong> {
    // As much as the rows of a repeat may be off by adding up.
    let (width, height) = (width + 1e-6, height + 1e-6);
    let inside = p.x >= 0.0 && p.y >= 0.0 && p.w >= 0.0 && p.h >= 0.0 && p.x + p.w <= width && p.y + p.h <= height;
    if inside { Ok(()) } else { Err(wrong("box", Flaw::Outside {})) }
}
