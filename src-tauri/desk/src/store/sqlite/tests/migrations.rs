//! What older versions wrote is there after each step forward.

use super::{cast, vault};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use sqlx::{AssertSqlSafe, Row, SqlitePool};

/// A database as the version with this migration left it.
async fn as_of(version: i64, folder: &std::path::Path) -> SqlitePool {
    let options =
        SqliteConnectOptions::new().filename(folder.join("old.db")).create_if_missing(true).foreign_keys(true);
    let pool = SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let mut until = sqlx::migrate!("./migrations");
    until.migrations.to_mut().retain(|m| m.version <= version);
    until.run(&pool).await.unwrap();
    pool
}

#[tokio::test]
async fn the_journal_keeps_every_job_in_its_order_when_carriers_labels_join_it() {
    let folder = tempfile::tempdir().unwrap();
    let pool = as_of(5, folder.path()).await;
    sqlx::raw_sql(
        "INSERT INTO people VALUES ('p', '掌柜', '掌柜', 'owner', 'x', 1, NULL);
         INSERT INTO grants (id, platform, shop_id, shop_name, state, reason, granted_by, granted_at)
           VALUES ('g', 'taobao', '1', '店', 'active', '', 'p', 1);
         INSERT INTO couriers VALUES ('c', 'g', 'ZTO', 1, '', '', NULL, '[]', '[]', 1, 0, 0, NULL);
         INSERT INTO printers (id, name, address, language, dpi, width_mm, height_mm, gap_mm, speed, darkness, is_default,
           removed) VALUES ('pr', '柜台', 'tcp://127.0.0.1', 'tspl', 203, 100, 180, 2, 4, 8, 1, 0);
         INSERT INTO parcels (id, submit_key, created_at, created_by, template, printer_id, sealed_order)
           VALUES ('pa', 'k', 1, 'p', 't', 'pr', x'00');
         INSERT INTO waybills (id, parcel_id, attempt, submit_key, state, grant_id, courier_id, courier_code, shop_name,
           asked_by, request_hash, sealed_request, number, print_kind, component, reason, hint, asked, not_found, created_at)
           VALUES ('w', 'pa', 1, 'k', 'issued', 'g', 'c', 'ZTO', '店', 'p', x'00', x'00', 'ZT1', 'plain', '', '', '', 0, 0, 1);",
    )
    .execute(&pool)
    .await
    .unwrap();
    for copy in (0..5).rev() {
        sqlx::query(
            "INSERT INTO print_jobs (id, parcel_id, waybill_id, submit_key, copy, reason, note, asked_by, printer_id, template,
               state, evidence, trouble, bytes_hash, bytes, accepted, created_at, ended_at, batch_id, stamp)
             VALUES ('j' || ?1, 'pa', 'w', 's' || ?1, ?1, 'jam', '卡纸', 'p', 'pr', 't', 'sent', 'peer_closed', '', x'ab', 10,
               9, ?1, 7, 'b', 'B0412-001/002')",
        )
        .bind(copy)
        .execute(&pool)
        .await
        .unwrap();
    }
    let all = async |pool: &SqlitePool| -> Vec<Vec<String>> {
        let rows =
            sqlx::query(
            "SELECT id, parcel_id, waybill_id, submit_key, copy, reason, note, asked_by, printer_id, template, state, evidence,
               trouble, hex(bytes_hash), bytes, accepted, created_at, ended_at, batch_id, stamp
             FROM print_jobs ORDER BY rowid",
        )
        .fetch_all(pool)
        .await
        .unwrap();
        let text = |row: &sqlx::sqlite::SqliteRow, n| {
            row.try_get::<String, _>(n).or_else(|_| row.try_get::<i64, _>(n).map(|i| i.to_string())).unwrap()
        };
        rows.iter().map(|row| (0..row.len()).map(|n| text(row, n)).collect()).collect()
    };
    let before = all(&pool).await;
    sqlx::migrate!("./migrations").run(&pool).await.unwrap();
    assert_eq!(all(&pool).await, before);
    assert_eq!(before.len(), 5);
    let broken: Vec<String> =
        sqlx::query_scalar("SELECT \"table\" FROM pragma_foreign_key_check").fetch_all(&pool).await.unwrap();
    assert!(broken.is_empty(), "{broken:?}");
    let nobodys = "INSERT INTO print_jobs (id, submit_key, copy, reason, note, asked_by, printer_id, template, state, evidence,
                   trouble, bytes, accepted, created_at) VALUES ('x', 'x', 0, '', '', 'p', 'pr', '', 'queued', '', '', 0, 0, 1)";
    assert!(sqlx::query(nobodys).execute(&pool).await.is_err(), "a job is of a number or of a carrier's label");
}

