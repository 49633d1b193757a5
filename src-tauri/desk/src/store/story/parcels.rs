//! The middle of the story: one order from the press to its label, and the lists of many.

use super::cast::{self, NOON, at, job, job_id, log, order, parcel, parcel_id, person_id, waybill, waybill_id};
use super::is_taken;
use crate::store::{Answer, PrintChange, Store, StoreError, WantParcels, WaybillChange};
use domain::connector::PrintData;
use domain::evidence::Evidence;
use domain::ids::WaybillNo;
use domain::journal::PrintState;
use domain::waybill::WaybillState;

pub(super) async fn a_parcel<S: Store>(store: &S) {
    let owner = person_id("owner");
    store.save_draft(&owner, "{\"to\":\"陈", NOON).await.unwrap();
    store.save_draft(&owner, "{\"to\":\"陈晨\"}", at(1)).await.unwrap();
    assert_eq!(store.draft(&owner).await.unwrap().as_deref(), Some("{\"to\":\"陈晨\"}"));

    let new = parcel("parcel", "press", order("陈晨", "13912345678"));
    let first = waybill("number-1", &new, 1, "press");
    store.add_parcel(&new, &first, &log("order.submit", "parcel")).await.unwrap();
    store.save_draft(&owner, "", at(2)).await.unwrap();
    assert_eq!(store.draft(&owner).await.unwrap(), None, "submitted: forgotten");
    let twice = parcel("parcel-2", "press", new.order.clone());
    let number = waybill("number-x", &twice, 1, "press");
    let answer = store.add_parcel(&twice, &number, &log("order.submit", "parcel-2")).await;
    is_taken(answer, "parcels.submit_key", "one press, one parcel");
    assert!(store.waybill(&waybill_id("number-x")).await.unwrap().is_none(), "and nothing of the second was kept");
    assert_eq!(store.parcel_by_submit("press").await.unwrap(), Some(parcel_id("parcel")));
    assert_eq!(store.parcel(&parcel_id("parcel")).await.unwrap().unwrap().order, new.order);
    for attempt in [1, 2] {
        let second = waybill("number-2", &new, attempt, "press-again");
        let answer = store.add_waybill(&second, &log("waybill.again", "parcel")).await;
        is_taken(answer, "one_live_number", "a second attempt waits until the first is dead");
    }

    let (id, entry) = (waybill_id("number-1"), log("waybill", "number-1"));
    let intent = store.waybill(&id).await.unwrap().unwrap();
    assert_eq!((intent.state, intent.number, intent.request), (WaybillState::Intent, None, first.request));
    let sent = WaybillChange { sent_at: Some(at(3)), ..WaybillChange::default() };
    let (intent, flying) = (WaybillState::Intent, WaybillState::InFlight);
    assert!(store.move_waybill(&id, intent, flying, &sent, &entry).await.unwrap());
    assert!(!store.move_waybill(&id, intent, flying, &sent, &entry).await.unwrap(), "sent once");
    let lost = WaybillChange { next_ask_at: Some(Some(at(4))), hint: Some("timeout".to_owned()), ..Default::default() };
    assert!(store.move_waybill(&id, flying, WaybillState::Unknown, &lost, &entry).await.unwrap());
    store.asked_about(&id, 1, 1, Some(at(9)), "").await.unwrap();
    let unknown = store.waybills_in(&[WaybillState::InFlight, WaybillState::Unknown], 9).await.unwrap();
    assert_eq!((unknown.len(), unknown[0].asked, unknown[0].not_found), (1, 1, 1));
    assert_eq!((unknown[0].next_ask_at, unknown[0].hint.as_str()), (Some(at(9)), "timeout"), "no news, old words stay");
    assert_eq!(store.answer(&id).await.unwrap(), None);

    let issued = WaybillChange {
        issued: Some((WaybillNo("ZT7700".to_owned()), cast::answer("{raw}"))),
        next_ask_at: Some(None),
        ended_at: Some(Some(at(10))),
        queue: Some(job("label", "parcel", "number-1", 0)),
        ..WaybillChange::default()
    };
    assert!(store.move_waybill(&id, WaybillState::Unknown, WaybillState::Issued, &issued, &entry).await.unwrap());
    let number = store.waybill(&id).await.unwrap().unwrap();
    assert_eq!(number.number, Some(WaybillNo("ZT7700".to_owned())));
    assert_eq!((number.print_kind.as_str(), number.next_ask_at, number.sent_at), ("plain", None, Some(at(3))));
    assert_eq!(store.answer(&id).await.unwrap(), Some(cast::answer("{raw}")));
    let queued = store.prints_in(&[PrintState::Queued], 9).await.unwrap();
    assert_eq!((queued.len(), queued[0].id.as_str()), (1, "label"), "queued in the same step");
}

