//! What a template may not say though it can be read: places outside the label, sizes of nothing, work without end.

use super::{Item, Line, Place, Rows, Text};

/// What is wrong with the value of a key.
pub struct Wrong {
    pub key: &'static str,
    pub reason: String,
}

/// Widths and heights of labels, mm: printers' stock, with air.
const LABEL: std::ops::RangeInclusive<f64> = 5.0..=400.0;
/// Ems, mm.
const EM: std::ops::RangeInclusive<f64> = 0.5..=60.0;
/// The least row or dash, mm; it bounds how many there can be.
const LEAST: f64 = 0.1;

fn wrong(key: &'static str, reason: impl Into<String>) -> Wrong {
    Wrong { key, reason: reason.into() }
}

/// The label itself.
pub fn head(id: &str, (width, height): (f64, f64)) -> Result<(), Wrong> {
    for (key, mm) in [("width", width), ("height", height)] {
        if !LABEL.contains(&mm) {
            return Err(wrong(key, format!("a label is {} to {} mm", LABEL.start(), LABEL.end())));
        }
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if id.is_empty() || id.len() > 60 || !id.chars().all(plain) {
        return Err(wrong("id", "an id is made of 1 to 60 letters, digits and -"));
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
                && !(min > 0.0 && min <= max && max <= 10.0)
            {
                return Err(wrong("modules", "modules are [smallest, largest] mm, above 0 and at most 10"));
            }
            inside(s.place, size)
        }
        Item::Repeat(r) => {
            if r.rows.step.is_nan() || r.rows.step < LEAST {
                return Err(wrong("step", format!("step is at least {LEAST} mm")));
            }
            inside(r.rows.place, size)?;
            r.rows.more.as_ref().map_or(Ok(()), |more| {
                text(more, row(&r.rows)).map_err(|w| wrong("more", format!("{}: {}", w.key, w.reason)))
            })
        }
    }
}

fn text(t: &Text, size: (f64, f64)) -> Result<(), Wrong> {
    if !EM.contains(&t.size) {
        return Err(wrong("size", format!("an em is {} to {} mm", EM.start(), EM.end())));
    }
    if t.min_size.is_some_and(|m| !(*EM.start()..=t.size).contains(&m)) {
        return Err(wrong("min_size", format!("the smallest em is {} mm to size", EM.start())));
    }
    if !(1.0..=10.0).contains(&t.line_height) {
        return Err(wrong("line_height", "line_height is 1 to 10 ems"));
    }
    if !(0.0..=*EM.end()).contains(&t.tracking) {
        return Err(wrong("tracking", format!("tracking is 0 to {} mm", EM.end())));
    }
    inside(t.place, size)
}

fn line(l: &Line, size: (f64, f64)) -> Result<(), Wrong> {
    let (w, h) = (l.to[0] - l.from[0], l.to[1] - l.from[1]);
    if w != 0.0 && h != 0.0 {
        return Err(wrong("to", "a line is horizontal or vertical, from left to right or top to bottom"));
    }
    if l.dash.is_some_and(|d| d.iter().any(|mm| mm.is_nan() || *mm < LEAST)) {
        return Err(wrong("dash", format!("dashes are at least {LEAST} mm")));
    }
    thickness(l.thickness)?;
    inside(Place { x: l.from[0], y: l.from[1], w, h }, size).map_err(|w| Wrong { key: "to", ..w })
}

fn thickness(mm: f64) -> Result<(), Wrong> {
    if (0.0..=*LABEL.end()).contains(&mm) { Ok(()) } else { Err(wrong("thickness", "thickness is 0 mm or more")) }
}

/// A comparison with a number that is none is false, so such a place lies outside.
fn inside(p: Place, (width, height): (f64, f64)) -> Result<(), Wrong> {
    // As much as the rows of a repeat may be off by adding up.
    let (width, height) = (width + 1e-6, height + 1e-6);
    let inside = p.x >= 0.0 && p.y >= 0.0 && p.w >= 0.0 && p.h >= 0.0 && p.x + p.w <= width && p.y + p.h <= height;
    if inside { Ok(()) } else { Err(wrong("box", "lies outside the label, or outside its row")) }
}
