//! What can go wrong with the key, in sentences an owner can act on. No variant carries key material.

use std::path::PathBuf;

/// Why a vault did not open, or a value did not.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Ask the owner for a passphrase and open again. `new`: choose one (ask twice); else the one chosen before.
    #[error("a passphrase is needed: {why}")]
    NeedsPassphrase {
        /// Whether the folder has no key yet.
        new: bool,
        /// Why the key store does not serve.
        why: String,
    },
    /// The passphrase does not open `key.wrapped`.
    #[error("the passphrase is wrong, or the file key.wrapped was altered")]
    WrongPassphrase,
    /// Not accepted for a new wrap.
    #[error("the passphrase is too short: {least} characters at least")]
    PassphraseTooShort {
        /// Least number of characters.
        least: usize,
    },
    /// The folder has data, but the key store has no entry for it.
    #[error(
        "the key of this data folder is gone: it was kept in {kept_in}, and {answering} has no entry for it. \
         Log in to the desktop account that used this folder before, or bring its key store back; \
         a new key cannot open what is there, so none was made"
    )]
    KeyGone {
        /// The backend on record.
        kept_in: String,
        /// The backend that answered now.
        answering: String,
    },
    /// The key store gave a key that is not this folder's.
    #[error(
        "{kept_in} holds another key than the one this data folder was made with; nothing was opened or changed. \
         Bring back the key store, or the data folder, that belongs to the other"
    )]
    KeyDiffers {
        /// The place that gave the key.
        kept_in: String,
    },
    /// The key store on record cannot be asked now.
    #[error(
        "the key of this data folder is kept in {kept_in}, which cannot be used now ({detail}). \
         Unlock or start the desktop's key store and try again"
    )]
    StoreUnusable {
        /// The backend on record.
        kept_in: String,
        /// What it said.
        detail: String,
    },
    /// The key store does not take a key.
    #[error("{store} cannot keep the key ({detail})")]
    StoreRefused {
        /// The backend.
        store: String,
        /// What it said.
        detail: String,
    },
    /// A freshly written key did not read back; nothing rests on it and no older copy was touched.
    #[error("the key was written to {place} but did not read back ({detail}); nothing was changed")]
    NotKept {
        /// Where it was written.
        place: String,
        /// What came back instead.
        detail: String,
    },
    /// There is data but no record of its key.
    #[error("{folder} holds data ({found}) but not its key record key.json: put the file back, no new key was made")]
    KeyFileGone {
        /// The data folder.
        folder: PathBuf,
        /// The data that was found.
        found: String,
    },
    /// A key file is not what this program writes.
    #[error("{file} cannot be read: {detail}")]
    KeyFileBroken {
        /// The file.
        file: PathBuf,
        /// What is wrong.
        detail: String,
    },
    /// A sealed value was altered, moved to another cell, or sealed with another key.
    #[error("a sealed value does not open: it was altered, moved, or sealed with another key")]
    Refused,
    /// A sealed value of a later version of this program.
    #[error("a sealed value has form {version}, which this version of the program does not know")]
    UnknownForm {
        /// Its version byte.
        version: u8,
    },
    /// The folder could not be read or written.
    #[error("{what} {path}")]
    Io {
        /// What was attempted.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: std::io::Error,
    },
}
