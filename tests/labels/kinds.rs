//! Every kind of symbol, in every rotation and resolution, as dots and as PDF, read back by another program.

use crate::oracle::{Sheet, assert_readable};
use crate::samples;
use crate::symbols::{black_outside_ink, from_pdf};
use domain::label_data::LabelData;
use domain::units::Dpi;
use label::{LabelError, Rotation, Scene, SymbolKind, Template};
use std::fmt::Write;

/// Kind, text, width and height of an upright box in mm.
const KINDS: [(&str, &str, u32, u32); 14] = [
    ("code128", "{waybill_no}", 70, 5),
    ("code39", "WD-39 $/+%.", 80, 5),
    ("code39", "AZ09", 40, 5),
    ("ean13", "690123456789", 46, 5),
    ("ean13", "9780306406157", 46, 5),
    ("ean8", "9638507", 32, 5),
    ("itf", "15400141288763", 40, 5),
    ("qr", "{waybill_no} 上海", 24, 24),
    ("datamatrix", "{waybill_no}", 14, 14),
    ("datamatrix", "集包地 上海 {waybill_no}", 20, 20),
    ("pdf417", "{waybill_no}", 48, 12),
    ("pdf417", "Waybill; Desk! {route_code} ~ [75312345678901] <a/b> \\ Zz", 60, 20),
    ("pdf417", "收件人 王*明 138******78, 12345678901234567890123456789012345678901234567890", 70, 26),
    ("pdf417", "a", 40, 12),
];

/// A label with all kinds turned one way, and the whole of it turned another.
fn sheet_of_all(items: Rotation, whole: Rotation) -> Template {
    let mut file = format!("id = 'kinds'\nname = '符号'\nwidth = 110\nheight = 200\nrotate = {}\n", whole.degrees());
    let (mut x, mut y, mut column) = (2, 2, 0);
    for (kind, text, w, h) in KINDS {
        let (w, h) = if items.sideways() { (h, w) } else { (w, h) };
        if items.sideways() && x + w > 108 {
            (x, y, column) = (2, y + column + 2, 0);
        }
        let _ = write!(
            file,
            "[[item]]\nkind = '{kind}'\ntext = {text:?}\nbox = [{x}, {y}, {w}, {h}]\nrotate = {}\n",
            items.degrees()
        );
        if items.sideways() {
            (x, column) = (x + w + 2, column.max(h));
        } else {
            y += h + 2;
        }
    }
    Template::read(&file).unwrap()
}

fn drawn(items: Rotation, whole: Rotation, dpi: Dpi) -> Scene {
    let scene = sheet_of_all(items, whole).layout(&samples::short(), dpi).unwrap();
    assert_eq!(scene.symbols().len(), KINDS.len());
    assert_eq!(scene.clipped_dots(), 0);
    scene
}

#[test]
fn every_kind_scans_in_every_rotation_and_resolution() {
    let mut sheets = Vec::new();
    for dpi in [Dpi::D203, Dpi::D300, Dpi::D600] {
        for r in Rotation::ALL {
            let scene = drawn(r, Rotation::R0, dpi);
            let raster = scene.raster();
            for s in scene.symbols() {
                assert_eq!(black_outside_ink(s, &raster), 0, "{:?} at {dpi:?}, {r:?}", s.kind);
                assert_eq!(s.rotation, r);
            }
            let png = label::preview_png(&raster);
            sheets.push(Sheet::write(&format!("kinds-{}-{}", r.degrees(), dpi.nominal()), &png, scene.symbols()));
        }
    }
    assert_readable(&sheets);
}

#[test]
fn whole_labels_turn_with_everything_on_them() {
    let mut sheets = Vec::new();
    for r in Rotation::ALL {
        let turned = drawn(Rotation::R90, r, Dpi::D203);
        let by_hand = drawn(Rotation::R90, Rotation::R0, Dpi::D203).rotated(r);
        assert_eq!(turned.raster(), by_hand.raster());
        assert_eq!(turned.size(), by_hand.size());
        sheets.push(Sheet::write(
            &format!("whole-{}", r.degrees()),
            &label::preview_png(&turned.raster()),
            turned.symbols(),
        ));
        for t in label::templates() {
            // Its pattern is as good turned once as four times, and costs most of this test.
            let data = LabelData { specimen: r == Rotation::R90, ..samples::long() };
            let upright = label::layout(t.id, &data, Dpi::D203).unwrap();
            let black = upright.raster().black_dots();
            let scene = upright.rotated(r);
            assert_eq!((scene.raster().black_dots(), scene.clipped_dots()), (black, 0), "{} turned by {r:?}", t.id);
            let png = label::preview_png(&scene.raster());
            sheets.push(Sheet::write(&format!("{}-turned-{}", t.id, r.degrees()), &png, scene.symbols()));
        }
    }
    assert_readable(&sheets);
}

