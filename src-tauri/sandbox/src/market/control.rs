//! `/control/`: the market's strings, for tests in other processes. Every request must carry the header
//! `X-Practice-Control: 1`, which no web page can send across origins without asking first (and is refused then).
//!
//! | | body | answer |
//! |---|---|---|
//! | `GET ledger` | | [`LedgerView`](super::ledger::LedgerView) |
//! | `GET faults` | | list of [`FaultState`](super::faults::FaultState) |
//! | `POST faults` | a [`FaultPlan`](super::faults::FaultPlan), or a list of them | `{"ids":[…]}` |
//! | `DELETE faults` | | `{}`; all plans go |
//! | `POST reset` | | `{}`; ledger, sessions, apps, faults as at the first start |
//! | `POST balance` | `{"shop_id","cp_code","quantity":n or null}` | `{}` |
//! | `POST encrypted-only` | `{"shop_id","cp_code","on":bool}` | `{}` |
//! | `POST picked-up` | `{"number"}` | `{}` |
//! | `POST session` | `{"action":"revoke"|"expire", "token" or "shop_id" or neither = all}` | `{"sessions":n}` |
//! | `POST rotation` | a [`Rotation`](super::grants::Rotation) | `{}` |
//! | `POST apps` | `{"key","secret","callbacks":[…],"may_refresh":bool}` | `{}` |
//! | `GET printer` | | odometer, labels out, state |
//! | `POST printer` | `{"paper_out","head_open","paused":bool, "paper_left":n or null}`, each optional | state |
//! | `GET sms` | | list of [`PracticeMessage`](super::PracticeMessage) |
//! | `GET component` | | documents printed, print commands heard |
//! | `POST component` | a [`ComponentFault`](crate::ComponentFault) for the next label | as above |
//!
//! Unknown shop or number: 404; bad body: 422 or 400.

use super::Inner;
use super::faults::FaultPlan;
use super::ledger::{App, Entry, Session};
use super::{sha, shops};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

pub(crate) fn routes() -> Router<Arc<Inner>> {
    Router::new()
        .route("/control/ledger", get(ledger))
        .route("/control/faults", get(faults).post(add_faults).delete(clear_faults))
        .route("/control/reset", post(reset))
        .route("/control/balance", post(balance))
        .route("/control/encrypted-only", post(encrypted_only))
        .route("/control/picked-up", post(picked_up))
        .route("/control/session", post(session))
        .route("/control/rotation", post(rotation))
        .route("/control/apps", post(add_app))
        .route("/control/printer", get(printer).post(set_printer))
        .route("/control/sms", get(sms))
        .route("/control/component", get(component).post(component_fault))
        .route_layer(axum::middleware::from_fn(only_with_header))
}

async fn only_with_header(request: Request, next: Next) -> Response {
    let marked = request.headers().get("x-practice-control").is_some_and(|h| h == "1");
    if !marked {
        return (StatusCode::FORBIDDEN, "X-Practice-Control: 1 is missing\n").into_response();
    }
    next.run(request).await
}

async fn ledger(State(inner): State<Arc<Inner>>) -> Response {
    Json(inner.ledger()).into_response()
}

async fn faults(State(inner): State<Arc<Inner>>) -> Response {
    Json(inner.faults.list()).into_response()
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<FaultPlan>),
    One(FaultPlan),
}

async fn add_faults(State(inner): State<Arc<Inner>>, Json(plans): Json<OneOrMany>) -> Response {
    let plans = match plans {
        OneOrMany::Many(p) => p,
        OneOrMany::One(p) => vec![p],
    };
    let ids: Vec<u64> = plans.into_iter().map(|p| inner.faults.add(p)).collect();
    Json(json!({ "ids": ids })).into_response()
}

async fn clear_faults(State(inner): State<Arc<Inner>>) -> Response {
    inner.faults.clear();
    Json(json!({})).into_response()
}

async fn reset(State(inner): State<Arc<Inner>>) -> Response {
    inner.faults.clear();
    *inner.grants() = super::grants::Grants::default();
    record(&inner, Entry::Reset)
}

async fn rotation(State(inner): State<Arc<Inner>>, Json(r): Json<super::grants::Rotation>) -> Response {
    inner.set_rotation(r);
    Json(json!({})).into_response()
}

#[derive(Deserialize)]
struct SetBalance {
    shop_id: String,
    cp_code: String,
    quantity: Option<i64>,
}

async fn balance(State(inner): State<Arc<Inner>>, Json(b): Json<SetBalance>) -> Response {
    if inner.books().quantity(&b.shop_id, &b.cp_code).is_none() {
        return unknown("account");
    }
    record(&inner, Entry::BalanceSet { shop_id: b.shop_id, cp_code: b.cp_code, quantity: b.quantity })
}

