//! Hands a job to a device that takes bytes at its own pace: USB, a port, a spooler's pipe.
//!
//! Every byte is offered in order, in pieces of at most [`Pace::piece`] bytes, and after a pause the job goes on from
//! the count that was actually taken, never from its start: from the start it would be a second or a garbled label. A
//! device that takes nothing for a while (paused, out of labels) is not an error; only [`Pace::stall_limit`] without
//! one byte is. Nothing empty is ever offered: a USB transfer of no bytes wedges some firmwares. Deliberately absent:
//! reading.

use domain::evidence::Evidence;
use domain::printer::SendOutcome;
use std::io::{self, ErrorKind};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Where bytes go. Calls block.
pub(super) trait Pipe {
    /// Offers `bytes` (never empty) and waits at most `patience` for the device to take some of them.
    fn offer(&mut self, bytes: &[u8], patience: Duration) -> Taken;
    /// Waits until everything taken has left this computer, at most `patience`. Errors: it did not, or cannot any more.
    fn settle(&mut self, patience: Duration) -> io::Result<()>;
}

/// What became of an offer. Both can hold at once: some bytes went, and then something happened.
#[derive(Debug)]
pub(super) struct Taken {
    /// Bytes that left, from the front.
    pub count: usize,
    /// Why no more. Time that ran out (`TimedOut`, `WouldBlock`, `Interrupted`) is no failure.
    pub error: Option<io::Error>,
}

impl From<io::Result<usize>> for Taken {
    fn from(written: io::Result<usize>) -> Self {
        match written {
            Ok(count) => Self { count, error: None },
            Err(error) => Self { count: 0, error: Some(error) },
        }
    }
}

/// How long a link to a device of this computer waits for what. The defaults are for real printers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LocalSettings {
    /// Longest time in which the device takes not one byte: long enough to put in a new roll.
    pub stall_limit: Duration,
    /// [`domain::printer::PrinterLink::state`].
    pub status_budget: Duration,
}

impl Default for LocalSettings {
    fn default() -> Self {
        Self { stall_limit: Duration::from_secs(180), status_budget: Duration::from_millis(500) }
    }
}

impl LocalSettings {
    /// The pace for a device that is given `piece` bytes at once. Its patience is long: taking an offer back is the
    /// moment in which bytes are miscounted.
    pub(super) fn pace(self, piece: usize) -> Pace {
        Pace { piece, patience: self.stall_limit.min(Duration::from_secs(60)), stall_limit: self.stall_limit }
    }
}

/// How a job is cut and how long is waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    /// Most bytes offered at once; at least 1.
    pub piece: usize,
    /// Longest wait of one offer.
    pub patience: Duration,
    /// Longest time in which not one byte is taken.
    pub stall_limit: Duration,
}

/// Between two offers that came back at once with nothing.
const BREATH: Duration = Duration::from_millis(10);

/// Hands the whole job over and says how that ended. `name` stands in front of the reasons.
pub(super) fn feed(pipe: &mut impl Pipe, job: &[u8], pace: Pace, name: &str) -> SendOutcome {
    let mut at = 0;
    let broken = |accepted: usize, e: &dyn std::fmt::Display| match accepted {
        0 => SendOutcome::NothingSent(format!("{name}: {e}")),
        _ => SendOutcome::BrokenOff { accepted: accepted as u64, reason: format!("{name}: {e}") },
    };
    let mut last_byte = Instant::now();
    while at < job.len() {
        let piece = &job[at..job.len().min(at + pace.piece.max(1))];
        let taken = pipe.offer(piece, pace.patience);
        // A driver that says more than it was given must not make us skip bytes.
        let count = taken.count.min(piece.len());
        at += count;
        if count > 0 {
            last_byte = Instant::now();
        }
        match taken.error {
            Some(e) if !is_a_pause(&e) => return broken(at, &e),
            _ if last_byte.elapsed() >= pace.stall_limit => {
                return broken(at, &format!("the printer took nothing for {} s", pace.stall_limit.as_secs_f64()));
            }
            _ if count == 0 => sleep(BREATH),
            _ => {}
        }
    }
    match pipe.settle(pace.stall_limit) {
        Ok(()) => SendOutcome::Sent(Evidence::BytesAccepted),
        Err(e) => broken(at, &e),
    }
}

