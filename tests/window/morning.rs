//! A clerk's morning in the real window, by keyboard and scanner: forty orders in one batch, a refund, a rare character,
//! an empty roll, a reprint. The printer is one of the practice market's kind, held by the test.

use crate::{
    main_job::ready,
    stage::{KeyStore, Stage, wait::until, window::Page, window::key},
};
use fantoccini::{Locator, key::Key};
use serde_json::{Value, json};

const PLACES: [(&str, &str, &str); 4] = [
    ("四川省", "成都市", "武侯区"),
    ("广东省", "广州市", "天河区"),
    ("江苏省", "南京市", "鼓楼区"),
    ("陕西省", "西安市", "雁塔区"),
];

fn order(n: usize) -> Value {
    let (province, city, district) = PLACES[n % PLACES.len()];
    json!({
        "submit_key": format!("morning-order-{n:04}"),
        "reference": format!("QH2611-{n:04}"),
        "recipient": {
            "name": format!("{}{}", ["林悠然", "陈小禾", "周一鸣", "郑小满", "欧阳青"][n % 5], if n > 5 { "女士" } else { "" }),
            "phone": format!("138{:08}", 12_000_000 + n),
            "address": { "province": province, "city": city, "district": district, "town": "", "detail": format!("科华北路{n}号{}幢1801室", n % 7 + 1) },
        },
        "goods": [{ "name": (["青瓷茶具", "棉麻衬衫", "手冲咖啡壶"][n % 3]), "count": n % 3 + 1 }],
        "remark": "", "weight_g": 500,
    })
}

/// What the scanner does: characters and an Enter, wherever the focus is.
async fn scan(window: &Page<'_>, text: &str) {
    window.keys(format!("{text}{}", key(Key::Enter))).await;
}

/// Presses a part by keyboard: focus and Enter, as Tab and Enter would.
async fn enter_on(window: &Page<'_>, selector: &str) {
    window.css(&format!("{selector}:not(:disabled)")).await;
    window.run("document.querySelector(arguments[0]).focus()", vec![json!(selector)]).await;
    window.press_key(Key::Enter).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_orders_a_refund_a_rare_character_an_empty_roll_and_a_reprint() {
    let stage = Stage::set("morning", KeyStore::Unlocked).await;
    let window = ready(&stage).await;
    let printer = window.own_printer().await;

    // Thirty-eight come from elsewhere, two are typed and kept.
    let mut orders: Vec<Value> = (1..=38).map(order).collect();
    orders[4]["goods"][0]["name"] = json!("茶壶🫖");
    let added = window.ask("orders.add", json!({ "orders": orders })).await;
    assert_eq!(added["rows"].as_array().map(Vec::len), Some(38), "{added}");
    for name in ["何其乐", "田小禾"] {
        window.type_order(name).await;
        window.press_key(Key::F3).await;
        window.hear("notice", "已存为待打印").await;
    }
    window.picture("kept").await;
    window.press_key(Key::F1).await;
    window.hear("tab-ready", "40").await;
    until("forty orders wait", async || window.count("ready-row").await == 40).await;
    window.hear("check-good", "39 单可以打印").await;
    window.hear("check-aside", "1 单先放一边").await;
    window.picture("waiting").await;

    // One buyer wants the money back.
    enter_on(&window, "[data-test=ready-row]:nth-child(8) button").await;
    enter_on(&window, "[data-test=ready-stop]").await;
    window.css("[data-test=check-odd][data-aside=refund]").await;

    // The roll ends after fifteen labels.
    printer.set_paper_left(Some(15));
    window.press_key(Key::F4).await;
    window.css("[data-test=batch-strip]").await;
    window.css("[data-test=batch-strip][data-state=stopped]").await;
    window.part("resume").await;
    until("three labels to point at", async || window.count("resume-label").await == 3).await;
    window.hear("batch-side", "缺纸").await;
    window.picture("paper-out").await;
    let out = printer.labels().len();
    assert_eq!(out, 15, "what the roll held");

    // A new roll; the last good label is scanned, and it goes on at the next.
    printer.set_paper_left(None);
    printer.set_paper_out(false);
    let batches = window.ask("batches.list", json!({})).await;
    let id = batches["rows"][0]["id"].clone();
    let shown = window.ask("batches.show", json!({ "id": id })).await;
    let items = shown["items"].as_array().expect("its parcels").clone();
    let last = items.iter().find(|i| i["nth"] == json!(out)).expect("the fifteenth label")["number"].clone();
    let last = last.as_str().expect("a number").to_owned();
    enter_on(&window, "[data-test=scan]").await;
    scan(&window, &last).await;
    window.css(&format!("[data-test=resume-label][data-number=\"{last}\"][aria-checked=true]")).await;
    window.picture("last-good").await;
    window.press_key(Key::F6).await;
    window.css("[data-test=batch-strip][data-state=paused]").await;
    window.css("[data-test=batch-trouble][data-trouble=aside_left]").await;
    window.picture("aside").await;

    // The rare character is mended where it stands; its label comes out, and the batch has only the refund left.
    enter_on(&window, "[data-test=batch-row][data-aside=fields]").await;
    enter_on(&window, "[data-test=batch-mend]").await;
    window.part("mend-dialog").await;
    window.picture("mend").await;
    window.enter("mend-goods-0", "茶壶").await;
    enter_on(&window, "[data-test=mend-do]").await;
    window.gone("mend-dialog").await;
    until("the mended one came out", async || {
        window
            .client()
            .find_all(Locator::Css("[data-test=batch-row][data-aside=fields]"))
            .await
            .is_ok_and(|rows| rows.is_empty())
    })
    .await;
    window.hear("batch-done", "39/ 40").await;
    window.part("label-picture").await;
    enter_on(&window, "[data-test=batch-close]").await;
    window.hear("tab-ready", "1").await;
    window.picture("ended").await;

    // One label is torn: F8, a reason, one more, marked.
    window.tap("tab-today").await;
    until("today's list is there", async || window.count("parcel-row").await >= 39).await;
    let before = printer.labels().len();
    window.press_key(Key::F8).await;
    window.part("reprint-dialog").await;
    window.run("document.querySelector('[data-test=reprint-jam]').click()", vec![]).await;
    enter_on(&window, "[data-test=reprint-do]").await;
    window.gone("reprint-dialog").await;
    until("one more label", async || printer.labels().len() == before + 1).await;
    window.picture("reprinted").await;

    // Every number was charged once, and every label is there.
    let done = window.ask("batches.show", json!({ "id": id })).await;
    let items = done["items"].as_array().expect("its parcels").clone();
    let mut numbers: Vec<&str> = items.iter().filter_map(|i| i["number"].as_str()).filter(|n| !n.is_empty()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 39, "thirty-nine numbers, no two alike");
    let printed = items.iter().filter(|i| matches!(i["print_state"].as_str(), Some("sent" | "confirmed"))).count();
    assert_eq!(printed, 39);
    let nths: Vec<u64> =
        items.iter().filter(|i| i["aside"] == "" && i["seq"] != 5).filter_map(|i| i["nth"].as_u64()).collect();
    assert!(nths.is_sorted(), "the order on paper is the order on screen: {nths:?}");
}
