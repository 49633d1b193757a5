//! Grants: login, consent, exchange, identity, revocation.

use crate::street::{SHOP, SHOP_ID, Street, app, browse, connect, no_app, redirect, waybills};
use domain::chance::{Chance, OsChance};
use domain::clock::{Clock, VirtualClock};
use domain::connector::{CallError, ExchangeRequest, RefusalKind, RevokeOutcome, RevokeWay};
use domain::secret::Secret;
use platform::Limits;
use sandbox::{Fault, FaultPlan};
use std::sync::Arc;
use std::time::Duration;

fn kind<T: std::fmt::Debug>(end: Result<T, CallError>) -> RefusalKind {
    match end {
        Err(CallError::Refused(r)) => r.kind,
        other => panic!("not a refusal: {other:?}"),
    }
}

#[tokio::test]
async fn a_taobao_grant_names_its_shop_both_ways_and_a_sub_account_names_the_same() {
    let street = Street::open().await;
    for login in [SHOP, "青禾生活馆:打单"] {
        let mut tokens = street.grant(login).await;
        let by_token = tokens.identity.take().expect("the token answer says who it is");
        assert_eq!((by_token.id.0.as_str(), by_token.name.as_str()), (SHOP_ID, SHOP), "{login}");
        assert!(tokens.access_expires.unwrap() > street.clock.wall());
        let asked = street.taobao.identify(&app(), &tokens).await.unwrap();
        assert_eq!(asked, by_token, "taobao.user.seller.get agrees");
    }
    let RevokeWay::Page(page) = &street.taobao.profile().revoke else { panic!("TOP has no revoke call") };
    let tokens = street.grant(SHOP).await;
    assert_eq!(street.taobao.revoke(&app(), &tokens).await, Ok(RevokeOutcome::ByHand(page.clone())));
}

#[tokio::test]
async fn a_code_is_good_once_and_only_with_the_right_secret() {
    let street = Street::open().await;
    let (code, _) = street.code(&*street.taobao, &app(), SHOP, None).await;
    let (code, redirect) = (Secret::new(code), redirect(&*street.taobao));
    let mut wrong = app();
    wrong.secret = Secret::new("wrong");
    let with = |app| ExchangeRequest { app, redirect: &redirect, code: &code, verifier: None };
    let right = app();
    assert_eq!(kind(street.taobao.exchange(&with(&wrong)).await), RefusalKind::App);
    assert!(street.taobao.exchange(&with(&right)).await.is_ok());
    assert_eq!(kind(street.taobao.exchange(&with(&right)).await), RefusalKind::GrantDead, "authorise again");
}

#[tokio::test]
async fn a_lost_exchange_is_unknown_and_a_refused_consent_brings_no_code() {
    let street = Street::open().await;
    let params = browse(&*street.taobao, &app(), SHOP, None, "refuse").await;
    assert_eq!(params["error"], "access_denied");
    assert!(!params.contains_key("code"));

    let (code, _) = street.code(&*street.taobao, &app(), SHOP, None).await;
    street.market.faults().add(FaultPlan::once("taobao.token", Fault::TimeoutAfter { hold_ms: 0 }));
    let req =
        ExchangeRequest { app: &app(), redirect: &redirect(&*street.taobao), code: &Secret::new(code), verifier: None };
    let end = street.taobao.exchange(&req).await;
    assert!(matches!(end, Err(CallError::Unknown(_))), "the code may be spent: {end:?}");
}

#[tokio::test]
async fn the_gateways_noes_about_app_session_and_clock_are_told_apart() {
    let street = Street::open().await;
    let tokens = street.grant(SHOP).await;
    let w = waybills(&street.taobao);
    let (mut wrong_secret, mut wrong_key) = (app(), app());
    wrong_secret.secret = Secret::new("wrong");
    wrong_key.key = "999".into();
    assert_eq!(kind(w.couriers(&wrong_secret, &tokens.access).await), RefusalKind::App, "25 invalid signature");
    assert_eq!(kind(w.couriers(&wrong_key, &tokens.access).await), RefusalKind::App, "29 invalid app key");
    assert_eq!(kind(w.couriers(&app(), &Secret::new("dead")).await), RefusalKind::GrantDead, "27");
    assert_eq!(kind(w.couriers(&app(), &Secret::default()).await), RefusalKind::GrantDead, "26: none is sent");

    let late = Arc::new(VirtualClock::at(street.clock.wall()));
    late.advance(Duration::from_secs(11 * 60));
    let [taobao, _] = connect(&street.market, late, Limits::default());
    let end = waybills(&taobao).couriers(&app(), &tokens.access).await;
    assert!(matches!(&end, Err(CallError::Refused(r)) if r.code == "31"), "a clock 11 minutes off: {end:?}");
}

#[tokio::test]
async fn the_standard_server_grants_names_and_revokes() {
    let street = Street::open().await;
    let standard = &street.standard;
    let verifier = Secret::new(OsChance.hex(32));
    let (code, params) = street.code(&**standard, &no_app(), SHOP, Some(&verifier)).await;
    assert_eq!(Some(&params["iss"]), standard.profile().issuer.as_ref(), "RFC 9207: the issuer is the profile's");
    let (code, redirect) = (Secret::new(code), redirect(&**standard));
    let app = no_app();
    let req = ExchangeRequest { app: &app, redirect: &redirect, code: &code, verifier: Some(&verifier) };
    let tokens = standard.exchange(&req).await.unwrap();
    assert!(tokens.refresh.is_some() && tokens.access_expires.unwrap() > street.clock.wall());

    let who = standard.identify(&app, &tokens).await.unwrap();
    assert_eq!((who.id.0.as_str(), who.name.as_str()), (SHOP_ID, SHOP));
    assert!(standard.waybills().is_none());

    street.market.faults().add(FaultPlan::once("standard.revoke", Fault::HttpBefore { status: 503 }));
    let end = standard.revoke(&app, &tokens).await;
    assert!(matches!(end, Err(CallError::Unknown(_))), "not acknowledged: {end:?}");
    assert!(standard.identify(&app, &tokens).await.is_ok(), "and indeed it lives");
    assert_eq!(standard.revoke(&app, &tokens).await, Ok(RevokeOutcome::Acknowledged));
    assert_eq!(kind(standard.identify(&app, &tokens).await), RefusalKind::GrantDead, "the token is dead");
    assert_eq!(standard.revoke(&app, &tokens).await, Ok(RevokeOutcome::Acknowledged), "again is no error");
}

#[tokio::test]
async fn the_standard_server_wants_the_verifier_that_made_the_challenge() {
    let street = Street::open().await;
    let (verifier, other) = (Secret::new(OsChance.hex(32)), Secret::new(OsChance.hex(32)));
    let (code, _) = street.code(&*street.standard, &no_app(), SHOP, Some(&verifier)).await;
    let req = ExchangeRequest {
        app: &no_app(),
        redirect: &redirect(&*street.standard),
        code: &Secret::new(code),
        verifier: Some(&other),
    };
    assert_eq!(kind(street.standard.exchange(&req).await), RefusalKind::GrantDead);
}
