//! The master key under a passphrase: `key.wrapped`, mode 0600. Argon2id (RFC 9106) makes the wrapping key,
//! XChaCha20-Poly1305 wraps; every figure of the file is part of the associated data, so none can be swapped.

use super::{Key, VaultError, blank_key, files, sealing};
use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{chance::Chance, secret::Secret};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use subtle::ConstantTimeEq;

const FORM: u8 = 1;
/// Characters of a new passphrase at least: whoever steals the folder may guess without limit.
pub const LEAST_PASSPHRASE: usize = 12;

/// What a passphrase guess costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassphraseCost {
    /// Memory, KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

impl PassphraseCost {
    /// 256 MiB, three passes: 1.2 s on a 2-core machine.
    pub const FULL: Self = Self { memory_kib: 256 * 1024, passes: 3 };
    /// A file that asks for more than this is broken or hostile, not strong.
    const MOST: Self = Self { memory_kib: 1024 * 1024, passes: 16 };
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrappedKey {
    form: u8,
    /// The folder it belongs to.
    folder: String,
    cost: PassphraseCost,
    salt: String,
    sealed: String,
}

impl WrappedKey {
    fn aad(&self) -> Vec<u8> {
        let mut out = b"waybill-desk/key.wrapped".to_vec();
        let figures = [self.cost.memory_kib.to_be_bytes(), self.cost.passes.to_be_bytes()].concat();
        sealing::framed(&[&[self.form], self.folder.as_bytes(), &figures, self.salt.as_bytes()], |part| {
            out.extend_from_slice(part);
        });
        out
    }
}

/// Where a folder's wrapped key is.
pub(super) fn path(folder: &Path) -> PathBuf {
    folder.join("key.wrapped")
}

/// Wraps the key, writes the file, reads it back and compares.
pub(super) fn write(
    folder: &Path,
    folder_id: &str,
    key: &Key,
    passphrase: &Secret,
    cost: PassphraseCost,
    chance: &dyn Chance,
) -> Result<(), VaultError> {
    if passphrase.reveal().chars().count() < LEAST_PASSPHRASE {
        return Err(VaultError::PassphraseTooShort { least: LEAST_PASSPHRASE });
    }
    let mut salt = [0; 16];
    chance.fill(&mut salt);
    let wrapping = stretch(passphrase, &salt, cost, &path(folder))?;
    let mut file = WrappedKey {
        form: FORM,
        folder: folder_id.to_owned(),
        cost,
        salt: STANDARD.encode(salt),
        sealed: String::new(),
    };
    file.sealed = STANDARD.encode(sealing::seal_bytes(&wrapping, &file.aad(), key.as_slice()));
    let text = serde_json::to_vec_pretty(&file).expect("strings and numbers are always JSON");
    // Tried on a file of its own first: an older key.wrapped is replaced only by one that is known to open.
    let trial = folder.join("key.wrapped.trial");
    files::replace(&trial, &text)?;
    let back = load(&trial)?.map(|file| unseal(&file, &wrapping)).transpose();
    files::remove(&trial)?;
    match back {
        Ok(Some(back)) if bool::from(back.as_slice().ct_eq(key.as_slice())) => files::replace(&path(folder), &text),
        Ok(Some(_)) => Err(not_kept(folder, "another key came back")),
        Ok(None) => Err(not_kept(folder, "the file was not there")),
        Err(e) => Err(not_kept(folder, &e.to_string())),
    }
}

/// Opens the folder's wrapped key: the folder id it was made for, and the key. Nothing if there is no file.
pub(super) fn read(folder: &Path, passphrase: &Secret) -> Result<Option<(String, Key)>, VaultError> {
    let path = path(folder);
    let Some(file) = load(&path)? else { return Ok(None) };
    let broken = |detail: &str| VaultError::KeyFileBroken { file: path.clone(), detail: detail.to_owned() };
    if file.cost.memory_kib > PassphraseCost::MOST.memory_kib || file.cost.passes > PassphraseCost::MOST.passes {
        return Err(broken("it asks for more memory or time than this program ever sets"));
    }
    let salt = STANDARD.decode(&file.salt).map_err(|_| broken("its salt is not Base64"))?;
    let wrapping = stretch(passphrase, &salt, file.cost, &path)?;
    let key = unseal(&file, &wrapping)?;
    Ok(Some((file.folder, key)))
}

fn load(path: &Path) -> Result<Option<WrappedKey>, VaultError> {
    let Some(bytes) = files::read(path)? else { return Ok(None) };
    let broken = |detail: String| VaultError::KeyFileBroken { file: path.to_owned(), detail };
    let file: WrappedKey = serde_json::from_slice(&bytes).map_err(|e| broken(e.to_string()))?;
    if file.form != FORM {
        return Err(broken(format!("form {} is not known to this version of the program", file.form)));
    }
    Ok(Some(file))
}

fn unseal(file: &WrappedKey, wrapping: &Key) -> Result<Key, VaultError> {
    let sealed = STANDARD.decode(&file.sealed).map_err(|_| VaultError::WrongPassphrase)?;
    let plain = sealing::open_bytes(wrapping, &file.aad(), &sealed).map_err(|_| VaultError::WrongPassphrase)?;
    let mut key: Key = blank_key();
    if plain.len() != key.len() {
        return Err(VaultError::WrongPassphrase);
    }
    key.copy_from_slice(&plain);
    Ok(key)
}

fn stretch(passphrase: &Secret, salt: &[u8], cost: PassphraseCost, file: &Path) -> Result<Key, VaultError> {
    let broken = |detail: String| VaultError::KeyFileBroken { file: file.to_owned(), detail };
    let params = Params::new(cost.memory_kib, cost.passes, 1, Some(32)).map_err(|e| broken(e.to_string()))?;
    let mut out: Key = blank_key();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.reveal().as_bytes(), salt, out.as_mut_slice())
        .map_err(|e| broken(e.to_string()))?;
    Ok(out)
}

fn not_kept(folder: &Path, detail: &str) -> VaultError {
    VaultError::NotKept { place: path(folder).display().to_string(), detail: detail.to_owned() }
}
