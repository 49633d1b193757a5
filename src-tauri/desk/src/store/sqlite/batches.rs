//! Orders that wait, and batches of them.

use super::cells::{ORDER, json};
use super::{SqliteStore, Tx, orders, prints};
use crate::store::{
    Batch, BatchItem, CourierCount, LogEntry, NewBatch, NewPrint, NewReady, Order, Parcel, R, StoreError,
};
use domain::batch::BatchState;
use domain::clock::Millis;
use domain::ids::{
    BatchId, CourierCode, CourierId, GrantId, ParcelId, PersonId, PrintJobId, PrinterId, WaybillId, WaybillNo,
};
use domain::journal::PrintState;
use domain::waybill::WaybillState;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

macro_rules! select_batch {
    ($rest:literal) => {
        concat!(
            "SELECT number, id, state, trouble, detail, grant_id, courier_id, printer_id, template, created_by, run_by, \
             created_at, ended_at, instead_of FROM batches ",
            $rest
        )
    };
}

/// Twins have the same recipient and the same goods.
pub(super) fn twin_hash(store: &SqliteStore, order: &Order) -> Vec<u8> {
    let said = String::from_utf8_lossy(&json(&(&order.recipient, &order.goods))).into_owned();
    store.vault.index("parcel.twin", &said).to_vec()
}

pub(super) async fn add_ready(store: &SqliteStore, new: &NewReady, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO parcels (id, submit_key, created_at, created_by, template, printer_id, sealed_order, ready, reference,
         twin) VALUES (?1, ?2, ?3, ?4, '', '', ?5, 1, ?6, ?7)",
    )
    .bind(new.id.as_str())
    .bind(&new.submit_key)
    .bind(new.created_at.0)
    .bind(new.created_by.as_str())
    .bind(ORDER.seal(store, new.id.as_str(), &new.order))
    .bind(&new.reference)
    .bind(twin_hash(store, &new.order))
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

pub(super) async fn ready(store: &SqliteStore, limit: u32) -> R<Vec<Parcel>> {
    sqlx::query(
        "SELECT p.id, p.seq, p.created_at, p.created_by, p.template, p.printer_id, p.sealed_order, p.reference, p.stop, p.purged_at
         FROM parcels p
         WHERE p.ready = 1 AND NOT EXISTS (
           SELECT 1 FROM batch_items i JOIN batches b ON b.id = i.batch_id
           WHERE i.parcel_id = p.id AND i.left_out = 0 AND b.state <> 'done')
         ORDER BY p.seq LIMIT ?1",
    )
    .bind(limit)
    .fetch_all(&store.readers)
    .await?
    .iter()
    .map(|row| orders::parcel(store, row))
    .collect()
}

pub(super) async fn by_reference(store: &SqliteStore, reference: &str) -> R<Option<ParcelId>> {
    let id: Option<String> = sqlx::query_scalar(
        "SELECT id FROM parcels WHERE reference = ?1 AND reference <> '' AND discarded = 0 ORDER BY seq DESC LIMIT 1",
    )
    .bind(reference)
    .fetch_optional(&store.readers)
    .await?;
    Ok(id.map(ParcelId::from_stored))
}

pub(super) async fn discard(store: &SqliteStore, id: &ParcelId, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    let done = sqlx::query(
        "UPDATE parcels SET ready = 0, discarded = 1 WHERE id = ?1 AND ready = 1 AND NOT EXISTS (
           SELECT 1 FROM batch_items i JOIN batches b ON b.id = i.batch_id
           WHERE i.parcel_id = ?1 AND i.left_out = 0 AND b.state <> 'done')",
    )
    .bind(id.as_str())
    .execute(&mut *tx)
    .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

