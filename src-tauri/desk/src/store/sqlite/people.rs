//! People, their posts, their failed logins, their terminal sessions.

use super::{SqliteStore, cells};
use crate::rights::{OWNER, Permission};
use crate::store::{Badge, LogEntry, Person, PersonChange, PersonKeys, Post, R, StoreError, fold_name};
use domain::clock::Millis;
use domain::ids::PersonId;
use domain::secret::Secret;
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, Row};

/// What [`person`] reads, of the table `p`.
const COLUMNS: &str = "p.id, p.name, p.post, p.extra, p.sealed_card, p.password_phc, p.password_at, p.password_strong, p.created_at,
    p.last_login_at, p.departed_at, p.certify_from, p.certified_at, p.certified_how, p.sealed_totp IS NOT NULL AS has_totp,
    p.hours, p.login_method, p.pin_phc <> '' AS has_pin, p.badge_at, p.badge_own, p.checked_at";

/// Names under which somebody failed to log in are kept as keyed hashes: people type passwords there.
fn name_hash(store: &SqliteStore, name: &str) -> Vec<u8> {
    store.vault.index("login", &fold_name(name)).to_vec()
}

fn badge_hash(store: &SqliteStore, code: &str) -> Vec<u8> {
    store.vault.index("badge", code).to_vec()
}

fn token_hash(store: &SqliteStore, token: &str) -> Vec<u8> {
    store.vault.index("session", token).to_vec()
}

pub(super) async fn all(store: &SqliteStore) -> R<Vec<Person>> {
    sqlx::query(AssertSqlSafe(format!("SELECT {COLUMNS} FROM people p ORDER BY p.created_at, p.rowid")))
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(|row| person(store, row))
        .collect()
}

pub(super) async fn named(store: &SqliteStore, name: &str) -> R<Option<Person>> {
    sqlx::query(AssertSqlSafe(format!("SELECT {COLUMNS} FROM people p WHERE p.name_folded = ?1")))
        .bind(fold_name(name))
        .fetch_optional(&store.readers)
        .await?
        .map(|row| person(store, &row))
        .transpose()
}

pub(super) async fn by_id(store: &SqliteStore, id: &PersonId) -> R<Option<Person>> {
    sqlx::query(AssertSqlSafe(format!("SELECT {COLUMNS} FROM people p WHERE p.id = ?1")))
        .bind(id.as_str())
        .fetch_optional(&store.readers)
        .await?
        .map(|row| person(store, &row))
        .transpose()
}

pub(super) async fn of_badge(store: &SqliteStore, code: &str) -> R<Option<Person>> {
    sqlx::query(AssertSqlSafe(format!("SELECT {COLUMNS} FROM people p WHERE p.badge_hash = ?1")))
        .bind(badge_hash(store, code))
        .fetch_optional(&store.readers)
        .await?
        .map(|row| person(store, &row))
        .transpose()
}

pub(super) async fn add(store: &SqliteStore, person: &Person, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    // The index `one_owner` looks at the role; all others are `staff` there.
    let role = if person.post == OWNER { "owner" } else { "staff" };
    sqlx::query(
        "INSERT INTO people (id, name, name_folded, role, post, extra, sealed_card, password_phc, password_at, created_at,
                             last_login_at, certify_from, certified_at, certified_how, hours, login_method,
                             password_strong)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
    )
    .bind(person.id.as_str())
    .bind(&person.name)
    .bind(fold_name(&person.name))
    .bind(role)
    .bind(&person.post)
    .bind(words(&person.extra))
    .bind(cells::CARD.seal(store, person.id.as_str(), &person.card))
    .bind(&person.password_phc)
    .bind(person.password_at.0)
    .bind(person.created_at.0)
    .bind(person.last_login_at.map(|t| t.0))
    .bind(person.certify_from.0)
    .bind(person.certified.as_ref().map(|c| c.0.0))
    .bind(person.certified.as_ref().map_or("", |c| c.1.as_str()))
    .bind(json(&person.hours))
    .bind(&person.login_method)
    .bind(person.password_strong)
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

