//! Backups from a script: a card, a backup, and the same shop in another folder under another key.

use crate::stage::{OWNER, PATIENCE, Stage, order};
use serde_json::Value;
use std::process::Stdio;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

/// Makes a card as a script does: reads the words that are shown, types the four that are asked for.
async fn card(s: &Stage) -> Vec<String> {
    let mut command = s.command(&["--json", "backup", "card", "--words", "en"]);
    let mut child = command.stdin(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap());
    let mut shown = String::new();
    tokio::time::timeout(PATIENCE, lines.read_line(&mut shown)).await.unwrap().unwrap();
    let shown: Value = serde_json::from_str(&shown).unwrap_or_else(|e| panic!("{e}: {shown:?}"));
    let words: Vec<String> =
        shown["words"].as_array().unwrap().iter().map(|w| w.as_str().unwrap().to_owned()).collect();
    assert_eq!(words.len(), 24);
    let asked = shown["ask"].as_array().unwrap().iter().map(|n| usize::try_from(n.as_u64().unwrap()).unwrap());
    let typed: String = asked.map(|n| format!("{}\n", words[n - 1])).collect();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(typed.as_bytes()).await.unwrap();
    drop(stdin);
    assert!(tokio::time::timeout(PATIENCE, child.wait()).await.unwrap().unwrap().success());
    words
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_a_backup_and_the_same_shop_in_another_folder() {
    let s = Stage::ready().await;
    let err = s.run(&["backup", "create"]).await.refused(5);
    assert!(err.contains("waybill backup card"), "{err}");
    let line = s.run_with(&["--json", "order", "submit", "-"], order().to_string()).await.json();
    let words = card(&s).await;
    let made = s.run(&["--json", "backup", "create"]).await.json();
    assert_eq!(made["state"], "good");
    let file = made["file"].as_str().unwrap();
    let inside = s.run(&["--json", "backup", "verify", file]).await.json();
    assert_eq!((&inside["rows"], &inside["log_here"]), (&made["rows"], &Value::from("part")));

    let (new, market) = (s.home.path().join("new"), s.practice.market.base());
    let there = ["--json", "--data", new.to_str().unwrap(), "--practice", market.as_str()];
    let args = |more: &[&'static str]| [&there[..], more, &[file, "--words-stdin"]].concat();
    let mut slip = words.clone();
    slip.swap(0, 23);
    let slipped = s.run_with(&args(&["backup", "restore"]), slip.join(" ")).await;
    assert!(slipped.code == 5 && slipped.err.contains("words"), "{slipped:?}");
    let look = s.run_with(&args(&["backup", "look"]), words.join(" ")).await.json();
    assert_eq!((&look["rows"], &look["log_head"]), (&made["rows"], &made["log_head"]));
    let done = s.run_with(&args(&["backup", "restore"]), words.join(" ")).await.json();
    assert_eq!((&done["equal"], &done["inside"]["log_head"]), (&Value::from(true), &made["log_head"]));
    let here = |more: &[&'static str]| [&there[..3], more].concat();
    s.run(&here(&["login", OWNER])).await.ok();
    let rows = s.run(&here(&["order", "list"])).await.json();
    assert_eq!(rows["rows"][0]["id"], line["parcel"]);
    assert_eq!(s.run(&here(&["log", "verify"])).await.json()["verdict"], "whole");
    let charged = s.charged();
    let refused = s.run_with(&here(&["order", "submit", "-"]), order().to_string()).await;
    assert_ne!(refused.code, 0, "{refused:?}");
    assert_eq!(s.charged(), charged, "no grant and no app secret came along");
    let again = s.run_with(&args(&["backup", "restore"]), words.join(" ")).await;
    assert!(again.code != 0 && again.err.contains("set up already"), "a desk with people is left alone: {again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn peoples_data_from_a_script() {
    let s = Stage::ready().await;
    s.run_with(&["order", "submit", "-"], order().to_string()).await.ok();
    assert_eq!(s.run(&["--json", "data", "show"]).await.json()["keep_days"], 90);
    assert_eq!(s.run(&["--json", "data", "keep", "30"]).await.json()["keep_days"], 30);
    s.run(&["data", "keep", "3"]).await.refused(5);
    let out = s.home.path().join("out");
    let done = s.run(&["--json", "data", "export", "--folder", out.to_str().unwrap()]).await.json();
    assert_eq!(done["masked"], true);
    let readme = std::path::Path::new(done["folder"].as_str().unwrap()).join("README.md");
    assert!(std::fs::read_to_string(readme).unwrap().contains("parcels.jsonl"));
    let phone = order()["recipient"]["phone"].as_str().unwrap().to_owned();
    assert_eq!(s.run(&["--json", "data", "find", &phone]).await.json()["total"], 1);
    let gone = s.run(&["--json", "data", "erase-person", &phone, "--yes", &phone]).await.json();
    assert_eq!(gone["parcels"].as_u64().unwrap() + gone["under_way"].as_u64().unwrap(), 1);
}
