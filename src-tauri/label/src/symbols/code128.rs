//! Code 128 (ISO/IEC 15417): text → element widths, in the fewest symbol characters possible.
//!
//! The choice of code sets A, B, C and of shifts is a shortest path over the text, so `SF` + 13 digits is 145 modules
//! (an early switch to C gives 156, set B alone 200). Absent: FNC1–FNC4, so only ASCII 0–127.

use crate::flaw::{Flaw, shown};

/// Bars and spaces of the 106 symbol characters, bar first, in modules; the stop pattern is [`STOP`].
const PATTERNS: [[u8; 6]; 106] = {
    const DIGITS: &[u8; 636] = b"\
212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221\
223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321\
112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131\
311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114\
122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141\
214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232";
    let mut table = [[0; 6]; 106];
    let mut i = 0;
    while i < 636 {
        table[i / 6][i % 6] = DIGITS[i] - b'0';
        i += 1;
    }
    table
};
/// Value 106 with the final bar.
const STOP: [u8; 7] = [2, 3, 3, 1, 1, 1, 2];
const SHIFT: u8 = 98;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Set {
    A,
    B,
    C,
}

const SETS: [Set; 3] = [Set::A, Set::B, Set::C];

impl Set {
    fn start(self) -> u8 {
        match self {
            Self::A => 103,
            Self::B => 104,
            Self::C => 105,
        }
    }
    /// The value that switches to this set from another one.
    fn switch(self) -> u8 {
        match self {
            Self::A => 101,
            Self::B => 100,
            Self::C => 99,
        }
    }
    /// The value of one character in set A or B.
    fn value(self, c: u8) -> Option<u8> {
        match (self, c) {
            (Self::A, 0..=31) => Some(c + 64),
            (Self::A, 32..=95) | (Self::B, 32..=127) => Some(c - 32),
            _ => None,
        }
    }
    fn other(self) -> Self {
        if self == Self::A { Self::B } else { Self::A }
    }
}

/// One step of the shortest path: up to two values, how much text they eat, the set that is active afterwards.
#[derive(Clone, Copy)]
struct Step {
    values: [Option<u8>; 2],
    eats: usize,
    set: usize,
}

/// Element widths in modules, bar first, from start to stop, without quiet zones.
/// Errors: the first character outside ASCII, or empty text.
pub fn encode(text: &str) -> Result<Vec<u8>, Flaw> {
    if let Some(c) = text.chars().find(|c| !c.is_ascii()) {
        return Err(Flaw::Code128Letter { letter: shown(c) });
    }
    if text.is_empty() {
        return Err(Flaw::SymbolEmpty {});
    }
    // Longer ones can never fit a label; this bounds the work on absurd input.
    if text.len() > 80 {
        return Err(Flaw::SymbolLong { count: text.len() });
    }
    let values = values(text.as_bytes());
    let mut widths = Vec::with_capacity(values.len() * 6 + 7);
    for v in values {
        widths.extend_from_slice(&PATTERNS[usize::from(v)]);
    }
    widths.extend_from_slice(&STOP);
    Ok(widths)
}

/// Start, data and check values of ASCII text.
fn values(text: &[u8]) -> Vec<u8> {
    let n = text.len();
    // cost[i][s]: fewest values for text[i..] when set s is active at i.
    let mut cost = vec![[usize::MAX; 3]; n + 1];
    let mut best: Vec<[Option<Step>; 3]> = vec![[None; 3]; n + 1];
    cost[n] = [0; 3];
    for i in (0..n).rev() {
        // First the steps that eat text; then at most one switch in front of them.
        for (s, set) in SETS.into_iter().enumerate() {
            for step in eating(text, i, set, s).into_iter().flatten() {
                let rest = cost[i + step.eats][step.set];
                let here = rest.saturating_add(step.values.iter().flatten().count());
                if here < cost[i][s] {
                    cost[i][s] = here;
                    best[i][s] = Some(step);
                }
            }
        }
        let direct = cost[i];
        for s in 0..3 {
            for t in 0..3 {
                let here = direct[t].saturating_add(1);
                if t != s && here < cost[i][s] {
                    cost[i][s] = here;
                    best[i][s] = Some(Step { values: [Some(SETS[t].switch()), None], eats: 0, set: t });
                }
            }
        }
    }
    // Ties go to B, then C, then A: B is what other encoders start with.
    let mut s = [1, 2, 0].into_iter().min_by_key(|s| cost[0][*s]).unwrap_or(1);
    let mut out = vec![SETS[s].start()];
    let mut i = 0;
    while let Some(step) = best[i][s] {
        out.extend(step.values.iter().flatten());
        i += step.eats;
        s = step.set;
    }
    let sum: usize = out.iter().enumerate().map(|(k, v)| k.max(1) * usize::from(*v)).sum();
    out.push(u8::try_from(sum % 103).unwrap_or_default());
    out
}

