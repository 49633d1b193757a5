//! What a printer says of itself, read from bytes: the questions of each language and the sense of their answers.
//!
//! Pure and total: any bytes give an answer or `None`, never a panic; what is not exactly an answer is `None`. Sources:
//! TSPL2 manual (`<ESC>!?`), Zebra ZPL II guide (`~HQ`, `~HS`, SGD `odometer.total_label_count`).

use domain::printer::{DeviceState, StopReason};

/// TSPL: answered at once, also in error; one byte.
pub(crate) const TSPL_STATUS: &[u8] = b"\x1b!?";
/// ZPL: errors and warnings as masks; newer Zebras.
pub(crate) const ZPL_ERRORS: &[u8] = b"~HQES\r\n";
/// ZPL: three lines; older Zebras and emulations.
pub(crate) const ZPL_HOST_STATUS: &[u8] = b"~HS\r\n";
/// ZPL: labels printed in the printer's life.
pub(crate) const ZPL_ODOMETER: &[u8] = b"! U1 getvar \"odometer.total_label_count\"\r\n";

/// The answer to [`TSPL_STATUS`]: bits OR-ed, 00 = ready. More than one byte is no answer to this question.
pub(crate) fn tspl(answer: &[u8]) -> Option<DeviceState> {
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
    Some(match (reasons.is_empty(), bits & 0x20 != 0) {
        (false, _) => DeviceState::Stopped(reasons),
        (true, true) => DeviceState::Printing,
        (true, false) => DeviceState::Ready,
    })
}

/// The answer to [`ZPL_ERRORS`]: a text block with `ERRORS: f gggggggg hhhhhhhh` (flag, group 2, group 1 in hex).
/// `None` while the block is not complete: both the errors and the warnings line must be there.
pub(crate) fn zpl_errors(answer: &[u8]) -> Option<DeviceState> {
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

/// The answer to [`ZPL_HOST_STATUS`]: three strings between STX and ETX. `None` until all three are there.
pub(crate) fn zpl_host_status(answer: &[u8]) -> Option<DeviceState> {
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
    Some(match (reasons.is_empty(), waiting + remaining.min(1) > 0) {
        (false, _) => DeviceState::Stopped(reasons),
        (true, true) => DeviceState::Printing,
        (true, false) => DeviceState::Ready,
    })
}

/// The answer to [`ZPL_ODOMETER`]: a quoted number (`"?"` where the printer has no such counter).
pub(crate) fn zpl_odometer(answer: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(answer).ok()?;
    let number = text.split('"').nth(1)?;
    // Both quotes must be there, else the number may be cut short.
    (text.matches('"').count() == 2 && number.bytes().all(|b| b.is_ascii_digit())).then(|| number.parse().ok())?
}

fn reasons(bits: u32, table: &[(u32, StopReason)]) -> Vec<StopReason> {
    table.iter().filter(|(mask, _)| bits & mask != 0).map(|(_, reason)| *reason).collect()
}

/// Eight hex digits, as Zebra writes its masks.
fn mask(word: &str) -> Option<u32> {
    (word.len() == 8 && word.bytes().all(|b| b.is_ascii_hexdigit())).then(|| u32::from_str_radix(word, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use StopReason as R;
    use proptest::prelude::*;

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
            assert_eq!(tspl(&[byte]), state, "{byte:02x}");
        }
        assert_eq!(tspl(b""), None, "silence is no state");
        assert_eq!(tspl(b"HTTP/1.1 400"), None, "a text is not the status byte");
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
            assert_eq!(zpl_errors(block(errors).as_bytes()), state, "{errors}");
        }
        let whole = block("0 00000000 00000000");
        let cut = whole.find("WARN").expect("the warnings line");
        assert_eq!(zpl_errors(&whole.as_bytes()[..cut]), None, "an answer still under way is no answer");
    }

    #[test]
    fn zebra_host_status_needs_all_three_strings() {
        let answer = |b, c, formats, head, ribbon, left| {
            format!(
                "\x02030,{b},{c},1440,{formats:03},0,0,0,000,0,0,0\x03\r\n\x02000,0,{head},{ribbon},0,2,6,0,{left:08},1,000\x03\r\n\x021234,0\x03\r\n"
            )
        };
        assert_eq!(zpl_host_status(answer(0, 0, 0, 0, 0, 0).as_bytes()), Some(DeviceState::Ready));
        assert_eq!(
            zpl_host_status(answer(1, 0, 0, 1, 1, 0).as_bytes()),
            stopped(&[R::PaperOut, R::HeadOpen, R::RibbonOut])
        );
        assert_eq!(zpl_host_status(answer(0, 1, 2, 0, 0, 3).as_bytes()), stopped(&[R::Paused]));
        assert_eq!(zpl_host_status(answer(0, 0, 1, 0, 0, 0).as_bytes()), Some(DeviceState::Printing), "a format waits");
        assert_eq!(zpl_host_status(answer(0, 0, 0, 0, 0, 7).as_bytes()), Some(DeviceState::Printing), "labels remain");
        let whole = answer(0, 0, 0, 0, 0, 0);
        assert_eq!(zpl_host_status(&whole.as_bytes()[..whole.len() - 4]), None, "the third string is not there yet");
        assert_eq!(zpl_host_status(answer(7, 0, 0, 0, 0, 0).as_bytes()), None, "7 is no flag");
    }

    #[test]
    fn the_odometer_is_a_quoted_number() {
        assert_eq!(zpl_odometer(b"\"10328\""), Some(10_328));
        assert_eq!(zpl_odometer(b"\"10328\"\r\n"), Some(10_328));
        assert_eq!(zpl_odometer(b"\"103"), None, "still under way");
        assert_eq!(zpl_odometer(b"\"?\""), None, "no such counter");
        assert_eq!(zpl_odometer(b"\"\""), None, "empty");
        assert_eq!(zpl_odometer(b"\"99999999999999999999999\""), None, "no printer lives that long");
    }

    proptest! {
        #[test]
        fn garbage_never_panics_and_a_text_is_never_ready(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = (zpl_errors(&bytes), zpl_host_status(&bytes), zpl_odometer(&bytes));
            if bytes.len() != 1 {
                prop_assert_eq!(tspl(&bytes), None);
            }
        }

        #[test]
        fn damaged_answers_never_panic(
            text in "(\u{2}|\u{3}|ERRORS:|WARNINGS:|[0-9A-F]{1,9}|,|\"|[ -~]|\r\n| ){0,40}"
        ) {
            let _ = (zpl_errors(text.as_bytes()), zpl_host_status(text.as_bytes()), zpl_odometer(text.as_bytes()));
        }
    }
}
