//! Grants. Tokens lie under a data key of the grant's own; erasing its wrapped form erases them wherever copies lie.

use super::cells::{
    ATTEMPT_SECRETS, ATTEMPT_TOKENS, AttemptSecrets, GRANT_KEY, GRANT_TOKENS, REVOKE_TOKENS, SealedTokens,
};
use super::{SqliteStore, Tx};
use crate::store::{Grant, GrantState, LogEntry, R, StoreError};
use domain::chance::OsChance;
use domain::clock::Millis;
use domain::connector::{ShopIdentity, Tokens};
use domain::ids::{AttemptId, GrantId, PersonId, ShopId};
use domain::renewal::Renewal;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, platform, shop_id, shop_name, state, reason, expires_at, granted_by, granted_at, \
             last_used_at, couriers_at, renewed_at, refresh_asked_at, refresh_tries, refresh_trouble, reminded FROM grants ",
            $rest
        )
    };
}

pub(super) async fn activate(
    store: &SqliteStore,
    id: &AttemptId,
    new_grant: &GrantId,
    by: &PersonId,
    at: Millis,
    log: &LogEntry,
) -> R<Option<GrantId>> {
    let mut tx = store.begin().await?;
    let held = sqlx::query(
        "SELECT platform, shop_id, shop_name, sealed_tokens FROM attempts WHERE id = ?1 AND state = 'held'",
    )
    .bind(id.as_str())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(held) = held else {
        tx.rollback().await?;
        return Ok(None);
    };
    let sealed: Option<Vec<u8>> = held.try_get("sealed_tokens")?;
    let sealed = sealed.ok_or_else(|| StoreError::Unreadable { what: "attempts.sealed_tokens".to_owned() })?;
    let tokens: SealedTokens = ATTEMPT_TOKENS.open(store, id.as_str(), &sealed)?;
    let (platform, shop_id): (String, String) = (held.try_get("platform")?, held.try_get("shop_id")?);
    let shop_name: String = held.try_get("shop_name")?;
    let known: Option<String> =
        sqlx::query_scalar("SELECT id FROM grants WHERE platform = ?1 AND shop_id = ?2 AND state <> 'revoked'")
            .bind(&platform)
            .bind(&shop_id)
            .fetch_optional(&mut *tx)
            .await?;
    let known = known.map(GrantId::from_stored);
    let renews = known.is_some();
    let grant = known.unwrap_or_else(|| new_grant.clone());
    // A fresh key each time: what the old tokens were sealed with ends here.
    let key = store.vault.new_data_key(&OsChance);
    let sealed_tokens = GRANT_TOKENS.seal_under(store, &key, grant.as_str(), &tokens);
    let sql = if renews {
        "UPDATE grants SET shop_name = ?4, state = 'active', reason = '', sealed_key = ?5, sealed_tokens = ?6,
         expires_at = ?7, granted_by = ?8, granted_at = ?9, renewed_at = NULL, refresh_asked_at = NULL,
         refresh_tries = 0, refresh_trouble = '', sealed_old_tokens = NULL, reminded = 0 WHERE id = ?1 AND platform = ?2 AND shop_id = ?3"
    } else {
        "INSERT INTO grants (id, platform, shop_id, shop_name, state, reason, sealed_key, sealed_tokens, expires_at,
         granted_by, granted_at, last_used_at, couriers_at, revoke_pending)
         VALUES (?1, ?2, ?3, ?4, 'active', '', ?5, ?6, ?7, ?8, ?9, NULL, NULL, 0)"
    };
    sqlx::query(sql)
        .bind(grant.as_str())
        .bind(platform)
        .bind(shop_id)
        .bind(shop_name)
        .bind(GRANT_KEY.wrap(store, &key, grant.as_str()))
        .bind(sealed_tokens)
        .bind(Tokens::from(tokens).access_expires.map(|t| t.0))
        .bind(by.as_str())
        .bind(at.0)
        .execute(&mut *tx)
        .await?;
    sqlx::query(
        "UPDATE attempts SET state = 'active', grant_id = ?2, sealed_secrets = ?3, sealed_tokens = NULL WHERE id = ?1",
    )
    .bind(id.as_str())
    .bind(grant.as_str())
    .bind(ATTEMPT_SECRETS.seal(store, id.as_str(), &AttemptSecrets::empty()))
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await?;
    Ok(Some(grant))
}

pub(super) async fn all(store: &SqliteStore) -> R<Vec<Grant>> {
    sqlx::query(select!("ORDER BY granted_at DESC, rowid DESC"))
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(grant)
        .collect()
}

pub(super) async fn by_id(store: &SqliteStore, id: &GrantId) -> R<Option<Grant>> {
    let row = sqlx::query(select!("WHERE id = ?1")).bind(id.as_str()).fetch_optional(&store.readers).await?;
    row.as_ref().map(grant).transpose()
}

pub(super) async fn of_shop(store: &SqliteStore, platform: &str, shop: &ShopIdentity) -> R<Option<Grant>> {
    let row = sqlx::query(select!("WHERE platform = ?1 AND shop_id = ?2 AND state <> 'revoked'"))
        .bind(platform)
        .bind(&shop.id.0)
        .fetch_optional(&store.readers)
        .await?;
    row.as_ref().map(grant).transpose()
}

pub(super) async fn tokens(store: &SqliteStore, id: &GrantId) -> R<Option<Tokens>> {
    let row = sqlx::query(
        "SELECT sealed_key, sealed_tokens FROM grants
         WHERE id = ?1 AND sealed_key IS NOT NULL AND sealed_tokens IS NOT NULL",
    )
    .bind(id.as_str())
    .fetch_optional(&store.readers)
    .await?;
    row.map(|row| unsealed(store, id, &row)).transpose()
}

