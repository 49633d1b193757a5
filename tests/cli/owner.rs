//! Beside a process that owns the folder, as the window does.

use crate::stage::{OWNER, Stage, order};
use desk::vault::PassphraseCost;
use desk::{Desk, Setup, remote};
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn beside_an_owner_the_program_sends_its_commands_there() {
    let s = Stage::ready().await;
    let setup = Setup {
        os_key_store: false,
        passphrase_cost: Some(PassphraseCost { memory_kib: 64, passes: 1 }),
        ..Setup::trial(s.data(), &s.practice.market.base())
    };
    let desk = Desk::open(setup).await.unwrap();
    let serving = remote::listen(&desk).await.unwrap();
    let mut events = desk.events();
    assert_eq!(s.run(&["--json", "whoami"]).await.json()["name"], OWNER, "the session holds there too");
    s.run(&["printers", "add", "--name", "second", "--address", "tcp://127.0.0.1:9"]).await.ok();
    assert_eq!(events.recv().await.unwrap().kind, "printers", "it was done in this process");
    let line = s.run_with(&["--json", "order", "submit", "-"], order().to_string()).await.json();
    assert_eq!(line["result"], "ok");
    s.run_with(&["order", "submit", "-"], "{}").await.refused(5);
    let (a, b) = tokio::join!(s.run(&["order", "list"]), s.run(&["printers", "list"]));
    a.ok();
    b.ok();
    serving.stop(Duration::from_secs(10)).await;
    desk.close().await;
    drop(desk);
    let shown = s.run(&["--json", "order", "list"]).await.json();
    assert_eq!(shown["rows"][0]["id"], line["parcel"], "and is still there when the owner is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn many_runs_at_once_all_get_their_answer() {
    let s = Stage::set_up().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..6 {
        let mut c = s.command(&["--json", "printers", "list"]);
        tasks.spawn(async move { c.output().await.unwrap() });
    }
    while let Some(end) = tasks.join_next().await {
        let end = end.unwrap();
        assert!(end.status.success(), "{end:?}");
    }
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_waiting_run_that_is_told_to_end_leaves_the_attempt_open() {
    let s = Stage::set_up().await;
    let (mut waiting, _, id) = s.add().await;
    std::process::Command::new("kill").arg(waiting.pid().to_string()).status().unwrap();
    let end = waiting.rest().await;
    assert_eq!(end.code, 1, "{end:?}");
    assert_eq!(s.run(&["--json", "accounts", "attempt", &id]).await.json()["state"], "open");
    s.run(&["accounts", "cancel", &id[..4]]).await.ok();
}
