//! A hostile market: what is unknown is cleared up by asking, never by asking for a number again.

use crate::world::*;
use desk::api::*;
use sandbox::{Fault, FaultPlan, Times};
use std::time::Duration;

const GET: &str = "cainiao.waybill.ii.get";

/// Ticks through a day of waits.
async fn wait_out(w: &World, id: &str) -> ParcelView {
    for step in [1, 5, 30, 31, 120, 600, 3600, 3600] {
        w.clock.advance(Duration::from_secs(step));
        w.desk.tick().await;
    }
    w.show(id).await
}

fn charged_once_and_known(w: &World, p: &ParcelView) {
    let ledger = w.market.ledger();
    assert_eq!(ledger.charged.len(), 1, "never asked for a second number");
    assert_eq!(p.row.number, ledger.charged[0].number, "found what was charged");
    assert_eq!(p.row.waybill_state, "issued");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_whose_answer_was_lost_is_found_and_printed_once() {
    for fault in [
        Fault::TimeoutAfter { hold_ms: 0 },
        Fault::HttpAfter { status: 504 },
        Fault::Garbage,
        Fault::CutShort { bytes: 200 },
        Fault::SaysRefused {
            sub_code: "isv.invalid-parameter".into(),
            sub_msg: "该订单已经取过号,请勿重复获取".into(),
        },
    ] {
        let w = World::ready().await;
        w.market.faults().add(FaultPlan::once(GET, fault.clone()));
        let p = w.submit(order()).await.unwrap();
        assert_eq!(p.row.waybill_state, "unknown", "{fault:?}: nobody knows");
        assert!(w.printer.labels().is_empty());
        let p = wait_out(&w, &p.row.id).await;
        charged_once_and_known(&w, &p);
        assert_eq!(w.printer.labels().len(), 1, "{fault:?}: the young press prints once, by itself");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_never_acted_is_cleared_up_as_not_charged() {
    for fault in [Fault::TimeoutBefore { hold_ms: 0 }, Fault::HttpBefore { status: 502 }] {
        let w = World::ready().await;
        w.market.faults().add(FaultPlan::once(GET, fault.clone()));
        let p = w.submit(order()).await.unwrap();
        assert_eq!(p.row.waybill_state, "unknown");
        // "Not found" before the settle time proves nothing.
        w.clock.advance(Duration::from_secs(6));
        w.desk.tick().await;
        assert_eq!(w.show(&p.row.id).await.row.waybill_state, "unknown", "{fault:?}: too early to believe it");
        let p = wait_out(&w, &p.row.id).await;
        assert_eq!((p.row.waybill_state.as_str(), p.may_retry), ("rejected", true), "{fault:?}");
        assert!(w.market.ledger().charged.is_empty() && w.printer.labels().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contradicting_index_is_asked_on_and_never_believed_early() {
    let w = World::ready().await;
    w.market.faults().add(FaultPlan::once(GET, Fault::TimeoutAfter { hold_ms: 0 }));
    // The look-up says "none" although the number is there: a lagging index, for the first three questions.
    w.market.faults().add(FaultPlan {
        method: "cainiao.waybill.ii.query.by.tradecode".into(),
        fault: Fault::SaysNone,
        skip: 0,
        times: Times::Count(3),
    });
    let p = w.submit(order()).await.unwrap();
    let p = wait_out(&w, &p.row.id).await;
    charged_once_and_known(&w, &p);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plain_no_is_a_no_and_says_whose_turn_it_is() {
    let w = World::ready().await;
    w.market.faults().add(FaultPlan::once(GET, Fault::Throttled));
    let p = w.submit(order()).await.unwrap();
    assert_eq!((p.row.waybill_state.as_str(), p.waybills[0].reason.as_str()), ("rejected", "throttled"));
    let retry = RetryParcel {
        parcel: p.row.id.clone(),
        submit_key: "retry-after-throttle".into(),
        recipient: None,
        courier: String::new(),
    };
    let p: ParcelView = call(&w.owner, "orders.retry", retry).await.unwrap();
    assert_eq!(p.row.waybill_state, "issued");
    w.market.faults().add(FaultPlan::once(GET, Fault::Expired));
    let p = w.submit(order()).await.unwrap();
    assert_eq!(p.waybills[0].reason, "grant_dead");
    let grants: Vec<GrantView> = call(&w.owner, "accounts.list", Nothing {}).await.unwrap();
    assert_eq!(grants[0].state, "needs_renewal", "a dead grant is seen at once");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_cancel_is_asked_again_until_it_is_known() {
    for fault in
        [Fault::TimeoutAfter { hold_ms: 0 }, Fault::TimeoutBefore { hold_ms: 0 }, Fault::HttpAfter { status: 500 }]
    {
        let w = World::ready().await;
        let p = w.submit(order()).await.unwrap();
        w.market.faults().add(FaultPlan::once("cainiao.waybill.ii.cancel", fault.clone()));
        let p: ParcelView = call(&w.owner, "orders.cancel_number", CancelNumber { parcel: p.row.id }).await.unwrap();
        assert_eq!(p.row.waybill_state, "cancelling", "{fault:?}: not cancelled before the platform says so");
        assert!(!p.may_reprint, "and not printed meanwhile");
        let p = wait_out(&w, &p.row.id).await;
        assert_eq!(p.row.waybill_state, "cancelled", "{fault:?}");
        assert_eq!(w.market.ledger().live().count(), 0);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_of_silence_a_person_decides() {
    let w = World::ready().await;
    w.market.faults().add(FaultPlan::once(GET, Fault::TimeoutBefore { hold_ms: 0 }));
    let p = w.submit(order()).await.unwrap();
    w.market.faults().add(FaultPlan {
        method: "cainiao.waybill.ii.query*".into(),
        fault: Fault::HttpBefore { status: 503 },
        skip: 0,
        times: Times::Always,
    });
    for _ in 0..40 {
        w.clock.advance(Duration::from_secs(3601));
        w.desk.tick().await;
    }
    let p = w.show(&p.row.id).await;
    assert_eq!(p.row.waybill_state, "needs_person");
    let decide = |note: &str| DecideUnknown { waybill: p.waybills[0].id.clone(), note: note.into() };
    assert!(call::<_, ParcelView>(&w.owner, "orders.decide", decide(" ")).await.is_err(), "a decision has a sentence");
    let p: ParcelView = call(&w.owner, "orders.decide", decide("菜鸟客服确认没有单号")).await.unwrap();
    assert_eq!((p.row.waybill_state.as_str(), p.may_retry), ("rejected", true));
    assert!(
        w.log().await.iter().any(|r| r.action == "waybill.decided_none" && r.person == OWNER),
        "with a name in the log"
    );
}
