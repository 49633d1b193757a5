//! The standard connector against a server nobody of this house wrote: npm `oidc-provider` (`tests/oauth/server.mjs`),
//! from the link to an active grant and to its end, and what that server and this desk refuse.
//!
//! `cargo xtask test` fetches the server's packages; without them these tests fail.

mod browser;
mod server;

use crate::world::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use browser::{Browser, Seen};
use desk::api::*;
use desk::{Code, Desk, Place, Setup};
use domain::chance::{Chance, OsChance};
use platform::Endpoints;
use server::Server;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use url::Url;

const LOOPBACK: &str = "http://127.0.0.1/callback/standard";
const LOOPBACK_V6: &str = "http://[::1]/callback/standard";
const SCHEME: &str = "app.waybilldesk:/callback/standard";

/// Chance that remembers what it gave, so that a test can be the thief who knows the verifier.
#[derive(Default)]
struct Remembering(Mutex<Vec<String>>);

impl Chance for Remembering {
    fn fill(&self, buf: &mut [u8]) {
        OsChance.fill(buf);
        self.0.lock().unwrap().push(buf.iter().map(|b| format!("{b:02x}")).collect());
    }
}

impl Remembering {
    fn verifier_of(&self, link: &Url) -> String {
        let challenge = &params(link.as_str())["code_challenge"];
        let given = self.0.lock().unwrap();
        let fits = |v: &&String| URL_SAFE_NO_PAD.encode(Sha256::digest(v.as_bytes())) == *challenge;
        given.iter().find(fits).expect("the challenge is S256 of a verifier that this desk drew").clone()
    }
}

