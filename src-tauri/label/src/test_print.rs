//! The printer's test label: shows at a glance whether size, place, direction and darkness are right.

use crate::error::TemplatePlace;
use crate::layout::Builder;
use crate::scene::{Area, Thing};
use crate::template::{Item, Template};
use domain::label_data::LabelData;
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};
use std::fmt::Write;

/// A test print for stock of this size, which is also its ruler: a border 1 mm inside the paper's edge, a tick every
/// millimetre along all four sides with the number of each tenth, corner marks, the size in words, a Code 128 that says
/// `TEST`, and bars of 1 to 4 dots that run together where it is too dark and break where it is too light. `room`: by how
/// much the picture will be moved at most; the border then lies so much further inside. What does not fit on small stock
/// is left out; sizes are taken as between 1 and 400 mm.
pub fn test_label(size: LabelSize, dpi: Dpi, room: Mm) -> Raster {
    let (w, h) = (stock(size.width), stock(size.height));
    let size = LabelSize { width: Mm(w), height: Mm(h) };
    let words = LabelData::default();
    let mut b = Builder::new(size, dpi, &words);
    // Whole millimetres, so that the ticks keep their places.
    let edge = if room.0.is_nan() { 1.0 } else { (room.0.clamp(0.0, 20.0) + 0.1).ceil() };
    let border = format!("kind='box'\nbox=[{edge},{edge},{},{}]\nthickness=0.25", w - 2.0 * edge, h - 2.0 * edge);
    let mut parts = vec![border];
    // Low stock has room for two sides only.
    let low = h < 70.0;
    for mm in whole_mm(edge + 2.0)..whole_mm(w - edge + 1.0) {
        let sides: &[Side] = if low { &[Side::Top] } else { &[Side::Top, Side::Bottom] };
        parts.extend(sides.iter().map(|side| tick(mm, *side, edge, (w, h))));
    }
    for mm in whole_mm(edge + 2.0)..whole_mm(h - edge + 1.0) {
        parts.extend([Side::Left, Side::Right].map(|side| tick(mm, side, edge, (w, h))));
    }
    for mm in (10..whole_mm(w - edge - 5.0)).step_by(10).filter(|mm| f64::from(*mm) > edge + 6.0) {
        parts.push(format!(
            "kind='text'\ntext='{mm}'\nbox=[{},{},6,2]\nsize=2\nalign='center'",
            f64::from(mm) - 3.0,
            edge + 4.75
        ));
    }
    for mm in (10..whole_mm(h - edge - 5.0)).step_by(10).filter(|mm| f64::from(*mm) > edge + 6.0) {
        parts.push(format!("kind='text'\ntext='{mm}'\nbox=[{},{},5,2]\nsize=2", edge + 4.75, f64::from(mm) - 1.0));
    }
    let far = |length: f64| length - edge - 3.0;
    for (x, y) in [(edge, edge), (far(w), edge), (edge, far(h)), (far(w), far(h))] {
        parts.push(format!("kind='box'\nbox=[{x},{y},3,3]\nfill=true"));
    }
    let inner = w - 2.0 * edge - 18.0;
    let left = edge + 9.0;
    let lines = [
        "面单台 测试打印".to_owned(),
        format!("{w} × {h} mm · {} dpi", dpi.nominal()),
        "↑ 上边".to_owned(),
        format!("边框离纸边四面都应是 {edge} mm"),
    ];
    let mut y = ((h - 60.0) / 2.0).max(edge + 8.0);
    let lines = if low { &lines[..3] } else { &lines[..] };
    for (text, em) in lines.iter().zip([5.0, 4.0, 3.5, 3.0]) {
        parts.push(format!(
            "kind='text'\ntext='{text}'\nbox=[{left},{y},{inner},{em}]\nsize={em}\nmin_size=2\nweight='bold'\nalign='center'"
        ));
        y += em + 1.5;
    }
    parts.push(format!("kind='code128'\ntext='TEST'\nbox=[{left},{y},{inner},12]"));
    parts.push(format!("kind='text'\ntext='TEST'\nbox=[{left},{},{inner},3.5]\nsize=3.5\nalign='center'", y + 12.5));
    // A solid band across: a dead dot of the head leaves a white line in it.
    parts.push(format!("kind='box'\nbox=[{left},{},{inner},2]\nfill=true", y + 20.0));
    for n in 1..=4u8 {
        let x = left + f64::from(n - 1) * (inner / 4.0);
        parts.push(format!("kind='text'\ntext='{n}'\nbox=[{x},{},2.5,3]\nsize=3", y + 24.5));
    }
    let place = || TemplatePlace { template: "test-print".into(), ..TemplatePlace::default() };
    for part in parts {
        let (things, symbols) = (b.scene.things.len(), b.scene.symbols.len());
        // Small stock has no room for everything; what is wrong or outside is taken back.
        let Some(item) = read(&part, w, h) else { continue };
        if b.item(&item, (0.0, 0.0), crate::field::Turn::default(), &place).is_err()
            || b.keep_symbols_clear(|_| place()).is_err()
        {
            b.take_back(things, symbols);
        }
    }
    let bars = (left + 3.0, y + 24.0, inner / 4.0);
    if y + 29.0 < h - edge - 1.0 && inner > 36.0 {
        for n in 1..=4 {
            dot_bars(&mut b, n, bars);
        }
    }
    b.scene.raster()
}