pub(super) async fn set_stop(store: &SqliteStore, id: &ParcelId, stop: &str, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    let done = sqlx::query("UPDATE parcels SET stop = ?2 WHERE id = ?1 AND stop <> ?2")
        .bind(id.as_str())
        .bind(stop)
        .execute(&mut *tx)
        .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

/// Running numbers of other parcels with the same recipient and goods that were not thrown away.
pub(super) async fn twins(store: &SqliteStore, id: &ParcelId, order: &Order, since: Millis) -> R<Vec<i64>> {
    Ok(sqlx::query_scalar(
        "SELECT seq FROM parcels WHERE twin = ?1 AND created_at >= ?2 AND id <> ?3 AND discarded = 0 ORDER BY seq",
    )
    .bind(twin_hash(store, order))
    .bind(since.0)
    .bind(id.as_str())
    .fetch_all(&store.readers)
    .await?)
}

/// The order as mended, with its hash.
pub(super) async fn set_order(store: &SqliteStore, tx: &mut Tx, id: &ParcelId, order: &Order) -> R<u64> {
    let done = sqlx::query("UPDATE parcels SET sealed_order = ?2, twin = ?3 WHERE id = ?1")
        .bind(id.as_str())
        .bind(ORDER.seal(store, id.as_str(), order))
        .bind(twin_hash(store, order))
        .execute(&mut **tx)
        .await?;
    Ok(done.rows_affected())
}

pub(super) async fn add(store: &SqliteStore, new: &NewBatch, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO batches (id, submit_key, state, trouble, detail, grant_id, courier_id, printer_id, template,
         created_by, run_by, created_at, ended_at, instead_of)
         VALUES (?1, ?2, 'running', '', '', ?3, ?4, ?5, ?6, ?7, ?7, ?8, NULL, ?9)",
    )
    .bind(new.id.as_str())
    .bind(&new.submit_key)
    .bind(new.grant.as_str())
    .bind(new.courier.as_str())
    .bind(new.printer.as_str())
    .bind(&new.template)
    .bind(new.created_by.as_str())
    .bind(new.created_at.0)
    .bind(new.instead_of.as_ref().map_or("", |id| id.as_str()))
    .execute(&mut *tx)
    .await?;
    for (item, seq) in new.items.iter().zip(1u32..) {
        // A parcel is in one open batch at most, and only while it waits.
        let free = sqlx::query(
            "UPDATE parcels SET template = ?2, printer_id = ?3 WHERE id = ?1 AND ready = 1 AND NOT EXISTS (
               SELECT 1 FROM batch_items i JOIN batches b ON b.id = i.batch_id
               WHERE i.parcel_id = ?1 AND i.left_out = 0 AND b.state <> 'done')",
        )
        .bind(item.parcel.as_str())
        .bind(&new.template)
        .bind(new.printer.as_str())
        .execute(&mut *tx)
        .await?;
        if free.rows_affected() == 0 {
            return Err(StoreError::Taken { rule: format!("one_open_batch {}", item.parcel) });
        }
        set_order(store, &mut tx, &item.parcel, &item.order).await?;
        sqlx::query(
            "INSERT INTO batch_items (batch_id, seq, parcel_id, aside, detail, print_id, nth, again, left_out)
             VALUES (?1, ?2, ?3, ?4, ?5, '', 0, 0, 0)",
        )
        .bind(new.id.as_str())
        .bind(seq)
        .bind(item.parcel.as_str())
        .bind(&item.aside)
        .bind(&item.detail)
        .execute(&mut *tx)
        .await?;
    }
    store.commit(tx, log).await
}

pub(super) async fn by_id(store: &SqliteStore, id: &BatchId) -> R<Option<Batch>> {
    let row = sqlx::query(select_batch!("WHERE id = ?1")).bind(id.as_str()).fetch_optional(&store.readers).await?;
    row.as_ref().map(batch).transpose()
}

pub(super) async fn by_submit(store: &SqliteStore, submit_key: &str) -> R<Option<BatchId>> {
    let id: Option<String> = sqlx::query_scalar("SELECT id FROM batches WHERE submit_key = ?1")
        .bind(submit_key)
        .fetch_optional(&store.readers)
        .await?;
    Ok(id.map(BatchId::from_stored))
}

/// Open ones first, newest first.
pub(super) async fn recent(store: &SqliteStore, limit: u32) -> R<Vec<Batch>> {
    sqlx::query(select_batch!("ORDER BY state = 'done', number DESC LIMIT ?1"))
        .bind(limit)
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(batch)
        .collect()
}

pub(super) async fn shift(
    store: &SqliteStore,
    id: &BatchId,
    from: BatchState,
    to: BatchState,
    (trouble, detail): (&str, &str),
    log: &LogEntry,
) -> R<bool> {
    let mut tx = store.begin().await?;
    let done = sqlx::query(
        "UPDATE batches SET state = ?3, trouble = ?4, detail = ?5,
         ended_at = CASE ?3 WHEN 'done' THEN ?6 ELSE ended_at END WHERE id = ?1 AND state = ?2",
    )
    .bind(id.as_str())
    .bind(from.word())
    .bind(to.word())
    .bind(trouble)
    .bind(detail)
    .bind(log.at.0)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() > 0 && to == BatchState::Done {
        // What has no label goes back: to the ready orders where it has no number either. A label that nothing of was
        // taken by the printer is called off, or it would come out alone some day.
        sqlx::query(
            "UPDATE print_jobs SET state = 'failed', trouble = 'batch_ended', ended_at = ?2
             WHERE batch_id = ?1 AND state IN ('queued', 'rendered')",
        )
        .bind(id.as_str())
        .bind(log.at.0)
        .execute(&mut *tx)
        .await?;
        sqlx::query(
            "UPDATE batch_items SET left_out = 1 WHERE batch_id = ?1 AND NOT EXISTS (
               SELECT 1 FROM print_jobs j WHERE j.id = print_id AND j.state IN ('sending', 'sent', 'confirmed', 'doubtful'))",
        )
        .bind(id.as_str())
        .execute(&mut *tx)
        .await?;
    }
    store.commit_if(tx, done.rows_affected(), log).await
}

