//! The e-waybill methods on the ledger. Each reads and changes the books under one lock, so that a check and its
//! charge are one step.

use super::gateway::{Call, TopError};
use super::print_data;
use super::waybill_request::{self as request, address_json, invalid, text};
use crate::market::Inner;
use crate::market::ledger::{Books, Entry, LedgerLine, Parcel, Wanted};
use crate::market::shops::{self, CP_CODES, Courier, Shop};
use serde_json::{Value, json};

/// `cainiao.waybill.ii.search`: couriers with branches, balances, sender addresses.
pub(crate) fn search(inner: &Inner, call: &Call) -> Result<Value, TopError> {
    let shop = call.shop()?;
    let wanted = call.params.get("cp_code").filter(|c| !c.is_empty());
    let books = inner.books();
    let cols = shop
        .couriers
        .iter()
        .filter(|c| wanted.is_none_or(|w| w == c.cp_code))
        .map(|c| {
            json!({
                "cp_code": c.cp_code,
                "cp_type": c.cp_type,
                "branch_account_cols": call.list("waybill_branch_account", vec![branch(&books, call, shop, c)]),
            })
        })
        .collect();
    Ok(json!({"waybill_apply_subscription_cols": call.list("waybill_apply_subscription_info", cols)}))
}

fn branch(books: &Books, call: &Call, shop: &Shop, c: &Courier) -> Value {
    let (cancelled, live) = books.turnover(shop.id, c.cp_code);
    let places = c
        .senders
        .iter()
        .map(|p| {
            let mut a = address_json(&p.address());
            a["waybill_address_id"] = p.id.into();
            a
        })
        .collect();
    let mut b = json!({
        "branch_code": c.branch_code,
        "branch_name": c.branch_name,
        "branch_status": 1,
        "allocated_quantity": cancelled + live,
        "cancel_quantity": cancelled,
        "print_quantity": live,
        // Couriers billed monthly keep no stock: the platform says 0 for them.
        "quantity": books.quantity(shop.id, c.cp_code).flatten().unwrap_or(0),
        "segment_code": "NORMAL",
        "brand_code": "default",
        "shipp_address_cols": call.list("address_dto", places),
        "service_info_cols": call.list("service_info_dto", services(call, c)),
    });
    if !c.customer_codes.is_empty() {
        let codes = c.customer_codes.iter().map(|c| Value::from(*c)).collect();
        b["customer_code_list"] = call.list("string", codes);
        let map: serde_json::Map<String, Value> =
            c.senders.iter().zip(c.customer_codes).map(|(p, code)| (p.id.to_string(), Value::from(*code))).collect();
        b["customer_code_map"] = Value::Object(map).to_string().into();
    }
    b
}

fn services(call: &Call, c: &Courier) -> Vec<Value> {
    if c.cp_code != "SF" && c.cp_code != "ZTO" {
        return Vec::new();
    }
    let attribute = json!({
        "attribute_code": "value", "attribute_name": "声明价值", "attribute_type": "number",
        "type_desc": "{\"type\":\"number\",\"desc\":\"元\"}",
    });
    vec![json!({
        "service_code": "SVC-INSURE", "service_name": "保价", "service_desc": "按声明价值保价", "required": false,
        "service_attributes": call.list("service_attribute_dto", vec![attribute]),
    })]
}

/// `cainiao.waybill.ii.get`: takes numbers. The same order list, package id and courier get the same number again,
/// without a second charge and with the print data as it stands. Lines that fail are left out; if all fail, the
/// first one's reason is the answer.
pub(crate) fn get(inner: &Inner, call: &Call, force_encrypted: bool) -> Result<Value, TopError> {
    let shop = call.shop()?;
    let apply = request::read(shop, &call.need_json("param_waybill_cloud_print_apply_new_request")?)?;
    let mut books = inner.books();
    let mut modules = Vec::new();
    let mut first_no = None;
    for line in apply.lines {
        let object_id = line.object_id.clone();
        match take(inner, &mut books, shop, apply.courier, line) {
            Ok(number) => {
                let parcel = books.parcel(&number).expect("a number just taken is in the books");
                let encrypted = force_encrypted
                    || parcel.wanted.need_encrypt
                    || books.is_encrypted_only(shop.id, apply.courier.cp_code);
                let mut m = module(inner, parcel, encrypted);
                m["object_id"] = object_id.into();
                modules.push(m);
            }
            Err(e) => first_no = first_no.or(Some(e)),
        }
    }
    match (modules.is_empty(), first_no) {
        (true, Some(e)) => Err(e),
        _ => Ok(json!({"modules": call.list("waybill_cloud_print_response", modules)})),
    }
}