/// Moves a job and says whether it moved.
async fn print_moves<S: Store>(store: &S, id: &str, from: PrintState, to: PrintState, change: &PrintChange) -> bool {
    store.move_print(&job_id(id), from, to, change, &log("print", id)).await.unwrap()
}

pub(super) async fn its_label<S: Store>(store: &S) {
    let same = job("label-2", "parcel", "number-1", 0);
    let answer = store.add_print(&same, &log("print.again", "label-2")).await;
    is_taken(answer, "print_jobs.waybill_id, print_jobs.copy", "a copy number is given once");
    let none = PrintChange::default();
    let drawn = PrintChange { drawn: Some(([7; 32], 4096)), ..PrintChange::default() };
    assert!(print_moves(store, "label", PrintState::Queued, PrintState::Rendered, &drawn).await);
    assert!(print_moves(store, "label", PrintState::Rendered, PrintState::Sending, &none).await);
    assert!(!print_moves(store, "label", PrintState::Rendered, PrintState::Sending, &none).await, "sent once");
    let closed = PrintChange { evidence: Some(Evidence::PeerClosed), accepted: Some(4096), ..PrintChange::default() };
    assert!(print_moves(store, "label", PrintState::Sending, PrintState::Sent, &closed).await);
    let person = PrintChange { evidence: Some(Evidence::Person), ended_at: Some(at(12)), ..PrintChange::default() };
    assert!(print_moves(store, "label", PrintState::Sent, PrintState::Confirmed, &person).await);
    assert!(print_moves(store, "label", PrintState::Confirmed, PrintState::Confirmed, &closed).await);
    let label = store.print(&job_id("label")).await.unwrap().unwrap();
    assert_eq!(label.evidence, Some(Evidence::Person), "weaker evidence does not replace a stronger one");
    assert_eq!((label.bytes, label.accepted, label.ended_at), (4096, 4096, Some(at(12))));
    store.add_print(&job("copy-1", "parcel", "number-1", 1), &log("print.again", "copy-1")).await.unwrap();
    assert_eq!(store.print_by_submit("press-copy-1").await.unwrap(), Some(job_id("copy-1")));
    let jobs: Vec<_> = store.prints_of(&parcel_id("parcel")).await.unwrap().into_iter().map(|p| p.copy).collect();
    assert_eq!(jobs, [0, 1], "first to last");
    assert_eq!(store.recent_prints(1).await.unwrap()[0].id, job_id("copy-1"), "newest first");
    assert!(print_moves(store, "copy-1", PrintState::Queued, PrintState::Rendered, &drawn).await);
    let last = store.last_labels(&label.printer, 9).await.unwrap();
    assert_eq!(last.iter().map(|p| p.id.as_str()).collect::<Vec<_>>(), ["label"], "a drawn one is not on paper yet");
    assert!(store.last_labels(&cast::printer_id("other"), 9).await.unwrap().is_empty());
}

