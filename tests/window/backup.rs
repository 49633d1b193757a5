//! The recovery card and a backup, as an owner makes them: the card read off the screen, four of its words typed again.

use crate::{
    job::{TRIAL, read_symbols},
    stage::{KeyStore, Stage},
};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_made_from_the_screen_and_a_backup_is_good() {
    let stage = Stage::set("backup", KeyStore::Unlocked).await;
    let window = stage.open(&[], &TRIAL).await;
    window.part("practice-mark").await;
    window.look("zh-CN", "light").await;
    window.part("backup-alarm").await;
    window.tap("card-make").await;
    window.part("card-picture").await;
    let seen = window.picture("card").await;
    let code = read_symbols(&seen).into_iter().next().expect("the card's code can be read off the screen");
    let words: Vec<&str> = code.split_whitespace().collect();
    assert_eq!(words.len(), 24, "it says the words");
    window.tap("card-written").await;
    window.part("card-word-0").await;
    window.picture("asked").await;
    let asked = "return [0, 1, 2, 3].map((n) => Number(/[0-9]+/.exec(document.querySelector(`[data-test=\"card-word-${n}\"]`).labels[0].innerText)[0]))";
    let asked = window.run(asked, vec![]).await;
    let asked: Vec<usize> = serde_json::from_value(asked).expect("four places");
    // A wrong word first: nothing is kept.
    for (n, at) in asked.iter().enumerate() {
        window.enter(&format!("card-word-{n}"), if n == 0 { "abandon1" } else { words[at - 1] }).await;
    }
    window.tap("card-confirm").await;
    window.part("card-error").await;
    window.picture("wrong").await;
    window.enter("card-word-0", words[asked[0] - 1]).await;
    window.tap("card-confirm").await;
    window.gone("card-dialog").await;
    // The first backup begins by itself, or is asked for.
    window.tap("backup-now").await;
    window.css("[data-test=backup-row][data-state=good]").await;
    window.gone("backup-alarm").await;
    window.tap("backup-verify").await;
    window.run("document.querySelector('[data-test=backups]').scrollIntoView()", vec![]).await;
    window.picture("good").await;
    let state = window.ask("backup.state", json!({})).await;
    assert_eq!(state["trouble"], "", "{state}");
    let file = state["rows"][0]["file"].as_str().expect("a file");
    assert!(std::fs::metadata(file).is_ok_and(|m| m.len() > 10_000), "{file} is there");
}
