//! Disks that are full or read-only, and files that are damaged or from the future.

use super::{Shop, cast, vault};
use crate::store::sqlite::SqliteStore;
use crate::store::{Store, StoreError};
use std::io::{Seek, Write};
use std::path::Path;

/// A small disk of its own, taken down in the end.
#[cfg(target_os = "linux")]
struct SmallDisk(tempfile::TempDir);

#[cfg(target_os = "linux")]
impl SmallDisk {
    fn of(size: &str) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        if mount(&["-t", "tmpfs", "-o", &format!("size={size},mode=700"), "tmpfs"], folder.path()) {
            return Some(Self(folder));
        }
        eprintln!("not run: this machine does not let the test mount a small disk");
        None
    }
    fn path(&self) -> &Path {
        self.0.path()
    }
}

#[cfg(target_os = "linux")]
impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = std::process::Command::new("umount").arg("--lazy").arg(self.0.path()).status();
    }
}

#[cfg(target_os = "linux")]
fn mount(arguments: &[&str], at: &Path) -> bool {
    let done = std::process::Command::new("mount").args(arguments).arg(at).output();
    done.is_ok_and(|d| d.status.success())
}

#[cfg(target_os = "linux")]
fn fill(path: &Path) {
    let mut file = std::fs::File::create(path).unwrap();
    for size in [65_536, 4096, 1] {
        while file.write_all(&vec![0xa5; size]).is_ok() {}
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_full_disk_is_said_and_the_store_goes_on_when_there_is_room_again() {
    let Some(disk) = SmallDisk::of("8m") else { return };
    let store = SqliteStore::open(&disk.path().join("desk.db"), vault(disk.path())).await.unwrap();
    super::stock(&store).await;
    let owner = cast::person_id("owner");
    // A short row runs out of room at the commit; a long text already inside the statement, where SQLite ends the
    // transaction by itself.
    for draft in ["短".to_owned(), "长".repeat(1_000_000)] {
        let before = store.log_verify().await.unwrap().0;
        fill(&disk.path().join("ballast"));
        let mut noted = 0;
        let full = loop {
            match store.note(&cast::log("note", "")).await {
                Ok(()) => noted += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(full, StoreError::DiskFull), "{full:?}");
        for _ in 0..3 {
            let full = store.save_draft(&owner, &draft, cast::NOON).await.and(store.note(&cast::log("x", "")).await);
            assert!(matches!(full, Err(StoreError::DiskFull)), "still full: {full:?}");
        }
        assert_eq!(store.log_verify().await.unwrap().0, before + noted, "reading goes on; refused rows are not there");
        std::fs::remove_file(disk.path().join("ballast")).unwrap();
        store.note(&cast::log("note", "room again")).await.unwrap();
        store.save_draft(&owner, &draft, cast::NOON).await.unwrap();
        let (rows, wrong, _) = store.log_verify().await.unwrap();
        assert_eq!((rows, wrong), (before + noted + 1, None), "the chain goes on where it stopped");
    }
    store.close().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn on_a_full_disk_the_reserve_lets_a_number_that_was_taken_be_written_down() {
    use crate::store::WaybillChange;
    use domain::ids::WaybillNo;
    use domain::waybill::WaybillState as W;
    let Some(disk) = SmallDisk::of("12m") else { return };
    let mut store = SqliteStore::open(&disk.path().join("desk.db"), vault(disk.path())).await.unwrap();
    super::stock(&store).await;
    let reserve = disk.path().join("reserve");
    store.keep_reserve(&reserve, 1 << 20);
    assert_eq!(std::fs::metadata(&reserve).unwrap().len(), 1 << 20);
    let (id, entry) = (cast::waybill_id("number"), cast::log("waybill", "number"));
    assert!(store.move_waybill(&id, W::Intent, W::InFlight, &WaybillChange::default(), &entry).await.unwrap());
    fill(&disk.path().join("ballast"));
    while store.note(&cast::log("note", "")).await.is_ok() {}
    assert!(reserve.exists(), "a note does not touch it");
    let big = "an answer ".repeat(30_000);
    let issued =
        WaybillChange { issued: Some((WaybillNo("ZT1".to_owned()), cast::answer(&big))), ..WaybillChange::default() };
    assert!(
        store.move_waybill(&id, W::InFlight, W::Issued, &issued, &entry).await.unwrap(),
        "the number is written down"
    );
    assert!(!reserve.exists(), "that is what it was for");
    assert_eq!(store.answer(&id).await.unwrap().unwrap().raw, big);
    assert_eq!(store.log_verify().await.unwrap().1, None);
    std::fs::remove_file(disk.path().join("ballast")).unwrap();
    store.keep_reserve(&reserve, 1 << 20);
    assert!(reserve.exists(), "made again where there is room");
    // Not where it would itself be what fills the disk.
    std::fs::remove_file(&reserve).unwrap();
    store.keep_reserve(&reserve, 9 << 20);
    assert!(!reserve.exists());
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_store_cannot_be_made_on_a_full_disk_and_says_so() {
    let Some(disk) = SmallDisk::of("1m") else { return };
    let vault = vault(disk.path());
    fill(&disk.path().join("ballast"));
    let full = SqliteStore::open(&disk.path().join("desk.db"), vault).await;
    assert!(matches!(full, Err(StoreError::DiskFull)), "{full:?}");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_read_only_folder_is_said() {
    let Some(disk) = SmallDisk::of("8m") else { return };
    let (file, vault) = (disk.path().join("desk.db"), vault(disk.path()));
    SqliteStore::open(&file, vault.clone()).await.unwrap().close().await;
    assert!(mount(&["-o", "remount,ro"], disk.path()), "a disk that was mounted can be remounted");
    let existing = SqliteStore::open(&file, vault.clone()).await;
    assert!(matches!(existing, Err(StoreError::ReadOnly)), "{existing:?}");
    let fresh = SqliteStore::open(&disk.path().join("fresh.db"), vault).await;
    assert!(matches!(fresh, Err(StoreError::ReadOnly)), "{fresh:?}");
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_said() {
    let shop = Shop::empty().await;
    let nowhere = SqliteStore::open(&shop.folder.path().join("no/desk.db"), shop.vault.clone()).await;
    assert!(matches!(nowhere, Err(StoreError::ReadOnly)), "{nowhere:?}");
}

fn unreadable(opened: Result<SqliteStore, StoreError>, what: &str) {
    match opened {
        Err(StoreError::Unreadable { what: found }) => assert!(found.contains(what), "{found}"),
        other => panic!("not Unreadable but {other:?}"),
    }
}

#[tokio::test]
async fn a_damaged_file_is_not_opened() {
    // The first page of a table that opening alone would not read, and the schema itself.
    for table in ["parcels", "sqlite_schema"] {
        let shop = Shop::open_for_business().await;
        let page: i64 = sqlx::query_scalar("SELECT coalesce((SELECT rootpage FROM sqlite_schema WHERE name = ?1), 1)")
            .bind(table)
            .fetch_one(&shop.store.readers)
            .await
            .unwrap();
        shop.store.close().await;
        let mut file = std::fs::OpenOptions::new().write(true).open(shop.file()).unwrap();
        // Behind the file's own header of 100 bytes.
        file.seek(std::io::SeekFrom::Start(u64::try_from(page - 1).unwrap() * 4096 + u64::from(page == 1) * 100))
            .unwrap();
        file.write_all(&[0xff; 64]).unwrap();
        drop(file);
        let opened = SqliteStore::open(&shop.file(), shop.vault.clone()).await;
        assert!(matches!(opened, Err(StoreError::Damaged)), "{opened:?}");
    }
}

#[tokio::test]
async fn a_file_that_is_no_database_is_not_opened() {
    let shop = Shop::empty().await;
    let file = shop.folder.path().join("other.db");
    std::fs::write(&file, "收件人,电话\n".repeat(1000)).unwrap();
    let opened = SqliteStore::open(&file, shop.vault.clone()).await;
    assert!(matches!(opened, Err(StoreError::Damaged)), "{opened:?}");
    assert!(std::fs::read(&file).unwrap().starts_with("收件人".as_bytes()), "and it is left as it was");
}

#[tokio::test]
async fn a_file_of_a_later_version_is_not_opened() {
    let shop = Shop::open_for_business().await;
    sqlx::query(
        "INSERT INTO _sqlx_migrations (version, description, installed_on, success, checksum, execution_time)
         VALUES (9000, 'later', '2030-01-01', 1, x'00', 0)",
    )
    .execute(&shop.store.writer)
    .await
    .unwrap();
    shop.store.close().await;
    unreadable(SqliteStore::open(&shop.file(), shop.vault.clone()).await, "9000");
}
