//! The stage itself: a test that leans on it must not fail because of it.

use super::{KeyStore, Stage, window::key};
use fantoccini::key::Key;
use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
};

const FORM: &str = "<!doctype html><meta charset=utf-8><title>practice</title><main><form action=/done>\
<label>账号 <input name=who></label> <label><input type=checkbox> 记住</label> <button>登录</button></form>\
<p class=note>请登录</p></main>";

/// Serves the form, and at `/done` what was sent, on a port of its own for the test's life.
fn serve_form() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
    let address = format!("http://{}/", listener.local_addr().expect("bound"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a browser's connection");
            let mut request = [0; 4096];
            let length = stream.read(&mut request).unwrap_or(0);
            let line = String::from_utf8_lossy(&request[..length]).lines().next().unwrap_or_default().to_owned();
            let body = if line.contains("/done") { format!("<meta charset=utf-8>{line}") } else { FORM.to_owned() };
            let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n", body.len());
            let _ = write!(stream, "{head}Connection: close\r\n\r\n{body}");
        }
    });
    address
}

#[tokio::test(flavor = "multi_thread")]
async fn a_link_that_a_program_opens_can_be_followed_in_real_chromium() {
    let stage = Stage::set("stage", KeyStore::None).await;
    let address = serve_form();
    let opened = stage.command("xdg-open").arg(&address).status().expect("xdg-utils are installed");
    assert!(opened.success(), "xdg-open finds the stage's browser, but: {opened}");
    let link = stage.next_link().await;
    assert_eq!(link, address, "the link arrives as it was opened");

    let browser = stage.browser().await;
    browser.client().goto(&link).await.expect("Chromium follows the link");
    browser.see("请登录").await;
    assert_eq!(browser.css(".note").await.text().await.expect("shown"), "请登录", "found by selector");
    browser.fill("账号", "商家一号").await;
    browser.picture("chromium").await;
    browser.press("checkbox", "记住").await;
    browser.find("button", "登录").await;
    browser.find("textbox", "账号").await.click().await.expect("it can be focused");
    browser.keys(key(Key::Enter)).await;
    browser.see("who=%E5%95%86%E5%AE%B6%E4%B8%80%E5%8F%B7").await;
}