/// Upright bars of `n` dots with as much white between, in the `n`-th of four places from `x`, 5 mm high.
fn dot_bars(b: &mut Builder<'_>, n: i32, (x, y, pitch): (f64, f64, f64)) {
    let dots = |mm: f64| b.scene.dpi.dots(Mm(mm)).0.cast_signed();
    let (mut at, y, h) = (dots(x + f64::from(n - 1) * pitch), dots(y), dots(5.0));
    let end = at + dots(pitch - 6.0);
    while at + n <= end {
        b.scene.things.push(Thing::Fill(Area { x: at, y, w: n, h }));
        at += 2 * n;
    }
}

#[derive(Clone, Copy)]
enum Side {
    Top,
    Bottom,
    Left,
    Right,
}

/// Not a number becomes 1 mm too.
fn stock(mm: Mm) -> f64 {
    if mm.0.is_nan() { 1.0 } else { mm.0.clamp(1.0, 400.0) }
}

/// A tick at so many millimetres from the paper's top or left edge, longer every 5 and 10.
fn tick(mm: u32, side: Side, edge: f64, (w, h): (f64, f64)) -> String {
    let long = match mm {
        _ if mm.is_multiple_of(10) => 4.0,
        _ if mm.is_multiple_of(5) => 3.0,
        _ => 1.5,
    };
    let (near, far) = (edge + 0.5, edge + 0.5 + long);
    let (from, to) = match side {
        Side::Top => (format!("{mm},{near}"), format!("{mm},{far}")),
        Side::Bottom => (format!("{mm},{}", h - far), format!("{mm},{}", h - near)),
        Side::Left => (format!("{near},{mm}"), format!("{far},{mm}")),
        Side::Right => (format!("{},{mm}", w - far), format!("{},{mm}", w - near)),
    };
    format!("kind='line'\nfrom=[{from}]\nto=[{to}]\nthickness=0.125")
}

/// One item, if it lies inside the label.
fn read(item: &str, w: f64, h: f64) -> Option<Item> {
    let mut file = format!("id='test'\nname='测试'\nwidth={w:?}\nheight={h:?}\n[[item]]\n");
    let _ = write!(file, "{item}");
    Template::read(&file).ok()?.items.pop()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 1..=400 before")]
fn whole_mm(mm: f64) -> u32 {
    (mm - 1.0).floor().max(0.0) as u32
}
