//! Printers and the print journal.

use super::CustomArea;
use domain::clock::Millis;
use domain::evidence::Evidence;
use domain::ids::{BatchId, CarrierLabelId, ParcelId, PersonId, PrintJobId, PrinterId, WaybillId};
use domain::journal::PrintState;
use domain::printer::{Language, MediaKind, Offset};
use domain::units::Dpi;

/// A printer as set up here.
#[derive(Clone, Debug, PartialEq)]
pub struct Printer {
    /// Id.
    pub id: PrinterId,
    /// Name.
    pub name: String,
    /// `tcp://…`, `cups://…`, `cainiao://…`, `file://…`, as `printer::LinkAddress` reads it.
    pub address: String,
    /// Language.
    pub language: Language,
    /// Resolution.
    pub dpi: Dpi,
    /// Label width.
    pub width_mm: f64,
    /// Label height.
    pub height_mm: f64,
    /// Gap, or height of the mark.
    pub gap_mm: f64,
    /// What tells it where a label ends.
    pub media_kind: MediaKind,
    /// Moves every picture.
    pub offset: Offset,
    /// Its family's profile; empty = nothing is known but the language.
    pub family: String,
    /// Inch a second.
    pub speed: u8,
    /// 0–15.
    pub darkness: u8,
    /// The length of a label as it was measured when the printer was last calibrated. Saving a printer keeps it while
    /// address and label height stay.
    pub measured_mm: Option<f64>,
    /// The default printer.
    pub default: bool,
    /// Removed from lists.
    pub removed: bool,
}

/// A rule for orders that name no printer. Empty texts = any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PrinterRule {
    /// Courier's code.
    pub courier_code: String,
    /// Template id.
    pub template: String,
    /// Where the person stands.
    pub station: String,
    /// The printer.
    pub printer: PrinterId,
    /// Who may take its place when it certainly cannot print.
    pub stand_in: Option<PrinterId>,
}

/// Whose label a job prints.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LabelOf {
    /// The label of a parcel's number.
    Number {
        /// Parcel.
        parcel: ParcelId,
        /// Whose number.
        waybill: WaybillId,
    },
    /// A label that a carrier made.
    Carrier(CarrierLabelId),
}

impl LabelOf {
    /// What the action log calls it: the parcel, or the carrier's label.
    pub fn object(&self) -> &str {
        match self {
            Self::Number { parcel, .. } => parcel.as_str(),
            Self::Carrier(label) => label.as_str(),
        }
    }
    /// Whether it is of this number.
    pub fn is_of(&self, number: &WaybillId) -> bool {
        matches!(self, Self::Number { waybill, .. } if waybill == number)
    }
    /// Its number, if it is a parcel's.
    pub fn waybill(&self) -> Option<&WaybillId> {
        match self {
            Self::Number { waybill, .. } => Some(waybill),
            Self::Carrier(_) => None,
        }
    }
}

/// A label wanted.
#[derive(Clone, Debug)]
pub struct NewPrint {
    /// Id.
    pub id: PrintJobId,
    /// Whose label.
    pub of: LabelOf,
    /// The press.
    pub submit_key: String,
    /// 0 = first, 1 = 补打 1 …
    pub copy: u32,
    /// Reason code of a reprint.
    pub reason: String,
    /// Free text of a reprint.
    pub note: String,
    /// Who.
    pub asked_by: PersonId,
    /// Printer.
    pub printer: PrinterId,
    /// Template id.
    pub template: String,
    /// When.
    pub created_at: Millis,
    /// The batch that alone may send it.
    pub batch: Option<BatchId>,
    /// Its place in a batch, as on the paper: `B0412-037/100`; empty = printed alone.
    pub stamp: String,
    /// The shop's own area on it.
    pub custom: CustomArea,
}

/// A label as journalled.
#[derive(Clone, Debug)]
pub struct Print {
    /// Id.
    pub id: PrintJobId,
    /// Whose label.
    pub of: LabelOf,
    /// 0 = first, 1 = 补打 1 …
    pub copy: u32,
    /// Reason code.
    pub reason: String,
    /// Free text.
    pub note: String,
    /// Who.
    pub asked_by: PersonId,
    /// Printer.
    pub printer: PrinterId,
    /// Template id.
    pub template: String,
    /// State.
    pub state: PrintState,
    /// Evidence.
    pub evidence: Option<Evidence>,
    /// What is in the way: a code or the system's words.
    pub trouble: String,
    /// Length of the job.
    pub bytes: i64,
    /// Bytes that may have left.
    pub accepted: i64,
    /// When asked for.
    pub created_at: Millis,
    /// When it came to rest.
    pub ended_at: Option<Millis>,
    /// The batch that alone may send it.
    pub batch: Option<BatchId>,
    /// Its place in a batch, as on the paper; empty = printed alone.
    pub stamp: String,
    /// A symbol on it says which copy it is.
    pub marked: bool,
    /// The shop's own area on it.
    pub custom: CustomArea,
}

/// What is written with a move of a job; `None` leaves the field.
#[derive(Clone, Debug, Default)]
pub struct PrintChange {
    /// SHA-256 and length of the bytes.
    pub drawn: Option<([u8; 32], i64)>,
    /// A symbol on it says which copy it is.
    pub marked: Option<bool>,
    /// Evidence.
    pub evidence: Option<Evidence>,
    /// Trouble.
    pub trouble: Option<String>,
    /// Bytes that may have left.
    pub accepted: Option<i64>,
    /// When it came to rest.
    pub ended_at: Option<Millis>,
}
