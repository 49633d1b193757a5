//! EAN-13 and EAN-8 (ISO/IEC 15420; GS1 General Specifications 5.2): digits → element widths.
//!
//! A missing check digit is added, a wrong one is an error. Absent: UPC, add-ons, and the longer guard bars of retail
//! packs, which mark where the digits stand and are no part of what is read.

use crate::flaw::Flaw;

/// Widths of the four elements of a digit in number set A, space first; set C is the same, bar first, set B reversed.
const DIGITS: [[u8; 4]; 10] = [
    [3, 2, 1, 1],
    [2, 2, 2, 1],
    [2, 1, 2, 2],
    [1, 4, 1, 1],
    [1, 1, 3, 2],
    [1, 2, 3, 1],
    [1, 1, 1, 4],
    [1, 3, 1, 2],
    [1, 2, 1, 3],
    [3, 1, 1, 2],
];
/// Which of the six left digits of EAN-13 are in set B, most significant first: this says the thirteenth digit.
const FIRST: [u8; 10] =
    [0b00_0000, 0b00_1011, 0b00_1101, 0b00_1110, 0b01_0011, 0b01_1001, 0b01_1100, 0b01_0101, 0b01_0110, 0b01_1010];

/// Element widths in modules and the thirteen digits that a scanner reads.
/// Errors: not 12 or 13 digits; a wrong check digit.
pub fn ean13(text: &str) -> Result<(Vec<u8>, String), Flaw> {
    let digits = checked::<13>(text)?;
    let mut widths = vec![1; 3];
    for (i, d) in digits[1..7].iter().enumerate() {
        let mut digit = DIGITS[usize::from(*d)];
        if FIRST[usize::from(digits[0])] & (0b10_0000 >> i) != 0 {
            digit.reverse();
        }
        widths.extend(digit);
    }
    Ok((right(widths, &digits[7..]), said(&digits)))
}

/// Element widths in modules and the eight digits that a scanner reads.
/// Errors: not 7 or 8 digits; a wrong check digit.
pub fn ean8(text: &str) -> Result<(Vec<u8>, String), Flaw> {
    let digits = checked::<8>(text)?;
    let mut widths = vec![1; 3];
    widths.extend(digits[..4].iter().flat_map(|d| DIGITS[usize::from(*d)]));
    Ok((right(widths, &digits[4..]), said(&digits)))
}

/// Middle guard, right half, right guard.
fn right(mut widths: Vec<u8>, digits: &[u8]) -> Vec<u8> {
    widths.extend([1; 5]);
    widths.extend(digits.iter().flat_map(|d| DIGITS[usize::from(*d)]));
    widths.extend([1; 3]);
    widths
}

fn said(digits: &[u8]) -> String {
    digits.iter().map(|d| char::from(b'0' + d)).collect()
}

/// `N` digits with their check digit.
fn checked<const N: usize>(text: &str) -> Result<[u8; N], Flaw> {
    let given: Vec<u8> = text.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    if given.len() != text.len() || !(N - 1..=N).contains(&given.len()) {
        return Err(Flaw::EanCount { least: N - 1, most: N });
    }
    let mut digits = [0; N];
    digits[..given.len()].copy_from_slice(&given);
    // From the right, the weights are 3, 1, 3 …
    let sum: u32 = digits[..N - 1].iter().rev().zip([3, 1].iter().cycle()).map(|(d, w)| u32::from(*d) * w).sum();
    let check = u8::try_from((10 - sum % 10) % 10).unwrap_or_default();
    digits[N - 1] = check;
    match given.get(N - 1) {
        Some(wrong) if *wrong != check => Err(Flaw::EanCheck { right: check.to_string(), found: wrong.to_string() }),
        _ => Ok(digits),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::symbols::modules;

    #[test]
    fn check_digits_are_added_and_wrong_ones_refused() {
        // GS1's own example, and the best-known Chinese one.
        assert_eq!(ean13("629104150021").unwrap().1, "6291041500213");
        assert_eq!(ean13("6901234567892").unwrap().1, "6901234567892");
        assert_eq!(ean8("9638507").unwrap().1, "96385074");
        assert!(ean13("6901234567890").unwrap_err().to_string().contains('2'));
        for bad in ["", "12345", "69012345678921", "69012345678x", "６９０"] {
            assert!(ean13(bad).is_err() && ean8(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn symbols_are_95_and_67_modules_wide() {
        assert_eq!(modules(&ean13("690123456789").unwrap().0), 95);
        assert_eq!(modules(&ean8("9638507").unwrap().0), 67);
    }
}
