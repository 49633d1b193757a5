//! Which printer an order goes to that names none, who stands in, and that nobody does without the owner's word.

use crate::batches::{add, ask, in_state, new_order, start};
use crate::world::*;
use desk::api::*;
use domain::units::Dpi;
use sandbox::{Answers, PracticePrinter, PracticePrinterSettings};
use std::time::Duration;

async fn another() -> PracticePrinter {
    let settings = PracticePrinterSettings { port: 0, folder: None, dpi: Dpi::D203, answers: Answers::All };
    PracticePrinter::start(settings).await.unwrap()
}

/// A second printer beside the default one.
async fn second(w: &World, at: &PracticePrinter) -> PrinterView {
    let save = SavePrinter { name: "二号台".into(), default: false, ..printer(&at.address()) };
    call(&w.owner, "printers.save", save).await.unwrap()
}

async fn first(w: &World) -> PrinterView {
    let all: Vec<PrinterView> = call(&w.owner, "printers.list", Nothing {}).await.unwrap();
    all.into_iter().find(|p| p.default).unwrap()
}

fn rule(courier: &str, printer: &PrinterView) -> NewRule {
    NewRule {
        courier_code: courier.into(),
        template: String::new(),
        station: String::new(),
        printer: printer.id.clone(),
        stand_in: String::new(),
    }
}

async fn save(w: &World, rules: Vec<NewRule>) {
    let _: Done = call(&w.owner, "rules.save", SaveRules { rules }).await.unwrap();
}

