//! Small private files: written whole or not at all, readable by their owner only.
//!
//! Windows has no modes: there the folder's inherited access list (the user's profile) is what protects them.

use super::VaultError;
use std::fs::{self, File};
use std::io::{ErrorKind, Write};
use std::path::Path;

/// Makes the folder (0700 on unix) unless it is there.
pub(super) fn ensure_folder(folder: &Path) -> Result<(), VaultError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder).map_err(|source| io("could not make the folder", folder, source))
}

/// Writes `bytes` to a 0600 file beside `path`, flushes it to the disk and puts it in place of `path`.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
    let fresh = path.with_extension("new");
    let failed = |source| io("could not write", path, source);
    match fs::remove_file(&fresh) {
        Ok(()) => {}
        Err(e) if e.kind() == ErrorKind::NotFound => {}
        Err(e) => return Err(failed(e)),
    }
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&fresh).map_err(failed)?;
    file.write_all(bytes).and_then(|()| file.sync_all()).map_err(failed)?;
    drop(file);
    fs::rename(&fresh, path).map_err(failed)?;
    sync_folder(path).map_err(failed)
}

/// The file's bytes, or nothing if there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<u8>>, VaultError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        Err(e) => Err(io("could not read", path, e)),
    }
}

/// Removes the file; one that is not there is fine.
pub(super) fn remove(path: &Path) -> Result<(), VaultError> {
    match fs::remove_file(path) {
        Ok(()) => sync_folder(path).map_err(|e| io("could not remove", path, e)),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(()),
        Err(e) => Err(io("could not remove", path, e)),
    }
}

/// A rename or removal survives a power cut only when the folder itself was flushed.
#[cfg(unix)]
fn sync_folder(path: &Path) -> std::io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
#[cfg(not(unix))]
fn sync_folder(_path: &Path) -> std::io::Result<()> {
    Ok(()) // NTFS journals names itself, and a folder cannot be opened for flushing.
}

pub(super) fn io(what: &'static str, path: &Path, source: std::io::Error) -> VaultError {
    VaultError::Io { what, path: path.to_owned(), source }
}
