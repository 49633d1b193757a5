//! Three people at one computer, by keyboard: the owner sets two up, one proves who he is with the code of an app that read
//! his QR code off the screen, they change over by PIN and by badge, what is refused is explained, one leaves, and the day is closed.

use crate::{
    job::{TRIAL, read_symbols},
    stage::{KeyStore, Stage, window::Page, window::key},
};
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::process::Command;

const PASSWORD: &str = "quiet-lantern-42";

/// Focus by name, as Tab would bring it there, and then keys only.
async fn type_into(window: &Page<'_>, handle: &str, text: &str) {
    window.part(handle).await;
    window
        .run(
            "const it = document.querySelector(`[data-test=\"${arguments[0]}\"]`); it.focus(); it.select?.()",
            vec![json!(handle)],
        )
        .await;
    window.keys(text).await;
}

async fn enter_on(window: &Page<'_>, handle: &str) {
    window.css(&format!("[data-test=\"{handle}\"]:not(:disabled)")).await;
    window.run("document.querySelector(`[data-test=\"${arguments[0]}\"]`).focus()", vec![json!(handle)]).await;
    window.press_key(Key::Enter).await;
}

async fn chord(window: &Page<'_>, digit: char) {
    window.keys(format!("{}{digit}{}", key(Key::Control), key(Key::Null))).await;
}

async fn new_person(window: &Page<'_>, name: &str, real_name: &str) {
    type_into(window, "person-name", name).await;
    type_into(window, "person-real-name", real_name).await;
    type_into(window, "person-password", PASSWORD).await;
    type_into(window, "person-again", PASSWORD).await;
    window.press_key(Key::Enter).await;
    window.hear("person-panel", name).await;
}

async fn log_in(window: &Page<'_>, name: &str, password: &str) {
    type_into(window, "login-name", name).await;
    if window.count("login-with-password").await > 0 {
        enter_on(window, "login-with-password").await;
    }
    type_into(window, "login-password", password).await;
    window.press_key(Key::Enter).await;
}

