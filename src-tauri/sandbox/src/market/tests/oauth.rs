use super::client::{Bench, CALLBACK, param};
use crate::market::shops::{PRACTICE_APP_KEY, SHOPS};
use serde_json::Value;
use std::time::Duration;

#[tokio::test]
async fn a_person_logs_in_consents_and_the_token_names_the_shop() {
    let b = Bench::new().await;
    let home = b.walk(&b.authorize_url(CALLBACK), "青禾生活馆", "grant").await;
    assert!(home.starts_with(&format!("{CALLBACK}?code=")), "{home}");
    assert_eq!(param(&home, "state").as_deref(), Some("s t&1"), "state comes back unharmed");
    let (status, t) = b.exchange(&param(&home, "code").unwrap()).await;
    assert_eq!(status, 200, "{t}");
    for field in ["access_token", "refresh_token", "taobao_user_nick", "taobao_user_id"] {
        assert!(t[field].is_string(), "{field} is a text");
    }
    for field in ["expires_in", "re_expires_in", "r1_expires_in", "r2_expires_in", "w1_expires_in", "w2_expires_in"] {
        assert!(t[field].is_u64(), "{field} is a number");
    }
    assert_eq!(t["token_type"], "Bearer");
    assert_eq!(t["taobao_user_id"], SHOPS[0].id);
    assert_eq!(t["taobao_user_nick"], "%E9%9D%92%E7%A6%BE%E7%94%9F%E6%B4%BB%E9%A6%86", "URL-encoded UTF-8");
    assert!(t.get("sub_taobao_user_id").is_none(), "the owner is no sub-account");
    b.market.stop().await;
}

#[tokio::test]
async fn a_sub_account_is_named_beside_its_shop() {
    let b = Bench::new().await;
    let code = b.code(SHOPS[1].sub.0).await;
    let (_, t) = b.exchange(&code).await;
    assert_eq!((&t["taobao_user_id"], &t["sub_taobao_user_id"]), (&SHOPS[1].id.into(), &SHOPS[1].sub.1.into()));
}

#[tokio::test]
async fn refusing_brings_access_denied_home_by_every_registered_door() {
    let b = Bench::new().await;
    for door in [
        CALLBACK,
        "http://[::1]:9/callback/taobao",
        "app.waybilldesk:/callback/taobao",
        "https://practice.example/taobao-callback",
    ] {
        let home = b.walk(&b.authorize_url(door), "青禾茶器", "refuse").await;
        assert!(home.starts_with(&format!("{door}?")), "{home}");
        assert_eq!(param(&home, "error").as_deref(), Some("access_denied"));
        assert_eq!(param(&home, "state").as_deref(), Some("s t&1"));
        assert!(param(&home, "error_description").is_some() && param(&home, "code").is_none());
    }
}

#[tokio::test]
async fn a_foreign_app_or_callback_gets_a_page_and_never_a_redirect() {
    let b = Bench::new().await;
    let good = b.authorize_url(CALLBACK);
    for bad in [
        b.authorize_url("http://localhost:5123/callback/taobao"),
        b.authorize_url("https://evil.example/callback/taobao"),
        good.replace(PRACTICE_APP_KEY, "nobody"),
        format!("{good}&redirect_uri=https%3A%2F%2Fevil.example"),
    ] {
        let r = b.http.get(&bad).send().await.unwrap();
        assert_eq!(r.status(), 400, "{bad}");
        assert!(r.headers().get("location").is_none(), "{bad}");
        assert!(r.text().await.unwrap().contains("id=\"practice-error\""));
    }
    let r = b.http.get(good.replace("response_type=code", "response_type=token")).send().await.unwrap();
    let home = r.headers()["location"].to_str().unwrap();
    assert_eq!(param(home, "error").as_deref(), Some("unsupported_response_type"), "an honest app is told at home");
}

#[tokio::test]
async fn a_wrong_password_asks_again_and_a_page_is_good_for_one_answer() {
    let b = Bench::new().await;
    let page = b.http.get(b.authorize_url(CALLBACK)).send().await.unwrap();
    let csp = page.headers()["content-security-policy"].to_str().unwrap().to_string();
    assert!(csp.contains("default-src 'none'") && !csp.contains("script-src"), "no scripts: {csp}");
    let page = page.text().await.unwrap();
    let visit = page.split("name=\"visit\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_string();
    let post = |path: &'static str, form: Vec<(&'static str, String)>| {
        let r = b.http.post(b.url(path)).form(&form);
        async move {
            let r = r.send().await.unwrap();
            (r.status().as_u16(), r.text().await.unwrap())
        }
    };
    let login =
        |p: &str| vec![("visit", visit.clone()), ("account", "青禾茶器".to_string()), ("password", p.to_string())];
    let answer = || vec![("visit", visit.clone()), ("answer", "grant".to_string())];
    let (_, again) = post("taobao/authorize/login", login("wrong")).await;
    assert!(again.contains("id=\"error\"") && again.contains("id=\"login\""), "asked again");
    let (status, page) = post("taobao/authorize/consent", answer()).await;
    assert!(status == 200 && page.contains("id=\"practice-login\""), "no consent without a login");
    let (_, page) = post("taobao/authorize/login", login("practice")).await;
    assert!(page.contains("id=\"grant\"") && page.contains("id=\"refuse\"") && page.contains("id=\"scopes\""));
    assert_eq!(post("taobao/authorize/consent", answer()).await.0, 302);
    assert_eq!(post("taobao/authorize/consent", answer()).await.0, 410, "a second press finds the page spent");
}

