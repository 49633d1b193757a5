//! Where the master key is kept, and the record of it: `key.json` in the data folder, without any secret.
//!
//! The order of steps is the point of this file. A new key: kept, read back, compared, then recorded. A moved key:
//! the same, then the old copy is wiped. A crash between any two steps leaves a folder that opens.

use super::os_store::{EntryName, KeyStore, StoreFailed};
use super::record::Record;
use super::wrapped::{self, PassphraseCost};
use super::{Key, VaultError, blank_key, files, random_key};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{chance::Chance, secret::Secret};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::path::{Path, PathBuf};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Where a master key is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum KeyPlace {
    /// In the operating system's key store.
    OsStore {
        /// Who keeps it, in words: "Secret Service (gnome-keyring-d)".
        backend: String,
    },
    /// In `key.wrapped`, under the owner's passphrase.
    Passphrase,
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::OsStore { backend } => f.write_str(backend),
            Self::Passphrase => f.write_str("key.wrapped, under the passphrase"),
        }
    }
}

/// How to open a folder's vault.
#[derive(Clone, Debug)]
pub struct VaultSettings {
    /// The data folder.
    pub folder: PathBuf,
    /// The owner's passphrase, if known. Used only where the key store does not serve.
    pub passphrase: Option<Secret>,
    /// Whether the operating system's key store may be used; tests switch it off.
    pub os_store: bool,
    /// The program's name in the key store; the entry's user name is the folder's own random id.
    pub service: String,
    /// A lower cost of the passphrase, for tests that open many folders. A release build ignores it.
    pub passphrase_cost: Option<PassphraseCost>,
}

impl VaultSettings {
    /// The settings of the product: key store first, no passphrase yet.
    pub fn of(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            passphrase: None,
            os_store: true,
            service: "app.waybilldesk".to_owned(),
            passphrase_cost: None,
        }
    }

    fn cost(&self) -> PassphraseCost {
        match self.passphrase_cost {
            Some(cost) if cfg!(any(test, debug_assertions)) => cost,
            Some(_) | None => PassphraseCost::FULL,
        }
    }
}

/// Where [`super::Vault::move_key`] shall put the key.
#[derive(Clone, Debug)]
pub enum MoveTo {
    /// Into the operating system's key store.
    OsStore,
    /// Under this (new) passphrase.
    Passphrase(Secret),
}

/// What became of the copy in the old place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OldPlace {
    /// Gone.
    Wiped,
    /// Still there, and why; the owner may remove it by hand.
    StillThere {
        /// What the old place said.
        why: String,
    },
}

/// The record of an open vault.
#[derive(Debug)]
pub(super) struct Kept {
    record: Record,
    before: Option<KeyPlace>,
}

/// Opens or makes the folder's key.
pub(super) fn open(
    settings: &VaultSettings,
    store: Option<&dyn KeyStore>,
    chance: &dyn Chance,
) -> Result<(Key, Kept), VaultError> {
    let folder = &settings.folder;
    files::ensure_folder(folder)?;
    let Some(record) = Record::read(folder)? else {
        // Stopped between the two files of a first set-up, or key.json was lost: the wrapped key is the whole truth.
        if wrapped::path(folder).exists() {
            let (folder_id, key) = unwrap(settings)?;
            let record = Record::of(folder_id, settings, KeyPlace::Passphrase, &key);
            record.write(folder)?;
            return Ok((key, Kept { record, before: None }));
        }
        return create(settings, store, chance);
    };
    match &record.place {
        KeyPlace::Passphrase => {
            let (folder_id, key) = unwrap(settings)?;
            if folder_id != record.folder || !record.is_of(&key) {
                return Err(VaultError::KeyDiffers { kept_in: record.place.to_string() });
            }
            Ok((key, Kept { record, before: None }))
        }
        KeyPlace::OsStore { backend } => open_from_store(settings, store, backend.clone(), record),
    }
}

fn open_from_store(
    settings: &VaultSettings,
    store: Option<&dyn KeyStore>,
    kept_in: String,
    mut record: Record,
) -> Result<(Key, Kept), VaultError> {
    let folder = &settings.folder;
    let Some(store) = store else {
        return Err(VaultError::StoreUnusable { kept_in, detail: "it is switched off in the settings".to_owned() });
    };
    let text = match store.read(&record.entry()) {
        Ok(Some(text)) => text,
        Ok(None) => return Err(VaultError::KeyGone { kept_in, answering: store.backend() }),
        Err(StoreFailed(detail)) => return Err(VaultError::StoreUnusable { kept_in, detail }),
    };
    let Some(key) = key_of(&text).filter(|key| record.is_of(key)) else {
        return Err(VaultError::KeyDiffers { kept_in: store.backend() });
    };
    // A move to the store that was cut off before its last step.
    files::remove(&wrapped::path(folder))?;
    let now = KeyPlace::OsStore { backend: store.backend() };
    let before = if now == record.place {
        None
    } else {
        tracing::warn!(before = %record.place, now = %now, "another key store answers for this data folder");
        let before = std::mem::replace(&mut record.place, now);
        record.write(folder)?;
        Some(before)
    };
    Ok((key, Kept { record, before }))
}

