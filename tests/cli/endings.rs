//! Exit codes, and how errors are said.

use crate::stage::{OWNER, PASSWORD, Stage, finish, order, order_with};
use sandbox::{Fault, FaultPlan};
use serde_json::Value;

#[tokio::test(flavor = "multi_thread")]
async fn a_command_line_that_cannot_be_followed_ends_with_2() {
    let s = Stage::new().await;
    for args in
        [&["bogus"][..], &["order", "submit"], &["printers", "add", "--name", "a", "--address", "b", "--size", "big"]]
    {
        let run = s.run(args).await;
        assert_eq!(run.code, 2, "{args:?}: {run:?}");
        let mut json = vec!["--json"];
        json.extend(args);
        let run = s.run(&json).await;
        let e: Value = serde_json::from_str(&run.err).unwrap_or_else(|e| panic!("{e}: {run:?}"));
        assert_eq!((run.code, e["code"].as_str()), (2, Some("usage")), "{args:?}");
    }
    let mut nobody = s.command(&["login", OWNER]);
    nobody.env_remove("WAYBILL_PASSWORD");
    let err = finish(nobody, b"").await.refused(2);
    assert!(err.contains("WAYBILL_PASSWORD"), "it says how to give one: {err}");
    for help in [&["--help"][..], &["order", "submit", "--help"], &["--version"]] {
        assert_eq!(s.run(help).await.code, 0, "{help:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_ends_with_3_and_nothing_was_done() {
    let s = Stage::ready().await;
    s.run(&["people", "add", "小陈", "--role", "clerk"]).await.refused(3);
    s.run(&["people", "first-use", "--owner"]).await.ok();
    s.run(&["people", "add", "小陈", "--role", "clerk"]).await.ok();
    s.run(&["people", "add", "小王", "--role", "staff"]).await.ok();
    s.run(&["people", "add", "小陈", "--role", "clerk"]).await.refused(5);
    let people = s.run(&["--json", "people", "list"]).await.json();
    assert_eq!(people.as_array().unwrap().len(), 3);

    s.run(&["login", "小陈"]).await.ok();
    for no in [
        &["accounts", "add", "taobao", "--wait", "0"][..],
        &["printers", "add", "--name", "x", "--address", "tcp://h"],
        &["log", "list"],
        &["people", "list"],
    ] {
        let err = s.run(no).await.refused(3);
        assert!(err.contains("right"), "{no:?}: {err}");
    }
    s.run_with(&["order", "submit", "-"], order().to_string()).await.ok();

    s.run(&["login", "小王"]).await.ok();
    let batch = format!("{}\n{}", order(), order());
    s.run_with(&["order", "submit", "-"], &batch).await.refused(3);
    assert_eq!(s.charged(), 1, "the staff member's orders went nowhere");

    std::fs::write(s.data().join("session"), "0".repeat(64)).unwrap();
    let err = s.run(&["order", "list"]).await.refused(3);
    assert!(err.contains("log in"), "an ended session: {err}");
    let mut wrong = s.command(&["login", OWNER]);
    wrong.env("WAYBILL_PASSWORD", "not the right one");
    finish(wrong, b"").await.refused(3);
    s.run_with(&["login", OWNER, "--password-stdin"], format!("{PASSWORD}\n")).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_there_ends_with_4() {
    let s = Stage::set_up().await;
    for args in [
        &["order", "show", "deadbeef"][..],
        &["order", "show", "00000000000000000000000000000000"],
        &["cancel", "#77"],
        &["print", "show", "deadbeef"],
        &["printers", "test", "nobody's"],
        &["accounts", "confirm", "deadbeef"],
        &["accounts", "suspend", "deadbeef"],
        &["accounts", "default", "ZTO"],
        &["accounts", "add", "pdd", "--wait", "0"],
        &["accounts", "add", "taobao", "--paste", "http://127.0.0.1/?code=1"],
        &["order", "submit", "/nowhere/at/all.json"],
        &["label", "render", "--template", "none", "--data", "/nowhere", "--to", "png", "-o", "x.png"],
        &["--data", "/nowhere/desk", "order", "list"],
    ] {
        s.run(args).await.refused(4);
    }
    assert!(!std::path::Path::new("/nowhere").exists(), "a mistyped folder is not made");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_number_ends_with_6_and_asking_clears_it_up_without_a_second_charge() {
    let s = Stage::ready().await;
    let market = &s.practice.market;
    market.faults().add(FaultPlan::once("cainiao.waybill.ii.get", Fault::TimeoutAfter { hold_ms: 0 }));
    let run = s.run_with(&["--json", "order", "submit", "-"], order().to_string()).await;
    let line: Value = serde_json::from_str(&run.out).unwrap();
    let e: Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!((run.code, line["result"].as_str()), (6, Some("unknown")), "{run:?}");
    assert_eq!(e["code"], "outcome_unknown");
    assert_eq!(s.charged(), 1, "it was charged, and nobody here knows");
    let parcel = line["parcel"].as_str().unwrap();
    let asked = s.run(&["--json", "order", "ask", &parcel[..8]]).await.json();
    assert_eq!((asked["result"].as_str(), asked["waybill_state"].as_str()), (Some("ok"), Some("issued")), "{asked}");
    assert_eq!(asked["number"], market.ledger().charged[0].number, "the number that was charged");
    assert_eq!(s.charged(), 1);

    market.faults().add(FaultPlan::once("cainiao.waybill.ii.get", Fault::TimeoutBefore { hold_ms: 0 }));
    let bad = order_with("/recipient/phone", "3".into());
    let mixed = s.run_with(&["order", "submit", "-"], format!("{bad}\n{}\n{}\n", order(), order())).await;
    assert_eq!(mixed.code, 6, "one unknown outweighs one failure: {mixed:?}");
    assert!(mixed.out.contains("1 ok, 1 failed, 1 unknown"), "{mixed:?}");
    assert!(mixed.out.lines().nth(1).unwrap().contains("submit_key="), "with the key that makes sending again safe");
    let rows = s.run(&["--json", "order", "list", "--filter", "attention"]).await.json();
    let id = rows["rows"][0]["id"].as_str().unwrap().to_owned();
    let shown = s.run(&["--json", "order", "show", &id]).await.json();
    if shown["row"]["waybill_state"] == "unknown" {
        let attempt = shown["waybills"][0]["id"].as_str().unwrap();
        s.run(&["order", "decide", &attempt[..8], "--note", ""]).await.refused(5);
        s.run(&["order", "decide", &attempt[..8], "--note", "问过网点：没有扣费"]).await.ok();
    }
    let again = s.run(&["--json", "order", "retry", &id]).await.json();
    assert_eq!(again["result"], "ok", "{again}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_platform_that_says_no_and_a_printer_that_is_off_end_with_1_and_say_why() {
    let s = Stage::ready().await;
    let details = s.write("details.json", crate::stage::details().to_string());
    s.run(&["accounts", "details", "STO", &details]).await.ok();
    let no = s.run_with(&["order", "submit", "-", "--courier", "STO"], order().to_string()).await;
    assert_eq!(no.code, 1, "{no:?}");
    assert!(no.out.starts_with("1 failed - rejected") && no.out.contains("balance"), "no numbers left: {no:?}");
    assert_eq!(s.charged(), 0);

    let off = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    s.run(&["printers", "add", "--name", "off", "--address", &format!("tcp://{off}")]).await.ok();
    let state = s.run(&["--json", "printers", "status", "off"]).await.json();
    assert_eq!(state["state"], "unreachable");
    s.run(&["printers", "test", "off"]).await.refused(1);
    let no = s.run_with(&["--json", "order", "submit", "-", "--printer", "off"], order().to_string()).await;
    let line: Value = serde_json::from_str(&no.out).unwrap();
    assert_eq!((no.code, line["result"].as_str()), (1, Some("failed")), "{no:?}");
    assert_eq!((line["waybill_state"].as_str(), line["print_state"].as_str()), (Some("issued"), Some("queued")));
    assert!(!line["number"].as_str().unwrap().is_empty(), "the number is kept and named");
    s.run(&["setup", "--owner", "Another"]).await.refused(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_grant_is_said_and_costs_nothing() {
    let s = Stage::ready().await;
    s.practice.market.faults().add(FaultPlan::once("cainiao.waybill.ii.get", Fault::Expired));
    let first = s.run_with(&["order", "submit", "-"], order().to_string()).await;
    assert_eq!(first.code, 1, "{first:?}");
    assert!(first.out.contains("grant_dead"), "{first:?}");
    let err = s.run_with(&["order", "submit", "-"], order().to_string()).await.refused(5);
    assert!(err.contains("authorise"), "it says what to do: {err}");
    assert_eq!(s.charged(), 0);
    let grants = s.run(&["--json", "accounts", "list"]).await.json();
    assert_eq!(grants[0]["state"], "needs_renewal");
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_one_json_object_when_asked_for() {
    let s = Stage::set_up().await;
    let run = s.run(&["printers", "add", "--name", "x", "--address", "nonsense", "--dpi", "77", "--json"]).await;
    assert_eq!((run.code, run.out.as_str()), (5, ""), "{run:?}");
    let e: Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(e["code"], "invalid_input");
    let fields: Vec<_> = e["fields"].as_array().unwrap().iter().map(|f| f["field"].as_str().unwrap()).collect();
    assert_eq!(fields, ["address", "dpi"], "all wrong fields at once");
    assert!(["message", "hint"].iter().all(|k| !e[k].as_str().unwrap().is_empty()), "{e}");
    let err = s.run(&["printers", "add", "--name", "x", "--address", "nonsense", "--dpi", "77"]).await.refused(5);
    assert_eq!(err.lines().count(), 3, "one line, and one a field: {err}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_leaves_is_no_error() {
    let s = Stage::new().await;
    let mut child = s.command(&["label", "schema"]).spawn().unwrap();
    drop(child.stdout.take());
    let end = child.wait_with_output().await.unwrap();
    assert!(end.status.success() && end.stderr.is_empty(), "{end:?}");
}
