//! A practice service for text messages, and the phone they arrive on.
//!
//! `POST /sms/send` with `Authorization: Bearer practice-sms` and `{"to","code","minutes"}` takes a message; a wrong key is 401,
//! a number that is no phone (or begins with 100: nobody has those) 400 `unknown_number`. Fault plans of the method `sms.send`
//! hold; a refusal's `sub_code` is the error. `GET /sms/` is the phone's page, newest message first; nothing is kept on disk.

use super::Inner;
use super::faults::Fault;
use super::line::LineHandle;
use super::pages::{escape, page};
use super::shops::PRACTICE_SMS_KEY;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use domain::clock::Millis;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// The phone shows so many.
const SHOWN: usize = 20;

/// A message that arrived.
#[derive(Clone, Debug, Serialize)]
pub struct PracticeMessage {
    /// The number as it was handed in.
    pub to: String,
    /// The words.
    pub text: String,
    /// The code in them.
    pub code: String,
    /// When.
    pub at: Millis,
}

pub(crate) fn routes() -> Router<Arc<Inner>> {
    Router::new().route("/sms/send", post(send)).route("/sms/", get(phone))
}

#[derive(Deserialize)]
struct Send {
    to: String,
    code: String,
    minutes: u32,
}

async fn send(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    headers: HeaderMap,
    Json(message): Json<Send>,
) -> Response {
    let wanted = format!("Bearer {PRACTICE_SMS_KEY}");
    if headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()) != Some(wanted.as_str()) {
        return refused(StatusCode::UNAUTHORIZED, "bad_key");
    }
    inner
        .carry_out(line, "sms.send", move |inner, fault| {
            if let Some(Fault::Refuse { sub_code, .. }) = fault {
                return refused(StatusCode::BAD_REQUEST, sub_code);
            }
            let digits = message.to.len() == 11 && message.to.bytes().all(|b| b.is_ascii_digit());
            if !digits || !message.to.starts_with('1') || message.to.starts_with("100") {
                return refused(StatusCode::BAD_REQUEST, "unknown_number");
            }
            let text = format!("【面单台】验证码 {}，{} 分钟内有效。不要告诉别人。", message.code, message.minutes);
            let arrived = PracticeMessage { to: message.to, text, code: message.code, at: inner.now() };
            inner.messages().push(arrived);
            Json(json!({})).into_response()
        })
        .await
}

fn refused(status: StatusCode, why: &str) -> Response {
    (status, Json(json!({ "error": why }))).into_response()
}

async fn phone(State(inner): State<Arc<Inner>>) -> Response {
    let rows: String = inner
        .messages()
        .iter()
        .rev()
        .take(SHOWN)
        .map(|m| format!("<li><b>{}</b><small>{}</small></li>", escape(&m.text), escape(&m.to)))
        .collect();
    let rows = if rows.is_empty() { "<li>还没有短信</li>".to_owned() } else { rows };
    page(
        StatusCode::OK,
        "practice-phone",
        "练习手机",
        &format!(
            "<h1>练习手机</h1><p class=\"lead\">练习市场发的短信都到这里，不会真的发出去。刷新看新的。</p><ul id=\"messages\" class=\"scopes\">{rows}</ul>"
        ),
    )
}
