//! Copies of the whole store: made, compared, and taken in again.
//!
//! What travels is said here once, as data: tables that stay on this computer ([`STAY`]), columns that change on the way out
//! ([`MADE_SAFE`]), sealed cells that travel ([`KEPT`]). The same words make the copy and read the live tables that it is
//! compared with. Names of tables and columns come from the schema itself, so SQL is put together here and nowhere else.
//!
//! A copy holds no token, no app secret, no session and no half-done attempt; what was under way says so in words that no
//! machine goes on with: a number that may have been asked for is `unknown`, a label that may be on paper is not sent again.

use super::cells::{self, Cell};
use super::{SqliteStore, Tx, options, quick_check};
use crate::store::{Card, Inventory, LogEntry, R, StoreError, TableSum};
use crate::vault::{Aad, Carried, Purpose, Vault};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sqlx::sqlite::{SqliteConnection, SqliteJournalMode, SqlitePoolOptions, SqliteRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Connection, Row, TypeInfo, ValueRef};
use std::path::Path;
use std::time::Duration;
use zeroize::Zeroizing;

/// Tables of this computer alone.
pub(super) const STAY: [&str; 7] =
    ["apps", "attempts", "backup_card", "backups", "carried_keys", "login_tries", "sessions"];

/// Table, column, and what it becomes on the way out.
pub(super) const MADE_SAFE: [(&str, &str, &str); 19] = [
    // A PIN is for one computer.
    ("people", "pin_phc", "''"),
    ("people", "pin_failures", "0"),
    ("grants", "state", "CASE state WHEN 'revoked' THEN state ELSE 'needs_renewal' END"),
    ("grants", "reason", "CASE state WHEN 'revoked' THEN reason ELSE 'restored' END"),
    ("grants", "sealed_key", "NULL"),
    ("grants", "sealed_tokens", "NULL"),
    ("grants", "sealed_old_tokens", "NULL"),
    ("grants", "refresh_tries", "0"),
    ("grants", "revoke_pending", "0"),
    ("waybills", "state", "CASE WHEN state IN ('intent', 'in_flight') THEN 'unknown' ELSE state END"),
    ("waybills", "reason", "CASE WHEN state IN ('intent', 'in_flight') THEN 'interrupted' ELSE reason END"),
    (
        "waybills",
        "sent_at",
        "CASE WHEN state IN ('intent', 'in_flight') THEN coalesce(sent_at, created_at) ELSE sent_at END",
    ),
    ("waybills", "next_ask_at", "CASE WHEN state IN ('intent', 'in_flight') THEN created_at ELSE next_ask_at END"),
    (
        "print_jobs",
        "state",
        "CASE WHEN state IN ('queued', 'rendered') THEN 'failed' WHEN state = 'sending' THEN 'doubtful' ELSE state END",
    ),
    (
        "print_jobs",
        "trouble",
        "CASE WHEN state IN ('queued', 'rendered') THEN 'restored' WHEN state = 'sending' THEN 'interrupted' ELSE trouble END",
    ),
    (
        "print_jobs",
        "ended_at",
        "CASE WHEN state IN ('queued', 'rendered', 'sending') THEN created_at ELSE ended_at END",
    ),
    ("batches", "state", "CASE WHEN state IN ('running', 'paused') THEN 'stopped' ELSE state END"),
    ("batches", "trouble", "CASE WHEN state IN ('running', 'paused') THEN 'restart' ELSE trouble END"),
    ("batches", "detail", "CASE WHEN state IN ('running', 'paused') THEN '' ELSE detail END"),
];

/// Sealed cells that travel, and the column that names their row.
pub(super) const KEPT: [(&Cell, &str); 9] = [
    (&cells::CARD, "id"),
    (&cells::TOTP, "id"),
    (&cells::COURIER_DETAILS, "id"),
    (&cells::DRAFT, "person_id"),
    (&cells::ORDER, "id"),
    (&cells::REQUEST, "id"),
    (&cells::ANSWER, "id"),
    (&cells::CARRIER_FILE_NAME, "hash"),
    (&cells::CARRIER_FILE, "hash"),
];

/// Settings of this computer alone.
const HERE: &str = "name LIKE 'here.%'";
/// Rows at a time; files are large, so few of them.
const PAGE: i64 = 500;
const PAGE_OF_FILES: i64 = 16;

const CARRIED: Aad<'static> = Aad { table: "carried_keys", row: "1", column: "sealed_macs" };

