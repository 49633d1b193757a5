//! What of a folder's keys travels inside a backup: enough to read people's data and to go on with the chain, nothing more.
//!
//! Four derived keys, never the master key they come from: whoever opens a backup with the recovery words can read what
//! stands on labels, and can open no token and no app secret, of which a backup has none anyway.

use super::{Aad, Key, Macs, Purpose, Vault, VaultError, blank_key, derive, hmac, sealing};
use hmac::Mac;
use std::fmt;
use zeroize::Zeroizing;

/// Bytes of [`Carried::to_bytes`].
const LENGTH: usize = 4 * 32;

/// The keys that go with the data.
pub struct Carried {
    personal: Key,
    answers: Key,
    macs: Macs,
}

impl fmt::Debug for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Carried(<redacted>)")
    }
}

impl Carried {
    /// For the inside of a sealed backup.
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(LENGTH));
        for key in [&self.personal, &self.answers, &self.macs.index, &self.macs.log] {
            out.extend_from_slice(key.as_slice());
        }
        out
    }

    /// What [`Self::to_bytes`] made.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        if bytes.len() != LENGTH {
            return None;
        }
        let key = |n: usize| {
            let mut key = blank_key();
            key.copy_from_slice(&bytes[n * 32..(n + 1) * 32]);
            key
        };
        Some(Self { personal: key(0), answers: key(1), macs: Macs { index: key(2), log: key(3) } })
    }

    /// As [`Vault::open`]; the other purposes do not travel.
    pub fn open(&self, purpose: Purpose, aad: &Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        match purpose {
            Purpose::Personal => sealing::open(&self.personal, aad, sealed),
            Purpose::Answers => sealing::open(&self.answers, aad, sealed),
            _ => Err(VaultError::Refused),
        }
    }

    /// A hash of many parts under a key that travels too: two desks can compare what they hold, and nobody else can try
    /// out what it may be.
    pub fn hash(&self) -> CarriedHash {
        CarriedHash(hmac(&derive(&self.macs.index, "compare")))
    }
}

/// See [`Carried::hash`].
pub struct CarriedHash(hmac::Hmac<sha2::Sha256>);

impl CarriedHash {
    /// One more part, told apart from the next.
    pub fn add(&mut self, part: &[u8]) {
        self.0.update(&(part.len() as u64).to_be_bytes());
        self.0.update(part);
    }

    /// In hex.
    pub fn end(self) -> String {
        use fmt::Write;
        self.0.finalize().into_bytes().iter().fold(String::with_capacity(64), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
    }
}

impl Vault {
    /// The keys that travel with this folder's data.
    pub fn carried(&self) -> Carried {
        let macs = self.macs();
        Carried {
            personal: derive(&self.master, &format!("seal/{}", Purpose::Personal.word())),
            answers: derive(&self.master, &format!("seal/{}", Purpose::Answers.word())),
            macs: Macs { index: macs.index.clone(), log: macs.log.clone() },
        }
    }

    /// From now on look-ups and the log's chain go by the keys of the folder that the data came from, as its keyed hashes
    /// and its log do. Sealing stays with this folder's own master key. Gives back what counted before.
    pub fn adopt(&self, carried: &Carried) -> Macs {
        let fresh = Macs { index: carried.macs.index.clone(), log: carried.macs.log.clone() };
        self.set_macs(fresh)
    }

    /// Takes back an [`Self::adopt`] that came to nothing.
    pub fn set_macs(&self, macs: Macs) -> Macs {
        let mut now = self.macs.write().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::mem::replace(&mut *now, macs)
    }

    /// For a cell of the new folder: both keys that [`Self::adopt`] needs after the next start.
    pub fn macs_to_bytes(carried: &Carried) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(Vec::with_capacity(64));
        out.extend_from_slice(carried.macs.index.as_slice());
        out.extend_from_slice(carried.macs.log.as_slice());
        out
    }

    /// What [`Self::macs_to_bytes`] made.
    pub fn macs_from_bytes(bytes: &[u8]) -> Option<Macs> {
        if bytes.len() != 64 {
            return None;
        }
        let (mut index, mut log) = (blank_key(), blank_key());
        index.copy_from_slice(&bytes[..32]);
        log.copy_from_slice(&bytes[32..]);
        Some(Macs { index, log })
    }
}
