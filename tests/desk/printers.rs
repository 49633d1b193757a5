//! Printers as a person sets them up: language, family, stock and offset reach the bytes that the printer gets.

use crate::world::*;
use desk::Code;
use desk::api::*;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn every_language_prints_the_test_label_moved_as_asked() {
    let w = World::ready().await;
    let mut plain = None;
    for (language, family, sent) in [
        ("tspl", "tsc", "BLINE 3 mm,0 mm"),
        ("zpl", "zebra", "^GFA,99900,99900,100,:Z64:"),
        ("epl", "", "Q1440,B24\n"),
        ("cpcl", "zebra-mobile-4", "BAR-SENSE\r\nCG 100 1440 0 0 "),
        ("escpos", "", "\u{1b}@\u{1d}v0"),
    ] {
        let with = |offset_x, offset_y| SavePrinter {
            language: language.into(),
            family: family.into(),
            media_kind: "mark".into(),
            gap_mm: 3.0,
            offset_x,
            offset_y,
            ..printer(&w.printer.address())
        };
        for (x, y) in [(0, 0), (5, -5)] {
            let set_up: PrinterView = call(&w.owner, "printers.save", with(x, y)).await.unwrap();
            assert_eq!((set_up.offset_x, set_up.offset_y, set_up.media_kind.as_str()), (x, y, "mark"));
            let before = w.printer.labels().len();
            let done: TestPrintDone = call(&w.owner, "printers.test", ById { id: set_up.id }).await.unwrap();
            assert_eq!(done.outcome, "sent", "{language}");
            let labels = w.printer.wait_for_labels(before + 1, Duration::from_secs(5)).await.expect("it came out");
            let label = &labels[before];
            assert!(String::from_utf8_lossy(&label.bytes).contains(sent), "{language}: {sent}");
            let plain = plain.get_or_insert_with(|| label.raster.clone());
            let moved = |dx: u32, dy: u32| {
                (0..1440).all(|y| (0..796).all(|x| label.raster.get(x + dx, y) == plain.get(x, y + dy)))
            };
            assert!(if x == 0 { moved(0, 0) } else { moved(4, 4) }, "{language}: 0.5 mm are 4 dots");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_printed_whole_is_refused_before_anything_is_sent() {
    let w = World::ready().await;
    let narrow =
        SavePrinter { language: "cpcl".into(), family: "zebra-mobile-3".into(), ..printer(&w.printer.address()) };
    let set_up: PrinterView = call(&w.owner, "printers.save", narrow).await.unwrap();
    let err = call::<_, TestPrintDone>(&w.owner, "printers.test", ById { id: set_up.id }).await.unwrap_err();
    assert!(err.message.contains("800 dots wide") && err.message.contains("576"), "{err:?}");
    let err = w.submit(order()).await.unwrap_err();
    assert_eq!(err.code, Code::LabelImpossible, "an order for this printer is refused as well: {err:?}");
    assert!(w.market.ledger().charged.is_empty(), "before it costs a number");
    let far = SavePrinter { offset_x: 150, ..printer(&w.printer.address()) };
    let set_up: PrinterView = call(&w.owner, "printers.save", far).await.unwrap();
    let err = w.submit(SubmitOrder { printer: set_up.id, ..order() }).await.unwrap_err();
    assert!(err.message.contains("over the label's edge"), "{err:?}");
    assert!(w.market.ledger().charged.is_empty() && w.printer.labels().is_empty(), "nothing was charged or sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_that_do_not_fit_each_other_name_their_field() {
    let w = World::ready().await;
    let good = || printer(&w.printer.address());
    for (wrong, field) in [
        (SavePrinter { language: "TSPL".into(), ..good() }, "language"),
        (SavePrinter { media_kind: String::new(), ..good() }, "media_kind"),
        (SavePrinter { family: "zebra".into(), ..good() }, "family"),
        (SavePrinter { family: "nobody's".into(), ..good() }, "family"),
        (SavePrinter { offset_x: 201, ..good() }, "offset_x"),
        (SavePrinter { offset_y: i16::MIN, ..good() }, "offset_y"),
    ] {
        let err = call::<_, PrinterView>(&w.owner, "printers.save", wrong).await.unwrap_err();
        let fields: Vec<_> = err.fields.iter().map(|f| f.field.as_str()).collect();
        assert_eq!(fields, [field]);
    }
    let families: Vec<FamilyView> = call(&w.owner, "printers.families", Nothing {}).await.unwrap();
    assert!(families.iter().any(|f| f.id == "gprinter" && f.language == "tspl"), "what can be chosen is listed");
    assert!(families.iter().all(|f| !f.id.starts_with("generic")), "nothing that says no more than the language");
}
