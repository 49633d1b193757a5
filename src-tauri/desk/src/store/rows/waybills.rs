//! Attempts to get a number.

use super::NewPrint;
use domain::clock::Millis;
use domain::connector::PrintData;
use domain::ids::{BatchId, CourierCode, CourierId, GrantId, ParcelId, PersonId, WaybillId, WaybillNo};
use domain::waybill::WaybillState;
use serde::{Deserialize, Serialize};

/// An attempt to be written, in `intent`.
#[derive(Clone, Debug)]
pub struct NewWaybill {
    /// Id.
    pub id: WaybillId,
    /// Parcel.
    pub parcel: ParcelId,
    /// 1, 2, 3 …
    pub attempt: u32,
    /// The press (or retry) that asked for it.
    pub submit_key: String,
    /// Grant that will be charged.
    pub grant: GrantId,
    /// Courier that will be charged.
    pub courier: CourierId,
    /// Its code.
    pub courier_code: CourierCode,
    /// The shop's name at that moment.
    pub shop_name: String,
    /// Who.
    pub asked_by: PersonId,
    /// The batch whose runner asks for it.
    pub batch: Option<BatchId>,
    /// The exact request, as it will be sent; sealed.
    pub request: domain::connector::IssueRequest,
    /// When.
    pub created_at: Millis,
}

/// An attempt as read.
#[derive(Clone, Debug)]
pub struct Waybill {
    /// Id.
    pub id: WaybillId,
    /// Parcel.
    pub parcel: ParcelId,
    /// 1, 2, 3 …
    pub attempt: u32,
    /// State.
    pub state: WaybillState,
    /// Grant.
    pub grant: GrantId,
    /// Courier.
    pub courier: CourierId,
    /// Courier code.
    pub courier_code: CourierCode,
    /// Shop name.
    pub shop_name: String,
    /// Who asked.
    pub asked_by: PersonId,
    /// The request.
    pub request: domain::connector::IssueRequest,
    /// The number, once known.
    pub number: Option<WaybillNo>,
    /// `plain`, `encrypted`, `missing`, empty.
    pub print_kind: String,
    /// Component for encrypted data.
    pub component: String,
    /// Why.
    pub reason: String,
    /// The platform's words.
    pub hint: String,
    /// Look-ups so far.
    pub asked: u32,
    /// "Not found" answers that counted.
    pub not_found: u32,
    /// When the call left.
    pub sent_at: Option<Millis>,
    /// Next look-up.
    pub next_ask_at: Option<Millis>,
    /// When.
    pub created_at: Millis,
    /// When it came to rest.
    pub ended_at: Option<Millis>,
    /// The batch whose runner asked for it.
    pub batch: Option<BatchId>,
}

/// The platform's answer, kept sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What to print.
    pub print: PrintData,
    /// The whole answer.
    pub raw: String,
}

/// What is written with a move of an attempt to get a number; `None` leaves the field.
#[derive(Clone, Debug, Default)]
pub struct WaybillChange {
    /// The number and the answer.
    pub issued: Option<(WaybillNo, Answer)>,
    /// Why.
    pub reason: Option<String>,
    /// The platform's words.
    pub hint: Option<String>,
    /// When the call left.
    pub sent_at: Option<Millis>,
    /// Next look-up; `Some(None)` = none.
    pub next_ask_at: Option<Option<Millis>>,
    /// When it came to rest; `Some(None)` = it has not.
    pub ended_at: Option<Option<Millis>>,
    /// A print job that is to be queued in the same transaction.
    pub queue: Option<NewPrint>,
}
