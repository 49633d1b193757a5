//! `/taobao/router/rest`: the TOP gateway. Checks the public parameters and the signature, finds the session, hands
//! the call to its method, wraps the answer. HTTP 200 on errors too (facts §13).

use super::sign::{self, Method};
use super::{token, waybill};
use crate::market::Inner;
use crate::market::faults::Fault;
use crate::market::ledger::{App, Server};
use crate::market::line::LineHandle;
use crate::market::shops::Shop;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

pub(crate) fn routes() -> axum::Router<Arc<Inner>> {
    axum::Router::new().route("/taobao/router/rest", get(call).post(call))
}

/// A no of the gateway or of a method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TopError {
    pub(crate) code: u16,
    pub(crate) msg: String,
    pub(crate) sub_code: String,
    pub(crate) sub_msg: String,
}

impl TopError {
    pub(crate) fn plain(code: u16, msg: impl Into<String>) -> Self {
        Self { code, msg: msg.into(), sub_code: String::new(), sub_msg: String::new() }
    }
    /// A business no: code 15 with the words in `sub_code` and `sub_msg`.
    pub(crate) fn business(sub_code: &str, sub_msg: impl Into<String>) -> Self {
        Self { code: 15, msg: "Remote service error".into(), sub_code: sub_code.into(), sub_msg: sub_msg.into() }
    }
    pub(crate) fn invalid_session() -> Self {
        Self {
            code: 27,
            msg: "Invalid session".into(),
            sub_code: "invalid-sessionkey".into(),
            sub_msg: "SessionKey已失效,请重新授权".into(),
        }
    }
}

/// One checked call.
pub(crate) struct Call {
    pub(crate) params: BTreeMap<String, String>,
    pub(crate) shop: Option<&'static Shop>,
    pub(crate) app: App,
    pub(crate) simplify: bool,
}

impl Call {
    /// A required parameter of the method.
    pub(crate) fn need(&self, name: &str) -> Result<&str, TopError> {
        match self.params.get(name).map(String::as_str) {
            None | Some("") => Err(TopError::plain(40, format!("Missing required arguments:{name}"))),
            Some(v) => Ok(v),
        }
    }
    /// A required parameter that is JSON.
    pub(crate) fn need_json(&self, name: &str) -> Result<Value, TopError> {
        serde_json::from_str(self.need(name)?).map_err(|_| TopError::plain(41, format!("Invalid arguments:{name}")))
    }
    /// Who calls. Only for methods that need a session.
    pub(crate) fn shop(&self) -> Result<&'static Shop, TopError> {
        self.shop.ok_or_else(|| TopError::plain(26, "Missing session"))
    }
    /// A list as this call wants it: bare with `simplify`, else inside an object named after its type.
    pub(crate) fn list(&self, type_name: &str, items: Vec<Value>) -> Value {
        if self.simplify { Value::Array(items) } else { json!({ type_name: items }) }
    }
}

const WITHOUT_SESSION: [&str; 3] =
    ["taobao.top.auth.token.create", "taobao.top.auth.token.refresh", "cainiao.cloudprint.stdtemplates.get"];
const WITH_SESSION: [&str; 8] = [
    "cainiao.waybill.ii.search",
    "cainiao.waybill.ii.get",
    "cainiao.waybill.ii.update",
    "cainiao.waybill.ii.cancel",
    "cainiao.waybill.ii.query.by.waybillcode",
    "cainiao.waybill.ii.query.by.tradecode",
    "cainiao.waybill.ii.product",
    "taobao.user.seller.get",
];
/// Also needs a session; apart only because its fields are.
const SHOP_GET: &str = "taobao.shop.seller.get";

