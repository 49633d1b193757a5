//! Bad input: a clear error, the right exit code, nothing charged and nothing lost.

use crate::stage::{Stage, finish, order, order_with};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn no_text_however_strange_takes_a_number() {
    let s = Stage::ready().await;
    for (path, value, says) in [
        ("/recipient/name", json!("长".repeat(10_000)), "recipient.name is longer"),
        ("/recipient/name", json!("林🚀雨"), "recipient.name has a character"),
        ("/recipient/name", json!("a\u{0}b"), "U+0000"),
        ("/recipient/name", json!("\u{202e}林晓雨"), "U+202E"),
        ("/recipient/name", json!("   "), "recipient.name is missing"),
        ("/recipient/phone", json!("not a phone"), "recipient.phone is not a phone"),
        ("/recipient/address/detail", json!("路".repeat(5000)), "recipient.address.detail is longer"),
        ("/goods", json!([]), "goods[0].name is missing"),
        ("/goods/0/count", json!(0), "goods[0].count is out of range"),
        ("/weight_g", json!(0), "weight_g is out of range"),
        ("/weight_g", json!(99_999_999_999_u64), "weight_g is out of range"),
        ("/weight_g", json!(-5), "cannot be read"),
        ("/weight_g", json!("heavy"), "cannot be read"),
    ] {
        let err = s.run_with(&["order", "submit", "-"], order_with(path, value).to_string()).await.refused(5);
        assert!(err.contains(says), "{path}: {err}");
        assert!(err.len() < 2000, "an error does not repeat ten thousand characters");
        assert!(!err.contains(['\u{0}', '\u{202e}']), "nothing in it steers the terminal");
    }
    for text in ["", "{", "[", "null", "name,phone\nx,1", "\u{feff}{\"recipient\":7}"] {
        s.run_with(&["order", "submit", "-"], format!("{text} ")).await.refused(5);
    }
    s.run_with(&["order", "submit", "-"], b"\xff\xfe{}").await.refused(5);
    assert_eq!(s.charged(), 0, "nothing was charged");
    let page = s.run(&["--json", "order", "list"]).await.json();
    assert_eq!(page["rows"], json!([]), "nothing was made");
    s.run_with(&["order", "submit", "-"], format!("\u{feff}{}", order())).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn options_that_name_nothing_stop_before_anything_is_sent() {
    let s = Stage::ready().await;
    let order = order().to_string();
    for (option, value, code) in [
        ("--courier", "NOBODY", 4),
        ("--printer", "nobody", 4),
        ("--template", "nothing", 4),
        ("--submit-key", "short", 5),
        ("--submit-key", "with a blank in it", 5),
        ("--courier", "YTO", 5),
    ] {
        s.run_with(&["order", "submit", "-", option, value], &order).await.refused(code);
    }
    for address in
        ["nonsense", "http://h:9100", "tcp://h:99999", "tcp://", "cups://", "file://relative", "tcp://h/\u{1b}[2J"]
    {
        let err = s.run(&["printers", "add", "--name", "x", "--address", address]).await.refused(5);
        assert!(err.contains("address is not an address") && !err.contains('\u{1b}'), "{err}");
    }
    assert_eq!(s.charged(), 0);
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_folder_is_named_and_everything_in_it_stays() {
    let s = Stage::ready().await;
    let shown = s.home.path().join("shown");
    std::fs::create_dir(&shown).unwrap();
    // A mount namespace of its own: the mount ends with the program. Root writes into 0555 folders, so only a mount helps.
    let script = r#"mount --bind "$0" "$1" && mount -o remount,bind,ro "$1" || exit 77; shift; exec "$@""#;
    let file = s.write("o.json", order().to_string());
    let args = ["order", "submit", &file];
    let like = s.command(&args);
    let mut unshare = tokio::process::Command::new("unshare");
    let user = std::process::Command::new("id").arg("-u").output().unwrap();
    if user.stdout.trim_ascii() != b"0" {
        unshare.args(["--user", "--map-root-user"]);
    }
    unshare
        .args(["--mount", "sh", "-c", script])
        .arg(s.data())
        .arg(&shown)
        .arg(env!("CARGO_BIN_EXE_waybill"))
        .args(args);
    for (name, value) in like.as_std().get_envs() {
        match value {
            Some(value) => unshare.env(name, value),
            None => unshare.env_remove(name),
        };
    }
    unshare.env("WAYBILL_DATA", &shown).stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
    let run = finish(unshare, b"").await;
    if run.code == 77 || run.err.contains("unshare failed") {
        eprintln!("NOTE: skipped, this system does not permit a bind mount: {run:?}");
        return;
    }
    let err = run.refused(5);
    assert!(err.contains("cannot be written"), "{err}");
    assert_eq!(s.charged(), 0);
    s.run(&["order", "submit", &file]).await.ok();
}
