//! The owner's apps, and attempts to get a grant.
//!
//! An attempt that is over keeps no secret: its box is sealed anew with nothing in it, its tokens are gone. The keyed
//! hash of its `state` stays, so that a late answer is known for what it is.

use super::SqliteStore;
use super::cells::{APP_SECRET, ATTEMPT_SECRETS, ATTEMPT_TOKENS, AttemptSecrets, SealedSecret, SealedTokens};
use crate::store::{App, Attempt, AttemptChange, LogEntry, R, StoreError};
use domain::attempt::AttemptState;
use domain::clock::Millis;
use domain::connector::{ShopIdentity, Tokens};
use domain::ids::{AttemptId, GrantId, PersonId, ShopId};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT id, platform, way, state, reason, hint, sealed_secrets, redirect, asked_by, renews, door, \
             created_at, expires_at, shop_id, shop_name, grant_id FROM attempts ",
            $rest
        )
    };
}

pub(super) async fn app(store: &SqliteStore, platform: &str) -> R<Option<App>> {
    let row = sqlx::query(
        "SELECT platform, app_key, sealed_secret, callback, entered_by, entered_at FROM apps WHERE platform = ?1",
    )
    .bind(platform)
    .fetch_optional(&store.readers)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let secret: SealedSecret = APP_SECRET.open(store, platform, row.try_get("sealed_secret")?)?;
    Ok(Some(App {
        platform: row.try_get("platform")?,
        key: row.try_get("app_key")?,
        secret: secret.0,
        callback: row.try_get("callback")?,
        entered_by: PersonId::from_stored(row.try_get::<String, _>("entered_by")?),
        entered_at: Millis(row.try_get("entered_at")?),
    }))
}

