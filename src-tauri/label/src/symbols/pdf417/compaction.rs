//! Text → data codewords of PDF417 (ISO/IEC 15438, 5.4): long digit runs as numbers, ASCII in pairs, the rest as bytes.

const TEXT: u16 = 900;
const BYTES: u16 = 901;
const NUMBERS: u16 = 902;
/// Bytes whose count is a multiple of six.
const SIXES: u16 = 924;
const ECI: u16 = 927;
/// ECI of UTF-8.
const UTF8: u16 = 26;
/// Fewer digits take less room as text.
const DIGIT_RUN: usize = 13;

/// Data codewords, without the length and padding. The reader starts in text compaction.
pub fn codewords(text: &str) -> Vec<u16> {
    let bytes = text.as_bytes();
    let mut words = Vec::new();
    if !text.is_ascii() {
        words.extend([ECI, UTF8]);
    }
    let mut in_text = true;
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let digits = run(rest, u8::is_ascii_digit);
        let end = if digits >= DIGIT_RUN {
            words.push(NUMBERS);
            rest[..digits].chunks(44).for_each(|part| numbers(part, &mut words));
            in_text = false;
            digits
        } else if is_text(&rest[0]) {
            if !in_text {
                words.push(TEXT);
            }
            in_text = true;
            let end = until_digits(rest, is_text);
            pairs(&rest[..end], &mut words);
            end
        } else {
            let end = until_digits(rest, |b| !is_text(b));
            words.push(if end % 6 == 0 { SIXES } else { BYTES });
            by_bytes(&rest[..end], &mut words);
            in_text = false;
            end
        };
        at += end;
    }
    words
}

fn run(bytes: &[u8], is: impl Fn(&u8) -> bool) -> usize {
    bytes.iter().take_while(|b| is(b)).count()
}

/// Length of the run that ends where another kind or a long number begins.
fn until_digits(bytes: &[u8], is: impl Fn(&u8) -> bool) -> usize {
    let all = run(bytes, is);
    (0..all).find(|i| run(&bytes[*i..], u8::is_ascii_digit) >= DIGIT_RUN).unwrap_or(all)
}

fn is_text(b: &u8) -> bool {
    SubMode::ALL.iter().any(|m| m.value(*b).is_some())
}

/// Up to 44 digits behind a 1, as a number to the base 900.
fn numbers(digits: &[u8], words: &mut Vec<u16>) {
    let mut decimal = vec![1];
    decimal.extend(digits.iter().map(|d| u32::from(d - b'0')));
    let mut base900 = Vec::new();
    while decimal.iter().any(|d| *d != 0) {
        let mut rest = 0;
        for d in &mut decimal {
            let all = rest * 10 + *d;
            *d = all / 900;
            rest = all % 900;
        }
        base900.push(u16::try_from(rest).unwrap_or_default());
    }
    words.extend(base900.into_iter().rev());
}

/// Six bytes in five codewords; what is left over, one by one.
fn by_bytes(bytes: &[u8], words: &mut Vec<u16>) {
    let sixes = bytes.chunks_exact(6);
    let rest = sixes.remainder();
    for six in sixes {
        let mut number = six.iter().fold(0_u64, |n, b| n * 256 + u64::from(*b));
        let mut five = [0; 5];
        for word in five.iter_mut().rev() {
            *word = u16::try_from(number % 900).unwrap_or_default();
            number /= 900;
        }
        words.extend(five);
    }
    words.extend(rest.iter().map(|b| u16::from(*b)));
}

/// The sub-modes of text compaction.
#[derive(Clone, Copy, PartialEq, Eq)]
enum SubMode {
    Upper,
    Lower,
    Mixed,
    Signs,
}

/// Takes one sign, then goes back; odd text ends in it.
const SHIFT_TO_SIGN: u16 = 29;

impl SubMode {
    const ALL: [Self; 4] = [Self::Upper, Self::Lower, Self::Mixed, Self::Signs];

    /// Characters by value.
    fn table(self) -> &'static [u8] {
        match self {
            Self::Upper => b"ABCDEFGHIJKLMNOPQRSTUVWXYZ ",
            Self::Lower => b"abcdefghijklmnopqrstuvwxyz ",
            // Value 25 switches; a DEL, which is no text here, keeps its place.
            Self::Mixed => b"0123456789&\r\t,:#-.$/+%*=^\x7f ",
            Self::Signs => b";<>@[\\]_`~!\r\t,:\n-.$/\"|*()?{}'",
        }
    }

    fn value(self, b: u8) -> Option<u16> {
        let at = self.table().iter().position(|t| *t == b && b != 0x7f)?;
        u16::try_from(at).ok()
    }

    /// The values that lead from here to another mode for good; signs are shifted to, not switched to.
    fn switch(self, to: Self) -> &'static [u16] {
        match (self, to) {
            (Self::Upper | Self::Mixed, Self::Lower) => &[27],
            (Self::Upper | Self::Lower, Self::Mixed) | (Self::Mixed, Self::Upper) => &[28],
            (Self::Lower, Self::Upper) => &[28, 28],
            _ => &[],
        }
    }
}

/// Two values a codeword, from upper case on.
fn pairs(text: &[u8], words: &mut Vec<u16>) {
    let mut mode = SubMode::Upper;
    let mut values = Vec::with_capacity(text.len() * 2);
    for b in text {
        if mode.value(*b).is_none() {
            let letters = [SubMode::Upper, SubMode::Lower, SubMode::Mixed];
            if let Some(next) = letters.into_iter().find(|m| m.value(*b).is_some()) {
                values.extend(mode.switch(next));
                mode = next;
            } else {
                values.push(SHIFT_TO_SIGN);
                values.extend(SubMode::Signs.value(*b));
                continue;
            }
        }
        values.extend(mode.value(*b));
    }
    if values.len() % 2 == 1 {
        values.push(SHIFT_TO_SIGN);
    }
    words.extend(values.chunks_exact(2).map(|p| p[0] * 30 + p[1]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_is_packed_as_the_standard_says() {
        assert_eq!(codewords("AB"), [1]);
        assert_eq!(codewords("Ab"), [27, 59], "A, to lower case; b, filled up");
        assert_eq!(codewords("A!"), [29, 10 * 30 + 29], "a sign is one shift");
        // The standard's own example of numeric compaction.
        assert_eq!(codewords("000213298174000"), [902, 1, 624, 434, 632, 282, 200]);
        assert_eq!(codewords("\u{1}"), [901, 1]);
        assert_eq!(codewords("é")[..2], [927, 26], "UTF-8 says so");
        assert_eq!(codewords(&"9".repeat(44)).len(), 1 + 15);
    }
}
