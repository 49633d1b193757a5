//! The standard connector against a real socket.

use super::*;
use crate::http::Limits;
use crate::testing::{Act, Peer};
use domain::clock::{Millis, VirtualClock};
use domain::connector::RefusalKind;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn on(peer: &Peer) -> Standard {
    let at = |path: &str| peer.url().join(path).unwrap();
    let server = StandardServer {
        issuer: "https://sso.example".into(),
        authorize: at("authorize"),
        token: at("token"),
        revoke: at("revoke"),
        userinfo: at("userinfo"),
        client_id: "desk".into(),
    };
    let limits = Limits { total: Duration::from_millis(400), ..Limits::default() };
    Standard::new(server, Arc::new(Http::new(limits).unwrap()), Arc::new(VirtualClock::at(Millis(1_000))))
}
fn app() -> AppKey {
    AppKey { key: String::new(), secret: Secret::default() }
}
async fn exchange(s: &Standard) -> Result<Tokens, CallError> {
    let (code, verifier) = (Secret::new("c0de"), Secret::new(VERIFIER));
    let redirect = "app.waybilldesk:/callback/standard";
    s.exchange(&ExchangeRequest { app: &app(), redirect, code: &code, verifier: Some(&verifier) }).await
}

#[tokio::test]
async fn the_authorize_address_carries_pkce_state_and_the_callback_byte_for_byte() {
    let peer = Peer::start(Act::Hang).await;
    let (state, verifier) = (Secret::new("st8"), Secret::new(VERIFIER));
    let s = on(&peer);
    for redirect in ["http://127.0.0.1:4711/callback/standard", "app.waybilldesk:/callback/standard"] {
        let req = AuthorizeRequest { app: &app(), redirect, state: &state, verifier: Some(&verifier) };
        let url = s.authorize_url(&req).unwrap();
        let q: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        assert_eq!(q["redirect_uri"], redirect);
        assert_eq!(q["code_challenge"], "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "RFC 7636 appendix B");
        assert_eq!((q["code_challenge_method"].as_str(), q["state"].as_str()), ("S256", "st8"));
        assert_eq!((q["response_type"].as_str(), q["client_id"].as_str()), ("code", "desk"));
    }
    for bad in [None, Some(Secret::new("short")), Some(Secret::new("é".repeat(30))), Some(Secret::new("a".repeat(129)))]
    {
        let req = AuthorizeRequest { app: &app(), redirect: "http://x/", state: &state, verifier: bad.as_ref() };
        assert!(matches!(s.authorize_url(&req), Err(CallError::NotSent(_))), "no PKCE, no address");
    }
}

#[tokio::test]
async fn a_code_is_exchanged_once_with_its_verifier() {
    let peer = Peer::start(Act::answer(
        200,
        r#"{"access_token":"acc","token_type":"Bearer","expires_in":3600,"refresh_token":"ref"}"#,
    ))
    .await;
    let t = exchange(&on(&peer)).await.unwrap();
    assert_eq!((t.access.reveal(), t.refresh.as_ref().unwrap().reveal()), ("acc", "ref"));
    assert_eq!(t.access_expires, Some(Millis(3_601_000)));
    let form = peer.form(0);
    for (k, v) in [
        ("grant_type", "authorization_code"),
        ("code", "c0de"),
        ("code_verifier", VERIFIER),
        ("client_id", "desk"),
        ("redirect_uri", "app.waybilldesk:/callback/standard"),
    ] {
        assert!(form.contains(&(k.into(), v.into())), "{k} in {form:?}");
    }
    assert!(!form.iter().any(|(k, _)| k == "client_secret"), "a public client has none");
}

#[tokio::test]
async fn an_exchange_ends_by_what_was_said() {
    for (act, want) in [
        (Act::answer(400, r#"{"error":"invalid_grant"}"#), Some(RefusalKind::GrantDead)),
        (Act::answer(401, r#"{"error":"invalid_client"}"#), Some(RefusalKind::App)),
        (Act::answer(400, r#"{"error":"server_error"}"#), None),
        (Act::answer(400, "<html>"), None),
        (Act::answer(400, ""), None),
        (Act::answer(200, "{}"), None),
        (Act::answer(200, r#"{"access_token":"","token_type":"Bearer"}"#), None),
        (Act::answer(302, ""), None),
        (Act::answer(503, r#"{"error":"invalid_grant"}"#), None),
        (Act::Hang, None),
    ] {
        let peer = Peer::start(act).await;
        match (exchange(&on(&peer)).await.unwrap_err(), want) {
            (CallError::Refused(r), Some(kind)) => assert_eq!(r.kind, kind),
            (CallError::Unknown(_), None) => {}
            (end, want) => panic!("{end:?}, wanted {want:?}"),
        }
        assert_eq!(peer.requests(), 1, "a one-use code is tried once");
    }
}

#[tokio::test]
async fn an_unreadable_token_answer_is_not_quoted() {
    let peer = Peer::start(Act::answer(200, r#"{"access_token":"CANARY","token_type":5}"#)).await;
    let end = exchange(&on(&peer)).await.unwrap_err();
    assert!(!format!("{end:?} {end}").contains("CANARY"), "{end:?}");
}

#[tokio::test]
async fn identity_is_the_sub_with_the_best_name_there_is() {
    let tokens = Tokens {
        access: Secret::new("acc"),
        access_expires: None,
        refresh: None,
        refresh_expires: None,
        identity: None,
    };
    for (answer, want) in [
        (r#"{"sub":"7","name":"样张店","email":"a@b"}"#, Some("样张店")),
        (r#"{"sub":"7","preferred_username":"shop","name":" "}"#, Some("shop")),
        (r#"{"sub":"7","email":"a@b"}"#, Some("a@b")),
        (r#"{"sub":"7"}"#, Some("7")),
        (r#"{"name":"x"}"#, None),
        (r#"{"sub":7}"#, None),
        ("", None),
    ] {
        let peer = Peer::start(Act::answer(200, answer)).await;
        let end = on(&peer).identify(&app(), &tokens).await;
        match want {
            Some(name) => {
                assert_eq!(end.unwrap(), ShopIdentity { id: domain::ids::ShopId("7".into()), name: name.into() });
            }
            None => assert!(matches!(end, Err(CallError::Unknown(_))), "{answer}: {end:?}"),
        }
        assert!(peer.last_request().to_lowercase().contains("authorization: bearer acc"));
    }
    let peer = Peer::start(Act::answer(401, "")).await;
    let end = on(&peer).identify(&app(), &tokens).await;
    assert!(matches!(end, Err(CallError::Refused(r)) if r.kind == RefusalKind::GrantDead));
}

#[tokio::test]
async fn revoking_tells_both_tokens_the_refresh_token_first() {
    let tokens = |refresh: Option<&str>| Tokens {
        access: Secret::new("acc"),
        access_expires: None,
        refresh: refresh.map(Secret::new),
        refresh_expires: None,
        identity: None,
    };
    let peer = Peer::start(Act::answer(200, "")).await;
    let end = on(&peer).revoke(&app(), &tokens(Some("ref"))).await;
    assert_eq!(end, Ok(RevokeOutcome::Acknowledged));
    let sent: Vec<_> = (0..2).map(|n| peer.form(n)[0].1.clone()).collect();
    assert_eq!(sent, ["ref", "acc"]);

    let unsupported = || Act::answer(400, r#"{"error":"unsupported_token_type"}"#);
    let peer = Peer::script(vec![Act::answer(200, ""), unsupported()]).await;
    let end = on(&peer).revoke(&app(), &tokens(Some("ref"))).await;
    assert_eq!(end, Ok(RevokeOutcome::Acknowledged), "access tokens need not be revocable");
    let peer = Peer::start(unsupported()).await;
    let end = on(&peer).revoke(&app(), &tokens(None)).await;
    assert!(matches!(end, Err(CallError::Refused(_))), "then nothing was acknowledged: {end:?}");
    let peer = Peer::script(vec![Act::answer(200, ""), Act::answer(503, "")]).await;
    let end = on(&peer).revoke(&app(), &tokens(Some("ref"))).await;
    assert!(matches!(end, Err(CallError::Unknown(_))), "half is not acknowledged: {end:?}");
}