fn take(
    inner: &Inner,
    books: &mut Books,
    shop: &Shop,
    courier: &Courier,
    line: request::Line,
) -> Result<String, TopError> {
    if let Some(known) = books.by_key(shop.id, courier.cp_code, &line.trade_orders, &line.package_id) {
        return match known.line.cancelled_at {
            None => Ok(known.line.number.clone()),
            Some(_) => Err(invalid("该包裹的面单号已取消,请使用新的包裹ID重新获取")),
        };
    }
    let wanted = line.wanted?;
    match books.quantity(shop.id, courier.cp_code) {
        None => return Err(invalid("商家没有订购过该快递公司的电子面单服务")),
        // Both spellings were seen in production.
        Some(Some(q)) if q <= 0 && courier.cp_code == "YTO" => {
            return Err(TopError::business("waybill account not enough", "电子面单账户余额为0,请充值"));
        }
        Some(Some(q)) if q <= 0 => return Err(invalid("电子面单余额不足")),
        Some(_) => {}
    }
    let number = shops::number(inner.seed, courier.cp_code, books.counter());
    let line = LedgerLine {
        number: number.clone(),
        cp_code: courier.cp_code.into(),
        branch_code: courier.branch_code.into(),
        shop_id: shop.id.into(),
        package_id: line.package_id,
        trade_orders: line.trade_orders,
        charged_at: inner.now(),
        cancelled_at: None,
        picked_up: false,
    };
    books.record(Entry::Charged { line, wanted }).map_err(|e| unwritten(&e))?;
    Ok(number)
}

/// `cainiao.waybill.ii.update`: new recipient, goods or template for a living number.
pub(crate) fn update(inner: &Inner, call: &Call) -> Result<Value, TopError> {
    let shop = call.shop()?;
    let v = call.need_json("param_waybill_cloud_print_update_request")?;
    let (cp_code, number) = (text(&v, "cp_code"), text(&v, "waybill_code"));
    let mut books = inner.books();
    let parcel = owned(&books, shop, &cp_code, &number)?;
    if parcel.line.cancelled_at.is_some() || parcel.line.picked_up {
        return Err(invalid("面单已经被揽收,签收或回收,不能更新"));
    }
    let wanted: Wanted = request::overlay(&parcel.wanted, &v)?;
    books.record(Entry::Updated { number: number.clone(), wanted }).map_err(|e| unwritten(&e))?;
    let parcel = books.parcel(&number).expect("an updated number is in the books");
    Ok(module(inner, parcel, encrypts(&books, parcel)))
}

/// `cainiao.waybill.ii.cancel`: gives a number back. Again for one already given back: acknowledged again.
pub(crate) fn cancel(inner: &Inner, call: &Call) -> Result<Value, TopError> {
    let shop = call.shop()?;
    let (cp_code, number) = (call.need("cp_code")?.to_string(), call.need("waybill_code")?.to_string());
    let mut books = inner.books();
    let parcel = owned(&books, shop, &cp_code, &number)?;
    if parcel.line.picked_up {
        return Err(invalid("面单已经被揽收,签收或回收,不能取消"));
    }
    if parcel.line.cancelled_at.is_none() {
        books.record(Entry::Cancelled { number, at: inner.now() }).map_err(|e| unwritten(&e))?;
    }
    Ok(json!({"cancel_result": true}))
}

/// `cainiao.waybill.ii.query.by.waybillcode`: print data again, number by number.
pub(crate) fn by_number(inner: &Inner, call: &Call, says_none: bool) -> Result<Value, TopError> {
    let shop = call.shop()?;
    let asked = list_of(call, "param_list", 20)?;
    let books = inner.books();
    let modules = asked
        .iter()
        .map(|q| {
            let object_id = text(q, "object_id");
            let found = owned(&books, shop, &text(q, "cp_code"), &text(q, "waybill_code"));
            match found {
                Ok(p) if !says_none && p.line.cancelled_at.is_none() => found_module(inner, &books, p, &object_id),
                Ok(_) if !says_none => missing(&object_id, "WAYBILL_CANCELLED", "面单号已取消"),
                _ => missing(&object_id, "WAYBILL_NOT_FOUND", "面单号不存在"),
            }
        })
        .collect();
    Ok(json!({"modules": call.list("waybill_cloud_print_with_result_desc_response", modules)}))
}

