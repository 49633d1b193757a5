//! The e-waybill calls against a real socket: how many calls, in which order, and which end.

use super::*;
use crate::endpoints::Endpoints;
use crate::http::{Http, Limits};
use crate::taobao::{Taobao, specimen};
use crate::testing::{Act as Plays, Peer};
use domain::clock::{Millis, VirtualClock};
use domain::connector::Connector;

const TEMPLATES: &str = include_str!("../../tests-data/top_templates.json");
const NUMBER: &str = include_str!("../../tests-data/top_get_plain.json");

fn on(peer: &Peer) -> Taobao {
    let limits = Limits { connect: Duration::from_secs(2), total: Duration::from_millis(400), ..Limits::default() };
    let mut places = Endpoints::live().taobao;
    places.router = peer.url();
    places.token = peer.url();
    let clock = Arc::new(VirtualClock::at(Millis(1_451_620_800_000)));
    Taobao::new(places, Arc::new(Http::new(limits).unwrap()), clock)
}
fn app() -> AppKey {
    AppKey { key: "12345678".into(), secret: Secret::new("specimen-secret") }
}
fn token() -> Secret {
    Secret::new("specimen-session")
}
fn ok(json: &str) -> Plays {
    Plays::answer(200, json)
}
fn methods(peer: &Peer) -> Vec<String> {
    (0..peer.requests())
        .map(|n| peer.form(n).into_iter().find(|(k, _)| k == "method").map(|(_, v)| v).unwrap_or_default())
        .collect()
}

#[tokio::test]
async fn the_template_is_read_once_and_the_number_asked_for_once() {
    let peer = Peer::script(vec![ok(TEMPLATES), ok(NUMBER)]).await;
    let taobao = on(&peer);
    let waybills = taobao.waybills().unwrap();
    for _ in 0..2 {
        let got = waybills.issue(&app(), &token(), &specimen::request()).await.unwrap();
        assert_eq!(got.number.0, "75000000000001");
    }
    let get = "cainiao.waybill.ii.get";
    assert_eq!(methods(&peer), ["cainiao.cloudprint.stdtemplates.get", get, get]);
    let sent = peer.form(1).into_iter().find(|(k, _)| k.starts_with("param_waybill")).unwrap().1;
    assert!(sent.contains("standard/903/1") && sent.contains("\"need_encrypt\":false"), "{sent}");
}

#[tokio::test]
async fn what_goes_wrong_before_the_number_is_asked_for_charged_nothing() {
    let req = specimen::request();
    let no = r#"{"error_response":{"code":27,"msg":"Invalid session"}}"#;
    for (what, plays, refused) in [
        ("silence", Plays::Hang, false),
        ("500", Plays::answer(500, ""), false),
        ("garbage", ok("x"), false),
        ("dead grant", ok(no), true),
        ("courier not listed", ok(&TEMPLATES.replace("ZTO", "YTO")), false),
    ] {
        let peer = Peer::start(plays).await;
        let taobao = on(&peer);
        let end = taobao.waybills().unwrap().issue(&app(), &token(), &req).await.unwrap_err();
        match end {
            CallError::Refused(_) => assert!(refused, "{what}"),
            CallError::NotSent(_) => assert!(!refused, "{what}"),
            CallError::Unknown(why) => panic!("{what}: nothing was asked for, so nothing is unknown: {why}"),
        }
        assert_eq!(methods(&peer), ["cainiao.cloudprint.stdtemplates.get"], "{what}: no number was asked for");
    }
}

