//! EPL2: `^ee`, two digits. Source: EPL2 programmer's manual, error codes.
//!
//! The manual promises the answer on serial links; elsewhere it varies, so silence means nothing.

use super::Question;
use domain::printer::{DeviceState, StopReason};

pub(super) const QUESTIONS: [Question; 1] = [Question { bytes: b"^ee\r\n", sense: |answer, _| error_code(answer) }];

/// `NN CR LF`. An error in the form that came last (01–04, 08, 09) has no finer name here.
fn error_code(answer: &[u8]) -> Option<DeviceState> {
    let [tens, units, b'\r', b'\n'] = *answer else { return None };
    let reason = match [tens, units] {
        [b'0', b'0'] => return Some(DeviceState::Ready),
        [b'0', b'1'..=b'4' | b'8' | b'9'] => StopReason::Other,
        [b'0', b'7'] => StopReason::PaperOut,
        [b'1', b'1'] => StopReason::HeadOpen,
        [b'1', b'2'] => StopReason::Paused,
        _ => return None,
    };
    Some(DeviceState::Stopped(vec![reason]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use StopReason as R;

    #[test]
    fn codes_are_read_as_the_manual_lists_them() {
        for (answer, reason) in [
            ("01", R::Other),
            ("02", R::Other),
            ("03", R::Other),
            ("04", R::Other),
            ("07", R::PaperOut),
            ("08", R::Other),
            ("09", R::Other),
            ("11", R::HeadOpen),
            ("12", R::Paused),
        ] {
            let state = error_code(format!("{answer}\r\n").as_bytes());
            assert_eq!(state, Some(DeviceState::Stopped(vec![reason])), "{answer}");
        }
        assert_eq!(error_code(b"00\r\n"), Some(DeviceState::Ready));
        for none in [&b"00"[..], b"00\r", b"99\r\n", b"0 \r\n", b"000\r\n", b"\0\0\r\n"] {
            assert_eq!(error_code(none), None, "{none:?}");
        }
    }
}
