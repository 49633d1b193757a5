//! Labels that the platform sealed, through the practice print component: which printer gets what, what the journal says
//! under every fault, and that nothing is printed a second time by machine.

use crate::world::*;
use desk::api::*;
use desk::{Code, Desk};
use domain::chance::{Chance, OsChance};
use sandbox::{COMPONENT_PRINTER, ComponentFault as F, PracticeComponent, PracticeComponentSettings};
use std::time::Duration;

/// The shop one of whose couriers gives nothing but sealed data, and that courier.
const TEA: &str = "青禾茶器";
const SEALED_ONLY: &str = "JT";

async fn component(port: u16) -> PracticeComponent {
    PracticeComponent::start(PracticeComponentSettings { port, folder: None }).await.unwrap()
}

fn component_printer(address: &str) -> SavePrinter {
    SavePrinter { name: "菜鸟组件".into(), default: false, ..printer(address) }
}

/// A shop whose courier seals everything; an ordinary printer and, if wanted, the component's.
async fn world(with_component: bool) -> (World, PracticeComponent) {
    let w = World::with_app(ANY_LOOPBACK).await;
    let grant = w.grant(TEA).await;
    w.make_default(&grant, SEALED_ONLY).await;
    w.add_printer(&w.printer.address()).await;
    let c = component(0).await;
    if with_component {
        let _: PrinterView = call(&w.owner, "printers.save", component_printer(&c.address())).await.unwrap();
    }
    (w, c)
}

async fn printer_named(w: &World, name: &str) -> PrinterView {
    let all: Vec<PrinterView> = call(&w.owner, "printers.list", Nothing {}).await.unwrap();
    all.into_iter().find(|p| p.name == name).unwrap()
}

fn reprint(parcel: &str, printer: &str) -> Reprint {
    Reprint {
        parcel: parcel.into(),
        reason: "jam".into(),
        note: String::new(),
        printer: printer.into(),
        submit_key: OsChance.hex(16),
    }
}

