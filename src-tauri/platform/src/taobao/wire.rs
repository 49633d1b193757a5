//! Parameters of the e-waybill calls as Cainiao wants them. Source: platform facts §1.7.

use domain::connector::{CallError, IssueRequest};
use domain::contact::{Address, Contact};
use domain::ids::{CourierCode, WaybillNo};
use serde_json::{Map, Value, json};

/// `param_waybill_cloud_print_apply_new_request` of `cainiao.waybill.ii.get`: plain print data. `reqs`: 1 to 10 parcels of
/// one courier, customer code and sender, each with an object id of its own, which pairs it with the answer.
pub(crate) fn apply(reqs: &[&IssueRequest], template_url: &str) -> String {
    let Some(first) = reqs.first() else { return "{}".to_owned() };
    let lines: Vec<Value> = reqs.iter().map(|req| line(req, template_url)).collect();
    let mut param = json!({
        "cp_code": first.courier.0,
        "need_encrypt": false,
        "sender": contact(&first.sender),
        "trade_order_info_dtos": lines,
    });
    if let Some(code) = first.customer_code.as_deref().filter(|c| !c.is_empty()) {
        param["customer_code"] = code.into();
    }
    param.to_string()
}

fn line(req: &IssueRequest, template_url: &str) -> Value {
    let mut package = json!({
        "id": req.package_id,
        "items": req.goods.iter().map(|g| json!({"name": g.name, "count": g.count})).collect::<Vec<_>>(),
    });
    if let Some(grams) = req.weight_g {
        package["weight"] = grams.into();
    }
    json!({
        "object_id": req.object_id,
        "template_url": template_url,
        "user_id": user_id(&req.user_id),
        "order_info": {"order_channels_type": req.channel, "trade_order_list": req.trade_orders},
        "package_info": package,
        "recipient": contact(&req.recipient),
    })
}

/// Checks what the call cannot do without, before anything is asked.
pub(crate) fn check(req: &IssueRequest) -> Result<(), CallError> {
    let missing = [
        ("courier", req.courier.0.is_empty()),
        ("object id", req.object_id.is_empty()),
        ("package id", req.package_id.is_empty()),
        ("order number", req.trade_orders.first().is_none_or(String::is_empty)),
        ("goods", req.goods.is_empty()),
        ("user id", req.user_id.is_empty()),
    ];
    match missing.iter().find(|(_, is)| *is) {
        Some((what, _)) => Err(CallError::NotSent(format!("the request has no {what}"))),
        None => Ok(()),
    }
}

/// `param_list` of `cainiao.waybill.ii.query.by.tradecode`.
pub(crate) fn by_order(req: &IssueRequest) -> String {
    let order = req.trade_orders.first().map(String::as_str).unwrap_or_default();
    json!([{"biz_sub_code": order, "object_id": req.object_id}]).to_string()
}

/// `param_list` of `cainiao.waybill.ii.query.by.waybillcode`; the number itself pairs the one line.
pub(crate) fn by_number(courier: &CourierCode, number: &WaybillNo) -> String {
    json!([{"cp_code": courier.0, "object_id": number.0, "waybill_code": number.0}]).to_string()
}

fn contact(c: &Contact) -> Value {
    let phone = if is_mobile(&c.phone) { "mobile" } else { "phone" };
    json!({"name": c.name, phone: c.phone, "address": address(&c.address)})
}

/// Empty parts are left out; the others go byte for byte: a sender must equal an address that `search` returned.
fn address(a: &Address) -> Value {
    let parts = [
        ("province", &a.province),
        ("city", &a.city),
        ("district", &a.district),
        ("town", &a.town),
        ("detail", &a.detail),
    ];
    let filled = parts.into_iter().filter(|(_, v)| !v.is_empty());
    Value::Object(filled.map(|(k, v)| (k.to_owned(), Value::from(v.as_str()))).collect::<Map<_, _>>())
}

/// `13812345678`, also with an extension `-123` (a privacy number).
fn is_mobile(phone: &str) -> bool {
    let number = phone.split('-').next().unwrap_or_default();
    number.len() == 11 && number.starts_with('1') && number.bytes().all(|b| b.is_ascii_digit())
}

/// The seller's id is a number on the wire.
fn user_id(id: &str) -> Value {
    id.parse::<u64>().map_or_else(|_| Value::from(id), Value::from)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::taobao::specimen;

    #[test]
    fn an_application_is_written_as_the_platform_reads_it() {
        let v: Value = serde_json::from_str(&apply(&[&specimen::request()], "http://t/1")).unwrap();
        let want: Value = serde_json::from_str(include_str!("../../tests-data/top_apply.json")).unwrap();
        assert_eq!(v, want);
    }

    #[test]
    fn landlines_go_as_phone_and_mobiles_as_mobile() {
        for (phone, mobile) in [
            ("13812345678", true),
            ("18877771111-123", true),
            ("0571-88123456", false),
            ("23812345678", false),
            ("1381234567", false),
            ("", false),
        ] {
            assert_eq!(is_mobile(phone), mobile, "{phone}");
        }
    }

    #[test]
    fn a_request_without_its_parts_is_never_sent() {
        let whole = specimen::request();
        assert!(check(&whole).is_ok());
        for spoil in [
            |r: &mut IssueRequest| r.goods.clear(),
            |r: &mut IssueRequest| r.trade_orders.clear(),
            |r: &mut IssueRequest| r.package_id.clear(),
            |r: &mut IssueRequest| r.object_id.clear(),
            |r: &mut IssueRequest| r.user_id.clear(),
            |r: &mut IssueRequest| r.courier.0.clear(),
        ] {
            let mut r = whole.clone();
            spoil(&mut r);
            assert!(matches!(check(&r), Err(CallError::NotSent(_))));
        }
    }
}
