//! The other ways home from the platform's page: pasted from the address bar, and through the link scheme into a running
//! window and into a cold one.

use crate::{
    job::TRIAL,
    stage::{KeyStore, Stage, wait::until, window::Page},
};
use serde_json::json;

const SCHEME_CALLBACK: &str = "app.waybilldesk:/callback/taobao";
const PASTE_CALLBACK: &str = "https://practice.example/taobao-callback";

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_at_a_page_that_is_not_ours_is_pasted_from_the_address_bar() {
    let stage = Stage::set("paste", KeyStore::Unlocked).await;
    let window = stage.open(&[], &TRIAL).await;
    window.part("practice-mark").await;
    window.register_callback(PASTE_CALLBACK).await;
    window.tap("add-account-taobao").await;
    let browser = stage.browser().await;
    browser.sign_in_and_authorise(&stage.next_link().await).await;
    let mut address = String::new();
    until("Chromium stands at the registered address", async || {
        address = browser.client().current_url().await.map(String::from).unwrap_or_default();
        address.starts_with(PASTE_CALLBACK)
    })
    .await;
    browser.picture("nobody-home").await;

    window.enter("attempt-paste", "https://practice.example/taobao-callback?code=guess&state=guess").await;
    window.tap("attempt-paste-send").await;
    window.part("paste-error").await;
    window.picture("wrong-address").await;
    window.enter("attempt-paste", &address).await;
    window.tap("attempt-paste-send").await;
    window.confirm_the_shop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn chromium_opens_the_link_scheme_and_the_running_window_hears_it() {
    let stage = Stage::set("warm-link", KeyStore::Unlocked).await;
    let window = stage.open(&[], &TRIAL).await;
    offer_the_scheme(&window).await;
    window.tap("add-account-taobao").await;
    let link = stage.next_link().await;
    let program = window.processes();
    let _browser = answer_by_scheme(&stage, &link).await;
    window.confirm_the_shop().await;
    assert_eq!(window.processes(), program, "the first window took the answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_finds_no_window_starts_one_which_shows_the_shop() {
    let stage = Stage::set("cold-link", KeyStore::Unlocked).await;
    // A market that outlives the window.
    let market = sandbox::serve(0, 1, None).await.expect("the practice market starts");
    let base = market.market.base().to_string();
    let elsewhere = [TRIAL[0], ("WAYBILL_PRACTICE", base.as_str())];
    let window = stage.open(&[], &elsewhere).await;
    offer_the_scheme(&window).await;
    window.tap("copy-link-taobao").await;
    window.part("attempt-qr").await;
    window.tap("attempt-open").await;
    let link = stage.next_link().await;
    window.close().await;

    // The desktop would start the program with the answer; here it is written down, and the driver starts it.
    stage.write_down_links_of("app.waybilldesk");
    let _browser = answer_by_scheme(&stage, &link).await;
    let answer = stage.next_link().await;
    assert!(answer.starts_with(SCHEME_CALLBACK), "the market's answer came through the scheme");
    let window = stage.open(&[&answer], &elsewhere).await;
    window.hear("nav-held", "1").await;
    window.picture("held-somewhere").await;
    window.tap("nav-accounts").await;
    window.confirm_the_shop().await;
    market.stop().await;
}

/// The app answers through the scheme, and this window knows that such links reach it.
async fn offer_the_scheme(window: &Page<'_>) {
    window.part("practice-mark").await;
    window.register_callback(SCHEME_CALLBACK).await;
    until("the link door is open", async || {
        let platforms = window.ask("accounts.platforms", json!({})).await;
        let taobao = platforms.as_array().into_iter().flatten().find(|platform| platform["id"] == "taobao");
        taobao.is_some_and(|taobao| taobao["doors"].as_array().is_some_and(|doors| doors.contains(&json!("scheme"))))
    })
    .await;
}

/// Signs in and authorises in a Chromium that has been told, once, that the market may open the program.
async fn answer_by_scheme<'s>(stage: &'s Stage, link: &str) -> Page<'s> {
    let market = url::Url::parse(link).expect("a link").origin().ascii_serialization();
    let allowed =
        json!({ "protocol_handler": { "allowed_origin_protocol_pairs": { market: { "app.waybilldesk": true } } } });
    let browser = stage.browser_with(allowed).await;
    browser.sign_in_and_authorise(link).await;
    browser
}
