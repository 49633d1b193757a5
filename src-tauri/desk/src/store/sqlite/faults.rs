//! What SQLite, the file system and the migrator say, as [`StoreError`].

use crate::store::StoreError;
use sqlx::error::ErrorKind;
use sqlx::migrate::MigrateError;

/// SQLite's primary result codes (sqlite.org/rescode.html); the low byte of the extended code.
const PERM: i32 = 3;
const READONLY: i32 = 8;
const CORRUPT: i32 = 11;
const FULL: i32 = 13;
const CANTOPEN: i32 = 14;
const NOTADB: i32 = 26;
/// `SQLITE_IOERR_SHMSIZE`: the `-shm` file cannot grow, which in practice is a full disk.
const IOERR_SHMSIZE: i32 = 4874;

impl From<sqlx::Error> for StoreError {
    fn from(source: sqlx::Error) -> Self {
        match source {
            sqlx::Error::Database(error) => {
                let code = error.code().and_then(|c| c.parse::<i32>().ok()).unwrap_or(0);
                match (error.kind(), code & 0xff) {
                    (ErrorKind::UniqueViolation, _) => Self::Taken { rule: rule(error.message()) },
                    (_, FULL) => Self::DiskFull,
                    (_, READONLY | CANTOPEN | PERM) => Self::ReadOnly,
                    (_, CORRUPT | NOTADB) => Self::Damaged,
                    _ if code == IOERR_SHMSIZE => Self::DiskFull,
                    _ => Self::Database { source: sqlx::Error::Database(error) },
                }
            }
            sqlx::Error::ColumnDecode { index, .. } => Self::Unreadable { what: index },
            sqlx::Error::Io(error) => of_file(error),
            source => Self::Database { source },
        }
    }
}

/// `UNIQUE constraint failed: parcels.submit_key` → the part behind the colon; for the schema's named rules, which
/// SQLite reports by their columns, the name.
fn rule(message: &str) -> String {
    let columns = message.split_once(": ").map_or(message, |(_, columns)| columns);
    match columns {
        "waybills.parcel_id" => "one_live_number",
        "people.role" => "one_owner",
        "people.badge_hash" => "one_badge",
        "people.id_hash" => "one_id_card",
        "grants.platform, grants.shop_id" => "one_grant_a_shop",
        columns => columns,
    }
    .to_owned()
}

/// The file or its folder.
pub(super) fn of_file(error: std::io::Error) -> StoreError {
    use std::io::ErrorKind;
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => StoreError::DiskFull,
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem | ErrorKind::NotFound | ErrorKind::IsADirectory => {
            StoreError::ReadOnly
        }
        _ => StoreError::Database { source: sqlx::Error::Io(error) },
    }
}

/// The schema could not be brought up to date.
pub(super) fn of_migration(error: MigrateError) -> StoreError {
    match error {
        MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => source.into(),
        MigrateError::VersionMissing(version) | MigrateError::VersionTooNew(version, _) => {
            StoreError::Unreadable { what: format!("schema {version}, made by a later version of this program,") }
        }
        error => StoreError::Database { source: sqlx::Error::Migrate(Box::new(error)) },
    }
}
