//! Labels that carriers made, in the real window: files in, bars compared with a scan, printed by key, made again.

use crate::{
    main_job::ready,
    stage::{KeyStore, Stage, wait::until},
};
use base64::Engine;
use fantoccini::key::Key;
use serde_json::json;
use std::time::Duration;

const HERE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/carrier-labels");
const NUMBERS: [&str; 3] = ["9405511899223100012340", "9405511899223100012357", "9405511899223100012364"];

/// Files as they are dropped onto the page.
const DROP: &str = "const t = new DataTransfer();\
    for (const [name, text] of arguments[0])\
        t.items.add(new File([Uint8Array.from(atob(text), (c) => c.charCodeAt(0))], name));\
    document.querySelector('[data-test=carrier-labels]')\
        .dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: t }));";

#[tokio::test(flavor = "multi_thread")]
async fn a_carriers_pages_are_dropped_compared_printed_and_one_is_made_again() {
    let stage = Stage::set("carrier-labels", KeyStore::Unlocked).await;
    let window = ready(&stage).await;
    window.tap("nav-carrier_labels").await;
    window.hear("carrier-labels", "还没有打过外来面单").await;
    window.picture("empty").await;
    let files: Vec<_> = ["pdf/pages.pdf", "zpl/national.zpl", "pdf/locked.pdf"]
        .into_iter()
        .map(|name| {
            let bytes = std::fs::read(format!("{HERE}/{name}")).expect("a file of the repository");
            (name, base64::engine::general_purpose::STANDARD.encode(bytes))
        })
        .collect();
    window.run(DROP, vec![json!(files)]).await;
    let count = "return document.querySelectorAll('[data-test=carrier-page][data-state=not_compared]').length";
    until("three pages and a Zebra label are read", async || window.run(count, vec![]).await == json!(4)).await;
    window.css("[data-test=carrier-page][data-state=wrong]").await;

    // The scanner types the number of another parcel, then the right one.
    window.tap_at("[data-test=carrier-page]").await;
    window.hear("carrier-number", NUMBERS[0]).await;
    window.tap("carrier-tracking").await;
    window.keys(format!("{}{}", NUMBERS[1], char::from(Key::Enter))).await;
    window.hear("carrier-verdict", "条码是另一个单号").await;
    window.picture("other").await;
    window.run("document.querySelector('[data-test=carrier-tracking]').select()", vec![]).await;
    window.keys(format!("{}{}", NUMBERS[0], char::from(Key::Enter))).await;
    window.hear("carrier-verdict", "条码和单号一致").await;
    window.picture("matches").await;
    window.press_key(Key::F4).await;
    window.hear("notice", NUMBERS[0]).await;
    let printed = window.ask("carrier_labels.list", json!({})).await;
    assert_eq!(printed["rows"][0]["checked"], "matches");

    window.tap("carrier-print-all").await;
    let rest = "return document.querySelectorAll('[data-test=carrier-printed]').length";
    until("all that were read are printed", async || window.run(rest, vec![]).await == json!(4)).await;
    until("four labels came out", async || stage.labels().len() == 4).await;
    window.picture("printed").await;
    window.tap_at("[data-test=carrier-page][data-state=wrong]").await;
    window.hear("carrier-error", "PDF 有密码").await;
    window.picture("locked").await;

    window.tap_at("[data-test=carrier-printed]").await;
    window.part("carrier-detail").await;
    window.press_key(Key::F8).await;
    window.part("reprint-dialog").await;
    window.tap_at("label:has([data-test=reprint-blurred])").await;
    window.tap("reprint-do").await;
    window.hear("notice", "补打").await;
    until("the copy came out", async || stage.labels().len() == 5).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    window.picture("again").await;
    let rows = window.ask("carrier_labels.list", json!({})).await;
    let copies: Vec<_> =
        rows["rows"].as_array().into_iter().flatten().map(|l| l["prints"].as_array().map(Vec::len)).collect();
    assert_eq!(copies.iter().flatten().sum::<usize>(), 5, "{rows}");
}
