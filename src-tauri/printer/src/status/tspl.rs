//! TSPL: `<ESC>!?` and `<ESC>!S`, both answered at once, also in error. Source: TSPL2 manual; the last two bits of `e2`
//! are only reported.

use super::{Question, reasons, state};
use domain::printer::{DeviceState, StopReason};

/// One byte; every firmware that answers anything.
const STATUS_BYTE: &[u8] = b"\x1b!?";
/// A frame of eight bytes; TSC firmware from 6.29 on.
const STATUS_FRAME: &[u8] = b"\x1b!S";

pub(super) const QUESTIONS: [Question; 2] = [
    Question { bytes: STATUS_BYTE, sense: |answer, _| status_byte(answer) },
    // The byte of the first may come late, before the frame.
    Question {
        bytes: STATUS_FRAME,
        sense: |answer, _| status_frame(answer).or_else(|| status_frame(answer.get(1..)?)),
    },
];

/// The answer to [`STATUS_BYTE`]: bits OR-ed, 00 = ready. More than one byte is no answer to this question.
fn status_byte(answer: &[u8]) -> Option<DeviceState> {
    let [bits] = *answer else { return None };
    let reasons = reasons(
        u32::from(bits),
        &[
            (0x04, StopReason::PaperOut),
            (0x02, StopReason::Jam),
            (0x01 | 0x40, StopReason::HeadOpen),
            (0x08, StopReason::RibbonOut),
            (0x10, StopReason::Paused),
            (0x80, StopReason::Other),
        ],
    );
    Some(state(reasons, bits & 0x20 != 0))
}

/// The answer to [`STATUS_FRAME`]: `STX m w e1 e2 ETX CR LF`, nothing more and nothing less. `w` only says whether the
/// receive buffer is full.
fn status_frame(answer: &[u8]) -> Option<DeviceState> {
    let [0x02, message, 0x40 | 0x48, e1, e2, 0x03, b'\r', b'\n'] = *answer else { return None };
    // Both are 0x40 with bits of what is wrong.
    if (e1 | e2) & 0x80 != 0 || e1 & e2 & 0x40 == 0 {
        return None;
    }
    let mut reasons = reasons(
        u32::from(e2) << 8 | u32::from(e1),
        &[
            (0x01_00, StopReason::PaperOut),
            (0x02_00, StopReason::Jam),
            (0x20_00, StopReason::HeadOpen),
            (0x04_00 | 0x08_00, StopReason::RibbonOut),
            (0x10_00, StopReason::Other),
            // Head hot, motor hot, cutter, memory and whatever else.
            (0x3f, StopReason::Other),
        ],
    );
    let printing = match message {
        0x40 => false,
        0x60 => {
            reasons.push(StopReason::Paused);
            false
        }
        // Backing label, cutting, form feed, printing a batch, imaging.
        0x42 | 0x43 | 0x46 | 0x50 | 0x57 => true,
        // Error; waits for a key; waits until the label is taken.
        0x45 | 0x4b | 0x4c => {
            if reasons.is_empty() {
                reasons.push(StopReason::Other);
            }
            false
        }
        _ => return None,
    };
    Some(state(reasons, printing))
}

#[cfg(test)]
mod tests {
    use super::*;
    use StopReason as R;

    fn stopped(reasons: &[R]) -> Option<DeviceState> {
        Some(DeviceState::Stopped(reasons.to_vec()))
    }

    #[test]
    fn the_tspl_byte_says_everything_it_can() {
        for (byte, state) in [
            (0x00, Some(DeviceState::Ready)),
            (0x20, Some(DeviceState::Printing)),
            (0x05, stopped(&[R::PaperOut, R::HeadOpen])),
            (0x41, stopped(&[R::HeadOpen])),
            (0x02, stopped(&[R::Jam])),
            (0x08, stopped(&[R::RibbonOut])),
            (0x30, stopped(&[R::Paused])),
            (0x80, stopped(&[R::Other])),
        ] {
            assert_eq!(status_byte(&[byte]), state, "{byte:02x}");
        }
        assert_eq!(status_byte(b""), None, "silence is no state");
        assert_eq!(status_byte(b"HTTP/1.1 400"), None, "a text is not the status byte");
    }

    #[test]
    fn the_frame_names_what_the_byte_cannot() {
        let frame = |m, e1, e2| [0x02, m, 0x40, e1, e2, 0x03, b'\r', b'\n'];
        for (m, e1, e2, state) in [
            (0x40, 0x40, 0x40, Some(DeviceState::Ready)),
            (0x50, 0x40, 0x40, Some(DeviceState::Printing)),
            (0x57, 0x40, 0x40, Some(DeviceState::Printing)),
            (0x60, 0x40, 0x40, stopped(&[R::Paused])),
            (0x45, 0x40, 0x41, stopped(&[R::PaperOut])),
            (0x45, 0x40, 0x42, stopped(&[R::Jam])),
            (0x45, 0x40, 0x44, stopped(&[R::RibbonOut])),
            (0x45, 0x40, 0x48, stopped(&[R::RibbonOut])),
            (0x45, 0x40, 0x60, stopped(&[R::HeadOpen])),
            (0x45, 0x40, 0x61, stopped(&[R::PaperOut, R::HeadOpen])),
            (0x45, 0x41, 0x40, stopped(&[R::Other])),
            (0x45, 0x48, 0x40, stopped(&[R::Other])),
            (0x45, 0x50, 0x50, stopped(&[R::Other])),
            (0x45, 0x40, 0x40, stopped(&[R::Other])),
            (0x4c, 0x40, 0x40, stopped(&[R::Other])),
            (0x41, 0x40, 0x40, None),
            (0x40, 0x00, 0x40, None),
            (0x40, 0x40, 0xc0, None),
        ] {
            assert_eq!(status_frame(&frame(m, e1, e2)), state, "{m:02x} {e1:02x} {e2:02x}");
        }
        let ready = frame(0x40, 0x40, 0x40);
        assert_eq!(status_frame(&ready[..7]), None, "still under way");
        let late = [&[0x04][..], &ready].concat();
        assert_eq!(
            (QUESTIONS[1].sense)(&late, false),
            Some(DeviceState::Ready),
            "after a late answer to the first question"
        );
        assert_eq!((QUESTIONS[1].sense)(&[0x02], true), None, "the byte of a jam, or the start of a frame");
    }
}