async fn trial(w: &World, courier: &str, template: &str, station: &str) -> RuleTrial {
    let ask = TryRules { courier_code: courier.into(), template: template.into(), station: station.into() };
    call(&w.owner, "rules.try", ask).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_rule_that_fits_wins_and_a_dry_run_says_why() {
    let w = World::ready().await;
    let other = another().await;
    let (one, two) = (first(&w).await, second(&w, &other).await);
    assert_eq!((trial(&w, "ZTO", "", "").await.rule, trial(&w, "ZTO", "", "").await.printer), (0, one.id.clone()));
    save(
        &w,
        vec![
            NewRule { station: "库房".into(), ..rule("ZTO", &one) },
            NewRule { template: "waybill-76x130".into(), ..rule("", &two) },
            rule("ZTO", &two),
            rule("", &one),
        ],
    )
    .await;
    for (courier, template, station, rule, printer, why) in [
        ("ZTO", "", "库房", 1, &one, vec![""]),
        ("ZTO", "", "", 3, &two, vec!["station", "template", ""]),
        ("SF", "waybill-76x130", "", 2, &two, vec!["courier", ""]),
        ("SF", "", "", 4, &one, vec!["courier", "template", "courier", ""]),
    ] {
        let t = trial(&w, courier, template, station).await;
        assert_eq!((t.rule, &t.printer), (rule, &printer.id), "{courier} {template} {station}: {t:?}");
        assert_eq!(t.why.iter().map(|w| w.because.as_str()).collect::<Vec<_>>(), why);
    }
    // The real thing does what the dry run said.
    w.submit(order()).await.unwrap();
    other.wait_for_labels(1, Duration::from_secs(5)).await.expect("ZTO goes to the second");
    let named = SubmitOrder { printer: one.id.clone(), ..order() };
    w.submit(named).await.unwrap();
    assert_eq!(w.printer.wait_for_labels(1, Duration::from_secs(5)).await.unwrap().len(), 1, "whoever is named prints");
    let _: Done = call(&w.owner, "printers.remove", ById { id: two.id.clone() }).await.unwrap();
    let t = trial(&w, "ZTO", "", "").await;
    assert_eq!((t.rule, t.why[2].because.as_str()), (4, "printer_gone"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stand_in_prints_only_where_the_owner_allowed_it_and_the_trouble_is_certain() {
    let w = World::ready().await;
    let other = another().await;
    let (one, two) = (first(&w).await, second(&w, &other).await);
    let allowed = || NewRule { stand_in: two.id.clone(), ..rule("ZTO", &one) };

    // Not allowed: the label waits for its own printer.
    save(&w, vec![rule("ZTO", &one)]).await;
    w.printer.set_paper_out(true);
    assert_eq!(trial(&w, "ZTO", "", "").await.printer, one.id);
    save(&w, vec![allowed()]).await;
    let t = trial(&w, "ZTO", "", "").await;
    assert_eq!((&t.printer, t.instead_of.as_str(), t.trouble.as_str()), (&two.id, one.name.as_str(), "paper_out"));

    // A printer that does not say how it is, is not passed over.
    for answers in [Answers::Mute, Answers::Garbage] {
        w.printer.set_answers(answers);
        let t = trial(&w, "ZTO", "", "").await;
        assert_eq!((&t.printer, t.stays.as_str()), (&one.id, "not_needed"), "{answers:?}");
    }
    w.printer.set_answers(Answers::All);
    other.set_head_open(true);
    assert_eq!(trial(&w, "ZTO", "", "").await.stays, "no_better");
    other.set_head_open(false);
    let narrow = SavePrinter {
        id: two.id.clone(),
        name: "二号台".into(),
        default: false,
        width_mm: 76.0,
        height_mm: 130.0,
        ..printer(&other.address())
    };
    let _: PrinterView = call(&w.owner, "printers.save", narrow.clone()).await.unwrap();
    assert_eq!(trial(&w, "ZTO", "", "").await.stays, "other_paper");
    let _: PrinterView =
        call(&w.owner, "printers.save", SavePrinter { width_mm: 100.0, height_mm: 180.0, ..narrow.clone() })
            .await
            .unwrap();

    // A stand-in whose roll is another one than is set up is none.
    let zpl = |more: SavePrinter| SavePrinter { language: "zpl".into(), ..more };
    let as_before = || SavePrinter { width_mm: 100.0, height_mm: 180.0, ..narrow.clone() };
    let _: PrinterView = call(&w.owner, "printers.save", zpl(as_before())).await.unwrap();
    for (length, stays) in [(1040, "other_paper"), (1440, "")] {
        other.set_stock_length(length);
        let _: CalibrateDone = call(&w.owner, "printers.calibrate", ById { id: two.id.clone() }).await.unwrap();
        assert_eq!(trial(&w, "ZTO", "", "").await.stays, stays, "{length} dots");
    }
    let _: PrinterView = call(&w.owner, "printers.save", as_before()).await.unwrap();

    // An order, and its trail says so.
    let parcel = w.submit(order()).await.unwrap();
    other.wait_for_labels(1, Duration::from_secs(5)).await.expect("the stand-in prints it");
    let shown = w.show(&parcel.row.id).await;
    assert_eq!(shown.prints[0].printer, two.id);
    let line = shown.trail.iter().find(|l| l.action == "printer.stand_in").expect("its trail says so");
    assert!(line.detail.contains(&one.name) && line.detail.contains("paper_out"), "{line:?}");

    // A batch, and its strip says so.
    let parcels = add(&w, (1..=3).map(new_order).collect()).await;
    let check: BatchCheck = call(&w.owner, "batches.check", ask(&parcels)).await.unwrap();
    assert_eq!((check.printer.id.as_str(), check.instead_of.as_str()), (two.id.as_str(), one.name.as_str()));
    let b = start(&w, ask(&parcels)).await;
    let b = in_state(&w, &b.id, "done").await;
    assert_eq!((b.printer_name.as_str(), b.instead_of.as_str()), ("二号台", one.name.as_str()));
    assert_eq!(other.labels().len(), 4);

    // Mended: its own printer again.
    w.printer.set_paper_out(false);
    let t = trial(&w, "ZTO", "", "").await;
    assert_eq!((&t.printer, t.stays.as_str()), (&one.id, "not_needed"));
    assert!(w.printer.labels().is_empty(), "nothing came out of the first");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_rule_keeps_the_list_as_it_was_and_is_named() {
    let w = World::ready().await;
    let one = first(&w).await;
    save(&w, vec![rule("ZTO", &one)]).await;
    for (wrong, field) in [
        (NewRule { printer: "nobody".into(), ..rule("", &one) }, "rules[1].printer"),
        (NewRule { stand_in: "nobody".into(), ..rule("", &one) }, "rules[1].stand_in"),
        (NewRule { stand_in: one.id.clone(), ..rule("", &one) }, "rules[1].stand_in"),
        (NewRule { template: "nobody's".into(), ..rule("", &one) }, "rules[1].template"),
        (NewRule { station: "库".repeat(61), ..rule("", &one) }, "rules[1].station"),
    ] {
        let both = SaveRules { rules: vec![rule("SF", &one), wrong] };
        let no = call::<_, Done>(&w.owner, "rules.save", both).await.unwrap_err();
        assert_eq!(no.fields[0].field, field);
        let kept: Vec<RuleView> = call(&w.owner, "rules.list", Nothing {}).await.unwrap();
        assert_eq!(kept.iter().map(|r| r.courier_code.as_str()).collect::<Vec<_>>(), ["ZTO"], "{field}");
    }
}
