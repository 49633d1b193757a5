//! `param_waybill_cloud_print_apply_new_request` read and judged: what is missing, too long, or not ours, in the
//! platform's own words (facts §1.3, §1.7).

use super::gateway::TopError;
use crate::market::ledger::Wanted;
use crate::market::shops::{self, Courier, Shop};
use domain::contact::Address;
use serde_json::{Value, json};
use std::collections::HashSet;

/// A whole request: what holds for all lines, and the lines.
pub(crate) struct Apply {
    pub(crate) courier: &'static Courier,
    pub(crate) lines: Vec<Line>,
}

/// One number wanted.
pub(crate) struct Line {
    pub(crate) object_id: String,
    pub(crate) trade_orders: Vec<String>,
    pub(crate) package_id: String,
    /// What would be charged for, or why this line is refused while others go through.
    pub(crate) wanted: Result<Wanted, TopError>,
}

/// A no about a parameter's content.
pub(crate) fn invalid(words: impl Into<String>) -> TopError {
    TopError::business("isv.invalid-parameter", words)
}

/// Reads the request. An error here refuses the whole call; nothing is charged.
pub(crate) fn read(shop: &'static Shop, v: &Value) -> Result<Apply, TopError> {
    if !v.is_object() {
        return Err(TopError::plain(41, "Invalid arguments:param_waybill_cloud_print_apply_new_request"));
    }
    let cp_code = text(v, "cp_code");
    if cp_code.is_empty() || cp_code.len() >= 20 {
        return Err(invalid("cp_code不能为空且长度小于20"));
    }
    let courier = shop
        .couriers
        .iter()
        .find(|c| c.cp_code == cp_code)
        .ok_or_else(|| invalid(format!("商家没有订购过{cp_code}的电子面单服务")))?;
    let sender = &v["sender"];
    check_person(sender, "发件人")?;
    let from = address(&sender["address"]);
    if !courier.senders.iter().any(|p| p.address() == from) {
        return Err(invalid("找不到发货地址对应的订购信息"));
    }
    let customer = text(v, "customer_code");
    if !customer.is_empty() && !courier.customer_codes.contains(&customer.as_str()) {
        return Err(invalid("月结卡号不存在或已冻结"));
    }
    let branch = text(v, "shipping_branch_code");
    if !branch.is_empty() && branch != courier.branch_code {
        return Err(invalid("发货网点不存在"));
    }
    let lines = v["trade_order_info_dtos"].as_array().map(Vec::as_slice).unwrap_or_default();
    if lines.is_empty() || lines.len() > 10 {
        return Err(invalid("trade_order_info_dtos的数量必须在1到10之间"));
    }
    let mut seen = HashSet::new();
    let need_encrypt = flag(&v["need_encrypt"]);
    let lines = lines
        .iter()
        .map(|line| {
            let object_id = text(line, "object_id");
            if object_id.is_empty() || !seen.insert(object_id.clone()) {
                return Err(invalid("object_id不能为空且在一次请求中必须唯一"));
            }
            let orders = &line["order_info"]["trade_order_list"];
            let trade_orders: Vec<String> =
                orders.as_array().map(Vec::as_slice).unwrap_or_default().iter().map(as_text).collect();
            if trade_orders.is_empty() || trade_orders.len() > 100 || trade_orders.iter().any(String::is_empty) {
                return Err(invalid("trade_order_list的数量必须在1到100之间"));
            }
            Ok(Line {
                object_id,
                trade_orders,
                package_id: text(&line["package_info"], "id"),
                wanted: read_line(shop, courier, sender, line, need_encrypt),
            })
        })
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Apply { courier, lines })
}

