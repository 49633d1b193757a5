//! Orders and parcels.

use domain::clock::Millis;
use domain::contact::{Contact, Goods};
use domain::ids::{ParcelId, PersonId, PrinterId};
use serde::{Deserialize, Serialize};

/// What a person typed, whole; sealed at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// 寄件人
    pub sender: Contact,
    /// 收件人
    pub recipient: Contact,
    /// 内件
    pub goods: Vec<Goods>,
    /// 备注
    pub remark: String,
    /// Grams.
    pub weight_g: Option<u32>,
}

/// A parcel to be written.
#[derive(Clone, Debug)]
pub struct NewParcel {
    /// Id.
    pub id: ParcelId,
    /// The press.
    pub submit_key: String,
    /// When.
    pub created_at: Millis,
    /// Who.
    pub created_by: PersonId,
    /// Template id.
    pub template: String,
    /// Printer chosen at the press.
    pub printer: PrinterId,
    /// What was typed.
    pub order: Order,
}

/// A parcel as read.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Id.
    pub id: ParcelId,
    /// Running number.
    pub seq: i64,
    /// When.
    pub created_at: Millis,
    /// Who.
    pub created_by: PersonId,
    /// Template id.
    pub template: String,
    /// Printer.
    pub printer: PrinterId,
    /// What was typed.
    pub order: Order,
    /// The shop's own order number; may be empty.
    pub reference: String,
    /// Why it must not be sent: `refund`; empty = nothing.
    pub stop: String,
    /// When people's data was taken out of it.
    pub purged_at: Option<Millis>,
}

/// Which parcels.
#[derive(Clone, Debug, Default)]
pub struct WantParcels {
    /// `seq` below this.
    pub before: Option<i64>,
    /// At most.
    pub limit: u32,
    /// Created at or after.
    pub since: Option<Millis>,
    /// Only those that want a person.
    pub attention: bool,
    /// Prefix of a waybill number or of the parcel id.
    pub search: String,
}
