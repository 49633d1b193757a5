//! Interleaved 2 of 5 (ISO/IEC 16390): pairs of digits → element widths, the first digit in bars, the second in spaces.
//!
//! Absent: a check digit (ITF-14's is the caller's) and bearer bars (draw a `box` above and below).

use super::two_of_five::{WIDE, width};
use crate::flaw::{Flaw, shown};

/// Longer ones never fit a label.
const MOST: usize = 60;

/// Element widths in modules, bar first, from start to stop.
/// Errors: something else than digits; an odd number of them; none; too many.
pub fn encode(text: &str) -> Result<Vec<u8>, Flaw> {
    if let Some(c) = text.chars().find(|c| !c.is_ascii_digit()) {
        return Err(Flaw::ItfLetter { letter: shown(c) });
    }
    if text.is_empty() || text.len() % 2 == 1 || text.len() > MOST {
        return Err(Flaw::ItfCount { most: MOST, count: text.len() });
    }
    let mut widths = vec![1; 4];
    for pair in text.as_bytes().chunks_exact(2) {
        let [bars, spaces] = [pair[0], pair[1]].map(|d| WIDE[usize::from(d - b'0')]);
        widths.extend(bars.iter().zip(&spaces).flat_map(|(b, s)| [width(*b), width(*s)]));
    }
    widths.extend([width(1), 1, 1]);
    Ok(widths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_only() {
        assert_eq!(encode("12").unwrap().len(), 4 + 10 + 3);
        for bad in ["", "123", "12a4", "１２", &"1".repeat(62)] {
            assert!(encode(bad).is_err(), "{bad:?}");
        }
    }
}
