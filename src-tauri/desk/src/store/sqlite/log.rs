//! The action log: rows chained by a MAC under the log's own key.
//!
//! `hash = log_mac(canonical(row) ‖ prev)`; the first row's `prev` is 32 zero bytes. A changed, dropped, swapped or
//! inserted row breaks the chain from there on. A cut tail does not: only a head kept elsewhere shows that.

use super::{SqliteStore, Tx};
use crate::store::{LogCheck, LogEntry, LogFault, LogLine, LogQuery, R};
use domain::clock::Millis;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

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

/// A row with what stands beside its content.
struct Stored<'a> {
    content: Chained<'a>,
    prev: &'a [u8],
    hash: &'a [u8],
}

/// A walk along the chain, from its first row on.
struct Walk {
    rows: i64,
    fault: Option<(i64, LogFault)>,
    head: Vec<u8>,
    hashes: Vec<(i64, String)>,
}

impl Walk {
    fn begin() -> Self {
        Self { rows: 0, fault: None, head: BEFORE_ALL.to_vec(), hashes: Vec::new() }
    }

    /// The next row; after the first that does not fit, rows are only counted.
    fn step(&mut self, row: &Stored<'_>, mac: impl Fn(&[u8]) -> [u8; 32], wanted: &[i64]) {
        self.rows += 1;
        if self.fault.is_some() {
            return;
        }
        let seq = row.content.seq;
        if *row.hash != mac(&row.content.canonical(row.prev)) {
            self.fault = Some((seq, LogFault::Altered));
        } else if seq != self.rows || row.prev != self.head {
            // A row that this desk wrote, but not here: what stood before it is not there.
            self.fault = Some((seq, LogFault::Missing));
        } else {
            self.head = row.hash.to_vec();
            if wanted.contains(&seq) {
                self.hashes.push((seq, hex(row.hash)));
            }
        }
    }

    fn end(self) -> LogCheck {
        LogCheck { rows: self.rows, fault: self.fault, head: hex(&self.head), hashes: self.hashes }
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

pub(super) async fn page(store: &SqliteStore, q: &LogQuery) -> R<Vec<LogLine>> {
    let mut sql: QueryBuilder<Sqlite> =
        QueryBuilder::new("SELECT seq, at, person, station, action, object, detail FROM log WHERE seq < ");
    sql.push_bind(q.before.unwrap_or(i64::MAX));
    for (column, value) in [("person", &q.person), ("object", &q.object)] {
        if !value.is_empty() {
            sql.push(format!(" AND {column} = ")).push_bind(value.as_str());
        }
    }
    if !q.action.is_empty() {
        sql.push(" AND substr(action, 1, ").push_bind(i64::try_from(q.action.chars().count()).unwrap_or(i64::MAX));
        sql.push(") = ").push_bind(q.action.as_str());
    }
    if let Some(from) = q.from {
        sql.push(" AND at >= ").push_bind(from.0);
    }
    if let Some(to) = q.to {
        sql.push(" AND at < ").push_bind(to.0);
    }
    sql.push(" ORDER BY seq DESC LIMIT ").push_bind(q.limit);
    sql.build().fetch_all(&store.readers).await?.iter().map(line).collect()
}

pub(super) async fn latest(store: &SqliteStore) -> R<Millis> {
    let at: Option<i64> = sqlx::query_scalar(
        "SELECT max(at) FROM log WHERE seq >= coalesce((SELECT max(l.seq) FROM log l JOIN people p ON p.id = l.person
           WHERE p.role = 'owner' AND l.action = 'login'), 0)",
    )
    .fetch_one(&store.readers)
    .await?;
    Ok(Millis(at.unwrap_or(0)))
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

/// Recomputes everything from the entries, never from stored hashes. `wanted`: rows whose hashes are to be compared with kept
/// ones.
pub(super) async fn check(store: &SqliteStore, wanted: &[i64]) -> R<LogCheck> {
    let (mut walk, mut after) = (Walk::begin(), i64::MIN);
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
            walk.step(&stored(row)?, |bytes| store.vault.log_mac(bytes), wanted);
        }
    }
    Ok(walk.end())
}

fn stored(row: &SqliteRow) -> R<Stored<'_>> {
    Ok(Stored {
        content: Chained {
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
        },
        prev: row.try_get("prev")?,
        hash: row.try_get("hash")?,
    })
}

