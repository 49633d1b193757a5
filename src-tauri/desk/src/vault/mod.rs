//! Secrets at rest: one 256-bit master key per data folder, one derived key per purpose, and sealed bytes that
//! open only in the table, row and column they were sealed for.
//!
//! Invariants:
//! - the master key is on disk only inside the operating system's key store, or wrapped by a passphrase; never in clear;
//! - a key that was written is read back and compared before anything rests on it, and before an older copy is wiped;
//! - where data is, no new key is ever made: a lost key is an error with an explanation.
//!
//! Deliberately absent: SQL, whole-file encryption, a wrap per person (printing and refreshing must work for every
//! post, so it would protect nothing), and any export of the master key. What travels inside a backup are four keys derived
//! from it ([`Carried`]).

mod carried;
mod data_key;
mod error;
mod files;
mod harden;
mod os_store;
mod place;
mod record;
mod recovery;
mod sealed_file;
mod sealing;
mod wrapped;

#[cfg(test)]
mod os_store_tests;
#[cfg(test)]
mod tests;

pub use carried::{Carried, CarriedHash};
pub use data_key::DataKey;
pub use error::VaultError;
pub use harden::harden_process;
pub use place::{KeyPlace, MoveTo, OldPlace, VaultSettings};
pub use recovery::{BackupKey, CardId, Recovery, WORDS, WordList, WordsWrong};
pub use sealed_file::{Head, SealedFileError, SealedReader, SealedWriter};
pub use sealing::Aad;
pub use wrapped::{LEAST_PASSPHRASE, PassphraseCost};

use domain::chance::Chance;
use hkdf::Hkdf;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use std::fmt;
use std::sync::{PoisonError, RwLock, RwLockReadGuard};
use zeroize::Zeroizing;

/// 256 bits, wiped when dropped. Boxed, so that moving the owner leaves no copies on the stack.
type Key = Box<Zeroizing<[u8; 32]>>;

/// What a sealed thing is. Each purpose has a key of its own: bytes sealed for one never open as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Access and refresh tokens of a grant.
    Tokens,
    /// Names, phones, addresses, remarks.
    Personal,
    /// Key and secret of the seller's own platform app.
    AppSecrets,
    /// State and verifier of an open authorization attempt.
    Attempts,
    /// Raw answers and print data of platforms.
    Answers,
    /// Wrapped data keys ([`DataKey`]).
    DataKeys,
    /// Log texts that must be sealed; the log's chain uses [`Vault::log_mac`], which has another key.
    Log,
    /// Sealed search terms; look-ups use [`Vault::index`], which has another key.
    Index,
    /// Backup files.
    Backup,
}

impl Purpose {
    /// Goes into the key derivation: changing a word here makes what was sealed with it unreadable.
    fn word(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Personal => "personal",
            Self::AppSecrets => "app-secrets",
            Self::Attempts => "attempts",
            Self::Answers => "answers",
            Self::DataKeys => "data-keys",
            Self::Log => "log",
            Self::Index => "index",
            Self::Backup => "backup",
        }
    }
}

/// The open vault of one data folder. Share it as `Arc<Vault>`; it is wiped when the last holder drops it.
pub struct Vault {
    master: Key,
    macs: RwLock<Macs>,
    kept: place::Kept,
}

/// The keys of look-ups and of the log's chain. They go with the data: in a folder that was restored from a backup they are
/// those of the folder that the data came from.
pub struct Macs {
    index: Key,
    log: Key,
}

impl Vault {
    /// Opens the folder's vault, or makes one in a folder that has no data yet.
    ///
    /// Blocks (Argon2id takes about a second, a key store may ask the person to unlock it, ≤ 90 s): call it through
    /// `tokio::task::spawn_blocking`. Take the folder (`instance::Claim`) first, and open the vault before the store.
    ///
    /// Errors: [`VaultError::NeedsPassphrase`] where the system has no usable key store and no passphrase was given;
    /// [`VaultError::KeyGone`], [`VaultError::KeyDiffers`] or [`VaultError::KeyFileGone`] where there is data whose key
    /// is lost; see [`VaultError`] for the rest.
    pub fn open_or_create(settings: &VaultSettings, chance: &dyn Chance) -> Result<Self, VaultError> {
        let os = os_store::OsKeyStore;
        let (master, kept) = place::open(settings, settings.os_store.then_some(&os as _), chance)?;
        Ok(Self::of(master, kept))
    }

