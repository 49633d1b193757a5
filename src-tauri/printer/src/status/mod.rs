//! What a printer says of itself, read from bytes: the questions of each language and the sense of their answers.
//!
//! Pure and total: any bytes give an answer or `None`, never a panic; what is not exactly an answer is `None`, so garbage
//! can never be *ready*. One file a language; this one holds what they share.

mod cpcl;
mod epl;
mod escpos;
mod tspl;
mod zpl;

pub(crate) use zpl::{HOST_STATUS, ODOMETER, label_length, odometer};

use crate::profiles::Profile;
use domain::printer::{DeviceState, Language, StopReason};

/// One thing to ask.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Question {
    /// What is sent. Different questions have different bytes: they are also its name.
    pub bytes: &'static [u8],
    /// What all that came back so far means; `None` = no answer, or none yet. The flag says that nothing more will come.
    pub sense: fn(&[u8], bool) -> Option<DeviceState>,
}

/// What a printer of this profile is asked, one after the other until it answers. Nothing that its firmware may not know:
/// what a printer does not take for a question stays in its memory, in front of the next job.
pub(crate) fn questions(profile: &Profile) -> &'static [Question] {
    match profile.language {
        Language::Tspl if profile.status_frame => &tspl::QUESTIONS,
        Language::Tspl => &tspl::QUESTIONS[..1],
        Language::Zpl => &zpl::QUESTIONS,
        Language::Epl => &epl::QUESTIONS,
        Language::Cpcl => &cpcl::QUESTIONS,
        Language::Escpos => &escpos::QUESTIONS,
    }
}

/// The reasons whose bits are set, in the table's order, each once.
fn reasons(bits: u32, table: &[(u32, StopReason)]) -> Vec<StopReason> {
    let mut found = Vec::new();
    for (mask, reason) in table {
        if bits & mask != 0 && !found.contains(reason) {
            found.push(*reason);
        }
    }
    found
}

/// Any reason stops it; else it prints or is ready.
fn state(reasons: Vec<StopReason>, printing: bool) -> DeviceState {
    match (reasons.is_empty(), printing) {
        (false, _) => DeviceState::Stopped(reasons),
        (true, true) => DeviceState::Printing,
        (true, false) => DeviceState::Ready,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::{generic, profile};
    use proptest::prelude::*;

    fn questions_of_all() -> impl Iterator<Item = (Language, &'static Question)> {
        let most = Language::ALL.map(|l| if l == Language::Tspl { profile("tsc").unwrap() } else { generic(l) });
        most.into_iter().flat_map(|p| questions(p).iter().map(|q| (p.language, q)))
    }

    #[test]
    fn only_firmware_that_knows_the_frame_is_asked_for_it() {
        assert_eq!(questions(generic(Language::Tspl)).len(), 1);
        assert_eq!(questions(profile("tsc").unwrap()).len(), 2);
    }

    #[test]
    fn every_language_has_questions_with_names_of_their_own() {
        let mut all: Vec<_> = questions_of_all().map(|(_, q)| q.bytes).chain([ODOMETER]).collect();
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
        for (language, q) in questions_of_all() {
            assert_eq!((q.sense)(b"", true), None, "{language:?}: silence is no state");
            assert_eq!((q.sense)(b"HTTP/1.1 400 Bad Request\r\n\r\n", true), None, "{language:?}: nor is a text");
        }
    }

    proptest! {
        #[test]
        fn garbage_never_panics_and_long_garbage_is_never_a_state(
            bytes in prop::collection::vec(any::<u8>(), 0..200), over in any::<bool>()
        ) {
            for (language, q) in questions_of_all() {
                let said = (q.sense)(&bytes, over);
                prop_assert!(said.is_none() || bytes.len() <= 9, "{language:?}: {said:?}");
            }
            let _ = odometer(&bytes);
        }

        #[test]
        fn damaged_answers_never_panic(
            text in "(\u{2}|\u{3}|ERRORS:|WARNINGS:|[0-9A-F]{1,9}|,|\"|@|E|[ -~]|\r\n| ){0,40}"
        ) {
            for (_, q) in questions_of_all() {
                let _ = ((q.sense)(text.as_bytes(), false), (q.sense)(text.as_bytes(), true));
            }
            let _ = odometer(text.as_bytes());
        }
    }
}
