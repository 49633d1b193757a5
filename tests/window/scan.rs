//! The label in the hand, shown to the scanner: it counts once, and what must not go out stops the desk.

use crate::{
    main_job::ready,
    stage::{KeyStore, Stage, window::key},
};
use fantoccini::key::Key;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_scanned_label_counts_once_and_a_strange_one_stops_the_desk() {
    let stage = Stage::set("scan", KeyStore::Unlocked).await;
    let window = ready(&stage).await;
    // A folder says of a label only that it was taken: the scan is then the proof.
    let folder = stage.practice().join("labels");
    std::fs::create_dir(&folder).expect("the trial's folder is ours");
    let folder = format!("file://{}", folder.display());
    let mut printer = window.ask("printers.list", json!({})).await[0].clone();
    for (field, value) in [("id", ""), ("name", "哑打印机"), ("address", &folder)] {
        printer[field] = json!(value);
    }
    let saved = window.ask("printers.save", printer).await;
    assert!(saved["error"].is_null(), "a folder can be a printer: {saved}");
    window.type_order("林悠然").await;
    window.press_key(Key::F4).await;
    window.hear("order-result-state", "已送打印机").await;
    let number = window.says("order-result-number").await;

    window.press_key(Key::F1).await;
    window.hear("side-state", "已送打印机").await;
    let scan = async |text: &str| window.keys(format!("{text}{}", key(Key::Enter))).await;
    scan(&number).await;
    window.css("[data-test=scan-outcome][data-outcome=go]").await;
    window.hear("side-state", "已确认打出").await;
    window.picture("go").await;
    scan(&number).await;
    window.css("[data-test=scan-outcome][data-outcome=twice]").await;
    window.picture("twice").await;

    scan("99999999999999").await;
    window.css("[data-test=scan-outcome][data-outcome=stop]").await;
    window.picture("stop").await;
    scan(&number).await;
    window.hear("scan-outcome", "99999999999999").await;
    window.press_key(Key::Enter).await;
    window.gone("scan-outcome").await;
    scan(&number).await;
    window.css("[data-test=scan-outcome][data-outcome=twice]").await;
    window.press_key(Key::Escape).await;
    window.gone("scan-outcome").await;

    let shown = window.ask("orders.show", json!({ "id": window.parcels().await[0]["id"] })).await;
    assert_eq!(shown["row"]["evidence"], "person", "somebody held it");
    let confirmed = shown["trail"].as_array().expect("a trail").iter().filter(|l| l["action"] == "print.confirmed");
    assert_eq!(confirmed.count(), 1, "one label, counted once");

    // It is made again: the number alone, which both labels bear, is not enough any more, and the first one stays here.
    window.press_key(Key::F8).await;
    window.part("reprint-dialog").await;
    window.run("document.querySelector('[data-test=reprint-blurred]').click()", vec![]).await;
    window.tap("reprint-do").await;
    window.gone("reprint-dialog").await;
    window.hear("side-state", "已送打印机").await;
    window.tap("scan").await;
    scan(&number).await;
    window.css("[data-test=scan-outcome][data-outcome=wait]").await;
    window.hear("scan-outcome", "小方码").await;
    window.picture("which").await;
    scan(&format!("{number}/0")).await;
    window.css("[data-test=scan-outcome][data-outcome=stop]").await;
    window.hear("scan-outcome", "旧面单").await;
    window.picture("old").await;
    window.press_key(Key::Enter).await;
    window.gone("scan-outcome").await;
    scan(&format!("{number}/1")).await;
    window.css("[data-test=scan-outcome][data-outcome=go]").await;
    window.hear("side-state", "已确认打出").await;
    window.picture("newest").await;
}
