//! ZPL: bars and shapes dot for dot as other readers of the language draw them, text in its place.

use crate::support::{apart, decoded, drawn_by_others, file, found, four_by_six, own_label, read, want};
use carrier_label::{Placed, ReadError, Want, read as read_bytes};
use domain::printer::{Encoder, Language, Media, MediaKind, Offset};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize};

/// Left, top, width, height in dots.
type Zone = (u32, u32, u32, u32);

fn cut(from: &Raster, (x, y, w, h): Zone) -> Raster {
    let mut out = Raster::white(w, h);
    for v in 0..h {
        for u in 0..w {
            out.set(u, v, from.get(x + u, y + v));
        }
    }
    out
}

/// The box around what is black, within a zone.
fn ink(from: &Raster, zone: Zone) -> [u32; 4] {
    let part = cut(from, zone);
    let black: Vec<(u32, u32)> =
        (0..zone.3).flat_map(|y| (0..zone.2).map(move |x| (x, y))).filter(|(x, y)| part.get(*x, *y)).collect();
    let (xs, ys) = (black.iter().map(|d| d.0), black.iter().map(|d| d.1));
    [xs.clone().min(), ys.clone().min(), xs.max(), ys.max()].map(|n| n.expect("something is printed there"))
}

#[test]
fn bars_and_shapes_are_dot_for_dot_what_other_readers_draw() {
    let ours = read("bars", &file("zpl/bars.zpl"), &four_by_six()).unwrap();
    let others = drawn_by_others("bars");
    let same: [(&str, Zone); 10] = [
        ("Code 128, sets as the label says", (30, 30, 660, 140)),
        ("Code 128, sets as the printer chooses", (30, 190, 600, 100)),
        ("Code 39", (30, 310, 600, 100)),
        ("interleaved pairs", (30, 420, 600, 90)),
        ("Data Matrix", (310, 530, 140, 140)),
        ("a picture as hexadecimal", (550, 530, 60, 60)),
        ("turned bars", (695, 30, 100, 250)),
        ("a line", (20, 990, 780, 20)),
        ("a box", (20, 1015, 220, 140)),
        ("a reversed box in a filled one", (250, 1015, 230, 140)),
    ];
    for (what, zone) in same {
        for (other, name) in others.iter().zip(["zplkit", "zebrash"]) {
            assert_eq!(apart(&cut(&ours.raster, zone), &cut(other, zone)), 0, "{what}: {name}");
        }
    }
    // Others choose other modules for the same text: the same size and the same words.
    for zone in [(30, 650, 220, 200), (310, 750, 500, 100)] {
        for (a, b) in ink(&ours.raster, zone).into_iter().zip(ink(&others[0], zone)) {
            assert!(a.abs_diff(b) <= 1, "{zone:?}");
        }
    }
    let texts: Vec<String> = decoded("bars").into_iter().map(|(_, t)| t).collect();
    for text in [
        "420100019400111899223100001234",
        "PARCEL-0042-ab",
        "CODE39-77",
        "12345678901234",
        "DM-000123456789",
        "https://example.org/t/1Z999",
        "PDF417 of a carrier 4200123456789",
        "SIDE-90",
    ] {
        assert!(texts.iter().any(|t| t == text), "{text} is not among {texts:?}");
    }
}

#[test]
fn text_stands_where_the_printers_own_font_would() {
    let ours = read("national", &file("zpl/national.zpl"), &four_by_six()).unwrap();
    let others = drawn_by_others("national");
    for zone in [
        (40, 55, 400, 32),  // FROM:
        (40, 92, 400, 30),  // the first line of a box
        (40, 182, 400, 30), // its last
        (40, 264, 400, 44), // ^CF
        (40, 316, 400, 45),
        (40, 407, 500, 40),  // an accent in hexadecimal
        (40, 450, 400, 40),  // a narrower width
        (575, 290, 170, 70), // white on black, in the middle of its box
    ] {
        let [left, top, right, bottom] = ink(&ours.raster, zone).map(i64::from);
        for other in &others {
            let [l, t, r, b] = ink(other, zone).map(i64::from);
            let near = |a: i64, b: i64, by: i64| (a - b).abs() <= by;
            let far = 8.max((r - l) * 6 / 100);
            assert!(
                near(left, l, far) && near(top, t, 5) && near(bottom, b, 5) && near(right, r, far),
                "{zone:?}: {:?} and {:?}",
                [left, top, right, bottom],
                [l, t, r, b]
            );
        }
    }
    assert_eq!(found(&ours), [("code_128", "GB004217788FR"), ("datamatrix", "GB004217788FR|0.740|2026-11-26")]);
    assert!(ours.ignored.is_empty(), "{:?}", ours.ignored);
}

#[test]
fn a_file_of_two_pieces_with_a_stored_picture_has_two_pages() {
    let bytes = file("zpl/stored.zpl");
    for (page, piece) in [(1, "PIECE0001"), (2, "PIECE0002")] {
        let want = Want { page, ..want(Dpi::D203, 76.2, 50.8) };
        let r = read(&format!("stored-{page}"), &bytes, &want).unwrap();
        assert_eq!((r.pages, r.placed, found(&r)), (2, Placed::default(), vec![("code_128", piece)]));
        // The stored mark, twice as large, stands on both.
        assert!(cut(&r.raster, (20, 20, 64, 16)).black_dots() > 100);
    }
    let third = read_bytes(&bytes, &Want { page: 3, ..want(Dpi::D203, 76.2, 50.8) });
    assert_eq!(third.unwrap_err(), ReadError::NoSuchPage { page: 3, pages: 2 });
}

