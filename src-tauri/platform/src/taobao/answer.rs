//! Reading the e-waybill answers. Source: platform facts §1.7, §10.4. Pure.
//!
//! Invariant: nothing is guessed. An answer that does not fit what was asked (other object, two numbers for one parcel,
//! print data of another number) is a contradiction: unknown, never a number and never a no.

use super::refusal;
use super::router::Reply;
use super::shape::{int, list, text, truth, unreadable};
use domain::connector::{CallError, CourierOffer, Found, IssueRequest, Issued, PrintData, Routing};
use domain::contact::Address;
use domain::ids::{CourierCode, WaybillNo};
use serde_json::Value;
use std::collections::HashMap;

/// `cainiao.waybill.ii.search`: one offer a branch; a courier without branches is one offer too.
pub(crate) fn couriers(body: &Value) -> Result<Vec<CourierOffer>, CallError> {
    let mut offers = Vec::new();
    for courier in list(body, "waybill_apply_subscription_cols")? {
        let code = text(courier, "cp_code");
        if code.is_empty() {
            return Err(unreadable("cp_code"));
        }
        let kind = int(courier, "cp_type").and_then(|n| u8::try_from(n).ok()).unwrap_or(0);
        let plain = CourierOffer {
            code: CourierCode(code),
            kind,
            branch_code: String::new(),
            branch_name: String::new(),
            balance: None,
            senders: vec![],
            customer_codes: vec![],
        };
        let branches = list(courier, "branch_account_cols")?;
        if branches.is_empty() {
            offers.push(plain.clone());
        }
        for branch in branches {
            offers.push(CourierOffer {
                branch_code: text(branch, "branch_code"),
                branch_name: text(branch, "branch_name"),
                // 直营 couriers are billed by the month and show 0.
                balance: int(branch, "quantity").filter(|n| kind != 1 || *n > 0),
                senders: list(branch, "shipp_address_cols")?.into_iter().map(address).collect(),
                customer_codes: list(branch, "customer_code_list")?
                    .into_iter()
                    .filter_map(|c| c.as_str().map(str::to_owned))
                    .collect(),
                ..plain.clone()
            });
        }
    }
    Ok(offers)
}

fn address(v: &Value) -> Address {
    Address {
        province: text(v, "province"),
        city: text(v, "city"),
        district: text(v, "district"),
        town: text(v, "town"),
        detail: text(v, "detail"),
    }
}

/// `cainiao.cloudprint.stdtemplates.get`: one template address a courier. We draw ourselves; the platform only wants an
/// address that fits the courier, so one of no special brand and of the standard kind is taken.
pub(crate) fn templates(body: &Value) -> Result<HashMap<String, String>, CallError> {
    let result = body.get("result").ok_or_else(|| unreadable("result"))?;
    if truth(result, "success") == Some(false) {
        return Err(refusal::inside(&text(result, "error_code"), &text(result, "error_message")));
    }
    let mut best = HashMap::new();
    for courier in list(result, "datas")? {
        let choice =
            list(courier, "standard_templates")?.into_iter().filter(|t| !text(t, "url").is_empty()).min_by_key(|t| {
                let special = !matches!(text(t, "brand_code").as_str(), "" | "default");
                // 1 快递标准, 6 一联单; the others are for freight and old paper.
                let kind = match int(t, "standard_waybill_type") {
                    Some(1) => 0,
                    Some(6) => 1,
                    _ => 2,
                };
                (special, kind)
            });
        if let Some(t) = choice {
            best.insert(text(courier, "cp_code"), text(t, "url"));
        }
    }
    Ok(best)
}

/// `cainiao.waybill.ii.get`: exactly the one number that was asked for.
pub(crate) fn issued(reply: &Reply, req: &IssueRequest) -> Result<Issued, CallError> {
    let modules = list(&reply.body, "modules")?;
    let [module] = modules[..] else {
        return Err(contradiction(&format!("{} numbers for one parcel", modules.len())));
    };
    if text(module, "object_id") != req.object_id {
        return Err(contradiction("a number for an object that was not asked"));
    }
    number_of(module, &reply.raw, req)
}

