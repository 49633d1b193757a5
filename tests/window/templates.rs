//! A label template of the shop's own, in the real window: duplicated, broken, mended, saved, and printed with.

use crate::{
    main_job::ready,
    stage::{KeyStore, Stage, window::Page},
};
use fantoccini::key::Key;
use serde_json::json;

/// Changes the text as typing does.
async fn retype(window: &Page<'_>, from: &str, to: &str) {
    let script = "const e = document.querySelector('[data-test=template-text]');\
                  if (!e.value.includes(arguments[0])) return false;\
                  e.value = e.value.replace(arguments[0], arguments[1]);\
                  e.dispatchEvent(new Event('input', { bubbles: true })); return true;";
    let changed = window.run(script, vec![json!(from), json!(to)]).await;
    assert_eq!(changed, json!(true), "the text says {from}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_template_is_duplicated_broken_mended_saved_and_printed_with() {
    let stage = Stage::set("templates", KeyStore::Unlocked).await;
    let window = ready(&stage).await;
    window.tap("nav-settings").await;
    // Printers and rules have come: nothing moves any more.
    window.part("printer-state").await;
    window.hear("rules", "没有规则").await;
    window.tap("templates-open").await;
    window.css("[data-test=template][data-id=waybill-100x180]").await;
    window.tap_at("[data-test=template][data-id=waybill-100x180]").await;
    window.css("[data-test=template-duplicate]:not(:disabled)").await;
    window.part("label-picture").await;
    window.tap("template-duplicate").await;
    window.hear("template-unsaved", "没有保存").await;
    window.picture("duplicated").await;

    retype(&window, "width = 100", "width = 90").await;
    window.part("template-fault").await;
    window.picture("broken").await;
    window.tap("template-goto").await;
    retype(&window, "width = 90", "width = 100").await;
    window.gone("template-fault").await;
    window.tap("template-save").await;
    window.hear("notice", "第 1 版").await;
    window.css("[data-test=template][data-id^=own-]").await;
    window.picture("saved").await;

    let form = window.ask("orders.form", json!({})).await;
    let own = form["templates"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|t| t["id"].as_str().is_some_and(|id| id.starts_with("own-")));
    let own = own.expect("it can be chosen")["id"].as_str().expect("an id").to_owned();
    window.type_order("林悠然").await;
    let choose = "const e = document.querySelector('[data-test=order-template]'); e.value = arguments[0];\
                  e.dispatchEvent(new Event('change', { bubbles: true }));";
    window.run(choose, vec![json!(own)]).await;
    window.part("label-picture").await;
    window.press_key(Key::F4).await;
    window.hear("order-result-state", "已确认打出").await;
    assert_eq!(stage.labels().len(), 1, "a label came out");
    let prints = window.ask("prints.list", json!({ "id": "" })).await;
    assert_eq!(prints["rows"][0]["template"], json!(format!("{own}@1")));
}