#[derive(Deserialize)]
struct SetEncrypted {
    shop_id: String,
    cp_code: String,
    on: bool,
}

async fn encrypted_only(State(inner): State<Arc<Inner>>, Json(b): Json<SetEncrypted>) -> Response {
    if inner.books().quantity(&b.shop_id, &b.cp_code).is_none() {
        return unknown("account");
    }
    record(&inner, Entry::EncryptedOnly { shop_id: b.shop_id, cp_code: b.cp_code, on: b.on })
}

#[derive(Deserialize)]
struct PickedUp {
    number: String,
}

async fn picked_up(State(inner): State<Arc<Inner>>, Json(b): Json<PickedUp>) -> Response {
    if inner.books().parcel(&b.number).is_none() {
        return unknown("number");
    }
    record(&inner, Entry::PickedUp { number: b.number })
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum SessionAction {
    Revoke,
    Expire,
}

#[derive(Deserialize)]
struct SetSession {
    action: SessionAction,
    token: Option<String>,
    shop_id: Option<String>,
}

async fn session(State(inner): State<Arc<Inner>>, Json(b): Json<SetSession>) -> Response {
    if b.shop_id.as_deref().is_some_and(|s| shops::by_id(s).is_none()) {
        return unknown("shop");
    }
    let now = inner.now();
    let mut books = inner.books();
    let hash = b.token.as_deref().map(sha);
    let wanted = |s: &&Session| {
        hash.as_ref().is_none_or(|h| s.access_sha == *h || s.refresh_sha == *h)
            && b.shop_id.as_ref().is_none_or(|id| s.shop_id == *id)
            && !s.ended
    };
    let chosen: Vec<String> = books.sessions().iter().filter(wanted).map(|s| s.access_sha.clone()).collect();
    let count = chosen.len();
    for access_sha in chosen {
        let entry = match b.action {
            SessionAction::Revoke => Entry::SessionEnded { access_sha },
            SessionAction::Expire => Entry::SessionExpired { access_sha, at: now },
        };
        if books.record(entry).is_err() {
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    }
    Json(json!({ "sessions": count })).into_response()
}

async fn add_app(State(inner): State<Arc<Inner>>, Json(app): Json<App>) -> Response {
    record(&inner, Entry::AppAdded { app })
}

async fn printer(State(inner): State<Arc<Inner>>) -> Response {
    match inner.printer().as_ref() {
        Some(p) => Json(p.report()).into_response(),
        None => unknown("printer"),
    }
}

async fn sms(State(inner): State<Arc<Inner>>) -> Response {
    Json(inner.messages().clone()).into_response()
}

async fn component(State(inner): State<Arc<Inner>>) -> Response {
    match inner.component().as_ref() {
        Some(c) => Json(json!({"printed": c.printed(), "commands": c.commands()})).into_response(),
        None => unknown("component"),
    }
}

async fn component_fault(State(inner): State<Arc<Inner>>, Json(fault): Json<crate::ComponentFault>) -> Response {
    if let Some(c) = inner.component().as_ref() {
        c.add_fault(fault);
    }
    component(State(inner)).await
}

#[derive(Deserialize)]
struct SetPrinter {
    paper_out: Option<bool>,
    head_open: Option<bool>,
    paused: Option<bool>,
    #[serde(default, with = "double_option")]
    paper_left: Option<Option<u32>>,
}

async fn set_printer(State(inner): State<Arc<Inner>>, Json(b): Json<SetPrinter>) -> Response {
    let guard = inner.printer();
    let Some(p) = guard.as_ref() else { return unknown("printer") };
    if let Some(on) = b.paper_out {
        p.set_paper_out(on);
    }
    if let Some(on) = b.head_open {
        p.set_head_open(on);
    }
    if let Some(on) = b.paused {
        p.set_paused(on);
    }
    if let Some(left) = b.paper_left {
        p.set_paper_left(left);
    }
    Json(p.report()).into_response()
}

/// `null` is something else than absent.
mod double_option {
    pub(super) fn deserialize<'d, D: serde::Deserializer<'d>>(d: D) -> Result<Option<Option<u32>>, D::Error> {
        serde::Deserialize::deserialize(d).map(Some)
    }
}

fn record(inner: &Inner, entry: Entry) -> Response {
    match inner.books().record(entry) {
        Ok(()) => Json(json!({})).into_response(),
        Err(e) => (StatusCode::INTERNAL_SERVER_ERROR, format!("ledger: {e}\n")).into_response(),
    }
}

fn unknown(what: &str) -> Response {
    (StatusCode::NOT_FOUND, format!("unknown {what}\n")).into_response()
}
