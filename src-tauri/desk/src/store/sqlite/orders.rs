//! What people typed: drafts, and parcels with their order.

use super::cells::{DRAFT, ORDER};
use super::{SqliteStore, batches, waybills};
use crate::store::{LogEntry, NewParcel, NewWaybill, Order, Parcel, R, WantParcels};
use domain::clock::Millis;
use domain::ids::{ParcelId, PersonId, PrinterId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

pub(super) async fn draft(store: &SqliteStore, person: &PersonId) -> R<Option<String>> {
    let sealed: Option<Vec<u8>> = sqlx::query_scalar("SELECT sealed_draft FROM drafts WHERE person_id = ?1")
        .bind(person.as_str())
        .fetch_optional(&store.readers)
        .await?;
    sealed.map(|sealed| DRAFT.open(store, person.as_str(), &sealed)).transpose()
}

pub(super) async fn save_draft(store: &SqliteStore, person: &PersonId, draft: &str, at: Millis) -> R<()> {
    let mut tx = store.begin().await?;
    if draft.is_empty() {
        sqlx::query("DELETE FROM drafts WHERE person_id = ?1").bind(person.as_str()).execute(&mut *tx).await?;
    } else {
        sqlx::query(
            "INSERT INTO drafts (person_id, sealed_draft, saved_at) VALUES (?1, ?2, ?3)
             ON CONFLICT (person_id) DO UPDATE SET sealed_draft = excluded.sealed_draft, saved_at = excluded.saved_at",
        )
        .bind(person.as_str())
        .bind(DRAFT.seal(store, person.as_str(), draft))
        .bind(at.0)
        .execute(&mut *tx)
        .await?;
    }
    Ok(tx.commit().await?)
}

pub(super) async fn add(store: &SqliteStore, parcel: &NewParcel, waybill: &NewWaybill, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO parcels (id, submit_key, created_at, created_by, template, printer_id, sealed_order, twin)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )
    .bind(parcel.id.as_str())
    .bind(&parcel.submit_key)
    .bind(parcel.created_at.0)
    .bind(parcel.created_by.as_str())
    .bind(&parcel.template)
    .bind(parcel.printer.as_str())
    .bind(ORDER.seal(store, parcel.id.as_str(), &parcel.order))
    .bind(batches::twin_hash(store, &parcel.order))
    .execute(&mut *tx)
    .await?;
    waybills::insert(store, &mut tx, waybill).await?;
    store.commit(tx, log).await
}

pub(super) async fn by_submit(store: &SqliteStore, submit_key: &str) -> R<Option<ParcelId>> {
    let id: Option<String> = sqlx::query_scalar("SELECT id FROM parcels WHERE submit_key = ?1")
        .bind(submit_key)
        .fetch_optional(&store.readers)
        .await?;
    Ok(id.map(ParcelId::from_stored))
}

pub(super) async fn by_id(store: &SqliteStore, id: &ParcelId) -> R<Option<Parcel>> {
    let row = sqlx::query(
        "SELECT id, seq, created_at, created_by, template, printer_id, sealed_order, reference, stop, purged_at
         FROM parcels WHERE id = ?1",
    )
    .bind(id.as_str())
    .fetch_optional(&store.readers)
    .await?;
    row.map(|row| parcel(store, &row)).transpose()
}