#[tokio::test]
async fn codes_are_good_once_for_five_minutes_for_their_app_and_callback() {
    let b = Bench::new().await;
    let code = b.code("青禾生活馆").await;
    let form = |code: &str, key: &str, secret: &str, redirect: &str| {
        [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("client_id", key),
            ("client_secret", secret),
            ("redirect_uri", redirect),
        ]
        .map(|(k, v)| (k, v.to_string()))
    };
    let http = b.http.clone();
    let url = b.url("taobao/token");
    let post_form = |f: Vec<(&'static str, String)>| {
        let r = http.post(&url).form(&f);
        async move {
            let r = r.send().await.unwrap();
            (r.status().as_u16(), r.json::<Value>().await.unwrap())
        }
    };
    for (f, why) in [
        (form(&code, "nobody", "practice-secret", CALLBACK), "app"),
        (form(&code, PRACTICE_APP_KEY, "wrong", CALLBACK), "secret"),
        (form(&code, PRACTICE_APP_KEY, "practice-secret", "http://127.0.0.1:5124/callback/taobao"), "callback"),
        (form("0000", PRACTICE_APP_KEY, "practice-secret", CALLBACK), "code"),
    ] {
        let (status, body) = post_form(f.to_vec()).await;
        assert_eq!(status, 400, "wrong {why}: {body}");
        assert!(body["error"].is_string() && body["error_description"].is_string(), "wrong {why} is said in JSON");
    }
    assert_eq!(b.exchange(&code).await.0, 200, "the wrong tries did not spend the code");
    let (status, body) = b.exchange(&code).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_client")), "one use");
    let late = b.code("青禾生活馆").await;
    b.clock.advance(Duration::from_secs(300));
    assert_eq!(b.exchange(&late).await.0, 400, "five minutes are over");
}

#[tokio::test]
async fn the_gateway_creates_and_refreshes_tokens_too() {
    let b = Bench::new().await;
    let code = b.code("青禾生活馆").await;
    let method = "taobao.top.auth.token.create";
    let call = |method: &'static str, own: Vec<(&'static str, String)>| {
        let own: Vec<(&str, &str)> = own.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let p = Bench::signed(b.params(method, None, &own));
        let sent = b.http.post(b.url("taobao/router/rest")).form(&p).send();
        async move { super::client::unwrapped(method, &sent.await.unwrap().json::<Value>().await.unwrap()) }
    };
    let made = call(method, vec![("code", code.clone())]).await.unwrap();
    let token: Value = serde_json::from_str(made["token_result"].as_str().expect("JSON in a text")).unwrap();
    let old = token["access_token"].as_str().unwrap().to_string();
    let refresh = token["refresh_token"].as_str().unwrap().to_string();
    let made = call("taobao.top.auth.token.refresh", vec![("refresh_token", refresh.clone())]).await.unwrap();
    let token: Value = serde_json::from_str(made["token_result"].as_str().unwrap()).unwrap();
    let new = token["access_token"].as_str().unwrap();
    assert!(b.call("cainiao.waybill.ii.search", new, &[]).await.is_ok(), "the new one works");
    assert_eq!(b.call("cainiao.waybill.ii.search", &old, &[]).await.unwrap_err().0, 27, "the old one is dead");
    let again = call("taobao.top.auth.token.refresh", vec![("refresh_token", refresh)]).await;
    assert_eq!(again.unwrap_err().0, 15, "a refresh token is good once");
}

fn challenge(verifier: &str) -> String {
    use base64::Engine;
    use sha2::Digest;
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(sha2::Sha256::digest(verifier.as_bytes()))
}

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const STANDARD_CALLBACK: &str = "http://[::1]:4711/callback/standard";

fn standard_url(b: &Bench, leave_out: &str) -> String {
    let challenge = challenge(VERIFIER);
    let q = [
        ("response_type", "code"),
        ("client_id", "waybill-desk"),
        ("redirect_uri", STANDARD_CALLBACK),
        ("state", "xyz"),
        ("scope", "profile"),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ];
    let q = q.into_iter().filter(|(k, _)| *k != leave_out);
    url::Url::parse_with_params(&b.url("standard/authorize"), q).unwrap().to_string()
}

