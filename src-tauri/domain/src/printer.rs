//! What the desk asks of a printer; implemented by the `printer` crate.

use crate::evidence::Evidence;
use crate::raster::Raster;
use crate::units::{Dpi, LabelSize};
use async_trait::async_trait;
use serde::{Deserialize, Serialize};

/// Printer command languages that take a raster.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// TSC, Gprinter, Xprinter, HPRT …
    Tspl,
    /// Zebra and emulations.
    Zpl,
}

/// What the device says of itself. Silence is its own answer: most low-cost printers never say anything.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeviceState {
    /// Answered: ready, no error.
    Ready,
    /// Answered: busy printing.
    Printing,
    /// Answered: stopped for a reason a person must mend. Several can hold at once.
    Stopped(Vec<StopReason>),
    /// The link works, but the device did not answer a status question: neither ready nor broken.
    CannotTell,
    /// The link itself cannot be opened now. The text is the system's own reason.
    Unreachable(String),
}

/// Why a device says it stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StopReason {
    /// Out of labels.
    PaperOut,
    /// Paper jam.
    Jam,
    /// Head or cover open.
    HeadOpen,
    /// Ribbon empty.
    RibbonOut,
    /// Paused at the device.
    Paused,
    /// Too hot, cutter, or an error without a finer name.
    Other,
}

/// How one hand-over ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SendOutcome {
    /// All bytes went, with this much proof.
    Sent(Evidence),
    /// Nothing at all was accepted: the same job may be tried again freely. The text is the system's reason.
    NothingSent(String),
    /// It broke off after `accepted` bytes may have left: part of a label may be out. Never re-sent by machine.
    BrokenOff {
        /// Bytes the link took before it broke.
        accepted: u64,
        /// The system's reason.
        reason: String,
    },
}

/// A link to one device. At most one `send` runs at a time for one device: the implementation holds a lock by
/// device, not by name.
#[async_trait]
pub trait PrinterLink: Send + Sync {
    /// Hands over one whole job and waits for the strongest evidence the link can give.
    async fn send(&self, job: &[u8]) -> SendOutcome;
    /// Asks the device how it is; at most 0.5 s.
    async fn state(&self) -> DeviceState;
}

/// How a job is to be laid on the paper.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// Label size.
    pub size: LabelSize,
    /// Head resolution.
    pub dpi: Dpi,
    /// Gap between labels in mm; 0 for continuous stock.
    pub gap_mm: f64,
    /// Inch per second.
    pub speed: u8,
    /// 0–15 on the TSPL scale.
    pub darkness: u8,
}

/// Turns a raster into one job in a printer language.
pub trait Encoder: Send + Sync {
    /// One label, one copy. The raster must not be wider than the media.
    fn encode(&self, raster: &Raster, media: &Media) -> Vec<u8>;
}