async fn call(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|h| h.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    if !body.is_empty() && !kind.starts_with("application/x-www-form-urlencoded") {
        let e = TopError::plain(43, "Parameter error: only application/x-www-form-urlencoded is read here");
        return answer(&inner, "", false, Err(e));
    }
    let mut params = BTreeMap::new();
    let query = query.unwrap_or_default();
    let pairs = url::form_urlencoded::parse(query.as_bytes()).chain(url::form_urlencoded::parse(&body));
    for (k, v) in pairs {
        if params.insert(k.to_string(), v.to_string()).is_some() {
            let e = TopError::plain(43, format!("Parameter error: {k} is sent twice"));
            return answer(&inner, "", false, Err(e));
        }
    }
    match params.get("format").map_or("xml", String::as_str) {
        "json" => {}
        "xml" => return xml_refused(),
        _ => return answer(&inner, "", false, Err(TopError::plain(23, "Invalid format"))),
    }
    let app = match check_public(&inner, &params) {
        Ok(app) => app,
        Err(e) => return answer(&inner, "", false, Err(e)),
    };
    let method = params.get("method").cloned().unwrap_or_default();
    let simplify = params.get("simplify").is_some_and(|s| s == "true");
    let name = method.clone();
    inner
        .carry_out(line, &name, move |inner, fault| {
            let result = match fault {
                Some(Fault::Throttled) => Err(TopError {
                    code: 7,
                    msg: "App Call Limited".into(),
                    sub_code: "accesscontrol.limited-by-app-access-count".into(),
                    sub_msg: "This ban will last for 1 more seconds".into(),
                }),
                Some(Fault::Refuse { sub_code, sub_msg }) => Err(TopError::business(sub_code, sub_msg.clone())),
                Some(Fault::Expired) => Err(TopError::invalid_session()),
                Some(Fault::Unwell) => {
                    Err(TopError::business("isp.remote-service-timeout", "服务暂时不可用,请稍后重试"))
                }
                _ => session(inner, &method, &params, &app).and_then(|shop| {
                    let call = Call { params, shop, app, simplify };
                    dispatch(inner, &method, &call, fault)
                }),
            };
            let result = match fault {
                Some(Fault::SaysRefused { sub_code, sub_msg }) => {
                    result.and_then(|_| Err(TopError::business(sub_code, sub_msg.clone())))
                }
                _ => result,
            };
            answer(inner, &method, simplify, result)
        })
        .await
}

/// Public parameters in the order in which the gateway complains about them.
fn check_public(inner: &Inner, params: &BTreeMap<String, String>) -> Result<App, TopError> {
    let get = |k: &str| params.get(k).map(String::as_str).filter(|v| !v.is_empty());
    let method = get("method").ok_or_else(|| TopError::plain(21, "Missing method"))?;
    if !WITHOUT_SESSION.contains(&method) && !WITH_SESSION.contains(&method) && method != SHOP_GET {
        return Err(TopError::plain(22, "Invalid method"));
    }
    let key = get("app_key").ok_or_else(|| TopError::plain(28, "Missing app key"))?;
    let app = inner.books().app(key).cloned().ok_or_else(|| TopError::plain(29, "Invalid app key"))?;
    let time = get("timestamp").ok_or_else(|| TopError::plain(30, "Missing timestamp"))?;
    let off = read_timestamp(time).map(|t| t.abs_diff(inner.now().0));
    if off.is_none_or(|ms| ms > 10 * 60 * 1000) {
        return Err(TopError::plain(31, "Invalid timestamp"));
    }
    let version = get("v").ok_or_else(|| TopError::plain(32, "Missing version"))?;
    if version != "2.0" {
        return Err(TopError::plain(33, "Invalid version"));
    }
    let sign = get("sign").ok_or_else(|| TopError::plain(24, "Missing signature"))?;
    let method = get("sign_method").and_then(Method::named).ok_or_else(|| TopError::plain(25, "Invalid signature"))?;
    if sign::expected(method, app.secret.as_bytes(), params) != sign {
        return Err(TopError::plain(25, "Invalid signature"));
    }
    Ok(app)
}

/// `yyyy-MM-dd HH:mm:ss` in GMT+8, or 13 digits of milliseconds (facts §13), as milliseconds since the epoch.
fn read_timestamp(text: &str) -> Option<i64> {
    if text.len() == 13 && text.bytes().all(|b| b.is_ascii_digit()) {
        return text.parse().ok();
    }
    let (date, time) = text.split_once(' ')?;
    if date.len() != 10 || time.len() != 8 {
        return None;
    }
    let civil: jiff::civil::DateTime = format!("{date}T{time}").parse().ok()?;
    Some(jiff::tz::offset(8).to_timestamp(civil).ok()?.as_millisecond())
}

fn session(
    inner: &Inner,
    method: &str,
    params: &BTreeMap<String, String>,
    app: &App,
) -> Result<Option<&'static Shop>, TopError> {
    if WITHOUT_SESSION.contains(&method) {
        return Ok(None);
    }
    let token =
        params.get("session").filter(|s| !s.is_empty()).ok_or_else(|| TopError::plain(26, "Missing session"))?;
    let who = inner.shop_of(Server::Taobao, &app.key, token).ok_or_else(TopError::invalid_session)?;
    Ok(Some(who.0))
}

