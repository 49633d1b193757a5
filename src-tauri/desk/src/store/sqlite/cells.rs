//! Sealed cells: a value as JSON in a vault box that opens only in its row and column.
//!
//! `Secret` and `Tokens` do not serialise on purpose; their mirrors here do, into buffers that are wiped.

use super::SqliteStore;
use crate::store::{R, StoreError};
use crate::vault::{Aad, Carried, DataKey, Purpose, VaultError};
use domain::clock::Millis;
use domain::connector::{ShopIdentity, Tokens};
use domain::secret::Secret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use zeroize::Zeroizing;

/// A sealed column.
pub(super) struct Cell {
    table: &'static str,
    column: &'static str,
    purpose: Purpose,
}

const fn cell(table: &'static str, column: &'static str, purpose: Purpose) -> Cell {
    Cell { table, column, purpose }
}

/// [`SealedSecret`]; row: the platform.
pub(super) const APP_SECRET: Cell = cell("apps", "sealed_secret", Purpose::AppSecrets);
/// [`AttemptSecrets`].
pub(super) const ATTEMPT_SECRETS: Cell = cell("attempts", "sealed_secrets", Purpose::Attempts);
/// [`SealedTokens`], until a person has confirmed the shop.
pub(super) const ATTEMPT_TOKENS: Cell = cell("attempts", "sealed_tokens", Purpose::Tokens);
/// The grant's own data key.
pub(super) const GRANT_KEY: Cell = cell("grants", "sealed_key", Purpose::DataKeys);
/// [`SealedTokens`] under the grant's data key.
pub(super) const GRANT_TOKENS: Cell = cell("grants", "sealed_tokens", Purpose::Tokens);
/// [`SealedTokens`] under the grant's data key: the pair before a renewal.
pub(super) const GRANT_OLD_TOKENS: Cell = cell("grants", "sealed_old_tokens", Purpose::Tokens);
/// [`SealedTokens`] of an erased grant under the master key, in the same column, until the platform has acknowledged.
/// Named apart, so that one never passes for the other.
pub(super) const REVOKE_TOKENS: Cell = cell("grants", "sealed_tokens/revoke", Purpose::Tokens);
/// `Details`.
pub(super) const COURIER_DETAILS: Cell = cell("couriers", "sealed_details", Purpose::Personal);
/// A text; row: the person.
pub(super) const DRAFT: Cell = cell("drafts", "sealed_draft", Purpose::Personal);
/// `PersonCard`; row: the person.
pub(super) const CARD: Cell = cell("people", "sealed_card", Purpose::Personal);
/// Base32; row: the person.
pub(super) const TOTP: Cell = cell("people", "sealed_totp", Purpose::Personal);
/// `Order`.
pub(super) const ORDER: Cell = cell("parcels", "sealed_order", Purpose::Personal);
/// `IssueRequest`.
pub(super) const REQUEST: Cell = cell("waybills", "sealed_request", Purpose::Personal);
/// A text; row: the keyed hash of the file.
pub(super) const CARRIER_FILE_NAME: Cell = cell("carrier_files", "sealed_name", Purpose::Personal);
/// Base64; row: the keyed hash of the file.
pub(super) const CARRIER_FILE: Cell = cell("carrier_files", "sealed_file", Purpose::Personal);
/// `Answer`.
pub(super) const ANSWER: Cell = cell("waybills", "sealed_answer", Purpose::Answers);

impl Cell {
    /// Whether this is the cell of that table and column.
    pub(super) fn is(&self, table: &str, column: &str) -> bool {
        self.table == table && self.column == column
    }

    /// Opens what lies in a copy, by the keys that travel with it.
    pub(super) fn open_carried(&self, carried: &Carried, row: &str, sealed: &[u8]) -> R<Zeroizing<Vec<u8>>> {
        carried.open(self.purpose, &self.aad(row), sealed).map_err(|_| StoreError::Sealed { what: self.name() })
    }

    /// Seals what [`Self::open_carried`] gave under this folder's key.
    pub(super) fn seal_bytes(&self, store: &SqliteStore, row: &str, plain: &[u8]) -> Vec<u8> {
        store.vault.seal(self.purpose, &self.aad(row), plain)
    }

