//! What is taken out when its time is over, or when somebody asks for it.

use domain::ids::{ParcelId, PersonId};

/// People's data that is to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToPurge {
    /// Parcels, with all their numbers' requests and answers.
    pub parcels: Vec<ParcelId>,
    /// Files of carriers' labels, by the running number of `carrier_files`.
    pub files: Vec<i64>,
    /// Whose drafts.
    pub drafts: Vec<PersonId>,
}

impl ToPurge {
    /// Nothing to do.
    pub fn is_empty(&self) -> bool {
        self.parcels.is_empty() && self.files.is_empty() && self.drafts.is_empty()
    }
}
