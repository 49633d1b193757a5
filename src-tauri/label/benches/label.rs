//! Medians of the label path, warm: `cargo bench -p label`. One line a figure: `name median unit`, then the budget.

use domain::units::Dpi;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[path = "../../../tests/labels/samples.rs"]
mod samples;

fn main() {
    for (name, data) in samples::all() {
        let start = Instant::now();
        let scene = label::layout("waybill-100x180", &data, Dpi::D203).expect("the sample fits");
        let raster = scene.raster();
        println!("{name}: first time (fonts read, glyphs made as needed) {:.3} ms", ms(start.elapsed()));
        for dpi in [Dpi::D203, Dpi::D300] {
            let figure = median(400, || {
                black_box(label::layout("waybill-100x180", black_box(&data), dpi).expect("fits").raster());
            });
            let budget = if dpi == Dpi::D203 { "  (budget 2 ms)" } else { "" };
            println!("{name}: data → dots {} dpi {:.3} ms{budget}", dpi.nominal(), ms(figure));
        }
        println!(
            "{name}: layout 203 {:.3} ms",
            ms(median(400, || {
                black_box(label::layout("waybill-100x180", black_box(&data), Dpi::D203).expect("fits"));
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
