//! Attempts to get a number. The schema's index `one_live_number` is the rule of the house; here it gets its name.

use super::cells::{ANSWER, REQUEST, json};
use super::{SqliteStore, Tx, prints};
use crate::store::{Answer, LogEntry, NewWaybill, R, StoreError, Waybill, WaybillChange};
use domain::clock::Millis;
use domain::connector::PrintData;
use domain::ids::{BatchId, CourierCode, CourierId, GrantId, ParcelId, PersonId, WaybillId, WaybillNo};
use domain::waybill::WaybillState;
use sha2::{Digest, Sha256};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, parcel_id, attempt, state, grant_id, courier_id, courier_code, shop_name, asked_by, \
             sealed_request, number, print_kind, component, reason, hint, asked, not_found, sent_at, next_ask_at, \
             created_at, ended_at, batch_id FROM waybills ",
            $rest
        )
    };
}

/// Within the caller's step.
pub(super) async fn insert(store: &SqliteStore, tx: &mut Tx, w: &NewWaybill) -> R<()> {
    let request_hash = Sha256::digest(json(&w.request));
    sqlx::query(
        "INSERT INTO waybills (id, parcel_id, attempt, submit_key, state, grant_id, courier_id, courier_code, shop_name,
         asked_by, request_hash, sealed_request, number, print_kind, component, sealed_answer, reason, hint, asked,
         not_found, sent_at, next_ask_at, created_at, ended_at, batch_id)
         VALUES (?1, ?2, ?3, ?4, 'intent', ?5, ?6, ?7, ?8, ?9, ?10, ?11, '', '', '', NULL, '', '', 0, 0, NULL, NULL,
         ?12, NULL, ?13)",
    )
    .bind(w.id.as_str())
    .bind(w.parcel.as_str())
    .bind(w.attempt)
    .bind(&w.submit_key)
    .bind(w.grant.as_str())
    .bind(w.courier.as_str())
    .bind(&w.courier_code.0)
    .bind(&w.shop_name)
    .bind(w.asked_by.as_str())
    .bind(request_hash.to_vec())
    .bind(REQUEST.seal(store, w.id.as_str(), &w.request))
    .bind(w.created_at.0)
    .bind(w.batch.as_ref().map_or("", |b| b.as_str()))
    .execute(&mut **tx)
    .await?;
    // From now on it does not wait among the ready orders.
    sqlx::query("UPDATE parcels SET ready = 0 WHERE id = ?1 AND ready = 1")
        .bind(w.parcel.as_str())
        .execute(&mut **tx)
        .await?;
    Ok(())
}

pub(super) async fn add(store: &SqliteStore, waybill: &NewWaybill, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    insert(store, &mut tx, waybill).await?;
    store.commit(tx, log).await
}

pub(super) async fn of_parcel(store: &SqliteStore, parcel: &ParcelId) -> R<Vec<Waybill>> {
    sqlx::query(select!("WHERE parcel_id = ?1 ORDER BY attempt"))
        .bind(parcel.as_str())
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(|row| waybill(store, row))
        .collect()
}

pub(super) async fn by_id(store: &SqliteStore, id: &WaybillId) -> R<Option<Waybill>> {
    let row = sqlx::query(select!("WHERE id = ?1")).bind(id.as_str()).fetch_optional(&store.readers).await?;
    row.map(|row| waybill(store, &row)).transpose()
}

pub(super) async fn in_states(store: &SqliteStore, states: &[WaybillState], limit: u32) -> R<Vec<Waybill>> {
    let words: Vec<&str> = states.iter().map(|s| s.word()).collect();
    sqlx::query(select!("WHERE state IN (SELECT value FROM json_each(?1)) ORDER BY created_at, rowid LIMIT ?2"))
        .bind(serde_json::to_string(&words).expect("words are always JSON"))
        .bind(limit)
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(|row| waybill(store, row))
        .collect()
}

