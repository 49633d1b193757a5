//! Taobao's OAuth: the authorize address and the token answer. Source: platform facts §1.1.
//!
//! Absent: PKCE and `iss`, which TOP does not have, and renewal: a merchant's own app has tokens of fixed length.

use super::refusal::{self, Act};
use super::shape::{int, text, unreadable};
use crate::grant_error;
use crate::http::Answer;
use domain::clock::Millis;
use domain::connector::{AppKey, AuthorizeRequest, CallError, ExchangeRequest, ShopIdentity, Tokens};
use domain::ids::ShopId;
use domain::secret::Secret;
use serde_json::Value;
use std::time::Duration;
use url::Url;

/// The address the person opens.
pub(crate) fn authorize_url(base: &Url, req: &AuthorizeRequest<'_>) -> Result<Url, CallError> {
    if req.app.key.is_empty() || req.redirect.is_empty() || req.state.is_empty() {
        return Err(CallError::NotSent("app key, callback address or state is missing".into()));
    }
    let mut url = base.clone();
    url.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", &req.app.key)
        .append_pair("redirect_uri", req.redirect)
        .append_pair("state", req.state.reveal())
        .append_pair("view", "web");
    Ok(url)
}

/// The form that exchanges a code.
pub(crate) fn exchange_form(req: &ExchangeRequest<'_>) -> Result<String, CallError> {
    if req.app.key.is_empty() || req.app.secret.is_empty() || req.code.is_empty() {
        return Err(CallError::NotSent("app key, app secret or code is missing".into()));
    }
    Ok(url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", req.code.reveal())
        .append_pair("client_id", &req.app.key)
        .append_pair("client_secret", req.app.secret.reveal())
        .append_pair("redirect_uri", req.redirect)
        .append_pair("view", "web")
        .finish())
}

/// The form that renews a session; TOP gives it to apps listed in the service market only.
pub(crate) fn refresh_form(app: &AppKey, refresh: &Secret) -> Result<String, CallError> {
    if app.key.is_empty() || app.secret.is_empty() || refresh.is_empty() {
        return Err(CallError::NotSent("app key, app secret or refresh token is missing".into()));
    }
    Ok(url::form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "refresh_token")
        .append_pair("refresh_token", refresh.reveal())
        .append_pair("client_id", &app.key)
        .append_pair("client_secret", app.secret.reveal())
        .append_pair("view", "web")
        .finish())
}

/// Reads the token endpoint's answer; `asked` is when the request left, so that lives are never overrated. Pure.
pub(crate) fn tokens(answer: &Answer, asked: Millis) -> Result<Tokens, CallError> {
    let v: Value = serde_json::from_slice(&answer.body)
        .map_err(|_| CallError::Unknown(format!("HTTP {} with an answer that is not JSON", answer.status)))?;
    let access = text(&v, "access_token");
    let error = text(&v, "error");
    match (access.is_empty(), error.is_empty(), v.get("error_response")) {
        (true, true, Some(e @ Value::Object(_))) => return Err(refusal::read(e, Act::Write)),
        (true, false, None) => {
            let description = text(&v, "error_description");
            // TOP says `invalid_client` of a spent or expired code too; only its words tell it from a wrong app key.
            let spent = error == "invalid_client" && description.contains("authorize again");
            return Err(grant_error::read(if spent { "invalid_grant" } else { &error }, &description));
        }
        (false, true, None) if answer.is_success() => {}
        _ => return Err(unreadable("token answer")),
    }
    let ends = |key: &str| {
        let seconds = int(&v, key).and_then(|n| u64::try_from(n).ok())?;
        Some(asked.plus(Duration::from_secs(seconds)))
    };
    let refresh = text(&v, "refresh_token");
    let (id, nick) = (text(&v, "taobao_user_id"), text(&v, "taobao_user_nick"));
    Ok(Tokens {
        access: Secret::new(access),
        access_expires: ends("expires_in"),
        refresh_expires: if refresh.is_empty() { None } else { ends("re_expires_in") },
        refresh: (!refresh.is_empty()).then(|| Secret::new(refresh)),
        // A sub-account's own id (`sub_taobao_user_id`) is not the shop's.
        identity: (!id.is_empty() && !nick.is_empty())
            .then(|| ShopIdentity { id: ShopId(id), name: url_decoded(&nick) }),
    })
}

