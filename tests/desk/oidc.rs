//! The standard connector against a server nobody of this house wrote: npm `oidc-provider` (`tests/oauth/server.mjs`),
//! from the link to an active grant and to its end, and what that server and this desk refuse.
//!
//! The browser is a client with a cookie jar and eyes for two forms. `cargo xtask test` fetches the server's packages.

use crate::world::*;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use desk::api::*;
use desk::{Code, Desk, Place, Setup};
use domain::chance::{Chance, OsChance};
use platform::{Endpoints, StandardServer};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use url::Url;

const LOOPBACK: &str = "http://127.0.0.1/callback/standard";
const LOOPBACK_V6: &str = "http://[::1]/callback/standard";
const SCHEME: &str = "app.waybilldesk:/callback/standard";

/// The running server. Dropping it ends the process.
struct Server {
    addresses: Value,
    events: Arc<Mutex<Vec<Value>>>,
    _process: Child,
}

impl Server {
    async fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oauth");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "tests/oauth/node_modules is missing: `cargo xtask test` sets it up (or `npm ci` in tests/oauth)"
        );
        let mut process = Command::new("node")
            .args(["server.mjs", "--with-stdin"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await;
        let first = first.expect("the server says its addresses within a minute").unwrap().expect("it did not die");
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = events.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                heard.lock().unwrap().push(serde_json::from_str(&line).expect("each line is JSON"));
            }
        });
        Self { addresses: serde_json::from_str(&first).unwrap(), events, _process: process }
    }

    fn word(&self, key: &str) -> &str {
        self.addresses[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.addresses))
    }

    fn url(&self, key: &str) -> Url {
        self.word(key).parse().unwrap()
    }

    fn as_endpoint(&self) -> StandardServer {
        StandardServer {
            issuer: self.word("issuer").into(),
            authorize: self.url("authorize"),
            token: self.url("token"),
            revoke: self.url("revoke"),
            userinfo: self.url("userinfo"),
            client_id: self.word("client_id").into(),
        }
    }

    /// Waits for the latest event of this name.
    async fn event(&self, name: &str) -> Value {
        for _ in 0..2_000 {
            if let Some(e) = self.events.lock().unwrap().iter().rev().find(|e| e["event"] == name) {
                return e.clone();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no {name} among {:?}", self.events.lock().unwrap());
    }

    async fn token(&self, event: &str) -> String {
        self.event(event).await["id"].as_str().unwrap().to_owned()
    }

    async fn userinfo(&self, token: &str) -> (u16, Value) {
        let answer = http().get(self.url("userinfo")).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    async fn lives(&self, token: &str) -> bool {
        let form = [("token", token), ("client_id", self.word("client_id"))];
        let answer = http().post(self.url("introspect")).form(&form).send().await.unwrap();
        let said: Value = answer.json().await.unwrap();
        said["active"].as_bool().unwrap_or_else(|| panic!("introspection (RFC 7662) says {said}"))
    }

    async fn exchange(&self, code: &str, verifier: &str, redirect: &str) -> (u16, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", self.word("client_id")),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect),
        ];
        let answer = http().post(self.url("token")).form(&form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}

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

/// Cookies as far as this server uses them (RFC 6265): name, path, value.
#[derive(Default)]
struct Jar(HashMap<(String, String), String>);

impl Jar {
    fn keep(&mut self, answer: &reqwest::Response) {
        for line in answer.headers().get_all("set-cookie") {
            let mut parts = line.to_str().unwrap().split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let path = parts.find_map(|p| p.strip_prefix("path=")).unwrap_or("/");
            self.0.insert((name.into(), path.into()), value.into());
        }
        // An emptied cookie is one that was taken back.
        self.0.retain(|_, value| !value.is_empty());
    }

    fn header(&self, url: &Url) -> String {
        let sent = |path: &str| {
            url.path()
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || path.ends_with('/') || rest.starts_with('/'))
        };
        let pairs =
            self.0.iter().filter(|((_, path), _)| sent(path)).map(|((name, _), value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }
}

/// Where a press in the browser ends.
enum Seen {
    Page(Url, String),
    Away(String),
}

struct Browser<'s> {
    server: &'s Server,
    jar: Jar,
}

impl<'s> Browser<'s> {
    fn on(server: &'s Server) -> Self {
        Self { server, jar: Jar::default() }
    }

    /// Goes to an address and follows the server's redirects until a page, or out of the server.
    async fn go(&mut self, mut url: Url, mut form: Option<&[(&str, &str)]>) -> Seen {
        let client = http();
        for _ in 0..10 {
            let request = match form.take() {
                Some(form) => client.post(url.clone()).form(form),
                None => client.get(url.clone()),
            };
            let answer = request.header("cookie", self.jar.header(&url)).send().await.unwrap();
            self.jar.keep(&answer);
            let Some(location) = answer.headers().get("location") else {
                return Seen::Page(url, answer.text().await.unwrap());
            };
            let location = location.to_str().unwrap().to_owned();
            let next = url.join(&location).unwrap();
            if next.origin() != self.server.url("issuer").origin() {
                return Seen::Away(location);
            }
            url = next;
        }
        panic!("the server goes round in circles at {url}");
    }

    async fn press(&mut self, at: &Url, page: &str, form: &str, fields: &[(&str, &str)]) -> Seen {
        let (_, rest) = page.split_once(&format!("id=\"{form}\"")).unwrap_or_else(|| panic!("no {form} on {page}"));
        let action = rest.split_once("action=\"").and_then(|(_, r)| r.split_once('"')).unwrap().0;
        self.go(at.join(action).unwrap(), Some(fields)).await
    }

    /// Signs in and answers (`consent-form` or `abort-form`); the address the browser is sent home to.
    async fn walk(&mut self, link: Url, login: &str, answer: &str) -> String {
        let Seen::Page(at, page) = self.go(link, None).await else { panic!("a stranger is asked to sign in") };
        let Seen::Page(at, page) = self.press(&at, &page, "login-form", &[("login", login)]).await else {
            panic!("nothing is granted before a person was asked");
        };
        assert!(page.contains(login), "the consent page says whose account it is");
        match self.press(&at, &page, answer, &[]).await {
            Seen::Away(home) => home,
            Seen::Page(at, page) => panic!("still at {at}: {page}"),
        }
    }
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
    assert!(
        server.events.lock().unwrap().iter().all(|e| e["event"] != "access_token.saved"),
        "no code was spent on a lie"
    );
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