/// The code that an authenticator app shows: RFC 6238 by Python's standard library, not by the product's.
fn code_of(uri: &str) -> String {
    let program = "import base64,hmac,struct,sys,time,urllib.parse as u\n\
        s=u.parse_qs(u.urlparse(sys.argv[1]).query)['secret'][0]\n\
        h=hmac.new(base64.b32decode(s),struct.pack('>Q',int(time.time())//30),'sha1').digest()\n\
        o=h[19]&15\n\
        print('%06d'%((struct.unpack('>I',h[o:o+4])[0]&0x7fffffff)%1000000))";
    let said = Command::new("python3").args(["-c", program, uri]).output().expect("python3 is there");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    String::from_utf8_lossy(&said.stdout).trim().to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn three_people_share_a_computer_and_the_day_is_closed() {
    let stage = Stage::set("people", KeyStore::Unlocked).await;
    let window = stage.open(&[], &TRIAL).await;
    window.part("practice-mark").await;
    window.look("zh-CN", "light").await;

    // The owner sets two people up.
    chord(&window, '5').await;
    new_person(&window, "小陈", "陈小禾").await;
    window.hear("person-standing", "未认证").await;
    enter_on(&window, "person-qr").await;
    window.part("person-qr-image").await;
    let seen = window.picture("qr").await;
    let uri =
        read_symbols(&seen).into_iter().find(|s| s.starts_with("otpauth://totp/")).expect("the screen shows the code");
    window.press_key(Key::Escape).await;
    window.gone("person-qr-dialog").await;
    enter_on(&window, "people-new").await;
    new_person(&window, "小李", "李一").await;
    window.picture("two").await;

    // A name that is taken leads to whoever has it.
    enter_on(&window, "people-new").await;
    type_into(&window, "person-name", "小陈").await;
    type_into(&window, "person-password", PASSWORD).await;
    type_into(&window, "person-again", PASSWORD).await;
    window.press_key(Key::Enter).await;
    enter_on(&window, "person-find").await;
    window.hear("person-panel", "小陈").await;

    // Somebody without a right is told so at the door.
    let none = json!({ "name": "小赵", "real_name": "", "phone": "", "post": "", "extra": [], "password": PASSWORD, "again": PASSWORD });
    assert_eq!(text(&window.ask("people.add", none).await["name"]), "小赵");
    window.press_key(Key::F9).await;
    window.part("login").await;
    log_in(&window, "小赵", PASSWORD).await;
    window.hear("login-error", "还没有任何权限").await;
    window.picture("no-right").await;

    // Chen comes in, proves who he is, and sets a PIN.
    log_in(&window, "小陈", PASSWORD).await;
    window.hear("nav-account", "小陈").await;
    assert_eq!(window.count("nav-people").await, 0, "a clerk does not manage people");
    let refused = window.ask("people.list", json!({})).await;
    assert_eq!(text(&refused["error"]["code"]), "not_allowed", "hidden is not refused: {refused}");
    enter_on(&window, "nav-certify").await;
    window.picture("account").await;
    type_into(&window, "account-code", "000000").await;
    window.press_key(Key::Enter).await;
    window.hear("account-certify", "不对").await;
    type_into(&window, "account-code", &code_of(&uri)).await;
    window.press_key(Key::Enter).await;
    window.hear("account-standing", "已认证").await;
    type_into(&window, "account-pin", "739164").await;
    type_into(&window, "account-proof", PASSWORD).await;
    window.press_key(Key::Enter).await;
    window.hear("notice", "PIN 已设好").await;
    window.press_key(Key::Escape).await;
    window.gone("account").await;
    window.gone("nav-certify").await;

    // Li steps in with the password, Chen again with the PIN.
    window.press_key(Key::F9).await;
    window.part("login").await;
    log_in(&window, "小李", PASSWORD).await;
    window.hear("nav-account", "小李").await;
    window.press_key(Key::F9).await;
    window.part("login").await;
    type_into(&window, "login-name", "小陈").await;
    type_into(&window, "login-pin", "739164").await;
    window.picture("pin").await;
    window.press_key(Key::Enter).await;
    window.hear("nav-account", "小陈").await;

    // The owner comes back; Li leaves; the name stays.
    let trial = window.ask("app.state", json!({})).await;
    let owner = text(&trial["people"][0]).to_owned();
    window.press_key(Key::F9).await;
    window.part("login").await;
    log_in(&window, &owner, text(&trial["trial_password"])).await;
    window.hear("nav-account", &owner).await;
    chord(&window, '5').await;

    // A badge comes out of the printer; held to the scanner at the locked screen it brings Chen in, with his PIN.
    let before = stage.labels().len();
    window.css("[data-test=person][data-name=小陈] button").await;
    window.run("document.querySelector('[data-test=person][data-name=小陈] button').focus()", vec![]).await;
    window.press_key(Key::Enter).await;
    enter_on(&window, "badge-print").await;
    window.hear("notice", "工牌已送到打印机").await;
    crate::stage::wait::until("the badge is out", async || stage.labels().len() == before + 1).await;
    let badge = stage.labels().pop().expect("a badge");
    let code = read_symbols(&badge).into_iter().find(|s| s.starts_with("WDB")).expect("its code can be read");
    window.press_key(Key::F9).await;
    window.part("login").await;
    window.keys(format!("{code}{}", key(Key::Enter))).await;
    window.hear("login-told", "小陈").await;
    window.picture("badge").await;
    type_into(&window, "login-pin", "739164").await;
    window.press_key(Key::Enter).await;
    window.hear("nav-account", "小陈").await;
    // He goes, and the computer's own lock screen comes up.
    stage.system_locks_its_screen();
    window.part("login").await;
    log_in(&window, &owner, text(&trial["trial_password"])).await;
    window.hear("nav-account", &owner).await;
    chord(&window, '5').await;
    window.css("[data-test=person][data-name=小李] button").await;
    window.run("document.querySelector('[data-test=person][data-name=小李] button').focus()", vec![]).await;
    window.press_key(Key::Enter).await;
    window.hear("person-panel", "小李").await;
    enter_on(&window, "person-depart").await;
    window.part("person-depart-dialog").await;
    window.picture("depart").await;
    enter_on(&window, "person-depart-yes").await;
    window.hear("notice", "已离职").await;
    enter_on(&window, "people-tab-departed").await;
    window.css("[data-test=person][data-name=小李]").await;
    window.picture("departed").await;

    // The day is closed on paper, and the slip's code finds the log whole.
    let before = stage.labels().len();
    chord(&window, '4').await;
    enter_on(&window, "history-log").await;
    window.part("log").await;
    let rows = window.ask("log.list", json!({ "before": null, "limit": 100, "person": "", "object": "", "action": "refused", "from": null, "to": null })).await;
    assert_eq!(
        rows["rows"].as_array().map(Vec::len),
        Some(1),
        "the window asks for nothing that it may not have: {rows}"
    );
    window.picture("log").await;
    enter_on(&window, "log-close-day").await;
    window.hear("notice", "结单").await;
    crate::stage::wait::until("the slip is out", async || stage.labels().len() == before + 1).await;
    let slip = stage.labels().pop().expect("a slip");
    let anchor = read_symbols(&slip).into_iter().find(|s| s.starts_with("WBD1.")).expect("its code can be read");
    type_into(&window, "log-anchor", &anchor).await;
    enter_on(&window, "log-verify").await;
    window.hear("log-verdict", "一环不缺").await;
    window.picture("whole").await;
    for (language, theme) in [("zh-TW", "dark"), ("en", "light")] {
        window.look(language, theme).await;
        chord(&window, '5').await;
        window.css("[data-test=person] button").await;
        window.run("document.querySelector('[data-test=person][data-name=小陈] button').focus()", vec![]).await;
        window.press_key(Key::Enter).await;
        window.part("person-panel").await;
        window.picture(&format!("{language}-{theme}")).await;
    }
}
