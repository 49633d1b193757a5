//! The log is not changed through the desk's own file handle, and changes made around it are found.

use super::{Shop, cast};
use crate::store::Store;
use crate::store::sqlite::SqliteStore;
use sqlx::AssertSqlSafe;

async fn run(store: &SqliteStore, sql: &str) -> Result<(), sqlx::Error> {
    // `raw_sql`: several statements in one.
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&store.writer).await.map(|_| ())
}

/// As somebody with the file and an SQL shell would.
async fn behind_the_triggers(store: &SqliteStore, sql: &str) {
    let drop = "DROP TRIGGER log_is_not_changed; DROP TRIGGER log_is_not_deleted; DROP TRIGGER log_is_continued;";
    run(store, &format!("{drop} {sql}")).await.unwrap();
}

#[tokio::test]
async fn the_log_refuses_to_be_changed_or_cut() {
    let shop = Shop::open_for_business().await;
    let before = shop.store.log_verify().await.unwrap();
    for sql in [
        "UPDATE log SET detail = 'nothing happened' WHERE seq = 2",
        "DELETE FROM log WHERE seq = 2",
        "INSERT OR REPLACE INTO log SELECT seq, at, mono_ms, person, station, action, object, 'x', prev, hash FROM log
         WHERE seq = 2",
        "INSERT INTO log SELECT 99, at, mono_ms, person, station, action, object, 'x', prev, hash FROM log
         WHERE seq = 2",
    ] {
        let refused = run(&shop.store, sql).await.unwrap_err().to_string();
        assert!(refused.contains("the action log is "), "{sql}: {refused}");
    }
    assert_eq!(shop.store.log_verify().await.unwrap(), before, "all rows stand as they were");
}

#[tokio::test]
async fn a_row_that_was_changed_dropped_swapped_or_put_in_is_found() {
    let swap = "CREATE TABLE two AS SELECT * FROM log WHERE seq IN (3, 4); DELETE FROM log WHERE seq IN (3, 4);
        INSERT INTO log SELECT 7 - seq, at, mono_ms, person, station, action, object, detail, prev, hash FROM two;";
    let put_in = "INSERT INTO log SELECT (SELECT max(seq) + 1 FROM log), at, mono_ms, person, station, action, object,
        detail, (SELECT hash FROM log ORDER BY seq DESC LIMIT 1), hash FROM log WHERE seq = 2";
    for (sql, first_wrong) in [
        ("UPDATE log SET person = 'clerk' WHERE seq = 4", 4),
        ("UPDATE log SET person = 'own', station = 'erwindow' WHERE seq = 4", 4),
        ("UPDATE log SET at = at + 1 WHERE seq = 1", 1),
        ("UPDATE log SET mono_ms = 0 WHERE seq = 2", 2),
        ("UPDATE log SET prev = zeroblob(32) WHERE seq = 5", 5),
        ("UPDATE log SET hash = zeroblob(32) WHERE seq = 5", 5),
        ("DELETE FROM log WHERE seq = 1", 2),
        ("DELETE FROM log WHERE seq = 4", 5),
        ("DELETE FROM log WHERE seq = 4; UPDATE log SET seq = seq - 1 WHERE seq > 4", 4),
        (swap, 3),
        (put_in, 11),
    ] {
        let shop = Shop::open_for_business().await;
        assert_eq!(shop.store.log_verify().await.unwrap().1, None, "before: it fits");
        assert_eq!(shop.store.log_verify().await.unwrap().0, 10, "the table above counts on ten rows");
        behind_the_triggers(&shop.store, sql).await;
        assert_eq!(shop.store.log_verify().await.unwrap().1, Some(first_wrong), "{sql}");
    }
}

#[tokio::test]
async fn a_row_from_another_course_of_events_is_found() {
    let shop = Shop::open_for_business().await;
    shop.store.close().await;
    let copy = shop.folder.path().join("copy.db");
    std::fs::copy(shop.file(), &copy).unwrap();
    let here = SqliteStore::open(&shop.file(), shop.vault.clone()).await.unwrap();
    let there = SqliteStore::open(&copy, shop.vault.clone()).await.unwrap();
    for (store, said) in [(&here, ["refused", "refused"]), (&there, ["allowed", "allowed"])] {
        for action in said {
            store.note(&cast::log(action, "parcel")).await.unwrap();
        }
    }
    let hash: Vec<u8> =
        sqlx::query_scalar("SELECT hash FROM log WHERE seq = 12").fetch_one(&there.readers).await.unwrap();
    run(&here, "DROP TRIGGER log_is_not_changed").await.unwrap();
    sqlx::query("UPDATE log SET action = 'allowed', hash = ?1 WHERE seq = 12")
        .bind(hash)
        .execute(&here.writer)
        .await
        .unwrap();
    let (rows, wrong, _) = here.log_verify().await.unwrap();
    assert_eq!((rows, wrong), (12, Some(12)), "sealed by the same desk with the same number, but after other rows");
}

#[tokio::test]
async fn a_cut_tail_shows_only_beside_a_head_that_was_kept() {
    let shop = Shop::open_for_business().await;
    let (_, _, kept) = shop.store.log_verify().await.unwrap();
    behind_the_triggers(&shop.store, "DELETE FROM log WHERE seq > 8").await;
    let (rows, wrong, head) = shop.store.log_verify().await.unwrap();
    assert_eq!((rows, wrong), (8, None), "the rest is a chain that fits: a chain alone cannot tell");
    assert_ne!(head, kept, "its head is another than the one that was kept elsewhere");
}

#[tokio::test]
async fn a_long_chain_is_read_page_by_page() {
    let shop = Shop::empty().await;
    let mut tx = shop.store.begin().await.unwrap();
    for n in 0..2100 {
        super::super::log::append(&shop.store, &mut tx, &cast::log("note", &n.to_string())).await.unwrap();
    }
    tx.commit().await.unwrap();
    assert_eq!(shop.store.log_verify().await.unwrap().0, 2100);
    behind_the_triggers(&shop.store, "UPDATE log SET detail = '' WHERE seq = 2001").await;
    assert_eq!(shop.store.log_verify().await.unwrap().1, Some(2001), "found on the third page");
}