/// Rows as each version so far could hold them.
const ROWS: &str = "
    INSERT INTO people (id, name, name_folded, role, password_phc, created_at) VALUES ('p', '掌柜', '掌柜', 'owner', 'x', 1);
    INSERT INTO grants (id, platform, shop_id, shop_name, state, reason, granted_by, granted_at)
      VALUES ('g', 'taobao', '1', '店', 'active', '', 'p', 1);
    INSERT INTO couriers (id, grant_id, code, kind, branch_code, branch_name, senders, customer_codes, present, details_step,
      details_done) VALUES ('c', 'g', 'ZTO', 1, '', '', '[]', '[]', 1, 0, 0);
    INSERT INTO printers (id, name, address, language, dpi, width_mm, height_mm, gap_mm, speed, darkness, is_default, removed)
      VALUES ('pr', '柜台', 'tcp://127.0.0.1', 'tspl', 203, 100, 180, 2, 4, 8, 1, 0);
    INSERT INTO parcels (id, submit_key, created_at, created_by, template, printer_id, sealed_order)
      VALUES ('pa', 'k', 1, 'p', 't', 'pr', x'00');
    INSERT INTO waybills (id, parcel_id, attempt, submit_key, state, grant_id, courier_id, courier_code, shop_name, asked_by,
      request_hash, sealed_request, number, print_kind, component, reason, hint, asked, not_found, created_at)
      VALUES ('w', 'pa', 1, 'k', 'issued', 'g', 'c', 'ZTO', '店', 'p', x'00', x'00', 'ZT1', 'plain', '', '', '', 0, 0, 1);
    INSERT INTO print_jobs (id, parcel_id, waybill_id, submit_key, copy, reason, note, asked_by, printer_id, template, state,
      evidence, trouble, bytes, accepted, created_at)
      VALUES ('j', 'pa', 'w', 's', 0, '', '', 'p', 'pr', 't', 'sent', '', '', 1, 1, 1);";

#[tokio::test]
async fn each_schema_there_was_comes_up_to_todays_with_its_rows() {
    let newest = sqlx::migrate!("./migrations").iter().map(|m| m.version).max().unwrap();
    assert!(newest >= 9);
    let key = tempfile::tempdir().unwrap();
    let vault = vault(key.path());
    for version in 1..=newest {
        let folder = tempfile::tempdir().unwrap();
        let pool = as_of(version, folder.path()).await;
        sqlx::raw_sql(ROWS).execute(&pool).await.unwrap();
        if version >= 8 {
            // Posts came with this one; it gave those who were there the post of their role.
            sqlx::query("UPDATE people SET post = role").execute(&pool).await.unwrap();
        }
        let tables = ["people", "grants", "couriers", "printers", "parcels", "waybills", "print_jobs"];
        pool.close().await;
        let store = SqliteStore::open(&folder.path().join("old.db"), vault.clone()).await.unwrap();
        for table in tables {
            let sql = format!("SELECT count(*) FROM {table}");
            let rows: i64 = sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(&store.readers).await.unwrap();
            assert_eq!(rows, 1, "{table} from schema {version}");
        }
        let owner = &store.people().await.unwrap()[0];
        assert_eq!((owner.name.as_str(), owner.post.as_str()), ("掌柜", "owner"), "from schema {version}");
        let number = store.waybill(&cast::waybill_id("w")).await;
        assert!(matches!(number, Err(StoreError::Sealed { .. })), "read as far as its seal, which is none: {number:?}");
        let broken: Vec<String> = sqlx::query_scalar("SELECT \"table\" FROM pragma_foreign_key_check")
            .fetch_all(&store.readers)
            .await
            .unwrap();
        assert!(broken.is_empty(), "schema {version}: {broken:?}");
        store.note(&cast::log("note", "")).await.unwrap();
        assert_eq!(store.log_verify().await.unwrap().1, None, "the log is written on from schema {version}");
        store.close().await;
    }
}
