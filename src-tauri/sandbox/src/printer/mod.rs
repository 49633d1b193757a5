//! The practice printer: a 9100-style label printer on loopback that reads TSPL, ZPL, EPL2,
//! CPCL and ESC/POS back into pictures.
//!
//! Invariants: one job connection at a time, as real ones; a label counts only when its print command was read and
//! paper was there; the side that closes last is the printer: its FIN comes when everything read was printed (unless
//! a fault says otherwise). A binary picture cut short is remembered over connections and swallows the start of the
//! next job. Deliberately absent: text, bar codes and fonts (the product sends rasters); `DIRECTION` is not applied.

mod canvas;
mod cpcl;
mod device;
mod epl;
mod escpos;
mod line;
mod picture;
mod reader;
mod status;
#[cfg(test)]
mod tests;
mod tspl;
mod zpl;

use device::Device;
use domain::raster::Raster;
use domain::units::Dpi;
use serde::{Deserialize, Serialize};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;

pub use device::PrinterReport;

/// Bytes that wait for the printer to read them. Linux gives twice as much.
const RECEIVE_BUFFER: u32 = 4 << 10;

/// How a practice printer starts.
pub struct PracticePrinterSettings {
    /// Port on 127.0.0.1; 0 = any free one.
    pub port: u16,
    /// Where `labelNNNN.png` (what came out) and `labelNNNN.prn` (the bytes it was made from) go.
    pub folder: Option<PathBuf>,
    /// Head resolution: what `mm` mean in TSPL.
    pub dpi: Dpi,
    /// Whether it answers status questions.
    pub answers: Answers,
}

/// Whether a printer answers status questions. Most low-cost ones do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answers {
    /// Every question it knows.
    All,
    /// Nothing, ever.
    Mute,
    /// Every question, with bytes that mean nothing.
    Garbage,
}

/// A label that came out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrintedLabel {
    /// The dots.
    pub raster: Raster,
    /// 1 for the first label of this printer's life (its folder's life, if it has one).
    pub number_in_sequence: u64,
    /// All bytes read since the label before.
    pub bytes: Vec<u8>,
}

/// A fault at a byte of a job (counted from the job's first byte on its connection; status questions before the job
/// do not count).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrinterFault {
    /// What happens.
    pub kind: PrinterFaultKind,
    /// After this many bytes were read and acted on.
    pub at_byte: u64,
    /// Only at the next job that gets so far, not at every one.
    pub once: bool,
    /// Not before so many labels came out since the start.
    #[serde(default)]
    pub after_labels: usize,
}

/// What a printer does wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrinterFaultKind {
    /// Stops reading and keeps the socket, until [`PrinterHandle::resume`].
    Stall,
    /// Breaks the connection with RST.
    Reset,
    /// Closes its side in an orderly way (FIN) and throws the rest of the job away.
    Close,
}

/// Why a printer did not start.
#[derive(Debug, thiserror::Error)]
pub enum PrinterStartError {
    /// The port could not be taken.
    #[error("the practice printer could not listen on 127.0.0.1:{port}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The folder for labels could not be made or read.
    #[error("the practice printer's folder {folder:?} could not be used")]
    Folder {
        /// The folder asked for.
        folder: Option<PathBuf>,
        /// The system's reason.
        source: io::Error,
    },
}

/// A running practice printer. Dropping it switches it off as well.
pub struct PracticePrinter {
    handle: PrinterHandle,
    task: JoinHandle<()>,
}

/// A hand on a printer: its paper, its faults, what came out. Cheap to clone.
#[derive(Clone)]
pub struct PrinterHandle {
    device: Arc<Device>,
    addr: SocketAddr,
}

/// A printer's memory for what it has not read yet is small. With a computer's, which holds whole labels, a sender would be
/// told of nothing that happens in the middle of one.
fn listen(port: u16) -> std::io::Result<TcpListener> {
    let socket = TcpSocket::new_v4()?;
    // As `TcpListener::bind` does: on Windows the option would mean something else.
    #[cfg(unix)]
    socket.set_reuseaddr(true)?;
    socket.set_recv_buffer_size(RECEIVE_BUFFER)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))?;
    socket.listen(1024)
}

