//! Labels that carriers made.

use domain::clock::Millis;
use domain::ids::{CarrierLabelId, PersonId};

/// One page of a file, printed for the first time.
#[derive(Clone, Debug)]
pub struct NewCarrierLabel {
    /// Id.
    pub id: CarrierLabelId,
    /// What the file was called.
    pub name: String,
    /// `PDF`, `PNG`, `GIF`, `ZPL`.
    pub kind: String,
    /// Its bytes.
    pub file: Vec<u8>,
    /// SHA-256 of them, hexadecimal; kept as a keyed hash.
    pub hash: String,
    /// Which page, from 1.
    pub page: u32,
    /// How many the file has.
    pub pages: u32,
    /// What the number is; empty = nobody said it and no bars are read.
    pub tracking: String,
    /// What the bars said: `matches`, `not_compared`, `unreadable`.
    pub checked: String,
    /// When.
    pub created_at: Millis,
    /// Who.
    pub created_by: PersonId,
}

/// One that was printed, without its file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CarrierLabel {
    /// Id.
    pub id: CarrierLabelId,
    /// What the file was called.
    pub name: String,
    /// `PDF`, `PNG`, `GIF`, `ZPL`.
    pub kind: String,
    /// Which page, from 1.
    pub page: u32,
    /// How many the file has.
    pub pages: u32,
    /// What the number is.
    pub tracking: String,
    /// What the bars said.
    pub checked: String,
    /// When it was first printed.
    pub created_at: Millis,
    /// By whom.
    pub created_by: PersonId,
}
