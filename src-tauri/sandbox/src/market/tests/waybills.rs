use super::client::{Bench, apply, zto};
use crate::market::shops::SHOPS;
use serde_json::{Value, json};

const YTO_TEMPLATE: &str = "http://cloudprint.cainiao.com/template/standard/406/1";
const STO_TEMPLATE: &str = "http://cloudprint.cainiao.com/template/standard/606/1";
const SF_TEMPLATE: &str = "http://cloudprint.cainiao.com/template/standard/506/1";

#[tokio::test]
async fn a_number_is_taken_once_for_the_same_package_and_charged_once() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let first = b.number(&s, &zto("o1", "p1-1")).await;
    assert!(first.starts_with("73") && first.len() == 14, "{first}");
    assert_eq!(b.number(&s, &zto("o1", "p1-1")).await, first, "the same package, the same number");
    assert_eq!(b.market.ledger().balance(SHOPS[0].id, "ZTO"), Some(411), "charged once");
    let second = b.number(&s, &zto("o1", "p1-2")).await;
    let third = b.number(&s, &zto("o2", "p1-1")).await;
    assert!(first != second && second != third, "a new package or a new order, a new number");
    let l = b.market.ledger();
    assert_eq!(l.balance(SHOPS[0].id, "ZTO"), Some(409));
    let packages: Vec<_> = l.live().map(|x| (x.package_id.as_str(), x.trade_orders[0].as_str())).collect();
    assert_eq!(packages, [("p1-1", "o1"), ("p1-2", "o1"), ("p1-1", "o2")]);
    assert_eq!(l.in_flight, 0);
}

#[tokio::test]
async fn plain_print_data_says_where_the_parcel_goes() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let v = b.get(&s, &zto("o1", "p1")).await.unwrap();
    let m = &v["modules"]["waybill_cloud_print_response"][0];
    assert_eq!((&m["object_id"], &m["cp_code"]), (&"1".into(), &"ZTO".into()));
    let p: Value = serde_json::from_str(m["print_data"].as_str().expect("JSON in a text")).unwrap();
    let d = &p["data"];
    assert_eq!(d["waybillCode"], m["waybill_code"]);
    assert_eq!(d["packageInfo"]["id"], "p1");
    assert_eq!(d["recipient"]["name"], "李四");
    let r = &d["routingInfo"];
    assert!(r["routeCode"].as_str().is_some_and(|c| c.starts_with("028-")), "成都 is 028: {r}");
    assert_eq!((&r["sortation"]["name"], &r["consolidation"]["name"]), (&"成都-武侯".into(), &"成都转运中心".into()));
    assert_eq!(r["origin"]["name"], "余杭三部");
    assert!(p["signature"].is_string() && p["templateURL"].as_str().is_some_and(|t| t.ends_with("/306/1")));
}

#[tokio::test]
async fn encrypted_print_data_shows_nothing() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    for (package, encrypt) in [("p1", json!(true)), ("p2", Value::Null), ("p3", json!("true"))] {
        let mut r = zto("o1", package);
        r["need_encrypt"] = encrypt;
        let v = b.get(&s, &r).await.unwrap();
        let text = v["modules"]["waybill_cloud_print_response"][0]["print_data"].as_str().unwrap().to_string();
        let p: Value = serde_json::from_str(&text).unwrap();
        assert!(p["encryptedData"].as_str().is_some_and(|e| e.starts_with("AES:")), "{text}");
        assert!(p["signature"].as_str().is_some_and(|e| e.starts_with("MD:")));
        assert!(p.get("data").is_none() && !text.contains("李四"), "nothing readable");
    }
    let (status, _) = b.control("encrypted-only", &json!({"shop_id": SHOPS[0].id, "cp_code": "ZTO", "on": true})).await;
    assert_eq!(status, 200);
    let v = b.get(&s, &zto("o1", "p9")).await.unwrap();
    let text = v["modules"]["waybill_cloud_print_response"][0]["print_data"].as_str().unwrap();
    assert!(text.contains("encryptedData"), "an account that gives only encrypted data gives it unasked");
}