/// A table that travels.
struct Table {
    name: String,
    columns: Vec<String>,
    /// Without rowid: the columns of its key.
    key: Vec<String>,
}

/// A sealed cell that travels: which, of which row, and what is in it.
type Opened = (&'static Cell, String, Zeroizing<Vec<u8>>);

enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Blob(Vec<u8>),
}

/// Goes on by the keys that came with the data, if it came from a backup.
pub(super) async fn load_carried(store: &SqliteStore) -> R<()> {
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed_macs FROM carried_keys").fetch_optional(&store.writer).await?;
    let Some(sealed) = sealed else { return Ok(()) };
    let broken = || StoreError::Sealed { what: "carried_keys.sealed_macs".to_owned() };
    let plain = store.vault.open(Purpose::Backup, &CARRIED, &sealed).map_err(|_| broken())?;
    store.vault.set_macs(Vault::macs_from_bytes(&plain).ok_or_else(broken)?);
    Ok(())
}

/// Writes a copy without anything that must not travel into `file`, which must be missing or empty, and compares it with
/// the tables it was made from. Nobody waits for it but for a moment at its start.
pub(super) async fn copy_out(store: &SqliteStore, file: &Path) -> R<Inventory> {
    make_private(file)?;
    let carried = store.vault.carried();
    let mut connection = options(&store.file).connect().await?;
    // While the one writer is in hand nothing changes, so both see the same state.
    let held = store.writer.acquire().await?;
    let mut snapshot = store.readers.begin().await?;
    sqlx::query("SELECT count(*) FROM settings").fetch_one(&mut *snapshot).await?;
    let target = utf8(file)?;
    let copying =
        tokio::spawn(async move { sqlx::query("VACUUM INTO ?1").bind(target).execute(&mut connection).await });
    // It writes only after it has its view of the tables.
    while !copying.is_finished() && std::fs::metadata(file).map_or(0, |m| m.len()) == 0 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(held);
    copying.await.map_err(|e| StoreError::Database { source: sqlx::Error::Io(std::io::Error::other(e)) })??;
    let mut copy = open_copy(file).await?;
    make_safe(&mut copy).await?;
    let live = take_stock(&mut snapshot, &carried, true).await?;
    snapshot.rollback().await?;
    let there = take_stock(&mut copy, &carried, false).await?;
    copy.close().await?;
    if live != there {
        tracing::error!(?live, ?there, "a copy differs from what it was made from");
        return Err(StoreError::Unreadable { what: "the copy".to_owned() });
    }
    Ok(there)
}

/// What a copy holds, after SQLite itself found it whole.
pub(crate) async fn look_at(file: &Path, carried: &Carried) -> R<Inventory> {
    let mut copy = open_copy(file).await?;
    let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&mut copy).await?;
    if found != "ok" {
        tracing::error!(found, "a copy is damaged");
        return Err(StoreError::Unreadable { what: "the copy".to_owned() });
    }
    let stock = take_stock(&mut copy, carried, false).await?;
    copy.close().await?;
    Ok(stock)
}

/// Brings a copy's schema up to this program's.
pub(crate) async fn bring_up(file: &Path) -> R<()> {
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options(file).journal_mode(SqliteJournalMode::Delete))
        .await?;
    quick_check(&pool).await?;
    sqlx::migrate!("./migrations").run(&pool).await.map_err(super::faults::of_migration)?;
    pool.close().await;
    Ok(())
}

/// Takes a copy in, in the place of everything that is here, in one transaction; `false` if this desk has people already.
/// Sealed cells are sealed anew under this folder's key. Compares every table before the commit.
pub(super) async fn take_in(
    store: &SqliteStore,
    file: &Path,
    carried: &Carried,
    card: &Card,
    log: &LogEntry,
) -> R<Option<Inventory>> {
    let mut copy = open_copy(file).await?;
    let wanted = take_stock(&mut copy, carried, false).await?;
    let mut tx = store.begin().await?;
    let people: i64 = sqlx::query_scalar("SELECT count(*) FROM people").fetch_one(&mut *tx).await?;
    if people > 0 {
        tx.rollback().await?;
        return Ok(None);
    }
    let before = store.vault.adopt(carried);
    let end = match fill(store, &mut tx, &mut copy, carried, card).await {
        Ok(there) if there == wanted => store.commit(tx, log).await.map(|()| Some(there)),
        Ok(there) => {
            tracing::error!(?wanted, ?there, "what was restored differs from the backup");
            Err(StoreError::Unreadable { what: "the backup".to_owned() })
        }
        Err(e) => Err(e),
    };
    if end.is_err() {
        store.vault.set_macs(before);
    }
    let closed = copy.close().await;
    let end = end?;
    closed?;
    store.flush_wal().await;
    Ok(end)
}

