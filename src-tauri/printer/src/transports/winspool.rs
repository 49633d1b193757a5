//! Printers of the Windows spooler: lists them, hands them raw jobs.
//!
//! The job goes with the datatype `RAW`, so the maker's driver passes it on byte for byte. The spooler keeps a copy and
//! sends it by its own policy: its word is worth `BytesAccepted`, and an idle printer is *cannot tell*; most drivers of
//! label printers report nothing but ready. A job that breaks off is taken back from the spooler, but what it has begun
//! to send is out.
//!
//! The only file of the workspace with `unsafe`: the spooler has no other door than its C functions. Each block says
//! why it is sound. Deliberately absent: `XPS_PASS` (drivers of version 4), watching the job, reading from the printer.
#![allow(unsafe_code)]

use super::cups_queues::{QueueInfo, QueueState};
use super::feed::{LocalSettings, Pipe, Taken, feed};
use super::{JOB_NAME, blocking, to_the_end};
use crate::device;
use crate::profiles::{Hints, pick};
use async_trait::async_trait;
use domain::printer::{DeviceState, PrinterLink, SendOutcome, StopReason};
use std::io::{self, ErrorKind};
use std::ptr::{null, null_mut};
use std::time::Duration;
use tokio::time::timeout;
use windows_sys::Win32::Foundation::ERROR_INSUFFICIENT_BUFFER;
use windows_sys::Win32::Graphics::Printing as spool;
use windows_sys::core::BOOL;

/// Bytes a call.
const PIECE: usize = 64 << 10;
/// Longest text that the spooler is believed, in UTF-16 units.
const LONGEST_TEXT: usize = 1024;

/// A printer of the Windows spooler.
#[derive(Clone, Debug)]
pub struct WinspoolLink {
    name: String,
    settings: LocalSettings,
}

impl WinspoolLink {
    /// A link to the printer with this name. No I/O.
    pub fn new(name: &str, settings: LocalSettings) -> Self {
        Self { name: name.to_owned(), settings }
    }

    async fn deliver(self, job: Vec<u8>) -> SendOutcome {
        // Windows compares these names without regard to case.
        let line = device::line(vec![format!("winspool {}", self.name.to_lowercase())]).await;
        blocking(move || {
            let _line = line;
            let name = format!("Windows printer {}", self.name);
            match Printer::open(&self.name).and_then(Document::start) {
                Ok(mut document) => feed(&mut document, &job, self.settings.pace(PIECE), &name),
                Err(e) => SendOutcome::NothingSent(format!("{name}: {e}")),
            }
        })
        .await
    }
}

#[async_trait]
impl PrinterLink for WinspoolLink {
    async fn send(&self, job: &[u8]) -> SendOutcome {
        to_the_end(self.clone().deliver(job.to_vec())).await
    }

    async fn state(&self) -> DeviceState {
        let name = self.name.clone();
        let asked = blocking(move || match Printer::open(&name).and_then(|p| p.status()) {
            Ok((status, attributes)) => as_device(status, attributes),
            Err(e) => DeviceState::Unreachable(format!("Windows printer {name}: {e}")),
        });
        timeout(self.settings.status_budget, asked).await.unwrap_or(DeviceState::CannotTell)
    }
}

/// Lists the printers of this computer and those that its user has connected. Blocks. Errors: the spooler's own.
pub(super) fn list() -> io::Result<Vec<QueueInfo>> {
    let flags = spool::PRINTER_ENUM_LOCAL | spool::PRINTER_ENUM_CONNECTIONS;
    let mut count = 0;
    let buffer = filled(|buffer, size, needed| {
        // SAFETY: the buffer has `size` bytes, and the spooler writes at most that; the counters live as long as the
        // call.
        unsafe { spool::EnumPrintersW(flags, null(), 2, buffer, size, needed, &mut count) }
    })?;
    let first = buffer.as_ptr().cast::<spool::PRINTER_INFO_2W>();
    let room = size_of_val(buffer.as_slice()) / size_of::<spool::PRINTER_INFO_2W>();
    let count = (count as usize).min(room);
    // SAFETY: the call succeeded, so the buffer begins with `count` such entries, and it is aligned for them
    // (`filled`).
    let entries = unsafe { std::slice::from_raw_parts(first, count) };
    Ok(entries
        .iter()
        .map(|e| QueueInfo {
            name: text(e.pPrinterName),
            info: text(e.pComment),
            profile: pick(&Hints { make_and_model: Some(&text(e.pDriverName)), ..Hints::default() }),
            // `USB001`, `COM3:`, an address.
            device_uri: text(e.pPortName),
            // Most drivers of label printers say nothing but ready.
            state: QueueState::Unknown,
            make_and_model: text(e.pDriverName),
            device_id: None,
        })
        .filter(|q| !q.name.is_empty())
        .collect())
}

