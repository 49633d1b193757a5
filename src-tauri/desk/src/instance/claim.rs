//! The lock on a data folder, and which folders are refused.
//!
//! Network drives are refused because their locks cannot be trusted: SQLite's nor ours. Detected on Linux (mount
//! table) and Windows (a path that leads to `\\server\share`); absent: macOS.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf, Prefix};
use std::sync::Arc;

/// This process owns the folder for as long as a clone of this, or something that serves under it, lives.
#[derive(Clone, Debug)]
pub struct Claim(Arc<Held>);

#[derive(Debug)]
struct Held {
    folder: PathBuf,
    lock: File,
}

impl Drop for Held {
    fn drop(&mut self) {
        // Closing would do, unless a child that is just being started still shares the open file: unlocking does not
        // wait for it. Nothing is to be done if it fails; closing follows.
        let _ = self.lock.unlock();
    }
}

/// Why a data folder cannot be owned.
#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    /// Another process owns it: ask that one (`instance::ask`).
    #[error("the data folder {folder} is in use by another Waybill Desk")]
    Busy {
        /// The data folder.
        folder: PathBuf,
    },
    /// It cannot be written to.
    #[error("the data folder {folder} cannot be written to; choose another one or change its permissions")]
    ReadOnly {
        /// The data folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// It lies on another computer.
    #[error(
        "the data folder {folder} is on a network drive ({kind}), where two programs could write at once and \
         lose waybills; choose a folder on this computer"
    )]
    NetworkDrive {
        /// The data folder.
        folder: PathBuf,
        /// The file system.
        kind: String,
    },
    /// Anything else.
    #[error("the data folder {folder} cannot be used")]
    Io {
        /// The data folder.
        folder: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl Claim {
    /// Makes the folder if need be (0700 on unix) and takes it. Does not wait.
    ///
    /// Errors: [`ClaimError`], one variant per thing a person can do about it.
    pub fn take(folder: &Path) -> Result<Self, ClaimError> {
        let failed = |source: io::Error| failure(folder, source);
        make(folder).map_err(failed)?;
        let folder = folder.canonicalize().map_err(failed)?;
        if let Some(kind) = network_kind(&folder) {
            return Err(ClaimError::NetworkDrive { folder, kind });
        }
        let failed = |source: io::Error| failure(&folder, source);
        let path = folder.join("owner.lock");
        keep_private(&folder).map_err(failed)?;
        let lock = File::options().write(true).create(true).truncate(false).open(&path).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(ClaimError::Busy { folder }),
            Err(TryLockError::Error(source)) => return Err(failed(source)),
        }
        // An owner.lock that can be written says nothing about the folder, where the database will need new files.
        let probe = folder.join("owner.probe");
        File::create(&probe).and_then(|_| fs::remove_file(&probe)).map_err(failed)?;
        Ok(Self(Arc::new(Held { folder, lock })))
    }

    /// The folder, absolute and without links.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }
}

fn failure(folder: &Path, source: io::Error) -> ClaimError {
    let folder = folder.to_owned();
    match source.kind() {
        ErrorKind::ReadOnlyFilesystem | ErrorKind::PermissionDenied => ClaimError::ReadOnly { folder, source },
        _ => ClaimError::Io { folder, source },
    }
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Closes a folder of ours to other users, if it is empty or already a data folder; a folder with other things in it
/// (a home, a desktop) is left as its owner set it.
#[cfg(unix)]
fn keep_private(folder: &Path) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let about = folder.metadata()?;
    let open = about.mode() & 0o077 != 0 && about.uid() == rustix::process::geteuid().as_raw();
    if open && (folder.join("owner.lock").exists() || fs::read_dir(folder)?.next().is_none()) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}
#[cfg(not(unix))]
fn keep_private(_folder: &Path) -> io::Result<()> {
    Ok(()) // The user's profile is closed to others by its access list.
}

/// The file system's name, if the folder lies on another computer. A mount table that cannot be read refuses nothing.
fn network_kind(folder: &Path) -> Option<String> {
    if let Some(Component::Prefix(start)) = folder.components().next()
        && let Prefix::UNC(server, _) | Prefix::VerbatimUNC(server, _) = start.kind()
    {
        return Some(format!("Windows share on {}", server.display()));
    }
    if cfg!(target_os = "linux") {
        return network_mount(&fs::read_to_string("/proc/self/mounts").ok()?, folder);
    }
    None
}

/// `mounts` as /proc/mounts has it (fstab(5)): the deepest mount point above the folder counts, the last one of equals.
pub(super) fn network_mount(mounts: &str, folder: &Path) -> Option<String> {
    let mut deepest: Option<(usize, &str)> = None;
    for line in mounts.lines() {
        let mut fields = line.split(' ').skip(1);
        let (Some(point), Some(kind)) = (fields.next(), fields.next()) else { continue };
        let point = PathBuf::from(unescaped(point));
        let depth = point.components().count();
        if folder.starts_with(&point) && deepest.is_none_or(|(d, _)| d <= depth) {
            deepest = Some((depth, kind));
        }
    }
    deepest.map(|(_, kind)| kind).filter(|kind| NETWORK.contains(kind)).map(str::to_owned)
}

/// Names from the kernel's and the FUSE file systems' own documentation.
const NETWORK: &[&str] = &[
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "smb2",
    "ncpfs",
    "afs",
    "coda",
    "ceph",
    "glusterfs",
    "lustre",
    "beegfs",
    "gpfs",
    "davfs",
    "davfs2",
    "fuse.sshfs",
    "fuse.rclone",
    "fuse.davfs",
    "fuse.davfs2",
    "fuse.s3fs",
    "fuse.goofys",
    "fuse.ceph",
    "fuse.ceph-fuse",
    "fuse.glusterfs",
    "fuse.gvfsd-fuse",
    "fuse.smbnetfs",
    "fuse.curlftpfs",
    "fuse.juicefs",
    "fuse.kio-fuse",
];

/// Blank, tab, newline and backslash stand there as three octal digits.
fn unescaped(field: &str) -> std::ffi::OsString {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let octal = (byte == b'\\').then(|| after.get(..3)).flatten();
        let value = octal.and_then(|d| u8::from_str_radix(std::str::from_utf8(d).ok()?, 8).ok());
        out.push(value.unwrap_or(byte));
        rest = if value.is_some() { &after[3..] } else { after };
    }
    #[cfg(unix)]
    return std::os::unix::ffi::OsStringExt::from_vec(out);
    #[cfg(not(unix))]
    String::from_utf8_lossy(&out).into_owned().into()
}
