//! What a script that got into the window could do: nothing but call the desk, which asks the person's right.

use crate::{
    job::{TRIAL, assert_picture_says},
    stage::{KeyStore, Stage, wait::until, window::Page},
};
use serde_json::{Value, json};
use std::{io::ErrorKind, net::TcpListener};

/// Calls Tauri's core as the page's own code does; answers `ok`, or how it was refused.
const INVOKE: &str = r"
const [command, payload] = arguments;
const silence = new Promise((done) => setTimeout(() => done('silence'), 5000));
const call = window.__TAURI_INTERNALS__.invoke(command, payload).then(
  () => 'ok', (error) => 'refused: ' + (error?.message ?? error?.code ?? error));
return Promise.race([call, silence]);
";

async fn invoke(window: &Page<'_>, command: &str, payload: Value) -> String {
    window.run(INVOKE, vec![json!(command), payload]).await.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_may_call_the_desk_and_hear_its_event_and_nothing_else() {
    let stage = Stage::set("commands", KeyStore::Unlocked).await;
    let window = stage.open(&[], &[]).await;
    window.see("面单台").await;

    let ask = json!({ "name": "app.state", "request": {} });
    assert_eq!(invoke(&window, "desk", ask).await, "ok", "the desk's own command is let through");
    let hear = |event: &str| json!({ "event": event, "target": { "kind": "Any" }, "handler": 1 });
    assert_eq!(invoke(&window, "plugin:event|listen", hear("desk-event")).await, "ok", "the desk's event may be heard");

    for (command, payload) in [
        // Links from browsers carry codes.
        ("plugin:event|listen", hear("deep-link://new-url")),
        ("plugin:event|emit", json!({ "event": "desk-event", "payload": {} })),
        ("plugin:deep-link|get_current", json!({})),
        ("plugin:deep-link|unregister", json!({ "protocol": "app.waybilldesk" })),
        ("plugin:opener|open_url", json!({ "url": "https://example.com" })),
        ("plugin:opener|open_path", json!({ "path": "/etc/passwd" })),
        ("plugin:clipboard-manager|read_text", json!({})),
        ("plugin:clipboard-manager|write_text", json!({ "text": "x" })),
        ("plugin:window|close", json!({ "label": "main" })),
        ("plugin:webview|create_webview_window", json!({ "options": { "label": "second", "url": "index.html" } })),
        ("plugin:path|resolve_directory", json!({ "directory": 1 })),
        ("plugin:app|version", json!({})),
        ("desk", json!({ "name": "../etc/passwd", "request": {} })),
        ("desk", json!({ "request": {} })),
    ] {
        let answer = invoke(&window, command, payload.clone()).await;
        assert!(answer.starts_with("refused: "), "{command} {payload} should be refused in words, but: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_window_reaches_no_network_and_goes_nowhere() {
    let stage = Stage::set("network", KeyStore::Unlocked).await;
    let window = stage.open(&[], &[]).await;
    window.see("面单台").await;
    let home = window.client().current_url().await.expect("the window is somewhere");
    let outside = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    outside.set_nonblocking(true).expect("a plain socket");
    let url = format!("http://{}/", outside.local_addr().expect("bound"));

    for (what, script) in [
        ("fetch", "return fetch(arguments[0]).then(() => 'out', () => 'kept in')"),
        (
            "an image",
            "return new Promise((done) => { const i = new Image(); i.onload = () => done('out'); \
             i.onerror = () => done('kept in'); i.src = arguments[0] })",
        ),
        ("a new window", "return window.open(arguments[0]) === null ? 'kept in' : 'out'"),
        (
            "an inline script",
            "const s = document.createElement('script'); s.textContent = 'window.evil = true'; document.head.append(s); \
             return window.evil ? 'out' : 'kept in'",
        ),
        ("a global Tauri", "return '__TAURI__' in window ? 'out' : 'kept in'"),
        ("a soft prototype", "return Object.isFrozen(Object.prototype) ? 'kept in' : 'out'"),
    ] {
        assert_eq!(window.run(script, vec![json!(url)]).await, json!("kept in"), "{what} should be kept in");
    }
    for (what, script) in [
        ("a frame", "const f = document.createElement('iframe'); f.src = arguments[0]; document.body.append(f)"),
        (
            "a form",
            "const f = document.createElement('form'); f.action = arguments[0]; document.body.append(f); f.submit()",
        ),
        ("a link", "const a = document.createElement('a'); a.href = arguments[0]; document.body.append(a); a.click()"),
        ("a jump", "location.href = arguments[0]"),
    ] {
        window.run(script, vec![json!(url)]).await;
        // The window answers only after it has dealt with what came before.
        window.see("面单台").await;
        let now = window.client().current_url().await.expect("the window is somewhere");
        assert_eq!(now, home, "{what} should not move the window");
    }
    window.close().await;
    let knock = outside.accept().expect_err("nothing of the above may knock");
    assert_eq!(knock.kind(), ErrorKind::WouldBlock, "the listener itself should be well");
}

/// What a script sees of the picture with this handle: whether it is shown, and how reading it ends.
const READ_PICTURE: &str = r"
const img = document.querySelector('[data-test=attempt-qr]');
if (!img?.complete || !img.naturalWidth) return 'not shown yet';
const canvas = document.createElement('canvas');
canvas.width = canvas.height = 100;
const pen = canvas.getContext('2d');
pen.drawImage(img, 0, 0, 100, 100);
const tries = [() => pen.getImageData(0, 0, 100, 100), () => canvas.toDataURL()];
const read = tries.map((look) => { try { look(); return 'read'; } catch (error) { return error.name; } });
const fetched = await fetch(img.src).then(() => 'read', () => 'refused');
return [...read, fetched].join(' ');
";

#[tokio::test(flavor = "multi_thread")]
async fn the_qr_picture_is_shown_and_no_script_can_read_it() {
    let stage = Stage::set("qr", KeyStore::Unlocked).await;
    let window = stage.open(&[], &TRIAL).await;
    window.part("practice-mark").await;
    window.look("zh-CN", "light").await;
    window.tap("nav-accounts").await;
    window.tap("add-account-taobao").await;
    window.part("attempt-qr").await;
    let mut end = Value::Null;
    until("the picture has come", async || {
        end = window.run(&format!("return (async () => {{ {READ_PICTURE} }})()"), Vec::new()).await;
        end != json!("not shown yet")
    })
    .await;
    assert_eq!(end, json!("SecurityError SecurityError refused"), "shown, and read by nobody");
    let shown = window.picture("shown").await;
    assert_picture_says(&shown, &stage.next_link().await);

    let attempts = window.ask("accounts.attempts", json!({})).await;
    let id = attempts[0]["id"].clone();
    for command in ["accounts.qr", "accounts.link"] {
        let answer = window.ask(command, json!({ "id": id })).await;
        assert_eq!(answer["error"]["code"], "not_allowed", "{command} does not answer a webview");
    }
}