pub(super) async fn head(store: &SqliteStore) -> R<(i64, String)> {
    let row = sqlx::query("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").fetch_optional(&store.readers).await?;
    match row {
        Some(row) => Ok((row.try_get("seq")?, hex(row.try_get("hash")?))),
        None => Ok((0, String::new())),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chance::{Chance, OsChance};
    use sha2::{Digest, Sha256};

    #[derive(Clone, PartialEq)]
    struct Owned {
        numbers: [i64; 3],
        texts: [String; 5],
        prev: Vec<u8>,
        hash: Vec<u8>,
    }

    /// As the vault's, under a key that nobody in these tests knows but the desk.
    fn mac(bytes: &[u8]) -> [u8; 32] {
        Sha256::new().chain_update(b"key").chain_update(bytes).finalize().into()
    }

    impl Owned {
        fn content(&self) -> Chained<'_> {
            let [person, station, action, object, detail] = &self.texts;
            Chained {
                seq: self.numbers[0],
                at: self.numbers[1],
                mono_ms: self.numbers[2],
                texts: [person, station, action, object, detail],
            }
        }
    }

    fn log(rows: usize, said: &str) -> Vec<Owned> {
        let mut all: Vec<Owned> = Vec::new();
        for n in 1..=rows {
            let prev = all.last().map_or(BEFORE_ALL.to_vec(), |r| r.hash.clone());
            let mut row = Owned {
                numbers: [n as i64, 1000 * n as i64, 7 * n as i64],
                texts: ["p1", "window", "print.sent", &format!("parcel-{n}"), said].map(str::to_owned),
                prev,
                hash: Vec::new(),
            };
            row.hash = mac(&row.content().canonical(&row.prev)).to_vec();
            all.push(row);
        }
        all
    }

    fn walk(rows: &[Owned], wanted: &[i64]) -> LogCheck {
        let mut walk = Walk::begin();
        for r in rows {
            walk.step(&Stored { content: r.content(), prev: &r.prev, hash: &r.hash }, mac, wanted);
        }
        walk.end()
    }

    fn chance(below: usize) -> usize {
        let mut bytes = [0; 8];
        OsChance.fill(&mut bytes);
        (u64::from_be_bytes(bytes) % below as u64) as usize
    }

    /// What somebody without the key can do. `None`: it changed nothing.
    fn tampered(log: &[Owned], other: &[Owned]) -> Option<(Vec<Owned>, &'static str)> {
        let mut rows = log.to_vec();
        let at = chance(rows.len());
        let name = match chance(8) {
            0 => {
                let text = &mut rows[at].texts[chance(5)];
                let mut bytes = text.clone().into_bytes();
                let i = chance(bytes.len());
                bytes[i] = b'a' + chance(26) as u8;
                *text = String::from_utf8(bytes).ok()?;
                "flip"
            }
            1 => {
                rows[at].numbers[1 + chance(2)] += 1 + chance(9) as i64;
                "flip"
            }
            2 => {
                let (i, bit) = (chance(32), 1 << chance(8));
                if chance(2) == 0 {
                    rows[at].hash[i] ^= bit;
                } else {
                    rows[at].prev[i] ^= bit;
                }
                "flip"
            }
            3 => {
                rows.remove(at);
                "drop"
            }
            4 => {
                let copy = rows[chance(log.len())].clone();
                rows.insert(at, copy);
                "insert"
            }
            5 => {
                let with = chance(rows.len());
                rows.swap(at, with);
                "swap"
            }
            6 => {
                rows.truncate(at);
                "tail cut"
            }
            _ => {
                // Another log of the same desk, grown again from some row on.
                rows.truncate(at);
                rows.extend_from_slice(&other[at..]);
                "regrow"
            }
        };
        (rows != log).then_some((rows, name))
    }

    #[test]
    fn whatever_is_done_to_the_log_is_found_and_named() {
        let tries = if cfg!(debug_assertions) { 20_000 } else { 100_000 };
        let (log, other) = (log(20, "ok"), log(20, "all well"));
        // The head that a slip on paper holds.
        let kept = (20, hex(&log[19].hash));
        let whole = walk(&log, &[20]);
        assert_eq!((whole.rows, whole.fault, &whole.hashes[..]), (20, None, &[kept.clone()][..]));
        let mut found = std::collections::BTreeMap::new();
        while found.values().sum::<usize>() < tries {
            let Some((rows, how)) = tampered(&log, &other) else { continue };
            let check = walk(&rows, &[20]);
            let beside = check.hashes.first() == Some(&kept);
            let verdict = match check.fault {
                Some((_, LogFault::Altered)) => "altered",
                Some((_, LogFault::Missing)) => "missing",
                None if check.rows < 20 => "tail cut",
                None if !beside => "rewritten",
                None => panic!("{how} was not found"),
            };
            let right = match how {
                "flip" => verdict == "altered",
                "drop" => verdict == "missing" || verdict == "tail cut",
                "insert" | "swap" => verdict == "missing",
                "tail cut" => verdict == how,
                // From the first row on it is a chain of its own; later it does not follow.
                _ => verdict == "missing" || verdict == "rewritten",
            };
            assert!(right, "{how} is called {verdict}");
            *found.entry(how).or_insert(0) += 1;
        }
        assert_eq!(found.len(), 6, "each way was tried: {found:?}");
    }
}
