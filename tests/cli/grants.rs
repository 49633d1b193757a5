use crate::stage::{SHOP, Stage};
use crate::walk;
use sandbox::PRACTICE_PASSWORD;
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_pasted_address_reaches_the_process_that_waits() {
    let s = Stage::set_up().await;
    let (mut waiting, link, id) = s.add().await;
    let address = walk::consent(&link, SHOP, PRACTICE_PASSWORD).await.unwrap();
    let held = s.run_with(&["--json", "accounts", "add", "taobao", "--paste", "-"], &address).await.json();
    assert_eq!((held["state"].as_str(), held["id"].as_str()), (Some("held"), Some(id.as_str())));
    assert_eq!(waiting.rest().await.json()["state"], "held", "the waiting process sees it too");
    s.run(&["accounts", "add", "taobao", "--paste", &address]).await.refused(4);
    let attempt = s.run(&["--json", "accounts", "attempt", &id[..6]]).await.json();
    assert_eq!(attempt["shop_name"], SHOP);
    s.run(&["accounts", "confirm", &id[..6], "--wrong-shop"]).await.ok();
    let none = s.run(&["--json", "accounts", "list"]).await.json();
    assert_eq!(none, Value::Array(vec![]), "the wrong shop leaves no grant");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_not_ours_is_refused_and_the_attempt_is_kept() {
    let s = Stage::set_up().await;
    s.run(&["accounts", "add", "taobao", "--wait", "0"]).await.ok();
    s.run(&["accounts", "add", "taobao", "--paste", "http://127.0.0.1:1/callback/taobao?code=x&state=y"])
        .await
        .refused(5);
    let late = s.run(&["accounts", "add", "taobao", "--wait", "1"]).await.refused(1);
    assert!(late.contains("stays open"), "{late}");
    let log = s.run(&["--json", "log", "list"]).await.json();
    assert!(log.to_string().contains("callback.refused"), "a refused answer leaves a row");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_is_suspended_resumed_and_revoked_by_name() {
    let s = Stage::ready().await;
    s.run(&["accounts", "revoke", SHOP, "--shop-name", SHOP]).await.refused(1);
    assert!(s.run(&["accounts", "suspend", SHOP]).await.ok().contains("suspended"));
    let order = crate::stage::order().to_string();
    s.run_with(&["order", "submit", "-"], &order).await.refused(5);
    s.run(&["accounts", "resume", SHOP]).await.ok();
    s.run_with(&["order", "submit", "-"], &order).await.ok();
    s.run(&["accounts", "suspend", SHOP]).await.ok();
    s.run(&["accounts", "revoke", SHOP, "--shop-name", "青禾"]).await.refused(5);
    s.run(&["accounts", "revoke", SHOP, "--shop-name", SHOP]).await.ok();
    assert_eq!(s.run(&["--json", "accounts", "list"]).await.json(), Value::Array(vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_live_folder_refuses_the_practice_market_and_a_practice_folder_remembers_it() {
    let s = Stage::new().await;
    let market = s.practice.market.base();
    let mut live = s.command(&["setup", "--owner", "店主"]);
    live.env("WAYBILL_PASSPHRASE", "a passphrase for the test");
    crate::stage::finish(live, b"").await.ok();
    for args in [&["--practice", market.as_str(), "whoami"][..], &["trial", "--data", s.data().to_str().unwrap()]] {
        let err = s.run(args).await.refused(5);
        assert!(err.contains("live folder"), "{err}");
    }
    s.run(&["whoami"]).await.refused(3);
    let mut wrong = s.command(&["whoami"]);
    wrong.env("WAYBILL_PASSPHRASE", "another passphrase, not that one");
    crate::stage::finish(wrong, b"").await.refused(3);
    s.run(&["--practice", "https://eco.taobao.com/", "whoami"]).await.refused(5);

    let other = s.home.path().join("other");
    let other = other.to_str().unwrap();
    let made =
        s.run(&["--json", "--data", other, "--practice", market.as_str(), "setup", "--owner", "店主"]).await.json();
    assert_eq!(made["trial"], true);
    let platforms = s.run(&["--json", "--data", other, "accounts", "platforms"]).await.json();
    assert!(platforms.to_string().contains("standard"), "a later command knows it without being told");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_session_is_readable_by_its_user_only_and_the_app_secret_is_nowhere() {
    use std::os::unix::fs::PermissionsExt;
    let s = Stage::set_up().await;
    let mode = |p: std::path::PathBuf| std::fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(s.data()), mode(s.data().join("session"))), (0o700, 0o600));
    for file in std::fs::read_dir(s.data()).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!bytes.windows(15).any(|w| w == b"practice-secret"), "the app secret lies open");
    }
}
