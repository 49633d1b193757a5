//! The shop's own label templates.

use domain::clock::Millis;
use domain::ids::PersonId;

/// One, in its newest version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnTemplate {
    /// `own-1a2b3c4d`
    pub id: String,
    /// What it was made from; empty = nothing.
    pub made_from: String,
    /// From 1.
    pub version: u32,
    /// TOML.
    pub text: String,
    /// When this version was saved.
    pub created_at: Millis,
    /// Who saved it.
    pub created_by: PersonId,
}