/// `cainiao.waybill.ii.query.by.tradecode`: all living numbers of an order; one error line if there is none.
pub(crate) fn by_order(inner: &Inner, call: &Call, says_none: bool) -> Result<Value, TopError> {
    let shop = call.shop()?;
    let asked = list_of(call, "param_list", 10)?;
    let books = inner.books();
    let mut modules = Vec::new();
    for q in &asked {
        let object_id = text(q, "object_id");
        let known = if says_none { Vec::new() } else { books.by_order(shop.id, &text(q, "biz_sub_code")) };
        let living: Vec<_> = known.iter().filter(|p| p.line.cancelled_at.is_none()).collect();
        match (living.is_empty(), known.is_empty()) {
            (false, _) => modules.extend(living.iter().map(|p| found_module(inner, &books, p, &object_id))),
            (true, false) => modules.push(missing(&object_id, "WAYBILL_CANCELLED", "订单的面单号已取消")),
            (true, true) => modules.push(missing(&object_id, "WAYBILL_NOT_FOUND", "未查询到该订单的面单信息")),
        }
    }
    Ok(json!({"modules": call.list("waybill_cloud_print_with_result_desc_response", modules)}))
}

/// `cainiao.waybill.ii.product`: kinds of service of a courier.
pub(crate) fn product(call: &Call) -> Result<Value, TopError> {
    let cp_code = call.need("cp_code")?;
    let products: &[(&str, &str)] = match cp_code {
        "SF" => &[("1", "顺丰特快"), ("2", "顺丰标快")],
        _ => &[("STANDARD_EXPRESS", "标准快递")],
    };
    let types = products
        .iter()
        .map(|(code, name)| json!({"code": code, "name": name, "service_types": call.list("waybill_service_type", Vec::new())}))
        .collect();
    Ok(json!({"product_types": call.list("waybill_product_type", types)}))
}

/// `cainiao.cloudprint.stdtemplates.get`: the templates of all couriers.
pub(crate) fn standard_templates(call: &Call) -> Value {
    let datas = CP_CODES
        .iter()
        .map(|cp| {
            let templates = shops::templates(cp)
                .iter()
                .map(|t| {
                    json!({
                        "standard_template_id": t.id, "standard_template_name": t.name, "name": t.name,
                        "standard_template_url": shops::template_url(t.id), "url": shops::template_url(t.id),
                        "standard_waybill_type": t.kind, "brand_code": "default",
                    })
                })
                .collect();
            json!({"cp_code": cp, "standard_templates": call.list("standard_template_do", templates)})
        })
        .collect();
    json!({"result": {
        "success": true, "error_code": "0", "error_message": "",
        "datas": call.list("standard_template_result", datas),
    }})
}

fn owned<'b>(books: &'b Books, shop: &Shop, cp_code: &str, number: &str) -> Result<&'b Parcel, TopError> {
    books
        .parcel(number)
        .filter(|p| p.line.shop_id == shop.id && p.line.cp_code == cp_code)
        .ok_or_else(|| invalid("面单号不存在"))
}

fn encrypts(books: &Books, p: &Parcel) -> bool {
    p.wanted.need_encrypt || books.is_encrypted_only(&p.line.shop_id, &p.line.cp_code)
}

fn module(inner: &Inner, p: &Parcel, encrypted: bool) -> Value {
    json!({
        "waybill_code": p.line.number,
        "cp_code": p.line.cp_code,
        "real_cp_code": p.line.cp_code,
        "print_data": print_data::print_data(inner.seed, p, encrypted),
    })
}

fn found_module(inner: &Inner, books: &Books, p: &Parcel, object_id: &str) -> Value {
    json!({
        "success": true,
        "object_id": object_id,
        "waybill_cloud_print_response": module(inner, p, encrypts(books, p)),
    })
}

fn missing(object_id: &str, code: &str, words: &str) -> Value {
    json!({"success": false, "object_id": object_id, "error_code": code, "error_message": words})
}

fn list_of(call: &Call, name: &str, most: usize) -> Result<Vec<Value>, TopError> {
    match call.need_json(name)? {
        Value::Array(list) if !list.is_empty() && list.len() <= most => Ok(list),
        _ => Err(TopError::plain(41, format!("Invalid arguments:{name}"))),
    }
}

fn unwritten(e: &std::io::Error) -> TopError {
    tracing::error!(error = %e, "the practice ledger could not be written; nothing was charged");
    TopError::business("isp.top-remote-service-unavailable", "ledger unavailable")
}