/// An opened printer; closed when dropped.
struct Printer(spool::PRINTER_HANDLE);

// SAFETY: the spooler's handles may be used from any thread; `&mut` keeps it to one at a time.
unsafe impl Send for Printer {}

impl Printer {
    fn open(name: &str) -> io::Result<Self> {
        let name = wide(name);
        let mut handle = spool::PRINTER_HANDLE::default();
        // SAFETY: the name ends with NUL and lives as long as the call; no defaults are given.
        done(unsafe { spool::OpenPrinterW(name.as_ptr(), &mut handle, null()) })?;
        Ok(Self(handle))
    }

    /// `Status` and `Attributes`.
    fn status(&self) -> io::Result<(u32, u32)> {
        let buffer = filled(|buffer, size, needed| {
            // SAFETY: as in `list`; the handle is open.
            unsafe { spool::GetPrinterW(self.0, 2, buffer, size, needed) }
        })?;
        if size_of_val(buffer.as_slice()) < size_of::<spool::PRINTER_INFO_2W>() {
            return Err(ErrorKind::InvalidData.into());
        }
        // SAFETY: the call succeeded, so the buffer begins with one such entry; it is large enough and aligned.
        let info = unsafe { &*buffer.as_ptr().cast::<spool::PRINTER_INFO_2W>() };
        Ok((info.Status, info.Attributes))
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        // SAFETY: the handle is open and not used again.
        unsafe { spool::ClosePrinter(self.0) };
    }
}

/// A raw job under way. Dropped before its end, it is taken back.
struct Document {
    printer: Printer,
    ended: bool,
}

impl Document {
    fn start(printer: Printer) -> io::Result<Self> {
        let (mut name, mut datatype) = (wide(JOB_NAME), wide("RAW"));
        let document = spool::DOC_INFO_1W {
            pDocName: name.as_mut_ptr(),
            pOutputFile: null_mut(),
            pDatatype: datatype.as_mut_ptr(),
        };
        // SAFETY: the handle is open; both texts end with NUL and live as long as the call, which does not change them.
        if unsafe { spool::StartDocPrinterW(printer.0, 1, &document) } == 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { printer, ended: false })
    }
}

impl Pipe for Document {
    /// The spooler writes to its disk: it takes bytes at once or fails, so there is nothing to be patient about.
    fn offer(&mut self, bytes: &[u8], _: Duration) -> Taken {
        let mut count = 0;
        let Ok(size) = u32::try_from(bytes.len()) else { return Taken::from(Err(ErrorKind::InvalidInput.into())) };
        // SAFETY: the handle is open, and `bytes` has `size` bytes.
        let written = unsafe { spool::WritePrinter(self.printer.0, bytes.as_ptr().cast(), size, &mut count) };
        Taken { count: count as usize, error: done(written).err() }
    }

    fn settle(&mut self, _: Duration) -> io::Result<()> {
        // SAFETY: the handle is open and has a document.
        done(unsafe { spool::EndDocPrinter(self.printer.0) })?;
        self.ended = true;
        Ok(())
    }
}

impl Drop for Document {
    fn drop(&mut self) {
        if !self.ended {
            // SAFETY: the handle is still open; the printer is closed after this.
            unsafe { spool::AbortPrinter(self.printer.0) };
        }
    }
}