fn create(
    settings: &VaultSettings,
    store: Option<&dyn KeyStore>,
    chance: &dyn Chance,
) -> Result<(Key, Kept), VaultError> {
    let folder = &settings.folder;
    if let Some(found) = data_in(folder)? {
        return Err(VaultError::KeyFileGone { folder: folder.clone(), found });
    }
    let key = random_key(chance);
    let folder_id = chance.hex(16);
    let name = EntryName { service: settings.service.clone(), folder: folder_id.clone() };
    let why = match store.map(|store| keep_in_store(store, &name, &key)) {
        Some(Ok(place)) => {
            let record = Record::of(folder_id, settings, place, &key);
            record.write(folder)?;
            return Ok((key, Kept { record, before: None }));
        }
        Some(Err(e)) => format!("this system has no usable key store: {e}"),
        None => "the system's key store is switched off".to_owned(),
    };
    let Some(passphrase) = &settings.passphrase else {
        return Err(VaultError::NeedsPassphrase { new: true, why });
    };
    tracing::info!(why, "the key is kept under a passphrase");
    wrapped::write(folder, &folder_id, &key, passphrase, settings.cost(), chance)?;
    let record = Record::of(folder_id, settings, KeyPlace::Passphrase, &key);
    record.write(folder)?;
    Ok((key, Kept { record, before: None }))
}

impl Kept {
    pub(super) fn place(&self) -> &KeyPlace {
        &self.record.place
    }

    pub(super) fn before(&self) -> Option<&KeyPlace> {
        self.before.as_ref()
    }

    pub(super) fn folder_id(&self) -> &str {
        &self.record.folder
    }

    pub(super) fn move_key(
        &mut self,
        key: &Key,
        settings: &VaultSettings,
        store: Option<&dyn KeyStore>,
        to: &MoveTo,
        chance: &dyn Chance,
    ) -> Result<OldPlace, VaultError> {
        let folder = &settings.folder;
        let mut fresh = self.record.clone();
        fresh.place = match to {
            MoveTo::OsStore => {
                let store = store.ok_or_else(|| VaultError::StoreRefused {
                    store: "the system's key store".to_owned(),
                    detail: "it is switched off in the settings".to_owned(),
                })?;
                keep_in_store(store, &fresh.entry(), key)?
            }
            MoveTo::Passphrase(passphrase) => {
                wrapped::write(folder, &fresh.folder, key, passphrase, settings.cost(), chance)?;
                KeyPlace::Passphrase
            }
        };
        fresh.write(folder)?;
        let old = std::mem::replace(&mut self.record, fresh).place;
        let wiped = match (&old, &self.record.place) {
            // The new copy took the place of the old one.
            (KeyPlace::Passphrase, KeyPlace::Passphrase) | (KeyPlace::OsStore { .. }, KeyPlace::OsStore { .. }) => {
                Ok(())
            }
            (KeyPlace::Passphrase, KeyPlace::OsStore { .. }) => {
                files::remove(&wrapped::path(folder)).map_err(|e| e.to_string())
            }
            (KeyPlace::OsStore { .. }, KeyPlace::Passphrase) => match store {
                Some(store) => store.erase(&self.record.entry()).map_err(|e| e.to_string()),
                None => Err("the system's key store is switched off in the settings".to_owned()),
            },
        };
        Ok(wiped.map_or_else(|why| OldPlace::StillThere { why }, |()| OldPlace::Wiped))
    }
}

fn unwrap(settings: &VaultSettings) -> Result<(String, Key), VaultError> {
    let Some(passphrase) = &settings.passphrase else {
        let why = "the key of this data folder is kept under the owner's passphrase".to_owned();
        return Err(VaultError::NeedsPassphrase { new: false, why });
    };
    wrapped::read(&settings.folder, passphrase)?.ok_or_else(|| VaultError::KeyGone {
        kept_in: "key.wrapped".to_owned(),
        answering: settings.folder.display().to_string(),
    })
}

/// Writes, reads back, compares. Stores have said "written" and kept nothing (flathub org.signal.Signal #754).
fn keep_in_store(store: &dyn KeyStore, name: &EntryName, key: &Key) -> Result<KeyPlace, VaultError> {
    let text = Zeroizing::new(STANDARD.encode(key.as_slice()));
    let backend = store.backend();
    let not_kept = |detail: String| VaultError::NotKept { place: backend.clone(), detail };
    store.write(name, &text).map_err(|e| VaultError::StoreRefused { store: backend.clone(), detail: e.0 })?;
    match store.read(name) {
        Ok(Some(back)) if bool::from(back.as_bytes().ct_eq(text.as_bytes())) => {}
        Ok(Some(_)) => return Err(not_kept("another text came back".to_owned())),
        Ok(None) => return Err(not_kept("no entry came back".to_owned())),
        Err(e) => return Err(not_kept(e.to_string())),
    }
    // Asked again: on Linux the service may have been started by the write itself.
    Ok(KeyPlace::OsStore { backend: store.backend() })
}

fn key_of(text: &Zeroizing<String>) -> Option<Key> {
    let bytes = Zeroizing::new(STANDARD.decode(text.as_bytes()).ok()?);
    let mut key: Key = blank_key();
    (bytes.len() == key.len()).then(|| {
        key.copy_from_slice(&bytes);
        key
    })
}

/// A database in the folder: no key may be made beside it.
fn data_in(folder: &Path) -> Result<Option<String>, VaultError> {
    let failed = |e| files::io("could not look into", folder, e);
    for item in std::fs::read_dir(folder).map_err(failed)? {
        let item = item.map_err(failed)?;
        let name = item.file_name().to_string_lossy().into_owned();
        let is_database = [".db", ".sqlite", ".sqlite3"].iter().any(|end| name.to_ascii_lowercase().ends_with(end));
        if is_database && item.metadata().map_err(failed)?.len() > 0 {
            return Ok(Some(name));
        }
    }
    Ok(None)
}