#[test]
fn the_pdf_holds_every_kind_turned_text_and_images() {
    let mut sheets = Vec::new();
    for r in Rotation::ALL {
        sheets.push(from_pdf(&format!("kinds-{}", r.degrees()), &drawn(r, Rotation::R0, Dpi::D203)));
        let scene = label::layout("express-100x180", &samples::long(), Dpi::D300).unwrap().rotated(r);
        sheets.push(from_pdf(&format!("express-turned-{}", r.degrees()), &scene));
        let words = format!(
            "id='w'\nname='w'\nwidth=60\nheight=60\n\
             [[item]]\nkind='text'\ntext='{{recipient.address}}'\nbox=[5,5,50,20]\nsize=5\nmin_size=2\nwrap=true\nrotate={0}\n\
             [[item]]\nkind='text'\ntext='{{courier}}'\nbox=[5,28,20,20]\nsize=5\nwrap=true\nreverse=true\nrotate={0}\n\
             [[item]]\nkind='image'\npng='{IMAGE}'\nbox=[30,28,20,20]\nrotate={0}\n",
            r.degrees()
        );
        let scene = Template::read(&words).unwrap().layout(&samples::short(), Dpi::D203).unwrap();
        sheets.push(from_pdf(&format!("words-{}", r.degrees()), &scene));
    }
    assert_readable(&sheets);
}

/// Eight by eight pixels: a frame, and a black corner that tells its rotation.
const IMAGE: &str =
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIAQAAAADsdIMmAAAAEUlEQVR42mNgYKgDQz4wZAAAESABpaN3ktwAAAAASUVORK5CYII=";

#[test]
fn turned_things_are_the_same_dots_elsewhere() {
    for (item, w, h) in [
        ("kind='text'\ntext='{recipient.name} Zhang-3'\nsize=4\nwrap=true", 30, 12),
        ("kind='text'\ntext='补打'\nsize=6\nreverse=true\ntracking=1", 30, 12),
        ("kind='code128'\ntext='WD1'", 40, 9),
        ("kind='pdf417'\ntext='WD1'", 40, 20),
        (&*format!("kind='image'\npng='{IMAGE}'"), 12, 9),
    ] {
        let picture = |r: Rotation| {
            let (w, h) = if r.sideways() { (h, w) } else { (w, h) };
            let file = format!(
                "id='t'\nname='t'\nwidth={w}\nheight={h}\n[[item]]\n{item}\nbox=[0,0,{w},{h}]\nrotate={}",
                r.degrees()
            );
            Template::read(&file).unwrap().layout(&samples::short(), Dpi::D203).unwrap()
        };
        let upright = picture(Rotation::R0);
        assert!(upright.raster().black_dots() > 0, "{item}");
        for r in Rotation::ALL {
            assert_eq!(picture(r).raster(), upright.clone().rotated(r).raster(), "{item} by {r:?}");
        }
    }
}

#[test]
fn what_a_kind_cannot_hold_is_refused_by_field_or_by_place() {
    let draw = |kind: &str, text: &str| {
        let file =
            format!("id='t'\nname='t'\nwidth=60\nheight=40\n[[item]]\nkind='{kind}'\ntext='{text}'\nbox=[0,0,60,20]");
        Template::read(&file).unwrap().layout(&samples::short(), Dpi::D203).err()
    };
    for (kind, text) in [
        ("ean13", "{reference}"),
        ("ean8", "{waybill_no}"),
        ("itf", "{waybill_no}1"),
        ("code39", "{recipient.name}"),
        ("datamatrix", "{remark}"),
        (
            "pdf417",
            "{custom.text}{custom.text}{custom.text}{custom.text}{custom.text}{custom.text}{custom.text}{custom.text}",
        ),
    ] {
        let field = text.split(['{', '}']).nth(1).unwrap();
        match draw(kind, text) {
            Some(LabelError::BadSymbol { field: named, .. }) => assert_eq!(named, field, "{kind}"),
            other => panic!("{kind} of {text} gives {other:?}"),
        }
    }
    match draw("ean13", "690") {
        Some(LabelError::BadTemplate { place, .. }) => {
            assert_eq!((place.item, place.line_column), (Some(1), Some((5, 1))), "the template's own words");
        }
        other => panic!("{other:?}"),
    }
    assert!(SymbolKind::Itf.linear() && !SymbolKind::Pdf417.linear());
}
