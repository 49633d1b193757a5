//! The printer doctor: what it says for each trouble, that another roll stops work before it costs a number, and that
//! nothing is fed under a batch.

use crate::batches::{add, ask, in_state, new_order, start};
use crate::world::*;
use desk::Code;
use desk::api::*;
use sandbox::Answers;
use std::time::Duration;

async fn look(w: &World, id: &str) -> DoctorReport {
    call(&w.owner, "printers.doctor", ById { id: id.into() }).await.unwrap()
}

fn said<'a>(report: &'a DoctorReport, what: &str) -> (&'a str, &'a str, &'a str) {
    let line = report.lines.iter().find(|l| l.what == what).unwrap_or_else(|| panic!("no line {what}: {report:?}"));
    (&line.verdict, &line.code, &line.detail)
}

fn set_up(w: &World, language: &str, family: &str) -> SavePrinter {
    SavePrinter { language: language.into(), family: family.into(), ..printer(&w.printer.address()) }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_trouble_has_its_line() {
    let w = World::ready().await;
    let p: PrinterView = call(&w.owner, "printers.save", set_up(&w, "tspl", "tsc")).await.unwrap();
    let well = look(&w, &p.id).await;
    assert_eq!(said(&well, "reach").0, "good");
    assert_eq!(said(&well, "state"), ("good", "ready", ""));
    assert_eq!(said(&well, "template"), ("good", "fits", "waybill-100x180"));
    assert_eq!(said(&well, "measured"), ("cannot_tell", "never", ""));
    assert_eq!(said(&well, "last"), ("cannot_tell", "none", ""));
    assert!(well.calibrates);
    w.printer.set_paper_out(true);
    assert_eq!(said(&look(&w, &p.id).await, "state"), ("wrong", "stopped", "paper_out"));
    w.printer.set_paper_out(false);
    for answers in [Answers::Mute, Answers::Garbage] {
        w.printer.set_answers(answers);
        assert_eq!(said(&look(&w, &p.id).await, "state"), ("cannot_tell", "cannot_tell", ""), "never good by accident");
    }
    w.printer.set_answers(Answers::All);

    let gone = SavePrinter { id: p.id.clone(), ..printer("tcp://127.0.0.1:9") };
    let gone: PrinterView = call(&w.owner, "printers.save", gone).await.unwrap();
    let report = look(&w, &gone.id).await;
    assert_eq!((said(&report, "reach").0, said(&report, "reach").1), ("wrong", "unreachable"));
    assert!(report.lines.iter().all(|l| l.what != "state"), "nobody who could say how it is");
    assert_eq!(said(&report, "family"), ("warn", "unknown", "tspl"));

    let narrow = SavePrinter { language: "cpcl".into(), family: "zebra-mobile-3".into(), ..set_up(&w, "cpcl", "") };
    let narrow: PrinterView = call(&w.owner, "printers.save", narrow).await.unwrap();
    assert_eq!(said(&look(&w, &narrow.id).await, "head"), ("wrong", "too_wide", "800 576"));
    let tiny = SavePrinter { width_mm: 30.0, height_mm: 20.0, ..set_up(&w, "tspl", "") };
    let tiny: PrinterView = call(&w.owner, "printers.save", tiny).await.unwrap();
    assert_eq!(said(&look(&w, &tiny.id).await, "template"), ("wrong", "none", "30 20"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_language_that_can_measures_its_stock_and_the_others_say_how() {
    let w = World::ready().await;
    for (language, can) in [("tspl", true), ("zpl", true), ("epl", true), ("cpcl", false), ("escpos", false)] {
        let p: PrinterView = call(&w.owner, "printers.save", set_up(&w, language, "")).await.unwrap();
        let before = w.printer.report();
        let done = call::<_, CalibrateDone>(&w.owner, "printers.calibrate", ById { id: p.id.clone() }).await;
        assert_eq!(look(&w, &p.id).await.calibrates, can, "{language}");
        if !can {
            assert_eq!(done.unwrap_err().detail, "no_calibration", "{language}");
            continue;
        }
        let done = done.unwrap();
        assert_eq!((done.outcome.as_str(), done.fits), ("sent", true), "{language}");
        // Only ZPL has a word for what was found.
        assert_eq!(done.measured_mm.map(f64::round), (language == "zpl").then_some(180.0), "{language}");
        let after = w.printer.report();
        assert_eq!(after.calibrations, before.calibrations + 1, "{language}: {:?}", after.complaints);
        assert_eq!((after.labels, &after.complaints), (before.labels, &before.complaints), "{language}");
    }
    assert!(w.log().await.iter().any(|r| r.action == "printer.calibrate" && !r.person.is_empty()), "a person's act");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_roll_stops_everything_before_it_costs_a_number() {
    let w = World::ready().await;
    let zpl = SavePrinter { default: true, ..set_up(&w, "zpl", "") };
    let p: PrinterView = call(&w.owner, "printers.save", zpl.clone()).await.unwrap();
    // 130 mm.
    w.printer.set_stock_length(1040);
    let done: CalibrateDone = call(&w.owner, "printers.calibrate", ById { id: p.id.clone() }).await.unwrap();
    assert_eq!((done.measured_mm.map(f64::round), done.fits), (Some(130.0), false));
    assert_eq!(said(&look(&w, &p.id).await, "measured"), ("wrong", "differs", "130 180"));
    let no = w.submit(order()).await.unwrap_err();
    assert_eq!((no.fields[0].field.as_str(), no.fields[0].code.as_str()), ("printer", "paper_mismatch"));
    assert_eq!(no.fields[0].detail, "130 180");
    let parcels = add(&w, (1..=2).map(new_order).collect()).await;
    let no = call::<_, BatchCheck>(&w.owner, "batches.check", ask(&parcels)).await.unwrap_err();
    assert_eq!(no.fields[0].code, "paper_mismatch");
    assert!(w.market.ledger().charged.is_empty(), "nothing was charged");
    assert!(w.printer.labels().is_empty());

    // The size of the roll is set up: what was measured is of another time. Calibrated again, it fits.
    let other = SavePrinter { id: p.id.clone(), height_mm: 130.0, width_mm: 76.0, ..zpl };
    let _: PrinterView = call(&w.owner, "printers.save", other).await.unwrap();
    assert_eq!(said(&look(&w, &p.id).await, "measured").1, "never");
    let done: CalibrateDone = call(&w.owner, "printers.calibrate", ById { id: p.id.clone() }).await.unwrap();
    assert!(done.fits);
    w.submit(order()).await.unwrap();
    w.printer.wait_for_labels(1, Duration::from_secs(5)).await.expect("now it prints");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_does_not_go_on_over_another_roll() {
    let w = World::ready().await;
    let zpl = SavePrinter { default: true, ..set_up(&w, "zpl", "") };
    let p: PrinterView = call(&w.owner, "printers.save", zpl).await.unwrap();
    w.printer.set_paper_left(Some(2));
    let parcels = add(&w, (1..=4).map(new_order).collect()).await;
    let b = start(&w, ask(&parcels)).await;
    let stopped = in_state(&w, &b.id, "stopped").await;
    let out = w.printer.labels().len();
    let good = stopped.items.iter().find(|i| i.nth as usize == out).unwrap().stamp.clone();
    w.printer.set_paper_out(false);
    w.printer.set_stock_length(1040);
    let _: CalibrateDone = call(&w.owner, "printers.calibrate", ById { id: p.id.clone() }).await.unwrap();
    let go_on = || ResumeBatch { id: b.id.clone(), last_good: good.clone() };
    let no = call::<_, BatchView>(&w.owner, "batches.resume", go_on()).await.unwrap_err();
    assert_eq!(no.fields[0].code, "paper_mismatch");
    assert_eq!(w.printer.labels().len(), out, "nothing was printed on it");
    w.printer.set_stock_length(1440);
    let _: CalibrateDone = call(&w.owner, "printers.calibrate", ById { id: p.id.clone() }).await.unwrap();
    let _: BatchView = call(&w.owner, "batches.resume", go_on()).await.unwrap();
    let done = in_state(&w, &b.id, "done").await;
    assert_eq!((done.sent, w.printer.labels().len()), (4, 4), "each label once");
}

#[tokio::test(flavor = "multi_thread")]
async fn labels_are_moved_and_darkened_and_nothing_is_fed_under_a_batch() {
    let w = World::ready().await;
    let all: Vec<PrinterView> = call(&w.owner, "printers.list", Nothing {}).await.unwrap();
    let id = all[0].id.clone();
    let adjust = AdjustPrinter { id: id.clone(), offset_x: -15, offset_y: 25, darkness: 11 };
    let p: PrinterView = call(&w.owner, "printers.adjust", adjust).await.unwrap();
    assert_eq!((p.offset_x, p.offset_y, p.darkness, p.default), (-15, 25, 11, true), "the rest stays");
    let far = AdjustPrinter { id: id.clone(), offset_x: 0, offset_y: 0, darkness: 16 };
    let no = call::<_, PrinterView>(&w.owner, "printers.adjust", far).await.unwrap_err();
    assert_eq!(no.fields[0].field, "darkness");
    // The ruler keeps its border on the paper, however far it is moved.
    let done: TestPrintDone = call(&w.owner, "printers.test", ById { id: id.clone() }).await.unwrap();
    assert_eq!(done.outcome, "sent");

    w.printer.set_label_time(Duration::from_millis(150));
    let back = AdjustPrinter { id: id.clone(), offset_x: 0, offset_y: 0, darkness: 8 };
    let _: PrinterView = call(&w.owner, "printers.adjust", back).await.unwrap();
    let parcels = add(&w, (1..=5).map(new_order).collect()).await;
    let b = start(&w, ask(&parcels)).await;
    let no = call::<_, CalibrateDone>(&w.owner, "printers.calibrate", ById { id: id.clone() }).await.unwrap_err();
    assert_eq!((no.code, no.detail), (Code::WrongState, b.name.clone()));
    let no = call::<_, TestPrintDone>(&w.owner, "printers.test", ById { id: id.clone() }).await.unwrap_err();
    assert_eq!((no.code, no.detail), (Code::WrongState, b.name.clone()), "nor is a test label put between its labels");
    assert_eq!(said(&look(&w, &id).await, "busy"), ("warn", "batch", b.name.as_str()));
    w.printer.set_label_time(Duration::ZERO);
    in_state(&w, &b.id, "done").await;
    assert_eq!(w.printer.report().calibrations, 0);
}