async fn fill(
    store: &SqliteStore,
    tx: &mut Tx,
    copy: &mut SqliteConnection,
    carried: &Carried,
    card: &Card,
) -> R<Inventory> {
    sqlx::query("PRAGMA defer_foreign_keys = ON").execute(&mut **tx).await?;
    // The log of a desk nobody has set up gives way; its triggers are put back as they were.
    let triggers: Vec<(String, String)> =
        sqlx::query_as("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' ORDER BY name")
            .fetch_all(&mut **tx)
            .await?;
    for (name, _) in &triggers {
        run(tx, format!("DROP TRIGGER {}", quoted(name))).await?;
    }
    for table in STAY {
        run(tx, format!("DELETE FROM {}", quoted(table))).await?;
    }
    let tables = tables(tx).await?;
    for table in &tables {
        run(tx, format!("DELETE FROM {}", quoted(&table.name))).await?;
    }
    for table in &tables {
        take_rows(store, tx, copy, carried, table).await?;
    }
    for (name, seq) in sequences(copy).await? {
        sqlx::query("DELETE FROM sqlite_sequence WHERE name = ?1").bind(&name).execute(&mut **tx).await?;
        sqlx::query("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)")
            .bind(&name)
            .bind(seq)
            .execute(&mut **tx)
            .await?;
    }
    for (_, sql) in triggers {
        run(tx, sql).await?;
    }
    sqlx::query("INSERT INTO carried_keys (one, sealed_macs) VALUES (1, ?1)")
        .bind(store.vault.seal(Purpose::Backup, &CARRIED, &Vault::macs_to_bytes(carried)))
        .execute(&mut **tx)
        .await?;
    put_card(store, tx, card).await?;
    take_stock(tx, &store.vault.carried(), false).await
}

async fn take_rows(
    store: &SqliteStore,
    tx: &mut Tx,
    copy: &mut SqliteConnection,
    carried: &Carried,
    table: &Table,
) -> R<()> {
    let names: Vec<String> = table.columns.iter().map(|c| quoted(c)).collect();
    let rowid = table.key.is_empty();
    let places: Vec<String> = (1..=names.len() + usize::from(rowid)).map(|n| format!("?{n}")).collect();
    let columns = if rowid { format!("rowid, {}", names.join(", ")) } else { names.join(", ") };
    let insert = format!("INSERT INTO {} ({columns}) VALUES ({})", quoted(&table.name), places.join(", "));
    let mut pages = Pages::of(table, false);
    while let Some(rows) = pages.next(copy).await? {
        for row in &rows {
            let mut query = sqlx::query(AssertSqlSafe(insert.clone()));
            if rowid {
                query = query.bind(row.try_get::<i64, _>("row#")?);
            }
            for column in &table.columns {
                query = match opened(carried, table, row, column)? {
                    Some((cell, key, plain)) => query.bind(cell.seal_bytes(store, &key, &plain)),
                    None => match value(row, column)? {
                        Value::Null => query.bind(None::<i64>),
                        Value::Int(n) => query.bind(n),
                        Value::Real(n) => query.bind(n),
                        Value::Text(text) => query.bind(text),
                        Value::Blob(bytes) => query.bind(bytes),
                    },
                };
            }
            query.execute(&mut **tx).await?;
        }
    }
    Ok(())
}

/// The card, in the place of an older one.
pub(super) async fn put_card(store: &SqliteStore, tx: &mut Tx, card: &Card) -> R<()> {
    sqlx::query("DELETE FROM backup_card").execute(&mut **tx).await?;
    sqlx::query("INSERT INTO backup_card (one, card, sealed_key, made_at, made_by) VALUES (1, ?1, ?2, ?3, ?4)")
        .bind(card.id.to_vec())
        .bind(store.vault.seal_backup_key(&card.key))
        .bind(card.made_at.0)
        .bind(&card.made_by)
        .execute(&mut **tx)
        .await?;
    Ok(())
}

