//! Attacks on the way home of a grant: all refused, each with a log line, the attempt unharmed. And a thousand good ones.

use crate::world::*;
use desk::Code;
use desk::api::*;
use domain::chance::SeededChance;
use std::collections::BTreeSet;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

async fn refused_rows(w: &World) -> usize {
    w.log().await.iter().filter(|r| r.action == "callback.refused").count()
}

fn state_of(link: &Url) -> String {
    link.query_pairs().find(|(k, _)| k == "state").unwrap().1.into_owned()
}

fn redirect_of(link: &Url) -> String {
    link.query_pairs().find(|(k, _)| k == "redirect_uri").unwrap().1.into_owned()
}

/// One raw request to the loopback door; the status code, or 0 when the line was just closed.
async fn send(port: u16, request: &[u8]) -> u16 {
    let Ok(mut s) = TcpStream::connect(("127.0.0.1", port)).await else { return 0 };
    let _ = s.write_all(request).await;
    let mut answer = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(15), s.read_to_end(&mut answer)).await;
    let text = String::from_utf8_lossy(&answer).into_owned();
    assert!(!text.to_lowercase().contains("access-control-allow"), "no CORS header, ever");
    text.split(' ').nth(1).and_then(|c| c.parse().ok()).unwrap_or(0)
}

fn get(target: &str, host: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()
}

