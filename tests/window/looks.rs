//! The same window in three languages, two themes and two sizes. Whether it is beautiful, a person sees in the pictures.

use crate::stage::window::Page;
use crate::{
    main_job::ready,
    stage::{KeyStore, Stage},
};
use fantoccini::key::Key;
use serde_json::json;

/// What a screen reader or a weak eye cannot use, by axe-core: rules that it calls serious or critical, and where.
async fn barriers(window: &Page<'_>) -> Vec<String> {
    let axe = concat!(env!("CARGO_MANIFEST_DIR"), "/ui/node_modules/axe-core/axe.min.js");
    let axe = std::fs::read_to_string(axe).unwrap_or_else(|e| panic!("{axe}: {e}; `cargo xtask test` sets up"));
    window.run(&axe, vec![]).await;
    let found = window
        .run(
            "return axe.run({ exclude: ['#__tauri_isolation__'] }, { resultTypes: ['violations'] }).then((r) => r.violations
                .filter((v) => v.impact === 'serious' || v.impact === 'critical')
                .map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(' ')} ${(n.any[0] ?? n.all[0] ?? n.none[0])?.message ?? ''}`).slice(0, 5).join(' | ')}`))",
            vec![],
        )
        .await;
    found.as_array().expect("axe answers a list").iter().filter_map(|v| v.as_str().map(str::to_owned)).collect()
}

const PAGES: [&str; 8] = ["station", "order", "carrier_labels", "accounts", "history", "people", "settings", "help"];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_drawn_in_each_language_theme_and_size() {
    let stage = Stage::set("looks", KeyStore::Unlocked).await;
    let window = ready(&stage).await;
    window.type_order("林悠然").await;
    window.press_key(Key::F4).await;
    window.hear("order-result-state", "已确认打出").await;

    let mut found = Vec::new();
    for (language, theme, station, confirmed) in [
        ("zh-CN", "light", "打单台", "已确认打出"),
        ("zh-TW", "dark", "打單台", "已確認印出"),
        ("en", "light", "Station", "Confirmed"),
        ("en", "dark", "Station", "Confirmed"),
        ("zh-CN", "dark", "打单台", "已确认打出"),
    ] {
        window.look(language, theme).await;
        window.hear("nav-station", station).await;
        for page in PAGES {
            window.tap(&format!("nav-{page}")).await;
            match page {
                "station" => window.hear("side-state", confirmed).await,
                "order" => drop(window.part("order-submit").await),
                "accounts" => drop(window.part("courier-default").await),
                "history" => drop(window.part("history-row").await),
                "people" => drop(window.part("person").await),
                "carrier_labels" | "help" => drop(window.part(page.replace('_', "-").as_str()).await),
                _ => drop(window.part("printer").await),
            }
            window.picture(&format!("{language}-{theme}-{page}")).await;
            found.extend(barriers(&window).await.into_iter().map(|b| format!("{language} {theme} {page}: {b}")));
        }
    }
    for theme in ["dark", "light"] {
        window.look("zh-CN", theme).await;
        for (page, tap, part) in [
            ("people", "people-tab-posts", "post-form"),
            ("people", "people-tab-rules", "people-rules"),
            ("history", "history-log", "log"),
            ("settings", "templates-open", "templates"),
        ] {
            window.tap(&format!("nav-{page}")).await;
            window.tap(tap).await;
            window.part(part).await;
            window.picture(&format!("zh-CN-{theme}-{part}")).await;
            found.extend(barriers(&window).await.into_iter().map(|b| format!("{theme} {part}: {b}")));
        }
        window.press_key(Key::F9).await;
        window.part("login").await;
        window.picture(&format!("zh-CN-{theme}-login")).await;
        found.extend(barriers(&window).await.into_iter().map(|b| format!("{theme} login: {b}")));
        let password =
            window.ask("app.state", json!({})).await["trial_password"].as_str().unwrap_or_default().to_owned();
        window.enter("login-password", &password).await;
        window.press_key(Key::Enter).await;
        window.gone("login").await;
    }
    assert!(found.is_empty(), "axe finds what bars people:\n{}", found.join("\n"));
    window.look("zh-CN", "light").await;
    window.tap("printer-edit").await;
    window.part("printer-form").await;
    window.picture("printer-form").await;
    window.press_key(Key::Escape).await;
    window.gone("printer-form").await;
    window.client().set_window_size(1920, 1080).await.expect("the window can be made larger");
    for page in PAGES {
        window.tap(&format!("nav-{page}")).await;
        window.picture(&format!("large-{page}")).await;
    }
}