    fn aad<'a>(&self, row: &'a str) -> Aad<'a> {
        Aad { table: self.table, row, column: self.column }
    }

    /// Seals a value under the folder's master key.
    pub(super) fn seal<T: Serialize + ?Sized>(&self, store: &SqliteStore, row: &str, value: &T) -> Vec<u8> {
        store.vault.seal(self.purpose, &self.aad(row), &json(value))
    }

    /// Opens what [`Self::seal`] made.
    pub(super) fn open<T: DeserializeOwned>(&self, store: &SqliteStore, row: &str, sealed: &[u8]) -> R<T> {
        self.read(store.vault.open(self.purpose, &self.aad(row), sealed))
    }

    /// Seals a value under a data key.
    pub(super) fn seal_under<T: Serialize>(&self, store: &SqliteStore, key: &DataKey, row: &str, value: &T) -> Vec<u8> {
        store.vault.seal_with(key, self.purpose, &self.aad(row), &json(value))
    }

    /// Opens what [`Self::seal_under`] made.
    pub(super) fn open_under<T: DeserializeOwned>(
        &self,
        store: &SqliteStore,
        key: &DataKey,
        row: &str,
        sealed: &[u8],
    ) -> R<T> {
        self.read(store.vault.open_with(key, self.purpose, &self.aad(row), sealed))
    }

    /// A data key for this cell.
    pub(super) fn wrap(&self, store: &SqliteStore, key: &DataKey, row: &str) -> Vec<u8> {
        store.vault.wrap(key, &self.aad(row))
    }

    /// The data key of this cell.
    pub(super) fn unwrap(&self, store: &SqliteStore, row: &str, wrapped: &[u8]) -> R<DataKey> {
        store.vault.unwrap(&self.aad(row), wrapped).map_err(|_| StoreError::Sealed { what: self.name() })
    }

    fn read<T: DeserializeOwned>(&self, opened: Result<Zeroizing<Vec<u8>>, VaultError>) -> R<T> {
        let plain = opened.map_err(|_| StoreError::Sealed { what: self.name() })?;
        serde_json::from_slice(&plain).map_err(|_| StoreError::Unreadable { what: self.name() })
    }

    fn name(&self) -> String {
        format!("{}.{}", self.table, self.column)
    }
}

/// Measured first and written into a buffer of that size: one that grows leaves plain text in freed memory.
pub(super) fn json<T: Serialize + ?Sized>(value: &T) -> Zeroizing<Vec<u8>> {
    struct Length(usize);
    impl std::io::Write for Length {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let always = "the sealed types are texts and whole numbers, which are always JSON";
    let mut length = Length(0);
    serde_json::to_writer(&mut length, value).expect(always);
    let mut plain = Zeroizing::new(Vec::with_capacity(length.0));
    serde_json::to_writer(&mut *plain, value).expect(always);
    plain
}

/// A secret inside a box.
pub(super) struct SealedSecret(pub(super) Secret);

impl Serialize for SealedSecret {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.0.reveal())
    }
}

impl<'de> Deserialize<'de> for SealedSecret {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d).map(|text| Self(Secret::from(text)))
    }
}

/// What an open attempt must remember, inside a box; empty texts once it is over.
#[derive(Serialize, Deserialize)]
pub(super) struct AttemptSecrets {
    /// One-time state.
    pub(super) state: SealedSecret,
    /// PKCE verifier.
    pub(super) verifier: SealedSecret,
}

impl AttemptSecrets {
    /// What is left when the attempt is over.
    pub(super) fn empty() -> Self {
        Self { state: SealedSecret(Secret::default()), verifier: SealedSecret(Secret::default()) }
    }
}

/// Tokens inside a box.
#[derive(Serialize, Deserialize)]
pub(super) struct SealedTokens {
    access: SealedSecret,
    access_expires: Option<Millis>,
    refresh: Option<SealedSecret>,
    refresh_expires: Option<Millis>,
    identity: Option<ShopIdentity>,
}

impl From<&Tokens> for SealedTokens {
    fn from(t: &Tokens) -> Self {
        Self {
            access: SealedSecret(t.access.clone()),
            access_expires: t.access_expires,
            refresh: t.refresh.clone().map(SealedSecret),
            refresh_expires: t.refresh_expires,
            identity: t.identity.clone(),
        }
    }
}

impl From<SealedTokens> for Tokens {
    fn from(t: SealedTokens) -> Self {
        Self {
            access: t.access.0,
            access_expires: t.access_expires,
            refresh: t.refresh.map(|r| r.0),
            refresh_expires: t.refresh_expires,
            identity: t.identity,
        }
    }
}
