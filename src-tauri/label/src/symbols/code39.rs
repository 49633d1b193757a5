//! Code 39 (ISO/IEC 16388): text → element widths. Digits, capitals, space and `- . $ / + %`.
//!
//! Absent: the check character and full ASCII by pairs; readers must be told of either.

use super::two_of_five::{WIDE, width};
use crate::flaw::{Flaw, shown};

/// The forty characters with two wide bars and one wide space, ten a wide space; `*` starts and stops.
const ALPHABET: &[u8; 40] = b"1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ-. *";
/// Which of the four spaces is wide, by ten characters of [`ALPHABET`].
const WIDE_SPACE: [usize; 4] = [1, 2, 3, 0];
/// The characters with narrow bars and three wide spaces, by the space that stays narrow.
const SIGNS: [(u8, usize); 4] = [(b'$', 3), (b'/', 2), (b'+', 1), (b'%', 0)];
/// Longer ones never fit a label.
const MOST: usize = 60;

/// Element widths in modules, bar first, from start to stop.
/// Errors: a character outside Code 39; none; too many.
pub fn encode(text: &str) -> Result<Vec<u8>, Flaw> {
    if text.is_empty() {
        return Err(Flaw::SymbolEmpty {});
    }
    if text.len() > MOST {
        return Err(Flaw::SymbolLong { count: text.chars().count() });
    }
    let mut widths = character(b'*').to_vec();
    for c in text.chars() {
        let held = u8::try_from(c).ok().filter(|b| *b != b'*' && (ALPHABET.contains(b) || is_sign(*b)));
        let b = held.ok_or_else(|| Flaw::Code39Letter { letter: shown(c) })?;
        // A narrow space parts characters.
        widths.push(1);
        widths.extend(character(b));
    }
    widths.push(1);
    widths.extend(character(b'*'));
    Ok(widths)
}

fn is_sign(b: u8) -> bool {
    SIGNS.iter().any(|s| s.0 == b)
}

/// Nine elements: five bars with four spaces between them.
fn character(b: u8) -> [u8; 9] {
    let mut elements = [1; 9];
    if let Some((_, narrow)) = SIGNS.iter().find(|s| s.0 == b) {
        for space in (0..4).filter(|s| s != narrow) {
            elements[2 * space + 1] = width(1);
        }
    } else {
        let at = ALPHABET.iter().position(|a| *a == b).unwrap_or_default();
        // The alphabet's tens run 1 … 9, 0, as the digits do.
        for (bar, wide) in WIDE[(at + 1) % 10].iter().enumerate() {
            elements[2 * bar] = width(*wide);
        }
        elements[2 * WIDE_SPACE[at / 10] + 1] = width(1);
    }
    elements
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_has_three_wide_elements_of_nine_and_none_is_drawn_twice() {
        let mut seen = Vec::new();
        for b in ALPHABET.iter().copied().chain(SIGNS.map(|s| s.0)) {
            let c = character(b);
            assert_eq!(c.iter().filter(|w| **w == 3).count(), 3, "{}", char::from(b));
            assert!(!seen.contains(&c), "{} looks like another", char::from(b));
            seen.push(c);
        }
        assert_eq!(seen.len(), 44);
    }

    #[test]
    fn what_code_39_cannot_hold_is_refused_by_name() {
        assert!(encode("abc").unwrap_err().to_string().contains('a'));
        assert!(encode("A*B").unwrap_err().to_string().contains('*'), "the start character is no data");
        assert!(encode("快").unwrap_err().to_string().contains('快'));
        assert!(encode("").is_err() && encode(&"A".repeat(61)).is_err());
        assert_eq!(encode("A").unwrap().len(), 3 * 9 + 2);
    }
}
