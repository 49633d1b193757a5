//! Answers as files (tests-data, made by hand to the facts), contradictions, and hostile bytes.

use super::*;
use crate::http::Answer;
use crate::taobao::refusal::Act;
use crate::taobao::router::open;
use crate::taobao::{oauth, specimen};
use domain::clock::Millis;
use proptest::prelude::*;
use serde_json::json;

const GET: &str = "cainiao.waybill.ii.get";
const BY_ORDER: &str = "cainiao.waybill.ii.query.by.tradecode";
const BY_NUMBER: &str = "cainiao.waybill.ii.query.by.waybillcode";

fn file(method: &str, text: &str) -> Reply {
    let answer = Answer { status: 200, content_type: None, body: text.as_bytes().to_vec() };
    open(method, Act::Write, &answer).expect("the file is an answer of this method")
}
fn reply(body: Value) -> Reply {
    Reply { raw: body.to_string(), body }
}
fn plain(number: &str, package: &str) -> String {
    json!({"data": {"waybillCode": number, "packageInfo": {"id": package}, "routingInfo": {"routeCode": "1-2 3"}}})
        .to_string()
}
fn line(number: &str, print_data: &str) -> Value {
    json!({"success": true, "waybill_cloud_print_response": {"waybill_code": number, "print_data": print_data, "cp_code": "ZTO"}})
}
#[expect(clippy::needless_pass_by_value, reason = "reads better around a call than a borrow of one")]
fn is_unknown<T: std::fmt::Debug>(end: Result<T, CallError>) -> bool {
    matches!(end, Err(CallError::Unknown(_)))
}

#[test]
fn couriers_come_one_a_branch_with_balance_and_senders() {
    let reply = file("cainiao.waybill.ii.search", include_str!("../../tests-data/top_search.json"));
    let offers = couriers(&reply.body).unwrap();
    let short: Vec<_> = offers.iter().map(|o| (o.code.0.as_str(), o.branch_code.as_str(), o.balance)).collect();
    assert_eq!(
        short,
        [("ZTO", "57100", Some(987)), ("ZTO", "57101", Some(0)), ("SF", "", None), ("EMS", "", None)],
        "a balance of 0 is a 0 where numbers are bought, and none where the month is billed"
    );
    assert_eq!(offers[0].branch_name, "杭州样张网点");
    assert_eq!(offers[0].customer_codes, ["K001", "K002"]);
    assert_eq!(offers[0].senders.len(), 2);
    assert_eq!(offers[0].senders[1].town, "某镇");
    assert_eq!((offers[0].kind, offers[2].kind), (2, 1));
}

#[test]
fn lists_without_their_type_names_say_the_same() {
    let body = json!({"waybill_apply_subscription_cols": [{"cp_code": "ZTO", "cp_type": "2",
        "branch_account_cols": [{"branch_code": "1", "quantity": "5", "shipp_address_cols": [{"province": "浙江省", "detail": "x"}]}]}]});
    let offers = couriers(&body).unwrap();
    assert_eq!((offers.len(), offers[0].kind, offers[0].balance, offers[0].senders.len()), (1, 2, Some(5), 1));
}

#[test]
fn the_standard_template_without_a_brand_is_taken() {
    let reply = file("cainiao.cloudprint.stdtemplates.get", include_str!("../../tests-data/top_templates.json"));
    let all = templates(&reply.body).unwrap();
    assert_eq!(all["ZTO"], "http://cloudprint.cainiao.com/template/standard/903/1");
    assert!(!all.contains_key("SF"), "no template, no entry");
    let no = templates(&json!({"result": {"success": false, "error_code": "E", "error_message": "m"}}));
    assert!(matches!(no, Err(CallError::Refused(_))));
    assert!(is_unknown(templates(&json!({}))));
}

#[test]
fn a_number_comes_with_its_routing() {
    let reply = file(GET, include_str!("../../tests-data/top_get_plain.json"));
    let got = issued(&reply, &specimen::request()).unwrap();
    assert_eq!(got.number.0, "75000000000001");
    let PrintData::Plain(routing) = got.print else { panic!("the file holds plain data") };
    assert_eq!(
        (routing.route_code.as_str(), routing.sortation.as_str()),
        ("028-W16-03 12", "成都 W16"),
        "routeCode and sortation.name"
    );
    assert_eq!((routing.consolidation.as_str(), routing.origin.as_str()), ("成都集包", "杭州样张网点"));
    assert!(got.raw.contains("request_id"), "the whole answer is kept for evidence");
}

