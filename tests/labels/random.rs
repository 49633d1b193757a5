//! Whatever people type: it is drawn whole, or refused by name. Whatever stands in a template file: it is read, or refused.

use crate::samples;
use crate::waybills::data;
use domain::contact::Goods;
use domain::label_data::LabelData;
use domain::units::Dpi;
use label::{LabelError, Template};
use proptest::prelude::{Just, ProptestConfig, Strategy, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

/// The field an error names; errors that data can cause always name one.
fn field(error: &LabelError) -> Option<&str> {
    match error {
        LabelError::MissingGlyph { field, .. }
        | LabelError::DoesNotFit { field }
        | LabelError::BadSymbol { field, .. } => Some(field),
        LabelError::UnknownTemplate { .. } | LabelError::BadTemplate { .. } | LabelError::Pdf { .. } => None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 320, ..ProptestConfig::default() })]

    #[test]
    fn any_data_is_drawn_whole_or_refused_naming_a_field(data in data(), n in 0..label::templates().len()) {
        let template = label::templates()[n].id;
        match label::layout(template, &data, Dpi::D203) {
            Ok(scene) => {
                prop_assert_eq!(scene.clipped_dots(), 0, "nothing falls off the label");
                prop_assert_eq!(scene.raster(), label::layout(template, &data, Dpi::D203).unwrap().raster());
            }
            Err(e) => prop_assert!(field(&e).is_some_and(|f| !f.is_empty()), "{e:?} names no field"),
        }
    }
}

