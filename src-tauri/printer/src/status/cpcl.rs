//! CPCL: `<ESC>h` and `<ESC>i`, a byte each. Source: Zebra CPCL programming guide, status inquiry. Never asked inside a
//! session (`! … PRINT`).

use super::{Question, reasons, state};
use domain::printer::{DeviceState, StopReason};

pub(super) const QUESTIONS: [Question; 1] = [Question { bytes: b"\x1bh\x1bi", sense: both }];

/// Both bytes. A printer that knows no `<ESC>i` sends the first only; then that has to do, once nothing more will come.
fn both(answer: &[u8], over: bool) -> Option<DeviceState> {
    let (first, second) = match *answer {
        [first, second] => (first, second),
        [first] if over => (first, 0),
        _ => return None,
    };
    // Bit 3, battery low, and bit 4, was switched on since the last question, stop nothing.
    if first & 0xe0 != 0 {
        return None;
    }
    let reasons = reasons(
        u32::from(second) << 8 | u32::from(first),
        &[
            (0x02, StopReason::PaperOut),
            (0x04, StopReason::HeadOpen),
            (0x80_00, StopReason::RibbonOut),
            (0x10_00, StopReason::Jam),
            // The label before was not taken.
            (0x20_00, StopReason::Other),
        ],
    );
    Some(state(reasons, first & 0x01 != 0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use StopReason as R;

    #[test]
    fn both_bytes_count() {
        let stopped = |reasons: &[R]| Some(DeviceState::Stopped(reasons.to_vec()));
        for (first, second, state) in [
            (0x00, 0x00, Some(DeviceState::Ready)),
            (0x18, 0x4f, Some(DeviceState::Ready)),
            (0x01, 0x00, Some(DeviceState::Printing)),
            (0x02, 0x00, stopped(&[R::PaperOut])),
            (0x06, 0x00, stopped(&[R::PaperOut, R::HeadOpen])),
            (0x00, 0x80, stopped(&[R::RibbonOut])),
            (0x01, 0x10, stopped(&[R::Jam])),
            (0x00, 0x20, stopped(&[R::Other])),
            (0x80, 0x00, None),
        ] {
            assert_eq!(both(&[first, second], false), state, "{first:02x} {second:02x}");
        }
        assert_eq!(both(&[0x00], false), None, "the second may still come");
        assert_eq!(both(&[0x02], true), stopped(&[R::PaperOut]), "it will not");
        assert_eq!(both(b"abc", true), None, "a text");
    }
}
