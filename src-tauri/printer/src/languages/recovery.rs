//! What a printer must be told before its next job when the last one broke off.
//!
//! A binary picture has no check but its byte count: a printer that got a part of it takes the start of the next job
//! for the rest, prints a spoiled label and loses the real one. How much it read of what left is not known, only how
//! much there was; so what is sent is right whether it is taken as the rest of the picture or as commands. ZPL needs
//! nothing: its pictures are text, and `^XA` ends them.

use super::escpos;
use crate::profiles::{Clear, Profile};
use domain::printer::Language;

/// The bytes to send, on a connection of their own, before the next job; empty = none are needed. `missing`: bytes of
/// the broken job that the printer may not have; more is harmless, fewer are not.
pub(crate) fn before_next_job(profile: &Profile, missing: usize) -> Vec<u8> {
    match profile.language {
        // The command at once, if there is one; then, whether or not the firmware took it, dots of a picture that the
        // next job's CLS throws away, or empty lines.
        Language::Tspl => {
            let clear: &[u8] = match profile.clear {
                Clear::Unknown => b"",
                Clear::Cancel => b"\x1b!.",
                Clear::Reset => b"\x1b!R",
            };
            [clear, &filled(b"\r\n", missing)].concat()
        }
        // The same; the next form's N throws the picture away.
        Language::Epl => filled(b"\n", missing),
        // Line ends do not count as the hex of EG. As commands, digits are one unknown line.
        Language::Cpcl if !profile.binary => [filled(b"0", missing), b"\r\n".to_vec()].concat(),
        Language::Cpcl => filled(b"\r\n", missing),
        // White rows, or characters that print nothing; then past what is on the paper already.
        Language::Escpos => {
            let feed = if profile.label_mode { escpos::NEXT_LABEL } else { escpos::FORM_FEED };
            [&filled(b"\0", missing), feed].concat()
        }
        Language::Zpl => Vec::new(),
    }
}

/// At least `len` bytes, whole fillers only, one more than needed so that a line always ends.
fn filled(filler: &[u8], len: usize) -> Vec<u8> {
    filler.repeat(len.div_ceil(filler.len()) + 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::{generic, profile};

    #[test]
    fn each_language_and_quirk_has_its_own_way_out() {
        let tsc = profile("tsc").unwrap();
        assert_eq!(before_next_job(tsc, 5), b"\x1b!.\r\n\r\n\r\n\r\n", "the command, and all the same the filling");
        let mut reset = tsc.clone();
        reset.clear = Clear::Reset;
        assert_eq!(before_next_job(&reset, 1), b"\x1b!R\r\n\r\n");
        assert_eq!(
            before_next_job(generic(Language::Tspl), 5),
            b"\r\n\r\n\r\n\r\n",
            "as many as are missing, and a line's end"
        );
        assert_eq!(before_next_job(generic(Language::Epl), 2), b"\n\n\n");
        assert_eq!(before_next_job(generic(Language::Cpcl), 2), b"000\r\n", "a digit is a byte of the job");
        assert_eq!(before_next_job(profile("zebra-mobile-4").unwrap(), 1), b"\r\n\r\n");
        assert_eq!(before_next_job(generic(Language::Escpos), 2), b"\0\0\0\x0c");
        assert_eq!(before_next_job(profile("escpos-label").unwrap(), 0), b"\0\x1d\x0c");
        assert_eq!(before_next_job(generic(Language::Zpl), 99), b"");
    }
}
