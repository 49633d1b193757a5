//! People, their failed logins, their terminal sessions.

use super::SqliteStore;
use crate::rights::Role;
use crate::store::{LogEntry, Person, R, StoreError, fold_name};
use domain::clock::Millis;
use domain::ids::PersonId;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

/// Names under which somebody failed to log in are kept as keyed hashes: people type passwords there.
fn name_hash(store: &SqliteStore, name: &str) -> Vec<u8> {
    store.vault.index("login", &fold_name(name)).to_vec()
}

fn token_hash(store: &SqliteStore, token: &str) -> Vec<u8> {
    store.vault.index("session", token).to_vec()
}

pub(super) async fn all(store: &SqliteStore) -> R<Vec<Person>> {
    sqlx::query("SELECT id, name, role, password_phc, created_at, last_login_at FROM people ORDER BY created_at, rowid")
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(person)
        .collect()
}

pub(super) async fn named(store: &SqliteStore, name: &str) -> R<Option<Person>> {
    sqlx::query("SELECT id, name, role, password_phc, created_at, last_login_at FROM people WHERE name_folded = ?1")
        .bind(fold_name(name))
        .fetch_optional(&store.readers)
        .await?
        .as_ref()
        .map(person)
        .transpose()
}

pub(super) async fn by_id(store: &SqliteStore, id: &PersonId) -> R<Option<Person>> {
    sqlx::query("SELECT id, name, role, password_phc, created_at, last_login_at FROM people WHERE id = ?1")
        .bind(id.as_str())
        .fetch_optional(&store.readers)
        .await?
        .as_ref()
        .map(person)
        .transpose()
}

pub(super) async fn add(store: &SqliteStore, person: &Person, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO people (id, name, name_folded, role, password_phc, created_at, last_login_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )
    .bind(person.id.as_str())
    .bind(&person.name)
    .bind(fold_name(&person.name))
    .bind(person.role.word())
    .bind(&person.password_phc)
    .bind(person.created_at.0)
    .bind(person.last_login_at.map(|t| t.0))
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

pub(super) async fn logged_in(
    store: &SqliteStore,
    id: &PersonId,
    at: Millis,
    new_phc: Option<&str>,
    log: &LogEntry,
) -> R<()> {
    let mut tx = store.begin().await?;
    let name: Option<String> = sqlx::query_scalar(
        "UPDATE people SET last_login_at = ?2, password_phc = coalesce(?3, password_phc) WHERE id = ?1 RETURNING name",
    )
    .bind(id.as_str())
    .bind(at.0)
    .bind(new_phc)
    .fetch_optional(&mut *tx)
    .await?;
    let Some(name) = name else { return store.commit_one(tx, 0, log).await };
    sqlx::query("DELETE FROM login_tries WHERE name_hash = ?1").bind(name_hash(store, &name)).execute(&mut *tx).await?;
    // Somebody's login is as good a moment as any to forget sessions that have ended by themselves.
    sqlx::query("DELETE FROM sessions WHERE expires_at <= ?1").bind(at.0).execute(&mut *tx).await?;
    store.commit(tx, log).await
}

pub(super) async fn tries(store: &SqliteStore, name: &str) -> R<(u32, Millis)> {
    let row = sqlx::query("SELECT failures, wait_until FROM login_tries WHERE name_hash = ?1")
        .bind(name_hash(store, name))
        .fetch_optional(&store.readers)
        .await?;
    match row {
        Some(row) => Ok((row.try_get("failures")?, Millis(row.try_get("wait_until")?))),
        None => Ok((0, Millis(0))),
    }
}

pub(super) async fn failed(
    store: &SqliteStore,
    name: &str,
    failures: u32,
    wait_until: Millis,
    log: &LogEntry,
) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO login_tries (name_hash, failures, wait_until) VALUES (?1, ?2, ?3)
         ON CONFLICT (name_hash) DO UPDATE SET failures = excluded.failures, wait_until = excluded.wait_until",
    )
    .bind(name_hash(store, name))
    .bind(failures)
    .bind(wait_until.0)
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

pub(super) async fn add_session(store: &SqliteStore, token: &str, person: &PersonId, expires: Millis) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query("INSERT INTO sessions (token_hash, person_id, expires_at) VALUES (?1, ?2, ?3)")
        .bind(token_hash(store, token))
        .bind(person.as_str())
        .bind(expires.0)
        .execute(&mut *tx)
        .await?;
    Ok(tx.commit().await?)
}

pub(super) async fn session(store: &SqliteStore, token: &str, now: Millis) -> R<Option<Person>> {
    sqlx::query(
        "SELECT p.id, p.name, p.role, p.password_phc, p.created_at, p.last_login_at
         FROM sessions s JOIN people p ON p.id = s.person_id WHERE s.token_hash = ?1 AND s.expires_at > ?2",
    )
    .bind(token_hash(store, token))
    .bind(now.0)
    .fetch_optional(&store.readers)
    .await?
    .as_ref()
    .map(person)
    .transpose()
}

pub(super) async fn end_sessions(store: &SqliteStore, person: &PersonId, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query("DELETE FROM sessions WHERE person_id = ?1").bind(person.as_str()).execute(&mut *tx).await?;
    store.commit(tx, log).await
}

fn person(row: &SqliteRow) -> R<Person> {
    let role: &str = row.try_get("role")?;
    Ok(Person {
        id: PersonId::from_stored(row.try_get::<String, _>("id")?),
        name: row.try_get("name")?,
        role: Role::from_word(role).ok_or_else(|| StoreError::Unreadable { what: "people.role".to_owned() })?,
        password_phc: row.try_get("password_phc")?,
        created_at: Millis(row.try_get("created_at")?),
        last_login_at: row.try_get::<Option<i64>, _>("last_login_at")?.map(Millis),
    })
}
