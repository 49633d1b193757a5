//! Backups and what stands in them.

use crate::vault::{BackupKey, CardId};
use domain::clock::Millis;
use serde::{Deserialize, Serialize};

/// What a copy of the store holds: enough to say that two are the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inventory {
    /// Number of the newest migration.
    pub schema: i64,
    /// Every table that travels, by name.
    pub tables: Vec<TableSum>,
    /// Rows of the action log.
    pub log_rows: i64,
    /// Hash of its last row, hex; empty without rows.
    pub log_head: String,
    /// Names of shops whose grants are not revoked.
    pub shops: Vec<String>,
}

impl Inventory {
    /// Rows of a table; 0 if there is no such table.
    pub fn rows(&self, table: &str) -> i64 {
        self.tables.iter().find(|t| t.name == table).map_or(0, |t| t.rows)
    }
    /// Rows of all tables.
    pub fn all_rows(&self) -> i64 {
        self.tables.iter().map(|t| t.rows).sum()
    }
}

/// One table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSum {
    /// Its name.
    pub name: String,
    /// How many rows.
    pub rows: i64,
    /// Keyed hash over all of them in their order, sealed cells opened.
    pub hash: String,
}

/// The recovery card as the desk knows it.
#[derive(Debug)]
pub struct Card {
    /// Its short name.
    pub id: CardId,
    /// What seals backups.
    pub key: BackupKey,
    /// When it was made.
    pub made_at: Millis,
    /// By whom.
    pub made_by: String,
}

/// One backup that was made, or was not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BackupRow {
    /// Running number; 0 in a new one.
    pub id: i64,
    /// When it began.
    pub started_at: Millis,
    /// When it ended.
    pub ended_at: Millis,
    /// `nightly` or `by_hand`.
    pub how: String,
    /// It was opened again and compared.
    pub good: bool,
    /// Where it lies; empty if nothing does.
    pub file: String,
    /// Its length.
    pub bytes: u64,
    /// Rows of all tables in it.
    pub rows: i64,
    /// Rows of the log in it.
    pub log_rows: i64,
    /// The log's head in it.
    pub log_head: String,
    /// Why it failed, as a word.
    pub trouble: String,
    /// What the system said.
    pub detail: String,
}
