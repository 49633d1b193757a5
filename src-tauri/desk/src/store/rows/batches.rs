//! Orders that wait, and batches.

use domain::batch::BatchState;
use domain::clock::Millis;
use domain::ids::{
    BatchId, CourierCode, CourierId, GrantId, ParcelId, PersonId, PrintJobId, PrinterId, WaybillId, WaybillNo,
};
use domain::journal::PrintState;
use domain::waybill::WaybillState;

/// An order to be kept until somebody prints it: a parcel that has no attempt yet.
#[derive(Clone, Debug)]
pub struct NewReady {
    /// Id.
    pub id: ParcelId,
    /// The press, or the line of the file, that brought it.
    pub submit_key: String,
    /// When.
    pub created_at: Millis,
    /// Who.
    pub created_by: PersonId,
    /// The shop's own order number; may be empty.
    pub reference: String,
    /// What was typed, as typed: it may still be wrong.
    pub order: super::Order,
}

/// A batch to be written, `running`.
#[derive(Clone, Debug)]
pub struct NewBatch {
    /// Id.
    pub id: BatchId,
    /// The press.
    pub submit_key: String,
    /// Charged.
    pub grant: GrantId,
    /// Charged.
    pub courier: CourierId,
    /// Printer.
    pub printer: PrinterId,
    /// Whose place that printer took.
    pub instead_of: Option<PrinterId>,
    /// Template id.
    pub template: String,
    /// Who.
    pub created_by: PersonId,
    /// When.
    pub created_at: Millis,
    /// As on screen, top to bottom.
    pub items: Vec<NewItem>,
}

/// One parcel of a new batch.
#[derive(Clone, Debug)]
pub struct NewItem {
    /// Parcel.
    pub parcel: ParcelId,
    /// With the sender filled in.
    pub order: super::Order,
    /// Why it is put aside from the start; empty = it goes.
    pub aside: String,
    /// More on that.
    pub detail: String,
}

/// A batch as read.
#[derive(Clone, Debug)]
pub struct Batch {
    /// What people call it: `B0412`.
    pub number: i64,
    /// Id.
    pub id: BatchId,
    /// State.
    pub state: BatchState,
    /// What stopped it, a code; empty = nothing.
    pub trouble: String,
    /// More on that.
    pub detail: String,
    /// Charged.
    pub grant: GrantId,
    /// Charged.
    pub courier: CourierId,
    /// Printer.
    pub printer: PrinterId,
    /// Whose place that printer took.
    pub instead_of: Option<PrinterId>,
    /// Template id.
    pub template: String,
    /// Who.
    pub created_by: PersonId,
    /// Who set it going last.
    pub run_by: PersonId,
    /// When.
    pub created_at: Millis,
    /// When it was done.
    pub ended_at: Option<Millis>,
}

/// One parcel of a batch with where its number and its label stand.
#[derive(Clone, Debug)]
pub struct BatchItem {
    /// From 1, as on screen.
    pub seq: u32,
    /// Parcel.
    pub parcel: ParcelId,
    /// Why it is put aside; empty = it goes.
    pub aside: String,
    /// More on that.
    pub detail: String,
    /// Its place on the paper, from 1; 0 = its turn has not come.
    pub nth: u32,
    /// A person said that its last label is no good.
    pub again: bool,
    /// The batch was ended without it.
    pub left_out: bool,
    /// Newest attempt.
    pub waybill: Option<(WaybillId, WaybillState)>,
    /// Its number.
    pub number: Option<WaybillNo>,
    /// Its label in this batch.
    pub print: Option<(PrintJobId, PrintState)>,
}

impl BatchItem {
    /// Its label was handed to the printer.
    pub fn is_through(&self) -> bool {
        self.left_out || self.print.as_ref().is_some_and(|(_, s)| s.may_be_on_paper())
    }
    /// As the pure rules see it.
    pub fn place(&self) -> domain::batch::Place {
        domain::batch::Place { seq: self.seq, aside: !self.aside.is_empty(), through: self.is_through() }
    }
}

/// Labels of one courier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CourierCount {
    /// Whose.
    pub courier: CourierCode,
    /// Labels that a printer took, whatever the evidence.
    pub sent: u32,
    /// Of these, certain ones.
    pub confirmed: u32,
    /// Labels that want a person's look: doubtful, failed.
    pub attention: u32,
}
