//! The printer's test label: shows at a glance whether size, place, direction and darkness are right.

use crate::error::TemplatePlace;
use crate::layout::Builder;
use crate::template::{Item, Template};
use domain::label_data::LabelData;
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};
use std::fmt::Write;

/// A test print for stock of this size: border 1 mm inside, millimetre ticks along the top and the left edge, corner
/// marks, the size in words and a Code 128 that says `TEST`. What does not fit on small stock is left out; sizes are
/// taken as between 1 and 400 mm.
pub fn test_label(size: LabelSize, dpi: Dpi) -> Raster {
    let (w, h) = (stock(size.width), stock(size.height));
    let size = LabelSize { width: Mm(w), height: Mm(h) };
    let words = LabelData::default();
    let mut b = Builder::new(size, dpi, &words);
    let border = format!("kind='box'\nbox=[1,1,{},{}]\nthickness=0.25", w - 2.0, h - 2.0);
    let mut parts = vec![border];
    for mm in 2..whole_mm(w) {
        parts.push(tick(mm, true));
    }
    for mm in 2..whole_mm(h) {
        parts.push(tick(mm, false));
    }
    for (x, y) in [(1.0, 1.0), (w - 4.0, 1.0), (1.0, h - 4.0), (w - 4.0, h - 4.0)] {
        parts.push(format!("kind='box'\nbox=[{x},{y},3,3]\nfill=true"));
    }
    let inner = w - 14.0;
    let lines = ["面单台 测试打印".to_owned(), format!("{w} × {h} mm · {} dpi", dpi.nominal()), "↑ 上边".to_owned()];
    let mut y = ((h - 52.0) / 2.0).max(9.0);
    for (text, em) in lines.iter().zip([5.0, 4.0, 3.5]) {
        parts.push(format!(
            "kind='text'\ntext='{text}'\nbox=[8,{y},{inner},{em}]\nsize={em}\nmin_size=2\nweight='bold'\nalign='center'"
        ));
        y += em + 1.5;
    }
    parts.push(format!("kind='code128'\ntext='TEST'\nbox=[8,{y},{inner},12]"));
    parts.push(format!("kind='text'\ntext='TEST'\nbox=[8,{},{inner},3.5]\nsize=3.5\nalign='center'", y + 12.5));
    // A solid band across: a dead dot of the head leaves a white line in it.
    parts.push(format!("kind='box'\nbox=[8,{},{},2]\nfill=true", y + 20.0, inner));
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
    b.scene.raster()
}

/// Not a number becomes 1 mm too.
fn stock(mm: Mm) -> f64 {
    if mm.0.is_nan() { 1.0 } else { mm.0.clamp(1.0, 400.0) }
}

/// A tick every millimetre, longer every 5 and 10.
fn tick(mm: u32, top: bool) -> String {
    let long = match mm {
        _ if mm.is_multiple_of(10) => 4.0,
        _ if mm.is_multiple_of(5) => 3.0,
        _ => 1.5,
    };
    let end = 1.5 + long;
    if top {
        format!("kind='line'\nfrom=[{mm},1.5]\nto=[{mm},{end}]\nthickness=0.125")
    } else {
        format!("kind='line'\nfrom=[1.5,{mm}]\nto=[{end},{mm}]\nthickness=0.125")
    }
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