#[tokio::test]
async fn what_is_wrong_with_a_request_is_said_and_nothing_is_charged() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let with = |pointer: &str, v: Value| {
        let mut r = zto("o1", "p1");
        *r.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = v;
        r
    };
    let line = "/trade_order_info_dtos/0";
    for (request, words) in [
        (with("/sender/address/detail", "文一西路1818号".into()), "找不到发货地址对应的订购信息"),
        (with("/cp_code", "EMS".into()), "没有订购过"),
        (with(&format!("{line}/template_url"), YTO_TEMPLATE.into()), "传入模版url有误"),
        (with(&format!("{line}/user_id"), 1.into()), "user_id"),
        (with(&format!("{line}/recipient/name"), "长".repeat(41).into()), "姓名过长"),
        (with(&format!("{line}/recipient/mobile"), "".into()), "手机号和电话"),
        (with(&format!("{line}/recipient/address/detail"), "长".repeat(257).into()), "地址过长"),
        (with(&format!("{line}/recipient/address/city"), "三沙市".into()), "超出服务范围"),
        (with(&format!("{line}/package_info/items"), json!([])), "items"),
        (with(&format!("{line}/order_info/trade_order_list"), json!([])), "trade_order_list"),
        (with("/trade_order_info_dtos", json!([])), "trade_order_info_dtos"),
        (apply("ZTO", "x", &[("o", "p"); 11]), "trade_order_info_dtos"),
        (apply("STO", STO_TEMPLATE, &[("o", "p")]), "电子面单余额不足"),
    ] {
        let (code, sub_code, sub_msg) = b.get(&s, &request).await.unwrap_err();
        assert_eq!((code, sub_code.as_str()), (15, "isv.invalid-parameter"), "{words}");
        assert!(sub_msg.contains(words), "{sub_msg} says {words}");
    }
    let mut twice = apply("ZTO", YTO_TEMPLATE, &[("o1", "p1"), ("o2", "p2")]);
    twice["trade_order_info_dtos"][1]["object_id"] = "1".into();
    assert!(b.get(&s, &twice).await.unwrap_err().2.contains("object_id"), "an object id twice");
    assert!(b.market.ledger().charged.is_empty(), "nothing was charged");
}

#[tokio::test]
async fn an_empty_account_is_told_in_both_spellings() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    b.control("balance", &json!({"shop_id": SHOPS[0].id, "cp_code": "YTO", "quantity": 1})).await;
    let all = apply("YTO", YTO_TEMPLATE, &[("o1", "p1"), ("o2", "p2")]);
    let v = b.get(&s, &all).await.unwrap();
    let modules = v["modules"]["waybill_cloud_print_response"].as_array().unwrap();
    assert_eq!(modules.len(), 1, "one number was left, one line is answered");
    assert_eq!(modules[0]["object_id"], "1");
    let (code, sub_code, _) = b.get(&s, &apply("YTO", YTO_TEMPLATE, &[("o3", "p3")])).await.unwrap_err();
    assert_eq!((code, sub_code.as_str()), (15, "waybill account not enough"));
    assert_eq!(
        b.number(&s, &apply("YTO", YTO_TEMPLATE, &[("o1", "p1")])).await,
        modules[0]["waybill_code"],
        "the known one is still given"
    );
}

#[tokio::test]
async fn a_courier_billed_monthly_never_runs_out_and_knows_its_customer_codes() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let mut r = apply("SF", SF_TEMPLATE, &[("o1", "p1")]);
    r["customer_code"] = "5710088123".into();
    assert!(b.number(&s, &r).await.starts_with("SF"));
    r["customer_code"] = "1".into();
    assert!(b.get(&s, &r).await.unwrap_err().2.contains("月结卡号"));
    let l = b.market.ledger();
    assert_eq!(l.balances.iter().find(|x| x.cp_code == "SF").map(|x| x.quantity), Some(None), "no stock of numbers");
}