pub(super) async fn items(store: &SqliteStore, id: &BatchId) -> R<Vec<BatchItem>> {
    sqlx::query(
        "SELECT i.seq, i.parcel_id, i.aside, i.detail, i.nth, i.again, i.left_out,
           w.id AS waybill_id, w.state AS waybill_state, w.number, j.id AS print_id, j.state AS print_state
         FROM batch_items i
         LEFT JOIN waybills w ON w.parcel_id = i.parcel_id
           AND w.attempt = (SELECT max(n.attempt) FROM waybills n WHERE n.parcel_id = i.parcel_id)
         LEFT JOIN print_jobs j ON j.id = i.print_id
         WHERE i.batch_id = ?1 ORDER BY i.seq",
    )
    .bind(id.as_str())
    .fetch_all(&store.readers)
    .await?
    .iter()
    .map(item)
    .collect()
}

pub(super) async fn parcels(store: &SqliteStore, id: &BatchId) -> R<Vec<Parcel>> {
    sqlx::query(
        "SELECT p.id, p.seq, p.created_at, p.created_by, p.template, p.printer_id, p.sealed_order, p.reference, p.stop, p.purged_at
         FROM batch_items i JOIN parcels p ON p.id = i.parcel_id WHERE i.batch_id = ?1 ORDER BY i.seq",
    )
    .bind(id.as_str())
    .fetch_all(&store.readers)
    .await?
    .iter()
    .map(|row| orders::parcel(store, row))
    .collect()
}

pub(super) async fn day_counts(store: &SqliteStore, since: Millis) -> R<Vec<CourierCount>> {
    sqlx::query(
        "SELECT coalesce(w.courier_code, '') AS courier_code,
           sum(j.state IN ('sent', 'confirmed', 'doubtful')) AS sent, sum(j.state = 'confirmed') AS confirmed,
           sum(j.state IN ('doubtful', 'failed')) AS attention
         FROM print_jobs j LEFT JOIN waybills w ON w.id = j.waybill_id
         WHERE j.created_at >= ?1 GROUP BY 1 ORDER BY courier_code = '', courier_code",
    )
    .bind(since.0)
    .fetch_all(&store.readers)
    .await?
    .iter()
    .map(|row| {
        Ok(CourierCount {
            courier: CourierCode(row.try_get("courier_code")?),
            sent: row.try_get("sent")?,
            confirmed: row.try_get("confirmed")?,
            attention: row.try_get("attention")?,
        })
    })
    .collect()
}

/// The open batch that holds a parcel, and the parcel's place in it.
pub(super) async fn of_parcel(store: &SqliteStore, parcel: &ParcelId) -> R<Option<(BatchId, u32)>> {
    let row = sqlx::query(
        "SELECT i.batch_id, i.seq FROM batch_items i JOIN batches b ON b.id = i.batch_id
         WHERE i.parcel_id = ?1 AND i.left_out = 0 AND b.state <> 'done'",
    )
    .bind(parcel.as_str())
    .fetch_optional(&store.readers)
    .await?;
    row.map(|row| Ok((BatchId::from_stored(row.try_get::<String, _>("batch_id")?), row.try_get("seq")?))).transpose()
}

