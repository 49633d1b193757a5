//! Whatever can be wrong with a template: each code by a template that is wrong in that way, with its line, column, item, key.

use crate::samples;
use domain::label_data::LabelData;
use domain::units::Dpi;
use label::{FLAWS, LabelError, Template};
use std::collections::BTreeSet;

/// Four lines; what a case adds begins on line 5.
const HEAD: &str = "id = 'small'\nname = '小'\nwidth = 60\nheight = 40\n";

/// What is wrong, in the file itself or with this datum.
fn wrong(text: &str, data: &LabelData) -> LabelError {
    match Template::read(text).and_then(|t| t.layout(data, Dpi::D203)) {
        Err(e) => e,
        Ok(_) => panic!("nothing is wrong with:\n{text}"),
    }
}

type At = (&'static str, Option<(usize, usize)>, Option<usize>, Option<&'static str>);

#[test]
fn every_flaw_of_a_template_is_told_by_its_code_at_its_place() {
    let data = LabelData { remark: "茶🫖".into(), ..samples::short() };
    let bytes = format!("{HEAD}#{}", "x".repeat(300_000));
    let items = format!("{HEAD}{}", "[[item]]\nkind='box'\nbox=[0,0,1,1]\n".repeat(1001));
    let deep = format!("{HEAD}x = {}", "[".repeat(500));
    let long = format!("{HEAD}[[item]]\nkind = 'image'\nbox = [0,0,9,9]\npng = '{}'\n", "A".repeat(70_000));
    let many = format!("{HEAD}[[item]]\nkind = 'qr'\ntext = '{}'\nbox = [0,0,40,40]\n", "x".repeat(301));
    // PNGs of one black row: 1025 pixels wide in grey; one pixel in colour.
    let wide = "iVBORw0KGgoAAAANSUhEUgAABAEAAAABCAAAAACKp+jXAAAAEUlEQVR4nGNgGAWjYBSMXAAABAIAARSFVjUAAAAASUVORK5CYII=";
    let coloured = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGNgYGAAAAAEAAH2FzhVAAAAAElFTkSuQmCC";
    let image = |png: &str| format!("{HEAD}[[item]]\nkind = 'image'\nbox = [0,0,9,9]\npng = '{png}'\n");
    let head = |lines: &str| format!("{lines}\n[[item]]\nkind = 'box'\nbox = [0,0,1,1]\n");
    let item = |lines: &str| format!("{HEAD}[[item]]\n{lines}\n");
    let text = |more: &str| format!("{HEAD}[[item]]\nkind = 'text'\ntext = 'x'\nbox = [0,0,9,9]\nsize = 3\n{more}\n");
    let symbol = |kind: &str, text: &str| item(&format!("kind = '{kind}'\ntext = '{text}'\nbox = [0,0,60,20]"));
    let repeat = |lines: &str| format!("{HEAD}[[item]]\nkind = 'repeat'\nover = 'goods'\nbox = [0,0,60,9]\n{lines}\n");
    let cases: Vec<(String, At)> = vec![
        // The file.
        (bytes, ("too_many_bytes", None, None, None)),
        (items, ("too_many_items", Some((3005, 1)), Some(1001), None)),
        (format!("{HEAD}[width.x]\n"), ("syntax", Some((5, 2)), None, None)),
        (format!("{HEAD}name = 'x'\n"), ("syntax_twice", Some((5, 1)), None, None)),
        (format!("{HEAD}[[item]\n"), ("syntax_bracket", Some((5, 8)), None, None)),
        (item("kind = 'text"), ("syntax_quote", Some((6, 13)), None, None)),
        (item("kind = \"\\q\""), ("syntax_escape", Some((6, 10)), None, None)),
        (item("kind = 'a\u{1}'"), ("syntax_letter", Some((6, 10)), None, None)),
        (item("kind ="), ("syntax_no_value", Some((6, 7)), None, None)),
        (item("kind = text"), ("syntax_scalar", Some((6, 8)), None, None)),
        (item("kind"), ("syntax_equals", Some((6, 5)), None, None)),
        (item("种类 = 'text'"), ("syntax_key", Some((6, 1)), None, None)),
        (item("kind = 'box' fill = true"), ("syntax_line", Some((6, 14)), None, None)),
        (item("box = [0,, 9, 9]"), ("syntax_comma", Some((6, 10)), None, None)),
        (deep, ("syntax_deep", Some((5, 85)), None, None)),
        // Keys and their values.
        (head("id = 'x'\nname = 'x'\nwidth = 9"), ("no_key", Some((1, 1)), None, Some("height"))),
        (item("kind = 'qr'\nbox = [0,0,9,9]"), ("no_key", Some((5, 1)), Some(1), Some("text"))),
        (item("kind = 'box'\nbox = [0,0,9,9]\nfil = true"), ("unknown_key", Some((8, 1)), Some(1), None)),
        (format!("{HEAD}hight = 3\n"), ("unknown_key", Some((5, 1)), None, None)),
        (item("kind = 'box'\nbox = [0,0,9,'9']"), ("want_number", Some((7, 7)), Some(1), Some("box"))),
        (text("tracking = '1'"), ("want_number", Some((10, 12)), Some(1), Some("tracking"))),
        (item("kind = 'qr'\ntext = 5\nbox = [0,0,9,9]"), ("want_text", Some((7, 8)), Some(1), Some("text"))),
        (item("kind = 5"), ("want_text", Some((6, 8)), Some(1), Some("kind"))),
        (text("wrap = 1"), ("want_truth", Some((10, 8)), Some(1), Some("wrap"))),
        (item("kind = 'box'\nbox = 9"), ("want_numbers", Some((7, 7)), Some(1), Some("box"))),
        (item("kind = 'box'\nbox = [0,0,9]"), ("list_length", Some((7, 7)), Some(1), Some("box"))),
        (text("align = 'middle'"), ("want_word", Some((10, 9)), Some(1), Some("align"))),
        (text("valign = 'center'"), ("want_word", Some((10, 10)), Some(1), Some("valign"))),
        (text("weight = 'heavy'"), ("want_word", Some((10, 10)), Some(1), Some("weight"))),
        (repeat("step = 3\nitems = []\nmore = 'x'"), ("want_table", Some((11, 8)), Some(1), Some("more"))),
        (text("if = 5"), ("want_condition", Some((10, 6)), Some(1), Some("if"))),
        (HEAD.to_owned(), ("no_items", Some((1, 1)), None, Some("item"))),
        (repeat("step = 3"), ("no_row_items", Some((5, 1)), Some(1), Some("items"))),
        (format!("{HEAD}item = 'x'\n"), ("not_items", Some((5, 8)), None, Some("item"))),
        (format!("{HEAD}item = ['x']\n"), ("not_table", Some((5, 9)), Some(1), None)),
        (item(""), ("no_kind", Some((5, 1)), Some(1), None)),
        (item("kind = 'blob'"), ("unknown_kind", Some((6, 8)), Some(1), Some("kind"))),
        (repeat("step = 3\n[[item.items]]\nkind = 'repeat'"), ("nested", Some((11, 8)), Some(1), Some("kind"))),
        // Words, conditions, images.
        (item("kind = 'qr'\ntext = '{remark'\nbox = [0,0,9,9]"), ("open_brace", Some((7, 8)), Some(1), Some("text"))),
        (
            item("kind = 'qr'\ntext = '{remrk}'\nbox = [0,0,9,9]"),
            ("unknown_field", Some((7, 8)), Some(1), Some("text")),
        ),
        (text("if = ['remark', '!remrk']"), ("unknown_field", Some((10, 6)), Some(1), Some("if"))),
        (long, ("image_long", Some((8, 7)), Some(1), Some("png"))),
        (image("%"), ("image_base64", Some((8, 7)), Some(1), Some("png"))),
        (image("AAAA"), ("image_png", Some((8, 7)), Some(1), Some("png"))),
        (image(wide), ("image_pixels", Some((8, 7)), Some(1), Some("png"))),
        (image(coloured), ("image_grey", Some((8, 7)), Some(1), Some("png"))),
        // Sizes and places.
        (head("id = 'x'\nname = 'x'\nwidth = 401\nheight = 9"), ("label_size", Some((3, 9)), None, Some("width"))),
        (head("id = '小'\nname = 'x'\nwidth = 9\nheight = 9"), ("bad_id", Some((1, 6)), None, Some("id"))),
        (text("rotate = 45"), ("rotate", Some((10, 10)), Some(1), Some("rotate"))),
        (
            item("kind = 'qr'\ntext = 'x'\nbox = [0,0,9,9]\nmodules = [2, 1]"),
            ("modules", Some((9, 11)), Some(1), Some("modules")),
        ),
        (repeat("step = 0\nitems = []"), ("step", Some((9, 8)), Some(1), Some("step"))),
        (
            item("kind = 'text'\ntext = 'x'\nbox = [0,0,9,9]\nsize = 0.1"),
            ("letter_height", Some((9, 8)), Some(1), Some("size")),
        ),
        (text("min_size = 4"), ("least_height", Some((10, 12)), Some(1), Some("min_size"))),
        (text("line_height = 0.5"), ("line_height", Some((10, 15)), Some(1), Some("line_height"))),
        (text("tracking = -1"), ("tracking", Some((10, 12)), Some(1), Some("tracking"))),
        (item("kind = 'line'\nfrom = [0,0]\nto = [9,9]"), ("slanted", Some((8, 6)), Some(1), Some("to"))),
        (item("kind = 'line'\nfrom = [0,0]\nto = [9,0]\ndash = [0, 1]"), ("dash", Some((9, 8)), Some(1), Some("dash"))),
        (
            item("kind = 'box'\nbox = [0,0,9,9]\nthickness = -1"),
            ("thickness", Some((8, 13)), Some(1), Some("thickness")),
        ),
        (item("kind = 'box'\nbox = [55,0,9,9]"), ("outside", Some((7, 7)), Some(1), Some("box"))),
        (
            repeat("step = 3\n[[item.items]]\nkind = 'box'\nbox = [50,0,20,3]"),
            ("outside", Some((12, 7)), Some(1), Some("box")),
        ),
        (
            repeat("step = 3\nitems = []\nmore = { text = 'x', size = 3, box = [0,0,70,3] }"),
            ("outside", Some((11, 38)), Some(1), Some("box")),
        ),
        // What drawing finds.
        (text("tracking = 9").replace("'x'", "'xxxx'"), ("own_words", Some((5, 1)), Some(1), None)),
        (text("").replace("'x'", "'🫖'"), ("own_letter", Some((5, 1)), Some(1), None)),
        (
            symbol("code128", "x") + "[[item]]\nkind = 'line'\nfrom = [2,10]\nto = [58,10]\n",
            ("quiet_zone", Some((9, 1)), Some(2), None),
        ),
        (symbol("ean13", "69"), ("ean_count", Some((5, 1)), Some(1), None)),
        (symbol("ean13", "6901234567890"), ("ean_check", Some((5, 1)), Some(1), None)),
        (symbol("itf", "12a4"), ("itf_letter", Some((5, 1)), Some(1), None)),
        (symbol("itf", "123"), ("itf_count", Some((5, 1)), Some(1), None)),
        (symbol("code39", "a"), ("code39_letter", Some((5, 1)), Some(1), None)),
        (symbol("code128", "单"), ("code128_letter", Some((5, 1)), Some(1), None)),
        (symbol("code128", ""), ("symbol_empty", Some((5, 1)), Some(1), None)),
        (symbol("qr", ""), ("symbol_empty", Some((5, 1)), Some(1), None)),
        (many, ("symbol_long", Some((5, 1)), Some(1), None)),
        (symbol("code128", &"x".repeat(60)), ("symbol_wide", Some((5, 1)), Some(1), None)),
        (symbol("qr", &"x".repeat(250)), ("symbol_large", Some((5, 1)), Some(1), None)),
        (
            item(&format!("kind = 'pdf417'\ntext = '{}'\nbox = [0,0,30,10]", "x".repeat(200))),
            ("symbol_room", Some((5, 1)), Some(1), None),
        ),
        // What a datum is in the way of: the field is named, not the place.
        (text("").replace("'x'", "'{remark}'").replace("[0,0,9,9]", "[0,0,30,9]"), ("missing_glyph", None, None, None)),
        (text("").replace("'x'", "'{recipient.address}'"), ("does_not_fit", None, None, None)),
    ];
    let mut told: BTreeSet<&str> = BTreeSet::new();
    for (text, (code, line_column, item, key)) in cases {
        let error = wrong(&text, &data);
        let shown: String = text.chars().take(400).collect();
        assert_eq!(error.flaw().code(), code, "{error}\n{shown}");
        match &error {
            LabelError::BadTemplate { place, .. } => {
                assert_eq!(place.line_column, line_column, "{code}: {error}\n{shown}");
                assert_eq!((place.item, place.key.as_deref()), (item, key), "{code}: {error}\n{shown}");
            }
            LabelError::MissingGlyph { field, .. } => assert_eq!(field, "remark"),
            LabelError::DoesNotFit { field } => assert_eq!(field, "recipient.address"),
            other => panic!("{code}: {other:?}"),
        }
        told.insert(code);
    }
    // A symbol in whose way a datum is has the same flaws, and the datum's name.
    match wrong(&symbol("code39", "{recipient.name}"), &data) {
        LabelError::BadSymbol { field, reason } => {
            assert_eq!((field.as_str(), reason.code()), ("recipient.name", "code39_letter"));
        }
        other => panic!("{other:?}"),
    }
    // What no text of a template leads to.
    told.insert(LabelError::UnknownTemplate { id: "x".into() }.flaw().code());
    told.insert(LabelError::Pdf { reason: "x".into() }.flaw().code());
    let missing: Vec<&str> = FLAWS.iter().map(|f| f.0).filter(|code| !told.contains(code)).collect();
    assert!(missing.is_empty(), "nobody has seen these come: {missing:?}");
}

#[test]
fn a_sentence_says_what_to_do() {
    let data = samples::short();
    for (text, says) in [
        ("kind = 'qr'\ntext = '{recipent.name}'\nbox = [0,0,9,9]", "did you mean recipient.name?"),
        ("kind = 'box'\nbox = [0,0,9,9]\nfil = true", "one of box, thickness, fill, if"),
        ("kind = 'blob'", "write one of text, line, box"),
        ("kind = 'box'\nbox = [0,0,9]", "the list has 3 numbers: write 4"),
    ] {
        let error = wrong(&format!("{HEAD}[[item]]\n{text}\n"), &data).to_string();
        assert!(error.starts_with("label template") && error.contains(says), "{error}");
    }
}
