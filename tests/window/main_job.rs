//! The main job, from an empty data folder to a label: real window, real browser, the practice market and its printer.

use crate::{
    job::{TRIAL, assert_picture_says},
    stage::{KeyStore, Stage, wait::until, window::Page},
};
use fantoccini::{
    actions::{InputSource as _, MOUSE_BUTTON_LEFT, MouseActions, PointerAction},
    key::Key,
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn from_an_empty_folder_to_a_label_that_says_its_number() {
    let stage = Stage::set("main-job", KeyStore::Unlocked).await;
    let window = stage.open(&[], &[]).await;
    window.tap("language-zh-CN").await;
    window.find("heading", "欢迎使用面单台").await;
    window.picture("first-run").await;
    window.tap("trial-start").await;
    window.part("practice-mark").await;
    window.look("zh-CN", "light").await;
    window.picture("settings").await;
    window.tap("nav-station").await;
    window.part("charge-none").await;
    window.picture("station-empty").await;

    stage.add_account(&window).await;
    window.make_zto_default().await;

    window.type_order("林悠然").await;
    window.hear("charge-courier", "中通").await;
    window.hear("charge-balance", "余额 412 张").await;
    window.part("label-picture").await;
    window.picture("order").await;
    window.press_key(Key::F4).await;
    window.hear("order-result-state", "已确认打出").await;
    window.picture("submitted").await;
    let number = window.says("order-result-number").await;
    assert!(number.len() >= 10, "a waybill number is shown, not “{number}”");

    let labels = stage.labels();
    assert_eq!(labels.len(), 1, "one label came out");
    assert_picture_says(&labels[0], &number);

    window.press_key(Key::F1).await;
    window.hear("side-number", &number).await;
    window.hear("side-state", "已确认打出").await;
    window.part("label-picture").await;
    window.hear("strip-done", "1").await;
    window.hear("charge-balance", "余额 411 张").await;
    window.picture("station").await;

    window.tap("nav-history").await;
    window.hear("history-row", &number).await;
    // The practice printer answered that it is done and well; no more than that is said.
    window.hear("history-row", "打印机报告正常").await;
    window.picture("history").await;
    window.tap("history-row").await;
    window.hear("detail-number", &number).await;
    window.hear("prints", "打印机报告正常").await;
    window.picture("parcel").await;
    assert!(!stage.data().join("practice").exists(), "the live folder holds nothing of the practice market");
}

/// Everything that a first order needs, without a picture of each step.
pub async fn ready(stage: &Stage) -> Page<'_> {
    let window = stage.open(&[], &TRIAL).await;
    window.part("practice-mark").await;
    window.look("zh-CN", "light").await;
    stage.add_account(&window).await;
    window.make_zto_default().await;
    window
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_on_submit_makes_one_parcel_and_one_label() {
    let stage = Stage::set("double-click", KeyStore::Unlocked).await;
    let window = ready(&stage).await;
    window.type_order("周一鸣").await;
    let submit = window.css("[data-test=order-submit]:not(:disabled)").await;
    let twice = MouseActions::new("mouse".to_owned())
        .then(PointerAction::MoveToElement { element: submit, duration: None, x: 0.0, y: 0.0 })
        .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
        .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT })
        .then(PointerAction::Down { button: MOUSE_BUTTON_LEFT })
        .then(PointerAction::Up { button: MOUSE_BUTTON_LEFT });
    window.client().perform_actions(twice).await.expect("the mouse clicks twice");
    window.hear("order-result-state", "已确认打出").await;
    let first = window.says("order-result-number").await;

    // What a second parcel would leave has had its chance once a third press is through.
    window.type_order("郑小满").await;
    window.press_key(Key::F4).await;
    until("the next order has its number", async || {
        let now = window.says("order-result-number").await;
        !now.is_empty() && now != first
    })
    .await;
    window.hear("order-result-state", "已确认打出").await;
    let parcels = window.parcels().await;
    let numbers: Vec<_> = parcels.iter().rev().map(|row| row["number"].clone()).collect();
    assert_eq!(numbers, [json!(first), json!(window.says("order-result-number").await)], "one parcel a press");
    assert_eq!(stage.labels().len(), 2, "one label a parcel");
    window.hear("charge-balance", "余额 410 张").await;
}
