//! Starting: the first time, a second time beside a running window, and again after an end.

use crate::stage::{KeyStore, Stage};

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
