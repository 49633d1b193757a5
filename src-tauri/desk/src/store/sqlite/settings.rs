//! Settings, the recovery card, and the list of backups.

use super::{SqliteStore, backup};
use crate::store::{BackupRow, Card, LogEntry, R, StoreError};
use domain::clock::Millis;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

pub(super) async fn get(store: &SqliteStore, name: &str) -> R<Option<String>> {
    Ok(sqlx::query_scalar("SELECT value FROM settings WHERE name = ?1")
        .bind(name)
        .fetch_optional(&store.readers)
        .await?)
}

pub(super) async fn save(store: &SqliteStore, name: &str, value: &str, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO settings (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    )
    .bind(name)
    .bind(value)
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

pub(super) async fn card(store: &SqliteStore) -> R<Option<Card>> {
    let row =
        sqlx::query("SELECT sealed_key, made_at, made_by FROM backup_card").fetch_optional(&store.readers).await?;
    let Some(row) = row else { return Ok(None) };
    let key = store
        .vault
        .open_backup_key(row.try_get("sealed_key")?)
        .map_err(|_| StoreError::Sealed { what: "backup_card.sealed_key".to_owned() })?;
    let (made_at, made_by) = (Millis(row.try_get("made_at")?), row.try_get("made_by")?);
    Ok(Some(Card { id: key.card(), key, made_at, made_by }))
}

pub(super) async fn set_card(store: &SqliteStore, card: &Card, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    backup::put_card(store, &mut tx, card).await?;
    store.commit(tx, log).await
}

pub(super) async fn add_backup(store: &SqliteStore, b: &BackupRow, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO backups (started_at, ended_at, how, state, file, bytes, data_rows, log_rows, log_head, trouble, detail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
    )
    .bind(b.started_at.0)
    .bind(b.ended_at.0)
    .bind(&b.how)
    .bind(if b.good { "good" } else { "failed" })
    .bind(&b.file)
    .bind(i64::try_from(b.bytes).unwrap_or(i64::MAX))
    .bind(b.rows)
    .bind(b.log_rows)
    .bind(&b.log_head)
    .bind(&b.trouble)
    .bind(&b.detail)
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

pub(super) async fn backups(store: &SqliteStore, limit: u32) -> R<Vec<BackupRow>> {
    sqlx::query(
        "SELECT id, started_at, ended_at, how, state, file, bytes, data_rows, log_rows, log_head, trouble, detail
         FROM backups WHERE removed_at IS NULL ORDER BY id DESC LIMIT ?1",
    )
    .bind(limit)
    .fetch_all(&store.readers)
    .await?
    .iter()
    .map(row)
    .collect()
}

pub(super) async fn backup_removed(store: &SqliteStore, id: i64, at: Millis, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    let done = sqlx::query("UPDATE backups SET removed_at = ?2 WHERE id = ?1 AND removed_at IS NULL")
        .bind(id)
        .bind(at.0)
        .execute(&mut *tx)
        .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

fn row(row: &SqliteRow) -> R<BackupRow> {
    Ok(BackupRow {
        id: row.try_get("id")?,
        started_at: Millis(row.try_get("started_at")?),
        ended_at: Millis(row.try_get("ended_at")?),
        how: row.try_get("how")?,
        good: row.try_get::<&str, _>("state")? == "good",
        file: row.try_get("file")?,
        bytes: u64::try_from(row.try_get::<i64, _>("bytes")?).unwrap_or(0),
        rows: row.try_get("data_rows")?,
        log_rows: row.try_get("log_rows")?,
        log_head: row.try_get("log_head")?,
        trouble: row.try_get("trouble")?,
        detail: row.try_get("detail")?,
    })
}
