//! Symbols are read back by programs that share no code with the encoder, from the dots and from the PDF.

use crate::oracle::{Sheet, assert_readable, scratch};
use crate::samples;
use domain::label_data::LabelData;
use domain::units::{Dpi, LabelSize, Mm};
use label::{Scene, Symbol, SymbolKind};
use std::process::Command;

const DPIS: [Dpi; 3] = [Dpi::D203, Dpi::D300, Dpi::D600];

#[test]
fn every_symbol_scans_and_every_bar_is_exact() {
    let mut sheets = Vec::new();
    for t in label::templates() {
        for dpi in DPIS {
            for (name, data) in samples::all() {
                let scene = label::layout(t.id, &data, dpi).unwrap();
                let png = label::preview_png(&scene.raster());
                let name = format!("scan-{}-{name}-{}", t.id, dpi.nominal());
                assert!(scene.symbols().iter().any(|s| s.kind == SymbolKind::Code128));
                assert!(scene.symbols().iter().any(|s| s.kind == SymbolKind::Qr));
                sheets.push(Sheet::write(&name, &png, scene.symbols()));
            }
        }
        // Numbers that want every code set, and the punctuation that couriers use.
        for (n, no) in
            ["YT1234567890123", "JDVA01234567890-1-1-", "a1B2c3d4", "0", "773 012 345~{}", "9876543210987654321"]
                .into_iter()
                .enumerate()
        {
            let data = LabelData { waybill_no: no.into(), ..samples::short() };
            let scene = label::layout(t.id, &data, Dpi::D203).unwrap();
            let png = label::preview_png(&scene.raster());
            sheets.push(Sheet::write(&format!("scan-{}-number{n}", t.id), &png, scene.symbols()));
        }
    }
    assert_readable(&sheets);
}

#[test]
fn quiet_zones_are_as_wide_as_the_standards_ask_and_white() {
    for t in label::templates() {
        for dpi in DPIS {
            for (_, data) in samples::all() {
                let scene = label::layout(t.id, &data, dpi).unwrap();
                let raster = scene.raster();
                for s in scene.symbols() {
                    let m = s.module.cast_signed();
                    let (beside, least) = match s.kind {
                        SymbolKind::Code128 => (10 * m, 0.25),
                        SymbolKind::DataMatrix => (m, 0.25),
                        _ => (4 * m, 0.5),
                    };
                    let (before, both) = if s.rotation.sideways() {
                        (s.ink.y - s.zone.y, s.zone.h - s.ink.h)
                    } else {
                        (s.ink.x - s.zone.x, s.zone.w - s.ink.w)
                    };
                    assert_eq!((before, both), (beside, 2 * beside));
                    assert!(s.module >= dpi.dots(Mm(least)).0, "{:?} modules of {m} dots at {dpi:?}", s.kind);
                    assert_eq!(black_outside_ink(s, &raster), 0, "ink in the quiet zone of {:?} on {}", s.text, t.id);
                }
            }
        }
    }
}

pub fn black_outside_ink(s: &Symbol, raster: &domain::raster::Raster) -> usize {
    let z = s.zone;
    (z.y..z.y + z.h)
        .flat_map(|y| (z.x..z.x + z.w).map(move |x| (x, y)))
        .filter(|(x, y)| {
            let inside = label::Area { x: *x, y: *y, w: 1, h: 1 };
            !s.ink.holds(inside) && raster.get(x.cast_unsigned(), y.cast_unsigned())
        })
        .count()
}

#[test]
fn a_specimen_is_unmistakable_but_never_touches_a_symbol() {
    for t in label::templates() {
        for dpi in [Dpi::D203, Dpi::D300] {
            let plain = label::layout(t.id, &samples::long(), dpi).unwrap();
            let marked = label::layout(t.id, &LabelData { specimen: true, ..samples::long() }, dpi).unwrap();
            let (a, b) = (plain.raster(), marked.raster());
            for s in plain.symbols() {
                let z = s.zone;
                for y in z.y..z.y + z.h {
                    for x in z.x..z.x + z.w {
                        let (x, y) = (x.cast_unsigned(), y.cast_unsigned());
                        assert_eq!(a.get(x, y), b.get(x, y), "the mark changed dot {x},{y} of {:?}", s.text);
                    }
                }
            }
            let added = b.black_dots() - a.black_dots();
            let all = u64::from(a.width()) * u64::from(a.height());
            assert!(added * 100 > all * 2, "the mark inks at least 2 % of the label: {added} of {all}");
        }
    }
}

