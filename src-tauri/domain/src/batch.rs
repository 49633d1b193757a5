//! A batch: many parcels printed one after another on one printer, charged to one courier. Pure.
//!
//! `running ⇄ paused`, `running, paused → stopped` (something a person must look at), `→ done`. The order on paper is the order on
//! screen. What does not go is put aside with its reason and never stops the others.
//!
//! Absent on purpose: a way from `stopped` to `running` without a person, and a second label of a parcel that no person
//! asked for: [`Resume`] is what a person said about the paper.

use serde::{Deserialize, Serialize};

/// Where a batch stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BatchState {
    /// Labels are coming out.
    Running,
    /// A person paused it between two labels, or only parcels that were put aside are left.
    Paused,
    /// The printer, the platform or a restart stopped it: a person says which label was the last good one.
    Stopped,
    /// Every parcel has its label, or was given up by a person.
    Done,
}

impl BatchState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Running, Self::Paused, Self::Stopped, Self::Done];

    /// The word used in storage and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Stopped => "stopped",
            Self::Done => "done",
        }
    }
    /// The state of a stored word.
    pub fn from_word(w: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.word() == w)
    }
    /// Whether it still holds parcels and its printer's attention.
    pub fn is_open(self) -> bool {
        self != Self::Done
    }
}

/// What happened to a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BatchEvent {
    /// A person pressed pause.
    Pause,
    /// Only parcels that were put aside are left.
    OnlyAsideLeft,
    /// Something is in the way of every label to come.
    Trouble,
    /// The program starts and finds it like this.
    Restart,
    /// A person goes on.
    Resume,
    /// Nothing is left to print.
    AllThrough,
    /// A person ends it: what was not printed goes back to the ready orders.
    Close,
}

/// The next state, or `None` when the event has no place here.
pub fn next(state: BatchState, event: BatchEvent) -> Option<BatchState> {
    use BatchEvent as E;
    use BatchState as S;
    Some(match (state, event) {
        (S::Running, E::Pause | E::OnlyAsideLeft) => S::Paused,
        // The label under way when somebody pressed pause may be the one that breaks.
        (S::Running | S::Paused, E::Trouble) | (S::Running, E::Restart) => S::Stopped,
        (S::Paused | S::Stopped, E::Resume) => S::Running,
        (S::Running, E::AllThrough) => S::Done,
        (S::Paused | S::Stopped, E::Close) => S::Done,
        (s, E::Restart) => s,
        _ => return None,
    })
}

/// `B0412-037/100`: which parcel of which batch, so that a fallen pile can be sorted.
pub fn stamp(batch: i64, seq: u32, total: u32) -> String {
    let digits = total.to_string().len().max(3);
    format!("B{batch:04}-{seq:0digits$}/{total:0digits$}")
}

/// The parcel's place in a stamp of this batch, as a scanner or a person gives it: the whole stamp, or the number alone.
pub fn read_stamp(batch: i64, text: &str) -> Option<u32> {
    let text = text.trim();
    let number = match text.split_once('-') {
        Some((name, rest)) => {
            let named: i64 = name.strip_prefix(['B', 'b'])?.parse().ok()?;
            (named == batch).then_some(rest)?
        }
        None => text,
    };
    number.split('/').next()?.parse().ok()
}

/// What is known of one parcel of a batch when it is asked what comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// From 1, as on screen.
    pub seq: u32,
    /// Put aside, with a reason.
    pub aside: bool,
    /// Its label was handed to the printer (whatever the evidence).
    pub through: bool,
}

/// Whose turn it is after the label of `last` (0 = none yet): the next one down the screen; what was mended after its
/// turn had passed comes when the end is reached.
pub fn turn(places: &[Place], last: u32) -> Option<u32> {
    let waiting = || places.iter().filter(|p| !p.aside && !p.through).map(|p| p.seq);
    waiting().filter(|s| *s > last).min().or_else(|| waiting().min())
}

/// What a person says when a stopped batch goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resume {
    /// The last label that is good, by its place in the order of paper (1 = first label sent); 0 = none is.
    pub last_good: u32,
}

impl Resume {
    /// Whether the label that came `nth` out of the printer is to be printed once more. That is this person's act: it is
    /// marked as a reprint on the paper.
    pub fn wants_again(self, nth: u32) -> bool {
        nth > self.last_good
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_batch_goes_on_only_by_a_person() {
        for event in [BatchEvent::Restart, BatchEvent::AllThrough, BatchEvent::Trouble, BatchEvent::Pause] {
            assert_ne!(next(BatchState::Stopped, event), Some(BatchState::Running), "{event:?}");
        }
        assert_eq!(next(BatchState::Done, BatchEvent::Resume), None, "done is done");
        for s in BatchState::ALL {
            assert_eq!(BatchState::from_word(s.word()), Some(s));
        }
    }

    #[test]
    fn a_stamp_says_where_a_label_belongs() {
        assert_eq!(stamp(412, 37, 100), "B0412-037/100");
        assert_eq!(stamp(7, 3, 2000), "B0007-0003/2000");
        for text in ["B0412-037/100", "b412-37", " 37 ", "037/100"] {
            assert_eq!(read_stamp(412, text), Some(37), "{text}");
        }
        for text in ["B0413-037/100", "", "x", "B0412", "-3"] {
            assert_eq!(read_stamp(412, text), None, "{text}");
        }
    }

    #[test]
    fn the_order_on_paper_is_the_order_on_screen_and_mended_ones_come_at_the_end() {
        let mut places: Vec<Place> = (1..=5).map(|seq| Place { seq, aside: seq == 2, through: false }).collect();
        let mut paper = Vec::new();
        let mut last = 0;
        while let Some(seq) = turn(&places, last) {
            places[seq as usize - 1].through = true;
            paper.push(seq);
            last = seq;
            if seq == 4 {
                places[1].aside = false;
            }
        }
        assert_eq!(paper, [1, 3, 4, 5, 2]);
    }
}
