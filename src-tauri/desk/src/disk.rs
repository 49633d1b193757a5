//! Room on the disk: nothing new is begun where it runs short, and what was begun can still be brought to its end.
//!
//! A number that was taken must be written down even on a full disk. So a file that holds nothing lies in the data folder
//! and is let go of when a closing step meets a full disk; it is made again at the next start with room to spare.
//! Absent: free space on Windows (its call needs `unsafe`); there a full disk is met only when it is full.

use crate::api::{ApiError, Code};
use std::path::Path;

/// Free bytes where this folder lies; `None` = not known here.
pub(crate) fn free(folder: &Path) -> Option<u64> {
    #[cfg(unix)]
    {
        let about = rustix::fs::statvfs(folder).ok()?;
        Some(about.f_bavail.saturating_mul(about.f_frsize))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        None
    }
}

/// Before anything is charged: whether there is room for what follows.
pub(crate) fn check_room(folder: &Path, least: u64) -> Result<(), ApiError> {
    match free(folder) {
        Some(left) if left < least => Err(ApiError::new(
            Code::DiskFull,
            format!("only {} MiB are free on the disk: no number was asked for, nothing was charged", left >> 20),
        )
        .hint(format!("free some space ({} MiB are needed), then do it again; what was typed is kept", least >> 20))),
        _ => Ok(()),
    }
}

/// Makes the reserve, if it is not there and there is room for it and as much again.
pub(crate) fn make_reserve(file: &Path, bytes: u64) {
    let there = std::fs::metadata(file).is_ok_and(|m| m.len() == bytes);
    let room = file.parent().and_then(free).is_none_or(|left| left > bytes.saturating_mul(2));
    if bytes == 0 || there || !room {
        return;
    }
    if let Err(error) = write_reserve(file, bytes) {
        tracing::warn!(%error, "no reserve for a full disk could be made");
        let _ = std::fs::remove_file(file);
    }
}

fn write_reserve(file: &Path, bytes: u64) -> std::io::Result<()> {
    use std::io::Write;
    let mut how = std::fs::File::options();
    how.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    let mut out = how.open(file)?;
    // Written, not only asked for: a file with a hole in it reserves nothing.
    let part = vec![0; 1 << 20];
    let mut left = bytes;
    while left > 0 {
        let now = left.min(part.len() as u64);
        out.write_all(&part[..usize::try_from(now).unwrap_or(part.len())])?;
        left -= now;
    }
    out.sync_all()
}