/// What the market gave for this number, as the component must get it.
fn sealed_of(command: &str) -> serde_json::Value {
    let v: serde_json::Value = serde_json::from_str(command).unwrap();
    v["task"]["documents"][0]["contents"][0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sealed_label_goes_to_the_component_and_is_sent_no_more() {
    let (w, c) = world(true).await;
    let p = w.submit(order()).await.unwrap();
    assert_eq!((p.row.waybill_state.as_str(), p.waybills[0].print_data.as_str()), ("issued", "encrypted"));
    assert_eq!((p.row.print_state.as_str(), p.row.evidence.as_str()), ("sent", "bytes_accepted"), "spooled, not seen");
    assert_eq!((p.row.attention.as_str(), p.may_reprint), ("", true));
    assert_eq!(p.prints[0].printer_name, "菜鸟组件", "not the default printer");
    let printed = c.printed();
    assert_eq!((printed.len(), w.printer.labels().len()), (1, 0));
    assert_eq!(
        (printed[0].document.as_str(), printed[0].task.as_str()),
        (p.row.number.as_str(), p.prints[0].id.as_str())
    );
    assert_eq!(p.prints[0].bytes, i64::try_from(printed[0].command.len()).unwrap(), "journalled is what left");
    // Sealed, and nothing of the person beside it.
    assert!(sealed_of(&printed[0].command)["encryptedData"].as_str().unwrap().starts_with("AES:"));
    for personal in [RECIPIENT, RECIPIENT_PHONE, "科华北路", "青禾仓库"] {
        assert!(!printed[0].command.contains(personal), "{personal}");
    }
    let actions: Vec<String> =
        w.log().await.into_iter().map(|r| r.action).filter(|a| a.starts_with("print.")).collect();
    assert_eq!(actions, ["print.sent", "print.sending", "print.rendered"], "newest first; as for every printer");
    // The attention list is empty, too: it is asked of the store by itself.
    let list = ListParcels { before: None, limit: 10, filter: "attention".into(), search: String::new() };
    let page: ParcelPage = call(&w.owner, "orders.list", list).await.unwrap();
    assert!(page.rows.is_empty(), "{:?}", page.rows);
    let seen: PrintView = call(&w.owner, "prints.confirm", ById { id: p.prints[0].id.clone() }).await.unwrap();
    assert_eq!(seen.state, "confirmed", "by a person");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_components_printer_the_number_waits_and_the_error_says_what_to_set_up() {
    let (w, c) = world(false).await;
    let p = w.submit(order()).await.unwrap();
    assert_eq!((p.row.attention.as_str(), p.may_reprint, p.prints.len()), ("component", false, 0));
    let err = call::<_, PrintView>(&w.owner, "prints.reprint", reprint(&p.row.id, "")).await.unwrap_err();
    assert_eq!((err.code, err.detail.as_str()), (Code::NeedsComponent, "cainiao"));
    assert!(err.hint.contains("cainiao://127.0.0.1:13528/"), "{}", err.hint);
    let list = ListParcels { before: None, limit: 10, filter: "attention".into(), search: String::new() };
    let page: ParcelPage = call(&w.owner, "orders.list", list).await.unwrap();
    assert_eq!(page.rows.len(), 1);
    // Set up, it is printed by a person's press: the number's first label, no reprint.
    let _: PrinterView = call(&w.owner, "printers.save", component_printer(&c.address())).await.unwrap();
    let p = w.show(&p.row.id).await;
    assert_eq!((p.row.attention.as_str(), p.may_reprint), ("failed", true), "it can be printed now");
    w.desk.tick().await;
    assert!(c.printed().is_empty(), "nothing goes out by itself");
    let job: PrintView = call(&w.owner, "prints.reprint", reprint(&p.row.id, "")).await.unwrap();
    assert_eq!((job.state.as_str(), job.copy), ("sent", 0));
    assert_eq!(c.printed().len(), 1);
    // Taken away again, the next one waits as before, also if an order names the printer that is gone.
    let gone = printer_named(&w, "菜鸟组件").await;
    let _: Done = call(&w.owner, "printers.remove", ById { id: gone.id.clone() }).await.unwrap();
    let q = w.submit(order()).await.unwrap();
    assert_eq!((q.row.attention.as_str(), q.may_reprint, q.prints.len()), ("component", false, 0));
    let err = call::<_, PrintView>(&w.owner, "prints.reprint", reprint(&q.row.id, &gone.id)).await.unwrap_err();
    assert_eq!(err.code, Code::NotFound);
    assert_eq!(c.printed().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reprint_is_a_task_of_its_own_and_the_log_says_that_the_paper_is_not_marked() {
    let (w, c) = world(true).await;
    let p = w.submit(order()).await.unwrap();
    let again: PrintView = call(&w.owner, "prints.reprint", reprint(&p.row.id, "")).await.unwrap();
    assert_eq!((again.copy, again.state.as_str()), (1, "sent"));
    let printed = c.printed();
    assert_eq!(printed.len(), 2);
    assert_ne!(printed[0].task, printed[1].task);
    assert_eq!(sealed_of(&printed[0].command), sealed_of(&printed[1].command), "the platform's label, unchanged");
    let log = w.log().await.into_iter().find(|r| r.action == "print.reprint").unwrap();
    assert!(log.detail.contains("copy=1") && log.detail.ends_with("mark=none"), "{}", log.detail);
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_labels_never_go_there_and_sealed_ones_nowhere_else() {
    let (w, c) = world(true).await;
    let sealed = w.submit(order()).await.unwrap();
    let plain_printer = printer_named(&w, "练习打印机").await;
    let component_printer = printer_named(&w, "菜鸟组件").await;
    let err = call::<_, PrintView>(&w.owner, "prints.reprint", reprint(&sealed.row.id, &plain_printer.id)).await;
    assert_eq!(err.unwrap_err().code, Code::NeedsComponent);
    let err = call::<_, TestPrintDone>(&w.owner, "printers.test", ById { id: component_printer.id.clone() }).await;
    assert_eq!(err.unwrap_err().code, Code::ComponentOnly, "the test label is ours");
    // A courier of the same shop that gives plain data, with the component's printer chosen for the order.
    let grants: Vec<GrantView> = call(&w.owner, "accounts.list", Nothing {}).await.unwrap();
    let zto = grants[0].couriers.iter().find(|c| c.code == "ZTO").unwrap();
    w.fill_details(zto).await;
    let chosen = SubmitOrder { courier: zto.id.clone(), printer: component_printer.id.clone(), ..order() };
    let plain = w.submit(chosen).await.unwrap();
    assert_eq!((plain.waybills[0].print_data.as_str(), plain.prints[0].printer_name.as_str()), ("plain", "练习打印机"));
    assert_eq!((w.printer.labels().len(), c.printed().len()), (1, 1));
    let err = call::<_, PrintView>(&w.owner, "prints.reprint", reprint(&plain.row.id, &component_printer.id)).await;
    assert_eq!(err.unwrap_err().code, Code::ComponentOnly);
    // With no other printer left it fails in words, and never at the component.
    let _: Done = call(&w.owner, "printers.remove", ById { id: plain_printer.id }).await.unwrap();
    let chosen = SubmitOrder { courier: zto.id.clone(), printer: component_printer.id, ..order() };
    let failed = w.submit(chosen).await.unwrap();
    assert_eq!((failed.row.waybill_state.as_str(), failed.row.print_state.as_str()), ("issued", "failed"));
    assert!(failed.prints[0].trouble.contains("only labels that the platform sealed"), "{}", failed.prints[0].trouble);
    assert_eq!(c.commands(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desk_with_nothing_but_the_component_works() {
    let w = World::with_app(ANY_LOOPBACK).await;
    let grant = w.grant(TEA).await;
    w.make_default(&grant, SEALED_ONLY).await;
    let c = component(0).await;
    let _: PrinterView = call(&w.owner, "printers.save", component_printer(&c.address())).await.unwrap();
    let p = w.submit(order()).await.unwrap();
    assert_eq!((p.row.print_state.as_str(), c.printed().len()), ("sent", 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_the_end_open_is_doubtful_and_never_printed_again_by_machine() {
    for (fault, on_paper, words) in [
        (F::CloseBefore, 0, "closed the connection"),
        (F::CloseAfter, 1, "closed the connection"),
        (F::BreakAfterDrawing, 0, "it had drawn the label"),
        (F::FailPrinting, 0, "spooler: access denied"),
        (F::SaysBoth, 1, "both printed and failed"),
        (F::Flood, 1, "talks without end"),
    ] {
        let (w, c) = world(true).await;
        c.add_fault(fault.clone());
        let p = w.submit(order()).await.unwrap();
        assert_eq!((p.row.print_state.as_str(), p.row.attention.as_str()), ("doubtful", "doubtful"), "{fault:?}");
        assert!(p.prints[0].trouble.contains(words), "{fault:?}: {}", p.prints[0].trouble);
        assert_eq!(p.prints[0].accepted, p.prints[0].bytes, "{fault:?}");
        for _ in 0..5 {
            w.clock.advance(Duration::from_secs(61));
            w.desk.tick().await;
        }
        assert_eq!((c.commands(), c.printed().len()), (1, on_paper), "{fault:?}");
        // A person decides; their reprint goes through.
        let again: PrintView = call(&w.owner, "prints.reprint", reprint(&p.row.id, "")).await.unwrap();
        assert_eq!((again.state.as_str(), again.copy), ("sent", 1), "{fault:?}");
        assert_eq!(c.printed().len(), on_paper + 1, "{fault:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_that_is_not_there_gets_the_same_task_when_it_is_back() {
    let (w, c) = world(true).await;
    let port = c.port();
    c.stop().await;
    let p = w.submit(order()).await.unwrap();
    assert_eq!((p.row.waybill_state.as_str(), p.row.print_state.as_str()), ("issued", "queued"));
    assert!(p.prints[0].trouble.contains("start 菜鸟打印组件"), "{}", p.prints[0].trouble);
    let view = printer_named(&w, "菜鸟组件").await;
    let state: PrinterState = call(&w.owner, "printers.state", ById { id: view.id.clone() }).await.unwrap();
    assert_eq!(state.state, "unreachable");
    assert!(state.reason.contains("start 菜鸟打印组件"), "{}", state.reason);
    let c = component(port).await;
    w.clock.advance(Duration::from_secs(5));
    w.desk.tick().await;
    let p = w.show(&p.row.id).await;
    assert_eq!((p.row.print_state.as_str(), p.prints.len(), c.printed().len()), ("sent", 1, 1), "the same job");
    assert_eq!(c.printed()[0].task, p.prints[0].id);
    let state: PrinterState = call(&w.owner, "printers.state", ById { id: view.id }).await.unwrap();
    assert_eq!(state.state, "ready");
    c.set_enabled(COMPONENT_PRINTER, false);
    let q = w.submit(order()).await.unwrap();
    assert_eq!(q.row.print_state, "queued");
    assert!(q.prints[0].trouble.contains("disabled"), "{}", q.prints[0].trouble);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clear_no_is_tried_again_while_the_press_lives_and_then_a_person_decides() {
    let (w, c) = world(true).await;
    for _ in 0..50 {
        c.add_fault(F::FailDrawing);
    }
    let p = w.submit(order()).await.unwrap();
    assert_eq!(p.row.print_state, "queued");
    assert!(p.prints[0].trouble.contains("Unknown encryption type."), "{}", p.prints[0].trouble);
    for _ in 0..12 {
        w.clock.advance(Duration::from_secs(61));
        w.desk.tick().await;
    }
    let p = w.show(&p.row.id).await;
    assert_eq!((p.row.print_state.as_str(), c.printed().len()), ("failed", 0));
    let known: std::collections::HashSet<String> = p.prints.iter().map(|j| j.id.clone()).collect();
    assert_eq!(known.len(), 1, "always the same job");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_while_the_component_has_it_is_doubt_after_the_restart() {
    let (w, c) = world(true).await;
    c.add_fault(F::Late { ms: 60_000 });
    let door = w.desk.door(desk::Place::Terminal, "second");
    let _: LoginDone =
        call(&door, "session.login", Login { name: OWNER.into(), password: OWNER_PASSWORD.into() }).await.unwrap();
    let pressed = tokio::spawn(async move { call::<_, ParcelView>(&door, "orders.submit", order()).await });
    for _ in 0..1_000 {
        if c.commands() == 1 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(c.commands(), 1, "the component has it");
    // As a cut of the mains would leave the folder: a copy of it, opened by a new desk.
    let (from, to) = (w.dir.path().join("desk"), w.dir.path().join("after"));
    std::fs::create_dir(&to).unwrap();
    for entry in std::fs::read_dir(&from).unwrap() {
        let path = entry.unwrap().path();
        let wanted = path
            .file_name()
            .unwrap()
            .to_str()
            .is_some_and(|n| n.starts_with("desk.db") || n.starts_with("key") || n == "folder.kind");
        if wanted {
            std::fs::copy(&path, to.join(path.file_name().unwrap())).unwrap();
        }
    }
    let desk = Desk::open(setup(&to, &w.market.base(), w.clock.clone(), w.face.clone())).await.unwrap();
    let owner = desk.door(desk::Place::Terminal, "test");
    let _: LoginDone =
        call(&owner, "session.login", Login { name: OWNER.into(), password: OWNER_PASSWORD.into() }).await.unwrap();
    desk.tick().await;
    let list = ListParcels { before: None, limit: 10, filter: "attention".into(), search: String::new() };
    let page: ParcelPage = call(&owner, "orders.list", list).await.unwrap();
    assert_eq!(page.rows[0].print_state, "doubtful");
    assert_eq!(c.commands(), 1, "and nothing was sent again");
    pressed.abort();
    desk.close().await;
}

async fn waiting(w: &World, n: usize) -> Vec<String> {
    let orders = (1..=n)
        .map(|i| NewOrder {
            submit_key: OsChance.hex(16),
            reference: format!("TEA-{i:03}"),
            recipient: WireContact { name: format!("收件{i}号"), ..order().recipient },
            goods: vec![WireGoods { name: format!("茶叶 {i}"), count: 1 }],
            remark: String::new(),
            weight_g: Some(500),
        })
        .collect();
    let added: AddedOrders = call(&w.owner, "orders.add", AddOrders { orders }).await.unwrap();
    added.rows.into_iter().map(|r| r.parcel).collect()
}

async fn start_batch(w: &World, parcels: &[String]) -> BatchView {
    let ask = AskBatch {
        parcels: parcels.to_vec(),
        courier: String::new(),
        printer: String::new(),
        template: String::new(),
        despite_twin: vec![],
    };
    call(&w.owner, "batches.start", StartBatch { submit_key: OsChance.hex(16), ask }).await.unwrap()
}

async fn batch_at_rest(w: &World, id: &str) -> BatchView {
    for _ in 0..4_000 {
        let b: BatchView = call(&w.owner, "batches.show", ById { id: id.into() }).await.unwrap();
        if b.state != "running" {
            return b;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("the batch never came to rest");
}

async fn resume(w: &World, id: &str, last_good: &str) -> BatchView {
    let _: BatchView =
        call(&w.owner, "batches.resume", ResumeBatch { id: id.into(), last_good: last_good.into() }).await.unwrap();
    batch_at_rest(w, id).await
}

/// Numbers on the component's paper, in order.
fn on_paper(c: &PracticeComponent) -> Vec<String> {
    c.printed().into_iter().map(|d| d.document).collect()
}

fn numbers(b: &BatchView) -> Vec<String> {
    b.items.iter().map(|i| i.number.clone()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_prints_sealed_labels_at_the_component_in_the_order_on_screen() {
    let (w, c) = world(true).await;
    let parcels = waiting(&w, 12).await;
    let b = start_batch(&w, &parcels).await;
    let b = batch_at_rest(&w, &b.id).await;
    assert_eq!((b.state.as_str(), b.sent, b.aside), ("done", 12, 0), "{b:?}");
    assert_eq!(on_paper(&c), numbers(&b), "paper = screen");
    assert!(w.printer.labels().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_without_the_component_puts_them_aside_and_takes_them_back_when_it_is_set_up() {
    let (w, c) = world(false).await;
    let parcels = waiting(&w, 3).await;
    let b = start_batch(&w, &parcels).await;
    let b = batch_at_rest(&w, &b.id).await;
    assert_eq!((b.state.as_str(), b.trouble.as_str()), ("paused", "aside_left"));
    assert!(b.items.iter().all(|i| i.aside == "component" && !i.number.is_empty()), "{b:?}");
    let _: PrinterView = call(&w.owner, "printers.save", component_printer(&c.address())).await.unwrap();
    let b = resume(&w, &b.id, "").await;
    assert_eq!((b.state.as_str(), b.sent), ("done", 3), "{b:?}");
    assert_eq!(on_paper(&c), numbers(&b));
    assert_eq!(w.market.ledger().charged.len(), 3, "no number was taken twice");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_stops_where_the_component_leaves_the_end_open_and_prints_nothing_twice() {
    let (w, c) = world(true).await;
    let parcels = waiting(&w, 5).await;
    for _ in 0..3 {
        // The first three go well: a fault that changes nothing.
        c.add_fault(F::Twice);
    }
    c.add_fault(F::CloseAfter);
    let b = start_batch(&w, &parcels).await;
    let b = batch_at_rest(&w, &b.id).await;
    assert_eq!((b.state.as_str(), b.trouble.as_str(), b.sent), ("stopped", "doubtful", 4), "{b:?}");
    assert_eq!(c.printed().len(), 4, "the fourth came out, which nobody said");
    // The person sees it and says so; it is not printed again.
    let fourth = b.items[3].number.clone();
    let b = resume(&w, &b.id, &fourth).await;
    assert_eq!(b.state, "done", "{b:?}");
    assert_eq!(on_paper(&c), numbers(&b), "each once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_with_a_few_sealed_ones_sends_each_where_it_belongs_and_stops_when_the_component_is_off() {
    let w = World::ready().await;
    let c = component(0).await;
    let port = c.port();
    let _: PrinterView = call(&w.owner, "printers.save", component_printer(&c.address())).await.unwrap();
    c.stop().await;
    // Ten numbers are asked for in one call: these are sealed, the other four are plain.
    let parcels = waiting(&w, 14).await;
    w.market.faults().add(sandbox::FaultPlan::once("cainiao.waybill.ii.get", sandbox::Fault::Encrypted));
    let b = start_batch(&w, &parcels).await;
    let b = batch_at_rest(&w, &b.id).await;
    assert_eq!((b.state.as_str(), b.trouble.as_str(), b.sent), ("stopped", "printer", 0), "{b:?}");
    assert!(b.detail.contains("start 菜鸟打印组件"), "{}", b.detail);
    let c = component(port).await;
    let b = resume(&w, &b.id, "").await;
    assert_eq!((b.state.as_str(), b.sent), ("done", 14), "{b:?}");
    assert_eq!(on_paper(&c), numbers(&b)[..10], "each once, in the order on screen");
    assert_eq!(w.printer.labels().len(), 4, "and the plain ones on the batch's own printer");
}
