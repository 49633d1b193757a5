//! Medians of every encoder on a plausible 100×180 mm waybill at 203 dpi. `cargo bench -p printer`.
#![expect(clippy::print_stdout, reason = "printing the figures is its job")]

use domain::chance::SeededChance;
use domain::printer::{Encoder, Media};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Bars, frames and lines of text-like noise on much white, as a waybill has them.
fn label() -> Raster {
    let mut raster = Raster::white(800, 1440);
    let chance = SeededChance::new(7);
    let mut fill = |x: u32, y: u32, w: u32, h: u32| {
        for yy in y..y + h {
            for xx in x..x + w {
                raster.set(xx, yy, true);
            }
        }
    };
    for y in [0, 200, 420, 640, 900, 1100, 1437] {
        fill(0, y, 800, 3);
    }
    let mut x = 120;
    while x < 660 {
        let w = 3 * (1 + u32::try_from(chance.next_u64() % 4).expect("below 4"));
        fill(x, 30, w, 130);
        fill(x, 930, w, 130);
        x += w + 3 * (1 + u32::try_from(chance.next_u64() % 3).expect("below 3"));
    }
    for line in 0..22u32 {
        let y = 215 + line * 32;
        for letter in 0..28u32 {
            for _ in 0..14 {
                let at = |n: u64| u32::try_from(chance.next_u64() % n).expect("small");
                fill(20 + letter * 26 + at(18), y + at(20), 3 + at(8), 2);
            }
        }
    }
    raster
}

fn median(mut work: impl FnMut() -> usize) -> (Duration, usize) {
    let size = work();
    let mut times: Vec<_> = (0..400)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    (times[times.len() / 2], size)
}

fn main() {
    let raster = label();
    let size = LabelSize { width: Mm(100.0), height: Mm(180.0) };
    let media = Media::usual(size, Dpi::D203);
    let share = raster.black_dots() as f64 / f64::from(raster.width() * raster.height());
    println!("800×1440, {:.1} % black", share * 100.0);
    // Two with a promise, then the others; by profile, for a language may have more than one form.
    for (id, goal_ms) in [
        ("generic-tspl", Some(0.05)),
        ("generic-zpl", Some(0.4)),
        ("zebra", None),
        ("generic-epl", None),
        ("generic-cpcl", None),
        ("zebra-mobile-4", None),
        ("generic-escpos", None),
    ] {
        let encoder = printer::encoder(printer::profile(id).expect("a profile of the table"));
        let encode = || encoder.encode(black_box(&raster), &media).expect("the picture fits").len();
        let (time, bytes) = median(encode);
        let ms = time.as_secs_f64() * 1000.0;
        let goal = goal_ms.map_or(String::new(), |ms| format!(" (goal {ms} ms)"));
        println!("{id}: {ms:.4} ms median of 400, {bytes} bytes{goal}");
    }
}