/// A desk whose standard server is the real one.
async fn desk_on(server: &Server, callback: &str) -> (World, Arc<Remembering>) {
    let mut w = World::empty().await;
    w.desk.close().await;
    let chance = Arc::new(Remembering::default());
    let setup = Setup {
        endpoints: Endpoints::practice(&w.market.base()).with_standard(server.as_endpoint()),
        chance: chance.clone(),
        ..setup(&w.dir.path().join("oidc"), &w.market.base(), w.clock.clone(), w.face.clone())
    };
    w.desk = Desk::open(setup).await.unwrap();
    w.owner = w.desk.door(Place::Terminal, "test");
    let owner = SetupOwner { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let _: Me = call(&w.owner, "setup.owner", owner).await.unwrap();
    let app =
        SetApp { platform: "standard".into(), key: String::new(), secret: String::new(), callback: callback.into() };
    let _: PlatformView = call(&w.owner, "accounts.set_app", app).await.unwrap();
    (w, chance)
}

fn params(url: &str) -> HashMap<String, String> {
    let url: Url = url.parse().unwrap();
    url.query_pairs().into_owned().collect()
}

/// The address with only those parameters that `keep` wants.
fn only(url: &str, keep: impl Fn(&str) -> bool) -> String {
    let (base, query) = url.split_once('?').unwrap();
    let kept: Vec<&str> = query.split('&').filter(|p| keep(p.split_once('=').unwrap().0)).collect();
    format!("{base}?{}", kept.join("&"))
}

async fn confirm(w: &World, attempt: &AttemptView) -> GrantView {
    let yes = ConfirmShop { id: attempt.id.clone(), right_shop: true };
    let active: AttemptView = call(&w.owner, "accounts.confirm", yes).await.unwrap();
    assert_eq!(active.state, "active", "confirmed by a person");
    let grants: Vec<GrantView> = call(&w.owner, "accounts.list", Nothing {}).await.unwrap();
    grants.into_iter().find(|g| g.id == active.grant).expect("the grant is listed")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_server_grants_and_hears_of_the_end() {
    let server = Server::start().await;
    let (w, _) = desk_on(&server, "").await;
    let a = w.start("standard").await;
    let link = w.link(&a).await;
    let home = Browser::on(&server).walk(link.clone(), SHOP, "consent-form").await;
    let asked = params(link.as_str());
    assert!(
        home.starts_with(&format!("{}?", asked["redirect_uri"])),
        "any loopback port is let in (RFC 8252 §7.3): {home}"
    );
    let said = params(&home);
    assert_eq!((&said["state"], said["iss"].as_str()), (&asked["state"], server.word("issuer")), "RFC 9207");
    assert_eq!(http().get(&home).send().await.unwrap().status(), 200, "the loopback door takes it");

    let held = w.attempt_in(&a.id, &["held", "refused", "unknown"]).await;
    assert_eq!((held.state.as_str(), held.shop_name.as_str()), ("held", SHOP), "the server's own name, for a person");
    let (access, refresh) = (server.token("access_token.saved").await, server.token("refresh_token.saved").await);
    let (status, who) = server.userinfo(&access).await;
    assert_eq!((status, who["name"].as_str()), (200, Some(SHOP)));
    assert_eq!(who["sub"].as_str(), Some(held.shop_id.as_str()), "the id is the server's `sub`");

    let grant = confirm(&w, &held).await;
    assert_eq!((grant.state.as_str(), grant.shop_name.as_str()), ("active", SHOP));
    assert!(grant.couriers.is_empty(), "this connector ends at active");
    let now = domain::clock::Clock::wall(&*w.clock).0;
    assert_eq!(grant.expires_at, Some(now + 3_600_000), "the hour the server gave");

    let suspended: GrantView = call(&w.owner, "accounts.suspend", ById { id: grant.id.clone() }).await.unwrap();
    assert_eq!(suspended.state, "suspended");
    assert!(server.lives(&access).await && server.lives(&refresh).await, "suspending is undoable: nothing is told yet");
    let end = RevokeGrant { id: grant.id.clone(), typed_name: SHOP.into() };
    let done: RevokeDone = call(&w.owner, "accounts.revoke", end).await.unwrap();
    assert!(done.acknowledged && !done.queued, "RFC 7009: {done:?}");
    assert_eq!(server.userinfo(&access).await.0, 401, "the access token opens nothing any more");
    assert!(!server.lives(&access).await && !server.lives(&refresh).await, "both are dead in the server's own words");
    let form = [("grant_type", "refresh_token"), ("refresh_token", &refresh), ("client_id", server.word("client_id"))];
    let renewed = http().post(server.url("token")).form(&form).send().await.unwrap();
    assert_eq!(renewed.status(), 400, "nothing can be made from the refresh token");
    let actions: Vec<String> = w.log().await.into_iter().map(|r| r.action).collect();
    assert!(actions.contains(&"grant.revoke_acknowledged".to_owned()), "{actions:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_registered_callback_leads_home() {
    let server = Server::start().await;
    let has_v6 = TcpListener::bind("[::1]:0").is_ok();
    for (callback, door) in
        [(LOOPBACK, "loopback"), (LOOPBACK_V6, "loopback"), (SCHEME, "scheme"), (LOOPBACK_V6, "paste")]
    {
        if callback == LOOPBACK_V6 && door == "loopback" && !has_v6 {
            println!("this machine has no [::1]: its loopback door was not tried, its address comes home by paste");
            continue;
        }
        let (w, _) = desk_on(&server, callback).await;
        let a = w.start("standard").await;
        let home = Browser::on(&server).walk(w.link(&a).await, "小满杂货", "consent-form").await;
        match door {
            "loopback" => assert_eq!(http().get(&home).send().await.unwrap().status(), 200, "{callback}"),
            "scheme" => w.desk.deliver_callback(&home).await,
            _ => {
                let paste = PasteAnswer { id: a.id.clone(), text: home };
                let _: AttemptView = call(&w.owner, "accounts.paste", paste).await.unwrap();
            }
        }
        let held = w.attempt_in(&a.id, &["held", "refused", "unknown"]).await;
        assert_eq!(
            (held.state.as_str(), held.shop_name.as_str()),
            ("held", "小满杂货"),
            "{callback} by {door}: {held:?}"
        );
        assert_eq!(confirm(&w, &held).await.state, "active", "{callback} by {door}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_without_the_servers_iss_is_refused_and_the_true_one_still_taken() {
    let server = Server::start().await;
    let (w, _) = desk_on(&server, "").await;
    let a = w.start("standard").await;
    let home = Browser::on(&server).walk(w.link(&a).await, SHOP, "consent-form").await;
    let without = only(&home, |name| name != "iss");
    for (lie, why) in [
        (without.clone(), "missing_iss"),
        (format!("{without}&iss={}%2F", params(&home)["iss"]), "wrong_iss"),
        (format!("{without}&iss=https%3A%2F%2Fevil.example"), "wrong_iss"),
    ] {
        assert_eq!(http().get(&lie).send().await.unwrap().status(), 400, "{why} at the loopback door");
        let paste = PasteAnswer { id: a.id.clone(), text: lie };
        let err = call::<_, AttemptView>(&w.owner, "accounts.paste", paste).await.unwrap_err();
        assert_eq!((err.code, err.detail.as_str()), (Code::AnswerRefused, why));
        let rows =
            w.log().await.into_iter().filter(|r| r.action == "callback.refused" && r.detail.ends_with(why)).count();
        assert!(rows >= 2, "{why}: a row for each door");
        assert_eq!(w.attempt(&a.id).await.state, "open", "{why}: the attempt is unharmed");
    }
    assert!(!server.heard("access_token.saved"), "no code was spent on a lie");
    assert_eq!(http().get(&home).send().await.unwrap().status(), 200);
    w.attempt_in(&a.id, &["held"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_that_somebody_used_first_ends_the_attempt_and_the_thiefs_token() {
    let server = Server::start().await;
    let (w, chance) = desk_on(&server, "").await;
    let a = w.start("standard").await;
    let link = w.link(&a).await;
    let home = Browser::on(&server).walk(link.clone(), SHOP, "consent-form").await;
    let (code, redirect) = (params(&home)["code"].clone(), params(link.as_str())["redirect_uri"].clone());

    let (status, no) = server.exchange(&code, &"0".repeat(64), &redirect).await;
    assert_eq!(
        (status, no["error"].as_str()),
        (400, Some("invalid_grant")),
        "a code without its verifier is worth nothing"
    );
    let (status, stolen) = server.exchange(&code, &chance.verifier_of(&link), &redirect).await;
    assert_eq!(status, 200, "with the verifier it is worth a token, once: {stolen}");
    let stolen = stolen["access_token"].as_str().unwrap();
    assert_eq!(server.userinfo(stolen).await.0, 200);

    assert_eq!(http().get(&home).send().await.unwrap().status(), 200, "a valid answer as far as anybody can see");
    let refused = w.attempt_in(&a.id, &["held", "refused", "unknown"]).await;
    assert_eq!((refused.state.as_str(), refused.reason.as_str()), ("refused", "exchange_refused"), "{refused:?}");
    assert!(refused.hint.starts_with("invalid_grant"), "the server's own word is shown: {:?}", refused.hint);
    let grants: Vec<GrantView> = call(&w.owner, "accounts.list", Nothing {}).await.unwrap();
    assert!(grants.is_empty(), "nothing was granted");
    let said = server.event("grant.error").await;
    assert_eq!(
        (said["error"].as_str(), said["detail"].as_str()),
        (Some("invalid_grant"), Some("authorization code already consumed"))
    );
    assert_eq!(server.userinfo(stolen).await.0, 401, "the second use ends what the first one got (RFC 6749 §4.1.2)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_stripped_of_its_pkce_is_refused_by_the_server_and_the_attempt_ends() {
    let server = Server::start().await;
    let (w, chance) = desk_on(&server, "").await;
    let stripped = |link: &Url| only(link.as_str(), |name| !name.starts_with("code_challenge"));
    for downgrade in ["none", "plain", "no method"] {
        let a = w.start("standard").await;
        let link = w.link(&a).await;
        let asked = match downgrade {
            "none" => stripped(&link),
            "plain" => {
                format!("{}&code_challenge={}&code_challenge_method=plain", stripped(&link), chance.verifier_of(&link))
            }
            // RFC 7636 §4.3: without a method it is `plain`.
            _ => only(link.as_str(), |name| name != "code_challenge_method"),
        };
        let Seen::Away(home) = Browser::on(&server).go(asked.parse().unwrap(), None).await else {
            panic!("{downgrade}: nobody is asked to sign in for it");
        };
        let said = params(&home);
        assert!(said["error"] == "invalid_request" && !said.contains_key("code"), "{downgrade}: {home}");
        assert_eq!(http().get(&home).send().await.unwrap().status(), 200, "{downgrade}: with our state and its iss");
        let ended = w.attempt_in(&a.id, &["refused"]).await;
        assert_eq!(ended.reason, "platform_error", "{downgrade}");
        assert!(ended.hint.starts_with("invalid_request"), "{downgrade}: the server's word is kept: {:?}", ended.hint);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_persons_no_at_the_strangers_page_ends_the_attempt() {
    let server = Server::start().await;
    let (w, _) = desk_on(&server, "").await;
    let a = w.start("standard").await;
    let home = Browser::on(&server).walk(w.link(&a).await, SHOP, "abort-form").await;
    assert_eq!(http().get(&home).send().await.unwrap().status(), 200);
    let ended = w.attempt_in(&a.id, &["refused"]).await;
    assert_eq!(ended.reason, "access_denied");
}
