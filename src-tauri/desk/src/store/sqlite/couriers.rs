//! Couriers of grants, their settlement details, and the one that is charged by default.

use super::SqliteStore;
use super::cells::COURIER_DETAILS;
use crate::store::{Courier, Details, LogEntry, R, StoreError};
use domain::clock::Millis;
use domain::connector::CourierOffer;
use domain::ids::{CourierCode, CourierId, GrantId};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT c.id, c.grant_id, c.code, c.kind, c.branch_code, c.branch_name, c.balance, c.senders, \
             c.customer_codes, c.present, c.details_step, c.details_done, c.sealed_details FROM couriers c ",
            $rest
        )
    };
}

pub(super) async fn all(store: &SqliteStore) -> R<Vec<Courier>> {
    sqlx::query(select!("JOIN grants g ON g.id = c.grant_id WHERE g.state <> 'revoked' ORDER BY c.rowid"))
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(|row| courier(store, row))
        .collect()
}

pub(super) async fn by_id(store: &SqliteStore, id: &CourierId) -> R<Option<Courier>> {
    let row = sqlx::query(select!("WHERE c.id = ?1")).bind(id.as_str()).fetch_optional(&store.readers).await?;
    row.map(|row| courier(store, &row)).transpose()
}

pub(super) async fn load(
    store: &SqliteStore,
    grant: &GrantId,
    offers: &[CourierOffer],
    fresh: &[CourierId],
    at: Millis,
    log: &LogEntry,
) -> R<()> {
    let mut fresh = fresh.iter();
    let mut tx = store.begin().await?;
    let done = sqlx::query("UPDATE grants SET couriers_at = ?2 WHERE id = ?1")
        .bind(grant.as_str())
        .bind(at.0)
        .execute(&mut *tx)
        .await?;
    sqlx::query("UPDATE couriers SET present = 0 WHERE grant_id = ?1").bind(grant.as_str()).execute(&mut *tx).await?;
    for offer in offers {
        let known = sqlx::query(
            "UPDATE couriers SET kind = ?4, branch_name = ?5, balance = ?6, senders = ?7, customer_codes = ?8,
             present = 1 WHERE grant_id = ?1 AND code = ?2 AND branch_code = ?3",
        )
        .bind(grant.as_str())
        .bind(&offer.code.0)
        .bind(&offer.branch_code)
        .bind(offer.kind)
        .bind(&offer.branch_name)
        .bind(offer.balance)
        .bind(list(&offer.senders))
        .bind(list(&offer.customer_codes))
        .execute(&mut *tx)
        .await?;
        if known.rows_affected() > 0 {
            continue;
        }
        let id = fresh.next().ok_or_else(|| StoreError::Unreadable { what: "list of fresh courier ids".to_owned() })?;
        sqlx::query(
            "INSERT INTO couriers (id, grant_id, code, kind, branch_code, branch_name, balance, senders,
             customer_codes, present, details_step, details_done, sealed_details)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, 0, 0, NULL)",
        )
        .bind(id.as_str())
        .bind(grant.as_str())
        .bind(&offer.code.0)
        .bind(offer.kind)
        .bind(&offer.branch_code)
        .bind(&offer.branch_name)
        .bind(offer.balance)
        .bind(list(&offer.senders))
        .bind(list(&offer.customer_codes))
        .execute(&mut *tx)
        .await?;
    }
    store.commit_one(tx, done.rows_affected(), log).await
}

pub(super) async fn save_details(store: &SqliteStore, id: &CourierId, details: &Details, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    let done =
        sqlx::query("UPDATE couriers SET details_step = ?2, details_done = ?3, sealed_details = ?4 WHERE id = ?1")
            .bind(id.as_str())
            .bind(details.step)
            .bind(details.done)
            .bind(COURIER_DETAILS.seal(store, id.as_str(), details))
            .execute(&mut *tx)
            .await?;
    store.commit_one(tx, done.rows_affected(), log).await
}

pub(super) async fn default(store: &SqliteStore) -> R<Option<CourierId>> {
    let id: Option<String> = sqlx::query_scalar("SELECT courier_id FROM default_courier WHERE one = 1")
        .fetch_optional(&store.readers)
        .await?;
    Ok(id.map(CourierId::from_stored))
}

pub(super) async fn set_default(store: &SqliteStore, id: &CourierId, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO default_courier (one, courier_id) VALUES (1, ?1)
         ON CONFLICT (one) DO UPDATE SET courier_id = excluded.courier_id",
    )
    .bind(id.as_str())
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

fn list<T: Serialize>(items: &[T]) -> String {
    serde_json::to_string(items).expect("texts are always JSON")
}

fn unlist<T: DeserializeOwned>(row: &SqliteRow, column: &'static str) -> R<Vec<T>> {
    serde_json::from_str(row.try_get(column)?)
        .map_err(|_| StoreError::Unreadable { what: format!("couriers.{column}") })
}

fn courier(store: &SqliteStore, row: &SqliteRow) -> R<Courier> {
    let id: String = row.try_get("id")?;
    let sealed: Option<&[u8]> = row.try_get("sealed_details")?;
    let details: Details = match sealed {
        Some(sealed) => COURIER_DETAILS.open(store, &id, sealed)?,
        None => Details::default(),
    };
    Ok(Courier {
        id: CourierId::from_stored(id),
        grant: GrantId::from_stored(row.try_get::<String, _>("grant_id")?),
        code: CourierCode(row.try_get("code")?),
        kind: row.try_get("kind")?,
        branch_code: row.try_get("branch_code")?,
        branch_name: row.try_get("branch_name")?,
        balance: row.try_get("balance")?,
        senders: unlist(row, "senders")?,
        customer_codes: unlist(row, "customer_codes")?,
        present: row.try_get("present")?,
        details,
    })
}
