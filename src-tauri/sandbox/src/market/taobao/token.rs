//! `POST /taobao/token`: a code (once) or a refresh token for a session. Errors: HTTP 400 with `error` and
//! `error_description`.

use crate::market::Inner;
use crate::market::faults::Fault;
use crate::market::grants::{CodeTrouble, Fresh};
use crate::market::ledger::{App, Server};
use crate::market::line::LineHandle;
use crate::market::shops;
use crate::market::standard::once;
use axum::Json;
use axum::extract::{ConnectInfo, RawForm, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Session keys live 30 days, as do refresh tokens.
const LIFE: Duration = Duration::from_secs(30 * 86_400);

pub(crate) fn routes() -> axum::Router<Arc<Inner>> {
    axum::Router::new().route("/taobao/token", post(token))
}

/// Why no session was given.
pub(crate) struct NoToken {
    pub(crate) error: &'static str,
    pub(crate) description: String,
}

async fn token(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    RawForm(body): RawForm,
) -> Response {
    let form = once(url::form_urlencoded::parse(&body).into_owned().collect());
    inner
        .carry_out(line, "taobao.token", move |inner, fault| {
            let form = match form {
                Ok(form) => form,
                Err(name) => {
                    return refuse(NoToken { error: "invalid_request", description: format!("{name} repeated") });
                }
            };
            let no = |error, description: &str| refuse(NoToken { error, description: description.into() });
            match fault {
                Some(Fault::Throttled) => return no("temporarily_unavailable", "too many requests"),
                Some(Fault::Expired) => {
                    return no("invalid_client", "authorize code invalidate,please authorize again.");
                }
                Some(Fault::Unwell) => return StatusCode::SERVICE_UNAVAILABLE.into_response(),
                _ => {}
            }
            match from_form(inner, &form) {
                Ok(fields) => Json(fields).into_response(),
                Err(e) => refuse(e),
            }
        })
        .await
}

fn from_form(inner: &Inner, form: &HashMap<String, String>) -> Result<Value, NoToken> {
    let param = |k: &str| form.get(k).map_or("", String::as_str);
    let no = |error, description: &str| NoToken { error, description: description.into() };
    let app =
        inner.books().app(param("client_id")).cloned().ok_or_else(|| no("invalid_client", "client_id is error"))?;
    if app.secret != param("client_secret") {
        return Err(no("invalid_client", "client_secret is error"));
    }
    match param("grant_type") {
        "authorization_code" => by_code(inner, &app, param("code"), Some(param("redirect_uri"))),
        "refresh_token" => by_refresh(inner, &app, param("refresh_token")),
        _ => Err(no("unsupported_grant_type", "grant_type is error")),
    }
}

/// A code for a session. Through the gateway no `redirect_uri` is sent, and none is compared.
pub(crate) fn by_code(inner: &Inner, app: &App, code: &str, redirect: Option<&str>) -> Result<Value, NoToken> {
    let claimed = inner.claim_code(code, |v| {
        if v.server != Server::Taobao || v.app != app.key {
            Err("the code was given to another app")
        } else if redirect.is_some_and(|r| r != v.redirect) {
            Err("redirect_uri is not the one that was authorized")
        } else {
            Ok(())
        }
    });
    let visit = match claimed {
        Ok(visit) => visit,
        Err(CodeTrouble::Mismatch(why)) => return Err(NoToken { error: "invalid_grant", description: why.into() }),
        Err(CodeTrouble::Unknown | CodeTrouble::Spent | CodeTrouble::Expired) => {
            let description = "authorize code invalidate,please authorize again.".to_string();
            return Err(NoToken { error: "invalid_client", description });
        }
    };
    let who = visit.login.as_deref().and_then(shops::by_login);
    let who = who.ok_or_else(|| NoToken { error: "invalid_grant", description: "nobody logged in".into() })?;
    let fresh = inner
        .open_session(
            Server::Taobao,
            &app.key,
            who,
            &visit.scope,
            (LIFE, if app.may_refresh { LIFE } else { Duration::ZERO }),
        )
        .map_err(|e| ledger_trouble(&e))?;
    inner.code_became(code, &fresh.session.access_sha);
    Ok(fields(app, &fresh))
}

/// A refresh token for a new session; only for apps listed in the service market.
pub(crate) fn by_refresh(inner: &Inner, app: &App, refresh: &str) -> Result<Value, NoToken> {
    if !app.may_refresh {
        let description = "app has no permission to refresh,please authorize again.".to_string();
        return Err(NoToken { error: "invalid_grant", description });
    }
    match inner.refresh_session(Server::Taobao, &app.key, refresh, (LIFE, LIFE)) {
        Ok(Some(fresh)) => Ok(fields(app, &fresh)),
        Ok(None) => Err(NoToken {
            error: "invalid_grant",
            description: "refresh token invalidate,please authorize again.".into(),
        }),
        Err(e) => Err(ledger_trouble(&e)),
    }
}

fn ledger_trouble(e: &std::io::Error) -> NoToken {
    NoToken { error: "server_error", description: format!("ledger: {e}") }
}

/// All fields of a token answer. Ids are texts of digits, as the platform sends them; the nick is URL-encoded UTF-8.
fn fields(app: &App, fresh: &Fresh) -> Value {
    let nick = |s: &str| url::form_urlencoded::byte_serialize(s.as_bytes()).collect::<String>();
    let shop = shops::by_id(&fresh.session.shop_id);
    let life = LIFE.as_secs();
    let mut v = json!({
        "access_token": fresh.access,
        "token_type": "Bearer",
        "expires_in": life,
        "refresh_token": fresh.refresh,
        "re_expires_in": if app.may_refresh { life } else { 0 },
        "r1_expires_in": life,
        "r2_expires_in": 259_200,
        "w1_expires_in": life,
        "w2_expires_in": 1800,
        "taobao_user_nick": nick(shop.map_or("", |s| s.nick)),
        "taobao_user_id": fresh.session.shop_id,
    });
    if let Some(shop) = shop.filter(|_| fresh.session.sub_account) {
        v["sub_taobao_user_id"] = shop.sub.1.into();
        v["sub_taobao_user_nick"] = nick(shop.sub.0).into();
    }
    v
}

fn refuse(no: NoToken) -> Response {
    let NoToken { error, description } = no;
    (StatusCode::BAD_REQUEST, Json(json!({"error": error, "error_description": description}))).into_response()
}