    fn of(master: Key, kept: place::Kept) -> Self {
        let macs = Macs { index: derive(&master, "mac/index"), log: derive(&master, "mac/log") };
        Self { master, macs: RwLock::new(macs), kept }
    }

    fn macs(&self) -> RwLockReadGuard<'_, Macs> {
        self.macs.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Seals bytes for one cell. Version byte, 192-bit random nonce, ciphertext, tag: `plain.len() + 41` bytes.
    pub fn seal(&self, purpose: Purpose, aad: &Aad<'_>, plain: &[u8]) -> Vec<u8> {
        sealing::seal(&derive(&self.master, &format!("seal/{}", purpose.word())), aad, plain)
    }

    /// Opens what [`Vault::seal`] made for the same purpose and cell.
    ///
    /// Errors: [`VaultError::Refused`] for altered bytes, another cell, purpose or folder (which of them cannot be told
    /// apart); [`VaultError::UnknownForm`] for bytes of a later version of this program.
    pub fn open(&self, purpose: Purpose, aad: &Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        sealing::open(&derive(&self.master, &format!("seal/{}", purpose.word())), aad, sealed)
    }

    /// A look-up key for a text that is stored sealed: HMAC-SHA-256 cut to 128 bits. `what` names the field, so that
    /// the same digits as phone and as order number do not meet. Normalise `text` first: equal means equal bytes.
    pub fn index(&self, what: &str, text: &str) -> [u8; 16] {
        let mut mac = hmac(&self.macs().index);
        sealing::framed(&[what.as_bytes(), text.as_bytes()], |part| mac.update(part));
        let full = mac.finalize().into_bytes();
        let mut cut = [0; 16];
        cut.copy_from_slice(&full[..16]);
        cut
    }

    /// HMAC-SHA-256 under the log's own key: one link of the action log's chain.
    pub fn log_mac(&self, bytes: &[u8]) -> [u8; 32] {
        let mut mac = hmac(&self.macs().log);
        mac.update(bytes);
        mac.finalize().into_bytes().into()
    }

    /// Where the master key is kept.
    pub fn place(&self) -> &KeyPlace {
        self.kept.place()
    }

    /// The backend that kept the key when the folder was last opened, if another one answers now. Explain it to the
    /// owner: keys have been lost when a desktop changed its key service (Signal Desktop #6944).
    pub fn place_before(&self) -> Option<&KeyPlace> {
        self.kept.before()
    }

    /// The folder's random id: 32 hex digits, not a secret. Names the entry in the key store.
    pub fn folder_id(&self) -> &str {
        self.kept.folder_id()
    }

    /// Moves the master key to the other place, or under another passphrase. The new copy is written, read back and
    /// compared before the record is changed, and the record before the old copy is wiped. Blocks, as opening does.
    ///
    /// Errors: as [`Vault::open_or_create`]; the old place still holds after any of them.
    pub fn move_key(
        &mut self,
        settings: &VaultSettings,
        to: &MoveTo,
        chance: &dyn Chance,
    ) -> Result<OldPlace, VaultError> {
        let os = os_store::OsKeyStore;
        self.kept.move_key(&self.master, settings, settings.os_store.then_some(&os as _), to, chance)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Vault({:?}, <redacted>)", self.kept.place())
    }
}

/// HKDF-SHA-256 of a uniformly random key, so without salt (RFC 5869 §3.1).
fn derive(from: &Key, info: &str) -> Key {
    derive_salted(None, from, info)
}

fn derive_salted(salt: Option<&Key>, from: &Key, info: &str) -> Key {
    let mut out: Key = blank_key();
    Hkdf::<Sha256>::new(salt.map(|s| s.as_slice()), from.as_slice())
        .expand(format!("waybill-desk/v1/{info}").as_bytes(), out.as_mut_slice())
        .expect("32 bytes are within HKDF's limit of 255 hashes");
    out
}

fn random_key(chance: &dyn Chance) -> Key {
    let mut key: Key = blank_key();
    chance.fill(key.as_mut_slice());
    key
}

/// To be filled.
fn blank_key() -> Key {
    Box::new(Zeroizing::new([0; 32]))
}

fn hmac(key: &Key) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key.as_slice()).expect("HMAC takes keys of any length")
}