/// The ways to write what stands at `i` while `set` is active.
fn eating(text: &[u8], i: usize, set: Set, s: usize) -> [Option<Step>; 2] {
    let c = text[i];
    if set == Set::C {
        let pair = text.get(i + 1).filter(|d| c.is_ascii_digit() && d.is_ascii_digit());
        return [pair.map(|d| Step { values: [Some((c - b'0') * 10 + (d - b'0')), None], eats: 2, set: s }), None];
    }
    [
        set.value(c).map(|v| Step { values: [Some(v), None], eats: 1, set: s }),
        set.other().value(c).map(|v| Step { values: [Some(SHIFT), Some(v)], eats: 1, set: s }),
    ]
}

#[cfg(test)]
mod reader;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbols::modules;
    use proptest::prelude::{prop, prop_assert, prop_assert_eq, proptest};

    fn drawn(text: &str) -> String {
        let widths = encode(text).unwrap();
        widths.iter().enumerate().map(|(i, w)| if i % 2 == 0 { "1" } else { "0" }.repeat(usize::from(*w))).collect()
    }

    /// Fewest values by trying everything: sets, switches and shifts, breadth first.
    fn fewest(text: &[u8]) -> usize {
        let mut states: Vec<(usize, char)> = vec![(0, 'A'), (0, 'B'), (0, 'C')];
        for count in 1.. {
            if states.iter().any(|s| s.0 == text.len()) {
                return count;
            }
            let mut next = Vec::new();
            for (i, set) in states {
                next.extend("ABC".chars().filter(|t| *t != set).map(|t| (i, t)));
                let c = text[i];
                let digits = text.get(i..i + 2).is_some_and(|p| p.iter().all(u8::is_ascii_digit));
                match set {
                    'C' if digits => next.push((i + 2, 'C')),
                    'A' if c < 96 => next.push((i + 1, 'A')),
                    'B' if c >= 32 => next.push((i + 1, 'B')),
                    _ => {}
                }
            }
            next.sort_unstable();
            next.dedup();
            states = next;
        }
        unreachable!("every ASCII text can be written")
    }

    proptest! {
        #[test]
        fn any_ascii_reads_back_and_is_never_longer_than_set_b_alone(text in prop::collection::vec(0_u8..128, 1..40)) {
            let text = String::from_utf8(text).unwrap();
            let modules = drawn(&text);
            prop_assert_eq!(reader::read(&modules), Ok(text.as_bytes().to_vec()));
            if text.bytes().all(|c| c >= 32) {
                prop_assert!(modules.len() <= 11 * text.len() + 35);
            }
        }

        #[test]
        fn digits_and_letters_take_the_fewest_characters_there_are(text in "[0-9]{0,9}[A-Za-z0-9]{0,6}[0-9]{1,9}") {
            prop_assert_eq!(drawn(&text).len(), 11 * (fewest(text.as_bytes()) - 1) + 11 + 11 + 13);
        }
    }

    #[test]
    fn every_pattern_is_eleven_modules_with_an_even_count_of_black() {
        for (v, p) in PATTERNS.iter().enumerate() {
            assert_eq!(modules(p), 11, "value {v}");
            assert_eq!((p[0] + p[2] + p[4]) % 2, 0, "value {v}: bars of a Code 128 character add up to an even number");
        }
        assert_eq!(modules(&STOP), 13);
    }

    #[test]
    fn an_sf_number_takes_145_modules() {
        let m = |t: &str| modules(&encode(t).unwrap());
        assert_eq!(m("SF1234567890123"), 145, "printing facts §1: best mix of B and C");
        assert_eq!(m("1234567890"), 11 * 5 + 35, "all in set C");
        assert_eq!(m("A"), 11 + 35);
        assert_eq!(m("ab\u{1}cd"), 11 * 6 + 35, "one control character costs one shift, not two switches");
    }

    #[test]
    fn what_code_128_cannot_hold_is_refused_by_name() {
        assert!(encode("快递").unwrap_err().to_string().contains('快'));
        assert!(encode("").is_err());
        assert!(encode(&"1".repeat(10_000)).is_err(), "bounded");
    }
}
