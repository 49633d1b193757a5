//! The print journal. A parcel's job goes into `sending` only while its number is `issued`, asked in the same statement.

use super::{SqliteStore, Tx};
use crate::store::{CustomArea, LabelOf, LogEntry, NewPrint, Print, PrintChange, R, StoreError};
use domain::clock::Millis;
use domain::evidence::Evidence;
use domain::ids::{BatchId, CarrierLabelId, ParcelId, PersonId, PrintJobId, PrinterId, WaybillId};
use domain::journal::PrintState;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, parcel_id, waybill_id, label_id, copy, reason, note, asked_by, printer_id, template, state, evidence, \
             trouble, bytes, accepted, created_at, ended_at, batch_id, stamp, marked, custom FROM print_jobs ",
            $rest
        )
    };
}

/// Within the caller's step.
pub(super) async fn insert(tx: &mut Tx, job: &NewPrint) -> R<()> {
    let (parcel, waybill, label) = match &job.of {
        LabelOf::Number { parcel, waybill } => (Some(parcel.as_str()), Some(waybill.as_str()), None),
        LabelOf::Carrier(label) => (None, None, Some(label.as_str())),
    };
    sqlx::query(
        "INSERT INTO print_jobs (id, parcel_id, waybill_id, label_id, submit_key, copy, reason, note, asked_by, printer_id,
         template, state, evidence, trouble, bytes_hash, bytes, accepted, created_at, ended_at, batch_id, stamp, custom)
         VALUES (?1, ?2, ?3, ?14, ?4, ?5, ?6, ?7, ?8, ?9, ?10, 'queued', '', '', NULL, 0, 0, ?11, NULL, ?12, ?13, ?15)",
    )
    .bind(job.id.as_str())
    .bind(parcel)
    .bind(waybill)
    .bind(&job.submit_key)
    .bind(job.copy)
    .bind(&job.reason)
    .bind(&job.note)
    .bind(job.asked_by.as_str())
    .bind(job.printer.as_str())
    .bind(&job.template)
    .bind(job.created_at.0)
    .bind(job.batch.as_ref().map_or("", |b| b.as_str()))
    .bind(&job.stamp)
    .bind(label)
    .bind(if job.custom == CustomArea::default() { String::new() } else { as_json(&job.custom) })
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn add(store: &SqliteStore, job: &NewPrint, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    insert(&mut tx, job).await?;
    store.commit(tx, log).await
}

pub(super) async fn of_parcel(store: &SqliteStore, parcel: &ParcelId) -> R<Vec<Print>> {
    sqlx::query(select!("WHERE parcel_id = ?1 ORDER BY rowid"))
        .bind(parcel.as_str())
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(print)
        .collect()
}

pub(super) async fn of_label(store: &SqliteStore, label: &CarrierLabelId) -> R<Vec<Print>> {
    sqlx::query(select!("WHERE label_id = ?1 ORDER BY rowid"))
        .bind(label.as_str())
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(print)
        .collect()
}

pub(super) async fn by_id(store: &SqliteStore, id: &PrintJobId) -> R<Option<Print>> {
    let row = sqlx::query(select!("WHERE id = ?1")).bind(id.as_str()).fetch_optional(&store.readers).await?;
    row.as_ref().map(print).transpose()
}

pub(super) async fn by_submit(store: &SqliteStore, submit_key: &str) -> R<Option<PrintJobId>> {
    let id: Option<String> = sqlx::query_scalar("SELECT id FROM print_jobs WHERE submit_key = ?1")
        .bind(submit_key)
        .fetch_optional(&store.readers)
        .await?;
    Ok(id.map(PrintJobId::from_stored))
}

pub(super) async fn in_states(store: &SqliteStore, states: &[PrintState], limit: u32) -> R<Vec<Print>> {
    let words: Vec<&str> = states.iter().map(|s| s.word()).collect();
    sqlx::query(select!("WHERE state IN (SELECT value FROM json_each(?1)) ORDER BY rowid LIMIT ?2"))
        .bind(serde_json::to_string(&words).expect("words are always JSON"))
        .bind(limit)
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(print)
        .collect()
}

pub(super) async fn recent(store: &SqliteStore, limit: u32) -> R<Vec<Print>> {
    sqlx::query(select!("ORDER BY rowid DESC LIMIT ?1"))
        .bind(limit)
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(print)
        .collect()
}

/// States of [`PrintState::may_be_on_paper`].
pub(super) async fn last_of(store: &SqliteStore, printer: &PrinterId, limit: u32) -> R<Vec<Print>> {
    sqlx::query(select!(
        "WHERE printer_id = ?1 AND state IN ('sending', 'sent', 'confirmed', 'doubtful') ORDER BY rowid DESC LIMIT ?2"
    ))
    .bind(printer.as_str())
    .bind(limit)
    .fetch_all(&store.readers)
    .await?
    .iter()
    .map(print)
    .collect()
}

