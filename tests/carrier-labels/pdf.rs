//! PDF at 1:1: exact bars out of a browser's file, and this desk's own file back to its own dots.

use crate::support::{apart, decoded, file, found, four_by_six, own_label, read, want};
use carrier_label::{Placed, ReadError, Verdict, Want, read as read_bytes, verdict};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize};

/// Widths of the bars and gaps along a row, without the white at the ends.
fn runs(raster: &Raster, y: u32) -> Vec<u32> {
    let row: Vec<bool> = (0..raster.width()).map(|x| raster.get(x, y)).collect();
    let first = row.iter().position(|b| *b).unwrap_or(0);
    let last = row.iter().rposition(|b| *b).unwrap_or(0);
    row[first..=last].chunk_by(|a, b| a == b).map(|run| u32::try_from(run.len()).unwrap()).collect()
}

#[test]
fn every_page_of_a_browsers_file_keeps_its_bars_to_the_dot() {
    let bytes = file("pdf/pages.pdf");
    for (page, number) in [(1, "9405511899223100012340"), (2, "9405511899223100012357"), (3, "9405511899223100012364")]
    {
        let r = read(&format!("browser-{page}"), &bytes, &Want { page, ..want(Dpi::D203, 100.0, 150.0) }).unwrap();
        assert_eq!((r.pages, r.placed), (3, Placed::default()), "its pages are the paper, but for a rounded point");
        assert_eq!(found(&r), [("code_128", number)]);
        assert_eq!(verdict(&r.found, number), Verdict::Matches);
        assert_eq!(verdict(&r.found, "9405511899223100012341"), Verdict::OtherNumber);
        // 0.375 mm are 3 dots.
        let bars = runs(&r.raster, 700);
        assert!(bars.len() > 60 && bars.iter().all(|w| w % 3 == 0), "page {page}: {bars:?}");
        assert!(decoded(&format!("browser-{page}")).iter().any(|(_, text)| text == number));
    }
    let beyond = read_bytes(&bytes, &Want { page: 4, ..four_by_six() }).unwrap_err();
    assert_eq!(beyond, ReadError::NoSuchPage { page: 4, pages: 3 });
    assert!(matches!(read_bytes(&bytes, &Want { page: 0, ..four_by_six() }), Err(ReadError::NoSuchPage { .. })));
}

#[test]
fn a_label_in_the_corner_of_a_sheet_is_taken_out_and_what_does_not_fit_is_refused() {
    let bytes = file("pdf/sheet.pdf");
    let r = read("sheet", &bytes, &four_by_six()).unwrap();
    assert_eq!((r.placed, found(&r)), (Placed { cropped: true, turned: false }, vec![("code_128", "794912345678")]));
    let bars = runs(&r.raster, 880);
    assert!(bars.len() > 50 && bars.iter().all(|w| w % 3 == 0), "nothing was scaled: {bars:?}");
    let e = read_bytes(&bytes, &want(Dpi::D203, 50.0, 40.0)).unwrap_err();
    assert!(matches!(e, ReadError::LargerThanPaper { .. }), "{e}");
    assert_eq!(read_bytes(&file("pdf/locked.pdf"), &four_by_six()).unwrap_err(), ReadError::Encrypted);
}

#[test]
fn this_desks_own_file_comes_back_to_its_own_dots() {
    for dpi in [Dpi::D203, Dpi::D300] {
        for info in label::templates() {
            let scene = label::layout(info.id, &own_label("78302214650012"), dpi).unwrap();
            let LabelSize { width, height } = scene.size();
            let r = read_bytes(&scene.pdf().unwrap(), &want(dpi, width.0, height.0)).unwrap();
            let symbols: Vec<String> = scene.symbols().iter().map(|s| s.text.clone()).collect();
            for text in symbols.iter().filter(|t| t.chars().all(|c| c.is_ascii_alphanumeric())) {
                assert!(r.found.iter().any(|s| s.text == *text), "{}: {text} is not among {:?}", info.id, r.found);
            }
            // Letters are drawn from outlines by two programs: edges may differ, bars may not.
            let (ours, theirs) = (scene.raster(), &r.raster);
            let differ = apart(&ours, theirs);
            assert!(
                differ * 100 < usize::try_from(ours.black_dots()).unwrap() * 12,
                "{} at {dpi:?}: {differ}",
                info.id
            );
            for s in scene.symbols() {
                let zone = |x: i32| u32::try_from(x).unwrap();
                for y in zone(s.zone.y)..zone(s.zone.y + s.zone.h) {
                    for x in zone(s.zone.x)..zone(s.zone.x + s.zone.w) {
                        assert_eq!(ours.get(x, y), theirs.get(x, y), "{} at {dpi:?}: {:?} at {x},{y}", info.id, s.kind);
                    }
                }
            }
        }
    }
}
