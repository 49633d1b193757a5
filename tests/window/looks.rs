//! The same window in three languages, two themes and two sizes. Whether it is beautiful, a person sees in the pictures.

use crate::{
    main_job::ready,
    stage::{KeyStore, Stage},
};
use fantoccini::key::Key;

const PAGES: [&str; 6] = ["station", "order", "accounts", "history", "people", "settings"];

#[tokio::test(flavor = "multi_thread")]
async fn every_page_is_drawn_in_each_language_theme_and_size() {
    let stage = Stage::set("looks", KeyStore::Unlocked).await;
    let window = ready(&stage).await;
    window.type_order("林悠然").await;
    window.press_key(Key::F4).await;
    window.hear("order-result-state", "已确认打出").await;

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
                _ => drop(window.part("printer").await),
            }
            window.picture(&format!("{language}-{theme}-{page}")).await;
        }
    }
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