/// `cainiao.waybill.ii.get` for several parcels: an end for each, in the order of `reqs`. A parcel that the answer leaves
/// out has no known end: it is looked up, not asked for again.
pub(crate) fn issued_many(reply: &Reply, reqs: &[&IssueRequest]) -> Vec<Result<Issued, CallError>> {
    let modules = match list(&reply.body, "modules") {
        Ok(modules) => modules,
        Err(e) => return reqs.iter().map(|_| Err(e.clone())).collect(),
    };
    let end = |req: &&IssueRequest| {
        let of_it: Vec<&Value> = modules.iter().copied().filter(|m| text(m, "object_id") == req.object_id).collect();
        match of_it[..] {
            // Each parcel keeps its own part of the answer only: the others' people are not its evidence.
            [module] => number_of(module, &module.to_string(), req),
            [] => Err(CallError::Unknown("the answer leaves this parcel out".to_owned())),
            _ => Err(contradiction(&format!("{} numbers for one parcel", of_it.len()))),
        }
    };
    let mut ends: Vec<_> = reqs.iter().map(end).collect();
    // One number for two parcels: whose it is cannot be told.
    for i in 0..ends.len() {
        let number = ends[i].as_ref().ok().map(|issued| issued.number.clone());
        let twins: Vec<usize> = (i + 1..ends.len())
            .filter(|j| number.is_some() && ends[*j].as_ref().ok().map(|issued| &issued.number) == number.as_ref())
            .collect();
        for j in twins.iter().copied().chain((!twins.is_empty()).then_some(i)) {
            ends[j] = Err(contradiction("one number for two parcels"));
        }
    }
    ends
}

fn number_of(module: &Value, raw: &str, req: &IssueRequest) -> Result<Issued, CallError> {
    let hit = Hit::read(module, raw)?;
    match (hit.courier.as_deref(), hit.package_id.as_deref()) {
        (Some(code), _) if code != req.courier.0 => Err(contradiction("a number of another courier")),
        (_, Some(id)) if id != req.package_id => Err(contradiction("a number of another package")),
        _ => Ok(hit.issued),
    }
}

/// `…query.by.tradecode`: the number of this order *and* this package.
pub(crate) fn found_by_order(reply: &Reply, req: &IssueRequest) -> Result<Found, CallError> {
    let mut exact: Vec<Hit> = Vec::new();
    let mut unnamed: Vec<Hit> = Vec::new();
    let mut others = 0;
    for hit in hits(reply)? {
        match (&hit.courier, &hit.package_id) {
            // Another attempt or another parcel of the same order.
            (Some(code), _) if *code != req.courier.0 => others += 1,
            (_, Some(id)) if *id != req.package_id => others += 1,
            (_, Some(_)) => exact.push(hit),
            (_, None) => unnamed.push(hit),
        }
    }
    exact.dedup_by(|a, b| a.issued.number == b.issued.number);
    match (exact.len(), unnamed.len(), others) {
        (1, _, _) => Ok(one(exact)),
        (0, 0, _) => Ok(Found::No),
        // The only number of this order, though it does not show its package.
        (0, 1, 0) => Ok(one(unnamed)),
        (e, u, o) => Err(CallError::Unknown(format!(
            "the order has several numbers: {e} of this package, {u} that do not show theirs, {o} of others"
        ))),
    }
}

/// `…query.by.waybillcode`: this number, if it lives.
pub(crate) fn found_by_number(reply: &Reply, courier: &CourierCode, number: &WaybillNo) -> Result<Found, CallError> {
    let found = hits(reply)?;
    match found.len() {
        0 => Ok(Found::No),
        1 if found[0].issued.number != *number => Err(contradiction("another number than the one asked about")),
        1 if found[0].courier.as_ref().is_some_and(|c| *c != courier.0) => {
            Err(contradiction("the number is another courier's"))
        }
        1 => Ok(one(found)),
        n => Err(contradiction(&format!("{n} lines for one number"))),
    }
}

