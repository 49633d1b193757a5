//! The log as an owner meets it: filters, the closing slip, and the verdict on a log that somebody worked on.

use crate::world::*;
use desk::api::*;
use desk::{Code, Desk};
use domain::clock::Clock;
use std::path::PathBuf;
use std::time::Duration;

async fn verify(w: &World, anchor: &str) -> LogVerdict {
    call(&w.owner, "log.verify", VerifyLog { anchor: anchor.into() }).await.unwrap()
}

async fn close_day(w: &World, printer: &str) -> ClosedDay {
    call(&w.owner, "log.close_day", CloseDay { printer: printer.into() }).await.unwrap()
}

/// What somebody with the file and an SQL shell does while the desk is closed; then the owner comes back.
async fn behind_the_desk(w: World, sql: &str) -> World {
    let folder = w.dir.path().join("desk");
    w.desk.close().await;
    let World { market, printer, clock, face, dir, desk, owner } = w;
    drop((desk, owner));
    let file = db_file(&folder);
    let drop = "DROP TRIGGER IF EXISTS log_is_not_changed; DROP TRIGGER IF EXISTS log_is_not_deleted;
        DROP TRIGGER IF EXISTS log_is_continued;";
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&file);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(format!("{drop} {sql}"))).execute(&pool).await.unwrap();
    pool.close().await;
    let desk = Desk::open(setup(&folder, &market.base(), clock.clone(), face.clone())).await.unwrap();
    let owner = desk.door(desk::Place::Terminal, "test");
    let login = Login { name: OWNER.into(), password: OWNER_PASSWORD.into() };
    let _: LoginDone = call(&owner, "session.login", login).await.unwrap();
    World { desk, owner, market, printer, clock, face, dir }
}

fn db_file(folder: &std::path::Path) -> PathBuf {
    let mut found = std::fs::read_dir(folder).unwrap().filter_map(|f| Some(f.ok()?.path()));
    found.find(|p| p.extension().is_some_and(|e| e == "db")).expect("a database")
}

