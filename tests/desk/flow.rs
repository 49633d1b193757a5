//! The main job, and what must hold around it.

use crate::world::*;
use desk::api::*;
use desk::{Code, Place};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn a_submitted_order_becomes_one_number_and_one_label() {
    let w = World::ready().await;
    let p = w.submit(order()).await.unwrap();
    assert_eq!(p.row.waybill_state, "issued");
    assert!(matches!(p.row.print_state.as_str(), "sent" | "confirmed"), "{:?}", p.row);
    let labels = w.printer.wait_for_labels(1, Duration::from_secs(5)).await.expect("a label came out");
    assert_eq!(labels.len(), 1, "just one");
    assert_eq!((labels[0].raster.width(), labels[0].raster.height()), (800, 1440));
    let ledger = w.market.ledger();
    assert_eq!(ledger.charged.len(), 1, "charged once");
    assert_eq!(ledger.charged[0].number, p.row.number, "the number on the screen is the one that was charged");
    // What is shown is what the head burned.
    let shown: Picture = call(&w.owner, "orders.picture", ById { id: p.row.id.clone() }).await.unwrap();
    let png = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, shown.png_base64).unwrap();
    assert_eq!(png, label::preview_png(&labels[0].raster), "0 dots apart");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_press_delivered_twice_or_at_once_makes_one_parcel() {
    let w = World::ready().await;
    let o = order();
    let (a, b, c) = tokio::join!(w.submit(o.clone()), w.submit(o.clone()), w.submit(o.clone()));
    let later = w.submit(o).await.unwrap();
    for p in [a.unwrap(), b.unwrap(), c.unwrap()] {
        assert_eq!(p.row.id, later.row.id, "one press, one parcel");
    }
    assert_eq!(w.market.ledger().charged.len(), 1, "charged once");
    assert_eq!(w.printer.labels().len(), 1, "one label");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reprint_has_a_reason_a_mark_and_charges_nothing() {
    let w = World::ready().await;
    let p = w.submit(order()).await.unwrap();
    let ask = |reason: &str, note: &str| Reprint {
        parcel: p.row.id.clone(),
        reason: reason.into(),
        note: note.into(),
        printer: String::new(),
        submit_key: domain::chance::Chance::hex(&domain::chance::OsChance, 16),
    };
    let err = call::<_, PrintView>(&w.owner, "prints.reprint", ask("", "")).await.unwrap_err();
    assert_eq!(err.fields[0].field, "reason", "no reprint without a reason");
    let err = call::<_, PrintView>(&w.owner, "prints.reprint", ask("other", " ")).await.unwrap_err();
    assert_eq!(err.fields[0].field, "note", "`other` wants words");
    let again: PrintView = call(&w.owner, "prints.reprint", ask("jam", "")).await.unwrap();
    assert_eq!(again.copy, 1, "补打 1");
    let labels = w.printer.wait_for_labels(2, Duration::from_secs(5)).await.unwrap();
    assert_ne!(labels[0].raster, labels[1].raster, "the second carries the 补打 mark");
    assert_eq!(w.market.ledger().charged.len(), 1, "a reprint charges nothing");
    // The same press twice is one reprint.
    let same = ask("blurred", "");
    let one: PrintView = call(&w.owner, "prints.reprint", same.clone()).await.unwrap();
    let two: PrintView = call(&w.owner, "prints.reprint", same).await.unwrap();
    assert_eq!(one.id, two.id);
    assert_eq!(w.printer.labels().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_number_is_never_printed_and_the_next_attempt_gets_another() {
    let w = World::ready().await;
    let p = w.submit(order()).await.unwrap();
    let gone: ParcelView =
        call(&w.owner, "orders.cancel_number", CancelNumber { parcel: p.row.id.clone() }).await.unwrap();
    assert_eq!(gone.row.waybill_state, "cancelled");
    assert!(!gone.may_reprint && gone.may_retry);
    let reprint = Reprint {
        parcel: p.row.id.clone(),
        reason: "jam".into(),
        note: String::new(),
        printer: String::new(),
        submit_key: "reprint-of-a-dead-number".into(),
    };
    let err = call::<_, PrintView>(&w.owner, "prints.reprint", reprint).await.unwrap_err();
    assert_eq!(err.code, Code::WrongState);
    let retry = RetryParcel {
        parcel: p.row.id.clone(),
        submit_key: "retry-12345678".into(),
        recipient: None,
        courier: String::new(),
    };
    let next: ParcelView = call(&w.owner, "orders.retry", retry).await.unwrap();
    assert_eq!(next.row.waybill_state, "issued");
    assert_ne!(next.row.number, p.row.number, "a cancelled number is never reused");
    let ledger = w.market.ledger();
    assert_eq!((ledger.charged.len(), ledger.cancelled().count()), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn encrypted_print_data_keeps_the_number_and_draws_nothing() {
    let w = World::ready().await;
    w.market.faults().add(sandbox::FaultPlan::once("cainiao.waybill.ii.get", sandbox::Fault::Encrypted));
    let p = w.submit(order()).await.unwrap();
    assert_eq!((p.row.waybill_state.as_str(), p.row.attention.as_str()), ("issued", "component"));
    assert_eq!(p.waybills[0].component, "cainiao", "the state says which component must print it");
    assert!(!p.row.number.is_empty() && w.printer.labels().is_empty(), "the number is kept, nothing is drawn by guess");
    let err = call::<_, Picture>(&w.owner, "orders.picture", ById { id: p.row.id }).await.unwrap_err();
    assert_eq!(err.code, Code::NeedsComponent);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dead_printer_keeps_the_number_and_prints_when_it_is_back() {
    let w = World::with_app(ANY_LOOPBACK).await;
    let grant = w.grant(SHOP).await;
    w.make_default(&grant, "ZTO").await;
    // A port nobody listens on.
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dead = w.add_printer(&format!("tcp://127.0.0.1:{free}")).await;
    let p = w.submit(order()).await.unwrap();
    assert_eq!(
        (p.row.waybill_state.as_str(), p.row.print_state.as_str()),
        ("issued", "queued"),
        "0 bytes: back in the queue"
    );
    let _: PrinterView =
        call(&w.owner, "printers.save", SavePrinter { id: dead.id, ..printer(&w.printer.address()) }).await.unwrap();
    w.clock.advance(Duration::from_secs(5));
    w.desk.tick().await;
    let p = w.show(&p.row.id).await;
    assert!(matches!(p.row.print_state.as_str(), "sent" | "confirmed"), "{:?}", p.row);
    assert_eq!(p.prints.len(), 1, "the same job, no reprint");
    assert_eq!(w.printer.labels().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_older_than_ten_minutes_is_asked_about_not_fired() {
    let w = World::with_app(ANY_LOOPBACK).await;
    let grant = w.grant(SHOP).await;
    w.make_default(&grant, "ZTO").await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let dead = w.add_printer(&format!("tcp://127.0.0.1:{free}")).await;
    let p = w.submit(order()).await.unwrap();
    w.clock.advance(Duration::from_secs(11 * 60));
    let _: PrinterView =
        call(&w.owner, "printers.save", SavePrinter { id: dead.id, ..printer(&w.printer.address()) }).await.unwrap();
    w.desk.tick().await;
    let p = w.show(&p.row.id).await;
    assert_eq!((p.row.print_state.as_str(), p.row.attention.as_str()), ("failed", "failed"));
    assert!(w.printer.labels().is_empty(), "late jobs are never fired by themselves");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_send_is_doubtful_and_never_sent_again_by_machine() {
    let w = World::ready().await;
    w.printer.add_fault(sandbox::PrinterFault {
        kind: sandbox::PrinterFaultKind::Reset,
        at_byte: 5_000,
        once: true,
        after_labels: 0,
    });
    let p = w.submit(order()).await.unwrap();
    assert_eq!((p.row.print_state.as_str(), p.row.attention.as_str()), ("doubtful", "doubtful"));
    for _ in 0..20 {
        w.clock.advance(Duration::from_secs(20));
        w.desk.tick().await;
    }
    assert!(w.printer.labels().is_empty(), "no automatic second print");
    let job = p.prints[0].id.clone();
    let seen: PrintView = call(&w.owner, "prints.confirm", ById { id: job }).await.unwrap();
    assert_eq!((seen.state.as_str(), seen.evidence.as_str()), ("confirmed", "person"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspended_grant_charges_nothing_and_can_be_resumed() {
    let w = World::ready().await;
    let grants: Vec<GrantView> = call(&w.owner, "accounts.list", Nothing {}).await.unwrap();
    let id = ById { id: grants[0].id.clone() };
    let g: GrantView = call(&w.owner, "accounts.suspend", id.clone()).await.unwrap();
    assert_eq!(g.state, "suspended");
    let err = w.submit(order()).await.unwrap_err();
    assert_eq!(err.code, Code::GrantDead);
    assert!(w.market.ledger().charged.is_empty());
    let _: GrantView = call(&w.owner, "accounts.resume", id.clone()).await.unwrap();
    w.submit(order()).await.unwrap();
    // To the end: suspend, typed name, erase.
    let wrong = RevokeGrant { id: id.id.clone(), typed_name: SHOP.into() };
    assert_eq!(call::<_, RevokeDone>(&w.owner, "accounts.revoke", wrong).await.unwrap_err().code, Code::WrongState);
    let _: GrantView = call(&w.owner, "accounts.suspend", id.clone()).await.unwrap();
    let wrong = RevokeGrant { id: id.id.clone(), typed_name: "别的店".into() };
    assert_eq!(
        call::<_, RevokeDone>(&w.owner, "accounts.revoke", wrong).await.unwrap_err().fields[0].field,
        "typed_name"
    );
    let done: RevokeDone =
        call(&w.owner, "accounts.revoke", RevokeGrant { id: id.id, typed_name: SHOP.into() }).await.unwrap();
    assert!(!done.page.is_empty(), "Taobao has no call: its page and steps");
    let grants: Vec<GrantView> = call(&w.owner, "accounts.list", Nothing {}).await.unwrap();
    assert!(grants.is_empty());
    assert_eq!(w.submit(order()).await.unwrap_err().code, Code::NoCourier, "its default courier went with it");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_standard_connector_ends_at_active_and_revokes_by_call() {
    let w = World::empty().await;
    let attempt = w.start("standard").await;
    let home = browse(&w.link(&attempt).await, SHOP, "grant").await;
    assert_eq!(http().get(home).send().await.unwrap().status(), 200);
    w.attempt_in(&attempt.id, &["held"]).await;
    let active: AttemptView =
        call(&w.owner, "accounts.confirm", ConfirmShop { id: attempt.id, right_shop: true }).await.unwrap();
    assert_eq!(active.state, "active");
    let grants: Vec<GrantView> = call(&w.owner, "accounts.list", Nothing {}).await.unwrap();
    assert!(grants[0].couriers.is_empty(), "no couriers");
    let id = grants[0].id.clone();
    let _: GrantView = call(&w.owner, "accounts.suspend", ById { id: id.clone() }).await.unwrap();
    let done: RevokeDone =
        call(&w.owner, "accounts.revoke", RevokeGrant { id, typed_name: grants[0].shop_name.clone() }).await.unwrap();
    assert!(done.acknowledged, "RFC 7009");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_survives_a_restart_and_is_gone_after_the_submit() {
    let w = World::ready().await;
    let draft = r#"{"recipient":{"name":"喆"}}"#;
    let _: Done = call(&w.owner, "orders.save_draft", SaveDraft { draft: draft.into() }).await.unwrap();
    let (base, clock, face, folder) = (w.market.base(), w.clock.clone(), w.face.clone(), w.dir.path().join("desk"));
    w.desk.close().await;
    let World { market: _market, printer: _printer, dir: _dir, desk, owner, .. } = w;
    drop((desk, owner));
    let desk = desk::Desk::open(setup(&folder, &base, clock, face)).await.unwrap();
    let door = desk.door(Place::Terminal, "test");
    let _: LoginDone =
        call(&door, "session.login", Login { name: OWNER.into(), password: OWNER_PASSWORD.into() }).await.unwrap();
    let form: OrderForm = call(&door, "orders.form", Nothing {}).await.unwrap();
    assert_eq!(form.draft, draft);
    let _: ParcelView = call(&door, "orders.submit", order()).await.unwrap();
    let form: OrderForm = call(&door, "orders.form", Nothing {}).await.unwrap();
    assert_eq!(form.draft, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_process_sends_its_command_to_the_owner_of_the_folder() {
    let w = World::ready().await;
    let listening = desk::remote::listen(&w.desk).await.unwrap();
    let folder = w.desk.folder().to_owned();
    let busy = desk::Desk::open(setup(&folder, &w.market.base(), w.clock.clone(), w.face.clone())).await;
    assert_eq!(busy.err().unwrap().to_api().code, Code::FolderBusy, "one process owns a folder");
    let nobody = desk::remote::call(&folder, "", "orders.form", serde_json::json!({})).await.unwrap();
    assert_eq!(nobody.unwrap_err().code, Code::NotLoggedIn);
    let login: LoginDone = call(
        &w.desk.door(Place::Terminal, "test"),
        "session.login",
        Login { name: OWNER.into(), password: OWNER_PASSWORD.into() },
    )
    .await
    .unwrap();
    let done = desk::remote::call(&folder, &login.token, "orders.submit", serde_json::to_value(order()).unwrap())
        .await
        .unwrap();
    assert_eq!(done.unwrap()["row"]["waybill_state"], "issued");
    drop(listening);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_folder_is_never_opened_as_a_live_one() {
    let w = World::empty().await;
    let folder = w.desk.folder().to_owned();
    w.desk.close().await;
    let World { market: _market, dir: _dir, desk, owner, face, clock, .. } = w;
    drop((desk, owner));
    let live = desk::Setup { trial: false, ..setup(&folder, &_market.base(), clock, face) };
    let err = desk::Desk::open(live).await.err().expect("refused");
    assert_eq!(err.to_api().code, Code::WrongState);
}
