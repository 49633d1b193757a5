//! The shop's own area of its labels (自定义区).

use domain::ids::GrantId;
use serde::{Deserialize, Serialize};

/// What stands in it. Empty = nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomArea {
    /// The shop's words.
    pub text: String,
    /// Whether the goods follow them.
    pub goods: bool,
    /// A line apart from them.
    pub remark: String,
    /// Letter of the station where labels come out: this computer's, the same for all shops.
    pub station: String,
}

/// Whose it is: `None` = every shop's that has none of its own.
pub type AreaOf = Option<GrantId>;
