//! Bad input gets a clear error that names the field, and nothing is charged.

use crate::world::*;
use desk::api::*;
use desk::{Code, Place};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn every_bad_field_is_named_and_nothing_is_charged() {
    let w = World::ready().await;
    type Change = Box<dyn Fn(&mut SubmitOrder)>;
    let cases: Vec<(&str, &str, Change)> = vec![
        ("recipient.name", "required", Box::new(|o| o.recipient.name = "  ".into())),
        ("recipient.name", "too_long", Box::new(|o| o.recipient.name = "长".repeat(10_000))),
        ("recipient.name", "missing_glyph", Box::new(|o| o.recipient.name = "张😀三".into())),
        ("recipient.name", "missing_glyph", Box::new(|o| o.recipient.name = "محمد".into())),
        ("recipient.name", "missing_glyph", Box::new(|o| o.recipient.name = "张\0三".into())),
        ("recipient.name", "missing_glyph", Box::new(|o| o.recipient.name = "张\u{202e}三".into())),
        ("recipient.phone", "required", Box::new(|o| o.recipient.phone = String::new())),
        ("recipient.phone", "bad_phone", Box::new(|o| o.recipient.phone = "一三八".into())),
        ("recipient.phone", "bad_phone", Box::new(|o| o.recipient.phone = "12345".into())),
        ("recipient.address.province", "required", Box::new(|o| o.recipient.address.province = String::new())),
        ("recipient.address.detail", "required", Box::new(|o| o.recipient.address.detail = String::new())),
        ("recipient.address.detail", "too_long", Box::new(|o| o.recipient.address.detail = "路".repeat(257))),
        ("goods[0].name", "required", Box::new(|o| o.goods.clear())),
        ("goods[0].count", "out_of_range", Box::new(|o| o.goods[0].count = 0)),
        ("goods[0].name", "missing_glyph", Box::new(|o| o.goods[0].name = "🎁".into())),
        ("weight_g", "out_of_range", Box::new(|o| o.weight_g = Some(0))),
        ("weight_g", "out_of_range", Box::new(|o| o.weight_g = Some(4_000_000_000))),
        ("remark", "too_long", Box::new(|o| o.remark = "x".repeat(201))),
        ("submit_key", "out_of_range", Box::new(|o| o.submit_key = "x".into())),
        (
            "sender.address.detail",
            "unknown_address",
            Box::new(|o| {
                o.sender.address =
                    WireAddress { province: "广东省".into(), detail: "别处1号".into(), ..no_address() }
            }),
        ),
    ];
    for (field, code, change) in cases {
        let mut o = order();
        change(&mut o);
        let err = w.submit(o).await.unwrap_err();
        assert!(
            err.fields.iter().any(|f| f.field == field && f.code == code),
            "{field} {code}: {:?} {:?}",
            err.code,
            err.fields
        );
        assert!(err.message.len() < 2_000, "an error does not repeat what was typed");
    }
    assert!(w.market.ledger().charged.is_empty(), "nothing was charged");
    let page: ParcelPage = call(
        &w.owner,
        "orders.list",
        ListParcels { before: None, limit: 10, filter: "all".into(), search: String::new() },
    )
    .await
    .unwrap();
    assert!(page.rows.is_empty(), "nothing was half done");
}

#[tokio::test(flavor = "multi_thread")]
async fn printer_addresses_that_are_none_are_named() {
    let w = World::empty().await;
    for bad in [
        "",
        "nonsense",
        "tcp://",
        "tcp://host:99999",
        "http://printer",
        "cups://",
        "file://relative",
        "tcp://a b",
        "usb://x",
    ] {
        let err = call::<_, PrinterView>(&w.owner, "printers.save", printer(bad)).await.unwrap_err();
        assert_eq!((err.code, err.fields[0].field.as_str()), (Code::InvalidInput, "address"), "{bad:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_grant_is_named_before_anything_is_charged() {
    let w = World::ready().await;
    w.clock.advance(Duration::from_secs(400 * 86_400));
    let err = w.submit(order()).await.unwrap_err();
    assert_eq!(err.code, Code::GrantDead);
    let grants: Vec<GrantView> = call(&w.owner, "accounts.list", Nothing {}).await.unwrap();
    assert_eq!((grants[0].state.as_str(), grants[0].reason.as_str()), ("needs_renewal", "expired"));
    // Suspending and resuming does not bring it back to life.
    let id = ById { id: grants[0].id.clone() };
    let _: GrantView = call(&w.owner, "accounts.suspend", id.clone()).await.unwrap();
    let resumed: GrantView = call(&w.owner, "accounts.resume", id).await.unwrap();
    assert_eq!((resumed.state.as_str(), resumed.reason.as_str()), ("needs_renewal", "expired"));
    // Granting the same shop again renews it and keeps its couriers and their details.
    let again = w.grant(SHOP).await;
    assert_eq!(again.id, grants[0].id, "renewed, not doubled");
    w.submit(order()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_set_back_a_day_neither_loses_nor_doubles() {
    let w = World::ready().await;
    let p = w.submit(order()).await.unwrap();
    let now = domain::clock::Clock::wall(&*w.clock);
    w.market
        .faults()
        .add(sandbox::FaultPlan::once("cainiao.waybill.ii.get", sandbox::Fault::TimeoutAfter { hold_ms: 0 }));
    let lost = w.submit(order()).await.unwrap();
    w.clock.set_wall(domain::clock::Millis(now.0 - 86_400_000));
    w.desk.tick().await;
    let asked: ParcelView = call(&w.owner, "orders.ask_now", ById { id: lost.row.id.clone() }).await.unwrap();
    assert_eq!(asked.row.waybill_state, "issued", "a person can ask at any time");
    assert_eq!(w.show(&p.row.id).await.row.number, p.row.number);
    assert_eq!(w.market.ledger().charged.len(), 2);
    let verdict: LogVerdict = call(&w.owner, "log.verify", VerifyLog { anchor: String::new() }).await.unwrap();
    assert!(verdict.whole, "the chain does not care for clocks");
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_requests_are_refused_by_every_command() {
    let w = World::empty().await;
    for (name, _) in desk::api::COMMANDS {
        for bad in
            [serde_json::json!(null), serde_json::json!([1, 2]), serde_json::json!("x"), serde_json::json!({"id": 7})]
        {
            // Whatever it answers, it must be an answer. Requests without fields accept an empty object in any dress.
            let _ = raw(&w.owner, name, bad).await;
        }
    }
    let err = raw(&w.owner, "no.such.command", serde_json::json!({})).await.unwrap_err();
    assert_eq!(err.code, Code::NotFound);
    let window = w.desk.door(Place::Window, "window");
    assert_eq!(raw(&window, "orders.form", serde_json::json!({})).await.unwrap_err().code, Code::NotLoggedIn);
}
