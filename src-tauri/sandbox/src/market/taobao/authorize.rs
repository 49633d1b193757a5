//! `/taobao/authorize`: checks app and callback, then shows the login page. Bad app or callback: a page, never a
//! redirect.

use crate::market::Inner;
use crate::market::apps::is_registered;
use crate::market::grants::Visit;
use crate::market::ledger::Server;
use crate::market::pages::{error_page, login_page, redirect_with};
use crate::market::standard::once;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use std::sync::Arc;

pub(crate) fn routes() -> axum::Router<Arc<Inner>> {
    axum::Router::new().route("/taobao/authorize", get(authorize))
}

async fn authorize(State(inner): State<Arc<Inner>>, Query(q): Query<Vec<(String, String)>>) -> Response {
    let Ok(q) = once(q) else { return error_page(StatusCode::BAD_REQUEST, "参数重复") };
    let param = |k: &str| q.get(k).cloned().unwrap_or_default();
    let Some(app) = inner.books().app(&param("client_id")).cloned() else {
        return error_page(StatusCode::BAD_REQUEST, "client_id 不存在");
    };
    let redirect = param("redirect_uri");
    if !is_registered(&app.callbacks, &redirect) {
        return error_page(StatusCode::BAD_REQUEST, "redirect_uri 与应用登记的回调地址不一致");
    }
    let visit = Visit {
        server: Server::Taobao,
        app: app.key,
        redirect,
        state: param("state"),
        scope: "shop.read couriers.read waybill.issue".into(),
        challenge: String::new(),
        login: None,
        begun: inner.now(),
    };
    let no = |error, why| redirect_with(&inner, &visit, &[("error", error), ("error_description", why)]);
    if param("response_type") != "code" {
        return no("unsupported_response_type", "response_type must be code");
    }
    let view = param("view");
    if !["", "web", "tmall", "wap"].contains(&view.as_str()) {
        return no("invalid_request", "view must be web, tmall or wap");
    }
    let word = inner.begin_visit(visit.clone());
    login_page(&word, &visit, None)
}