async fn make_safe(copy: &mut SqliteConnection) -> R<()> {
    for table in STAY {
        run(copy, format!("DELETE FROM {}", quoted(table))).await?;
    }
    run(copy, format!("DELETE FROM settings WHERE {HERE}")).await?;
    let mut changed: Vec<&str> = MADE_SAFE.iter().map(|(table, ..)| *table).collect();
    changed.dedup();
    for table in changed {
        let sets: Vec<String> = MADE_SAFE
            .iter()
            .filter(|(of, ..)| *of == table)
            .map(|(_, column, becomes)| format!("{} = {becomes}", quoted(column)))
            .collect();
        run(copy, format!("UPDATE {} SET {}", quoted(table), sets.join(", "))).await?;
    }
    Ok(())
}

/// Every table that travels; of live tables, as they will be when they have travelled.
async fn take_stock(from: &mut SqliteConnection, carried: &Carried, live: bool) -> R<Inventory> {
    let mut stock = Inventory {
        schema: sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM _sqlx_migrations")
            .fetch_one(&mut *from)
            .await?,
        ..Inventory::default()
    };
    for table in tables(from).await? {
        let mut hash = carried.hash();
        hash.add(table.name.as_bytes());
        for column in &table.columns {
            hash.add(column.as_bytes());
        }
        let (mut pages, mut count) = (Pages::of(&table, live), 0);
        while let Some(rows) = pages.next(from).await? {
            for row in &rows {
                count += 1;
                for column in &table.columns {
                    match opened(carried, &table, row, column)? {
                        Some((_, _, plain)) => hash.add(&plain),
                        None => match value(row, column)? {
                            Value::Null => hash.add(b"n"),
                            Value::Int(n) => hash.add(&[b"i".as_slice(), &n.to_be_bytes()].concat()),
                            Value::Real(n) => hash.add(&[b"r".as_slice(), &n.to_bits().to_be_bytes()].concat()),
                            Value::Text(text) => hash.add(&[b"t", text.as_bytes()].concat()),
                            Value::Blob(bytes) => hash.add(&[b"b".as_slice(), &bytes].concat()),
                        },
                    }
                }
            }
        }
        stock.tables.push(TableSum { name: table.name, rows: count, hash: hash.end() });
    }
    let (mut hash, sequences) = (carried.hash(), sequences(from).await?);
    for (name, seq) in &sequences {
        hash.add(name.as_bytes());
        hash.add(&seq.to_be_bytes());
    }
    let rows = i64::try_from(sequences.len()).unwrap_or(i64::MAX);
    stock.tables.push(TableSum { name: "sqlite_sequence".to_owned(), rows, hash: hash.end() });
    let last: Option<(i64, Vec<u8>)> =
        sqlx::query_as("SELECT seq, hash FROM log ORDER BY seq DESC LIMIT 1").fetch_optional(&mut *from).await?;
    if let Some((rows, head)) = last {
        stock.log_rows = rows;
        stock.log_head = head.iter().map(|b| format!("{b:02x}")).collect();
    }
    stock.shops = sqlx::query_scalar("SELECT shop_name FROM grants WHERE state <> 'revoked' ORDER BY granted_at, id")
        .fetch_all(&mut *from)
        .await?;
    Ok(stock)
}

/// Where the running numbers of tables stand.
async fn sequences(from: &mut SqliteConnection) -> R<Vec<(String, i64)>> {
    let all: Vec<(String, i64)> =
        sqlx::query_as("SELECT name, seq FROM sqlite_sequence ORDER BY name").fetch_all(from).await?;
    Ok(all.into_iter().filter(|(name, _)| !STAY.contains(&name.as_str())).collect())
}

async fn tables(from: &mut SqliteConnection) -> R<Vec<Table>> {
    let names: Vec<(String, i64)> = sqlx::query_as(
        "SELECT name, wr FROM pragma_table_list
         WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND name <> '_sqlx_migrations'
         ORDER BY name",
    )
    .fetch_all(&mut *from)
    .await?;
    let mut tables = Vec::new();
    for (name, without_rowid) in names {
        if STAY.contains(&name.as_str()) {
            continue;
        }
        let columns: Vec<(String, i64)> = sqlx::query_as("SELECT name, pk FROM pragma_table_info(?1) ORDER BY cid")
            .bind(&name)
            .fetch_all(&mut *from)
            .await?;
        let mut key: Vec<_> = columns.iter().filter(|(_, pk)| without_rowid == 1 && *pk > 0).cloned().collect();
        key.sort_by_key(|(_, pk)| *pk);
        let key = key.into_iter().map(|(name, _)| name).collect();
        tables.push(Table { name, columns: columns.into_iter().map(|(name, _)| name).collect(), key });
    }
    Ok(tables)
}

