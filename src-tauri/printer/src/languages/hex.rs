//! Bytes as hex digits, by table: a label has a quarter of a million of them.

/// Hex digits.
pub(super) const DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// Both digits of every byte.
pub(super) const PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [DIGITS[byte >> 4], DIGITS[byte & 15]];
        byte += 1;
    }
    pairs
};

/// Appends two digits a byte.
pub(super) fn put_hex(job: &mut Vec<u8>, bytes: &[u8]) {
    job.extend(bytes.iter().flat_map(|b| PAIRS[usize::from(*b)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_has_its_two_digits() {
        let mut out = Vec::new();
        let all: Vec<u8> = (0..=u8::MAX).collect();
        put_hex(&mut out, &all);
        let want: String = all.iter().map(|b| format!("{b:02X}")).collect();
        assert_eq!(String::from_utf8(out).unwrap(), want);
    }
}