fn dispatch(inner: &Inner, method: &str, call: &Call, fault: Option<&Fault>) -> Result<Map<String, Value>, TopError> {
    let body = match method {
        "cainiao.waybill.ii.search" => waybill::search(inner, call)?,
        "cainiao.waybill.ii.get" => waybill::get(inner, call, matches!(fault, Some(Fault::Encrypted)))?,
        "cainiao.waybill.ii.update" => waybill::update(inner, call)?,
        "cainiao.waybill.ii.cancel" => waybill::cancel(inner, call)?,
        "cainiao.waybill.ii.query.by.waybillcode" => {
            waybill::by_number(inner, call, matches!(fault, Some(Fault::SaysNone)))?
        }
        "cainiao.waybill.ii.query.by.tradecode" => {
            waybill::by_order(inner, call, matches!(fault, Some(Fault::SaysNone)))?
        }
        "cainiao.waybill.ii.product" => waybill::product(call)?,
        "cainiao.cloudprint.stdtemplates.get" => waybill::standard_templates(call),
        "taobao.user.seller.get" => {
            call.need("fields")?;
            let shop = call.shop()?;
            json!({"user": {"user_id": shop.id.parse::<u64>().unwrap_or(0), "nick": shop.nick, "type": "C"}})
        }
        SHOP_GET => {
            call.need("fields")?;
            let shop = call.shop()?;
            json!({"shop": {"sid": shop.sid, "title": shop.nick, "pic_path": ""}})
        }
        "taobao.top.auth.token.create" => {
            let no = |e: token::NoToken| TopError::business("isv.invalid-parameter", e.description);
            token_result(&token::by_code(inner, &call.app, call.need("code")?, None).map_err(no)?)
        }
        "taobao.top.auth.token.refresh" => {
            let no = |e: token::NoToken| TopError::business("isv.invalid-parameter", e.description);
            token_result(&token::by_refresh(inner, &call.app, call.need("refresh_token")?).map_err(no)?)
        }
        _ => return Err(TopError::plain(22, "Invalid method")),
    };
    match body {
        Value::Object(map) => Ok(map),
        other => Ok(Map::from_iter([("result".to_string(), other)])),
    }
}

/// `token_result` is JSON inside a text.
fn token_result(fields: &Value) -> Value {
    json!({ "token_result": fields.to_string() })
}

fn answer(inner: &Inner, method: &str, simplify: bool, result: Result<Map<String, Value>, TopError>) -> Response {
    let id = inner.request_id();
    let body = match result {
        Ok(mut map) => {
            map.insert("request_id".into(), id.into());
            if simplify {
                Value::Object(map)
            } else {
                // A leading "taobao." is not part of the wrapper's name (facts §13).
                let name = method.strip_prefix("taobao.").unwrap_or(method).replace('.', "_") + "_response";
                json!({ name: map })
            }
        }
        Err(e) => {
            let mut m = json!({"code": e.code, "msg": e.msg, "request_id": id});
            if !e.sub_code.is_empty() {
                m["sub_code"] = e.sub_code.into();
            }
            if !e.sub_msg.is_empty() {
                m["sub_msg"] = e.sub_msg.into();
            }
            json!({ "error_response": m })
        }
    };
    Json(body).into_response()
}

fn xml_refused() -> Response {
    let xml = "<?xml version=\"1.0\" encoding=\"utf-8\" ?><error_response><code>23</code><msg>Invalid format</msg>\
               <sub_msg>the practice market answers format=json only</sub_msg></error_response>";
    ([(header::CONTENT_TYPE, "text/xml;charset=utf-8")], xml).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_read_in_beijing_time() {
        assert_eq!(read_timestamp("1970-01-01 08:00:00"), Some(0));
        assert_eq!(read_timestamp("2016-01-01 12:00:00"), Some(1_451_620_800_000));
        assert_eq!(read_timestamp("1451620800000"), Some(1_451_620_800_000));
        for bad in ["2016-01-01", "2016-13-01 12:00:00", "1451620800", "2016-01-01T12:00:00", "2016-1-1 12:00:00"] {
            assert_eq!(read_timestamp(bad), None, "{bad}");
        }
    }
}