/// Evidence only grows: a weaker one leaves the stronger that stands (`domain::evidence`).
pub(super) async fn shift(
    store: &SqliteStore,
    id: &PrintJobId,
    from: PrintState,
    to: PrintState,
    change: &PrintChange,
    log: &LogEntry,
) -> R<bool> {
    let mut tx = store.begin().await?;
    let stands: Option<String> = sqlx::query_scalar("SELECT evidence FROM print_jobs WHERE id = ?1 AND state = ?2")
        .bind(id.as_str())
        .bind(from.word())
        .fetch_optional(&mut *tx)
        .await?;
    let Some(stands) = stands else { return store.commit_if(tx, 0, log).await };
    let evidence = change.evidence.max(evidence(&stands)?);
    let done = sqlx::query(
        "UPDATE print_jobs SET state = ?3, evidence = ?4, trouble = coalesce(?5, trouble),
         bytes_hash = coalesce(?6, bytes_hash), bytes = coalesce(?7, bytes), accepted = coalesce(?8, accepted),
         ended_at = coalesce(?9, ended_at), marked = coalesce(?10, marked)
         WHERE id = ?1 AND state = ?2 AND (?3 <> 'sending' OR label_id IS NOT NULL OR EXISTS (
           SELECT 1 FROM waybills w WHERE w.id = print_jobs.waybill_id AND w.state = 'issued'))",
    )
    .bind(id.as_str())
    .bind(from.word())
    .bind(to.word())
    .bind(evidence.map_or("", word))
    .bind(change.trouble.as_deref())
    .bind(change.drawn.map(|(hash, _)| hash.to_vec()))
    .bind(change.drawn.map(|(_, bytes)| bytes))
    .bind(change.accepted)
    .bind(change.ended_at.map(|t| t.0))
    .bind(change.marked)
    .execute(&mut *tx)
    .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

fn as_json(area: &CustomArea) -> String {
    serde_json::to_string(area).expect("texts are always JSON")
}

fn word(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::BytesAccepted => "bytes_accepted",
        Evidence::PeerClosed => "peer_closed",
        Evidence::DeviceStatus => "device_status",
        Evidence::Odometer => "odometer",
        Evidence::Person => "person",
    }
}

fn evidence(stored: &str) -> R<Option<Evidence>> {
    use Evidence as E;
    if stored.is_empty() {
        return Ok(None);
    }
    [E::BytesAccepted, E::PeerClosed, E::DeviceStatus, E::Odometer, E::Person]
        .into_iter()
        .find(|e| word(*e) == stored)
        .map(Some)
        .ok_or_else(|| StoreError::Unreadable { what: "print_jobs.evidence".to_owned() })
}

fn label_of(row: &SqliteRow) -> R<LabelOf> {
    let text = |column: &str| row.try_get::<Option<String>, _>(column);
    match (text("parcel_id")?, text("waybill_id")?, text("label_id")?) {
        (Some(parcel), Some(waybill), None) => {
            Ok(LabelOf::Number { parcel: ParcelId::from_stored(parcel), waybill: WaybillId::from_stored(waybill) })
        }
        (None, None, Some(label)) => Ok(LabelOf::Carrier(CarrierLabelId::from_stored(label))),
        _ => Err(StoreError::Unreadable { what: "print_jobs.label_id".to_owned() }),
    }
}

fn print(row: &SqliteRow) -> R<Print> {
    let state: &str = row.try_get("state")?;
    Ok(Print {
        id: PrintJobId::from_stored(row.try_get::<String, _>("id")?),
        of: label_of(row)?,
        copy: row.try_get("copy")?,
        reason: row.try_get("reason")?,
        note: row.try_get("note")?,
        asked_by: PersonId::from_stored(row.try_get::<String, _>("asked_by")?),
        printer: PrinterId::from_stored(row.try_get::<String, _>("printer_id")?),
        template: row.try_get("template")?,
        state: PrintState::from_word(state)
            .ok_or_else(|| StoreError::Unreadable { what: "print_jobs.state".to_owned() })?,
        evidence: evidence(row.try_get("evidence")?)?,
        trouble: row.try_get("trouble")?,
        bytes: row.try_get("bytes")?,
        accepted: row.try_get("accepted")?,
        created_at: Millis(row.try_get("created_at")?),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Millis),
        batch: Some(row.try_get::<String, _>("batch_id")?).filter(|b| !b.is_empty()).map(BatchId::from_stored),
        stamp: row.try_get("stamp")?,
        marked: row.try_get("marked")?,
        custom: match row.try_get::<&str, _>("custom")? {
            "" => CustomArea::default(),
            text => serde_json::from_str(text)
                .map_err(|_| StoreError::Unreadable { what: "print_jobs.custom".to_owned() })?,
        },
    })
}
