//! A standard OAuth 2.0 server: code flow with PKCE S256 (required), public client, `iss` in the answer (RFC 9207),
//! revocation (RFC 7009), metadata (RFC 8414), refresh rotation. Ends at "who is it": no couriers.

use super::Inner;
use super::apps::{STANDARD_CALLBACKS, is_registered};
use super::faults::Fault;
use super::grants::{CodeTrouble, Fresh, Visit};
use super::ledger::{Entry, Server};
use super::line::LineHandle;
use super::pages::{error_page, login_page, redirect_with};
use super::sha;
use super::shops::{self, STANDARD_CLIENT_ID};
use axum::Json;
use axum::extract::{ConnectInfo, Query, RawForm, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::Digest;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// Access tokens live an hour, refresh tokens a month.
const LIVES: (Duration, Duration) = (Duration::from_secs(3600), Duration::from_secs(30 * 86_400));

pub(crate) fn routes() -> axum::Router<Arc<Inner>> {
    axum::Router::new()
        .route("/standard/authorize", get(authorize))
        .route("/standard/token", post(token))
        .route("/standard/revoke", post(revoke))
        .route("/standard/userinfo", get(userinfo))
        .route("/standard/.well-known/oauth-authorization-server", get(metadata))
        // RFC 8414 §3.1 puts the well-known part between host and path.
        .route("/.well-known/oauth-authorization-server/standard", get(metadata))
}

async fn metadata(State(inner): State<Arc<Inner>>) -> Json<Value> {
    let issuer = inner.issuer();
    Json(json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "revocation_endpoint": format!("{issuer}/revoke"),
        "userinfo_endpoint": format!("{issuer}/userinfo"),
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "scopes_supported": ["profile"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

async fn authorize(State(inner): State<Arc<Inner>>, Query(q): Query<Vec<(String, String)>>) -> Response {
    let Ok(q) = once(q) else { return error_page(StatusCode::BAD_REQUEST, "参数重复") };
    let param = |k: &str| q.get(k).cloned().unwrap_or_default();
    if param("client_id") != STANDARD_CLIENT_ID {
        return error_page(StatusCode::BAD_REQUEST, "client_id 未注册");
    }
    let redirect = param("redirect_uri");
    if !is_registered(&STANDARD_CALLBACKS, &redirect) {
        return error_page(StatusCode::BAD_REQUEST, "redirect_uri 与注册的回调地址不一致");
    }
    let scope = param("scope");
    let visit = Visit {
        server: Server::Standard,
        app: STANDARD_CLIENT_ID.into(),
        redirect,
        state: param("state"),
        scope: if scope.is_empty() { "profile".into() } else { scope },
        challenge: param("code_challenge"),
        login: None,
        begun: inner.now(),
    };
    let no = |error, why| redirect_with(&inner, &visit, &[("error", error), ("error_description", why)]);
    if param("response_type") != "code" {
        return no("unsupported_response_type", "only code");
    }
    let challenge_ok = visit.challenge.len() == 43
        && visit.challenge.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    if param("code_challenge_method") != "S256" || !challenge_ok {
        return no("invalid_request", "PKCE S256 is required");
    }
    let word = inner.begin_visit(visit.clone());
    login_page(&word, &visit, None)
}

async fn token(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    RawForm(body): RawForm,
) -> Response {
    let Ok(form) = once(url::form_urlencoded::parse(&body).into_owned().collect()) else {
        return refuse("invalid_request", "a parameter is repeated");
    };
    inner.carry_out(line, "standard.token", move |inner, fault| token_answer(inner, &form, fault)).await
}

fn token_answer(inner: &Inner, form: &HashMap<String, String>, fault: Option<&Fault>) -> Response {
    let param = |k: &str| form.get(k).map_or("", String::as_str);
    match fault {
        Some(Fault::Throttled) => return StatusCode::TOO_MANY_REQUESTS.into_response(),
        Some(Fault::Expired) => return refuse("invalid_grant", "expired (practice fault)"),
        Some(Fault::Unwell) => {
            return (StatusCode::SERVICE_UNAVAILABLE, error("temporarily_unavailable", "")).into_response();
        }
        _ => {}
    }
    if param("client_id") != STANDARD_CLIENT_ID {
        return (StatusCode::UNAUTHORIZED, error("invalid_client", "unknown client")).into_response();
    }
    let opened = match param("grant_type") {
        "authorization_code" => {
            let code = param("code");
            let claimed = inner.claim_code(code, |visit| {
                let hash = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(param("code_verifier").as_bytes()));
                if visit.server != Server::Standard {
                    Err("the code belongs to another server")
                } else if visit.redirect != param("redirect_uri") {
                    Err("redirect_uri differs from the authorization request")
                } else if hash != visit.challenge {
                    Err("code_verifier does not match")
                } else {
                    Ok(())
                }
            });
            let visit = match claimed {
                Ok(visit) => visit,
                Err(CodeTrouble::Spent) => {
                    if inner.punish_replay(code).is_err() {
                        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
                    }
                    return refuse("invalid_grant", "code already used; its tokens are revoked");
                }
                Err(CodeTrouble::Mismatch(why)) => return refuse("invalid_grant", why),
                Err(CodeTrouble::Unknown | CodeTrouble::Expired) => {
                    return refuse("invalid_grant", "unknown or expired code");
                }
            };
            let Some(who) = visit.login.as_deref().and_then(shops::by_login) else {
                return refuse("invalid_grant", "nobody logged in");
            };
            inner.open_session(Server::Standard, STANDARD_CLIENT_ID, who, &visit.scope, LIVES).map(|fresh| {
                inner.code_became(code, &fresh.session.access_sha);
                Some(fresh)
            })
        }
        "refresh_token" => inner.refresh_session(Server::Standard, STANDARD_CLIENT_ID, param("refresh_token"), LIVES),
        _ => return refuse("unsupported_grant_type", ""),
    };
    match opened {
        Ok(Some(fresh)) => granted(&fresh),
        Ok(None) => refuse("invalid_grant", "unknown, expired or used refresh token"),
        Err(error) => {
            tracing::error!(%error, "the practice ledger could not be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

fn granted(fresh: &Fresh) -> Response {
    no_store(
        Json(json!({
            "access_token": fresh.access,
            "token_type": "Bearer",
            "expires_in": LIVES.0.as_secs(),
            "refresh_token": fresh.refresh,
            "scope": fresh.session.scope,
        }))
        .into_response(),
    )
}

async fn revoke(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    RawForm(body): RawForm,
) -> Response {
    let Ok(form) = once(url::form_urlencoded::parse(&body).into_owned().collect()) else {
        return refuse("invalid_request", "a parameter is repeated");
    };
    inner
        .carry_out(line, "standard.revoke", move |inner, fault| {
            if matches!(fault, Some(Fault::Throttled | Fault::Expired | Fault::Unwell)) {
                return StatusCode::SERVICE_UNAVAILABLE.into_response();
            }
            let Some(token) = form.get("token") else { return refuse("invalid_request", "token is missing") };
            let hash = sha(token);
            let mut books = inner.books();
            let session = books.session_by_access(&hash).or_else(|| books.session_by_refresh(&hash)).cloned();
            // Either token ends the whole grant; an unknown one is no error (RFC 7009 §2.2).
            match session.filter(|s| s.server == Server::Standard && !s.ended) {
                Some(s) => match books.record(Entry::SessionEnded { access_sha: s.access_sha }) {
                    Ok(()) => StatusCode::OK.into_response(),
                    Err(_) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                },
                None => StatusCode::OK.into_response(),
            }
        })
        .await
}

async fn userinfo(
    State(inner): State<Arc<Inner>>,
    ConnectInfo(line): ConnectInfo<LineHandle>,
    headers: HeaderMap,
) -> Response {
    let token = headers
        .get(header::AUTHORIZATION)
        .and_then(|h| h.to_str().ok())
        .and_then(|h| h.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map_or(String::new(), |(_, t)| t.trim().to_string());
    inner
        .carry_out(line, "standard.userinfo", move |inner, fault| {
            let dead = matches!(fault, Some(Fault::Expired));
            match inner.shop_of(Server::Standard, STANDARD_CLIENT_ID, &token) {
                _ if matches!(fault, Some(Fault::Throttled)) => StatusCode::TOO_MANY_REQUESTS.into_response(),
                _ if matches!(fault, Some(Fault::Unwell)) => StatusCode::SERVICE_UNAVAILABLE.into_response(),
                Some((shop, sub)) if !dead => no_store(
                    Json(json!({
                        "sub": shop.id,
                        "name": shop.nick,
                        "preferred_username": if sub { shop.sub.0 } else { shop.nick },
                    }))
                    .into_response(),
                ),
                _ => {
                    let mut r = (StatusCode::UNAUTHORIZED, error("invalid_token", "")).into_response();
                    r.headers_mut()
                        .insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer error=\"invalid_token\""));
                    r
                }
            }
        })
        .await
}

/// Parameters as a map; a repeated one is an error (RFC 6749 §3.1).
pub(crate) fn once(pairs: Vec<(String, String)>) -> Result<HashMap<String, String>, String> {
    let mut map = HashMap::with_capacity(pairs.len());
    for (k, v) in pairs {
        if map.insert(k.clone(), v).is_some() {
            return Err(k);
        }
    }
    Ok(map)
}

fn error(code: &str, description: &str) -> Json<Value> {
    Json(json!({"error": code, "error_description": description}))
}

fn refuse(code: &str, description: &str) -> Response {
    no_store((StatusCode::BAD_REQUEST, error(code, description)).into_response())
}

fn no_store(mut answer: Response) -> Response {
    answer.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_of_rfc_7636_comes_out() {
        // Appendix B.
        let hash = URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(b"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"));
        assert_eq!(hash, "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    }
}
