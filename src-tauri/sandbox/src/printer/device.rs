//! The printer's body: paper, head, counter, faults, and the labels that came out.

use super::picture;
use super::reader::Reader;
use super::{Answers, PracticePrinterSettings, PrintedLabel, PrinterFault};
use domain::raster::Raster;
use domain::units::Dpi;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::watch;

/// 180 mm at 203 dpi.
const USUAL_LENGTH: u32 = 1440;

/// State and counters at one moment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrinterReport {
    /// Labels counted in the printer's life.
    pub odometer: u64,
    /// Labels since it was started.
    pub labels: usize,
    /// No paper.
    pub paper_out: bool,
    /// The head is open.
    pub head_open: bool,
    /// The pause key was pressed.
    pub paused: bool,
    /// Labels left on the roll, if it will end.
    pub paper_left: Option<u32>,
    /// It waits for the rest of a picture: the next bytes are pixels.
    pub mid_data: bool,
    /// Job connections that ended, well or badly.
    pub jobs_ended: u64,
    /// How often it measured its stock.
    pub calibrations: u32,
    /// What it read but did not understand or does not draw.
    pub complaints: Vec<String>,
}

/// What can change.
pub(crate) struct State {
    pub(crate) paper_out: bool,
    pub(crate) head_open: bool,
    pub(crate) paused: bool,
    pub(crate) paper_left: Option<u32>,
    pub(crate) stalled: bool,
    pub(crate) printing: bool,
    pub(crate) mid_data: bool,
    pub(crate) cancel: bool,
    pub(crate) answers: Answers,
    pub(crate) label_time: Duration,
    pub(crate) odometer: u64,
    pub(crate) jobs_ended: u64,
    pub(crate) calibrations: u32,
    /// Dots from label to label of the roll that is in it.
    pub(crate) stock_length: u32,
    /// What it measured last.
    pub(crate) told_length: u32,
    pub(crate) faults: Vec<PrinterFault>,
    pub(crate) complaints: Vec<String>,
    labels: Vec<PrintedLabel>,
    off: bool,
}

impl State {
    /// Nothing can be printed now, so nothing is read either.
    pub(crate) fn blocked(&self) -> bool {
        self.paper_out || self.head_open || self.paused
    }
}

/// One printer.
pub(crate) struct Device {
    folder: Option<PathBuf>,
    dpi: Dpi,
    state: Mutex<State>,
    changed: watch::Sender<()>,
    /// Whoever holds it is the job connection.
    pub(crate) reader: tokio::sync::Mutex<Reader>,
}

impl Device {
    pub(crate) fn new(settings: PracticePrinterSettings) -> io::Result<Self> {
        let mut odometer = 0;
        if let Some(folder) = &settings.folder {
            std::fs::create_dir_all(folder)?;
            for entry in std::fs::read_dir(folder)? {
                let name = entry?.file_name();
                let number = name.to_str().and_then(|n| n.strip_prefix("label")).and_then(|n| n.split('.').next());
                odometer = odometer.max(number.and_then(|n| n.parse().ok()).unwrap_or(0));
            }
        }
        Ok(Self {
            folder: settings.folder,
            dpi: settings.dpi,
            state: Mutex::new(State {
                paper_out: false,
                head_open: false,
                paused: false,
                paper_left: None,
                stalled: false,
                printing: false,
                mid_data: false,
                cancel: false,
                answers: settings.answers,
                label_time: Duration::ZERO,
                odometer,
                jobs_ended: 0,
                calibrations: 0,
                stock_length: USUAL_LENGTH,
                told_length: USUAL_LENGTH,
                faults: Vec::new(),
                complaints: Vec::new(),
                labels: Vec::new(),
                off: false,
            }),
            changed: watch::channel(()).0,
            reader: tokio::sync::Mutex::new(Reader::new(settings.dpi)),
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes whoever waits for it.
    pub(crate) fn change<T>(&self, f: impl FnOnce(&mut State) -> T) -> T {
        let out = f(&mut self.state());
        self.changed.send_replace(());
        out
    }

    pub(crate) fn switch_off(&self) {
        self.change(|s| s.off = true);
    }

    /// The first fault that this job, of which `count` bytes were read, may still meet.
    pub(crate) fn fault_from(&self, count: u64) -> Option<PrinterFault> {
        let s = self.state();
        s.faults.iter().copied().find(|f| f.at_byte >= count && s.labels.len() >= f.after_labels)
    }

    /// Waits until the state is so; `Err` when the printer is switched off first.
    pub(crate) async fn wait_until(&self, so: impl Fn(&State) -> bool) -> Result<(), SwitchedOff> {
        let mut changes = self.changed.subscribe();
        loop {
            {
                let s = self.state();
                if s.off {
                    return Err(SwitchedOff);
                }
                if so(&s) {
                    return Ok(());
                }
            }
            if changes.changed().await.is_err() {
                return Err(SwitchedOff);
            }
        }
    }

    /// Prints one label: waits for paper, takes its time, counts, writes the files.
    pub(crate) async fn print(&self, raster: &Raster, bytes: &[u8]) -> Result<(), SwitchedOff> {
        self.wait_until(|s| !s.blocked()).await?;
        let time = self.change(|s| {
            s.printing = true;
            s.label_time
        });
        if !time.is_zero() {
            tokio::time::sleep(time).await;
        }
        let number = self.state().odometer + 1;
        if let Some(folder) = &self.folder {
            let written = picture::write_png(&folder.join(format!("label{number:04}.png")), raster, self.dpi)
                .and_then(|()| picture::write_bytes(&folder.join(format!("label{number:04}.prn")), bytes));
            if let Err(error) = written {
                tracing::error!(%error, number, "a practice label could not be written as a file");
            }
        }
        self.change(|s| {
            s.printing = false;
            s.odometer = number;
            s.labels.push(PrintedLabel { raster: raster.clone(), number_in_sequence: number, bytes: bytes.to_vec() });
            if let Some(left) = s.paper_left.as_mut() {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    s.paper_out = true;
                }
            }
        });
        Ok(())
    }

    pub(crate) fn labels(&self) -> Vec<PrintedLabel> {
        self.state().labels.clone()
    }

    pub(crate) async fn wait_for_labels(&self, count: usize, within: Duration) -> Option<Vec<PrintedLabel>> {
        let enough = self.wait_until(|s| s.labels.len() >= count);
        match tokio::time::timeout(within, enough).await {
            Ok(Ok(())) => Some(self.labels()),
            _ => None,
        }
    }

    pub(crate) fn report(&self) -> PrinterReport {
        let s = self.state();
        PrinterReport {
            odometer: s.odometer,
            labels: s.labels.len(),
            paper_out: s.paper_out,
            head_open: s.head_open,
            paused: s.paused,
            paper_left: s.paper_left,
            mid_data: s.mid_data,
            jobs_ended: s.jobs_ended,
            calibrations: s.calibrations,
            complaints: s.complaints.clone(),
        }
    }
}

/// The printer went off while something waited for it.
#[derive(Debug)]
pub(crate) struct SwitchedOff;
