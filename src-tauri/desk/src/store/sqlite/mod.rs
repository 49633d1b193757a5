//! [`Store`](super::Store) on SQLite: one file, one writer, four readers.
//!
//! Invariants: the writer pool has one connection, so writes queue up and never meet; each runs from
//! `BEGIN IMMEDIATE` to a commit that carries its log row ([`SqliteStore::commit`]), and whatever else happens is
//! rolled back. Readers cannot write (`query_only`). Commits are on the platter when they return
//! (`synchronous=FULL`; `fullfsync` on macOS). SQL is static text with bound values (but in `backup`, which goes by the schema); columns are always listed;
//! lists are paged by key. What is sealed is sealed in `cells`, under the name of its row and column.
//! Absent: retries, caches, rules of the trade beyond the schema's.

mod as_store;
mod attempts;
mod backup;
mod batches;
mod carrier_labels;
mod cells;
mod couriers;
mod custom_areas;
mod faults;
mod grants;
mod log;
mod orders;
mod people;
mod printers;
mod prints;
mod purge;
mod renewals;
mod settings;
mod templates;
mod waybills;

#[cfg(test)]
mod tests;

pub(crate) use backup::{bring_up, look_at};

use super::{LogEntry, R, StoreError};
use crate::vault::Vault;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, Sqlite, Transaction};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

/// How long a connection waits for another one's lock.
const BUSY: Duration = Duration::from_secs(5);
/// More than there are statements in this folder: each is prepared once a connection.
const STATEMENTS: usize = 200;

type Tx = Transaction<'static, Sqlite>;

/// The memory of the desk in one SQLite file (beside it, while open: `-wal` and `-shm`).
#[derive(Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
    vault: Arc<Vault>,
    file: PathBuf,
    /// A file that is let go of when a closing step meets a full disk.
    reserve: Option<PathBuf>,
}

impl SqliteStore {
    /// Opens the file, or makes it (0600 on unix), and brings its schema up to date. An existing file is checked first.
    ///
    /// Errors: [`StoreError::ReadOnly`] and [`StoreError::DiskFull`] as named; [`StoreError::Unreadable`] for a file
    /// that is damaged, no database, or made by a later version of this program.
    pub async fn open(file: &Path, vault: Arc<Vault>) -> R<Self> {
        let existed = claim(file)?;
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .idle_timeout(None)
            .max_lifetime(None)
            // SQLite ends a transaction by itself when the disk is full, and sqlx then believes for good that it is
            // still inside one: such a connection is closed and a fresh one opened.
            .before_acquire(|connection, _| {
                Box::pin(async move {
                    connection.ping().await?;
                    Ok(!connection.is_in_transaction())
                })
            })
            .connect_with(options(file).journal_mode(SqliteJournalMode::Wal))
            .await?;
        if existed {
            quick_check(&writer).await?;
        }
        sqlx::migrate!("./migrations").run(&writer).await.map_err(faults::of_migration)?;
        let readers = SqlitePoolOptions::new()
            .max_connections(4)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_with(options(file).pragma("query_only", "ON"))
            .await?;
        let store = Self { writer, readers, vault, file: file.to_owned(), reserve: None };
        backup::load_carried(&store).await?;
        Ok(store)
    }

    /// Keeps a file of so many bytes for steps that must be written down even on a full disk.
    pub fn keep_reserve(&mut self, file: &Path, bytes: u64) {
        crate::disk::make_reserve(file, bytes);
        self.reserve = Some(file.to_owned());
    }

    /// Lets go of the reserve; whether there was one.
    fn let_go_of_reserve(&self) -> bool {
        let gone = self.reserve.as_ref().is_some_and(|file| std::fs::remove_file(file).is_ok());
        if gone {
            tracing::warn!("the disk is full: the reserve was let go of, so that what is under way can end");
        }
        gone
    }

    /// Ends all connections; the last one folds the `-wal` file into the database.
    async fn shut(&self) {
        self.readers.close().await;
        self.writer.close().await;
    }

    /// Starts a business step. Dropped without [`Self::commit`] it is rolled back.
    async fn begin(&self) -> R<Tx> {
        Ok(self.writer.begin_with("BEGIN IMMEDIATE").await?)
    }

    /// Ends a business step: its log row, then the commit.
    async fn commit(&self, mut tx: Tx, entry: &LogEntry) -> R<()> {
        log::append(self, &mut tx, entry).await?;
        Ok(tx.commit().await?)
    }

    /// Commits if the one row that was meant was there; else nothing is written.
    async fn commit_if(&self, tx: Tx, rows: u64, entry: &LogEntry) -> R<bool> {
        if rows == 0 {
            tx.rollback().await?;
            return Ok(false);
        }
        self.commit(tx, entry).await?;
        Ok(true)
    }

    /// As [`Self::commit_if`], where a missing row is the caller's mistake.
    async fn commit_one(&self, tx: Tx, rows: u64, entry: &LogEntry) -> R<()> {
        match self.commit_if(tx, rows, entry).await? {
            true => Ok(()),
            false => Err(StoreError::Database { source: sqlx::Error::RowNotFound }),
        }
    }

    /// Folds the `-wal` file into the database and cuts it to nothing, so that what was erased does not lie on in it.
    /// Best effort: the erasure itself is committed.
    async fn flush_wal(&self) {
        match sqlx::query_scalar::<_, i64>("PRAGMA wal_checkpoint(TRUNCATE)").fetch_one(&self.writer).await {
            Ok(0) => {}
            Ok(_) => tracing::warn!("a reader kept the write-ahead log from being cut; it goes at the next checkpoint"),
            Err(error) => tracing::warn!(%error, "the write-ahead log could not be cut"),
        }
    }
}

fn options(file: &Path) -> SqliteConnectOptions {
    let options = SqliteConnectOptions::new()
        .filename(file)
        .synchronous(SqliteSynchronous::Full)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .statement_cache_capacity(STATEMENTS)
        .pragma("secure_delete", "ON")
        .pragma("temp_store", "MEMORY")
        .pragma("trusted_schema", "OFF")
        .disable_statement_logging();
    #[cfg(target_os = "macos")]
    let options = options.pragma("fullfsync", "ON").pragma("checkpoint_fullfsync", "ON");
    options
}

/// Makes the file private and sure to be writable before SQLite sees it (which gives `-wal` and `-shm` the same mode);
/// whether it was there with something in it.
fn claim(file: &Path) -> R<bool> {
    let mut how = std::fs::OpenOptions::new();
    how.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let opened = how.open(file).map_err(faults::of_file)?;
    #[cfg(unix)]
    opened.set_permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600)).map_err(faults::of_file)?;
    Ok(opened.metadata().map_err(faults::of_file)?.len() > 0)
}

async fn quick_check(writer: &SqlitePool) -> R<()> {
    let found: String = sqlx::query_scalar("PRAGMA quick_check(1)").fetch_one(writer).await?;
    if found == "ok" {
        return Ok(());
    }
    tracing::error!(found, "the database file is damaged");
    Err(StoreError::Damaged)
}
