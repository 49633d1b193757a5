//! Where the owner of a data folder listens.
//!
//! unix: `desk.sock` in the folder. A socket's path has room for 104 bytes on macOS and 108 on Linux; where the
//! folder's is longer, the socket lies in a folder of its own under `XDG_RUNTIME_DIR` or the temporary folder, and
//! `desk.sock.path` in the data folder says where. Windows: a named pipe with the folder's hash in its name.

use std::path::Path;

/// 128 bits of SHA-256 of the folder's path, as hex.
fn name_of(folder: &Path) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    digest[..16].iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(unix)]
mod system {
    use super::super::claim::Claim;
    use super::name_of;
    use interprocess::local_socket::{GenericFilePath, ListenerOptions, Name, ToFsName, tokio::Listener};
    use std::fs;
    use std::io::{self, Error, ErrorKind};
    use std::os::unix::ffi::{OsStrExt, OsStringExt};
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    use std::path::{Path, PathBuf};

    const MOST_PATH_BYTES: usize = 100;

    fn here(folder: &Path) -> PathBuf {
        folder.join("desk.sock")
    }

    fn pointer(folder: &Path) -> PathBuf {
        folder.join("desk.sock.path")
    }

    fn fits(path: &Path) -> bool {
        path.as_os_str().len() <= MOST_PATH_BYTES
    }

    /// Removed when dropped, and only then is the folder let go: the file is never the next owner's.
    pub(in super::super) struct SocketFile(PathBuf, #[expect(dead_code, reason = "held, not read")] Claim);

    impl Drop for SocketFile {
        fn drop(&mut self) {
            // One that stays is removed by the next owner.
            let _ = fs::remove_file(&self.0);
        }
    }

    /// Listens at the folder's address, in place of what an earlier owner left.
    pub(in super::super) fn listen(claim: &Claim) -> io::Result<(Listener, SocketFile)> {
        let folder = claim.folder();
        let path = if fits(&here(folder)) {
            absent(&pointer(folder))?;
            here(folder)
        } else {
            let path = elsewhere(folder)?;
            let fresh = folder.join("desk.sock.path.new");
            fs::write(&fresh, path.as_os_str().as_bytes())?;
            fs::rename(&fresh, pointer(folder))?;
            path
        };
        absent(&path)?;
        let options = ListenerOptions::new().name(path.as_path().to_fs_name::<GenericFilePath>()?).reclaim_name(false);
        // Elsewhere the mode cannot be set before binding; there the folder's own mode keeps others out meanwhile.
        #[cfg(target_os = "linux")]
        let options = interprocess::os::unix::local_socket::ListenerOptionsExt::mode(options, 0o600);
        let listener = options.create_tokio()?;
        let file = SocketFile(path, claim.clone());
        fs::set_permissions(&file.0, fs::Permissions::from_mode(0o600))?;
        Ok((listener, file))
    }

    /// Where to reach the owner.
    pub(in super::super) fn address(folder: &Path) -> io::Result<Name<'static>> {
        let path = if fits(&here(folder)) {
            here(folder)
        } else {
            PathBuf::from(std::ffi::OsString::from_vec(fs::read(pointer(folder))?))
        };
        path.to_fs_name::<GenericFilePath>()
    }

    fn elsewhere(folder: &Path) -> io::Result<PathBuf> {
        let uid = rustix::process::geteuid().as_raw();
        let runtime = std::env::var_os("XDG_RUNTIME_DIR").filter(|d| !d.is_empty()).map(PathBuf::from);
        let bases = runtime.into_iter().chain([std::env::temp_dir(), PathBuf::from("/tmp")]);
        let mut said = Error::new(ErrorKind::NotFound, "no folder for the socket");
        for base in bases {
            let own = base.join(format!("waybill-desk-{uid}-{}", name_of(folder)));
            let socket = own.join("desk.sock");
            if !base.is_absolute() || !fits(&socket) {
                continue;
            }
            match private(&own, uid) {
                Ok(()) => return Ok(socket),
                Err(e) => said = e,
            }
        }
        Err(said)
    }

    /// Makes the folder, or accepts it only if it is a real folder of ours that is closed to others: in a shared
    /// temporary folder anybody may have been there first.
    fn private(own: &Path, uid: u32) -> io::Result<()> {
        match fs::DirBuilder::new().mode(0o700).create(own) {
            Err(e) if e.kind() != ErrorKind::AlreadyExists => return Err(e),
            Ok(()) | Err(_) => {}
        }
        let about = fs::symlink_metadata(own)?;
        if about.is_dir() && about.uid() == uid && about.mode() & 0o077 == 0 {
            return Ok(());
        }
        Err(Error::new(ErrorKind::PermissionDenied, format!("{} is not a private folder of ours", own.display())))
    }

    fn absent(path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(e) if e.kind() != ErrorKind::NotFound => Err(e),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

#[cfg(windows)]
mod system {
    use super::super::claim::Claim;
    use super::name_of;
    use interprocess::local_socket::{GenericNamespaced, ListenerOptions, Name, ToNsName, tokio::Listener};
    use interprocess::os::windows::local_socket::ListenerOptionsExt;
    use interprocess::os::windows::security_descriptor::SecurityDescriptor;
    use std::io;
    use std::path::Path;

    /// A pipe leaves no file behind; the folder is held as long as it is listened on.
    pub(in super::super) struct SocketFile(#[expect(dead_code, reason = "held, not read")] Claim);

    pub(in super::super) fn listen(claim: &Claim) -> io::Result<(Listener, SocketFile)> {
        // SDDL: no inherited entries; everything for the owner of the pipe, nothing for anybody else.
        let only_owner = SecurityDescriptor::deserialize(widestring::u16cstr!("D:P(A;;GA;;;OW)"))?;
        let listener =
            ListenerOptions::new().name(address(claim.folder())?).security_descriptor(only_owner).create_tokio()?;
        Ok((listener, SocketFile(claim.clone())))
    }

    pub(in super::super) fn address(folder: &Path) -> io::Result<Name<'static>> {
        format!("waybill-desk-{}", name_of(folder)).to_ns_name::<GenericNamespaced>()
    }
}

pub(super) use system::{address, listen};
