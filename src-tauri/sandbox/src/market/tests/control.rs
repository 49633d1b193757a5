use super::client::{Bench, zto};
use crate::market::ledger::LedgerView;
use crate::market::shops::SHOPS;
use crate::{Answers, PracticePrinter, PracticePrinterSettings};
use domain::units::Dpi;
use serde_json::{Value, json};

#[tokio::test]
async fn web_pages_reach_neither_the_strings_nor_the_market_under_another_name() {
    let b = Bench::new().await;
    let r = b.http.get(b.url("control/ledger")).send().await.unwrap();
    assert_eq!(r.status(), 403, "no header, no strings");
    let r = b.http.post(b.url("control/reset")).send().await.unwrap();
    assert_eq!(r.status(), 403);
    let r = b
        .http
        .get(b.url("control/ledger"))
        .header("X-Practice-Control", "1")
        .header("Host", "evil.example")
        .send()
        .await
        .unwrap();
    assert_eq!(r.status(), 421, "a foreign name is refused");
    let r = b.http.get(b.url("taobao/authorize")).header("Host", "evil.example").send().await.unwrap();
    assert_eq!(r.status(), 421);
    let r = b
        .http
        .request(reqwest::Method::OPTIONS, b.url("control/ledger"))
        .header("Origin", "https://evil.example")
        .send()
        .await
        .unwrap();
    assert!(r.headers().get("access-control-allow-origin").is_none(), "no page is let in by CORS");
}

#[tokio::test]
async fn another_process_reads_the_ledger_and_plans_faults() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let n = b.number(&s, &zto("o1", "p1")).await;
    let read = |path: &'static str| {
        let r = b.http.get(b.url(path)).header("X-Practice-Control", "1").send();
        async move { r.await.unwrap().json::<Value>().await.unwrap() }
    };
    let view: LedgerView = serde_json::from_value(read("control/ledger").await).unwrap();
    assert_eq!(view, b.market.ledger(), "the same view as in process");
    assert_eq!(view.charged[0].number, n);
    let plans = json!([
        {"method": "cainiao.waybill.ii.get", "fault": {"kind": "throttled"}, "times": {"count": 1}},
        {"method": "cainiao.*", "fault": {"kind": "delay", "ms": 1}, "times": "always"},
    ]);
    let (status, ids) = b.control("faults", &plans).await;
    assert_eq!((status, ids["ids"].as_array().map(Vec::len)), (200, Some(2)));
    assert_eq!(b.get(&s, &zto("o1", "p2")).await.unwrap_err().0, 7);
    assert_eq!(read("control/faults").await[0]["fired"], 1);
    let r = b.http.delete(b.url("control/faults")).header("X-Practice-Control", "1").send().await.unwrap();
    assert_eq!(r.status(), 200);
    assert_eq!(read("control/faults").await, json!([]));
    let (status, _) = b.control("faults", &json!({"method": "*", "fault": {"kind": "nonsense"}})).await;
    assert_eq!(status, 422, "an unknown fault is not swallowed");
}

#[tokio::test]
async fn sessions_end_on_request_and_apps_are_added() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let other = b.session("青禾茶器").await;
    let (_, ended) = b.control("session", &json!({"action": "expire", "shop_id": SHOPS[0].id})).await;
    assert_eq!(ended["sessions"], 1);
    assert_eq!(b.call("cainiao.waybill.ii.search", &s, &[]).await.unwrap_err().0, 27);
    assert!(b.call("cainiao.waybill.ii.search", &other, &[]).await.is_ok(), "the other shop's lives");
    b.control("session", &json!({"action": "revoke", "token": other})).await;
    assert_eq!(b.call("cainiao.waybill.ii.search", &other, &[]).await.unwrap_err().0, 27);
    let app = json!({"key": "k2", "secret": "s2", "callbacks": ["https://desk.example/cb"]});
    assert_eq!(b.control("apps", &app).await.0, 200);
    let q = [("response_type", "code"), ("client_id", "k2"), ("redirect_uri", "https://desk.example/cb")];
    let url = url::Url::parse_with_params(&b.url("taobao/authorize"), q).unwrap();
    assert_eq!(b.http.get(url).send().await.unwrap().status(), 200, "the new app may ask");
    assert_eq!(b.control("balance", &json!({"shop_id": "1", "cp_code": "ZTO", "quantity": 1})).await.0, 404);
    assert_eq!(b.control("reset", &json!({})).await.0, 200);
    let l = b.market.ledger();
    assert!(l.charged.is_empty() && l.balance(SHOPS[0].id, "ZTO") == Some(412), "as at the first start");
}

#[tokio::test]
async fn the_printer_beside_the_market_is_on_strings_too() {
    let b = Bench::new().await;
    assert_eq!(b.control("printer", &json!({})).await.0, 404, "none is attached");
    let settings = PracticePrinterSettings { port: 0, folder: None, dpi: Dpi::D203, answers: Answers::All };
    let printer = PracticePrinter::start(settings).await.unwrap();
    b.market.attach_printer(printer.handle());
    let (_, state) = b.control("printer", &json!({"paper_out": true})).await;
    assert_eq!(state["paper_out"], true);
    assert!(printer.report().paper_out);
    let (_, state) = b.control("printer", &json!({"paper_out": false, "paper_left": 3})).await;
    assert_eq!((&state["paper_out"], &state["paper_left"]), (&false.into(), &3.into()));
    let (_, state) = b.control("printer", &json!({"paper_left": null})).await;
    assert_eq!(state["paper_left"], Value::Null);
    printer.stop().await;
}
