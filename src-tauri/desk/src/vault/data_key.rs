//! A key for one grant. What it seals dies with its wrapped form: erasing that one cell erases the grant's secrets
//! wherever copies of the ciphertext lie (WAL, free pages, old backups).

use super::{Aad, Key, Purpose, Vault, VaultError, blank_key, derive, derive_salted, random_key, sealing};
use domain::chance::Chance;
use std::fmt;
use zeroize::Zeroizing;

/// 256 bits of one grant, in the clear only in memory. Store [`Vault::wrap`]'s bytes.
pub struct DataKey(Key);

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(<redacted>)")
    }
}

impl Vault {
    /// A fresh data key.
    pub fn new_data_key(&self, chance: &dyn Chance) -> DataKey {
        DataKey(random_key(chance))
    }

    /// The data key under the master key, for the cell it will be stored in.
    pub fn wrap(&self, key: &DataKey, cell: &Aad<'_>) -> Vec<u8> {
        self.seal(Purpose::DataKeys, cell, key.0.as_slice())
    }

    /// The data key from its cell. Errors: as [`Vault::open`].
    pub fn unwrap(&self, cell: &Aad<'_>, wrapped: &[u8]) -> Result<DataKey, VaultError> {
        let plain = self.open(Purpose::DataKeys, cell, wrapped)?;
        let mut key: Key = blank_key();
        if plain.len() != key.len() {
            return Err(VaultError::Refused);
        }
        key.copy_from_slice(&plain);
        Ok(DataKey(key))
    }

    /// As [`Vault::seal`], under a data key.
    pub fn seal_with(&self, key: &DataKey, purpose: Purpose, aad: &Aad<'_>, plain: &[u8]) -> Vec<u8> {
        sealing::seal(&self.cell_key(key, purpose), aad, plain)
    }

    /// As [`Vault::open`], under a data key.
    pub fn open_with(
        &self,
        key: &DataKey,
        purpose: Purpose,
        aad: &Aad<'_>,
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        sealing::open(&self.cell_key(key, purpose), aad, sealed)
    }

    /// Both keys go in: a data key that leaked opens nothing without the folder's master key.
    fn cell_key(&self, key: &DataKey, purpose: Purpose) -> Key {
        let salt = derive(&self.master, "salt/data-key");
        derive_salted(Some(&salt), &key.0, &format!("data-seal/{}", purpose.word()))
    }
}
