//! The shop's own label templates. Versions are only ever added.

use super::SqliteStore;
use crate::store::{LogEntry, OwnTemplate, R, StoreError};
use domain::clock::Millis;
use domain::ids::PersonId;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT t.id, t.made_from, v.version, v.text, v.created_at, v.created_by FROM own_templates t \
             JOIN own_template_versions v ON v.template_id = t.id ",
            $rest
        )
    };
}

/// Those that are not removed, in their newest versions.
pub(super) async fn all(store: &SqliteStore) -> R<Vec<OwnTemplate>> {
    sqlx::query(select!(
        "WHERE t.removed = 0 AND v.version = (SELECT max(version) FROM own_template_versions WHERE template_id = t.id)
         ORDER BY t.rowid"
    ))
    .fetch_all(&store.readers)
    .await?
    .iter()
    .map(template)
    .collect()
}

/// Any version, removed or not.
pub(super) async fn version(store: &SqliteStore, id: &str, version: u32) -> R<Option<OwnTemplate>> {
    let row = sqlx::query(select!("WHERE t.id = ?1 AND v.version = ?2"))
        .bind(id)
        .bind(version)
        .fetch_optional(&store.readers)
        .await?;
    row.as_ref().map(template).transpose()
}

/// The first version makes the template; another must follow the newest one.
pub(super) async fn save(store: &SqliteStore, new: &OwnTemplate, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    if new.version == 1 {
        sqlx::query("INSERT INTO own_templates (id, made_from, removed) VALUES (?1, ?2, 0)")
            .bind(&new.id)
            .bind(&new.made_from)
            .execute(&mut *tx)
            .await?;
    }
    let done = sqlx::query(
        "INSERT INTO own_template_versions (template_id, version, text, created_at, created_by)
         SELECT ?1, ?2, ?3, ?4, ?5 WHERE ?2 - 1 = coalesce(
           (SELECT max(version) FROM own_template_versions WHERE template_id = ?1), 0)
         AND EXISTS (SELECT 1 FROM own_templates WHERE id = ?1 AND removed = 0)",
    )
    .bind(&new.id)
    .bind(new.version)
    .bind(&new.text)
    .bind(new.created_at.0)
    .bind(new.created_by.as_str())
    .execute(&mut *tx)
    .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

pub(super) async fn remove(store: &SqliteStore, id: &str, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    let done = sqlx::query("UPDATE own_templates SET removed = 1 WHERE id = ?1 AND removed = 0")
        .bind(id)
        .execute(&mut *tx)
        .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

fn template(row: &SqliteRow) -> R<OwnTemplate> {
    let version: i64 = row.try_get("version")?;
    Ok(OwnTemplate {
        id: row.try_get("id")?,
        made_from: row.try_get("made_from")?,
        version: u32::try_from(version)
            .map_err(|_| StoreError::Unreadable { what: "own_template_versions.version".to_owned() })?,
        text: row.try_get("text")?,
        created_at: Millis(row.try_get("created_at")?),
        created_by: PersonId::from_stored(row.try_get::<String, _>("created_by")?),
    })
}
