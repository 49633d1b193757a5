//! A market that goes wrong on request: each call still has exactly the end that it deserves.

use crate::street::{SHOP, Street, app, parcel, waybills};
use domain::connector::{CallError, Found, PrintData, RefusalKind};
use sandbox::{Fault, FaultPlan, Times};
use std::time::Duration;

const GET: &str = "cainiao.waybill.ii.get";
const CANCEL: &str = "cainiao.waybill.ii.cancel";
const BY_ORDER: &str = "cainiao.waybill.ii.query.by.tradecode";

#[derive(Debug, PartialEq)]
enum End {
    Done,
    NotSent,
    Refused(RefusalKind),
    Unknown,
}
fn end<T>(result: &Result<T, CallError>) -> End {
    match result {
        Ok(_) => End::Done,
        Err(CallError::NotSent(_)) => End::NotSent,
        Err(CallError::Refused(r)) => End::Refused(r.kind),
        Err(CallError::Unknown(_)) => End::Unknown,
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_the_look_up_says_what_happened() {
    let says_refused = || Fault::SaysRefused {
        sub_code: "isv.invalid-parameter".into(),
        sub_msg: "该订单已经取过号,请勿重复获取".into(),
    };
    let cases = [
        (Fault::TimeoutAfter { hold_ms: 0 }, End::Unknown, true),
        (Fault::TimeoutAfter { hold_ms: 1_500 }, End::Unknown, true),
        (Fault::TimeoutBefore { hold_ms: 0 }, End::Unknown, false),
        (Fault::TimeoutBefore { hold_ms: 1_500 }, End::Unknown, false),
        (Fault::HttpAfter { status: 504 }, End::Unknown, true),
        (Fault::HttpBefore { status: 502 }, End::Unknown, false),
        (Fault::HttpBefore { status: 404 }, End::Unknown, false),
        (Fault::Garbage, End::Unknown, true),
        (Fault::CutShort { bytes: 400 }, End::Unknown, true),
        (Fault::Trickle { ms: 20 }, End::Unknown, true),
        (Fault::Unwell, End::Unknown, false),
        (says_refused(), End::Unknown, true),
        (Fault::Throttled, End::Refused(RefusalKind::Throttled), false),
        (Fault::Expired, End::Refused(RefusalKind::GrantDead), false),
        (Fault::Delay { ms: 50 }, End::Done, true),
    ];
    let street = Street::open().await;
    let grant = street.grant(SHOP).await;
    let (hurried, app, key) = (street.in_a_hurry(), app(), &grant.access);
    let (w, patient) = (waybills(&hurried), waybills(&street.taobao));
    // The template list is read before the faults, so that each of them meets the asking itself.
    assert_eq!(end(&w.issue(&app, key, &parcel(0, "ZTO")).await), End::Done);
    for (n, (fault, want, charged)) in (1..).zip(cases) {
        let what = format!("{fault:?}");
        let before = street.market.ledger().charged.len();
        street.market.faults().add(FaultPlan::once(GET, fault));
        let req = parcel(n, "ZTO");
        assert_eq!(end(&w.issue(&app, key, &req).await), want, "{what}");
        let mut tick = tokio::time::interval(Duration::from_millis(5));
        while street.market.ledger().in_flight > 0 {
            tick.tick().await;
        }
        let after = street.market.ledger().charged;
        assert_eq!(after.len() - before, usize::from(charged), "{what}: charged at most once, never repeated");
        match patient.find(&app, key, &req).await {
            Ok(Found::Yes(i)) => assert!(charged && after.last().unwrap().number == i.number.0, "{what}"),
            Ok(Found::No) => assert!(!charged, "{what}"),
            Err(e) => panic!("{what}: {e}"),
        }
    }
}

#[tokio::test]
async fn a_fault_on_the_way_to_the_template_charges_nothing_and_is_not_unknown() {
    let street = Street::open().await;
    let grant = street.grant(SHOP).await;
    for (n, (fault, want)) in (1..).zip([
        (Fault::TimeoutAfter { hold_ms: 0 }, End::NotSent),
        (Fault::HttpAfter { status: 500 }, End::NotSent),
        (Fault::Garbage, End::NotSent),
        (Fault::Unwell, End::Refused(RefusalKind::Platform)),
        (Fault::Throttled, End::Refused(RefusalKind::Throttled)),
    ]) {
        let what = format!("{fault:?}");
        let w = street.in_a_hurry();
        street.market.faults().add(FaultPlan::once("cainiao.cloudprint.stdtemplates.get", fault));
        assert_eq!(end(&waybills(&w).issue(&app(), &grant.access, &parcel(n, "ZTO")).await), want, "{what}");
    }
    assert!(street.market.ledger().charged.is_empty());
}

#[tokio::test]
async fn a_look_up_that_fails_is_never_a_none() {
    let street = Street::open().await;
    let grant = street.grant(SHOP).await;
    let (hurried, app, key) = (street.in_a_hurry(), app(), &grant.access);
    let w = waybills(&hurried);
    let req = parcel(1, "ZTO");
    w.issue(&app, key, &req).await.unwrap();
    for fault in [
        Fault::TimeoutBefore { hold_ms: 0 },
        Fault::HttpBefore { status: 503 },
        Fault::Garbage,
        Fault::CutShort { bytes: 300 },
        Fault::Unwell,
        Fault::Throttled,
        Fault::Expired,
    ] {
        let what = format!("{fault:?}");
        street.market.faults().add(FaultPlan::once(BY_ORDER, fault));
        let found = w.find(&app, key, &req).await;
        assert!(found.is_err(), "{what}: {found:?} would make a live number a dead one");
    }
    // A lagging index does say none; the settle time is for that.
    street.market.faults().add(FaultPlan::once(BY_ORDER, Fault::SaysNone));
    assert_eq!(w.find(&app, key, &req).await, Ok(Found::No));
    assert!(w.settle_time().as_secs() >= 60);
}

#[tokio::test]
async fn a_lost_cancel_is_unknown_and_may_be_asked_again() {
    let street = Street::open().await;
    let grant = street.grant(SHOP).await;
    let (w, app, key) = (waybills(&street.taobao), app(), &grant.access);
    let req = parcel(1, "ZTO");
    let number = w.issue(&app, key, &req).await.unwrap().number;
    street.market.faults().add(FaultPlan::once(CANCEL, Fault::TimeoutAfter { hold_ms: 0 }));
    assert_eq!(end(&w.cancel(&app, key, &req.courier, &number).await), End::Unknown);
    assert_eq!(w.look_up(&app, key, &req.courier, &number).await, Ok(Found::No), "it was given back");
    assert_eq!(w.cancel(&app, key, &req.courier, &number).await, Ok(()));
}

#[tokio::test]
async fn encrypted_data_instead_of_plain_keeps_the_number() {
    let street = Street::open().await;
    let grant = street.grant(SHOP).await;
    let w = waybills(&street.taobao);
    street.market.faults().add(FaultPlan {
        method: GET.into(),
        fault: Fault::Encrypted,
        skip: 0,
        times: Times::Always,
    });
    let got = w.issue(&app(), &grant.access, &parcel(1, "ZTO")).await.unwrap();
    assert!(matches!(got.print, PrintData::Encrypted { .. }), "kept, not guessed");
    assert_eq!(street.market.ledger().charged[0].number, got.number.0);
}

#[tokio::test]
async fn a_market_that_is_gone_was_not_asked() {
    let street = Street::open().await;
    let grant = street.grant(SHOP).await;
    let taobao = street.taobao.clone();
    assert_eq!(end(&waybills(&taobao).couriers(&app(), &grant.access).await), End::Done);
    street.market.stop().await;
    assert_eq!(end(&waybills(&taobao).couriers(&app(), &grant.access).await), End::NotSent);
}