async fn standard_exchange(b: &Bench, code: &str, verifier: &str, redirect: &str) -> (u16, Value) {
    let form = [
        ("grant_type", "authorization_code"),
        ("client_id", "waybill-desk"),
        ("code", code),
        ("redirect_uri", redirect),
        ("code_verifier", verifier),
    ];
    b.post("standard/token", &form).await
}

async fn who(b: &Bench, token: &str) -> (u16, Value) {
    let r = b.http.get(b.url("standard/userinfo")).bearer_auth(token).send().await.unwrap();
    (r.status().as_u16(), r.json().await.unwrap_or(Value::Null))
}

#[tokio::test]
async fn the_standard_server_speaks_pkce_iss_rotation_and_revocation() {
    let b = Bench::new().await;
    let home = b.walk(&standard_url(&b, ""), "青禾茶器", "grant").await;
    let issuer = b.market.base().join("standard").unwrap().to_string();
    assert_eq!(param(&home, "iss"), Some(issuer.clone()), "RFC 9207");
    assert_eq!(param(&home, "state").as_deref(), Some("xyz"));
    let code = param(&home, "code").unwrap();
    assert_eq!(standard_exchange(&b, &code, "wrong-verifier", STANDARD_CALLBACK).await.0, 400, "verifier");
    assert_eq!(standard_exchange(&b, &code, VERIFIER, "http://[::1]:1/callback/standard").await.0, 400, "redirect");
    let (status, t) = standard_exchange(&b, &code, VERIFIER, STANDARD_CALLBACK).await;
    assert_eq!((status, t["token_type"].as_str(), t["expires_in"].as_u64()), (200, Some("Bearer"), Some(3600)));
    let (access, refresh) = (t["access_token"].as_str().unwrap(), t["refresh_token"].as_str().unwrap());
    let (status, me) = who(&b, access).await;
    assert_eq!((status, me["sub"].as_str(), me["name"].as_str()), (200, Some(SHOPS[1].id), Some("青禾茶器")));
    let form = [("grant_type", "refresh_token"), ("client_id", "waybill-desk"), ("refresh_token", refresh)];
    let (status, t) = b.post("standard/token", &form).await;
    assert_eq!(status, 200, "{t}");
    assert_eq!(who(&b, access).await.0, 401, "rotation ends the old token");
    let access = t["access_token"].as_str().unwrap();
    assert_eq!(who(&b, access).await.0, 200);
    let (status, _) = b.post("standard/revoke", &[("token", t["refresh_token"].as_str().unwrap())]).await;
    assert_eq!(status, 200);
    assert_eq!(who(&b, access).await.0, 401, "revoking the refresh token ends the grant");
    assert_eq!(b.post("standard/revoke", &[("token", "never-seen")]).await.0, 200, "RFC 7009: no error");
    let m: Value = b
        .http
        .get(b.url("standard/.well-known/oauth-authorization-server"))
        .send()
        .await
        .unwrap()
        .json()
        .await
        .unwrap();
    assert_eq!(m["issuer"], issuer);
    assert_eq!(m["authorization_response_iss_parameter_supported"], true);
}

#[tokio::test]
async fn the_standard_server_refuses_what_is_not_pkce_and_punishes_replay() {
    let b = Bench::new().await;
    for missing in ["code_challenge", "code_challenge_method"] {
        let r = b.http.get(standard_url(&b, missing)).send().await.unwrap();
        let home = r.headers()["location"].to_str().unwrap();
        assert_eq!(param(home, "error").as_deref(), Some("invalid_request"), "{missing}");
        assert!(param(home, "iss").is_some(), "errors carry iss too");
    }
    let bad = standard_url(&b, "").replace("%3A4711%2Fcallback%2Fstandard", "%3A4711%2Fcallback%2Ftaobao");
    assert_eq!(b.http.get(bad).send().await.unwrap().status(), 400, "another callback path");
    let home = b.walk(&standard_url(&b, ""), "青禾茶器", "grant").await;
    let code = param(&home, "code").unwrap();
    let (_, t) = standard_exchange(&b, &code, VERIFIER, STANDARD_CALLBACK).await;
    let access = t["access_token"].as_str().unwrap();
    assert_eq!(who(&b, access).await.0, 200);
    assert_eq!(standard_exchange(&b, &code, VERIFIER, STANDARD_CALLBACK).await.0, 400, "a code is good once");
    assert_eq!(who(&b, access).await.0, 401, "and showing it again ends what came out of it");
    b.clock.advance(Duration::from_secs(1));
    let home = b.walk(&standard_url(&b, ""), "青禾茶器", "refuse").await;
    assert_eq!(param(&home, "error").as_deref(), Some("access_denied"));
}
