//! `key.json`: where a folder's key is kept, and how to tell the right key from another. Without any secret.

use super::os_store::EntryName;
use super::{Key, KeyPlace, VaultError, VaultSettings, derive, files};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use subtle::ConstantTimeEq;

const FORM: u8 = 1;

/// `key.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Record {
    form: u8,
    /// 128 random bits; names the entry in the key store.
    pub folder: String,
    service: String,
    pub place: KeyPlace,
    /// Tells the right key from another: 128 bits derived from it one way.
    check: String,
}

impl Record {
    fn path(folder: &Path) -> PathBuf {
        folder.join("key.json")
    }

    pub(super) fn read(folder: &Path) -> Result<Option<Self>, VaultError> {
        let path = Self::path(folder);
        let Some(bytes) = files::read(&path)? else { return Ok(None) };
        let broken = |detail: String| VaultError::KeyFileBroken { file: path.clone(), detail };
        let record: Self = serde_json::from_slice(&bytes).map_err(|e| broken(e.to_string()))?;
        if record.form != FORM {
            return Err(broken(format!("form {} is not known to this version of the program", record.form)));
        }
        Ok(Some(record))
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), VaultError> {
        let text = serde_json::to_vec_pretty(self).expect("strings and numbers are always JSON");
        files::replace(&Self::path(folder), &text)
    }

    pub(super) fn entry(&self) -> EntryName {
        EntryName { service: self.service.clone(), folder: self.folder.clone() }
    }

    pub(super) fn of(folder_id: String, settings: &VaultSettings, place: KeyPlace, key: &Key) -> Self {
        let check = check(&folder_id, key);
        Self { form: FORM, folder: folder_id, service: settings.service.clone(), place, check }
    }

    pub(super) fn is_of(&self, key: &Key) -> bool {
        self.check.as_bytes().ct_eq(check(&self.folder, key).as_bytes()).into()
    }
}

fn check(folder_id: &str, key: &Key) -> String {
    STANDARD.encode(&derive(key, &format!("check/{folder_id}"))[..16])
}