pub(super) async fn a_second_attempt<S: Store>(store: &S) {
    let (id, entry, none) = (waybill_id("number-1"), log("waybill", "number-1"), WaybillChange::default());
    assert!(store.move_waybill(&id, WaybillState::Issued, WaybillState::Cancelling, &none, &entry).await.unwrap());
    let to = (PrintState::Rendered, PrintState::Sending);
    let started = print_moves(store, "copy-1", to.0, to.1, &PrintChange::default()).await;
    assert!(!started, "a number that is being cancelled is not printed");
    assert!(store.move_waybill(&id, WaybillState::Cancelling, WaybillState::Cancelled, &none, &entry).await.unwrap());
    assert!(!print_moves(store, "copy-1", to.0, to.1, &PrintChange::default()).await, "a cancelled one never");
    let off = PrintChange { trouble: Some("cancelled".to_owned()), ..PrintChange::default() };
    assert!(
        print_moves(store, "copy-1", PrintState::Rendered, PrintState::Failed, &off).await,
        "but it can be called off"
    );

    let mended = order("陈晨晨", "13912345679");
    store.mend_order(&parcel_id("parcel"), &mended, &log("order.mend", "parcel")).await.unwrap();
    assert_eq!(store.parcel(&parcel_id("parcel")).await.unwrap().unwrap().order, mended);
    let again = waybill("number-2", &parcel("parcel", "", mended), 2, "press-again");
    store.add_waybill(&again, &log("waybill.again", "number-2")).await.unwrap();
    let answer = store.add_waybill(&again, &log("waybill.again", "number-2")).await;
    assert!(matches!(answer, Err(StoreError::Taken { .. })), "the same press again: {answer:?}");
    let attempts = store.waybills_of(&parcel_id("parcel")).await.unwrap();
    let states: Vec<_> = attempts.iter().map(|w| (w.attempt, w.state)).collect();
    assert_eq!(states, [(1, WaybillState::Cancelled), (2, WaybillState::Intent)]);
}

pub(super) async fn lists<S: Store>(store: &S) {
    for n in 3..=5 {
        let mut new = parcel(&format!("parcel-{n}"), &format!("press-{n}"), order("林一", "13700000000"));
        new.created_at = at(100 * n);
        let number = waybill(&format!("number-{n}x"), &new, 1, &format!("press-{n}"));
        store.add_parcel(&new, &number, &log("order.submit", new.id.as_str())).await.unwrap();
    }
    let entry = log("waybill", "number-4x");
    let flying = (WaybillState::Intent, WaybillState::InFlight);
    store.move_waybill(&waybill_id("number-4x"), flying.0, flying.1, &Default::default(), &entry).await.unwrap();
    let no = WaybillChange { reason: Some("balance".to_owned()), ..WaybillChange::default() };
    let refused = (WaybillState::InFlight, WaybillState::Rejected);
    store.move_waybill(&waybill_id("number-4x"), refused.0, refused.1, &no, &entry).await.unwrap();

    let all = WantParcels { limit: 9, ..WantParcels::default() };
    assert_eq!(ids(store, &all).await, ["parcel-5", "parcel-4", "parcel-3", "parcel"], "newest first");
    let first = store.parcels(&WantParcels { limit: 2, ..all.clone() }).await.unwrap();
    let next = WantParcels { before: Some(first[1].seq), limit: 1, ..all.clone() };
    assert_eq!(ids(store, &next).await, ["parcel-3"], "the next page begins where the first ended");
    assert_eq!(ids(store, &WantParcels { since: Some(at(400)), ..all.clone() }).await, ["parcel-5", "parcel-4"]);
    let attention = WantParcels { attention: true, ..all.clone() };
    assert_eq!(ids(store, &attention).await, ["parcel-4"], "a refused one wants a person, one under way does not");
    for (search, found) in [
        ("ZT77", vec!["parcel"]),
        (" zt77 ", vec!["parcel"]),
        ("PARCEL-5", vec!["parcel-5"]),
        ("parcel-", vec!["parcel-5", "parcel-4", "parcel-3"]),
        ("7700", vec![]),
        ("%", vec![]),
    ] {
        let want = WantParcels { search: search.to_owned(), ..all.clone() };
        assert_eq!(ids(store, &want).await, found, "prefix {search:?}");
    }
}

async fn ids<S: Store>(store: &S, want: &WantParcels) -> Vec<String> {
    store.parcels(want).await.unwrap().into_iter().map(|p| p.id.to_string()).collect()
}