#[test]
fn encrypted_print_data_is_kept_byte_for_byte_and_missing_stays_missing() {
    let text = include_str!("../../tests-data/top_get_encrypted.json");
    let got = issued(&file(GET, text), &specimen::request()).unwrap();
    let whole: Value = serde_json::from_str(text).unwrap();
    let sent = whole["cainiao_waybill_ii_get_response"]["modules"]["waybill_cloud_print_response"][0]["print_data"]
        .as_str()
        .unwrap();
    assert_eq!(got.print, PrintData::Encrypted { component: "cainiao".into(), data: sent.into() });
    for odd in [json!(null), json!(""), json!("not json"), json!("{}"), json!("{\"data\":{}}"), json!(7)] {
        assert_eq!(print_data(Some(&odd)).0, PrintData::Missing, "{odd}: the number is ours, the print data is not");
    }
}

#[test]
fn an_answer_that_does_not_fit_the_question_is_unknown_never_a_number() {
    let req = specimen::request();
    let module =
        json!({"object_id": "obj-1", "waybill_code": "1", "cp_code": "ZTO", "print_data": plain("1", "parcel-1-1")});
    let with = |changes: Value| {
        let mut m = module.clone();
        for (k, v) in changes.as_object().unwrap() {
            m[k] = v.clone();
        }
        issued(&reply(json!({"modules": [m]})), &req)
    };
    assert!(with(json!({})).is_ok(), "the unspoiled answer is read");
    assert!(is_unknown(issued(&reply(json!({})), &req)), "no module");
    assert!(is_unknown(issued(&reply(json!({"modules": []})), &req)), "an empty list");
    assert!(is_unknown(issued(&reply(json!({"modules": [module, module]})), &req)), "two modules");
    assert!(is_unknown(issued(&reply(json!({"modules": "x"})), &req)), "no list");
    assert!(is_unknown(with(json!({"object_id": "obj-2"}))), "an object that was not asked");
    assert!(is_unknown(with(json!({"object_id": null}))), "no object at all");
    assert!(is_unknown(with(json!({"waybill_code": ""}))), "no number");
    assert!(is_unknown(with(json!({"waybill_code": "75 00"}))), "nothing that a courier prints");
    assert!(is_unknown(with(json!({"cp_code": "YTO"}))), "another courier");
    assert!(is_unknown(with(json!({"print_data": plain("2", "parcel-1-1")}))), "print data of another number");
}

#[test]
fn a_look_up_by_order_takes_the_number_of_this_package() {
    let req = specimen::request();
    let reply_of = |lines: Value| reply(json!({"modules": lines}));
    let find = |lines: Value| found_by_order(&reply_of(lines), &req);
    let number = |end: Result<Found, CallError>| match end {
        Ok(Found::Yes(i)) => i.number.0,
        other => format!("{other:?}"),
    };
    let from_file = file(BY_ORDER, include_str!("../../tests-data/top_by_tradecode.json"));
    assert_eq!(number(found_by_order(&from_file, &req)), "75000000000001", "not the earlier attempt's");

    let sealed = json!({"encryptedData": "AES:x"}).to_string();
    assert_eq!(number(find(json!([line("5", &sealed)]))), "5", "the only hit counts though it shows no package");
    assert!(is_unknown(find(json!([line("5", &sealed), line("6", &sealed)]))), "two that show none");
    assert!(is_unknown(find(json!([line("5", &sealed), line("6", &plain("6", "other"))]))), "one may be another's");
    assert!(is_unknown(find(json!([line("5", &plain("5", "parcel-1-1")), line("6", &plain("6", "parcel-1-1"))]))));
    let twice = line("5", &plain("5", "parcel-1-1"));
    assert_eq!(number(find(json!([twice, twice]))), "5", "the same number twice is one number");
    assert_eq!(find(json!([line("6", &plain("6", "other"))])), Ok(Found::No), "only another package's number");
    let mut other_courier = line("6", &plain("6", "parcel-1-1"));
    other_courier["waybill_cloud_print_response"]["cp_code"] = "YTO".into();
    assert_eq!(find(json!([other_courier])), Ok(Found::No), "another courier's number is not ours");
}

#[test]
fn none_is_only_what_says_none() {
    let req = specimen::request();
    for none in [
        json!({}),
        json!({"modules": []}),
        json!({"modules": {}}),
        json!({"modules": [{"success": false, "error_code": "E1", "error_message": "面单不存在"}]}),
        json!({"modules": [{"success": "false", "error_code": "WAYBILL_NOT_FOUND"}]}),
    ] {
        assert_eq!(found_by_order(&reply(none.clone()), &req), Ok(Found::No), "{none}");
    }
    let failed = json!({"modules": [{"success": false, "error_code": "SYSTEM", "error_message": "系统繁忙"}]});
    assert!(matches!(found_by_order(&reply(failed), &req), Err(CallError::Refused(_))), "a failure is not a none");
    for unreadable in [
        json!({"modules": 1}),
        json!({"modules": [1]}),
        json!({"modules": [{"success": true}]}),
        json!({"modules": [{"success": false, "waybill_cloud_print_response": {"waybill_code": "1"}}]}),
    ] {
        assert!(is_unknown(found_by_order(&reply(unreadable.clone()), &req)), "{unreadable}");
    }
}