/// Writes what is given. Who goes, and whose password is another, is at no terminal any more.
pub(super) async fn change(store: &SqliteStore, id: &PersonId, change: &PersonChange, log: &LogEntry) -> R<bool> {
    let mut tx = store.begin().await?;
    let id = id.as_str();
    let certified = change.certified.as_ref();
    let badge = change.badge.as_ref().and_then(Option::as_ref);
    let id_number = certified.and_then(|c| c.2.as_ref()).map(|n| store.vault.index("id_card", n.reveal()).to_vec());
    let rows = sqlx::query(
        "UPDATE people SET
           post = coalesce(?2, post), extra = coalesce(?3, extra), sealed_card = coalesce(?4, sealed_card),
           password_phc = coalesce(?5, password_phc), password_at = coalesce(?6, password_at),
           pin_phc = coalesce(?7, pin_phc), pin_failures = CASE WHEN ?7 IS NULL THEN pin_failures ELSE 0 END,
           departed_at = CASE WHEN ?8 THEN ?9 ELSE departed_at END,
           certify_from = coalesce(?10, certify_from),
           certified_at = CASE WHEN ?10 IS NULL THEN coalesce(?11, certified_at) ELSE ?11 END,
           certified_how = CASE WHEN ?10 IS NULL THEN coalesce(?12, certified_how) ELSE coalesce(?12, '') END,
           id_hash = CASE WHEN ?10 IS NULL THEN coalesce(?13, id_hash) ELSE ?13 END,
           sealed_totp = coalesce(?14, sealed_totp),
           totp_step = CASE WHEN ?14 IS NULL THEN totp_step ELSE 0 END,
           hours = coalesce(?15, hours), login_method = coalesce(?16, login_method),
           password_strong = coalesce(?17, password_strong),
           badge_hash = CASE WHEN ?18 THEN ?19 ELSE badge_hash END,
           badge_at = CASE WHEN ?18 THEN ?20 ELSE badge_at END,
           badge_own = CASE WHEN ?18 THEN ?21 ELSE badge_own END,
           checked_at = CASE WHEN ?22 THEN ?23 ELSE checked_at END
         WHERE id = ?1",
    )
    .bind(id)
    .bind(change.place.as_ref().map(|p| p.0.as_str()))
    .bind(change.place.as_ref().map(|p| words(&p.1)))
    .bind(change.card.as_ref().map(|c| cells::CARD.seal(store, id, c)))
    .bind(change.password.as_ref().map(|p| p.0.as_str()))
    .bind(change.password.as_ref().map(|p| p.1.0))
    .bind(change.pin_phc.as_deref())
    .bind(change.departed_at.is_some())
    .bind(change.departed_at.flatten().map(|t| t.0))
    .bind(change.certify_from.map(|t| t.0))
    .bind(certified.map(|c| c.0.0))
    .bind(certified.map(|c| c.1.as_str()))
    .bind(id_number)
    .bind(change.totp.as_ref().map(|t| cells::TOTP.seal(store, id, t.reveal())))
    .bind(change.hours.as_ref().map(json))
    .bind(change.login_method.as_deref())
    .bind(change.password.as_ref().map(|p| p.2))
    .bind(change.badge.is_some())
    .bind(badge.map(|b| badge_hash(store, b.0.reveal())))
    .bind(badge.map(|b| b.1.at.0))
    .bind(badge.is_some_and(|b| b.1.own))
    .bind(change.checked_at.is_some())
    .bind(change.checked_at.flatten().map(|t| t.0))
    .execute(&mut *tx)
    .await?
    .rows_affected();
    if rows > 0 && (change.password.is_some() || change.departed_at.is_some()) {
        sqlx::query("DELETE FROM sessions WHERE person_id = ?1").bind(id).execute(&mut *tx).await?;
    }
    if let (Some(to), true) = (&change.hand_over_to, rows > 0) {
        for hand_over in [
            "UPDATE batches SET run_by = ?2 WHERE run_by = ?1 AND state <> 'done'",
            "UPDATE attempts SET asked_by = ?2 WHERE asked_by = ?1 AND state IN ('open', 'received', 'exchanging', 'held')",
        ] {
            sqlx::query(hand_over).bind(id).bind(to.as_str()).execute(&mut *tx).await?;
        }
    }
    store.commit_if(tx, rows, log).await
}

pub(super) async fn keys(store: &SqliteStore, id: &PersonId) -> R<PersonKeys> {
    let row = sqlx::query("SELECT sealed_totp, totp_step, pin_phc, pin_failures FROM people WHERE id = ?1")
        .bind(id.as_str())
        .fetch_optional(&store.readers)
        .await?;
    let Some(row) = row else { return Ok(PersonKeys::default()) };
    let totp: Option<&[u8]> = row.try_get("sealed_totp")?;
    let totp = totp.map(|sealed| cells::TOTP.open::<String>(store, id.as_str(), sealed)).transpose()?;
    Ok(PersonKeys {
        totp: totp.map(Secret::new),
        totp_step: row.try_get("totp_step")?,
        pin_phc: row.try_get("pin_phc")?,
        pin_failures: row.try_get("pin_failures")?,
    })
}

pub(super) async fn totp_used(store: &SqliteStore, id: &PersonId, step: i64) -> R<bool> {
    let mut tx = store.begin().await?;
    let rows = sqlx::query("UPDATE people SET totp_step = ?2 WHERE id = ?1 AND totp_step < ?2")
        .bind(id.as_str())
        .bind(step)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    tx.commit().await?;
    Ok(rows > 0)
}

pub(super) async fn pin_failed(store: &SqliteStore, id: &PersonId, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query("UPDATE people SET pin_failures = pin_failures + 1 WHERE id = ?1")
        .bind(id.as_str())
        .execute(&mut *tx)
        .await?;
    store.commit(tx, log).await
}

