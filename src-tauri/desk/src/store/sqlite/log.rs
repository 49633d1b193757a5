//! The action log: rows chained by a MAC under the log's own key.
//!
//! `hash = log_mac(canonical(row) ‖ prev)`; the first row's `prev` is 32 zero bytes. A changed, dropped, swapped or
//! inserted row breaks the chain from there on. A cut tail does not: only a head kept elsewhere shows that.

use super::{SqliteStore, Tx};
use crate::store::{LogEntry, LogLine, R};
use domain::clock::Millis;
use sqlx::Row;
use sqlx::sqlite::SqliteRow;

const BEFORE_ALL: [u8; 32] = [0; 32];
/// Rows verified at a time.
const PAGE: i64 = 1000;

/// Everything in a row that the MAC covers, besides the hash before it.
struct Chained<'a> {
    seq: i64,
    at: i64,
    mono_ms: i64,
    /// person, station, action, object, detail
    texts: [&'a str; 5],
}

impl Chained<'_> {
    /// Numbers as 8 bytes, texts with their length in front: no two rows have the same bytes.
    fn canonical(&self, prev: &[u8]) -> Vec<u8> {
        let mut out = b"waybill-desk/log/1".to_vec();
        for n in [self.seq, self.at, self.mono_ms] {
            out.extend_from_slice(&n.to_be_bytes());
        }
        for text in self.texts {
            out.extend_from_slice(&(text.len() as u64).to_be_bytes());
            out.extend_from_slice(text.as_bytes());
        }
        out.extend_from_slice(prev);
        out
    }
}

/// The row of the step that is about to be committed.
pub(super) async fn append(store: &SqliteStore, tx: &mut Tx, entry: &LogEntry) -> R<()> {
    let last = sqlx::query("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").fetch_optional(&mut **tx).await?;
    let (seq, prev) = match last {
        Some(row) => (row.try_get::<i64, _>("seq")? + 1, row.try_get::<Vec<u8>, _>("hash")?),
        None => (1, BEFORE_ALL.to_vec()),
    };
    let chained = Chained {
        seq,
        at: entry.at.0,
        mono_ms: i64::try_from(entry.mono.as_millis()).unwrap_or(i64::MAX),
        texts: [&entry.person, &entry.station, &entry.action, &entry.object, &entry.detail],
    };
    let hash = store.vault.log_mac(&chained.canonical(&prev));
    sqlx::query(
        "INSERT INTO log (seq, at, mono_ms, person, station, action, object, detail, prev, hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    )
    .bind(chained.seq)
    .bind(chained.at)
    .bind(chained.mono_ms)
    .bind(&entry.person)
    .bind(&entry.station)
    .bind(&entry.action)
    .bind(&entry.object)
    .bind(&entry.detail)
    .bind(prev)
    .bind(hash.to_vec())
    .execute(&mut **tx)
    .await?;
    Ok(())
}

pub(super) async fn note(store: &SqliteStore, entry: &LogEntry) -> R<()> {
    let tx = store.begin().await?;
    store.commit(tx, entry).await
}

pub(super) async fn page(store: &SqliteStore, before: Option<i64>, limit: u32) -> R<Vec<LogLine>> {
    sqlx::query(
        "SELECT seq, at, person, station, action, object, detail FROM log WHERE seq < ?1 ORDER BY seq DESC LIMIT ?2",
    )
    .bind(before.unwrap_or(i64::MAX))
    .bind(limit)
    .fetch_all(&store.readers)
    .await?
    .iter()
    .map(line)
    .collect()
}

pub(super) async fn of(store: &SqliteStore, object: &str) -> R<Vec<LogLine>> {
    sqlx::query("SELECT seq, at, person, station, action, object, detail FROM log WHERE object = ?1 ORDER BY seq")
        .bind(object)
        .fetch_all(&store.readers)
        .await?
        .iter()
        .map(line)
        .collect()
}

/// Rows seen, the first that does not fit, and the hash of the last one that does.
pub(super) async fn verify(store: &SqliteStore) -> R<(i64, Option<i64>, String)> {
    let (mut seen, mut wrong, mut after) = (0, None, i64::MIN);
    let mut head = BEFORE_ALL.to_vec();
    loop {
        let rows = sqlx::query(
            "SELECT seq, at, mono_ms, person, station, action, object, detail, prev, hash
             FROM log WHERE seq > ?1 ORDER BY seq LIMIT ?2",
        )
        .bind(after)
        .bind(PAGE)
        .fetch_all(&store.readers)
        .await?;
        let Some(last) = rows.last() else { break };
        after = last.try_get("seq")?;
        for row in &rows {
            seen += 1;
            if wrong.is_none() {
                match fits(store, row, seen, &head)? {
                    Some(hash) => head = hash,
                    None => wrong = Some(row.try_get("seq")?),
                }
            }
        }
    }
    Ok((seen, wrong, head.iter().map(|b| format!("{b:02x}")).collect()))
}

/// The row's hash, if the row is the `number`th and follows `head`.
fn fits(store: &SqliteStore, row: &SqliteRow, number: i64, head: &[u8]) -> R<Option<Vec<u8>>> {
    let chained = Chained {
        seq: row.try_get("seq")?,
        at: row.try_get("at")?,
        mono_ms: row.try_get("mono_ms")?,
        texts: [
            row.try_get("person")?,
            row.try_get("station")?,
            row.try_get("action")?,
            row.try_get("object")?,
            row.try_get("detail")?,
        ],
    };
    let (prev, hash): (&[u8], Vec<u8>) = (row.try_get("prev")?, row.try_get("hash")?);
    let fits = chained.seq == number && prev == head && hash == store.vault.log_mac(&chained.canonical(head));
    Ok(fits.then_some(hash))
}

fn line(row: &SqliteRow) -> R<LogLine> {
    Ok(LogLine {
        seq: row.try_get("seq")?,
        at: Millis(row.try_get("at")?),
        person: row.try_get("person")?,
        station: row.try_get("station")?,
        action: row.try_get("action")?,
        object: row.try_get("object")?,
        detail: row.try_get("detail")?,
    })
}
