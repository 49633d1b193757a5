//! What the desk asks of a printer; implemented by the `printer` crate.

use crate::evidence::Evidence;
use crate::raster::Raster;
use crate::units::{Dpi, LabelSize, Mm};
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
    /// EPL2 page mode: Eltron and older Zebra desktop printers.
    Epl,
    /// Mobile printers: Zebra QL and ZQ, HPRT, Gprinter.
    Cpcl,
    /// ESC/POS raster on label and receipt printers.
    Escpos,
}

impl Language {
    /// Every language, in the order in which people are offered them.
    pub const ALL: [Self; 5] = [Self::Tspl, Self::Zpl, Self::Epl, Self::Cpcl, Self::Escpos];

    /// The word for it where it is stored, sent or typed; the same as in its serialised form.
    pub fn word(self) -> &'static str {
        match self {
            Self::Tspl => "tspl",
            Self::Zpl => "zpl",
            Self::Epl => "epl",
            Self::Cpcl => "cpcl",
            Self::Escpos => "escpos",
        }
    }

    /// The language with this [`Self::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|l| l.word() == word)
    }
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
    /// The length of a label, in dots, as the device measured it when it was last taught its stock. Asked only just after
    /// that; at most 0.5 s. `None`: it does not say, and most have no word for it.
    async fn measured_length(&self) -> Option<u32> {
        None
    }
}

/// How a job is to be laid on the paper. Fields that came later have a default, so that what was stored still reads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Media {
    /// Label size.
    pub size: LabelSize,
    /// Head resolution.
    pub dpi: Dpi,
    /// Gap between labels, or height of the black mark, in mm. Ask [`Media::stock`]: it knows which.
    pub gap_mm: f64,
    /// What tells the printer where a label ends.
    #[serde(default)]
    pub kind: MediaKind,
    /// Inch per second.
    pub speed: u8,
    /// 0–15 on the TSPL scale.
    pub darkness: u8,
    /// Moves the picture on the label.
    #[serde(default)]
    pub offset: Offset,
}

impl Media {
    /// Die-cut labels 2 mm apart, a middling speed and darkness, no offset: where nobody said otherwise.
    pub fn usual(size: LabelSize, dpi: Dpi) -> Self {
        Self { size, dpi, gap_mm: 2.0, kind: MediaKind::Gap, speed: 4, darkness: 8, offset: Offset::default() }
    }

    /// What separates the labels, with its measure. Gap or mark without a height cannot be sensed: continuous.
    pub fn stock(&self) -> Stock {
        match self.kind {
            MediaKind::Gap if self.gap_mm > 0.0 => Stock::Gap(Mm(self.gap_mm)),
            MediaKind::Mark if self.gap_mm > 0.0 => Stock::Mark(Mm(self.gap_mm)),
            MediaKind::Gap | MediaKind::Mark | MediaKind::Continuous => Stock::Continuous,
        }
    }
}

/// How a printer finds the end of a label.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaKind {
    /// By the gap between die-cut labels.
    #[default]
    Gap,
    /// By a black mark on the back.
    Mark,
    /// Not at all: it counts dots.
    Continuous,
}

impl MediaKind {
    /// All, in the order in which people are offered them.
    pub const ALL: [Self; 3] = [Self::Gap, Self::Mark, Self::Continuous];

    /// The word for it where it is stored, sent or typed; the same as in its serialised form.
    pub fn word(self) -> &'static str {
        match self {
            Self::Gap => "gap",
            Self::Mark => "mark",
            Self::Continuous => "continuous",
        }
    }

    /// The kind with this [`Self::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.word() == word)
    }
}

/// [`MediaKind`] and its measure, as an encoder needs them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Stock {
    /// Die-cut labels, so far apart.
    Gap(Mm),
    /// A black mark of this height.
    Mark(Mm),
    /// Nothing to sense.
    Continuous,
}

/// A correction in tenths of a millimetre: `x` to the right, `y` down the label, both may be negative.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Offset {
    /// Across the head.
    pub x: i16,
    /// Along the feed.
    pub y: i16,
}

/// Why a raster cannot be made into a job. Found before any byte is made: nothing is ever cut off silently.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EncodeError {
    /// The head is too narrow.
    #[error("the label is {dots} dots wide, the print head has {head}")]
    WiderThanHead {
        /// Width of the raster.
        dots: u32,
        /// Width of the head at this resolution.
        head: u32,
    },
    /// The offset would push ink over the label's edge.
    #[error("the offset would push {dots} black dots over the label's edge")]
    OverTheEdge {
        /// How many.
        dots: u64,
    },
    /// The printer has no sensor for this stock.
    #[error("the printer has no sensor for {} stock", .0.word())]
    Stock(MediaKind),
    /// The platform's print component takes no pictures.
    #[error("a print component prints only labels whose data the platform sealed")]
    SealedOnly,
    /// The language's own numbers end before this size.
    #[error("the language has no picture of {width} × {height} dots")]
    Size {
        /// Width of the raster.
        width: u32,
        /// Its height.
        height: u32,
    },
}

/// Turns a raster into one job in a printer language.
pub trait Encoder: Send + Sync {
    /// One label, one copy. Errors: see [`EncodeError`]; then no byte was made.
    fn encode(&self, raster: &Raster, media: &Media) -> Result<Vec<u8>, EncodeError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_serialised_forms() {
        for language in Language::ALL {
            assert_eq!(serde_json::to_value(language).unwrap(), language.word());
            assert_eq!(Language::from_word(language.word()), Some(language));
        }
        for kind in MediaKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.word());
            assert_eq!(MediaKind::from_word(kind.word()), Some(kind));
        }
        assert_eq!(Language::from_word("TSPL"), None, "one spelling");
    }

    #[test]
    fn media_that_were_stored_before_kinds_and_offsets_still_read() {
        let old = r#"{"size":{"width":100.0,"height":180.0},"dpi":"D203","gap_mm":2.0,"speed":4,"darkness":8}"#;
        let media: Media = serde_json::from_str(old).unwrap();
        assert_eq!((media.stock(), media.offset), (Stock::Gap(Mm(2.0)), Offset::default()));
        assert_eq!(Media { gap_mm: 0.0, ..media }.stock(), Stock::Continuous, "as a gap of 0 always meant");
        assert_eq!(Media { kind: MediaKind::Mark, ..media }.stock(), Stock::Mark(Mm(2.0)));
        assert_eq!(Media { kind: MediaKind::Continuous, ..media }.stock(), Stock::Continuous);
    }
}