/// `taobao.user.seller.get`'s body as identity. Pure.
pub(crate) fn seller(body: &Value) -> Result<ShopIdentity, CallError> {
    let user = body.get("user").ok_or_else(|| unreadable("user"))?;
    let (id, nick) = (text(user, "user_id"), text(user, "nick"));
    if id.is_empty() || nick.is_empty() {
        return Err(unreadable("user"));
    }
    Ok(ShopIdentity { id: ShopId(id), name: nick })
}

/// The nick comes URL-encoded in UTF-8; one that is not stays as it is.
fn url_decoded(text: &str) -> String {
    let pair = format!("n={}", text.replace('&', "%26"));
    match url::form_urlencoded::parse(pair.as_bytes()).next() {
        Some((_, decoded)) if !decoded.contains(char::REPLACEMENT_CHARACTER) => decoded.into_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::connector::RefusalKind;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, content_type: None, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn the_token_answer_names_the_shop_and_its_lives() {
        let t = tokens(&answer(200, include_str!("../../tests-data/top_token.json")), Millis(1_000)).unwrap();
        assert_eq!(t.access.reveal(), "6200000specimen-access");
        assert_eq!(t.access_expires, Some(Millis(1_000 + 7_776_000_000)));
        assert_eq!(t.refresh.as_ref().unwrap().reveal(), "6200000specimen-refresh");
        assert_eq!(t.refresh_expires, Some(Millis(1_000)), "re_expires_in 0: it cannot be renewed");
        let who = t.identity.unwrap();
        assert_eq!((who.id.0.as_str(), who.name.as_str()), ("3000000001", "样张旗舰店"));
    }

    #[test]
    fn token_answers_end_as_refused_or_unknown_by_what_they_say() {
        let end = |status, body| tokens(&answer(status, body), Millis(0)).unwrap_err();
        for (status, body, kind) in [
            (400, r#"{"error":"invalid_grant","error_description":"code expired"}"#, RefusalKind::GrantDead),
            (200, r#"{"error":"invalid_client"}"#, RefusalKind::App),
            (
                400,
                r#"{"error":"invalid_client","error_description":"authorize code invalidate,please authorize again."}"#,
                RefusalKind::GrantDead,
            ),
            (400, r#"{"error":"something"}"#, RefusalKind::Other),
            (200, r#"{"error_response":{"code":29,"msg":"Invalid app Key"}}"#, RefusalKind::App),
        ] {
            assert!(matches!(end(status, body), CallError::Refused(r) if r.kind == kind), "{body}");
        }
        for (status, body) in [
            (200, "{}"),
            (200, "<html>"),
            (400, r#"{"access_token":"a"}"#),
            (200, r#"{"access_token":"a","error":"b"}"#),
            (200, r#"{"access_token":""}"#),
            (400, r#"{"error":"server_error"}"#),
        ] {
            assert!(matches!(end(status, body), CallError::Unknown(_)), "{status} {body}");
        }
    }

    #[test]
    fn a_nick_is_decoded_once_and_an_odd_one_is_left_alone() {
        for (raw, want) in [
            ("%E6%A0%B7%E5%BC%A0", "样张"),
            ("样张", "样张"),
            ("a%26b%3D", "a&b="),
            ("a&b=c", "a&b=c"),
            ("50%", "50%"),
            ("%FF", "%FF"),
            ("a%2520", "a%20"),
        ] {
            assert_eq!(url_decoded(raw), want);
        }
    }

    #[test]
    fn the_authorize_address_carries_exactly_what_top_asks_for() {
        let app = AppKey { key: "123".into(), secret: Secret::new("hidden") };
        let state = Secret::new("st&te");
        let base = Url::parse("https://oauth.taobao.com/authorize").unwrap();
        let req = AuthorizeRequest {
            app: &app,
            redirect: "http://127.0.0.1:9/callback/taobao",
            state: &state,
            verifier: None,
        };
        let url = authorize_url(&base, &req).unwrap();
        assert_eq!(
            url.as_str(),
            "https://oauth.taobao.com/authorize?response_type=code&client_id=123\
             &redirect_uri=http%3A%2F%2F127.0.0.1%3A9%2Fcallback%2Ftaobao&state=st%26te&view=web"
        );
    }
}