pub(super) async fn set_app(store: &SqliteStore, app: &App, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO apps (platform, app_key, sealed_secret, callback, entered_by, entered_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (platform) DO UPDATE SET app_key = excluded.app_key, sealed_secret = excluded.sealed_secret,
         callback = excluded.callback, entered_by = excluded.entered_by, entered_at = excluded.entered_at",
    )
    .bind(&app.platform)
    .bind(&app.key)
    .bind(APP_SECRET.seal(store, &app.platform, &SealedSecret(app.secret.clone())))
    .bind(&app.callback)
    .bind(app.entered_by.as_str())
    .bind(app.entered_at.0)
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

fn state_hash(store: &SqliteStore, state: &str) -> Vec<u8> {
    store.vault.index("attempt.state", state).to_vec()
}

pub(super) async fn add(store: &SqliteStore, a: &Attempt, log: &LogEntry) -> R<()> {
    let secrets =
        AttemptSecrets { state: SealedSecret(a.secret_state.clone()), verifier: SealedSecret(a.verifier.clone()) };
    let (shop_id, shop_name) = a.shop.as_ref().map_or(("", ""), |s| (&s.id.0, &s.name));
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO attempts (id, platform, way, state, reason, hint, state_hash, sealed_secrets, redirect, asked_by,
         renews, door, created_at, expires_at, shop_id, shop_name, sealed_tokens, grant_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, NULL, ?17)",
    )
    .bind(a.id.as_str())
    .bind(&a.platform)
    .bind(&a.way)
    .bind(a.state.word())
    .bind(&a.reason)
    .bind(&a.hint)
    .bind(state_hash(store, a.secret_state.reveal()))
    .bind(ATTEMPT_SECRETS.seal(store, a.id.as_str(), &secrets))
    .bind(&a.redirect)
    .bind(a.asked_by.as_str())
    .bind(a.renews.as_ref().map(GrantId::as_str))
    .bind(&a.door)
    .bind(a.created_at.0)
    .bind(a.expires_at.0)
    .bind(shop_id)
    .bind(shop_name)
    .bind(a.grant.as_ref().map(GrantId::as_str))
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

pub(super) async fn by_id(store: &SqliteStore, id: &AttemptId) -> R<Option<Attempt>> {
    let row = sqlx::query(select!("WHERE id = ?1")).bind(id.as_str()).fetch_optional(&store.readers).await?;
    row.map(|row| attempt(store, &row)).transpose()
}

pub(super) async fn by_state(store: &SqliteStore, state: &str) -> R<Option<Attempt>> {
    let row = sqlx::query(select!("WHERE state_hash = ?1"))
        .bind(state_hash(store, state))
        .fetch_optional(&store.readers)
        .await?;
    row.map(|row| attempt(store, &row)).transpose()
}

pub(super) async fn not_over(store: &SqliteStore) -> R<Vec<Attempt>> {
    sqlx::query(select!("WHERE state IN ('open', 'received', 'exchanging', 'held') ORDER BY created_at, rowid"))
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(|row| attempt(store, row))
        .collect()
}

pub(super) async fn shift(
    store: &SqliteStore,
    id: &AttemptId,
    from: AttemptState,
    to: AttemptState,
    change: &AttemptChange,
    log: &LogEntry,
) -> R<bool> {
    let over = to.is_over();
    let shop = change.tokens.as_ref().map(|(_, shop)| shop);
    let tokens = change.tokens.as_ref().filter(|_| !over);
    let mut tx = store.begin().await?;
    let done = sqlx::query(
        "UPDATE attempts SET state = ?3, reason = coalesce(?4, reason), hint = coalesce(?5, hint),
         door = coalesce(?6, door), shop_id = coalesce(?7, shop_id), shop_name = coalesce(?8, shop_name),
         sealed_secrets = coalesce(?9, sealed_secrets),
         sealed_tokens = CASE WHEN ?10 THEN NULL ELSE coalesce(?11, sealed_tokens) END
         WHERE id = ?1 AND state = ?2",
    )
    .bind(id.as_str())
    .bind(from.word())
    .bind(to.word())
    .bind(change.reason.as_deref())
    .bind(change.hint.as_deref())
    .bind(change.door.as_deref())
    .bind(shop.map(|s| s.id.0.as_str()))
    .bind(shop.map(|s| s.name.as_str()))
    .bind(over.then(|| ATTEMPT_SECRETS.seal(store, id.as_str(), &AttemptSecrets::empty())))
    .bind(over)
    .bind(tokens.map(|(t, _)| ATTEMPT_TOKENS.seal(store, id.as_str(), &SealedTokens::from(t))))
    .execute(&mut *tx)
    .await?;
    store.commit_if(tx, done.rows_affected(), log).await
}

pub(super) async fn tokens(store: &SqliteStore, id: &AttemptId) -> R<Option<Tokens>> {
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed_tokens FROM attempts WHERE id = ?1 AND sealed_tokens IS NOT NULL")
            .bind(id.as_str())
            .fetch_optional(&store.readers)
            .await?;
    sealed.map(|sealed| ATTEMPT_TOKENS.open(store, id.as_str(), &sealed).map(SealedTokens::into)).transpose()
}

fn attempt(store: &SqliteStore, row: &SqliteRow) -> R<Attempt> {
    let id: String = row.try_get("id")?;
    let state: &str = row.try_get("state")?;
    let shop_id: String = row.try_get("shop_id")?;
    let secrets: AttemptSecrets = ATTEMPT_SECRETS.open(store, &id, row.try_get("sealed_secrets")?)?;
    let grant = |column| row.try_get::<Option<String>, _>(column).map(|g| g.map(GrantId::from_stored));
    Ok(Attempt {
        id: AttemptId::from_stored(id),
        platform: row.try_get("platform")?,
        way: row.try_get("way")?,
        state: AttemptState::from_word(state)
            .ok_or_else(|| StoreError::Unreadable { what: "attempts.state".to_owned() })?,
        reason: row.try_get("reason")?,
        hint: row.try_get("hint")?,
        secret_state: secrets.state.0,
        verifier: secrets.verifier.0,
        redirect: row.try_get("redirect")?,
        asked_by: PersonId::from_stored(row.try_get::<String, _>("asked_by")?),
        renews: grant("renews")?,
        door: row.try_get("door")?,
        created_at: Millis(row.try_get("created_at")?),
        expires_at: Millis(row.try_get("expires_at")?),
        shop: match shop_id.is_empty() {
            true => None,
            false => Some(ShopIdentity { id: ShopId(shop_id), name: row.try_get("shop_name")? }),
        },
        grant: grant("grant_id")?,
    })
}
