//! The print journal: how one label gets to the paper, by machine at most once.
//!
//! `queued → rendered → sending → sent → confirmed`, with `doubtful` (an interrupted send) and `failed` (it certainly did
//! not go and will not go by itself). Pure.
//!
//! Absent on purpose: a way from `sending`, `sent` or `doubtful` back to `queued`. More than one label is a person's
//! reprint: a new job with a reason and a 补打 mark.

use serde::{Deserialize, Serialize};

/// Where one label stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintState {
    /// Wanted; nothing drawn.
    Queued,
    /// Drawn and encoded; the bytes' hash is on disk.
    Rendered,
    /// On disk as sending; from here on part of a label may be out.
    Sending,
    /// Every byte was taken; the evidence is too weak to say more. A normal end.
    Sent,
    /// The device or a person says it came out.
    Confirmed,
    /// Interrupted while sending: a person looks. Never re-sent by machine.
    Doubtful,
    /// It did not go: cannot be drawn, too old, or called off. Nothing is on paper.
    Failed,
}

impl PrintState {
    /// The word used in storage.
    pub fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Rendered => "rendered",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Confirmed => "confirmed",
            Self::Doubtful => "doubtful",
            Self::Failed => "failed",
        }
    }
    /// The state of a stored word.
    pub fn from_word(w: &str) -> Option<Self> {
        [Self::Queued, Self::Rendered, Self::Sending, Self::Sent, Self::Confirmed, Self::Doubtful, Self::Failed]
            .into_iter()
            .find(|s| s.word() == w)
    }
    /// Whether a label may be on paper because of this job.
    pub fn may_be_on_paper(self) -> bool {
        matches!(self, Self::Sending | Self::Sent | Self::Confirmed | Self::Doubtful)
    }
}

/// What happened to a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrintEvent {
    /// Drawn and encoded.
    Drawn,
    /// The first byte is about to leave.
    Start,
    /// Nothing was accepted: back in the queue, no reprint.
    NothingAccepted,
    /// Every byte was taken.
    AllTaken,
    /// The device says so, or a person.
    Confirm,
    /// It broke off, or the program starts and finds it sending.
    Interrupted,
    /// It cannot be drawn, is too old, or was called off before sending.
    CallOff,
    /// The program starts and finds the job like this.
    Restart,
}

/// The next state, or `None` when the event has no place here.
pub fn next(state: PrintState, event: PrintEvent) -> Option<PrintState> {
    use PrintEvent as E;
    use PrintState as S;
    Some(match (state, event) {
        (S::Queued, E::Drawn) => S::Rendered,
        (S::Rendered, E::Start) => S::Sending,
        (S::Sending, E::NothingAccepted) => S::Queued,
        (S::Sending, E::AllTaken) => S::Sent,
        (S::Sending, E::Interrupted | E::Restart) => S::Doubtful,
        (S::Sent | S::Doubtful, E::Confirm) => S::Confirmed,
        (S::Queued | S::Rendered, E::CallOff) => S::Failed,
        // A job drawn before a crash is drawn again: its bytes were never kept, only their hash.
        (S::Rendered, E::Restart) => S::Queued,
        (s, E::Restart) => s,
        _ => return None,
    })
}
