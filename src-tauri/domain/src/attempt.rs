//! One try to get a grant: many doors, the first valid one wins.
//!
//! `open → received → exchanging → held → active`, or `refused | expired | cancelled | unknown`. Pure.

use serde::{Deserialize, Serialize};

/// Where an attempt stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttemptState {
    /// Waiting for the browser.
    Open,
    /// A valid answer came in; other doors are shut.
    Received,
    /// On disk: the code is being exchanged. Codes are one-use: after a crash here it becomes unknown.
    Exchanging,
    /// Tokens are here; a person must confirm the shop the platform named.
    Held,
    /// Confirmed: the grant works.
    Active,
    /// The platform, or a person, said no.
    Refused,
    /// Nobody came in time.
    Expired,
    /// Called off here.
    Cancelled,
    /// The exchange's answer was lost: start again.
    Unknown,
}

impl AttemptState {
    /// The word used in storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Received => "received",
            Self::Exchanging => "exchanging",
            Self::Held => "held",
            Self::Active => "active",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Unknown => "unknown",
        }
    }
    /// The state of a stored word.
    pub fn from_word(w: &str) -> Option<Self> {
        [
            Self::Open,
            Self::Received,
            Self::Exchanging,
            Self::Held,
            Self::Active,
            Self::Refused,
            Self::Expired,
            Self::Cancelled,
            Self::Unknown,
        ]
        .into_iter()
        .find(|s| s.word() == w)
    }
    /// Whether nothing more will happen to it.
    pub fn is_over(self) -> bool {
        matches!(self, Self::Active | Self::Refused | Self::Expired | Self::Cancelled | Self::Unknown)
    }
}

/// What happened to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AttemptEvent {
    /// A valid code came through a door.
    Code,
    /// The platform's answer was an error with our state (`access_denied` …).
    PlatformSaidNo,
    /// The exchange is about to start.
    Exchange,
    /// Tokens and identity are stored.
    TokensStored,
    /// The exchange was refused.
    ExchangeRefused,
    /// The exchange's answer was lost, or the program starts and finds it exchanging.
    ExchangeLost,
    /// A person confirmed the shop.
    Confirm,
    /// A person says it is the wrong shop.
    Reject,
    /// Time is up.
    Expire,
    /// Called off here.
    Cancel,
}

/// The next state, or `None` when the event has no place here.
pub fn next(state: AttemptState, event: AttemptEvent) -> Option<AttemptState> {
    use AttemptEvent as E;
    use AttemptState as S;
    Some(match (state, event) {
        (S::Open, E::Code) => S::Received,
        (S::Open, E::PlatformSaidNo) => S::Refused,
        (S::Open, E::Expire) => S::Expired,
        (S::Open | S::Held, E::Cancel) => S::Cancelled,
        (S::Received, E::Exchange) => S::Exchanging,
        // Crash between the code and the exchange: the code was never stored in clear and is gone.
        (S::Received | S::Exchanging, E::ExchangeLost) => S::Unknown,
        (S::Exchanging, E::TokensStored) => S::Held,
        (S::Exchanging, E::ExchangeRefused) => S::Refused,
        (S::Held, E::Confirm) => S::Active,
        (S::Held, E::Reject) => S::Refused,
        _ => return None,
    })
}