/// The rows of a table, page by page in their order.
struct Pages {
    sql: String,
    rowid: bool,
    page: i64,
    after: i64,
    over: bool,
}

impl Pages {
    fn of(table: &Table, live: bool) -> Self {
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|c| {
                let becomes = MADE_SAFE.iter().find(|(of, column, _)| live && *of == table.name && column == c);
                match becomes {
                    Some((_, _, sql)) => format!("{sql} AS {}", quoted(c)),
                    None => quoted(c),
                }
            })
            .collect();
        let (columns, name) = (columns.join(", "), quoted(&table.name));
        let travels = if live && table.name == "settings" { format!("NOT ({HERE})") } else { "1".to_owned() };
        let rowid = table.key.is_empty();
        let sql = if rowid {
            // Without a number in front `rowid` would be the expression's alias of a column with that name.
            format!(
                "SELECT rowid AS \"row#\", {columns} FROM {name} WHERE rowid > ?1 AND {travels} ORDER BY rowid LIMIT ?2"
            )
        } else {
            let key: Vec<String> = table.key.iter().map(|c| quoted(c)).collect();
            format!("SELECT {columns} FROM {name} WHERE {travels} ORDER BY {} LIMIT ?2 OFFSET ?1", key.join(", "))
        };
        let page = if table.name == "carrier_files" { PAGE_OF_FILES } else { PAGE };
        Self { sql, rowid, page, after: if rowid { i64::MIN } else { 0 }, over: false }
    }

    async fn next(&mut self, from: &mut SqliteConnection) -> R<Option<Vec<SqliteRow>>> {
        if self.over {
            return Ok(None);
        }
        let rows =
            sqlx::query(AssertSqlSafe(self.sql.clone())).bind(self.after).bind(self.page).fetch_all(&mut *from).await?;
        match rows.last() {
            Some(last) if self.rowid => self.after = last.try_get("row#")?,
            Some(_) => self.after += self.page,
            None => {
                self.over = true;
                return Ok(None);
            }
        }
        Ok(Some(rows))
    }
}

/// A sealed cell that travels, opened: which, its row's name, its text. `None` for what is in clear, empty or never travels.
fn opened(carried: &Carried, table: &Table, row: &SqliteRow, column: &str) -> R<Option<Opened>> {
    let Some((cell, key)) = KEPT.iter().find(|(cell, _)| cell.is(&table.name, column)) else { return Ok(None) };
    let Value::Blob(sealed) = value(row, column)? else { return Ok(None) };
    let name = match value(row, key)? {
        Value::Text(text) => text,
        Value::Blob(bytes) => STANDARD.encode(bytes),
        _ => return Err(StoreError::Unreadable { what: format!("{}.{key}", table.name) }),
    };
    let plain = cell.open_carried(carried, &name, &sealed)?;
    Ok(Some((cell, name, plain)))
}

fn value(row: &SqliteRow, column: &str) -> R<Value> {
    let raw = row.try_get_raw(column)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().name().to_owned();
    Ok(match kind.as_str() {
        "INTEGER" => Value::Int(row.try_get_unchecked(column)?),
        "REAL" => Value::Real(row.try_get_unchecked(column)?),
        "TEXT" => Value::Text(row.try_get_unchecked(column)?),
        "BLOB" => Value::Blob(row.try_get_unchecked(column)?),
        _ => return Err(StoreError::Unreadable { what: column.to_owned() }),
    })
}

async fn open_copy(file: &Path) -> R<SqliteConnection> {
    // Nothing rests on the copy until it is sealed and compared: no journal, which would be a second copy.
    Ok(options(file).journal_mode(SqliteJournalMode::Memory).foreign_keys(false).connect().await?)
}

fn make_private(file: &Path) -> R<()> {
    let mut how = std::fs::OpenOptions::new();
    how.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how.open(file).map(|_| ()).map_err(super::faults::of_file)
}

async fn run(on: &mut SqliteConnection, sql: String) -> R<()> {
    sqlx::query(AssertSqlSafe(sql)).execute(on).await?;
    Ok(())
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn utf8(file: &Path) -> R<String> {
    file.to_str().map(str::to_owned).ok_or_else(|| StoreError::Unreadable { what: "the name of the folder".to_owned() })
}