#[tokio::test(flavor = "multi_thread")]
async fn each_way_to_work_on_the_log_is_found_and_named() {
    let altered = "UPDATE log SET detail = 'nothing' WHERE seq = 3";
    let missing = "DELETE FROM log WHERE seq = 3";
    let cut = "DELETE FROM log WHERE seq > 3";
    for (sql, kept, verdict, at) in [
        (altered, false, "altered", Some(3)),
        (missing, false, "missing", Some(4)),
        // Without a head that was kept, what is left is a log that ended earlier.
        (cut, false, "whole", None),
        // The desk goes on writing behind the cut, so another row stands where the head was kept.
        (cut, true, "rewritten", None),
    ] {
        let w = World::with_app(ANY_LOOPBACK).await;
        let clerk: PersonView =
            call(&w.owner, "people.add", add_person("小陈", "clerk", "quiet-lantern-42")).await.unwrap();
        let _: PersonView = call(&w.owner, "people.lift", ById { id: clerk.id }).await.unwrap();
        assert!(verify(&w, "").await.whole);
        let anchor = close_day(&w, "none").await.anchor;
        // The folder's own list is not out of reach for whoever has the file; the slip is.
        std::fs::remove_file(w.dir.path().join("desk").join("log-heads.txt")).unwrap();
        let w = behind_the_desk(w, sql).await;
        // The desk has gone on for longer than it was cut.
        while verify(&w, "").await.rows < 8 {
            let _: PostsPage = call(&w.owner, "posts.list", Nothing {}).await.unwrap();
            let _: ClosedDay = close_day(&w, "none").await;
            std::fs::remove_file(w.dir.path().join("desk").join("log-heads.txt")).unwrap();
        }
        let found = verify(&w, if kept { &anchor } else { "" }).await;
        assert_eq!(found.verdict, verdict, "{sql}, with a kept head: {kept}");
        assert_eq!(found.whole, verdict == "whole");
        if at.is_some() {
            assert_eq!(found.first_bad, at, "{sql}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cut_tail_is_found_by_the_folders_own_list_and_a_strange_code_is_told_apart() {
    let w = World::with_app(ANY_LOOPBACK).await;
    let _: ClosedDay = close_day(&w, "none").await;
    for _ in 0..20 {
        let _: ClosedDay = close_day(&w, "none").await;
    }
    let last = close_day(&w, "none").await;
    assert_eq!(verify(&w, &last.anchor).await.verdict, "whole");
    assert_eq!(verify(&w, &last.anchor.to_uppercase()).await.verdict, "whole", "typed in capitals");
    let mut wrong = last.anchor.clone();
    wrong.replace_range(wrong.len() - 1.., if wrong.ends_with('0') { "1" } else { "0" });
    for strange in [wrong.as_str(), "WBD1.1.2.3", "hello", &last.anchor[..20], &format!("{}.0", last.anchor)] {
        let found = verify(&w, strange).await;
        assert_eq!((found.verdict.as_str(), found.first_bad), ("anchor_differs", None), "{strange}");
    }
    let w = behind_the_desk(w, "DELETE FROM log WHERE seq > 5").await;
    let found = verify(&w, "").await;
    assert!(["tail_cut", "rewritten"].contains(&found.verdict.as_str()), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_days_slip_comes_out_of_the_printer_and_says_what_the_desk_says() {
    let w = World::ready().await;
    let closed = close_day(&w, "").await;
    assert_eq!((closed.printed.as_str(), closed.reason.as_str()), ("sent", ""));
    let out = w.printer.wait_for_labels(1, Duration::from_secs(10)).await.expect("the slip");
    assert_eq!(out.len(), 1);
    let dots = &out[0].raster;
    let said = carrier_label::symbols(dots);
    assert!(said.iter().any(|s| s.text == closed.anchor), "the slip says {said:?}, the desk {}", closed.anchor);
    // A printer that is away loses nothing: the head is kept all the same.
    let away = SavePrinter { name: "不在的".into(), ..printer("tcp://127.0.0.1:1") };
    let away: PrinterView = call(&w.owner, "printers.save", away).await.unwrap();
    let closed = close_day(&w, &away.id).await;
    assert_ne!(closed.printed, "sent");
    assert_eq!(verify(&w, &closed.anchor).await.verdict, "whole");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_looked_through_by_person_object_and_action_and_goes_out_as_a_file() {
    let w = World::with_app(ANY_LOOPBACK).await;
    let clerk: PersonView =
        call(&w.owner, "people.add", add_person("小陈", "finance", "quiet-lantern-42")).await.unwrap();
    let door = w.desk.door(desk::Place::Window, "window");
    let login = Login { name: "小陈".into(), password: "quiet-lantern-42".into() };
    let _: LoginDone = call(&door, "session.login", login).await.unwrap();
    let ask = |person: &str, object: &str, action: &str| ListLog {
        person: person.into(),
        object: object.into(),
        action: action.into(),
        ..list_log(None, 200)
    };
    let rows = async |q: ListLog| call::<_, LogPage>(&door, "log.list", q).await.unwrap().rows;
    assert!(rows(ask(&clerk.id, "", "")).await.iter().all(|r| r.person == "小陈"));
    assert_eq!(rows(ask(&clerk.id, "", "login")).await.len(), 1);
    let about = rows(ask("", &clerk.id, "")).await;
    assert!(about.len() >= 2 && about.iter().all(|r| r.object == clerk.id), "what was done to her");
    let now = w.clock.wall().0;
    let later = ListLog { from: Some(now + 1), ..list_log(None, 200) };
    assert!(rows(later).await.is_empty());
    let all = rows(ask("", "", "")).await.len();
    let done: LogExported = call(&door, "log.export", ask("", "", "")).await.unwrap();
    let text = std::fs::read_to_string(&done.path).unwrap();
    assert_eq!((text.lines().count(), done.rows as usize), (all + 1, all + 1), "with the row of the export itself");
    for line in text.lines() {
        let row: LogRow = serde_json::from_str(line).unwrap();
        assert!(row.seq > 0);
    }
    let clerk = w.desk.door(desk::Place::Window, "window");
    assert_eq!(raw(&clerk, "log.export", serde_json::json!({})).await.unwrap_err().code, Code::NotLoggedIn);
}
