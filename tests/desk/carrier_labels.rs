//! Labels that carriers made: read for the printer that is there, checked, journalled, printed once, made again with a reason.

use crate::world::*;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use desk::api::*;
use desk::{ApiError, Code, Door, Place};
use domain::chance::{Chance, OsChance};
use sandbox::{PrintedLabel, PrinterFault, PrinterFaultKind};
use std::time::Duration;

const NUMBERS: [&str; 3] = ["9405511899223100012340", "9405511899223100012357", "9405511899223100012364"];

fn file(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/../../tests/carrier-labels/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn press(name: &str, page: u32, tracking: &str) -> PrintCarrierLabel {
    PrintCarrierLabel {
        name: name.to_owned(),
        file_base64: STANDARD.encode(file(name)),
        page,
        printer: String::new(),
        tracking: tracking.to_owned(),
        unread: false,
        submit_key: OsChance.hex(16),
    }
}

async fn print(door: &Door, ask: PrintCarrierLabel) -> Result<CarrierLabelView, ApiError> {
    call(door, "carrier_labels.print", ask).await
}

async fn look(w: &World, name: &str, page: u32, tracking: &str) -> Result<CarrierLabelReading, ApiError> {
    let ask = ReadCarrierLabel {
        file_base64: STANDARD.encode(file(name)),
        page,
        printer: String::new(),
        tracking: tracking.to_owned(),
    };
    call(&w.owner, "carrier_labels.read", ask).await
}

async fn labels(w: &World) -> Vec<CarrierLabelView> {
    let all: CarrierLabelList = call(&w.owner, "carrier_labels.list", Nothing {}).await.unwrap();
    all.rows
}

async fn printed(w: &World, n: usize) -> Vec<PrintedLabel> {
    let labels = w.printer.wait_for_labels(n, Duration::from_secs(10)).await.expect("it comes out");
    w.desk.tick().await;
    labels
}

fn field(e: &ApiError) -> (&str, &str) {
    e.fields.first().map(|f| (f.field.as_str(), f.code.as_str())).unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_page_of_a_carriers_file_comes_out_once_as_it_was_seen() {
    let w = World::ready().await;
    for (page, number) in (1..).zip(NUMBERS) {
        let seen = look(&w, "pdf/pages.pdf", page, number).await.unwrap();
        assert_eq!((seen.kind.as_str(), seen.pages, seen.verdict.as_str()), ("PDF", 3, "matches"));
        assert!(seen.known.is_none());
        let label = print(&w.owner, press("pdf/pages.pdf", page, number)).await.unwrap();
        assert_eq!((label.tracking.as_str(), label.checked.as_str(), label.by.as_str()), (number, "matches", OWNER));
        let out = printed(&w, page as usize).await;
        let png = STANDARD.decode(&seen.picture.png_base64).unwrap();
        assert_eq!(png, label::preview_png(&out[page as usize - 1].raster), "dot for dot what was looked at");
    }
    assert!(labels(&w).await.iter().all(|l| l.prints.len() == 1 && l.prints[0].state == "confirmed"));
    // The page again, from another press and under another name: it is known.
    let mut again = press("pdf/pages.pdf", 2, NUMBERS[1]);
    again.name = "copy of it.pdf".into();
    let known = print(&w.owner, again).await.unwrap_err();
    assert_eq!((known.code, known.detail.as_str()), (Code::WrongState, "carrier_label_known"));
    let seen = look(&w, "pdf/pages.pdf", 2, "").await.unwrap();
    assert_eq!(seen.known.map(|k| k.tracking).as_deref(), Some(NUMBERS[1]));
    assert_eq!((w.printer.labels().len(), labels(&w).await.len()), (3, 3));
    // One journal: it lies among the last labels of its printer and in the day's counts.
    let printers: Vec<PrinterView> = call(&w.owner, "printers.list", Nothing {}).await.unwrap();
    let last: PrintPage = call(&w.owner, "printers.labels", ById { id: printers[0].id.clone() }).await.unwrap();
    assert_eq!(last.rows.iter().map(|p| p.number.as_str()).collect::<Vec<_>>(), [NUMBERS[2], NUMBERS[1], NUMBERS[0]]);
    let shown: Picture = call(&w.owner, "prints.picture", ById { id: last.rows[0].id.clone() }).await.unwrap();
    assert_eq!(STANDARD.decode(&shown.png_base64).unwrap(), label::preview_png(&w.printer.labels()[2].raster));
    let today: Vec<DayCount> = call(&w.owner, "prints.today", Nothing {}).await.unwrap();
    assert_eq!((today[0].courier_code.as_str(), today[0].sent), ("", 3));
    let log: Vec<String> = w.log().await.into_iter().map(|l| l.action).collect();
    assert_eq!(log.iter().filter(|a| *a == "carrier_label.print").count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_zebra_label_prints_on_a_tspl_printer_and_again_with_a_reason() {
    let w = World::ready().await;
    let label = print(&w.owner, press("zpl/national.zpl", 1, "")).await.unwrap();
    assert_eq!((label.kind.as_str(), label.checked.as_str()), ("ZPL", "not_compared"));
    assert_eq!(label.tracking, "GB004217788FR", "what the bars most likely mean");
    printed(&w, 1).await;
    let ask = |reason: &str, note: &str| ReprintCarrierLabel {
        id: label.id.clone(),
        printer: String::new(),
        reason: reason.into(),
        note: note.into(),
        submit_key: OsChance.hex(16),
    };
    let why = call::<_, CarrierLabelView>(&w.owner, "carrier_labels.reprint", ask("", "")).await.unwrap_err();
    assert_eq!(field(&why), ("reason", "required"));
    let press = ask("blurred", "");
    let again: CarrierLabelView = call(&w.owner, "carrier_labels.reprint", press.clone()).await.unwrap();
    let twice: CarrierLabelView = call(&w.owner, "carrier_labels.reprint", press).await.unwrap();
    assert_eq!((again.prints.len(), twice.prints.len()), (2, 2), "one press, one copy");
    let out = printed(&w, 2).await;
    assert_eq!(out[0].raster, out[1].raster, "the same label");
    let copies: Vec<_> = labels(&w).await[0].prints.iter().map(|p| (p.copy, p.reason.clone())).collect();
    assert_eq!(copies, [(0, String::new()), (1, "blurred".into())]);
    // A file fetched again has other bytes, but the number is known.
    let mut fetched = press_of_bytes([file("zpl/national.zpl"), b"\n^FX fetched again\n".to_vec()].concat());
    let known = print(&w.owner, fetched.clone()).await.unwrap_err();
    assert_eq!(known.detail, "carrier_label_known");
    fetched.tracking = "GB004217788FR".into();
    assert_eq!(print(&w.owner, fetched).await.unwrap_err().detail, "carrier_label_known");
}

#[tokio::test(flavor = "multi_thread")]
async fn pieces_that_bear_one_number_are_each_printed() {
    let w = World::ready().await;
    let piece = |n: u32, number: &str| {
        format!("^XA^PW609^LL406^BY2^FO20,200^BCN,100,Y,N,N,A^FD{number}^FS^FO20,30^A0N,50,50^FDPIECE {n} OF 2^FS^XZ\n")
    };
    // A label and the carrier's own copy in one file; two pieces, one file each, with bars of nobody's form.
    let both = ["1ZA12345E020527168", "SHIPMENT00420042"];
    for (number, files) in [
        (both[0], vec![(piece(1, both[0]) + &piece(2, both[0]), vec![1, 2])]),
        (both[1], vec![(piece(1, both[1]), vec![1]), (piece(2, both[1]), vec![1])]),
    ] {
        for (text, pages) in files {
            for page in pages {
                let ask = PrintCarrierLabel { page, ..press_of_bytes(text.clone().into_bytes()) };
                let label = print(&w.owner, ask).await.unwrap();
                assert_eq!(label.tracking, number);
            }
        }
    }
    printed(&w, 4).await;
}

fn press_of_bytes(bytes: Vec<u8>) -> PrintCarrierLabel {
    PrintCarrierLabel { file_base64: STANDARD.encode(bytes), name: "x".into(), ..press("zpl/national.zpl", 1, "") }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_say_its_number_or_cannot_be_read_is_not_printed() {
    let w = World::ready().await;
    let other = print(&w.owner, press("pdf/pages.pdf", 1, NUMBERS[1])).await.unwrap_err();
    assert_eq!((other.code, field(&other)), (Code::CarrierLabelRefused, ("tracking", "other_number")));
    assert!(other.fields[0].detail.contains(NUMBERS[0]), "it says what the bars say");
    assert_eq!(look(&w, "pdf/pages.pdf", 1, NUMBERS[1]).await.unwrap().verdict, "other_number");
    let locked = look(&w, "pdf/locked.pdf", 1, "").await.unwrap_err();
    assert_eq!(field(&locked), ("file", "encrypted"));
    assert!(!locked.hint.is_empty());
    assert_eq!(field(&look(&w, "pdf/pages.pdf", 9, "").await.unwrap_err()), ("file", "no_such_page"));
    let mut cut = press("pdf/pages.pdf", 1, "");
    cut.file_base64 = "not base64!".into();
    assert_eq!(field(&print(&w.owner, cut).await.unwrap_err()), ("file", "broken"));
    let mut maxi = press_of_bytes(b"^XA^FO9,9^BD^FD123^FS^FO9,300^A0N,40,40^FDUPS^FS^XZ".to_vec());
    let unknown = print(&w.owner, maxi.clone()).await.unwrap_err();
    assert_eq!((field(&unknown), unknown.fields[0].detail.as_str()), (("file", "not_drawn"), "^BD"));
    // Nothing to read on it: only when somebody says that it may go.
    maxi.file_base64 = STANDARD.encode(b"^XA^FO9,300^A0N,40,40^FDHANDLE WITH CARE^FS^XZ");
    assert_eq!(field(&print(&w.owner, maxi.clone()).await.unwrap_err()), ("tracking", "unreadable"));
    let told = print(&w.owner, PrintCarrierLabel { unread: true, ..maxi }).await.unwrap();
    assert_eq!((told.checked.as_str(), told.tracking.as_str()), ("unreadable", ""));
    printed(&w, 1).await;
    assert_eq!(labels(&w).await.len(), 1, "and nothing else was kept");
    let log = w.log().await;
    assert!(log.iter().any(|l| l.action == "carrier_label.print" && l.detail.contains("checked=unreadable")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_that_is_away_gets_it_when_it_is_back_and_one_that_breaks_off_leaves_a_doubt() {
    let w = World::ready().await;
    let reset = PrinterFault { kind: PrinterFaultKind::Reset, at_byte: 900, once: false, after_labels: 0 };
    w.printer.add_fault(reset);
    let label = print(&w.owner, press("pdf/pages.pdf", 1, NUMBERS[0])).await.unwrap();
    let job = &label.prints[0];
    assert_eq!(job.state, "doubtful", "{}", job.trouble);
    w.printer.clear_faults();
    w.desk.tick().await;
    assert_eq!(w.printer.labels().len(), 0, "no machine prints it again");
    let seen: PrintView = call(&w.owner, "prints.confirm", ById { id: job.id.clone() }).await.unwrap();
    assert_eq!((seen.state.as_str(), seen.evidence.as_str()), ("confirmed", "person"));
    assert_eq!(seen.carrier_label, label.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn staff_do_not_print_and_a_clerks_copies_end() {
    let w = World::ready().await;
    let add = |name: &str, role: &str| add_person(name, role, "quiet-lantern-42");
    let _: PersonView = call(&w.owner, "people.add", add("小陈", "clerk")).await.unwrap();
    let door = w.desk.door(Place::Window, "test");
    let login = Login { name: "小陈".into(), password: "quiet-lantern-42".into() };
    let _: LoginDone = call(&door, "session.login", login).await.unwrap();
    let label = print(&door, press("zpl/turned.zpl", 1, "")).await.unwrap();
    assert_eq!((label.reprints_left, label.by.as_str()), (Some(3), "小陈"));
    printed(&w, 1).await;
    let ask = || ReprintCarrierLabel {
        id: label.id.clone(),
        printer: String::new(),
        reason: "jam".into(),
        note: String::new(),
        submit_key: OsChance.hex(16),
    };
    for copy in 1..=3 {
        let _: CarrierLabelView = call(&door, "carrier_labels.reprint", ask()).await.unwrap();
        printed(&w, 1 + copy).await;
    }
    let no = call::<_, CarrierLabelView>(&door, "carrier_labels.reprint", ask()).await.unwrap_err();
    assert_eq!((no.code, no.detail.as_str()), (Code::NotAllowed, "reprint_more"));
    assert_eq!(w.printer.labels().len(), 4);
}