#[tokio::test(flavor = "multi_thread")]
async fn attacks_on_the_loopback_door_are_refused() {
    let w = World::with_app(ANY_LOOPBACK).await;
    let (a, b) = (w.start("taobao").await, w.start("standard").await);
    let (link, other) = (w.link(&a).await, w.link(&b).await);
    let (state, other_state) = (state_of(&link), state_of(&other));
    let port = Url::parse(&redirect_of(&link)).unwrap().port().unwrap();
    let host = format!("127.0.0.1:{port}");
    let good = format!("/callback/taobao?code=CODE&state={state}");
    let long = "x".repeat(9_000);
    let target = |t: String| get(&t, &host);
    let mut cases: Vec<(&str, Vec<u8>)> = vec![
        ("no state", target("/callback/taobao?code=C".into())),
        ("empty state", target("/callback/taobao?code=C&state=".into())),
        ("wrong state", target(format!("/callback/taobao?code=C&state={}", "0".repeat(64)))),
        ("truncated state", target(format!("/callback/taobao?code=C&state={}", &state[..63]))),
        ("oversized state", target(format!("/callback/taobao?code=C&state={state}0"))),
        ("upper-case state", target(format!("/callback/taobao?code=C&state={}", state.to_uppercase()))),
        ("state of another connector", target(format!("/callback/taobao?code=C&state={other_state}"))),
        ("path of another connector", target(format!("/callback/standard?code=C&state={state}"))),
        ("no code and no error", target(format!("/callback/taobao?state={state}"))),
        ("empty code", target(format!("/callback/taobao?code=&state={state}"))),
        ("code and error", target(format!("/callback/taobao?code=C&error=access_denied&state={state}"))),
        ("code twice", target(format!("/callback/taobao?code=C&code=D&state={state}"))),
        ("state twice", target(format!("/callback/taobao?code=C&state={state}&state={state}"))),
        ("encoded duplicate name", target(format!("/callback/taobao?code=C&state={state}&%63ode=D"))),
        ("second question mark", target(format!("/callback/taobao?code=C&state={state}?x=1"))),
        ("fragment", target(format!("/callback/taobao?code=C&state={state}#x"))),
        ("unexpected iss", target(format!("{good}&iss=https%3A%2F%2Fevil.example"))),
        ("oversized code", target(format!("/callback/taobao?code={}&state={state}", "c".repeat(3_000)))),
        ("percent trap %", target(format!("/callback/taobao?code=C%&state={state}"))),
        ("percent trap %zz", target(format!("/callback/taobao?code=C%zz&state={state}"))),
        ("percent trap broken UTF-8", target(format!("/callback/taobao?code=%ff%fe&state={state}"))),
        ("encoded NUL", target(format!("/callback/taobao?code=C%00&state={state}"))),
        ("encoded newline", target(format!("/callback/taobao?code=C%0d%0aX&state={state}"))),
        ("double-encoded state", target(format!("/callback/taobao?code=C&state=%25{}", &state[..60]))),
        ("bar", target(format!("/callback/taobao?code=C|D&state={state}"))),
        ("double quote", target(format!("/callback/taobao?code=\"C\"&state={state}"))),
        ("backslash", target(format!("/callback/taobao?code=C\\&state={state}"))),
        ("full-width", target(format!("/callback/taobao?code=Ｃ&state={state}"))),
        ("angle brackets", target(format!("/callback/taobao?code=<script>&state={state}"))),
        ("mixed-case path", target(format!("/Callback/taobao?code=C&state={state}"))),
        ("other path", target(format!("/x?code=C&state={state}"))),
        ("path with dots", target(format!("/callback/../callback/taobao?code=C&state={state}"))),
        ("encoded slash", target(format!("/callback%2ftaobao?code=C&state={state}"))),
        ("absolute form", target(format!("http://{host}/callback/taobao?code=C&state={state}"))),
        ("too long", target(format!("{good}&x={long}"))),
        ("Host evil", get(&good, "evil.example")),
        ("Host localhost", get(&good, &format!("localhost:{port}"))),
        ("Host 127.0.0.1.evil", get(&good, &format!("127.0.0.1.evil.example:{port}"))),
        ("Host without port", get(&good, "127.0.0.1")),
        ("Host other port", get(&good, "127.0.0.1:1")),
        ("DNS rebinding", get(&good, &format!("rebound.example:{port}"))),
        ("no Host", format!("GET {good} HTTP/1.1\r\n\r\n").into_bytes()),
        ("two Hosts", format!("GET {good} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n").into_bytes()),
        ("POST", format!("POST {good} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n").into_bytes()),
        (
            "OPTIONS",
            format!("OPTIONS {good} HTTP/1.1\r\nHost: {host}\r\nOrigin: https://evil.example\r\n\r\n").into_bytes(),
        ),
        ("HEAD", format!("HEAD {good} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()),
        ("lower-case get", format!("get {good} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes()),
        ("body", format!("GET {good} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\nabc").into_bytes()),
        ("announced body", format!("GET {good} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 3\r\n\r\n").into_bytes()),
        ("chunked", format!("GET {good} HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\n\r\n").into_bytes()),
        (
            "pipelined",
            format!("GET /x HTTP/1.1\r\nHost: {host}\r\n\r\nGET {good} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(),
        ),
        ("header flood", format!("GET {good} HTTP/1.1\r\nHost: {host}\r\n{}\r\n", "X: y\r\n".repeat(70)).into_bytes()),
        ("not HTTP", b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n".to_vec()),
        (
            "NUL in target",
            format!("GET /callback/taobao?code=C\0&state={state} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(),
        ),
    ];
    let count = cases.len();
    assert!(count >= 50, "{count} cases at this door alone");
    // A door takes 20 requests; each batch gets a fresh attempt's rows but the same lies.
    let mut rows = 0;
    let mut attempt = (a, port, state);
    for (n, (name, request)) in cases.drain(..).enumerate() {
        if n > 0 && n % 15 == 0 {
            let _: AttemptView = call(&w.owner, "accounts.cancel", ById { id: attempt.0.id.clone() }).await.unwrap();
            let next = w.start("taobao").await;
            let link = w.link(&next).await;
            let port = Url::parse(&redirect_of(&link)).unwrap().port().unwrap();
            attempt = (next, port, state_of(&link));
        }
        // The cases were written for the first attempt: its port and state are put right for the one that is open.
        let text = String::from_utf8_lossy(&request).replace(&format!(":{port}"), &format!(":{}", attempt.1));
        let bytes = if request.is_ascii() && !name.contains("state") {
            text.replace(&state_of(&link), &attempt.2).into_bytes()
        } else if request.is_ascii() {
            text.into_bytes()
        } else {
            request.clone()
        };
        let status = send(attempt.1, &bytes).await;
        assert!(status >= 400 || status == 0, "{name}: refused, not {status}");
        assert_eq!(w.attempt(&attempt.0.id).await.state, "open", "{name}: the attempt is unharmed");
        let now = refused_rows(&w).await;
        rows += 1;
        assert!(now >= rows.min(200), "{name}: {now} log rows after {rows} refusals");
    }
    assert!(w.market.ledger().charged.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_out_of_turn_are_refused_at_every_door() {
    let w = World::with_app(ANY_LOOPBACK).await;
    // Used: the same good answer twice; the door is closed, the paste and the scheme say no.
    let a = w.start("taobao").await;
    let link = w.link(&a).await;
    let home = browse(&link, SHOP, "grant").await;
    assert_eq!(http().get(&home).send().await.unwrap().status(), 200);
    w.attempt_in(&a.id, &["held"]).await;
    assert!(http().get(&home).send().await.is_err(), "the port is closed after use");
    let paste = |id: &str, text: &str| PasteAnswer { id: id.into(), text: text.into() };
    let err = call::<_, AttemptView>(&w.owner, "accounts.paste", paste(&a.id, &home)).await.unwrap_err();
    assert_eq!((err.code, err.detail.as_str()), (Code::AnswerRefused, "attempt_over"), "code twice");

    // Another attempt's answer, pasted here.
    let (b, c) = (w.start("taobao").await, w.start("taobao").await);
    let home_c = browse(&w.link(&c).await, SHOP, "grant").await;
    let err = call::<_, AttemptView>(&w.owner, "accounts.paste", paste(&b.id, &home_c)).await.unwrap_err();
    assert!(matches!(err.detail.as_str(), "other_attempt" | "not_our_address"), "{err:?}");

    // Pastes that are none.
    let redirect = redirect_of(&w.link(&b).await);
    let state = state_of(&w.link(&b).await);
    let long = format!("{redirect}?code=C&state={state}&x={}", "y".repeat(1_048_576));
    for (name, text, why) in [
        ("empty", String::new(), "no_state"),
        ("prose", "我已经授权了".into(), "strange_characters"),
        ("bare code", "abcdef123456".into(), "no_state"),
        ("other platform's address", format!("https://evil.example/cb?code=C&state={state}"), "not_our_address"),
        ("no state", format!("{redirect}?code=C"), "no_state"),
        ("1 MiB", long, "too_long"),
        ("quote inside", format!("{redirect}?code=C\"&state={state}"), "strange_characters"),
        ("newline inside", format!("{redirect}?code=C\n&state={state}"), "strange_characters"),
        ("other port", format!("http://127.0.0.1:1/callback/taobao?code=C&state={state}"), "not_our_address"),
        ("localhost", format!("http://localhost/callback/taobao?code=C&state={state}"), "not_our_address"),
    ] {
        let before = refused_rows(&w).await;
        let err = call::<_, AttemptView>(&w.owner, "accounts.paste", paste(&b.id, &text)).await.unwrap_err();
        assert_eq!((err.code, err.detail.as_str()), (Code::AnswerRefused, why), "{name}");
        assert_eq!(refused_rows(&w).await, before + 1, "{name}: a log line");
        assert_eq!(w.attempt(&b.id).await.state, "open", "{name}: the attempt is kept");
    }

    // The scheme: other case, authority, unknown state, a door that was not offered.
    for url in [
        format!("APP.WAYBILLDESK:/callback/taobao?code=C&state={state}"),
        format!("app.waybilldesk://callback/taobao?code=C&state={state}"),
        format!("app.waybilldesk:/callback/taobao?code=C&state={state}#f"),
        format!("app.waybilldesk:/callback/taobao?code=C&state={state}&code=D"),
        format!("app.waybilldesk:/callback/taobao?code=C&state={}", "0".repeat(64)),
        format!("app.waybilldesk:/callback/standard?code=C&state={state}"),
        format!("app.waybilldesk:/callback/taobao?code=C&state={state}"),
        "app.waybilldesk:".into(),
        "\0".into(),
        format!("app.waybilldesk:/callback/taobao?{}", "x".repeat(1_048_576)),
    ] {
        let before = refused_rows(&w).await;
        w.desk.deliver_callback(&url).await;
        let shown: String = url.chars().take(60).collect();
        assert_eq!(refused_rows(&w).await, before + 1, "{shown}: a log line");
        assert_eq!(w.attempt(&b.id).await.state, "open", "{shown}: the attempt is kept");
    }

    // After cancel, after expiry.
    let home_b = browse(&w.link(&b).await, SHOP, "grant").await;
    let _: AttemptView = call(&w.owner, "accounts.cancel", ById { id: b.id.clone() }).await.unwrap();
    let err = call::<_, AttemptView>(&w.owner, "accounts.paste", paste(&b.id, &home_b)).await.unwrap_err();
    assert_eq!(err.detail, "attempt_over", "after cancel");
    w.clock.advance(Duration::from_secs(25 * 3600));
    let err = call::<_, AttemptView>(&w.owner, "accounts.paste", paste(&c.id, &home_c)).await.unwrap_err();
    assert_eq!(err.detail, "expired", "after expiry");
    w.desk.tick().await;
    assert_eq!(w.attempt(&c.id).await.state, "expired");

    // `iss` missing or wrong where the server promised one.
    let d = w.start("standard").await;
    let home_d = browse(&w.link(&d).await, SHOP, "grant").await;
    let (base, query) = home_d.split_once('?').unwrap();
    let without: Vec<&str> = query.split('&').filter(|p| !p.starts_with("iss=")).collect();
    for (name, text, why) in [
        ("missing iss", format!("{base}?{}", without.join("&")), "missing_iss"),
        ("wrong iss", format!("{base}?{}&iss=https%3A%2F%2Fevil.example", without.join("&")), "wrong_iss"),
    ] {
        let err = call::<_, AttemptView>(&w.owner, "accounts.paste", paste(&d.id, &text)).await.unwrap_err();
        assert_eq!(err.detail, why, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_doors_at_once_the_first_wins_and_the_code_is_exchanged_once() {
    for _ in 0..20 {
        let w = World::with_app(ANY_LOOPBACK).await;
        let a = w.start("taobao").await;
        let home = browse(&w.link(&a).await, SHOP, "grant").await;
        let paste = PasteAnswer { id: a.id.clone(), text: home.clone() };
        let browser = http();
        let (by_loopback, by_paste, _) = tokio::join!(
            browser.get(&home).send(),
            call::<_, AttemptView>(&w.owner, "accounts.paste", paste),
            w.desk.deliver_callback("app.waybilldesk:/callback/taobao?code=C&state=S"),
        );
        let wins = usize::from(by_loopback.is_ok_and(|r| r.status() == 200)) + usize::from(by_paste.is_ok());
        assert_eq!(wins, 1, "exactly one door wins");
        assert_eq!(w.attempt_in(&a.id, &["held"]).await.shop_name, SHOP);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_platforms_no_ends_the_attempt_in_words() {
    let w = World::with_app(ANY_LOOPBACK).await;
    let a = w.start("taobao").await;
    let home = browse(&w.link(&a).await, SHOP, "refuse").await;
    assert_eq!(http().get(home).send().await.unwrap().status(), 200);
    let a = w.attempt_in(&a.id, &["refused"]).await;
    assert_eq!(a.reason, "access_denied");
    // A wrong shop: held, and a person says no.
    let b = w.start("taobao").await;
    http().get(browse(&w.link(&b).await, SHOP, "grant").await).send().await.unwrap();
    w.attempt_in(&b.id, &["held"]).await;
    let no = ConfirmShop { id: b.id.clone(), right_shop: false };
    let b: AttemptView = call(&w.owner, "accounts.confirm", no).await.unwrap();
    assert_eq!((b.state.as_str(), b.reason.as_str()), ("refused", "wrong_shop"));
    let grants: Vec<GrantView> = call(&w.owner, "accounts.list", Nothing {}).await.unwrap();
    assert!(grants.is_empty(), "nothing is active without a person's yes");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copied_link_comes_home_by_paste_by_scheme_and_after_a_restart() {
    for callback in ["https://practice.example/taobao-callback", "app.waybilldesk:/callback/taobao"] {
        let w = World::with_app(callback).await;
        let a = w.start("taobao").await;
        let doors: BTreeSet<&str> = a.doors.iter().map(String::as_str).collect();
        assert!(doors.contains("paste") && !doors.contains("loopback"), "{callback}: {doors:?}");
        let home = browse(&w.link(&a).await, SHOP, "grant").await;
        assert!(home.starts_with(callback));
        // The program is closed and started again meanwhile: the attempt is on disk.
        let (base, clock, face, folder) = (w.market.base(), w.clock.clone(), w.face.clone(), w.dir.path().join("desk"));
        w.desk.close().await;
        let World { market: _market, dir: _dir, desk, owner, .. } = w;
        drop((desk, owner));
        let desk = desk::Desk::open(setup(&folder, &base, clock, face)).await.unwrap();
        let door = desk.door(desk::Place::Terminal, "test");
        if callback.starts_with("app") {
            // Cold start, nobody logged in: exchanged at once, held for a person.
            desk.deliver_callback(&home).await;
        }
        let login = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
        let _: LoginDone = call(&door, "session.login", login).await.unwrap();
        if callback.starts_with("https") {
            let paste = PasteAnswer { id: a.id.clone(), text: format!("  {home}\n") };
            let _: AttemptView = call(&door, "accounts.paste", paste).await.unwrap();
        }
        let mut seen: AttemptView = call(&door, "accounts.attempt", ById { id: a.id.clone() }).await.unwrap();
        for _ in 0..1_000 {
            if seen.state == "held" {
                break;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
            seen = call(&door, "accounts.attempt", ById { id: a.id.clone() }).await.unwrap();
        }
        assert_eq!((seen.state.as_str(), seen.shop_name.as_str()), ("held", SHOP), "{callback}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn five_open_attempts_a_person_and_none_lives_longer_than_it_should() {
    let w = World::with_app(ANY_LOOPBACK).await;
    for _ in 0..5 {
        w.start("taobao").await;
    }
    let sixth = StartAttempt { platform: "taobao".into(), way: "browser".into(), renew: String::new() };
    let err = call::<_, AttemptView>(&w.owner, "accounts.start", sixth).await.unwrap_err();
    assert_eq!(err.code, Code::TooManyAttempts);
    w.clock.advance(Duration::from_secs(24 * 3600 + 1));
    w.desk.tick().await;
    let open: Vec<AttemptView> = call(&w.owner, "accounts.attempts", Nothing {}).await.unwrap();
    assert!(open.is_empty());
    let own = StartAttempt { platform: "taobao".into(), way: "browser".into(), renew: String::new() };
    let a: AttemptView = call(&w.owner, "accounts.start", own).await.unwrap();
    assert_eq!(a.seconds_left, 600, "this computer's own browser: ten minutes");
    assert!(a.browser_opened && w.face.opened.lock().unwrap().len() == 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_good_answers_are_all_taken() {
    let chance = SeededChance::new(1_126);
    let pick = |n: u64| usize::try_from(chance.next_u64() % n).unwrap();
    for callback in [ANY_LOOPBACK, "app.waybilldesk:/callback/taobao"] {
        let w = World::with_app(callback).await;
        let browser = http();
        for n in 0..500 {
            let a = w.start("taobao").await;
            // One in eight is the person's "no" at the platform's page: as good an answer as any.
            let (pressed, ends) = if pick(8) == 0 { ("refuse", "refused") } else { ("grant", "held") };
            let extra = ["", "&view=web", "&scope=read%20write", "&x=%E5%BA%97", "&top_sign=%2B%2F%3D"][pick(5)];
            let home = browse(&w.link(&a).await, SHOP, pressed).await + extra;
            if pick(3) == 0 {
                let paste = PasteAnswer { id: a.id.clone(), text: format!("{}{home}\n", " ".repeat(pick(3))) };
                let taken = call::<_, AttemptView>(&w.owner, "accounts.paste", paste).await;
                assert!(taken.is_ok(), "{callback} {n}, pasted: {taken:?}");
            } else if callback.starts_with("http") {
                assert_eq!(browser.get(home).send().await.unwrap().status(), 200, "{callback} {n}");
            } else {
                w.desk.deliver_callback(&home).await;
            }
            w.attempt_in(&a.id, &[ends]).await;
            if ends == "held" {
                let _: AttemptView = call(&w.owner, "accounts.cancel", ById { id: a.id }).await.unwrap();
            }
        }
        assert_eq!(refused_rows(&w).await, 0, "{callback}: no false refusal");
    }
}
