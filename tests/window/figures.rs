//! What the window's figures are while it works: how long its own timers wait in a batch of a thousand, and how long a
//! keystroke takes to the new label on the screen. Measured, not judged, so they are no part of `cargo xtask test`;
//! `cargo xtask bench station` runs them.

use crate::{
    main_job::ready,
    stage::{KeyStore, Stage, wait::until},
};
use fantoccini::key::Key;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// As promised; `WAYBILL_FIGURES_ORDERS` for a look at something smaller.
fn orders() -> usize {
    std::env::var("WAYBILL_FIGURES_ORDERS").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000)
}
const GAP_PROMISED: f64 = 50.0;
const KEYSTROKE_PROMISED: f64 = 50.0;

fn verdict(measured: f64, most: f64) -> &'static str {
    if measured <= most { "kept" } else { "MISSED !!!" }
}

/// Notes by how much each tick of a 10 ms timer came late.
const WATCH: &str = "
    window.__late = []; let last = performance.now();
    window.__watch = setInterval(() => { const now = performance.now(); window.__late.push(now - last - 10); last = now; }, 10);
";
const LATE: &str = "
    clearInterval(window.__watch);
    const late = window.__late.sort((a, b) => a - b);
    const at = (part) => late[Math.min(late.length - 1, Math.floor(late.length * part))];
    return { ticks: late.length, median: at(0.5), p99: at(0.99), worst: at(1), over: late.filter((ms) => ms > 50).length };
";

fn order(n: usize) -> Value {
    json!({
        "submit_key": format!("figures-order-{n:04}"),
        "reference": format!("QH2611-{n:04}"),
        "recipient": {
            "name": format!("收件{n}号"),
            "phone": format!("138{:08}", 12_000_000 + n),
            "address": { "province": "四川省", "city": "成都市", "district": "武侯区", "town": "", "detail": format!("科华北路{n}号1801室") },
        },
        "goods": [{ "name": format!("青瓷茶具 {n}"), "count": 1 }], "remark": "", "weight_g": 500,
    })
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: `cargo xtask bench station`"]
async fn timers_in_a_batch_of_a_thousand() {
    let stage = Stage::set("figures-batch", KeyStore::Unlocked).await;
    let window = ready(&stage).await;
    let printer = window.own_printer().await;
    let count = orders();
    let orders: Vec<Value> = (1..=count).map(order).collect();
    window.ask("orders.add", json!({ "orders": orders })).await;
    // The shops start with a few hundred numbers.
    stage.recharge();
    window.press_key(Key::F1).await;
    window.hear("check-good", &count.to_string()).await;
    window.picture("check").await;
    let begin = Instant::now();
    window.run(WATCH, vec![]).await;
    window.press_key(Key::F4).await;
    printer.wait_for_labels(count, Duration::from_secs(600)).await.expect("every label comes out");
    let took = begin.elapsed().as_secs_f64();
    let late = window.run(LATE, vec![]).await;
    window.picture("done").await;
    let ms = |what: &str| late[what].as_f64().expect("a number of ms");
    println!("{count} labels in {took:.1} s ({:.0}/s), in the real window", count as f64 / took);
    println!(
        "timers late by {:.1} ms (median), {:.1} (p99), {:.1} (worst); {} of {} by more than 50 ms; promised ≤ {GAP_PROMISED}: {}",
        ms("median"),
        ms("p99"),
        ms("worst"),
        late["over"],
        late["ticks"],
        verdict(ms("worst"), GAP_PROMISED)
    );
}

/// Types one more character and answers how many ms later another picture stood on the screen.
const KEYSTROKE: &str = "
    const field = document.querySelector('[data-test=recipient-name]');
    const image = document.querySelector('[data-test=label-picture]');
    return new Promise((done) => {
        const start = performance.now();
        new MutationObserver((_, seen) => {
            seen.disconnect();
            image.decode().finally(() => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start))));
        }).observe(image, { attributes: true, attributeFilter: ['src'] });
        field.value = arguments[0];
        field.dispatchEvent(new Event('input', { bubbles: true }));
    });
";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "a figure: `cargo xtask bench station`"]
async fn from_a_keystroke_to_the_label_on_the_screen() {
    let stage = Stage::set("figures-keystroke", KeyStore::Unlocked).await;
    let window = ready(&stage).await;
    window.type_order("林悠然").await;
    window.part("label-picture").await;
    let mut times = Vec::new();
    for n in 0..24 {
        // As fast as a person types, so that each stroke meets a window at rest.
        tokio::time::sleep(Duration::from_millis(150)).await;
        let name = format!("林悠{}", ["燃", "苒", "冉", "然"][n % 4]);
        let mut took = Value::Null;
        until("the label follows the keystroke", async || {
            took = window.run(KEYSTROKE, vec![json!(name)]).await;
            took.is_number()
        })
        .await;
        if n >= 4 {
            times.push(took.as_f64().expect("a number of ms"));
        }
    }
    times.sort_by(f64::total_cmp);
    let median = times[times.len() / 2];
    println!(
        "keystroke → label on the screen {median:.0} ms (median), {:.0} (worst of {}); promised ≤ {KEYSTROKE_PROMISED}: {}",
        times[times.len() - 1],
        times.len(),
        verdict(median, KEYSTROKE_PROMISED)
    );
}
