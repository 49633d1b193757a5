//! The owner's apps, attempts, grants.

use domain::attempt::AttemptState;
use domain::clock::Millis;
use domain::connector::{ShopIdentity, Tokens};
use domain::ids::{AttemptId, GrantId, PersonId, ShopId};
use domain::renewal::Renewal;
use domain::secret::Secret;

/// The owner's own app on a platform.
#[derive(Clone, Debug)]
pub struct App {
    /// Connector id.
    pub platform: String,
    /// App key.
    pub key: String,
    /// App secret.
    pub secret: Secret,
    /// Registered callback address.
    pub callback: String,
    /// Who entered it.
    pub entered_by: PersonId,
    /// When.
    pub entered_at: Millis,
}

/// One try to get a grant.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Id.
    pub id: AttemptId,
    /// Connector id.
    pub platform: String,
    /// `browser` or `link`.
    pub way: String,
    /// State.
    pub state: AttemptState,
    /// Why it ended.
    pub reason: String,
    /// The platform's words.
    pub hint: String,
    /// One-time state.
    pub secret_state: Secret,
    /// PKCE verifier; empty if the connector uses none.
    pub verifier: Secret,
    /// Redirect address, byte for byte as in the link.
    pub redirect: String,
    /// Who asked.
    pub asked_by: PersonId,
    /// Grant to renew.
    pub renews: Option<GrantId>,
    /// Which door it came in by.
    pub door: String,
    /// When.
    pub created_at: Millis,
    /// Until when.
    pub expires_at: Millis,
    /// The shop the platform named.
    pub shop: Option<ShopIdentity>,
    /// The grant it became.
    pub grant: Option<GrantId>,
}

/// What is written with a move of an attempt; `None` leaves the field.
#[derive(Clone, Debug, Default)]
pub struct AttemptChange {
    /// Why.
    pub reason: Option<String>,
    /// The platform's words.
    pub hint: Option<String>,
    /// Door.
    pub door: Option<String>,
    /// Tokens and whose they are.
    pub tokens: Option<(Tokens, ShopIdentity)>,
}

/// State of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// Works.
    Active,
    /// Stopped by a person; undoable.
    Suspended,
    /// The platform says it is dead, or it expired.
    NeedsRenewal,
    /// Erased here.
    Revoked,
}

impl GrantState {
    /// The word in storage and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::NeedsRenewal => "needs_renewal",
            Self::Revoked => "revoked",
        }
    }
    /// The state of a word.
    pub fn from_word(w: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::NeedsRenewal, Self::Revoked].into_iter().find(|s| s.word() == w)
    }
}

/// A grant, without its tokens.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Id.
    pub id: GrantId,
    /// Connector id.
    pub platform: String,
    /// The platform's shop id.
    pub shop_id: ShopId,
    /// The platform's shop name.
    pub shop_name: String,
    /// State.
    pub state: GrantState,
    /// Why it needs renewal.
    pub reason: String,
    /// When the access token ends.
    pub expires_at: Option<Millis>,
    /// Who confirmed it.
    pub granted_by: PersonId,
    /// When.
    pub granted_at: Millis,
    /// Last good call.
    pub last_used_at: Option<Millis>,
    /// When couriers were read.
    pub couriers_at: Option<Millis>,
    /// How far its renewal has come.
    pub renewal: Renewal,
    /// The last reminder before its end: 14, 7, 3, 1 days; 0 = none yet.
    pub reminded: u8,
}

/// How one showing of a refresh token ended without new tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefreshEnd {
    /// The platform did not look at it: the showing does not count.
    NothingDone,
    /// Why the token is not shown again, or not soon: `lost`, `refused`, `app`.
    Trouble(&'static str),
}