pub(super) async fn posts(store: &SqliteStore) -> R<Vec<Post>> {
    sqlx::query("SELECT id, name, rights, removed FROM posts ORDER BY rowid")
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(|row| {
            Ok(Post {
                id: row.try_get("id")?,
                name: row.try_get("name")?,
                rights: rights(row.try_get("rights")?)?,
                removed: row.try_get("removed")?,
            })
        })
        .collect()
}

pub(super) async fn save_post(store: &SqliteStore, post: &Post, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO posts (id, name, rights, removed) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (id) DO UPDATE SET name = excluded.name, rights = excluded.rights, removed = excluded.removed",
    )
    .bind(&post.id)
    .bind(&post.name)
    .bind(words(&post.rights))
    .bind(post.removed)
    .execute(&mut *tx)
    .await?;
    store.commit(tx, log).await
}

pub(super) async fn right_used(store: &SqliteStore, id: &PersonId, right: Permission, at: Millis) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query(
        "INSERT INTO right_uses (person_id, right_word, last_used_at) VALUES (?1, ?2, ?3)
         ON CONFLICT (person_id, right_word) DO UPDATE SET last_used_at = max(last_used_at, excluded.last_used_at)",
    )
    .bind(id.as_str())
    .bind(right.word())
    .bind(at.0)
    .execute(&mut *tx)
    .await?;
    Ok(tx.commit().await?)
}

pub(super) async fn right_uses(store: &SqliteStore, id: &PersonId) -> R<Vec<(Permission, Millis)>> {
    let rows = sqlx::query("SELECT right_word, last_used_at FROM right_uses WHERE person_id = ?1")
        .bind(id.as_str())
        .fetch_all(&store.readers)
        .await?;
    let mut out = Vec::new();
    for row in &rows {
        if let Some(right) = Permission::from_word(row.try_get("right_word")?) {
            out.push((right, Millis(row.try_get("last_used_at")?)));
        }
    }
    Ok(out)
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
        "UPDATE people SET last_login_at = ?2, password_phc = coalesce(?3, password_phc), pin_failures = 0 WHERE id = ?1
         RETURNING name",
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
    sqlx::query(AssertSqlSafe(format!(
        "SELECT {COLUMNS} FROM sessions s JOIN people p ON p.id = s.person_id
         WHERE s.token_hash = ?1 AND s.expires_at > ?2 AND p.departed_at IS NULL"
    )))
    .bind(token_hash(store, token))
    .bind(now.0)
    .fetch_optional(&store.readers)
    .await?
    .map(|row| person(store, &row))
    .transpose()
}

pub(super) async fn end_sessions(store: &SqliteStore, person: &PersonId, log: &LogEntry) -> R<()> {
    let mut tx = store.begin().await?;
    sqlx::query("DELETE FROM sessions WHERE person_id = ?1").bind(person.as_str()).execute(&mut *tx).await?;
    store.commit(tx, log).await
}

fn person(store: &SqliteStore, row: &SqliteRow) -> R<Person> {
    let id: String = row.try_get("id")?;
    let millis = |column: &str| -> R<Option<Millis>> { Ok(row.try_get::<Option<i64>, _>(column)?.map(Millis)) };
    let card: Option<&[u8]> = row.try_get("sealed_card")?;
    Ok(Person {
        card: card.map(|sealed| cells::CARD.open(store, &id, sealed)).transpose()?.unwrap_or_default(),
        id: PersonId::from_stored(id),
        name: row.try_get("name")?,
        post: row.try_get("post")?,
        extra: rights(row.try_get("extra")?)?,
        password_phc: row.try_get("password_phc")?,
        password_at: Millis(row.try_get("password_at")?),
        password_strong: row.try_get("password_strong")?,
        created_at: Millis(row.try_get("created_at")?),
        last_login_at: millis("last_login_at")?,
        departed_at: millis("departed_at")?,
        certify_from: Millis(row.try_get("certify_from")?),
        certified: match millis("certified_at")? {
            Some(at) => Some((at, row.try_get("certified_how")?)),
            None => None,
        },
        has_totp: row.try_get("has_totp")?,
        hours: serde_json::from_str(row.try_get("hours")?).map_err(|_| unreadable("people.hours"))?,
        login_method: row.try_get("login_method")?,
        has_pin: row.try_get("has_pin")?,
        badge: match millis("badge_at")? {
            Some(at) => Some(Badge { at, own: row.try_get("badge_own")? }),
            None => None,
        },
        checked_at: millis("checked_at")?,
    })
}

fn unreadable(what: &str) -> StoreError {
    StoreError::Unreadable { what: what.to_owned() }
}

fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    serde_json::to_string(value).expect("plain data")
}

fn words(rights: &[Permission]) -> String {
    json(&rights.iter().map(|r| r.word()).collect::<Vec<_>>())
}

/// A word that is not known (of a newer program, or of a right that is no more) gives nothing.
fn rights(text: &str) -> R<Vec<Permission>> {
    let words: Vec<String> = serde_json::from_str(text).map_err(|_| unreadable("rights"))?;
    Ok(words.iter().filter_map(|w| Permission::from_word(w)).collect())
}
