//! ZPL: `~HQES`, `~HS` and the label counter. Source: Zebra ZPL II guide (`~HQ`, `~HS`, SGD `odometer.total_label_count`).
//!
//! A genuine Zebra does not answer `~HS` at all while it is out of media or open; that silence is *cannot tell* here, for
//! a print server that lost its printer is as silent.

use super::{Question, reasons, state};
use domain::printer::{DeviceState, StopReason};

/// Errors and warnings as masks; newer Zebras.
const ERRORS: &[u8] = b"~HQES\r\n";
/// Three lines; older Zebras and emulations.
pub(crate) const HOST_STATUS: &[u8] = b"~HS\r\n";
/// Labels printed in the printer's life.
pub(crate) const ODOMETER: &[u8] = b"! U1 getvar \"odometer.total_label_count\"\r\n";

pub(super) const QUESTIONS: [Question; 2] = [
    Question { bytes: ERRORS, sense: |answer, _| errors(answer) },
    // The answer to the first may come late, before the second's.
    Question { bytes: HOST_STATUS, sense: |answer, _| host_status(answer).or_else(|| errors(answer)) },
];

/// The answer to [`ERRORS`]: a text block with `ERRORS: f gggggggg hhhhhhhh` (flag, group 2, group 1 in hex).
/// `None` while the block is not complete: both the errors and the warnings line must be there.
fn errors(answer: &[u8]) -> Option<DeviceState> {
    let text = std::str::from_utf8(answer).ok()?;
    text.find("WARNINGS:")?;
    let mut words = text.split_once("ERRORS:")?.1.split_ascii_whitespace();
    let flag = match words.next()? {
        "0" => false,
        "1" => true,
        _ => return None,
    };
    let group2 = mask(words.next()?)?;
    let group1 = mask(words.next()?)?;
    if !flag && group1 == 0 && group2 == 0 {
        return Some(DeviceState::Ready);
    }
    let mut reasons = reasons(
        group1,
        &[
            (0x1, StopReason::PaperOut),
            (0x2, StopReason::RibbonOut),
            (0x4, StopReason::HeadOpen),
            (0x1000 | 0x4000 | 0x8000, StopReason::Jam),
            (0x1_0000, StopReason::Paused),
        ],
    );
    const NAMED: u32 = 0x1 | 0x2 | 0x4 | 0x1000 | 0x4000 | 0x8000 | 0x1_0000;
    if group1 & !NAMED != 0 || group2 != 0 || reasons.is_empty() {
        reasons.push(StopReason::Other);
    }
    Some(DeviceState::Stopped(reasons))
}

/// The answer to [`HOST_STATUS`]: three strings between STX and ETX. `None` until all three are there.
fn host_status(answer: &[u8]) -> Option<DeviceState> {
    let text = std::str::from_utf8(answer).ok()?;
    let mut strings = text.split('\x02').skip(1).map(|s| s.split_once('\x03').map(|(inside, _)| inside));
    let (first, second, _third) = (strings.next()??, strings.next()??, strings.next()??);
    let first: Vec<&str> = first.split(',').collect();
    let second: Vec<&str> = second.split(',').collect();
    if first.len() < 12 || second.len() < 9 {
        return None;
    }
    let flag = |s: &str| match s.trim() {
        "0" => Some(false),
        "1" => Some(true),
        _ => None,
    };
    let mut reasons = Vec::new();
    for (set, reason) in [
        (flag(first[1])?, StopReason::PaperOut),
        (flag(first[2])?, StopReason::Paused),
        (flag(second[2])?, StopReason::HeadOpen),
        (flag(second[3])?, StopReason::RibbonOut),
        // RAM lost, under or over temperature.
        (flag(first[9])? | flag(first[10])? | flag(first[11])?, StopReason::Other),
    ] {
        if set {
            reasons.push(reason);
        }
    }
    let waiting: u64 = first[4].trim().parse().ok()?;
    let remaining: u64 = second[8].trim().parse().ok()?;
    Some(state(reasons, waiting > 0 || remaining > 0))
}

/// The length of a label in dots, the fourth number of the answer to [`HOST_STATUS`]. `None` while that is not complete,
/// and for 0, which no label is.
pub(crate) fn label_length(answer: &[u8]) -> Option<u32> {
    host_status(answer)?;
    let first = std::str::from_utf8(answer).ok()?.split('\x02').nth(1)?;
    first.split(',').nth(3)?.trim().parse().ok().filter(|dots| *dots > 0)
}

