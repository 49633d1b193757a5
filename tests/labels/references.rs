//! Pictures that a person has looked at, compared dot for dot. `WAYBILL_BLESS=1` rewrites them: look before committing.

use crate::{oracle, samples};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};
use std::path::Path;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/labels/references");

#[test]
fn labels_look_as_they_were_approved() {
    let mut wrong = Vec::new();
    for t in label::templates() {
        for (name, data) in samples::all() {
            for dpi in [Dpi::D203, Dpi::D300] {
                let raster = label::layout(t.id, &data, dpi).unwrap().raster();
                wrong.extend(compare(&format!("{}-{name}-{}", t.id, dpi.nominal()), &raster));
            }
        }
    }
    for (code, data) in samples::couriers() {
        assert_eq!(label::number_looks_right(code, &data.waybill_no), Some(true), "{code}");
        let raster = label::layout("express-100x180", &data, Dpi::D203).unwrap().raster();
        wrong.extend(compare(&format!("express-100x180-{code}-203"), &raster));
    }
    let size = LabelSize { width: Mm(76.0), height: Mm(130.0) };
    wrong.extend(compare("test-print-76x130-203", &label::test_label(size, Dpi::D203, Mm(0.0))));
    assert!(wrong.is_empty(), "differing labels, see the pictures:\n{}", wrong.join("\n"));
}

/// What differs, or nothing. Writes a picture of the difference.
fn compare(name: &str, raster: &Raster) -> Option<String> {
    let path = Path::new(FOLDER).join(format!("{name}.png"));
    if std::env::var_os("WAYBILL_BLESS").is_some() {
        std::fs::create_dir_all(FOLDER).unwrap();
        std::fs::write(&path, label::preview_png(raster)).unwrap();
        return None;
    }
    let Ok(png) = std::fs::read(&path) else {
        return Some(format!("{name}: no reference; WAYBILL_BLESS=1 writes it, then look at it"));
    };
    let reference = read(&png);
    if reference == *raster {
        return None;
    }
    let diff = oracle::scratch().join(format!("{name}-diff.png"));
    std::fs::write(&diff, difference(&reference, raster)).unwrap();
    std::fs::write(oracle::scratch().join(format!("{name}-new.png")), label::preview_png(raster)).unwrap();
    let dots = (0..raster.height().max(reference.height()))
        .flat_map(|y| (0..raster.width().max(reference.width())).map(move |x| (x, y)))
        .filter(|(x, y)| raster.get(*x, *y) != reference.get(*x, *y))
        .count();
    Some(format!("{name}: {dots} dots, {}", diff.display()))
}

/// A 1-bit PNG as dots.
fn read(png: &[u8]) -> Raster {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    assert_eq!(info.bit_depth, png::BitDepth::One);
    let mut raster = Raster::white(info.width, info.height);
    for y in 0..info.height {
        for x in 0..info.width {
            let byte = bytes[y as usize * info.line_size + x as usize / 8];
            raster.set(x, y, byte & (0x80 >> (x % 8)) == 0);
        }
    }
    raster
}

/// Grey: in both. Red: only in the reference. Green: only in the new one.
fn difference(old: &Raster, new: &Raster) -> Vec<u8> {
    let (w, h) = (old.width().max(new.width()), old.height().max(new.height()));
    let mut rgb = Vec::with_capacity((w * h * 3) as usize);
    for y in 0..h {
        for x in 0..w {
            rgb.extend_from_slice(match (old.get(x, y), new.get(x, y)) {
                (false, false) => &[255, 255, 255],
                (true, true) => &[170, 170, 170],
                (true, false) => &[220, 0, 0],
                (false, true) => &[0, 150, 0],
            });
        }
    }
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, w, h);
    encoder.set_color(png::ColorType::Rgb);
    encoder.write_header().unwrap().write_image_data(&rgb).unwrap();
    out
}
