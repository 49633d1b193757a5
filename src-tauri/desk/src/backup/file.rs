//! The inside of a backup, within the sealing of `vault::sealed_file`:
//!
//! ```text
//! 4    length of the manifest, big endian
//! …    manifest, JSON: program, trial, made_at, inventory
//! 128  the keys that travel (see `vault::carried`)
//! …    the copy: one SQLite file, its sealed cells under those keys
//! ```

use super::Trouble;
use crate::store::Inventory;
use crate::vault::{BackupKey, Carried, SealedFileError, SealedReader, SealedWriter};
use domain::clock::Millis;
use serde::{Deserialize, Serialize};
use std::fs::File;
use std::io::{BufReader, Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

const KEYS: usize = 128;
/// A manifest is a few kilobytes; one that says more is hostile.
const MOST_MANIFEST: usize = 4 << 20;

/// What a backup says of itself, under its seal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// Version of the program that made it.
    pub program: String,
    /// Of a practice folder.
    pub trial: bool,
    /// When.
    pub made_at: i64,
    /// What the copy holds.
    pub inventory: Inventory,
}

fn private(path: &Path) -> std::io::Result<File> {
    let mut how = File::options();
    how.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how.open(path)
}

/// Seals a copy into a file and flushes it to the platter.
pub(super) fn seal(copy: &Path, to: &Path, key: &BackupKey, m: &Manifest, carried: &Carried) -> Result<(), Trouble> {
    let text = serde_json::to_vec(m).map_err(|e| Trouble::Other(e.to_string()))?;
    let length = u32::try_from(text.len()).map_err(|e| Trouble::Other(e.to_string()))?;
    let mut out = SealedWriter::new(private(to)?, key, Millis(m.made_at))?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(&text)?;
    out.write_all(&carried.to_bytes())?;
    let mut from = File::open(copy)?;
    let mut part = vec![0; 1 << 18];
    loop {
        match from.read(&mut part)? {
            0 => break,
            n => out.write_all(&part[..n])?,
        }
    }
    Ok(out.finish()?.sync_all()?)
}

type Opened = (SealedReader<BufReader<File>>, Manifest, Carried);

fn open(path: &Path, key: &BackupKey) -> Result<Opened, SealedFileError> {
    let damaged = || SealedFileError::Damaged { chunk: 0 };
    let mut from = SealedReader::new(BufReader::new(File::open(path)?), key)?;
    let mut length = [0; 4];
    from.read_whole(&mut length)?;
    let length = u32::from_be_bytes(length) as usize;
    if length > MOST_MANIFEST {
        return Err(damaged());
    }
    let mut text = vec![0; length];
    from.read_whole(&mut text)?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|_| damaged())?;
    let mut keys = Zeroizing::new(vec![0; KEYS]);
    from.read_whole(&mut keys)?;
    let carried = Carried::from_bytes(&keys).ok_or_else(damaged)?;
    if manifest.made_at != from.made_at().0 {
        return Err(damaged());
    }
    Ok((from, manifest, carried))
}

/// What it says; only its beginning is read.
pub(super) fn peek(path: &Path, key: &BackupKey) -> Result<(Manifest, u64), Trouble> {
    let (_, manifest, _) = open(path, key)?;
    Ok((manifest, std::fs::metadata(path)?.len()))
}

/// Opens it whole; the copy goes into a file of its own.
pub(super) fn unseal(path: &Path, into: &Path, key: &BackupKey) -> Result<(Manifest, Carried, u64), Trouble> {
    let (mut from, manifest, carried) = open(path, key)?;
    let mut out = private(into)?;
    let mut part = vec![0; 1 << 18];
    loop {
        match from.read_part(&mut part)? {
            0 => break,
            n => out.write_all(&part[..n])?,
        }
    }
    out.flush()?;
    Ok((manifest, carried, std::fs::metadata(path)?.len()))
}