/// The answer to [`ODOMETER`]: a quoted number (`"?"` where the printer has no such counter).
pub(crate) fn odometer(answer: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(answer).ok()?;
    let number = text.split('"').nth(1)?;
    // Both quotes must be there, else the number may be cut short.
    (text.matches('"').count() == 2 && number.bytes().all(|b| b.is_ascii_digit())).then(|| number.parse().ok())?
}

/// Eight hex digits, as Zebra writes its masks.
fn mask(word: &str) -> Option<u32> {
    (word.len() == 8 && word.bytes().all(|b| b.is_ascii_hexdigit())).then(|| u32::from_str_radix(word, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use StopReason as R;

    fn stopped(reasons: &[R]) -> Option<DeviceState> {
        Some(DeviceState::Stopped(reasons.to_vec()))
    }

    #[test]
    fn zebra_masks_are_read_from_their_text_block() {
        let block = |errors: &str| {
            format!(
                "\x02\r\n\r\n  PRINTER STATUS\r\n   ERRORS:         {errors}\r\n   WARNINGS:       0 00000000 00000000\r\n\x03"
            )
        };
        for (errors, state) in [
            ("0 00000000 00000000", Some(DeviceState::Ready)),
            ("1 00000000 00000001", stopped(&[R::PaperOut])),
            ("1 00000000 00010005", stopped(&[R::PaperOut, R::HeadOpen, R::Paused])),
            ("1 00000000 00000010", stopped(&[R::Other])),
            ("1 00000000 00001000", stopped(&[R::Jam])),
            ("1 00000001 00000000", stopped(&[R::Other])),
            ("1 00000000 00000000", stopped(&[R::Other])),
            ("2 00000000 00000000", None),
            ("0 0000000 00000000", None),
        ] {
            assert_eq!(super::errors(block(errors).as_bytes()), state, "{errors}");
        }
        let whole = block("0 00000000 00000000");
        let cut = whole.find("WARN").expect("the warnings line");
        assert_eq!(errors(&whole.as_bytes()[..cut]), None, "an answer still under way is no answer");
    }

    #[test]
    fn zebra_host_status_needs_all_three_strings() {
        let answer = |b, c, formats, head, ribbon, left| {
            format!(
                "\x02030,{b},{c},1440,{formats:03},0,0,0,000,0,0,0\x03\r\n\x02000,0,{head},{ribbon},0,2,6,0,{left:08},1,000\x03\r\n\x021234,0\x03\r\n"
            )
        };
        assert_eq!(host_status(answer(0, 0, 0, 0, 0, 0).as_bytes()), Some(DeviceState::Ready));
        assert_eq!(
            host_status(answer(1, 0, 0, 1, 1, 0).as_bytes()),
            stopped(&[R::PaperOut, R::HeadOpen, R::RibbonOut])
        );
        assert_eq!(host_status(answer(0, 1, 2, 0, 0, 3).as_bytes()), stopped(&[R::Paused]));
        assert_eq!(host_status(answer(0, 0, 1, 0, 0, 0).as_bytes()), Some(DeviceState::Printing), "a format waits");
        assert_eq!(host_status(answer(0, 0, 0, 0, 0, 7).as_bytes()), Some(DeviceState::Printing), "labels remain");
        let whole = answer(0, 0, 0, 0, 0, 0);
        assert_eq!(host_status(&whole.as_bytes()[..whole.len() - 4]), None, "the third string is not there yet");
        assert_eq!(host_status(answer(7, 0, 0, 0, 0, 0).as_bytes()), None, "7 is no flag");
    }

    #[test]
    fn the_odometer_is_a_quoted_number() {
        assert_eq!(odometer(b"\"10328\""), Some(10_328));
        assert_eq!(odometer(b"\"10328\"\r\n"), Some(10_328));
        assert_eq!(odometer(b"\"103"), None, "still under way");
        assert_eq!(odometer(b"\"?\""), None, "no such counter");
        assert_eq!(odometer(b"\"\""), None, "empty");
        assert_eq!(odometer(b"\"99999999999999999999999\""), None, "no printer lives that long");
    }
}
