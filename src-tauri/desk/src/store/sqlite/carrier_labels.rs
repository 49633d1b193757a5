//! Labels that carriers made: files once and sealed, pages with their first job in one step.

use super::cells::{CARRIER_FILE, CARRIER_FILE_NAME};
use super::{SqliteStore, prints};
use crate::store::{CarrierLabel, LogEntry, NewCarrierLabel, NewPrint, R};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::clock::Millis;
use domain::ids::{CarrierLabelId, PersonId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT l.id, l.page, l.tracking, l.checked, l.created_at, l.created_by, f.hash, f.kind, f.pages, \
             f.sealed_name FROM carrier_labels l JOIN carrier_files f ON f.id = l.file_id ",
            $rest
        )
    };
}

fn keyed(store: &SqliteStore, hash: &str) -> Vec<u8> {
    store.vault.index("carrier.file", hash).to_vec()
}

/// A sealed cell's row in `carrier_files`: files are told apart by their keyed hash.
fn row_name(hash: &[u8]) -> String {
    STANDARD.encode(hash)
}

pub(super) async fn add(store: &SqliteStore, new: &NewCarrierLabel, job: &NewPrint, log: &LogEntry) -> R<()> {
    let hash = keyed(store, &new.hash);
    let row = row_name(&hash);
    let mut tx = store.begin().await?;
    let known: Option<i64> =
        sqlx::query_scalar("SELECT id FROM carrier_files WHERE hash = ?1").bind(&hash).fetch_optional(&mut *tx).await?;
    let file = match known {
        Some(id) => id,
        None => sqlx::query(
            "INSERT INTO carrier_files (hash, kind, pages, sealed_name, sealed_file) VALUES (?1, ?2, ?3, ?4, ?5)",
        )
        .bind(&hash)
        .bind(&new.kind)
        .bind(new.pages)
        .bind(CARRIER_FILE_NAME.seal(store, &row, &new.name))
        .bind(CARRIER_FILE.seal(store, &row, &STANDARD.encode(&new.file)))
        .execute(&mut *tx)
        .await?
        .last_insert_rowid(),
    };
    sqlx::query(
        "INSERT INTO carrier_labels (id, file_id, page, tracking, checked, created_at, created_by)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(new.id.as_str())
    .bind(file)
    .bind(new.page)
    .bind(&new.tracking)
    .bind(&new.checked)
    .bind(new.created_at.0)
    .bind(new.created_by.as_str())
    .execute(&mut *tx)
    .await?;
    prints::insert(&mut tx, job).await?;
    store.commit(tx, log).await
}

pub(super) async fn recent(store: &SqliteStore, limit: u32) -> R<Vec<CarrierLabel>> {
    sqlx::query(select!("ORDER BY l.seq DESC LIMIT ?1"))
        .bind(limit)
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(|row| label(store, row))
        .collect()
}

pub(super) async fn by_id(store: &SqliteStore, id: &CarrierLabelId) -> R<Option<CarrierLabel>> {
    let row = sqlx::query(select!("WHERE l.id = ?1")).bind(id.as_str()).fetch_optional(&store.readers).await?;
    row.map(|row| label(store, &row)).transpose()
}

/// The page itself, or the same page of another file with this number (empty = the page itself only): what was fetched again.
/// Other pages of a file may bear the same number: a carrier's own copy, customs papers.
pub(super) async fn known(store: &SqliteStore, hash: &str, page: u32, number: &str) -> R<Option<CarrierLabel>> {
    let row = sqlx::query(select!(
        "WHERE l.page = ?2 AND (f.hash = ?1 OR ?3 <> '' AND l.tracking = ?3)
         ORDER BY f.hash = ?1 DESC, l.seq DESC LIMIT 1"
    ))
    .bind(keyed(store, hash))
    .bind(page)
    .bind(number)
    .fetch_optional(&store.readers)
    .await?;
    row.map(|row| label(store, &row)).transpose()
}

pub(super) async fn file(store: &SqliteStore, id: &CarrierLabelId) -> R<Option<Vec<u8>>> {
    let row: Option<(Vec<u8>, Vec<u8>)> = sqlx::query_as(
        "SELECT f.hash, f.sealed_file FROM carrier_labels l JOIN carrier_files f ON f.id = l.file_id WHERE l.id = ?1",
    )
    .bind(id.as_str())
    .fetch_optional(&store.readers)
    .await?;
    let Some((hash, sealed)) = row else { return Ok(None) };
    let text: String = CARRIER_FILE.open(store, &row_name(&hash), &sealed)?;
    let bytes = STANDARD.decode(text);
    bytes.map(Some).map_err(|_| crate::store::StoreError::Unreadable { what: "carrier_files.sealed_file".to_owned() })
}

fn label(store: &SqliteStore, row: &SqliteRow) -> R<CarrierLabel> {
    let hash: Vec<u8> = row.try_get("hash")?;
    Ok(CarrierLabel {
        id: CarrierLabelId::from_stored(row.try_get::<String, _>("id")?),
        name: CARRIER_FILE_NAME.open(store, &row_name(&hash), row.try_get("sealed_name")?)?,
        kind: row.try_get("kind")?,
        page: row.try_get("page")?,
        pages: row.try_get("pages")?,
        tracking: row.try_get("tracking")?,
        checked: row.try_get("checked")?,
        created_at: Millis(row.try_get("created_at")?),
        created_by: PersonId::from_stored(row.try_get::<String, _>("created_by")?),
    })
}