#[tokio::test]
async fn what_goes_wrong_after_the_number_was_asked_for_is_unknown_and_never_repeated() {
    for (what, plays) in [
        ("silence", Plays::Hang),
        ("cut", Plays::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n{\"cai".to_vec())),
        ("504", Plays::answer(504, "")),
        ("garbage", ok("<html>")),
        ("another's number", ok(&NUMBER.replace("obj-1", "obj-2"))),
        ("own failure", ok(r#"{"error_response":{"code":15,"sub_code":"isp.remote-service-timeout"}}"#)),
    ] {
        let peer = Peer::script(vec![ok(TEMPLATES), plays]).await;
        let taobao = on(&peer);
        let end = taobao.waybills().unwrap().issue(&app(), &token(), &specimen::request()).await;
        assert!(matches!(end, Err(CallError::Unknown(_))), "{what}: {end:?}");
        assert_eq!(peer.requests(), 2, "{what}: asked once");
    }
    let peer = Peer::closed_port().await;
    let mut places = Endpoints::live().taobao;
    places.router = peer;
    let clock = Arc::new(VirtualClock::at(Millis(0)));
    let taobao = Taobao::new(places, Arc::new(Http::new(Limits::default()).unwrap()), clock);
    let end = taobao.waybills().unwrap().issue(&app(), &token(), &specimen::request()).await;
    assert!(matches!(end, Err(CallError::NotSent(_))), "nobody listens: {end:?}");
}

#[tokio::test]
async fn a_template_that_no_longer_fits_is_read_anew_for_the_next_parcel() {
    let no = r#"{"error_response":{"code":15,"sub_code":"isv.invalid-parameter","sub_msg":"传入模版url有误"}}"#;
    let peer = Peer::script(vec![ok(TEMPLATES), ok(no), ok(TEMPLATES), ok(NUMBER)]).await;
    let taobao = on(&peer);
    let waybills = taobao.waybills().unwrap();
    assert!(waybills.issue(&app(), &token(), &specimen::request()).await.is_err());
    assert!(waybills.issue(&app(), &token(), &specimen::request()).await.is_ok());
    assert_eq!(peer.requests(), 4);
}

#[tokio::test]
async fn a_cancel_is_done_only_when_the_platform_says_so() {
    let answer = |inner: &str| ok(&format!(r#"{{"cainiao_waybill_ii_cancel_response":{inner}}}"#));
    let (zto, number) = (CourierCode("ZTO".into()), WaybillNo("1".into()));
    for (plays, want) in [
        (answer(r#"{"cancel_result":true}"#), "done"),
        (answer(r#"{"cancel_result":"true"}"#), "done"),
        (answer(r#"{"cancel_result":false}"#), "refused"),
        (answer("{}"), "unknown"),
        (Plays::Hang, "unknown"),
        (
            ok(
                r#"{"error_response":{"code":15,"sub_code":"isv.invalid-parameter","sub_msg":"面单已经被揽收,签收或回收"}}"#,
            ),
            "too late",
        ),
    ] {
        let peer = Peer::start(plays).await;
        let taobao = on(&peer);
        let end = taobao.waybills().unwrap().cancel(&app(), &token(), &zto, &number).await;
        let word = match &end {
            Ok(()) => "done",
            Err(CallError::Refused(r)) if r.kind == RefusalKind::TooLate => "too late",
            Err(CallError::Refused(_)) => "refused",
            Err(CallError::Unknown(_)) => "unknown",
            Err(CallError::NotSent(_)) => "not sent",
        };
        assert_eq!(word, want, "{end:?}");
        assert_eq!(peer.requests(), 1, "asked once");
    }
}

#[tokio::test]
async fn who_it_is_comes_from_the_token_answer_or_from_the_platform() {
    let token_answer = include_str!("../../tests-data/top_token.json");
    let seller = r#"{"user_seller_get_response":{"user":{"user_id":3000000001,"nick":"样张旗舰店"}}}"#;
    let peer = Peer::script(vec![ok(token_answer), ok(seller)]).await;
    let taobao = on(&peer);
    let code = Secret::new("one-use");
    let app = app();
    let req = domain::connector::ExchangeRequest { app: &app, redirect: "r", code: &code, verifier: None };
    let mut tokens = taobao.exchange(&req).await.unwrap();
    let known = taobao.identify(&app, &tokens).await.unwrap();
    assert_eq!(peer.requests(), 1, "the token answer named the shop already");
    tokens.identity = None;
    assert_eq!(taobao.identify(&app, &tokens).await.unwrap(), known, "both ways name the same shop");
    let sent = peer.form(0);
    assert!(sent.contains(&("grant_type".into(), "authorization_code".into())), "{sent:?}");
}
