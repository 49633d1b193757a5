//! Medians of the label path, warm: `cargo bench -p label`. One line a figure: `name median unit`, then the budget.

use domain::units::Dpi;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[path = "../../../tests/labels/samples.rs"]
mod samples;

/// What is promised for data → dots of the largest label at 203 dpi, the specimen included.
const BUDGET: &str = "waybill-100x180";

fn main() {
    for (name, data) in samples::all() {
        let start = Instant::now();
        let scene = label::layout(BUDGET, &data, Dpi::D203).expect("the sample fits");
        let raster = scene.raster();
        println!("{name}: first time (fonts read, glyphs made as needed) {:.3} ms", ms(start.elapsed()));
        println!(
            "{name}: layout 203 {:.3} ms",
            ms(median(400, || {
                black_box(label::layout(BUDGET, black_box(&data), Dpi::D203).expect("fits"));
            }))
        );
        println!(
            "{name}: scene → pdf {:.3} ms",
            ms(median(20, || {
                black_box(scene.pdf().expect("written"));
            }))
        );
        println!(
            "{name}: dots → png {:.3} ms",
            ms(median(100, || {
                black_box(label::preview_png(black_box(&raster)));
            }))
        );
    }
    for t in label::templates() {
        for (name, data) in samples::all() {
            for dpi in [Dpi::D203, Dpi::D300] {
                let figure = median(400, || {
                    black_box(label::layout(t.id, black_box(&data), dpi).expect("fits").raster());
                });
                let budget = if t.id == BUDGET && dpi == Dpi::D203 { "  (budget 0.5 ms)" } else { "" };
                println!("{} {name}: data → dots {} dpi {:.3} ms{budget}", t.id, dpi.nominal(), ms(figure));
            }
        }
    }
}

fn median(times: usize, mut work: impl FnMut()) -> Duration {
    let mut taken: Vec<Duration> = (0..times)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    taken.sort_unstable();
    taken[times / 2]
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}
