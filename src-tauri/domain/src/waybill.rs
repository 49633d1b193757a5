//! The waybill saga: how a parcel gets its number, once.
//!
//! `ready → intent (on disk) → in flight → issued | rejected | unknown`; `unknown → issued | rejected | a person decides`;
//! `issued → cancelling → cancelled | issued`. Pure: no clock, no disk, no network; the desk writes each step down
//! *before* acting on it.
//!
//! Absent on purpose: a way from `unknown` back to asking for a number. Only `rejected` and `cancelled` allow another
//! attempt.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Where one attempt to get a number stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WaybillState {
    /// On disk; not one byte has left. After a crash here nothing can have been charged.
    Intent,
    /// On disk as in flight; from here on the courier may have charged.
    InFlight,
    /// We hold the number.
    Issued,
    /// The platform said no; nothing was charged.
    Rejected,
    /// Nobody knows. Asked about, never repeated.
    Unknown,
    /// Asking, and waiting, was in vain: a person decides with the evidence in front of them.
    NeedsPerson,
    /// A cancel is on its way or its end is unknown. The number must not be printed.
    Cancelling,
    /// The platform took the number back. Never printed again.
    Cancelled,
}

impl WaybillState {
    /// Whether this attempt may hold, or may yet turn out to hold, a live number: no second attempt beside it.
    pub fn is_live(self) -> bool {
        !matches!(self, Self::Rejected | Self::Cancelled)
    }
    /// The only state in which a label may be drawn or printed.
    pub fn may_print(self) -> bool {
        self == Self::Issued
    }
    /// The word used in storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Intent => "intent",
            Self::InFlight => "in_flight",
            Self::Issued => "issued",
            Self::Rejected => "rejected",
            Self::Unknown => "unknown",
            Self::NeedsPerson => "needs_person",
            Self::Cancelling => "cancelling",
            Self::Cancelled => "cancelled",
        }
    }
    /// The state of a stored word.
    pub fn from_word(w: &str) -> Option<Self> {
        [
            Self::Intent,
            Self::InFlight,
            Self::Issued,
            Self::Rejected,
            Self::Unknown,
            Self::NeedsPerson,
            Self::Cancelling,
            Self::Cancelled,
        ]
        .into_iter()
        .find(|s| s.word() == w)
    }
}

/// What happened to an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WaybillEvent {
    /// The call is about to start.
    Send,
    /// Called off before a byte left: too old after a restart, or the grant is gone.
    CallOff,
    /// The call certainly never left (connection refused …).
    NotSent,
    /// The platform gave a number.
    Number,
    /// The platform said no.
    No,
    /// Time-out, 5xx, cut line, unreadable answer.
    Silence,
    /// The program starts and finds the attempt like this.
    Restart,
    /// A look-up found the number.
    FoundIt,
    /// Look-ups found nothing, after the settle time, twice.
    FoundNothing,
    /// Look-ups have been tried long enough.
    GaveUp,
    /// A person says: there is no number (nothing was charged, or it was settled with the courier).
    PersonSaysNone,
    /// A cancel is about to be sent.
    AskCancel,
    /// The platform acknowledged the cancel.
    CancelDone,
    /// The platform refused the cancel: the number lives.
    CancelRefused,
}

/// The next state, or `None` when the event has no place here. A caller that gets `None` has a bug or a hostile peer;
/// it writes nothing.
pub fn next(state: WaybillState, event: WaybillEvent) -> Option<WaybillState> {
    use WaybillEvent as E;
    use WaybillState as S;
    Some(match (state, event) {
        (S::Intent, E::Send) => S::InFlight,
        (S::Intent, E::CallOff) => S::Rejected,
        (S::Intent, E::Restart) => S::Intent,
        (S::InFlight, E::NotSent | E::No) => S::Rejected,
        (S::InFlight, E::Number) => S::Issued,
        (S::InFlight, E::Silence | E::Restart) => S::Unknown,
        (S::Unknown | S::NeedsPerson, E::FoundIt) => S::Issued,
        (S::Unknown, E::FoundNothing) => S::Rejected,
        (S::Unknown, E::GaveUp) => S::NeedsPerson,
        (S::Unknown | S::NeedsPerson, E::PersonSaysNone) => S::Rejected,
        (S::Issued, E::AskCancel) => S::Cancelling,
        // A cancel whose answer was lost is asked again: cancelling twice costs nothing, printing a dead number does.
        (S::Cancelling, E::AskCancel | E::Silence | E::Restart | E::NotSent) => S::Cancelling,
        (S::Cancelling, E::CancelDone) => S::Cancelled,
        (S::Cancelling, E::CancelRefused) => S::Issued,
        (s, E::Restart) => s,
        _ => return None,
    })
}

/// When an unknown attempt is asked about next, after `asked` earlier look-ups: 1, 5, 30 s, 2, 10 min, then hourly for
/// 24 h; `None` = time for a person.
pub fn look_up_wait(asked: u32) -> Option<Duration> {
    Some(Duration::from_secs(match asked {
        0 => 1,
        1 => 5,
        2 => 30,
        3 => 120,
        4 => 600,
        5..=28 => 3600,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_has_a_word_of_its_own() {
        for w in ["intent", "in_flight", "issued", "rejected", "unknown", "needs_person", "cancelling", "cancelled"] {
            assert_eq!(WaybillState::from_word(w).map(WaybillState::word), Some(w));
        }
    }

    #[test]
    fn an_unknown_attempt_is_never_sent_again() {
        for s in [WaybillState::Unknown, WaybillState::NeedsPerson, WaybillState::Issued, WaybillState::InFlight] {
            assert_eq!(next(s, WaybillEvent::Send), None, "{s:?} must not be sent");
        }
    }
}