pub(super) async fn attention<S: Store>(store: &S) {
    use PrintState as P;
    use WaybillState as W;
    let plain = || Some(cast::answer("{}").print);
    let sealed = || Some(PrintData::Encrypted { component: "cainiao".to_owned(), data: "AAAA".to_owned() });
    let missing = || Some(PrintData::Missing);
    // Where the newest attempt stands, what there is to print, where its label stands; whether a person must look.
    let cases = [
        (W::InFlight, None, None, false),
        (W::Rejected, None, None, true),
        (W::Unknown, None, None, true),
        (W::NeedsPerson, None, None, true),
        (W::Issued, plain(), None, false),
        (W::Issued, sealed(), None, true),
        (W::Issued, missing(), None, true),
        (W::Issued, sealed(), Some(P::Sent), false),
        (W::Issued, sealed(), Some(P::Queued), true),
        (W::Issued, sealed(), Some(P::Failed), true),
        (W::Issued, sealed(), Some(P::Doubtful), true),
        (W::Issued, plain(), Some(P::Queued), true),
        (W::Issued, plain(), Some(P::Sending), false),
        (W::Issued, plain(), Some(P::Sent), false),
        (W::Issued, plain(), Some(P::Failed), true),
        (W::Issued, plain(), Some(P::Doubtful), true),
        (W::Cancelling, plain(), None, true),
        (W::Cancelled, missing(), None, false),
        (W::Cancelled, plain(), Some(P::Failed), false),
        (W::Cancelled, plain(), Some(P::Doubtful), true),
    ];
    for (n, (state, print, label, wanted)) in cases.into_iter().enumerate() {
        let (id, case) = (format!("case-{n}"), format!("{state:?}, {print:?}, {label:?}"));
        let new = parcel(&id, &id, order("林一", "13700000000"));
        store.add_parcel(&new, &waybill(&id, &new, 1, &id), &log("order.submit", &id)).await.unwrap();
        let change = WaybillChange {
            issued: print.map(|print| (WaybillNo(format!("ZT{n}")), Answer { print, raw: String::new() })),
            queue: label.map(|_| job(&id, &id, &id, 0)),
            ..WaybillChange::default()
        };
        assert!(store.move_waybill(&waybill_id(&id), W::Intent, state, &change, &log("waybill", &id)).await.unwrap());
        if let Some(label) = label.filter(|l| *l != P::Queued) {
            // The store moves as it is told, except into `sending`; what may follow on what is the saga's to know.
            assert!(print_moves(store, &id, P::Queued, label, &PrintChange::default()).await, "{case}");
        }
        let want = WantParcels { limit: 1, attention: true, search: id.clone(), ..WantParcels::default() };
        assert_eq!(!ids(store, &want).await.is_empty(), wanted, "{case}");
    }
}

pub(super) async fn time_is_over<S: Store>(store: &S) {
    let late = at(100_000_000);
    let nothing = store.purge_due(NOON, 1000).await.unwrap();
    assert!(nothing.parcels.is_empty() && nothing.files.is_empty(), "nothing is older than noon: {nothing:?}");
    let due = store.purge_due(late, 1000).await.unwrap();
    let has = |id: &str| due.parcels.iter().any(|p| p.as_str() == id);
    assert!(has("case-1") && has("case-13"), "what is through: {due:?}");
    assert!(!has("case-0") && !has("parcel"), "a call is under way, or about to be");
    assert!(!has("case-12"), "a label is on its way");
    assert!(!due.files.is_empty(), "carriers' files, too");
    assert!(store.purge_due(late, 3).await.unwrap().parcels.len() == 3, "no more than was asked for");
    let before = store.waybills_of(&parcel_id("case-13")).await.unwrap();
    assert!(store.purge(&due, at(77), &log("purge", "")).await.unwrap());
    assert!(!store.purge(&due, at(78), &log("purge", "")).await.unwrap(), "once");
    let gone = store.parcel(&parcel_id("case-13")).await.unwrap().unwrap();
    let recipient = &gone.order.recipient;
    assert_eq!((recipient.name.as_str(), recipient.phone.as_str(), recipient.address.detail.as_str()), ("", "", ""));
    assert_eq!((recipient.address.province.as_str(), gone.order.remark.as_str()), ("浙江省", ""));
    assert!(!gone.order.goods.is_empty(), "what was sent is nobody's name");
    assert_eq!(gone.purged_at, Some(at(77)));
    let after = store.waybills_of(&parcel_id("case-13")).await.unwrap();
    assert!(!before.is_empty() && before.len() == after.len(), "the numbers stay");
    for (was, is) in before.iter().zip(&after) {
        assert_eq!((&was.number, was.state, &was.request.package_id), (&is.number, is.state, &is.request.package_id));
        assert_eq!((is.request.recipient.name.as_str(), is.request.sender.phone.as_str()), ("", ""));
        assert_eq!(store.answer(&is.id).await.unwrap(), None);
    }
    let left = store.purge_due(late, 1000).await.unwrap();
    assert!(left.parcels.is_empty() && left.files.is_empty(), "{left:?}");
    assert!(store.cut_wal().await.unwrap());
}