#[test]
fn a_look_up_by_number_answers_for_that_number_only() {
    let (zto, no) = (CourierCode("ZTO".into()), WaybillNo("75000000000001".into()));
    let from_file = file(BY_NUMBER, include_str!("../../tests-data/top_by_waybillcode.json"));
    assert!(matches!(found_by_number(&from_file, &zto, &no), Ok(Found::Yes(i)) if i.number == no));
    let other = WaybillNo("75000000000002".into());
    assert!(is_unknown(found_by_number(&from_file, &zto, &other)), "another number came back");
    assert!(is_unknown(found_by_number(&from_file, &CourierCode("YTO".into()), &no)));
    let l = line("1", "");
    assert!(is_unknown(found_by_number(&reply(json!({"modules": [l, l]})), &zto, &WaybillNo("1".into()))));
    assert_eq!(found_by_number(&reply(json!({"modules": []})), &zto, &no), Ok(Found::No));
}

/// JSON whose keys are the ones the parsers look for, so that random trees reach deep.
fn hostile() -> impl Strategy<Value = Value> {
    let key = prop::sample::select(vec![
        "modules",
        "waybill_cloud_print_response",
        "object_id",
        "waybill_code",
        "print_data",
        "data",
        "routingInfo",
        "routeCode",
        "sortation",
        "name",
        "packageInfo",
        "id",
        "cp_code",
        "success",
        "error_code",
        "error_message",
        "result",
        "datas",
        "standard_templates",
        "url",
        "waybill_apply_subscription_cols",
        "branch_account_cols",
        "quantity",
        "shipp_address_cols",
        "customer_code_list",
        "cp_type",
        "error_response",
        "code",
        "sub_code",
        "access_token",
        "expires_in",
        "taobao_user_id",
        "taobao_user_nick",
        "user",
        "nick",
        "encryptedData",
        "cainiao_waybill_ii_get_response",
        "waybillCode",
        "sub",
        "error",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
        Just(Value::from("obj-1")),
        Just(Value::from("ZTO")),
        Just(Value::from("{\"data\":{\"waybillCode\":\"1\",\"routingInfo\":{\"routeCode\":5}}}")),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|pairs| pairs.into_iter().map(|(k, v)| (k.to_owned(), v)).collect::<Value>()),
        ]
    })
}

fn read_with_everything(body: Vec<u8>, status: u16) {
    let answer = Answer { status, content_type: None, body };
    for act in [Act::Read, Act::Write] {
        let _ = open(GET, act, &answer);
    }
    let _ = oauth::tokens(&answer, Millis(i64::MAX));
    let _ = crate::standard::read_identity(&answer);
    let Ok(value) = serde_json::from_slice::<Value>(&answer.body) else { return };
    let req = specimen::request();
    let _ = couriers(&value);
    let _ = templates(&value);
    let _ = oauth::seller(&value);
    let reply = reply(value);
    if let Ok(got) = issued(&reply, &req) {
        assert!(!got.number.0.is_empty(), "a number is never empty");
    }
    let _ = found_by_order(&reply, &req);
    let _ = found_by_number(&reply, &req.courier, &WaybillNo("1".into()));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_json_makes_a_parser_panic(v in hostile(), status in prop::sample::select(vec![200u16, 400, 401])) {
        read_with_everything(v.to_string().into_bytes(), status);
    }

    #[test]
    fn no_bytes_make_a_parser_panic(b in prop::collection::vec(any::<u8>(), 0..300)) {
        read_with_everything(b, 200);
    }

    /// A real answer with one byte changed is read as itself, as no answer, or as something else, without a panic.
    #[test]
    fn a_damaged_answer_never_panics(at in any::<prop::sample::Index>(), byte in any::<u8>()) {
        for text in [
            include_str!("../../tests-data/top_get_plain.json"),
            include_str!("../../tests-data/top_search.json"),
            include_str!("../../tests-data/top_token.json"),
        ] {
            let mut bytes = text.as_bytes().to_vec();
            let i = at.index(bytes.len());
            bytes[i] = byte;
            read_with_everything(bytes, 200);
        }
    }
}