impl PracticePrinter {
    /// Starts listening; when this returns, jobs are taken.
    #[allow(clippy::unused_async, reason = "started as the other parts of the sandbox are, where there is a runtime")]
    pub async fn start(settings: PracticePrinterSettings) -> Result<Self, PrinterStartError> {
        let port = settings.port;
        let folder = settings.folder.clone();
        let device = Device::new(settings).map_err(|source| PrinterStartError::Folder { folder, source })?;
        let device = Arc::new(device);
        let listener = listen(port).map_err(|source| PrinterStartError::Listen { port, source })?;
        let addr = listener.local_addr().map_err(|source| PrinterStartError::Listen { port, source })?;
        let task = tokio::spawn(line::accept(device.clone(), listener));
        Ok(Self { handle: PrinterHandle { device, addr }, task })
    }

    /// A hand to keep elsewhere.
    pub fn handle(&self) -> PrinterHandle {
        self.handle.clone()
    }

    /// Switches it off: open connections break.
    pub async fn stop(mut self) {
        self.handle.device.switch_off();
        // Only ends early if it panicked, and then there is nothing left to stop.
        let _ = (&mut self.task).await;
    }
}

impl Drop for PracticePrinter {
    fn drop(&mut self) {
        self.handle.device.switch_off();
    }
}

impl std::ops::Deref for PracticePrinter {
    type Target = PrinterHandle;
    fn deref(&self) -> &PrinterHandle {
        &self.handle
    }
}

impl PrinterHandle {
    /// `tcp://127.0.0.1:PORT`
    pub fn address(&self) -> String {
        format!("tcp://{}", self.addr)
    }
    /// The port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.addr.port()
    }
    /// Everything that came out since the start, in order.
    pub fn labels(&self) -> Vec<PrintedLabel> {
        self.device.labels()
    }
    /// Labels counted in the printer's life.
    pub fn odometer(&self) -> u64 {
        self.device.report().odometer
    }
    /// State and counters at once.
    pub fn report(&self) -> PrinterReport {
        self.device.report()
    }
    /// Waits until at least `count` labels came out since the start; `None` after `within`.
    pub async fn wait_for_labels(&self, count: usize, within: Duration) -> Option<Vec<PrintedLabel>> {
        self.device.wait_for_labels(count, within).await
    }
    /// Takes the paper out, or puts a new roll in (which also ends any [`Self::set_paper_left`]).
    pub fn set_paper_out(&self, out: bool) {
        self.device.change(|s| {
            s.paper_out = out;
            if !out {
                s.paper_left = None;
            }
        });
    }
    /// The roll ends after so many more labels; `None` = never.
    pub fn set_paper_left(&self, left: Option<u32>) {
        self.device.change(|s| {
            s.paper_left = left;
            if left == Some(0) {
                s.paper_out = true;
            }
        });
    }
    /// Opens or closes the head.
    pub fn set_head_open(&self, open: bool) {
        self.device.change(|s| s.head_open = open);
    }
    /// Puts in a roll whose labels are so many dots long; noticed when it measures next.
    pub fn set_stock_length(&self, dots: u32) {
        self.device.change(|s| s.stock_length = dots);
    }
    /// The pause key.
    pub fn set_paused(&self, paused: bool) {
        self.device.change(|s| s.paused = paused);
    }
    /// How long a label takes to come out; zero at the start.
    pub fn set_label_time(&self, time: Duration) {
        self.device.change(|s| s.label_time = time);
    }
    /// Switches answers on or off.
    pub fn set_answers(&self, answers: Answers) {
        self.device.change(|s| s.answers = answers);
    }
    /// Adds a fault for coming jobs.
    pub fn add_fault(&self, fault: PrinterFault) {
        self.device.change(|s| s.faults.push(fault));
    }
    /// Takes all faults away; a stalled job goes on.
    pub fn clear_faults(&self) {
        self.device.change(|s| {
            s.faults.clear();
            s.stalled = false;
        });
    }
    /// A stalled job goes on.
    pub fn resume(&self) {
        self.device.change(|s| s.stalled = false);
    }
    /// Off and on: whatever it was in the middle of is forgotten. Labels and odometer stay.
    pub fn power_cycle(&self) {
        self.device.change(|s| {
            s.cancel = true;
            s.mid_data = false;
        });
    }
}
