//! The standard connector from the window: a server nobody of this house wrote (`tests/oauth/server.mjs`, npm
//! `oidc-provider`), found by its issuer, signed in at and agreed to in real Chromium, back by loopback, to `active`.

use crate::{
    job::TRIAL,
    stage::{KeyStore, Stage, process::Group, window::Page},
};
use serde_json::Value;
use std::process::{Command, Stdio};

const LOGIN: &str = "海外小店";

#[tokio::test(flavor = "multi_thread")]
async fn a_strangers_server_is_granted_from_the_window_by_real_chromium() {
    let stage = Stage::set("standard", KeyStore::Unlocked).await;
    let (_server, said) = Group::answering(
        Command::new("node")
            .arg("server.mjs")
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/oauth"))
            .stdin(Stdio::null()),
    );
    let said: Value = serde_json::from_str(&said).expect("the server's first line is JSON");
    let issuer = said["issuer"].as_str().expect("it names its issuer");

    let window = stage.open(&[], &[TRIAL[0], ("WAYBILL_STANDARD_ISSUER", issuer)]).await;
    window.part("practice-mark").await;
    window.look("zh-CN", "light").await;
    window.tap("nav-accounts").await;
    window.tap("add-account-standard").await;
    let link = stage.next_link().await;
    assert!(link.starts_with(&format!("{issuer}/auth?")), "the address came by discovery");
    let browser = stage.browser().await;
    agree(&browser, &link).await;

    // The server's own name and id for a person to confirm; couriers are not among what this connector can do.
    window.hear("attempt-shop", LOGIN).await;
    window.picture("held").await;
    browser.picture("home").await;
    window.tap("attempt-confirm").await;
    window.part("attempt-active").await;
    window.hear("grant-shop", LOGIN).await;
    window.tap("attempt-close").await;
    window.gone("attempt").await;
    window.picture("active").await;
    assert_eq!(window.count("courier-set-default").await, 0, "this connector ends at active, without couriers");
}

/// Signs in at the stranger's page and agrees.
async fn agree(browser: &Page<'_>, link: &str) {
    browser.client().goto(link).await.expect("Chromium follows the link");
    browser.css("#login").await.send_keys(LOGIN).await.expect("the login takes keys");
    browser.tap_at("#sign-in").await;
    assert_eq!(browser.css("#account").await.text().await.expect("shown"), LOGIN, "whose account it is");
    browser.picture("consent").await;
    browser.tap_at("#authorise").await;
}
