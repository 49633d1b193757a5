//! Taking people's data out. A cell is not marked but written over: what is left of an order is its goods and its area, of
//! a request what a look-up needs, of an answer and a carrier's file nothing. `secure_delete` wipes the places where the old
//! cells lay, and the write-ahead log is cut after the commit ([`cut_wal`]).

use super::cells::{CARRIER_FILE, CARRIER_FILE_NAME, ORDER, REQUEST};
use super::{SqliteStore, Tx};
use crate::store::{LogEntry, Order, R, ToPurge};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::clock::Millis;
use domain::connector::IssueRequest;
use domain::contact::{Address, Contact};
use domain::ids::{ParcelId, PersonId};
use sqlx::Row;
use std::time::Duration;

/// How often the log is tried to be cut while somebody reads.
const TRIES: u32 = 20;

/// Parcels that rest: no call is under way, no label on its way, no batch and no waiting list holds them.
macro_rules! at_rest {
    ($rest:literal) => {
        concat!(
            "SELECT p.id FROM parcels p WHERE p.purged_at IS NULL AND p.ready = 0 \
             AND NOT EXISTS (SELECT 1 FROM waybills w WHERE w.parcel_id = p.id AND w.state IN ('intent', 'in_flight')) \
             AND NOT EXISTS (SELECT 1 FROM print_jobs j WHERE j.parcel_id = p.id AND j.state IN ('rendered', 'sending')) \
             AND NOT EXISTS (SELECT 1 FROM batch_items i JOIN batches b ON b.id = i.batch_id \
               WHERE i.parcel_id = p.id AND i.left_out = 0 AND b.state <> 'done')",
            $rest
        )
    };
}

pub(super) async fn due(store: &SqliteStore, before: Millis, limit: u32) -> R<ToPurge> {
    let parcels: Vec<String> = sqlx::query_scalar(at_rest!(" AND p.created_at < ?1 ORDER BY p.created_at LIMIT ?2"))
        .bind(before.0)
        .bind(limit)
        .fetch_all(&store.readers)
        .await?;
    let files: Vec<i64> = sqlx::query_scalar(
        "SELECT f.id FROM carrier_files f
         WHERE f.purged_at IS NULL
           AND NOT EXISTS (SELECT 1 FROM carrier_labels l WHERE l.file_id = f.id AND l.created_at >= ?1)
           AND NOT EXISTS (SELECT 1 FROM carrier_labels l JOIN print_jobs j ON j.label_id = l.id
             WHERE l.file_id = f.id AND j.state IN ('queued', 'rendered', 'sending'))
         ORDER BY f.id LIMIT ?2",
    )
    .bind(before.0)
    .bind(limit)
    .fetch_all(&store.readers)
    .await?;
    let drafts: Vec<String> = sqlx::query_scalar("SELECT person_id FROM drafts WHERE saved_at < ?1 ORDER BY person_id")
        .bind(before.0)
        .fetch_all(&store.readers)
        .await?;
    Ok(ToPurge {
        parcels: parcels.into_iter().map(ParcelId::from_stored).collect(),
        files,
        drafts: drafts.into_iter().map(PersonId::from_stored).collect(),
    })
}

/// All or nothing: what moved meanwhile is looked at again in the next round.
pub(super) async fn purge(store: &SqliteStore, what: &ToPurge, at: Millis, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    if what.is_empty() || !take_out(store, &mut tx, what, at).await? {
        tx.rollback().await?;
        return Ok(false);
    }
    store.commit(tx, log).await?;
    Ok(true)
}

async fn take_out(store: &SqliteStore, tx: &mut Tx, what: &ToPurge, at: Millis) -> R<bool> {
    for id in &what.parcels {
        let Some(sealed) = sqlx::query_scalar::<_, Vec<u8>>("SELECT sealed_order FROM parcels WHERE id = ?1")
            .bind(id.as_str())
            .fetch_optional(&mut **tx)
            .await?
        else {
            return Ok(false);
        };
        let order: Order = ORDER.open(store, id.as_str(), &sealed)?;
        let rests: Option<String> =
            sqlx::query_scalar(at_rest!(" AND p.id = ?1")).bind(id.as_str()).fetch_optional(&mut **tx).await?;
        if rests.is_none() {
            return Ok(false);
        }
        sqlx::query("UPDATE parcels SET sealed_order = ?2, twin = NULL, purged_at = ?3 WHERE id = ?1")
            .bind(id.as_str())
            .bind(ORDER.seal(store, id.as_str(), &without_people(order)))
            .bind(at.0)
            .execute(&mut **tx)
            .await?;
        let numbers = sqlx::query("SELECT id, sealed_request FROM waybills WHERE parcel_id = ?1 ORDER BY attempt")
            .bind(id.as_str())
            .fetch_all(&mut **tx)
            .await?;
        for row in numbers {
            let number: String = row.try_get("id")?;
            let request: IssueRequest = REQUEST.open(store, &number, row.try_get("sealed_request")?)?;
            let request =
                IssueRequest { sender: area(&request.sender), recipient: area(&request.recipient), ..request };
            // The hash of the request goes, too: it is not keyed, so a guess could be confirmed by it.
            sqlx::query(
                "UPDATE waybills SET sealed_request = ?2, request_hash = x'', sealed_answer = NULL WHERE id = ?1",
            )
            .bind(&number)
            .bind(REQUEST.seal(store, &number, &request))
            .execute(&mut **tx)
            .await?;
        }
        // What people typed with a copy may name the buyer.
        sqlx::query("UPDATE print_jobs SET note = '' WHERE parcel_id = ?1")
            .bind(id.as_str())
            .execute(&mut **tx)
            .await?;
    }
    for file in &what.files {
        let hash: Option<Vec<u8>> =
            sqlx::query_scalar("SELECT hash FROM carrier_files WHERE id = ?1 AND purged_at IS NULL")
                .bind(file)
                .fetch_optional(&mut **tx)
                .await?;
        let Some(hash) = hash else { return Ok(false) };
        let row = STANDARD.encode(hash);
        sqlx::query("UPDATE carrier_files SET sealed_name = ?2, sealed_file = ?3, purged_at = ?4 WHERE id = ?1")
            .bind(file)
            .bind(CARRIER_FILE_NAME.seal(store, &row, ""))
            .bind(CARRIER_FILE.seal(store, &row, ""))
            .bind(at.0)
            .execute(&mut **tx)
            .await?;
    }
    for person in &what.drafts {
        sqlx::query("DELETE FROM drafts WHERE person_id = ?1").bind(person.as_str()).execute(&mut **tx).await?;
    }
    Ok(true)
}

/// Whose data it was is not there any more; what was sent, and to which town, is.
fn without_people(order: Order) -> Order {
    Order { sender: area(&order.sender), recipient: area(&order.recipient), remark: String::new(), ..order }
}

fn area(c: &Contact) -> Contact {
    let Address { province, city, district, .. } = c.address.clone();
    Contact { address: Address { province, city, district, ..Address::default() }, ..Contact::default() }
}

/// Folds the write-ahead log in and cuts it, so that what was written over does not lie on in it; whether that is done.
pub(super) async fn cut_wal(store: &SqliteStore) -> R<bool> {
    for _ in 0..TRIES {
        let busy: i64 = sqlx::query_scalar("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&store.writer).await?;
        if busy == 0 {
            return Ok(true);
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(false)
}
