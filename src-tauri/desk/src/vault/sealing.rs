//! One sealed cell: XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03), 192-bit random nonce, bound to its place.
//!
//! Form: version byte ‖ nonce (24) ‖ ciphertext ‖ tag (16). The version byte is the key version and is part of the
//! associated data. Nonces come from the operating system even in seeded tests: a repeated nonce under one key
//! would give the plain texts away.

use super::{Key, VaultError};
use chacha20poly1305::aead::AeadInOut;
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use domain::chance::{Chance, OsChance};
use zeroize::Zeroizing;

const VERSION: u8 = 1;
const NONCE: usize = 24;
const TAG: usize = 16;
const HEAD: usize = 1 + NONCE;

/// The cell a sealed value belongs to; it opens nowhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aad<'a> {
    /// Table.
    pub table: &'a str,
    /// Row id.
    pub row: &'a str,
    /// Column.
    pub column: &'a str,
}

impl Aad<'_> {
    /// Unambiguous: with lengths in front, ("ab","c") and ("a","bc") differ.
    fn bytes(&self, version: u8) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.table.len() + self.row.len() + self.column.len() + 33);
        framed(&[self.table.as_bytes(), self.row.as_bytes(), self.column.as_bytes(), &[version]], |part| {
            out.extend_from_slice(part);
        });
        out
    }
}

/// Hands each part on with its length (8 bytes, big endian) in front.
pub(super) fn framed(parts: &[&[u8]], mut take: impl FnMut(&[u8])) {
    for part in parts {
        take(&(part.len() as u64).to_be_bytes());
        take(part);
    }
}

pub(super) fn seal(key: &Key, aad: &Aad<'_>, plain: &[u8]) -> Vec<u8> {
    seal_bytes(key, &aad.bytes(VERSION), plain)
}

pub(super) fn open(key: &Key, aad: &Aad<'_>, sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    open_bytes(key, &aad.bytes(VERSION), sealed)
}

pub(super) fn seal_bytes(key: &Key, aad: &[u8], plain: &[u8]) -> Vec<u8> {
    let mut nonce = XNonce::default();
    OsChance.fill(&mut nonce);
    // Encrypted in the buffer it is copied to, sized once: growing would leave plain text in freed memory.
    let mut out = Vec::with_capacity(HEAD + plain.len() + TAG);
    out.push(VERSION);
    out.extend_from_slice(&nonce);
    out.extend_from_slice(plain);
    let tag = XChaCha20Poly1305::new(key.as_slice().try_into().expect("a key has 32 bytes"))
        .encrypt_inout_detached(&nonce, aad, (&mut out[HEAD..]).into())
        .expect("a cell is far below the cipher's limit of 256 GiB");
    out.extend_from_slice(&tag);
    out
}

pub(super) fn open_bytes(key: &Key, aad: &[u8], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, VaultError> {
    match sealed.first() {
        Some(&VERSION) if sealed.len() >= HEAD + TAG => {}
        Some(&VERSION) | None => return Err(VaultError::Refused),
        Some(&version) => return Err(VaultError::UnknownForm { version }),
    }
    let (head, rest) = sealed.split_at(HEAD);
    let (body, tag) = rest.split_at(rest.len() - TAG);
    let nonce: &XNonce = head[1..].try_into().expect("the head is one byte and a nonce");
    let mut plain = Zeroizing::new(body.to_vec());
    XChaCha20Poly1305::new(key.as_slice().try_into().expect("a key has 32 bytes"))
        .decrypt_inout_detached(
            nonce,
            aad,
            plain.as_mut_slice().into(),
            tag.try_into().expect("split off with its length"),
        )
        .map_err(|_| VaultError::Refused)?;
    Ok(plain)
}