fn one(mut hits: Vec<Hit>) -> Found {
    hits.pop().map_or(Found::No, |hit| Found::Yes(hit.issued))
}

/// The lines of a look-up that hold a number. A line that says "none" is left out; a line that says anything else
/// makes the whole look-up fail, to be asked again.
fn hits(reply: &Reply) -> Result<Vec<Hit>, CallError> {
    let mut found = Vec::new();
    for line in list(&reply.body, "modules")? {
        let number = line.get("waybill_cloud_print_response").filter(|r| !text(r, "waybill_code").is_empty());
        match (truth(line, "success"), number) {
            (Some(true) | None, Some(number)) => found.push(Hit::read(number, &reply.raw)?),
            (Some(false), None) => {
                let (code, message) = (text(line, "error_code"), text(line, "error_message"));
                if !refusal::says_not_found(&code, &message) {
                    return Err(refusal::inside(&code, &message));
                }
            }
            (Some(false), Some(_)) => return Err(contradiction("a number that is said not to be there")),
            (Some(true) | None, None) => return Err(unreadable("look-up line")),
        }
    }
    Ok(found)
}

/// One number in an answer.
struct Hit {
    issued: Issued,
    courier: Option<String>,
    package_id: Option<String>,
}

impl Hit {
    fn read(v: &Value, raw: &str) -> Result<Self, CallError> {
        let number = text(v, "waybill_code");
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_graphic()) {
            return Err(unreadable("waybill_code"));
        }
        let (print, inner) = print_data(v.get("print_data"));
        let said = |key: &str| inner.as_ref().map(|d| text(d, key)).filter(|s| !s.is_empty());
        if said("waybillCode").is_some_and(|n| n != number) {
            return Err(contradiction("print data of another number"));
        }
        let package_id = inner.as_ref().and_then(|d| d.get("packageInfo")).map(|p| text(p, "id"));
        let courier = text(v, "cp_code");
        Ok(Self {
            issued: Issued { number: WaybillNo(number), print, raw: raw.to_owned() },
            courier: if courier.is_empty() { said("cpCode") } else { Some(courier) },
            package_id: package_id.filter(|id| !id.is_empty()),
        })
    }
}

/// `print_data` is JSON in a text. Gives what to print and, where it is plain, its `data`.
fn print_data(v: Option<&Value>) -> (PrintData, Option<Value>) {
    let (text, parsed) = match v {
        Some(Value::String(s)) => (s.clone(), serde_json::from_str(s).unwrap_or(Value::Null)),
        Some(object @ Value::Object(_)) => (object.to_string(), object.clone()),
        _ => return (PrintData::Missing, None),
    };
    let sealed = parsed.get("encryptedData").and_then(Value::as_str).is_some_and(|s| !s.is_empty());
    match parsed.get("data") {
        _ if sealed => (PrintData::Encrypted { component: "cainiao".into(), data: text }, None),
        Some(Value::Object(data)) if !data.is_empty() => {
            let data = Value::Object(data.clone());
            (PrintData::Plain(routing(&data["routingInfo"])), Some(data))
        }
        _ => (PrintData::Missing, None),
    }
}

/// Facts §10.4.
fn routing(v: &Value) -> Routing {
    let name_or_code = |key: &str| {
        let place = &v[key];
        let name = text(place, "name");
        if name.is_empty() { text(place, "code") } else { name }
    };
    Routing {
        route_code: text(v, "routeCode"),
        sortation: name_or_code("sortation"),
        consolidation: name_or_code("consolidation"),
        origin: name_or_code("origin"),
    }
}

fn contradiction(what: &str) -> CallError {
    CallError::Unknown(format!("the platform contradicts itself: {what}"))
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
