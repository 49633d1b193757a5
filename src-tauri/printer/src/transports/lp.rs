//! A printer's node of the Linux kernel, `/dev/usb/lpN`: the driver `usblp` owns the device and moves the bytes.
//!
//! The node is opened for one job and closed after it. Closing throws away the transfer that is still under way, so the
//! end of a job waits until the driver is free again. The driver says nothing that could be read without `ioctl`, which
//! would be `unsafe`: a node that is there *cannot tell*. Anything but a device or a pipe is refused before a byte is
//! written: an address that names a file must not overwrite it. Deliberately absent: reading.

use super::feed::{LocalSettings, Pipe, Taken, feed};
use super::usb_sysfs::Sysfs;
use super::{blocking, to_the_end};
use crate::device;
use async_trait::async_trait;
use domain::printer::{DeviceState, PrinterLink, SendOutcome};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Bytes offered at once. The driver cuts them into transfers of 8 KiB.
const PIECE: usize = 16 << 10;

/// A printer behind a node of the kernel.
#[derive(Clone, Debug)]
pub struct LpLink {
    node: PathBuf,
    settings: LocalSettings,
}

impl LpLink {
    /// A link to this node or a symbolic link to one. No I/O.
    pub fn new(node: &Path, settings: LocalSettings) -> Self {
        Self { node: node.to_owned(), settings }
    }

    async fn deliver(self, job: Vec<u8>) -> SendOutcome {
        let node = self.node.clone();
        let key = blocking(move || line_key(&node)).await;
        let line = device::line(vec![key]).await;
        blocking(move || {
            let _line = line;
            hand_over(&self.node, &job, self.settings)
        })
        .await
    }
}

#[async_trait]
impl PrinterLink for LpLink {
    async fn send(&self, job: &[u8]) -> SendOutcome {
        to_the_end(self.clone().deliver(job.to_vec())).await
    }

    async fn state(&self) -> DeviceState {
        let node = self.node.clone();
        blocking(move || state_of(&node)).await
    }
}

/// The key of the device behind a node: the same as by its USB address.
fn line_key(node: &Path) -> String {
    let real = fs::canonicalize(node).unwrap_or_else(|_| node.to_owned());
    Sysfs::system().place_of(&real).map_or_else(|| format!("lp {}", real.display()), |place| format!("usb {place}"))
}

/// Whether the node is there; more cannot be known.
pub(super) fn state_of(node: &Path) -> DeviceState {
    match fs::metadata(node).and_then(|m| right_kind(m.file_type())) {
        Ok(()) => DeviceState::CannotTell,
        Err(e) => DeviceState::Unreachable(format!("{}: {e}", node.display())),
    }
}

/// Writes one job to a node. The caller has the device's turn.
pub(super) fn hand_over(node: &Path, job: &[u8], settings: LocalSettings) -> SendOutcome {
    let name = node.display().to_string();
    match open(node) {
        Ok(file) => feed(&mut Node(file), job, settings.pace(PIECE), &name),
        Err(e) => SendOutcome::NothingSent(format!("{name}: {e}")),
    }
}

fn open(node: &Path) -> io::Result<File> {
    let flags = i32::try_from(rustix::fs::OFlags::NONBLOCK.bits()).map_err(io::Error::other)?;
    let file = OpenOptions::new().write(true).custom_flags(flags).open(node)?;
    right_kind(file.metadata()?.file_type())?;
    Ok(file)
}

fn right_kind(kind: fs::FileType) -> io::Result<()> {
    if kind.is_char_device() || kind.is_fifo() {
        Ok(())
    } else {
        Err(io::Error::new(ErrorKind::InvalidInput, "is no printer's node; write lp:/dev/usb/lp0, or file:///FOLDER"))
    }
}

struct Node(File);

impl Node {
    fn writable(&self, patience: Duration) -> io::Result<()> {
        let mut fds = [PollFd::new(&self.0, PollFlags::OUT)];
        let patience = Timespec::try_from(patience).map_err(io::Error::other)?;
        match poll(&mut fds, Some(&patience))? {
            0 => Err(ErrorKind::TimedOut.into()),
            _ if fds[0].revents().contains(PollFlags::OUT) => Ok(()),
            _ => Err(io::Error::new(ErrorKind::NotConnected, "the printer has gone")),
        }
    }
}

impl Pipe for Node {
    fn offer(&mut self, bytes: &[u8], patience: Duration) -> Taken {
        self.writable(patience).and_then(|()| self.0.write(bytes)).into()
    }

    /// The driver is ready for another write as soon as the last transfer has ended.
    fn settle(&mut self, patience: Duration) -> io::Result<()> {
        self.writable(patience)
    }
}
