//! ESC/POS: `DLE EOT 1` to `4`, a byte each, in that order. Source: ESC/POS command references, real-time status.
//!
//! All four are asked at once, and all four must come: one alone leaves open what the others would say. Never asked
//! inside a picture: some firmwares answer there, others print it.

use super::{Question, reasons, state};
use domain::printer::{DeviceState, StopReason};

pub(super) const QUESTIONS: [Question; 1] =
    [Question { bytes: b"\x10\x04\x01\x10\x04\x02\x10\x04\x03\x10\x04\x04", sense: |answer, _| four(answer) }];

/// Every answer is 0xx1xx10.
const FIXED: (u8, u8) = (0x93, 0x12);

fn four(answer: &[u8]) -> Option<DeviceState> {
    let [printer, offline, error, paper] = *answer else { return None };
    if answer.iter().any(|b| b & FIXED.0 != FIXED.1) {
        return None;
    }
    let mut reasons = reasons(
        u32::from_be_bytes([printer, offline, error, paper]),
        &[
            // Stopped on paper end; the paper sensor itself.
            (0x20_00_00 | 0x60, StopReason::PaperOut),
            (0x04_00_00, StopReason::HeadOpen),
            // Mechanical, cutter, unrecoverable, recovers by itself; an error of any kind.
            (0x40_00_00 | 0x6c_00, StopReason::Other),
        ],
    );
    let is_offline = printer & 0x08 != 0;
    let fed_by_key = offline & 0x08 != 0;
    if is_offline && !fed_by_key && reasons.is_empty() {
        reasons.push(StopReason::Other);
    }
    Some(state(reasons, fed_by_key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use StopReason as R;

    #[test]
    fn the_four_bytes_are_read_together() {
        let stopped = |reasons: &[R]| Some(DeviceState::Stopped(reasons.to_vec()));
        for (answer, state) in [
            ([0x12, 0x12, 0x12, 0x12], Some(DeviceState::Ready)),
            // Paper near its end stops nothing.
            ([0x12, 0x12, 0x12, 0x1e], Some(DeviceState::Ready)),
            ([0x1a, 0x1a, 0x12, 0x12], Some(DeviceState::Printing)),
            ([0x1a, 0x16, 0x12, 0x12], stopped(&[R::HeadOpen])),
            ([0x1a, 0x32, 0x12, 0x72], stopped(&[R::PaperOut])),
            ([0x12, 0x12, 0x12, 0x72], stopped(&[R::PaperOut])),
            ([0x1a, 0x52, 0x16, 0x12], stopped(&[R::Other])),
            ([0x1a, 0x12, 0x1a, 0x12], stopped(&[R::Other])),
            ([0x1a, 0x12, 0x32, 0x12], stopped(&[R::Other])),
            ([0x1a, 0x12, 0x52, 0x12], stopped(&[R::Other])),
            ([0x1a, 0x12, 0x12, 0x12], stopped(&[R::Other])),
            ([0x00, 0x12, 0x12, 0x12], None),
            ([0x12, 0x12, 0x12, 0xff], None),
        ] {
            assert_eq!(four(&answer), state, "{answer:02x?}");
        }
        assert_eq!(four(&[0x12, 0x12, 0x12]), None, "one is missing");
    }
}