/// A parcel wants a person when its newest attempt did not end well, when its print data is missing or sealed and no label
/// of it was ever asked for, when its newest label may be half on paper, when a label of a living number did not get to the
/// printer yet, or when a batch took its number and was ended before its label. Those that once had any of it are found by
/// index; what holds now is asked of them only.
pub(super) async fn page(store: &SqliteStore, want: &WantParcels) -> R<Vec<Parcel>> {
    let search = want.search.trim();
    // No text that begins with the search is greater than it with the last of all characters behind.
    let end = |from: &str| format!("{from}\u{10ffff}");
    let (lower, upper) = (search.to_lowercase(), search.to_uppercase());
    sqlx::query(
        "SELECT p.id, p.seq, p.created_at, p.created_by, p.template, p.printer_id, p.sealed_order, p.reference, p.stop, p.purged_at
         FROM parcels p
         WHERE p.ready = 0 AND p.discarded = 0 AND p.seq < ?1 AND p.created_at >= ?2
           AND (?3 = 0
             OR p.id IN (SELECT w.parcel_id FROM waybills w
                 WHERE w.state IN ('rejected', 'unknown', 'needs_person', 'cancelling')
               UNION SELECT w.parcel_id FROM waybills w WHERE w.print_kind IN ('encrypted', 'missing')
               UNION SELECT i.parcel_id FROM batch_items i WHERE i.left_out = 1
               UNION SELECT j.parcel_id FROM print_jobs j WHERE j.state IN ('queued', 'failed', 'doubtful'))
             AND (EXISTS (SELECT 1 FROM waybills w
                 WHERE w.parcel_id = p.id
                   AND w.attempt = (SELECT max(n.attempt) FROM waybills n WHERE n.parcel_id = p.id)
                   AND (w.state IN ('rejected', 'unknown', 'needs_person', 'cancelling')
                     OR w.state = 'issued' AND (w.print_kind = 'missing'
                       OR w.print_kind = 'encrypted' AND NOT EXISTS (
                         SELECT 1 FROM print_jobs j WHERE j.waybill_id = w.id)
                       OR w.batch_id <> '' AND NOT EXISTS (SELECT 1 FROM print_jobs j WHERE j.waybill_id = w.id)
                         AND NOT EXISTS (SELECT 1 FROM batch_items i JOIN batches b ON b.id = i.batch_id
                           WHERE i.parcel_id = p.id AND i.left_out = 0 AND b.state <> 'done')
                       OR (SELECT j.state FROM print_jobs j WHERE j.parcel_id = p.id ORDER BY j.rowid DESC LIMIT 1)
                         IN ('queued', 'failed'))))
               OR (SELECT j.state FROM print_jobs j WHERE j.parcel_id = p.id ORDER BY j.rowid DESC LIMIT 1)
                 = 'doubtful'))
           AND (?4 = ''
             OR p.id >= ?5 AND p.id < ?6
             OR p.id IN (SELECT w.parcel_id FROM waybills w WHERE w.number <> '' AND w.number >= ?4 AND w.number < ?7)
             OR p.id IN (SELECT w.parcel_id FROM waybills w WHERE w.number <> '' AND w.number >= ?8 AND w.number < ?9))
         ORDER BY p.seq DESC LIMIT ?10",
    )
    .bind(want.before.unwrap_or(i64::MAX))
    .bind(want.since.map_or(i64::MIN, |t| t.0))
    .bind(want.attention)
    .bind(search)
    .bind(&lower)
    .bind(end(&lower))
    .bind(end(search))
    .bind(&upper)
    .bind(end(&upper))
    .bind(want.limit)
    .fetch_all(&store.readers)
    .await?
    .iter()
    .map(|row| parcel(store, row))
    .collect()
}

pub(super) async fn mend(store: &SqliteStore, id: &ParcelId, order: &Order, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    let done = batches::set_order(store, &mut tx, id, order).await?;
    store.commit_one(tx, done, log).await
}

pub(super) fn parcel(store: &SqliteStore, row: &SqliteRow) -> R<Parcel> {
    let id: String = row.try_get("id")?;
    Ok(Parcel {
        order: ORDER.open(store, &id, row.try_get("sealed_order")?)?,
        id: ParcelId::from_stored(id),
        seq: row.try_get("seq")?,
        created_at: Millis(row.try_get("created_at")?),
        created_by: PersonId::from_stored(row.try_get::<String, _>("created_by")?),
        template: row.try_get("template")?,
        printer: PrinterId::from_stored(row.try_get::<String, _>("printer_id")?),
        reference: row.try_get("reference")?,
        stop: row.try_get("stop")?,
        purged_at: row.try_get::<Option<i64>, _>("purged_at")?.map(Millis),
    })
}