#[test]
fn the_test_print_scans_on_every_common_stock() {
    let mut sheets = Vec::new();
    for (w, h) in [(100.0, 180.0), (76.0, 130.0), (100.0, 150.0), (60.0, 40.0)] {
        for dpi in DPIS {
            let raster = label::test_label(LabelSize { width: Mm(w), height: Mm(h) }, dpi, Mm(0.0));
            assert_eq!((raster.width(), raster.height()), (dpi.dots(Mm(w)).0, dpi.dots(Mm(h)).0));
            sheets.push(Sheet::write(&format!("test-{w}-{}", dpi.nominal()), &label::preview_png(&raster), &[]));
        }
    }
    let text = crate::oracle::read(&sheets);
    assert!(text.iter().all(|t| t.iter().any(|t| t.1 == "TEST")), "every test print says TEST: {text:?}");
}

#[test]
fn a_test_print_for_absurd_stock_does_not_panic() {
    for size in [0.0, 0.4, 1.0, 3.0, 9.0, 15.0, 25.0, -7.0, 1e9, f64::NAN, f64::INFINITY] {
        let raster = label::test_label(LabelSize { width: Mm(size), height: Mm(size) }, Dpi::D203, Mm(size));
        assert!(raster.width() <= 3200 && raster.width() > 0, "{size} mm gives {raster:?}");
    }
}

#[test]
fn the_pdf_shows_the_same_label_and_its_bars_are_exact() {
    let mut sheets = Vec::new();
    for t in label::templates() {
        for (name, data) in samples::all() {
            let scene = label::layout(t.id, &data, Dpi::D203).unwrap();
            let sheet = from_pdf(&format!("{}-{name}", t.id), &scene);
            assert_eq!(scene.pdf(), label::layout(t.id, &data, Dpi::D203).unwrap().pdf(), "same scene, same bytes");
            sheets.push(sheet);
        }
    }
    assert_readable(&sheets);
}

/// The scene's PDF as Poppler shows it at the scene's resolution, which must be about what the dots are.
pub fn from_pdf(name: &str, scene: &Scene) -> Sheet {
    let pdf = scene.pdf().unwrap();
    assert!(pdf.len() < 400_000, "{name}: subset fonts, not whole ones: {} bytes", pdf.len());
    let stem = scratch().join(format!("pdf-{name}"));
    let file = stem.with_extension("pdf");
    std::fs::write(&file, &pdf).unwrap();
    let run = Command::new("pdftoppm")
        .args(["-r", &scene.dpi().value().to_string(), "-gray", "-png", "-singlefile"])
        .args([&file, &stem])
        .status()
        .expect("pdftoppm (poppler-utils) is needed; `cargo xtask test` sets it up");
    assert!(run.success(), "Poppler reads {}", file.display());
    let png = std::fs::read(stem.with_extension("png")).unwrap();
    let (shown, dots) = (grey(&png), scene.raster());
    // The page is as large as the paper; Poppler adds a row or column for a part of a dot.
    let whole = |mm: Mm| (mm.0 * scene.dpi().value() / 25.4 - 1e-3).ceil();
    let page = (whole(scene.size().width), whole(scene.size().height));
    assert_eq!((f64::from(shown.0), f64::from(shown.1)), page, "the page is the label's exact size");
    // Letters are smoothed by another rasteriser; a missing line, word or symbol would differ by more.
    let black = |x, y| x < shown.0 && y < shown.1 && shown.2[(y * shown.0 + x) as usize] < 128;
    let places = (0..dots.height()).flat_map(|y| (0..dots.width()).map(move |x| (x, y)));
    let differing = places.filter(|(x, y)| black(*x, *y) != dots.get(*x, *y)).count() as u64;
    assert!(differing * 100 < dots.black_dots() * 6, "{name}: {differing} of {} dots", dots.black_dots());
    Sheet { png: stem.with_extension("png"), symbols: scene.symbols().to_vec() }
}

/// Width, height and 8-bit greys of a PNG.
fn grey(png: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(png));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    // Poppler writes greys as three equal colours.
    (info.width, info.height, bytes.into_iter().step_by(info.color_type.samples()).collect())
}
