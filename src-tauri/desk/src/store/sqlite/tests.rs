//! The store on real files. One folder a subject: `backup` (copies), `chain` (the log), `canary` (what lies in the files), `disk` (full,
//! read-only, damaged), `each_write` (one log row each), `migrations`, `races`.

mod backup;
mod canary;
mod chain;
mod cuts;
mod disk;
mod each_write;
mod migrations;
mod purge;
mod races;

use super::SqliteStore;
use crate::rights::OWNER;
use crate::store::Store;
use crate::store::story::{cast, tells_the_same_story};
use crate::vault::{PassphraseCost, Vault, VaultSettings};
use domain::chance::OsChance;
use domain::secret::Secret;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A store in a folder of its own, gone with it.
pub(super) struct Shop {
    pub(super) folder: tempfile::TempDir,
    pub(super) vault: Arc<Vault>,
    pub(super) store: SqliteStore,
}

impl Shop {
    pub(super) async fn empty() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let vault = vault(folder.path());
        let store = SqliteStore::open(&folder.path().join("desk.db"), vault.clone()).await.unwrap();
        Self { folder, vault, store }
    }

    /// With an owner, a grant with a courier, a printer, and `parcel` waiting with `number`.
    pub(super) async fn open_for_business() -> Self {
        let shop = Self::empty().await;
        stock(&shop.store).await;
        shop
    }

    pub(super) fn file(&self) -> PathBuf {
        self.folder.path().join("desk.db")
    }
}

/// A folder's vault under a passphrase, cheap to open.
pub(super) fn vault(folder: &Path) -> Arc<Vault> {
    let settings = VaultSettings {
        passphrase: Some(Secret::new("correct horse battery staple")),
        os_store: false,
        passphrase_cost: Some(PassphraseCost { memory_kib: 64, passes: 1 }),
        ..VaultSettings::of(folder)
    };
    Arc::new(Vault::open_or_create(&settings, &OsChance).unwrap())
}

pub(super) async fn stock(store: &SqliteStore) {
    use crate::store::story::hold;
    use cast::{app, at, courier_id, grant_id, log, offer, order, parcel, person, person_id, printer, waybill};
    store.add_person(&person("owner", "钱掌柜", OWNER), &log("people.add", "owner")).await.unwrap();
    store.set_app(&app("app-secret"), &log("app.set", "taobao")).await.unwrap();
    let held = hold(store, "try", "state", "access").await;
    let entry = log("grant.confirm", "grant");
    store.activate(&held, &grant_id("grant"), &person_id("owner"), at(1), &entry).await.unwrap().unwrap();
    let fresh = [courier_id("west")];
    store.load_couriers(&grant_id("grant"), &[offer("西湖", 9)], &fresh, at(2), &log("load", "grant")).await.unwrap();
    store.save_printer(&printer("counter", true), &log("printer.save", "counter")).await.unwrap();
    let new = parcel("parcel", "press", order("陈晨", "13912345678"));
    let first = waybill("number", &new, 1, "press");
    store.add_parcel(&new, &first, &log("order.submit", "parcel")).await.unwrap();
}

#[tokio::test]
async fn sqlite_tells_the_same_story() {
    let shop = Shop::empty().await;
    tells_the_same_story(&shop.store).await;
    let again = SqliteStore::open(&shop.file(), shop.vault.clone()).await.unwrap();
    assert_eq!(again.log_verify().await.unwrap().1, None, "and it is still there after closing");
    assert_eq!(again.grants().await.unwrap().len(), 2);
}

#[test]
fn the_story_goes_through_every_method() {
    let methods = include_str!("../mod.rs");
    let story =
        concat!(include_str!("../story.rs"), include_str!("../story/parcels.rs"), include_str!("../story/batches.rs"));
    let names: Vec<_> =
        methods.split("async fn ").skip(1).map(|m| m.split('(').next().expect("split gives one part")).collect();
    assert!(names.len() > 50, "the trait was found: {names:?}");
    for name in names {
        assert!(story.contains(&format!("store.{name}(")), "the story leaves out {name}");
    }
}

#[tokio::test]
async fn another_folders_key_opens_nothing() {
    let (shop, elsewhere) = (Shop::open_for_business().await, tempfile::tempdir().unwrap());
    let stranger = SqliteStore::open(&shop.file(), vault(elsewhere.path())).await.unwrap();
    let sealed = stranger.parcel(&cast::parcel_id("parcel")).await;
    assert!(
        matches!(&sealed, Err(crate::store::StoreError::Sealed { what }) if what == "parcels.sealed_order"),
        "{sealed:?}"
    );
    assert!(stranger.tokens(&cast::grant_id("grant")).await.is_err());
    assert_eq!(stranger.log_verify().await.unwrap().1, Some(1), "nor does the log fit");
}

#[tokio::test]
async fn a_box_moved_to_another_row_does_not_open() {
    let shop = Shop::open_for_business().await;
    let other = cast::parcel("other", "press-2", cast::order("林一", "13700000000"));
    let number = cast::waybill("number-2", &other, 1, "press-2");
    shop.store.add_parcel(&other, &number, &cast::log("order.submit", "other")).await.unwrap();
    sqlx::query("UPDATE parcels SET sealed_order = (SELECT sealed_order FROM parcels WHERE id = 'other')")
        .execute(&shop.store.writer)
        .await
        .unwrap();
    assert!(shop.store.parcel(&cast::parcel_id("other")).await.is_ok(), "in its own row it opens");
    assert!(shop.store.parcel(&cast::parcel_id("parcel")).await.is_err(), "the label would go to somebody else");
}