#[test]
fn turned_fields_and_a_label_upside_down_are_read() {
    let turned = read("turned", &file("zpl/turned.zpl"), &four_by_six()).unwrap();
    assert_eq!(found(&turned), [("code_128", "00340434123456789012"), ("qrcode", "00340434123456789012")]);
    let bytes = file("zpl/reversed.zpl");
    let small = want(Dpi::D203, 101.5, 76.125);
    let over = read("reversed", &bytes, &small).unwrap();
    let upright = String::from_utf8(bytes).unwrap().replace("^POI", "^PON");
    let upright = read("upright", upright.as_bytes(), &small).unwrap().raster;
    let mut back = Raster::white(upright.width(), upright.height());
    for y in 0..upright.height() {
        for x in 0..upright.width() {
            back.set(upright.width() - 1 - x, upright.height() - 1 - y, upright.get(x, y));
        }
    }
    assert_eq!(apart(&over.raster, &back), 0);
    assert_eq!(found(&over), [("code_128", "4099991234567"), ("itf", "12345678901231")], "with the check digit");
}

#[test]
fn what_this_desk_sends_to_a_zebra_is_read_back_dot_for_dot() {
    for dpi in [Dpi::D203, Dpi::D300] {
        for info in label::templates() {
            let scene = label::layout(info.id, &own_label("78302214650012"), dpi).unwrap();
            let drawn = scene.raster();
            let LabelSize { width, height } = scene.size();
            let media = Media {
                size: scene.size(),
                dpi,
                gap_mm: 2.0,
                kind: MediaKind::Gap,
                speed: 4,
                darkness: 8,
                offset: Offset::default(),
            };
            let job = printer::encoder(printer::generic(Language::Zpl)).encode(&drawn, &media).unwrap();
            let r = read_bytes(&job, &want(dpi, width.0, height.0)).unwrap();
            assert_eq!((apart(&r.raster, &drawn), r.placed), (0, Placed::default()), "{} at {dpi:?}", info.id);
        }
    }
}

fn refused(zpl: &str, want: &Want<'_>) -> ReadError {
    read_bytes(zpl.as_bytes(), want).expect_err(zpl)
}

#[test]
fn what_cannot_be_drawn_whole_is_refused_by_name() {
    let paper = four_by_six();
    let e = refused("^XA^FO10,10^BD2^FH^FD003840100450000_5B^FS^FO10,300^A0N,30,30^FDx^FS^XZ", &paper);
    assert_eq!(e, ReadError::NotDrawn { commands: vec!["^BD".to_owned()] });
    let e = refused("^XA^CI28^FO10,10^A0N,30,30^FDgift 🎁^FS^XZ", &paper);
    assert_eq!(e, ReadError::MissingGlyph { character: '🎁' });
    let e = refused("^XA^FO10,10^GFA,100,100,0,FF^FS^XZ", &paper);
    assert!(matches!(&e, ReadError::BadCommand { command, at: 11, .. } if command == "^GF"), "{e}");
    let e = refused("^XA^FO10,10^GFA,8,8,1,:Z64:eJwDAAAAAAE=:0000^FS^XZ", &paper);
    assert!(e.to_string().contains("check sum"), "{e}");
    let e = refused("^XA^FO700,10^GB1300,100,100^FS^XZ", &paper);
    assert!(matches!(e, ReadError::LargerThanPaper { .. } | ReadError::BadCommand { .. }), "{e}");
    assert_eq!(refused("^XA^FO10,10^FS^XZ ^XA^FO1,1^FD^FS^XZ", &paper), ReadError::Empty { page: 1 });
    let e = refused("^XA^PW812^LL1218^FO10,10^GB700,1100,9^FS^XZ", &want(Dpi::D300, 101.6, 152.4));
    assert!(matches!(e, ReadError::OtherResolution { made: 203, printer: 300, .. }), "{e}");
    let e = refused("^XA^FO10,10^XGR:GONE.GRF^FS^XZ", &paper);
    assert!(e.to_string().contains("GONE"), "{e}");
}

#[test]
fn numbers_of_any_size_mean_something_or_are_refused() {
    for zpl in [
        "^XA^FO99999999999999999999,5^A0N,30,30^FDx^FS^XZ",
        "^XA^FO-5,-5^GB9999999,9999999,9999999^FS^XZ",
        "^XA^FO0,0^A0N,4000,4000^FDWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW^FS^XZ",
        "^XA^BY999^FO0,0^BCN,99999,Y,N,N^FD12345678901234567890^FS^XZ",
        "^XA^FO0,0^GFA,99999999,99999999,1,FF^FS^XZ",
        "^XA^LH99999,99999^FO0,0^GB10,10,10^FS^XZ",
        "^XA^PW0^LL0^FO0,0^GB10,10,10^FS^XZ",
        "^XA^FO0,0^FB1,9999,-500,C^A0N,20,20^FDmany words in a narrow box^FS^XZ",
    ] {
        match read_bytes(zpl.as_bytes(), &four_by_six()) {
            Ok(r) => assert_eq!((r.raster.width(), r.raster.height()), (813, 1219), "{zpl}"),
            Err(e) => assert!(!e.to_string().is_empty() && !e.hint().is_empty(), "{zpl}"),
        }
    }
}
