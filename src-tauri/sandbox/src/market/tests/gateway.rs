use super::client::{Bench, START};
use crate::market::shops::SHOPS;
use domain::clock::Millis;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::Duration;

async fn code_of(b: &Bench, p: &BTreeMap<String, String>) -> u64 {
    let v: Value = b.send(p).await.unwrap().json().await.unwrap();
    v["error_response"]["code"].as_u64().unwrap_or(0)
}

#[tokio::test]
async fn every_broken_call_gets_its_own_error_code() {
    let b = Bench::new().await;
    let session = b.session("青禾生活馆").await;
    let method = "cainiao.waybill.ii.search";
    let good = b.params(method, Some(&session), &[]);
    assert_eq!(code_of(&b, &Bench::signed(good.clone())).await, 0, "the call itself is right");
    for (key, value, code) in [
        ("method", None, 21),
        ("method", Some("cainiao.waybill.ii.steal"), 22),
        ("format", Some("csv"), 23),
        ("session", None, 26),
        ("session", Some("6200nobody"), 27),
        ("app_key", None, 28),
        ("app_key", Some("nobody"), 29),
        ("timestamp", None, 30),
        ("timestamp", Some("2016-01-01 12:00:00"), 31),
        ("timestamp", Some("yesterday"), 31),
        ("v", None, 32),
        ("v", Some("1.0"), 33),
    ] {
        let mut p = good.clone();
        match value {
            Some(v) => p.insert(key.into(), v.into()),
            None => p.remove(key),
        };
        assert_eq!(code_of(&b, &Bench::signed(p)).await, code, "{key} = {value:?}");
    }
    assert_eq!(code_of(&b, &good).await, 24, "no signature");
    let mut p = Bench::signed(good.clone());
    p.insert("cp_code".into(), "ZTO".into());
    assert_eq!(code_of(&b, &p).await, 25, "a parameter that was not signed");
    let mut p = Bench::signed(good.clone());
    p.insert("sign_method".into(), "sha1".into());
    assert_eq!(code_of(&b, &p).await, 25, "an unknown way to sign");
    let p = Bench::signed(b.params("cainiao.waybill.ii.get", Some(&session), &[]));
    assert_eq!(code_of(&b, &p).await, 40, "a required argument is missing");
    let p = b.params("cainiao.waybill.ii.get", Some(&session), &[("param_waybill_cloud_print_apply_new_request", "{")]);
    assert_eq!(code_of(&b, &Bench::signed(p)).await, 41, "an argument is no JSON");
}

#[tokio::test]
async fn all_three_ways_to_sign_work_by_form_and_by_query() {
    let b = Bench::new().await;
    let session = b.session("青禾生活馆").await;
    for way in ["md5", "hmac", "hmac-sha256"] {
        let p = b.params("taobao.user.seller.get", Some(&session), &[("fields", "user_id,nick"), ("sign_method", way)]);
        let p = Bench::signed(p);
        assert_eq!(code_of(&b, &p).await, 0, "{way} in a form");
        let url = url::Url::parse_with_params(&b.url("taobao/router/rest"), &p).unwrap();
        let v: Value = b.http.get(url).send().await.unwrap().json().await.unwrap();
        let user = &v["user_seller_get_response"]["user"];
        assert_eq!(user["user_id"].as_u64().map(|n| n.to_string()).as_deref(), Some(SHOPS[0].id), "{way} in a query");
        assert_eq!(user["nick"], "青禾生活馆");
    }
    let millis =
        b.params("taobao.shop.seller.get", Some(&session), &[("fields", "sid"), ("timestamp", "1795254600000")]);
    assert_eq!(START, Millis(1_795_254_600_000));
    assert_eq!(code_of(&b, &Bench::signed(millis)).await, 0, "13 digits of milliseconds are a timestamp too");
}

#[tokio::test]
async fn the_timestamp_may_be_ten_minutes_off_and_no_more() {
    let b = Bench::new().await;
    let session = b.session("青禾生活馆").await;
    let early = Bench::signed(b.params("cainiao.waybill.ii.search", Some(&session), &[]));
    b.clock.advance(Duration::from_secs(600));
    assert_eq!(code_of(&b, &early).await, 0, "ten minutes late");
    b.clock.advance(Duration::from_millis(1));
    assert_eq!(code_of(&b, &early).await, 31, "later still");
    b.clock.set_wall(Millis(START.0 - 600_001));
    assert_eq!(code_of(&b, &early).await, 31, "from the future");
}

#[tokio::test]
async fn xml_is_refused_in_xml_and_simplify_unwraps() {
    let b = Bench::new().await;
    let session = b.session("青禾生活馆").await;
    let mut p = b.params("cainiao.waybill.ii.search", Some(&session), &[]);
    p.remove("format");
    let text = b.send(&Bench::signed(p)).await.unwrap().text().await.unwrap();
    assert!(text.starts_with("<?xml") && text.contains("<code>23</code>"), "xml is the default: {text}");
    let p = b.params("cainiao.waybill.ii.search", Some(&session), &[("simplify", "true")]);
    let v: Value = b.send(&Bench::signed(p)).await.unwrap().json().await.unwrap();
    assert!(v["waybill_apply_subscription_cols"][0]["branch_account_cols"][0]["shipp_address_cols"].is_array(), "{v}");
    let v = b.call("cainiao.waybill.ii.search", &session, &[("cp_code", "ZTO")]).await.unwrap();
    let cols = &v["waybill_apply_subscription_cols"]["waybill_apply_subscription_info"];
    assert_eq!(cols.as_array().map(Vec::len), Some(1), "one courier was asked for: {v}");
    let branch = &cols[0]["branch_account_cols"]["waybill_branch_account"][0];
    assert_eq!((&branch["branch_name"], &branch["quantity"]), (&"余杭三部".into(), &412.into()));
    assert_eq!(branch["shipp_address_cols"]["address_dto"][0]["province"], "浙江省");
}

#[tokio::test]
async fn templates_and_products_are_listed() {
    let b = Bench::new().await;
    let session = b.session("青禾生活馆").await;
    let v = b.call("cainiao.cloudprint.stdtemplates.get", &session, &[]).await.unwrap();
    let datas = v["result"]["datas"]["standard_template_result"].as_array().unwrap();
    let zto = datas.iter().find(|d| d["cp_code"] == "ZTO").unwrap();
    let kinds: Vec<_> = zto["standard_templates"]["standard_template_do"]
        .as_array()
        .unwrap()
        .iter()
        .map(|t| t["standard_waybill_type"].clone())
        .collect();
    assert_eq!(kinds, [1, 6], "the two-part and the one-part label");
    let v = b.call("cainiao.waybill.ii.product", &session, &[("cp_code", "SF")]).await.unwrap();
    assert!(v["product_types"]["waybill_product_type"].as_array().is_some_and(|p| p.len() == 2), "{v}");
}