pub(super) async fn shift(
    store: &SqliteStore,
    id: &WaybillId,
    from: WaybillState,
    to: WaybillState,
    change: &WaybillChange,
    log: &LogEntry,
) -> R<bool> {
    let issued = change.issued.as_ref();
    let kind = issued.map(|(_, answer)| kind(&answer.print));
    let mut tx = store.begin().await?;
    let done = sqlx::query(
        "UPDATE waybills SET state = ?3, number = coalesce(?4, number), print_kind = coalesce(?5, print_kind),
         component = coalesce(?6, component), sealed_answer = coalesce(?7, sealed_answer),
         reason = coalesce(?8, reason), hint = coalesce(?9, hint), sent_at = coalesce(?10, sent_at),
         next_ask_at = CASE WHEN ?11 THEN ?12 ELSE next_ask_at END,
         ended_at = CASE WHEN ?13 THEN ?14 ELSE ended_at END
         WHERE id = ?1 AND state = ?2",
    )
    .bind(id.as_str())
    .bind(from.word())
    .bind(to.word())
    .bind(issued.map(|(number, _)| number.0.as_str()))
    .bind(kind.map(|(kind, _)| kind))
    .bind(kind.map(|(_, component)| component))
    .bind(issued.map(|(_, answer)| ANSWER.seal(store, id.as_str(), answer)))
    .bind(change.reason.as_deref())
    .bind(change.hint.as_deref())
    .bind(change.sent_at.map(|t| t.0))
    .bind(change.next_ask_at.is_some())
    .bind(change.next_ask_at.flatten().map(|t| t.0))
    .bind(change.ended_at.is_some())
    .bind(change.ended_at.flatten().map(|t| t.0))
    .execute(&mut *tx)
    .await?;
    if let Some(job) = change.queue.as_ref().filter(|_| done.rows_affected() > 0) {
        prints::insert(&mut tx, job).await?;
    }
    // What the platform said was left counts on, until it is asked again. A number found by looking it up may be in that
    // figure already.
    if issued.is_some() && from == WaybillState::InFlight && done.rows_affected() > 0 {
        sqlx::query(
            "UPDATE couriers SET balance = balance - 1
             WHERE balance > 0 AND id = (SELECT courier_id FROM waybills WHERE id = ?1)",
        )
        .bind(id.as_str())
        .execute(&mut *tx)
        .await?;
    }
    store.commit_if(tx, done.rows_affected(), log).await
}

/// What was in the way stands in `hint` until something newer does.
pub(super) async fn asked(
    store: &SqliteStore,
    id: &WaybillId,
    asked: u32,
    not_found: u32,
    next: Option<Millis>,
    trouble: &str,
) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "UPDATE waybills SET asked = ?2, not_found = ?3, next_ask_at = ?4, hint = CASE ?5 WHEN '' THEN hint ELSE ?5 END
         WHERE id = ?1",
    )
    .bind(id.as_str())
    .bind(asked)
    .bind(not_found)
    .bind(next.map(|t| t.0))
    .bind(trouble)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

pub(super) async fn answer(store: &SqliteStore, id: &WaybillId) -> R<Option<Answer>> {
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed_answer FROM waybills WHERE id = ?1 AND sealed_answer IS NOT NULL")
            .bind(id.as_str())
            .fetch_optional(&store.readers)
            .await?;
    sealed.map(|sealed| ANSWER.open(store, id.as_str(), &sealed)).transpose()
}

/// What to print, as words for lists: kind and component.
fn kind(print: &PrintData) -> (&'static str, &str) {
    match print {
        PrintData::Plain(_) => ("plain", ""),
        PrintData::Encrypted { component, .. } => ("encrypted", component),
        PrintData::Missing => ("missing", ""),
    }
}

fn waybill(store: &SqliteStore, row: &SqliteRow) -> R<Waybill> {
    let id: String = row.try_get("id")?;
    let state: &str = row.try_get("state")?;
    let number: String = row.try_get("number")?;
    let time = |column| row.try_get::<Option<i64>, _>(column).map(|t| t.map(Millis));
    Ok(Waybill {
        request: REQUEST.open(store, &id, row.try_get("sealed_request")?)?,
        id: WaybillId::from_stored(id),
        parcel: ParcelId::from_stored(row.try_get::<String, _>("parcel_id")?),
        attempt: row.try_get("attempt")?,
        state: WaybillState::from_word(state)
            .ok_or_else(|| StoreError::Unreadable { what: "waybills.state".to_owned() })?,
        grant: GrantId::from_stored(row.try_get::<String, _>("grant_id")?),
        courier: CourierId::from_stored(row.try_get::<String, _>("courier_id")?),
        courier_code: CourierCode(row.try_get("courier_code")?),
        shop_name: row.try_get("shop_name")?,
        asked_by: PersonId::from_stored(row.try_get::<String, _>("asked_by")?),
        number: (!number.is_empty()).then_some(WaybillNo(number)),
        print_kind: row.try_get("print_kind")?,
        component: row.try_get("component")?,
        reason: row.try_get("reason")?,
        hint: row.try_get("hint")?,
        asked: row.try_get("asked")?,
        not_found: row.try_get("not_found")?,
        sent_at: time("sent_at")?,
        next_ask_at: time("next_ask_at")?,
        created_at: Millis(row.try_get("created_at")?),
        ended_at: time("ended_at")?,
        batch: Some(row.try_get::<String, _>("batch_id")?).filter(|b| !b.is_empty()).map(BatchId::from_stored),
    })
}
