//! The printer doctor and a rule in the real window, on the practice printer: place, ruler, calibration, dry run; and what
//! the order form then says.

use crate::{
    main_job::ready,
    stage::{KeyStore, Stage, wait::until},
};
use fantoccini::key::Key;
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_printer_is_looked_at_moved_and_calibrated_and_a_rule_sends_orders_to_it() {
    let stage = Stage::set("doctor", KeyStore::Unlocked).await;
    let window = ready(&stage).await;
    let printer = window.own_printer().await;
    window.tap("nav-settings").await;
    window.hear("rules", "没有规则").await;
    let row = window.ask("printers.list", json!({})).await;
    let own = row.as_array().into_iter().flatten().find(|p| p["name"] == "一号台").expect("it was set up");
    let id = own["id"].as_str().expect("an id");
    window.tap_at(&format!("[data-test=printer][data-id=\"{id}\"] [data-test=printer-doctor]")).await;
    window.css("[data-test=doctor-line][data-what=state][data-verdict=good]").await;
    window.picture("well").await;
    // By mouse, then by key.
    window.tap("doctor-right").await;
    window.keys(char::from(Key::Right).to_string()).await;
    window.hear("doctor-offset", "向右 1.0 mm").await;
    window.tap("doctor-ruler").await;
    window.hear("doctor-tested", "试打已送出").await;
    assert_eq!(printer.labels().len(), 1, "the ruler came out");
    window.tap("doctor-calibrate").await;
    window.hear("doctor-calibrated", "校准已送出").await;
    assert_eq!(printer.report().calibrations, 1);
    printer.set_paper_out(true);
    window.picture("calibrated").await;
    window.tap("doctor-no").await;
    window.gone("doctor").await;
    let saved = window.ask("printers.list", json!({})).await;
    let moved = saved.as_array().into_iter().flatten().any(|p| p["id"] == *id && p["offset_x"] == 10);
    assert!(moved, "each press was kept: {saved}");

    // As a wheel does; WebDriver's own scrolling ends under the practice edge.
    window.run("document.querySelector('[data-test=rules]').scrollIntoView({ block: 'center' })", vec![]).await;
    window.tap("rule-add").await;
    window.part("rule-dialog").await;
    window.picture("rule").await;
    window.tap("rule-save").await;
    window.gone("rule-dialog").await;
    window.tap("rule-try").await;
    window.hear("rule-trial", "按第 1 条").await;
    window.picture("rules").await;
    window.press_key(Key::F2).await;
    window.part("order-printer").await;
    let script = "return document.querySelector('[data-test=order-printer]').selectedOptions[0].text";
    until("the form does not name a printer that it does not know", async || {
        window.run(script, vec![]).await == json!("按打印机规则")
    })
    .await;
    window.picture("order").await;
}