/// Lines as they stand in templates, whole and broken.
fn template_lines() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        4 => prop::sample::select(vec![
            "[[item]]", "[[item.items]]", "[item.more]", "kind = 'text'", "kind = 'repeat'", "kind = 'pdf417'", "kind = 'image'",
            "kind = 'line'", "kind = 'ean8'", "over = 'marks'", "across = true", "step = 0.1", "box = [0, 0, 40, 5]",
            "box = [-1, nan, inf, 1e300]", "text = '{waybill_no}'", "text = '{goods}{marks}'", "text = '{'", "size = 3",
            "size = 1e-300", "min_size = 0.5", "rotate = 90", "rotate = -90", "if = ['remark', '!reprint']", "if = 7",
            "png = 'AAAA'", "from = [0, 0]", "to = [0, 9]", "dash = [0.1, 0.1]", "modules = [0.1, 9]", "wrap = true",
            "reverse = true", "items = 3", "id = 'x'", "=", "\u{0}", "\"\"\"",
        ]).prop_map(String::from),
        1 => ".{0,20}",
    ];
    let head = prop_oneof![
        3 => Just("id = 'r'\nname = 'r'\nwidth = 60\nheight = 40\n".to_owned()),
        1 => ".{0,40}\n",
    ];
    (head, prop::collection::vec(line, 0..24)).prop_map(|(head, lines)| head + &lines.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_a_template_or_an_error_and_a_template_draws_or_says_why(text in template_lines()) {
        match Template::read(&text) {
            Ok(template) => {
                if let Ok(scene) = template.layout(&samples::long(), Dpi::D203) {
                    prop_assert_eq!(scene.clipped_dots(), 0);
                }
            }
            Err(LabelError::BadTemplate { .. }) => {}
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }
}

#[test]
fn the_examples_of_the_language_can_be_read() {
    let words = include_str!("../../src-tauri/label/templates/README.md");
    let examples: Vec<&str> = words.split("```toml\n").skip(1).filter_map(|e| e.split("```").next()).collect();
    assert!(examples.len() >= 6);
    for example in examples {
        let text = match example {
            whole if whole.contains("id =") => whole.to_owned(),
            items if items.contains("[[item]]") => format!("id='x'\nname='x'\nwidth=100\nheight=180\n{items}"),
            key => format!(
                "id='x'\nname='x'\nwidth=9\nheight=9\n[[item]]\nkind='text'\ntext='x'\nsize=3\nbox=[0,0,9,9]\n{key}"
            ),
        };
        let template = Template::read(&text).unwrap_or_else(|e| panic!("{e}\n{text}"));
        template.layout(&samples::short(), Dpi::D203).unwrap_or_else(|e| panic!("{e}\n{text}"));
    }
}

fn refusal(change: impl Fn(&mut LabelData)) -> Vec<LabelError> {
    let mut data = samples::short();
    change(&mut data);
    label::templates().iter().map(|t| label::layout(t.id, &data, Dpi::D203).err().expect("must be refused")).collect()
}

#[test]
fn what_cannot_be_drawn_is_refused_by_field_and_character() {
    for (text, character) in
        [("张😀三", '😀'), ("张\0", '\0'), ("a\u{202e}b", '\u{202e}'), ("שלום", 'ש'), ("一\n二", '\n')]
    {
        for e in refusal(|d| d.recipient.name = text.into()) {
            assert_eq!(e, LabelError::MissingGlyph { field: "recipient.name".into(), character });
        }
        for e in refusal(|d| d.goods[0].name = text.into()) {
            assert_eq!(e, LabelError::MissingGlyph { field: "goods[0].name".into(), character });
        }
        for id in ["waybill-100x100", "waybill-100x150", "waybill-4x6in", "express-100x180"] {
            let mut data = samples::short();
            data.service_marks = vec!["保价".into(), text.into()];
            let e = label::layout(id, &data, Dpi::D203).err();
            assert_eq!(e, Some(LabelError::MissingGlyph { field: "service_marks[1]".into(), character }), "{id}");
            let mut data = samples::short();
            data.custom.remark = text.into();
            let e = label::layout(id, &data, Dpi::D203).err();
            assert_eq!(e, Some(LabelError::MissingGlyph { field: "custom.remark".into(), character }), "{id}");
        }
        assert_eq!(label::missing_glyphs(text)[0], character);
    }
}

#[test]
fn ten_thousand_bytes_are_refused_by_field_and_never_cut_in_silence() {
    let long = "很长的名字".repeat(700);
    type Set = fn(&mut LabelData, String);
    let fields: [(&str, Set); 8] = [
        ("recipient.name", |d, t| d.recipient.name = t),
        ("recipient.phone", |d, t| d.recipient.phone = t),
        ("recipient.address", |d, t| d.recipient.address = t),
        ("sender.address", |d, t| d.sender.address = t),
        ("courier", |d, t| d.courier = t),
        ("route_code", |d, t| d.route_code = t),
        ("consolidation", |d, t| d.consolidation = t),
        ("reference", |d, t| d.reference = t),
    ];
    for (field, set) in fields {
        for e in refusal(|d| set(d, long.clone())) {
            assert_eq!(e, LabelError::DoesNotFit { field: field.into() });
        }
    }
}

#[test]
fn a_long_remark_and_many_goods_end_in_dots_as_the_templates_say() {
    let goods = (0..500)
        .map(|i| Goods {
            name: format!("第{i}种很长很长的货物名称很长很长的货物名称很长很长的货物名称"), count: 3
        });
    let data = LabelData { remark: "备注".repeat(4000), goods: goods.collect(), ..samples::short() };
    for t in label::templates() {
        let scene = label::layout(t.id, &data, Dpi::D203).unwrap();
        assert_eq!(scene.clipped_dots(), 0, "cut with dots, not at the edge");
    }
}

#[test]
fn a_number_that_makes_no_bar_code_is_refused() {
    for no in ["", "快递123", "12\u{e9}", &"A".repeat(60), &"1".repeat(20_000)] {
        for e in refusal(|d| d.waybill_no = no.to_owned()) {
            assert_eq!(field(&e), Some("waybill_no"), "{e:?}");
        }
    }
    assert_eq!(
        label::layout("no-such", &samples::short(), Dpi::D203).err(),
        Some(LabelError::UnknownTemplate { id: "no-such".into() })
    );
}
