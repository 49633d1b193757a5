//! Starting: the first time, a second time beside a running window, and again after an end.

use crate::stage::{KeyStore, Stage, wait::until, window::Page};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_folder_opens_on_the_first_run_screen() {
    let stage = Stage::set("first-run", KeyStore::Unlocked).await;
    let window = stage.open(&[], &[]).await;
    window.find("heading", "欢迎使用面单台").await;
    window.find("textbox", "店主姓名").await;
    window.find("button", "进入练习市场").await;
    window.picture("first-run").await;
    assert!(stage.data().join("desk.db").exists(), "the first start makes the data folder");
    window.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_reaches_the_first_window_and_ends() {
    let stage = Stage::set("second-start", KeyStore::Unlocked).await;
    let window = stage.open(&[], &[]).await;
    window.see("面单台").await;
    let first = window.processes();
    assert_eq!(first.len(), 1, "one program shows the window");
    let end = stage.start_again(&[]).await;
    assert!(end.success(), "a second start hands over and ends well, not with {end}");
    assert_eq!(window.processes(), first, "the first window stays");
    let windows = window.client().windows().await.expect("the session lives");
    assert_eq!(windows.len(), 1, "no second window opens");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_store_a_passphrase_seals_the_desk_and_opens_it_again() {
    let stage = Stage::set("passphrase", KeyStore::None).await;
    let window = stage.open(&[], &[]).await;
    window.fill("口令", "a long sentence of mine").await;
    window.picture("asked").await;
    window.press("button", "打开").await;
    window.find("heading", "欢迎使用面单台").await;
    window.close().await;

    let window = stage.open(&[], &[]).await;
    window.fill("口令", "another sentence").await;
    window.press("button", "打开").await;
    window.see("口令不对").await;
    window.picture("wrong").await;
    window.fill("口令", "a long sentence of mine").await;
    window.press("button", "打开").await;
    window.find("heading", "欢迎使用面单台").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trial_opens_with_its_owner_signed_in_and_leaves_the_live_folder_alone() {
    let stage = Stage::set("trial", KeyStore::Unlocked).await;
    let window = stage.open(&[], &[("WAYBILL_TRIAL", "1")]).await;
    window.see("练习打印机").await;
    window.picture("station").await;
    let state = window.ask("app.state", json!({})).await;
    assert_eq!(state["trial"], true, "the window is on the practice market: {state}");
    assert_eq!(state["me"]["post"], "owner", "its owner is signed in: {state}");
    assert!(!stage.data().exists(), "the live folder was not touched");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_run_can_go_over_to_the_practice_market() {
    let stage = Stage::set("go-to-trial", KeyStore::Unlocked).await;
    let window = stage.open(&[], &[]).await;
    window.press("button", "进入练习市场").await;
    window.part("practice-mark").await;
    window.see("练习打印机").await;
    assert_eq!(window.ask("app.state", json!({})).await["trial"], true, "the window is on the practice market");
    window.close().await;
    let window = stage.open(&[], &[]).await;
    window.find("heading", "欢迎使用面单台").await;
}

/// How many answers through the link scheme the desk has refused, by its log.
async fn refused_links(window: &Page<'_>) -> usize {
    let log = window
        .ask(
            "log.list",
            json!({ "before": null, "limit": 100, "person": "", "object": "", "action": "", "from": null, "to": null }),
        )
        .await;
    let rows = log["rows"].as_array().cloned().unwrap_or_default();
    rows.iter()
        .filter(|row| row["action"] == "callback.refused" && row["detail"].to_string().contains("door=scheme"))
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn links_reach_the_desk_from_a_cold_start_and_in_the_running_window() {
    let stage = Stage::set("links", KeyStore::Unlocked).await;
    let trial = [("WAYBILL_TRIAL", "1")];
    let cold = stage.open(&["app.waybilldesk:/callback/taobao?code=1&state=nobody-asked"], &trial).await;
    until("the link of the cold start is answered", async || refused_links(&cold).await == 1).await;

    until("the system knows whose links these are", async || {
        let asked = stage.command("xdg-mime").args(["query", "default", "x-scheme-handler/app.waybilldesk"]).output();
        asked.is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("waybill-desk-handler.desktop"))
    })
    .await;
    let program = cold.processes();
    let warm = stage.command("xdg-open").arg("app.waybilldesk:/callback/taobao?code=2&state=nobody-asked").status();
    assert!(warm.is_ok_and(|end| end.success()), "the system opens the link");
    until("the link reaches the running window", async || refused_links(&cold).await == 2).await;
    assert_eq!(cold.processes(), program, "and no other");
}