fn read_line(
    shop: &Shop,
    courier: &Courier,
    sender: &Value,
    line: &Value,
    need_encrypt: bool,
) -> Result<Wanted, TopError> {
    if text(line, "user_id") != shop.id {
        return Err(invalid("user_id与授权的商家不一致"));
    }
    let channel = text(&line["order_info"], "order_channels_type");
    if channel.is_empty() {
        return Err(invalid("order_channels_type不能为空"));
    }
    let template_url = text(line, "template_url");
    if !shops::template_fits(courier.cp_code, &template_url) {
        return Err(invalid("传入模版url有误"));
    }
    let package = &line["package_info"];
    let items = package["items"].as_array().map(Vec::as_slice).unwrap_or_default();
    if items.is_empty() || items.len() > 100 {
        return Err(invalid("items的数量必须在1到100之间"));
    }
    if items.iter().any(|i| text(i, "name").is_empty() || number(&i["count"]).is_none_or(|n| n == 0)) {
        return Err(invalid("商品名称不能为空,数量必须大于0"));
    }
    let recipient = &line["recipient"];
    check_person(recipient, "收件人")?;
    if unserved(courier, &address(&recipient["address"])) {
        return Err(invalid("收件地址超出服务范围,未匹配到网点"));
    }
    Ok(Wanted {
        channel,
        template_url,
        sender: sender.clone(),
        recipient: recipient.clone(),
        items: Value::Array(items.to_vec()),
        weight: number(&package["weight"]).unwrap_or(0),
        volume: number(&package["volume"]).unwrap_or(0),
        need_encrypt,
        services: text(line, "logistics_services"),
    })
}

/// The update request, laid over what stands.
pub(crate) fn overlay(old: &Wanted, v: &Value) -> Result<Wanted, TopError> {
    let mut new = old.clone();
    if v["sender"].is_object() {
        new.sender = v["sender"].clone();
    }
    if v["recipient"].is_object() {
        check_person(&v["recipient"], "收件人")?;
        new.recipient = v["recipient"].clone();
    }
    let package = &v["package_info"];
    if let Some(items) = package["items"].as_array().filter(|i| !i.is_empty()) {
        new.items = Value::Array(items.clone());
    }
    if let Some(weight) = number(&package["weight"]) {
        new.weight = weight;
    }
    if let Some(volume) = number(&package["volume"]) {
        new.volume = volume;
    }
    let template = text(v, "template_url");
    if !template.is_empty() {
        if !shops::template_fits(&text(v, "cp_code"), &template) {
            return Err(invalid("传入模版url有误"));
        }
        new.template_url = template;
    }
    let services = text(v, "logistics_services");
    if !services.is_empty() {
        new.services = services;
    }
    Ok(new)
}

/// Name ≤ 40 characters, a phone, province and detail (≤ 256).
fn check_person(p: &Value, who: &str) -> Result<(), TopError> {
    let name = text(p, "name");
    if name.is_empty() {
        return Err(invalid(format!("{who}姓名不能为空")));
    }
    if name.chars().count() > 40 {
        return Err(invalid(format!("{who}姓名过长")));
    }
    if text(p, "mobile").is_empty() && text(p, "phone").is_empty() {
        return Err(invalid(format!("{who}手机号和电话不能同时为空")));
    }
    let a = address(&p["address"]);
    if a.province.is_empty() || a.detail.is_empty() {
        return Err(invalid(format!("{who}地址的省份和详细地址不能为空")));
    }
    if a.detail.chars().count() > 256 {
        return Err(invalid(format!("{who}地址过长")));
    }
    Ok(())
}

/// 三沙 is out of reach for everyone but 顺丰.
fn unserved(courier: &Courier, to: &Address) -> bool {
    courier.cp_code != "SF" && to.city.starts_with("三沙")
}

/// An address as the domain writes it.
pub(crate) fn address(v: &Value) -> Address {
    Address {
        province: text(v, "province"),
        city: text(v, "city"),
        district: text(v, "district"),
        town: text(v, "town"),
        detail: text(v, "detail"),
    }
}

/// An address as the platform writes it.
pub(crate) fn address_json(a: &Address) -> Value {
    json!({"province": a.province, "city": a.city, "district": a.district, "town": a.town, "detail": a.detail})
}

/// A text or number field as text; missing = empty.
pub(crate) fn text(v: &Value, field: &str) -> String {
    as_text(&v[field])
}

pub(crate) fn as_text(v: &Value) -> String {
    match v {
        Value::String(s) => s.clone(),
        Value::Number(n) => n.to_string(),
        Value::Bool(b) => b.to_string(),
        _ => String::new(),
    }
}

fn number(v: &Value) -> Option<u64> {
    v.as_u64().or_else(|| v.as_str().and_then(|s| s.parse().ok()))
}

/// Encryption is off only if somebody says so.
fn flag(v: &Value) -> bool {
    !matches!(as_text(v).as_str(), "false" | "0")
}
