//! Renewal of grants: showings of refresh tokens, counted before they are made, and what came of them.

use super::cells::{GRANT_KEY, GRANT_OLD_TOKENS, GRANT_TOKENS, SealedTokens};
use super::{SqliteStore, Tx, grants};
use crate::store::{LogEntry, R, RefreshEnd};
use domain::clock::Millis;
use domain::connector::Tokens;
use domain::ids::GrantId;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

pub(super) async fn asked(store: &SqliteStore, id: &GrantId, at: Millis, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    let done = sqlx::query(
        "UPDATE grants SET refresh_asked_at = ?2, refresh_tries = refresh_tries + 1, refresh_trouble = ''
         WHERE id = ?1 AND state = 'active'",
    )
    .bind(id.as_str())
    .bind(at.0)
    .execute(&mut *tx)
    .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

/// The grant as long as a showing is open.
async fn open(tx: &mut Tx, id: &GrantId) -> R<Option<SqliteRow>> {
    let row = sqlx::query(
        "SELECT sealed_key, sealed_tokens, sealed_old_tokens FROM grants
         WHERE id = ?1 AND refresh_tries > 0 AND sealed_key IS NOT NULL AND sealed_tokens IS NOT NULL",
    )
    .bind(id.as_str())
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row)
}

pub(super) async fn done(store: &SqliteStore, id: &GrantId, tokens: &Tokens, at: Millis, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    let Some(row) = open(&mut tx, id).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    let old = SealedTokens::from(&grants::unsealed(store, id, &row)?);
    let key = GRANT_KEY.unwrap(store, id.as_str(), row.try_get("sealed_key")?)?;
    let done = sqlx::query(
        "UPDATE grants SET sealed_tokens = ?2, sealed_old_tokens = ?3, expires_at = ?4, renewed_at = ?5,
         refresh_asked_at = NULL, refresh_tries = 0, refresh_trouble = '', reminded = 0 WHERE id = ?1",
    )
    .bind(id.as_str())
    .bind(GRANT_TOKENS.seal_under(store, &key, id.as_str(), &SealedTokens::from(tokens)))
    .bind(GRANT_OLD_TOKENS.seal_under(store, &key, id.as_str(), &old))
    .bind(tokens.access_expires.map(|t| t.0))
    .bind(at.0)
    .execute(&mut *tx)
    .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

pub(super) async fn ended(store: &SqliteStore, id: &GrantId, end: RefreshEnd, log: &LogEntry) -> R<bool> {
    let (left, trouble) = match end {
        RefreshEnd::NothingDone => ("refresh_tries - 1", ""),
        RefreshEnd::Trouble(word) => ("0", word),
    };
    let mut tx = store.begin().await?;
    let sql =
        format!("UPDATE grants SET refresh_tries = {left}, refresh_trouble = ?2 WHERE id = ?1 AND refresh_tries > 0");
    let done = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(id.as_str()).bind(trouble).execute(&mut *tx).await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

pub(super) async fn put_back(store: &SqliteStore, id: &GrantId, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    let row = sqlx::query(
        "SELECT sealed_key, sealed_old_tokens FROM grants
         WHERE id = ?1 AND sealed_key IS NOT NULL AND sealed_old_tokens IS NOT NULL",
    )
    .bind(id.as_str())
    .fetch_optional(&mut *tx)
    .await?;
    let Some(row) = row else {
        tx.rollback().await?;
        return Ok(false);
    };
    let key = GRANT_KEY.unwrap(store, id.as_str(), row.try_get("sealed_key")?)?;
    let old: SealedTokens = GRANT_OLD_TOKENS.open_under(store, &key, id.as_str(), row.try_get("sealed_old_tokens")?)?;
    let old = Tokens::from(old);
    // Its refresh token was shown already: it is not shown again.
    let done = sqlx::query(
        "UPDATE grants SET sealed_tokens = ?2, sealed_old_tokens = NULL, expires_at = ?3, refresh_tries = 0,
         refresh_trouble = 'refused' WHERE id = ?1",
    )
    .bind(id.as_str())
    .bind(GRANT_TOKENS.seal_under(store, &key, id.as_str(), &SealedTokens::from(&old)))
    .bind(old.access_expires.map(|t| t.0))
    .execute(&mut *tx)
    .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

pub(super) async fn reminded(store: &SqliteStore, id: &GrantId, days: u8, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    let done = sqlx::query("UPDATE grants SET reminded = ?2 WHERE id = ?1 AND (reminded = 0 OR reminded > ?2)")
        .bind(id.as_str())
        .bind(days)
        .execute(&mut *tx)
        .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}