fn is_a_pause(e: &io::Error) -> bool {
    matches!(e.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock | ErrorKind::Interrupted)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A device that does to each offer what its script says, and then takes everything.
    #[derive(Default)]
    struct Hostile {
        script: Vec<(usize, Option<ErrorKind>)>,
        got: Vec<u8>,
        largest: usize,
        unsettled: bool,
    }

    impl Pipe for Hostile {
        fn offer(&mut self, bytes: &[u8], _: Duration) -> Taken {
            assert!(!bytes.is_empty(), "never a transfer of no bytes");
            self.largest = self.largest.max(bytes.len());
            let (count, error) = if self.script.is_empty() { (bytes.len(), None) } else { self.script.remove(0) };
            self.got.extend(&bytes[..count.min(bytes.len())]);
            Taken { count, error: error.map(io::Error::from) }
        }
        fn settle(&mut self, _: Duration) -> io::Result<()> {
            if self.unsettled { Err(ErrorKind::BrokenPipe.into()) } else { Ok(()) }
        }
    }

    const PACE: Pace = Pace { piece: 16, patience: Duration::ZERO, stall_limit: Duration::from_secs(60) };

    fn job(len: usize) -> Vec<u8> {
        (0..len).map(|n| u8::try_from(n % 251).unwrap()).collect()
    }

    #[test]
    fn after_a_pause_the_job_goes_on_from_the_count_that_was_taken() {
        let mut device = Hostile {
            script: vec![(16, None), (5, Some(ErrorKind::TimedOut)), (0, Some(ErrorKind::Interrupted)), (3, None)],
            ..Hostile::default()
        };
        assert_eq!(feed(&mut device, &job(100), PACE, "usb"), SendOutcome::Sent(Evidence::BytesAccepted));
        assert!(device.got == job(100), "each byte once, in order");
        assert_eq!(device.largest, 16, "in pieces");
    }

    #[test]
    fn a_failure_says_how_much_was_taken_and_nothing_follows_it() {
        for (script, want) in [
            (vec![(0, Some(ErrorKind::NotConnected))], None),
            (vec![(16, None), (4, Some(ErrorKind::NotConnected))], Some(20)),
        ] {
            let mut device = Hostile { script, ..Hostile::default() };
            match (feed(&mut device, &job(100), PACE, "usb"), want) {
                (SendOutcome::NothingSent(_), None) => {}
                (SendOutcome::BrokenOff { accepted, .. }, Some(count)) => assert_eq!(accepted, count),
                other => panic!("{other:?}"),
            }
            assert_eq!(device.got.len() as u64, want.unwrap_or(0), "not one byte more");
        }
    }

    #[test]
    fn only_a_long_time_without_one_byte_is_a_stall() {
        let pauses = |n| vec![(0, Some(ErrorKind::TimedOut)); n];
        let pace = Pace { stall_limit: Duration::from_millis(35), ..PACE };
        let mut dead = Hostile { script: [vec![(16, None)], pauses(100)].concat(), ..Hostile::default() };
        assert!(matches!(feed(&mut dead, &job(100), pace, "usb"), SendOutcome::BrokenOff { accepted: 16, .. }));
        let mut never = Hostile { script: pauses(100), ..Hostile::default() };
        assert!(matches!(feed(&mut never, &job(100), pace, "usb"), SendOutcome::NothingSent(_)));
        let slow: Vec<_> = (0..12).flat_map(|_| [(0, Some(ErrorKind::WouldBlock)), (1, None)]).collect();
        let mut slow = Hostile { script: slow, ..Hostile::default() };
        assert!(matches!(feed(&mut slow, &job(100), pace, "usb"), SendOutcome::Sent(_)), "slow is no stall");
    }

    #[test]
    fn a_job_that_does_not_leave_the_computer_is_broken_off() {
        let mut device = Hostile { unsettled: true, ..Hostile::default() };
        assert!(matches!(feed(&mut device, &job(40), PACE, "lp"), SendOutcome::BrokenOff { accepted: 40, .. }));
    }

    proptest! {
        #[test]
        fn whatever_the_device_does_no_byte_is_lost_or_doubled(
            len in 0usize..300,
            script in prop::collection::vec((0usize..40, prop::option::of(Just(ErrorKind::TimedOut))), 0..8),
        ) {
            let mut device = Hostile { script, ..Hostile::default() };
            prop_assert_eq!(feed(&mut device, &job(len), PACE, "usb"), SendOutcome::Sent(Evidence::BytesAccepted));
            prop_assert!(device.got == job(len));
        }
    }
}
