//! Every write leaves one log row; what the trait calls unlogged leaves none; a `false`, `None` or `Taken` leaves none.

use super::{Shop, cast};
use crate::rights::Permission;
use crate::store::story::batches::{batch, ready};
use crate::store::{
    BackupRow, Card, CustomArea, GrantState, LabelOf, NewPrint, OwnTemplate, Post, PrintChange, RefreshEnd, Store,
    StoreError as E, ToPurge, WaybillChange,
};
use crate::vault::Recovery;
use cast::{at, log};
use domain::attempt::AttemptState as A;
use domain::batch::BatchState as B;
use domain::chance::OsChance;
use domain::ids::WaybillNo;
use domain::journal::PrintState as P;
use domain::waybill::WaybillState as W;

/// The methods that write without a log entry, and why that is right.
const UNLOGGED: [(&str, &str); 6] = [
    ("add_session", "the login that it belongs to is logged"),
    ("grant_used", "no act of a person"),
    ("totp_used", "the login or certification that it belongs to is logged"),
    ("right_used", "the act itself is logged"),
    ("save_draft", "nobody's act yet"),
    ("asked_about", "changed nothing"),
];

#[tokio::test]
async fn every_write_leaves_one_log_row_and_every_refusal_none() {
    let shop = Shop::open_for_business().await;
    let store = &shop.store;
    let owner = cast::person_id("owner");
    let (grant, west, parcel) = (cast::grant_id("grant"), cast::courier_id("west"), cast::parcel_id("parcel"));
    let (number, none, quiet) = (cast::waybill_id("number"), WaybillChange::default(), PrintChange::default());
    let issued =
        WaybillChange { issued: Some((WaybillNo("ZT1".to_owned()), cast::answer("{}"))), ..WaybillChange::default() };
    let order = cast::order("林一", "13700000000");
    let other = cast::parcel("other", "press-2", order.clone());
    let again = cast::waybill("number-4", &cast::parcel("parcel", "", order.clone()), 2, "press-4");
    let opened = cast::attempt_id("t");
    let clerk = cast::person("clerk", "小李", "clerk");
    crate::store::story::hold(store, "h", "s-h", "access").await;
    let (waits, morning) = (cast::parcel_id("r1"), batch("b1", &grant, &west, &["r1"]));
    let of_carrier = NewPrint { of: LabelOf::Carrier(cast::carrier_label().id), ..cast::job("carrier", "", "", 0) };
    let own = OwnTemplate {
        id: "own-1".to_owned(),
        made_from: String::new(),
        version: 1,
        text: "text".to_owned(),
        created_at: at(1),
        created_by: owner.clone(),
    };
    let post = Post { id: "post-1".to_owned(), name: "夜班".to_owned(), rights: Vec::new(), removed: false };
    let key = Recovery::fresh(&OsChance).backup_key();
    let card = Card { id: key.card(), key, made_at: at(1), made_by: "owner".to_owned() };
    let backup = BackupRow {
        id: 0,
        started_at: at(1),
        ended_at: at(1),
        how: "by_hand".to_owned(),
        good: true,
        file: String::new(),
        bytes: 0,
        rows: 0,
        log_rows: 0,
        log_head: String::new(),
        trouble: String::new(),
        detail: String::new(),
    };
    let copy = &shop.folder.path().join("copy.db");
    store.copy_out(copy).await.unwrap();
    let gone = ToPurge { drafts: vec![owner.clone()], files: vec![1], ..ToPurge::default() };
    let mut seen = Vec::new();
    let mut rows = store.log_verify().await.unwrap().0;
    // method(arguments) => what it answers, how many rows it leaves
    macro_rules! table {
        ($($method:ident($($argument:expr),* $(,)?) => $answer:pat, $left:literal;)*) => {$(
            let answer = store.$method($($argument),*).await;
            assert!(matches!(answer, $answer), "{}: {answer:?}", stringify!($method));
            let now = store.log_verify().await.unwrap().0;
            assert_eq!(now - rows, $left, "rows left by {} that answered {answer:?}", stringify!($method));
            rows = now;
            seen.push(stringify!($method));
        )*};
    }
    table! {
        note(&log("refused", "")) => Ok(()), 1;
        save_setting("purge.days", "30", &log("a", "")) => Ok(()), 1;
        set_card(&card, &log("a", "")) => Ok(()), 1;
        add_backup(&backup, &log("a", "")) => Ok(()), 1;
        backup_removed(1, at(2), &log("a", "")) => Ok(true), 1;
        backup_removed(1, at(2), &log("a", "")) => Ok(false), 0;
        take_in(copy, &shop.vault.carried(), &card, &log("a", "")) => Ok(None), 0;
        add_person(&clerk, &log("a", "clerk")) => Ok(()), 1;
        add_person(&clerk, &log("a", "clerk")) => Err(E::Taken { .. }), 0;
        logged_in(&owner, at(1), None, &log("a", "owner")) => Ok(()), 1;
        logged_in(&cast::person_id("nobody"), at(1), None, &log("a", "nobody")) => Err(E::Database { .. }), 0;
        login_failed("x", 1, at(1), &log("a", "")) => Ok(()), 1;
        change_person(&cast::person_id("clerk"), &Default::default(), &log("a", "clerk")) => Ok(true), 1;
        change_person(&cast::person_id("nobody"), &Default::default(), &log("a", "nobody")) => Ok(false), 0;
        totp_used(&owner, 1) => Ok(true), 0;
        pin_failed(&owner, &log("a", "owner")) => Ok(()), 1;
        save_post(&post, &log("a", "post-1")) => Ok(()), 1;
        right_used(&owner, Permission::ViewLog, at(1)) => Ok(()), 0;
        add_session("t", &owner, at(9)) => Ok(()), 0;
        end_sessions(&owner, &log("a", "owner")) => Ok(()), 1;
        set_app(&cast::app("s"), &log("a", "taobao")) => Ok(()), 1;
        add_attempt(&cast::attempt("t", "s", "v"), &log("a", "t")) => Ok(()), 1;
        add_attempt(&cast::attempt("t", "s2", "v"), &log("a", "t")) => Err(E::Taken { .. }), 0;
        move_attempt(&opened, A::Open, A::Cancelled, &Default::default(), &log("a", "t")) => Ok(true), 1;
        move_attempt(&opened, A::Open, A::Cancelled, &Default::default(), &log("a", "t")) => Ok(false), 0;
        activate(&cast::attempt_id("t"), &cast::grant_id("n"), &owner, at(1), &log("a", "n")) => Ok(None), 0;
        activate(&cast::attempt_id("h"), &cast::grant_id("n"), &owner, at(1), &log("a", "n")) => Ok(Some(_)), 1;
        refresh_ended(&grant, RefreshEnd::NothingDone, &log("a", "grant")) => Ok(false), 0;
        refreshed(&grant, &cast::tokens("a", "r"), at(1), &log("a", "grant")) => Ok(false), 0;
        refresh_asked(&grant, at(1), &log("a", "grant")) => Ok(true), 1;
        refresh_ended(&grant, RefreshEnd::NothingDone, &log("a", "grant")) => Ok(true), 1;
        refresh_asked(&grant, at(1), &log("a", "grant")) => Ok(true), 1;
        refreshed(&grant, &cast::tokens("a", "r"), at(1), &log("a", "grant")) => Ok(true), 1;
        put_old_tokens_back(&grant, &log("a", "grant")) => Ok(true), 1;
        put_old_tokens_back(&grant, &log("a", "grant")) => Ok(false), 0;
        reminded(&grant, 7, &log("a", "grant")) => Ok(true), 1;
        reminded(&grant, 14, &log("a", "grant")) => Ok(false), 0;
        refresh_asked(&cast::grant_id("no"), at(1), &log("a", "no")) => Ok(false), 0;
        move_grant(&grant, GrantState::Active, GrantState::Suspended, "", &log("a", "grant")) => Ok(true), 1;
        move_grant(&grant, GrantState::Active, GrantState::Suspended, "", &log("a", "grant")) => Ok(false), 0;
        move_grant(&grant, GrantState::Suspended, GrantState::Revoked, "", &log("a", "grant")) => Ok(false), 0;
        grant_used(&grant, at(2)) => Ok(()), 0;
        load_couriers(&grant, &[cast::offer("西湖", 1)], &[], at(3), &log("a", "grant")) => Ok(()), 1;
        load_couriers(&grant, &[cast::offer("新", 1)], &[], at(3), &log("a", "grant")) => Err(E::Unreadable { .. }), 0;
        save_details(&west, &cast::details("1"), &log("a", "west")) => Ok(()), 1;
        save_details(&cast::courier_id("no"), &cast::details("1"), &log("a", "no")) => Err(E::Database { .. }), 0;
        set_default_courier(&west, &log("a", "west")) => Ok(()), 1;
        set_default_courier(&cast::courier_id("no"), &log("a", "no")) => Err(E::Database { .. }), 0;
        save_printer(&cast::printer("spare", true), &log("a", "spare")) => Ok(()), 1;
        remove_printer(&cast::printer_id("spare"), &log("a", "spare")) => Ok(()), 1;
        remove_printer(&cast::printer_id("no"), &log("a", "no")) => Err(E::Database { .. }), 0;
        add_carrier_label(&cast::carrier_label(), &of_carrier, &log("a", "carrier-label")) => Ok(()), 1;
        add_carrier_label(&cast::carrier_label(), &of_carrier, &log("a", "carrier-label")) => Err(E::Taken { .. }), 0;
        save_custom_area(&None, Some(&CustomArea::default()), &log("a", "")) => Ok(()), 1;
        save_own_template(&own, &log("a", "own-1")) => Ok(true), 1;
        save_own_template(&OwnTemplate { version: 3, ..own.clone() }, &log("a", "own-1")) => Ok(false), 0;
        remove_own_template("own-1", &log("a", "own-1")) => Ok(true), 1;
        remove_own_template("own-1", &log("a", "own-1")) => Ok(false), 0;
        printer_measured(&cast::printer_id("spare"), Some(180.0), &log("a", "spare")) => Ok(()), 1;
        printer_measured(&cast::printer_id("no"), Some(180.0), &log("a", "no")) => Err(E::Database { .. }), 0;
        save_printer_rules(&[], &log("a", "")) => Ok(()), 1;
        save_draft(&owner, "typed", at(4)) => Ok(()), 0;
        add_parcel(&other, &cast::waybill("number-2", &other, 1, "press-2"), &log("a", "other")) => Ok(()), 1;
        add_parcel(&other, &cast::waybill("number-2", &other, 1, "press-2"), &log("a", "other")) => Err(E::Taken { .. }), 0;
        mend_order(&parcel, &order, &log("a", "parcel")) => Ok(()), 1;
        mend_order(&cast::parcel_id("no"), &order, &log("a", "no")) => Err(E::Database { .. }), 0;
        add_waybill(&cast::waybill("number-3", &other, 2, "press-3"), &log("a", "other")) => Err(E::Taken { .. }), 0;
        move_waybill(&number, W::Intent, W::InFlight, &none, &log("a", "number")) => Ok(true), 1;
        move_waybill(&number, W::Intent, W::InFlight, &none, &log("a", "number")) => Ok(false), 0;
        asked_about(&number, 1, 0, None, "") => Ok(()), 0;
        move_waybill(&number, W::InFlight, W::Issued, &issued, &log("a", "number")) => Ok(true), 1;
        add_print(&cast::job("label", "parcel", "number", 0), &log("a", "label")) => Ok(()), 1;
        add_print(&cast::job("label-2", "parcel", "number", 0), &log("a", "label")) => Err(E::Taken { .. }), 0;
        move_print(&cast::job_id("label"), P::Queued, P::Rendered, &quiet, &log("a", "label")) => Ok(true), 1;
        move_print(&cast::job_id("label"), P::Queued, P::Rendered, &quiet, &log("a", "label")) => Ok(false), 0;
        move_waybill(&number, W::Issued, W::Cancelling, &none, &log("a", "number")) => Ok(true), 1;
        move_print(&cast::job_id("label"), P::Rendered, P::Sending, &quiet, &log("a", "label")) => Ok(false), 0;
        move_waybill(&number, W::Cancelling, W::Cancelled, &none, &log("a", "number")) => Ok(true), 1;
        add_waybill(&again, &log("a", "number-4")) => Ok(()), 1;
        add_ready(&ready("r1", "r1", "甲"), &log("a", "r1")) => Ok(()), 1;
        add_ready(&ready("r2", "r1", "甲"), &log("a", "r2")) => Err(E::Taken { .. }), 0;
        set_stop(&waits, "refund", &log("a", "r1")) => Ok(true), 1;
        set_stop(&waits, "refund", &log("a", "r1")) => Ok(false), 0;
        add_batch(&morning, &log("a", "b1")) => Ok(()), 1;
        add_batch(&morning, &log("a", "b1")) => Err(E::Taken { .. }), 0;
        discard_ready(&waits, &log("a", "r1")) => Ok(false), 0;
        set_aside(&morning.id, 1, ("refund", ""), &log("a", "r1")) => Ok(true), 1;
        set_aside(&morning.id, 1, ("refund", ""), &log("a", "r1")) => Ok(false), 0;
        start_label(&morning.id, 1, &cast::job("l9", "parcel", "number", 9), &log("a", "r1")) => Ok(false), 0;
        set_aside(&morning.id, 1, ("", ""), &log("a", "r1")) => Ok(true), 1;
        start_label(&morning.id, 1, &cast::job("l9", "parcel", "number", 9), &log("a", "r1")) => Ok(true), 1;
        move_batch(&morning.id, B::Running, B::Stopped, ("printer", ""), &log("a", "b1")) => Ok(true), 1;
        move_batch(&morning.id, B::Running, B::Stopped, ("printer", ""), &log("a", "b1")) => Ok(false), 0;
        resume_batch(&morning.id, B::Stopped, 0, &log("a", "b1")) => Ok(true), 1;
        resume_batch(&morning.id, B::Stopped, 0, &log("a", "b1")) => Ok(false), 0;
        purge(&gone, at(9), &log("a", "")) => Ok(true), 1;
        purge(&gone, at(9), &log("a", "")) => Ok(false), 0;
        purge(&ToPurge::default(), at(9), &log("a", "")) => Ok(false), 0;
        erase_grant(&grant, true, &log("a", "grant")) => Ok(true), 1;
        erase_grant(&grant, true, &log("a", "grant")) => Ok(false), 0;
        revoke_settled(&grant, &log("a", "grant")) => Ok(()), 1;
        revoke_settled(&grant, &log("a", "grant")) => Ok(()), 0;
    }
    assert_eq!(store.log_verify().await.unwrap(), (rows, None, store.log_verify().await.unwrap().2), "the chain fits");
    let source = include_str!("../../mod.rs");
    let writes =
        source.split("async fn ").skip(1).filter(|m| m.split(';').next().is_some_and(|m| m.contains("&LogEntry")));
    let names = writes.map(|m| m.split('(').next().expect("split gives one part"));
    for name in names.chain(UNLOGGED.map(|(name, _)| name)) {
        assert!(seen.contains(&name), "the table leaves out {name}");
    }
}