#[tokio::test]
async fn a_cancelled_number_gives_its_quantity_back_and_is_never_revived() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let n = b.number(&s, &zto("o1", "p1")).await;
    assert_eq!(b.by_order(&s, "o1").await[0]["waybill_cloud_print_response"]["waybill_code"], n);
    assert_eq!(b.cancel(&s, "ZTO", &n).await.unwrap()["cancel_result"], true);
    assert_eq!(b.market.ledger().balance(SHOPS[0].id, "ZTO"), Some(412), "given back");
    assert_eq!(b.cancel(&s, "ZTO", &n).await.unwrap()["cancel_result"], true, "again: acknowledged again");
    assert_eq!(b.market.ledger().balance(SHOPS[0].id, "ZTO"), Some(412), "but given back once");
    for found in [b.by_order(&s, "o1").await[0].clone(), b.by_number(&s, "ZTO", &n).await] {
        assert_eq!(found["success"], false, "{found}");
        assert!(found["error_message"].as_str().is_some_and(|m| m.contains("已取消")));
    }
    assert!(b.get(&s, &zto("o1", "p1")).await.unwrap_err().2.contains("已取消"), "not revived");
    let new = b.number(&s, &zto("o1", "p2")).await;
    assert_ne!(new, n);
    assert_eq!(b.by_order(&s, "o1").await.as_array().map(Vec::len), Some(1), "only the living one is found");
    let l = b.market.ledger();
    assert_eq!((l.charged.len(), l.cancelled().count(), l.live().count()), (2, 1, 1));
}

#[tokio::test]
async fn picked_up_foreign_and_unknown_numbers_cannot_be_cancelled() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let n = b.number(&s, &zto("o1", "p1")).await;
    assert_eq!(b.control("picked-up", &json!({"number": n})).await.0, 200);
    assert!(b.cancel(&s, "ZTO", &n).await.unwrap_err().2.contains("已经被揽收,签收或回收"));
    assert!(b.cancel(&s, "YTO", &n).await.unwrap_err().2.contains("不存在"), "another courier's");
    assert!(b.cancel(&s, "ZTO", "73000000000000").await.unwrap_err().2.contains("不存在"));
    let other = b.session("青禾茶器").await;
    assert!(b.cancel(&other, "ZTO", &n).await.unwrap_err().2.contains("不存在"), "another shop's");
    assert_eq!(b.by_order(&other, "o1").await[0]["success"], false, "another shop does not find it either");
}

#[tokio::test]
async fn an_update_changes_the_print_data_and_not_the_number() {
    let b = Bench::new().await;
    let s = b.session("青禾生活馆").await;
    let n = b.number(&s, &zto("o1", "p1")).await;
    let update = json!({
        "cp_code": "ZTO", "waybill_code": n,
        "recipient": {"name": "王五", "phone": "010-12345678", "address": {"province": "北京", "city": "北京市", "detail": "长安街1号"}},
    })
    .to_string();
    let v = b
        .call("cainiao.waybill.ii.update", &s, &[("param_waybill_cloud_print_update_request", &update)])
        .await
        .unwrap();
    assert_eq!(v["waybill_code"], n);
    let found = b.by_number(&s, "ZTO", &n).await;
    let text = found["waybill_cloud_print_response"]["print_data"].as_str().unwrap();
    assert!(text.contains("王五") && !text.contains("李四") && text.contains("010-"), "{text}");
}

#[tokio::test]
async fn numbers_sessions_and_balances_survive_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let b = Bench::with(7, Some(dir.path().into())).await;
    let s = b.session("青禾生活馆").await;
    let n = b.number(&s, &zto("o1", "p1")).await;
    let gone = b.number(&s, &zto("o1", "p2")).await;
    b.cancel(&s, "ZTO", &gone).await.unwrap();
    let before = b.market.ledger();
    b.market.stop().await;
    let file = std::fs::read_to_string(dir.path().join("ledger.jsonl")).unwrap();
    assert!(!file.contains(&s), "the session key is not in the file in clear");
    let b = Bench::with(7, Some(dir.path().into())).await;
    assert_eq!(b.market.ledger(), before);
    assert_eq!(b.number(&s, &zto("o1", "p1")).await, n, "the session lives, and so does the number");
    let new = b.number(&s, &zto("o1", "p3")).await;
    assert!(new != n && new != gone, "the counter went on");
}

#[tokio::test]
async fn the_same_seed_and_the_same_calls_give_the_same_numbers() {
    let mut runs = Vec::new();
    for seed in [7, 7, 8] {
        let b = Bench::with(seed, None).await;
        let s = b.session("青禾生活馆").await;
        runs.push([
            b.number(&s, &zto("o1", "p1")).await,
            b.number(&s, &apply("YTO", YTO_TEMPLATE, &[("o2", "p2")])).await,
        ]);
    }
    assert_eq!(runs[0], runs[1]);
    assert_ne!(runs[0], runs[2]);
}