/// What the spooler's words say of the device. It never makes it ready.
fn as_device(status: u32, attributes: u32) -> DeviceState {
    const OUT_OF_REACH: u32 = spool::PRINTER_STATUS_OFFLINE
        | spool::PRINTER_STATUS_NOT_AVAILABLE
        | spool::PRINTER_STATUS_SERVER_OFFLINE
        | spool::PRINTER_STATUS_SERVER_UNKNOWN;
    if status & OUT_OF_REACH != 0 || attributes & spool::PRINTER_ATTRIBUTE_WORK_OFFLINE != 0 {
        return DeviceState::Unreachable("Windows says that the printer is offline".to_owned());
    }
    let stops: Vec<StopReason> = [
        (spool::PRINTER_STATUS_PAPER_OUT, StopReason::PaperOut),
        (spool::PRINTER_STATUS_PAPER_JAM, StopReason::Jam),
        (spool::PRINTER_STATUS_DOOR_OPEN, StopReason::HeadOpen),
        (spool::PRINTER_STATUS_NO_TONER, StopReason::RibbonOut),
        (spool::PRINTER_STATUS_PAUSED, StopReason::Paused),
        (
            spool::PRINTER_STATUS_ERROR
                | spool::PRINTER_STATUS_PAPER_PROBLEM
                | spool::PRINTER_STATUS_USER_INTERVENTION
                | spool::PRINTER_STATUS_OUT_OF_MEMORY,
            StopReason::Other,
        ),
    ]
    .into_iter()
    .filter(|(bits, _)| status & bits != 0)
    .map(|(_, stop)| stop)
    .collect();
    if stops.is_empty() { DeviceState::CannotTell } else { DeviceState::Stopped(stops) }
}

/// Asks how large the answer is, and then for the answer. The buffer is made of `u64`, so that it is aligned for every
/// structure of the spooler.
fn filled(mut ask: impl FnMut(*mut u8, u32, *mut u32) -> BOOL) -> io::Result<Vec<u64>> {
    let mut buffer: Vec<u64> = Vec::new();
    // The answer may grow between two questions; but not for ever.
    for _ in 0..4 {
        let size = u32::try_from(size_of_val(buffer.as_slice())).map_err(io::Error::other)?;
        let mut needed = 0;
        match done(ask(buffer.as_mut_ptr().cast(), size, &mut needed)) {
            Ok(()) => return Ok(buffer),
            Err(e) if e.raw_os_error() == Some(ERROR_INSUFFICIENT_BUFFER.cast_signed()) => {
                buffer = vec![0; (needed as usize).div_ceil(size_of::<u64>())];
            }
            Err(e) => return Err(e),
        }
    }
    Err(ErrorKind::OutOfMemory.into())
}

fn done(answer: BOOL) -> io::Result<()> {
    if answer == 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// UTF-16 with NUL at the end.
fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// A text in the spooler's answer. Null is the empty text.
fn text(from: *const u16) -> String {
    if from.is_null() {
        return String::new();
    }
    // SAFETY: texts of the spooler end with NUL and lie in the buffer, which outlives this call; not a unit is read
    // after the first NUL.
    let units = (0..LONGEST_TEXT).map(|n| unsafe { *from.add(n) }).take_while(|unit| *unit != 0);
    String::from_utf16_lossy(&units.collect::<Vec<u16>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spooler_never_makes_a_device_ready() {
        use StopReason as R;
        assert_eq!(as_device(0, 0), DeviceState::CannotTell);
        assert_eq!(as_device(spool::PRINTER_STATUS_PRINTING, 0), DeviceState::CannotTell);
        let open = spool::PRINTER_STATUS_DOOR_OPEN | spool::PRINTER_STATUS_PAPER_OUT;
        assert_eq!(as_device(open, 0), DeviceState::Stopped(vec![R::PaperOut, R::HeadOpen]));
        assert_eq!(as_device(spool::PRINTER_STATUS_ERROR, 0), DeviceState::Stopped(vec![R::Other]));
        let offline = spool::PRINTER_ATTRIBUTE_WORK_OFFLINE;
        assert!(matches!(as_device(0, offline), DeviceState::Unreachable(_)), "unplugged USB printers look like this");
    }

    #[tokio::test]
    async fn a_printer_that_windows_does_not_know_takes_nothing() {
        let link = WinspoolLink::new("no such printer 面单", LocalSettings::default());
        assert!(matches!(link.send(b"job").await, SendOutcome::NothingSent(_)));
        assert!(matches!(link.state().await, DeviceState::Unreachable(_)));
    }
}