/// Puts a parcel aside (`aside` not empty), or takes it back in.
pub(super) async fn set_aside(
    store: &SqliteStore,
    id: &BatchId,
    seq: u32,
    (aside, detail): (&str, &str),
    log: &LogEntry,
) -> R<bool> {
    let mut tx = store.begin().await?;
    let done =
        sqlx::query("UPDATE batch_items SET aside = ?3, detail = ?4 WHERE batch_id = ?1 AND seq = ?2 AND aside <> ?3")
            .bind(id.as_str())
            .bind(seq)
            .bind(aside)
            .bind(detail)
            .execute(&mut *tx)
            .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

/// It is this parcel's turn: its label is queued and gets the next place on the paper, in one step, while the batch runs.
pub(super) async fn start_label(
    store: &SqliteStore,
    id: &BatchId,
    seq: u32,
    job: &NewPrint,
    log: &LogEntry,
) -> R<bool> {
    let mut tx = store.begin().await?;
    let done = sqlx::query(
        "UPDATE batch_items SET print_id = ?3, again = 0,
           nth = (SELECT max(o.nth) + 1 FROM batch_items o WHERE o.batch_id = ?1)
         WHERE batch_id = ?1 AND seq = ?2 AND aside = '' AND left_out = 0
           AND EXISTS (SELECT 1 FROM batches b WHERE b.id = ?1 AND b.state = 'running')",
    )
    .bind(id.as_str())
    .bind(seq)
    .bind(job.id.as_str())
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() > 0 {
        prints::insert(&mut tx, job).await?;
    }
    store.commit_if(tx, done.rows_affected(), log).await
}

/// `stopped → running` by a person who looked at the paper: labels that came after the `last_good`th are to be made again.
pub(super) async fn resume(
    store: &SqliteStore,
    id: &BatchId,
    from: BatchState,
    last_good: u32,
    log: &LogEntry,
) -> R<bool> {
    let mut tx = store.begin().await?;
    let done = sqlx::query(
        "UPDATE batches SET state = 'running', trouble = '', detail = '', run_by = ?3 WHERE id = ?1 AND state = ?2",
    )
    .bind(id.as_str())
    .bind(from.word())
    .bind(&log.person)
    .execute(&mut *tx)
    .await?;
    if done.rows_affected() > 0 {
        // A job of which nothing was taken is no label yet: it stays as it is and is sent first.
        sqlx::query(
            "UPDATE batch_items SET print_id = '', again = 1, nth = 0
             WHERE batch_id = ?1 AND nth > ?2 AND EXISTS (SELECT 1 FROM print_jobs j
               WHERE j.id = print_id AND j.state IN ('sent', 'confirmed', 'doubtful'))",
        )
        .bind(id.as_str())
        .bind(last_good)
        .execute(&mut *tx)
        .await?;
    }
    store.commit_if(tx, done.rows_affected(), log).await
}

fn batch(row: &SqliteRow) -> R<Batch> {
    let state: &str = row.try_get("state")?;
    Ok(Batch {
        number: row.try_get("number")?,
        id: BatchId::from_stored(row.try_get::<String, _>("id")?),
        state: BatchState::from_word(state)
            .ok_or_else(|| StoreError::Unreadable { what: "batches.state".to_owned() })?,
        trouble: row.try_get("trouble")?,
        detail: row.try_get("detail")?,
        grant: GrantId::from_stored(row.try_get::<String, _>("grant_id")?),
        courier: CourierId::from_stored(row.try_get::<String, _>("courier_id")?),
        printer: PrinterId::from_stored(row.try_get::<String, _>("printer_id")?),
        template: row.try_get("template")?,
        created_by: PersonId::from_stored(row.try_get::<String, _>("created_by")?),
        run_by: PersonId::from_stored(row.try_get::<String, _>("run_by")?),
        created_at: Millis(row.try_get("created_at")?),
        instead_of: Some(row.try_get::<String, _>("instead_of")?)
            .filter(|id| !id.is_empty())
            .map(PrinterId::from_stored),
        ended_at: row.try_get::<Option<i64>, _>("ended_at")?.map(Millis),
    })
}

fn item(row: &SqliteRow) -> R<BatchItem> {
    let unreadable = |what: &str| StoreError::Unreadable { what: what.to_owned() };
    let text = |column| row.try_get::<Option<String>, _>(column);
    let waybill = match (text("waybill_id")?, text("waybill_state")?) {
        (Some(id), Some(state)) => {
            let state = WaybillState::from_word(&state).ok_or_else(|| unreadable("waybills.state"))?;
            Some((WaybillId::from_stored(id), state))
        }
        _ => None,
    };
    let print = match (text("print_id")?, text("print_state")?) {
        (Some(id), Some(state)) => {
            let state = PrintState::from_word(&state).ok_or_else(|| unreadable("print_jobs.state"))?;
            Some((PrintJobId::from_stored(id), state))
        }
        _ => None,
    };
    Ok(BatchItem {
        seq: row.try_get("seq")?,
        parcel: ParcelId::from_stored(row.try_get::<String, _>("parcel_id")?),
        aside: row.try_get("aside")?,
        detail: row.try_get("detail")?,
        nth: row.try_get("nth")?,
        again: row.try_get("again")?,
        left_out: row.try_get("left_out")?,
        waybill,
        number: text("number")?.filter(|n| !n.is_empty()).map(WaybillNo),
        print,
    })
}
