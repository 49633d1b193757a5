use super::client::{Bench, unwrapped, zto};
use crate::market::faults::{Fault, FaultPlan, Times};
use serde_json::Value;
use std::time::{Duration, Instant};

const GET: &str = "cainiao.waybill.ii.get";

/// How a call ended for the client.
#[derive(Debug, PartialEq)]
enum End {
    Number,
    Refused(u64),
    Http(u16),
    Unreadable,
    NoAnswer,
}

async fn get(b: &Bench, session: &str, package: &str) -> End {
    let text = zto("o1", package).to_string();
    let p = b.params(GET, Some(session), &[("param_waybill_cloud_print_apply_new_request", &text)]);
    let Ok(r) = b.send(&Bench::signed(p)).await else { return End::NoAnswer };
    if r.status() != 200 {
        return End::Http(r.status().as_u16());
    }
    let Ok(bytes) = r.bytes().await else { return End::NoAnswer };
    let Ok(v) = serde_json::from_slice::<Value>(&bytes) else { return End::Unreadable };
    match unwrapped(GET, &v) {
        Ok(_) => End::Number,
        Err((code, _, _)) => End::Refused(code),
    }
}

#[tokio::test]
async fn each_fault_acts_as_it_is_named_and_only_once() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let says = Fault::SaysRefused { sub_code: "isv.x".into(), sub_msg: "该订单已经取过号".into() };
    for (i, (fault, end, charged)) in [
        (Fault::TimeoutBefore { hold_ms: 0 }, End::NoAnswer, false),
        (Fault::TimeoutBefore { hold_ms: 30 }, End::NoAnswer, false),
        (Fault::TimeoutAfter { hold_ms: 0 }, End::NoAnswer, true),
        (Fault::TimeoutAfter { hold_ms: 30 }, End::NoAnswer, true),
        (Fault::HttpBefore { status: 502 }, End::Http(502), false),
        (Fault::HttpAfter { status: 504 }, End::Http(504), true),
        (says, End::Refused(15), true),
        (Fault::Garbage, End::Unreadable, true),
        (Fault::CutShort { bytes: 0 }, End::NoAnswer, true),
        (Fault::CutShort { bytes: 200 }, End::NoAnswer, true),
        (Fault::Throttled, End::Refused(7), false),
        (Fault::Expired, End::Refused(27), false),
        (Fault::Unwell, End::Refused(15), false),
        (Fault::Delay { ms: 1 }, End::Number, true),
        (Fault::Trickle { ms: 0 }, End::Number, true),
    ]
    .into_iter()
    .enumerate()
    {
        let package = format!("p{i}");
        let before = b.market.ledger().charged.len();
        b.market.faults().add(FaultPlan::once(GET, fault.clone()));
        assert_eq!(get(&b, &s, &package).await, end, "{fault:?}");
        let ledger = b.market.ledger();
        assert_eq!(ledger.charged.len() - before, usize::from(charged), "{fault:?}: charged");
        assert_eq!(get(&b, &s, &package).await, End::Number, "{fault:?} is over");
        assert_eq!(b.market.ledger().charged.len() - before, 1, "{fault:?}: one number in the end");
    }
    assert!(b.market.faults().list().iter().all(|f| f.fired == 1), "each fired once");
}

#[tokio::test]
async fn an_encrypted_answer_comes_though_plain_was_asked() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    b.market.faults().add(FaultPlan::once(GET, Fault::Encrypted));
    let v = b.get(&s, &zto("o1", "p1")).await.unwrap();
    assert!(v["modules"]["waybill_cloud_print_response"][0]["print_data"].as_str().unwrap().contains("encryptedData"));
    let v = b.get(&s, &zto("o1", "p1")).await.unwrap();
    assert!(v["modules"]["waybill_cloud_print_response"][0]["print_data"].as_str().unwrap().contains("routingInfo"));
}

#[tokio::test]
async fn look_ups_say_none_for_as_many_asks_as_planned() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let n = b.number(&s, &zto("o1", "p1")).await;
    b.market.faults().add(FaultPlan {
        method: "*.query.*".into(),
        fault: Fault::SaysNone,
        skip: 0,
        times: Times::Count(3),
    });
    assert_eq!(b.by_order(&s, "o1").await[0]["success"], false);
    assert_eq!(b.by_number(&s, "ZTO", &n).await["success"], false);
    assert_eq!(b.by_order(&s, "o1").await[0]["success"], false);
    assert_eq!(b.by_order(&s, "o1").await[0]["success"], true, "the index caught up");
}

#[tokio::test]
async fn a_cancel_whose_answer_is_lost_was_still_done() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let n = b.number(&s, &zto("o1", "p1")).await;
    b.market.faults().add(FaultPlan::once("cainiao.waybill.ii.cancel", Fault::TimeoutAfter { hold_ms: 0 }));
    let p = b.params("cainiao.waybill.ii.cancel", Some(&s), &[("cp_code", "ZTO"), ("waybill_code", &n)]);
    assert!(b.send(&Bench::signed(p)).await.is_err(), "no answer");
    assert_eq!(b.market.ledger().cancelled().count(), 1);
}

#[tokio::test]
async fn a_call_is_carried_out_though_its_client_is_gone() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    b.market.faults().add(FaultPlan::once(GET, Fault::Delay { ms: 150 }));
    let text = zto("o1", "p1").to_string();
    let p = Bench::signed(b.params(GET, Some(&s), &[("param_waybill_cloud_print_apply_new_request", &text)]));
    let impatient = b.http.post(b.url("taobao/router/rest")).form(&p).timeout(Duration::from_millis(40)).send().await;
    assert!(impatient.is_err(), "the client hung up");
    let begun = Instant::now();
    while b.market.ledger().in_flight > 0 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the call ends");
        tokio::task::yield_now().await;
    }
    assert_eq!(b.market.ledger().charged.len(), 1, "and was charged");
}

#[tokio::test]
async fn the_token_address_can_fail_too_and_a_code_spent_without_answer_is_spent() {
    let b = Bench::new().await;
    let code = b.code("青禾生活馆").await;
    b.market.faults().add(FaultPlan::once("taobao.token", Fault::TimeoutAfter { hold_ms: 0 }));
    let form = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("client_id", "practice-app"),
        ("client_secret", "practice-secret"),
        ("redirect_uri", super::client::CALLBACK),
    ];
    assert!(b.http.post(b.url("taobao/token")).form(&form).send().await.is_err());
    assert_eq!(b.exchange(&code).await.0, 400, "one-use codes are gone with a lost answer");
}

#[tokio::test]
async fn stopping_does_not_wait_for_a_line_that_hangs() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    b.market.faults().add(FaultPlan::once(GET, Fault::TimeoutAfter { hold_ms: 600_000 }));
    let text = zto("o1", "p1").to_string();
    let p = Bench::signed(b.params(GET, Some(&s), &[("param_waybill_cloud_print_apply_new_request", &text)]));
    let hanging = tokio::spawn(b.http.post(b.url("taobao/router/rest")).form(&p).send());
    let begun = Instant::now();
    while b.market.ledger().charged.is_empty() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it acts");
        tokio::task::yield_now().await;
    }
    b.market.stop().await;
    assert!(begun.elapsed() < Duration::from_secs(15), "stopped, not waited for ten minutes");
    assert!(hanging.await.unwrap().is_err(), "and the line broke");
}