pub(super) fn unsealed(store: &SqliteStore, id: &GrantId, row: &SqliteRow) -> R<Tokens> {
    let key = GRANT_KEY.unwrap(store, id.as_str(), row.try_get("sealed_key")?)?;
    GRANT_TOKENS.open_under(store, &key, id.as_str(), row.try_get("sealed_tokens")?).map(SealedTokens::into)
}

/// Not into `revoked`, which is [`erase`], and not out of it, because nothing is left then.
pub(super) async fn shift(
    store: &SqliteStore,
    id: &GrantId,
    from: GrantState,
    to: GrantState,
    reason: &str,
    log: &LogEntry,
) -> R<bool> {
    if from == GrantState::Revoked || to == GrantState::Revoked {
        return Ok(false);
    }
    let mut tx = store.begin().await?;
    let done = sqlx::query("UPDATE grants SET state = ?3, reason = ?4 WHERE id = ?1 AND state = ?2")
        .bind(id.as_str())
        .bind(from.word())
        .bind(to.word())
        .bind(reason)
        .execute(&mut *tx)
        .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

pub(super) async fn used(store: &SqliteStore, id: &GrantId, at: Millis) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query("UPDATE grants SET last_used_at = ?2, sealed_old_tokens = NULL WHERE id = ?1")
        .bind(id.as_str())
        .bind(at.0)
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

pub(super) async fn erase(store: &SqliteStore, id: &GrantId, pending: bool, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    let owed = if pending { owed(store, &mut tx, id).await? } else { None };
    let done = sqlx::query(
        "UPDATE grants SET state = 'revoked', sealed_key = NULL, sealed_tokens = ?2, sealed_old_tokens = NULL, revoke_pending = ?3
         WHERE id = ?1 AND state <> 'revoked'",
    )
    .bind(id.as_str())
    .bind(owed.as_deref())
    .bind(owed.is_some())
    .execute(&mut *tx)
    .await?;
    sqlx::query("DELETE FROM default_courier WHERE courier_id IN (SELECT id FROM couriers WHERE grant_id = ?1)")
        .bind(id.as_str())
        .execute(&mut *tx)
        .await?;
    let erased = store.commit_if(tx, done.rows_affected(), log).await?;
    if erased {
        store.flush_wal().await;
    }
    Ok(erased)
}

/// The tokens again, sealed under the master key for the call that is still to be made.
async fn owed(store: &SqliteStore, tx: &mut Tx, id: &GrantId) -> R<Option<Vec<u8>>> {
    let row = sqlx::query(
        "SELECT sealed_key, sealed_tokens FROM grants
         WHERE id = ?1 AND sealed_key IS NOT NULL AND sealed_tokens IS NOT NULL",
    )
    .bind(id.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let tokens = unsealed(store, id, &row)?;
    Ok(Some(REVOKE_TOKENS.seal(store, id.as_str(), &SealedTokens::from(&tokens))))
}

pub(super) async fn revokes_owed(store: &SqliteStore) -> R<Vec<(Grant, Tokens)>> {
    sqlx::query(
        "SELECT id, platform, shop_id, shop_name, state, reason, expires_at, granted_by, granted_at, last_used_at,
         couriers_at, renewed_at, refresh_asked_at, refresh_tries, refresh_trouble, reminded, sealed_tokens FROM grants
         WHERE revoke_pending = 1 AND sealed_tokens IS NOT NULL ORDER BY rowid",
    )
    .fetch_all(&store.readers)
    .await?
    .iter()
    .map(|row| {
        let grant = grant(row)?;
        let tokens: SealedTokens = REVOKE_TOKENS.open(store, grant.id.as_str(), row.try_get("sealed_tokens")?)?;
        Ok((grant, tokens.into()))
    })
    .collect()
}

/// A second settling of the same debt writes nothing, not even a log row.
pub(super) async fn settled(store: &SqliteStore, id: &GrantId, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    let done = sqlx::query(
        "UPDATE grants SET revoke_pending = 0, sealed_tokens = NULL
         WHERE id = ?1 AND state = 'revoked' AND revoke_pending = 1",
    )
    .bind(id.as_str())
    .execute(&mut *tx)
    .await?;
    if store.commit_if(tx, done.rows_affected(), log).await? {
        store.flush_wal().await;
    }
    Ok(())
}

fn grant(row: &SqliteRow) -> R<Grant> {
    let state: &str = row.try_get("state")?;
    let time = |column| row.try_get::<Option<i64>, _>(column).map(|t| t.map(Millis));
    let (granted_at, expires_at) = (Millis(row.try_get("granted_at")?), time("expires_at")?);
    Ok(Grant {
        renewal: Renewal {
            since: time("renewed_at")?.unwrap_or(granted_at),
            expires: expires_at,
            asked: time("refresh_asked_at")?,
            tries: row.try_get("refresh_tries")?,
            trouble: row.try_get("refresh_trouble")?,
        },
        reminded: row.try_get("reminded")?,
        id: GrantId::from_stored(row.try_get::<String, _>("id")?),
        platform: row.try_get("platform")?,
        shop_id: ShopId(row.try_get("shop_id")?),
        shop_name: row.try_get("shop_name")?,
        state: GrantState::from_word(state)
            .ok_or_else(|| StoreError::Unreadable { what: "grants.state".to_owned() })?,
        reason: row.try_get("reason")?,
        expires_at,
        granted_by: PersonId::from_stored(row.try_get::<String, _>("granted_by")?),
        granted_at,
        last_used_at: time("last_used_at")?,
        couriers_at: time("couriers_at")?,
    })
}
