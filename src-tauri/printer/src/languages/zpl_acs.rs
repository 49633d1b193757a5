//! ZPL's ASCII compression of a picture: hex digits with repeats counted.
//!
//! `G`–`Y` repeat the next digit 1–19 times, `g`–`z` 20–400 times, added together; `,` fills the row with white, `:`
//! repeats the row above. Runs of three digits and more are counted. Source: Zebra ZPL II programming guide,
//! "alternative data compression scheme".
//!
//! A waybill has tens of thousands of short runs, so what costs is guessing where the next one ends. Runs are therefore
//! found for 64 digits at once, as the bits of a word, and written without branches that depend on their length.
//! Deliberately absent: `!` (rows of black cost three characters without it).

/// Digits of one mask.
const WORD: usize = u64::BITS as usize;
/// Short copies move this many bytes, whatever they need: a fixed length costs nothing to decide.
const STEP: usize = 16;
/// Longest run that one or two letters count.
const COUNTED: usize = 419;

/// Appends the rows, each `stride` bytes, at least one.
pub(super) fn put_acs(job: &mut Vec<u8>, rows: &[u8], stride: usize) {
    let mut writer = RowWriter::new(stride);
    let mut above: &[u8] = &[];
    for row in rows.chunks_exact(stride) {
        if row == above {
            job.push(b':');
        } else {
            job.extend_from_slice(writer.write(row));
        }
        above = row;
    }
}

/// Writes one row at a time into memory of its own.
struct RowWriter {
    /// The row's digits, then room for a whole [`STEP`].
    digits: Vec<u8>,
    /// 1 where a digit is the first of three equal ones.
    threes: Vec<u8>,
    /// The row as it is sent, then room for a whole [`STEP`].
    line: Vec<u8>,
}

impl RowWriter {
    fn new(stride: usize) -> Self {
        let digits = 2 * stride;
        Self {
            digits: vec![0; digits + STEP],
            // One mark more than there can be, so that every run ends within the masks.
            threes: vec![0; (digits + 1).next_multiple_of(WORD)],
            // No run is longer written than as it stands.
            line: vec![0; digits + 1 + STEP],
        }
    }

    fn write(&mut self, row: &[u8]) -> &[u8] {
        let inked = row.len() - white_tail(row);
        for (pair, byte) in self.digits.as_chunks_mut::<2>().0.iter_mut().zip(&row[..inked]) {
            *pair = [digit(byte >> 4), digit(byte & 15)];
        }
        // Where bytes at the end are white, `,` writes the white digit before them as well.
        let white_end = inked < row.len();
        let half = white_end && inked > 0 && row[inked - 1] & 15 == 0;
        let count = 2 * inked - usize::from(half);
        self.mark_threes(count);

        let (digits, line) = (&self.digits, &mut self.line);
        let (mut at, mut written, mut start, mut before) = (0, 0, None, 0);
        for (n, marks) in self.threes[..(count + 1).next_multiple_of(WORD)].as_chunks::<WORD>().0.iter().enumerate() {
            let mask = bits(marks);
            // A bit where marks begin, and one after the last of them.
            let mut edges = mask ^ (mask << 1 | before);
            before = mask >> (WORD - 1);
            while edges != 0 {
                let edge = n * WORD + edges.trailing_zeros() as usize;
                edges &= edges - 1;
                match start.take() {
                    None => {
                        at = copy(line, at, digits, written, edge);
                        start = Some(edge);
                    }
                    Some(first) => {
                        let run = edge - first + 2;
                        at = repeat(line, at, digits[first], run);
                        written = first + run;
                    }
                }
            }
        }
        at = copy(line, at, digits, written, count);
        if white_end {
            line[at] = b',';
            at += 1;
        }
        &line[..at]
    }

    /// Marks the first of every three equal digits among the first `count`.
    fn mark_threes(&mut self, count: usize) {
        let d = &self.digits[..count];
        let thirds = d.get(2..).unwrap_or_default();
        for (mark, (first, (second, third))) in self.threes.iter_mut().zip(d.iter().zip(d.iter().skip(1).zip(thirds))) {
            *mark = u8::from(first == second) & u8::from(second == third);
        }
        // What an earlier, longer row left.
        self.threes[thirds.len()..(count + 1).next_multiple_of(WORD)].fill(0);
    }
}

/// The hex digit of a number below 16, by arithmetic that works on many at once.
#[inline]
fn digit(nibble: u8) -> u8 {
    nibble + b'0' + u8::from(nibble > 9) * (b'A' - b'9' - 1)
}

/// Bytes 0 or 1 as the bits of a word, the first the lowest.
#[inline]
fn bits(marks: &[u8; WORD]) -> u64 {
    let mut mask = 0;
    for (n, eight) in marks.as_chunks::<8>().0.iter().enumerate() {
        // The product brings byte k's bit to 56 + k; no two of its terms meet.
        let byte = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        mask |= byte << (8 * n);
    }
    mask
}

/// Copies `digits[from..to]` to `line[at..]`; gives the place after it.
#[inline]
fn copy(line: &mut [u8], at: usize, digits: &[u8], from: usize, to: usize) -> usize {
    let len = to - from;
    if len <= STEP {
        line[at..at + STEP].copy_from_slice(&digits[from..from + STEP]);
    } else {
        line[at..at + len].copy_from_slice(&digits[from..to]);
    }
    at + len
}

/// Writes a run of at least three; gives the place after it.
#[inline]
fn repeat(line: &mut [u8], mut at: usize, digit: u8, mut run: usize) -> usize {
    while run > COUNTED {
        line[at] = b'z';
        at += 1;
        run -= 400;
    }
    let (letters, len) = LETTERS[run];
    line[at..at + 2].copy_from_slice(&letters);
    at += len;
    line[at] = digit;
    at + 1
}

/// The repeat letters of a run, and how many they are: `g`–`z` for the twenties, `G`–`Y` for the rest.
const LETTERS: [([u8; 2], usize); COUNTED + 1] = {
    let mut letters = [([0; 2], 0); COUNTED + 1];
    let mut run = 1;
    while run <= COUNTED {
        let (twenties, rest) = (b'f' + (run / 20) as u8, b'F' + (run % 20) as u8);
        letters[run] = match (run / 20, run % 20) {
            (0, _) => ([rest, 0], 1),
            (_, 0) => ([twenties, 0], 1),
            _ => ([twenties, rest], 2),
        };
        run += 1;
    }
    letters
};

/// How many bytes at the row's end are white.
fn white_tail(row: &[u8]) -> usize {
    let mut white = 0;
    let (head, words) = row.as_rchunks::<8>();
    for word in words.iter().rev() {
        let bits = u64::from_be_bytes(*word);
        if bits != 0 {
            return white + bits.trailing_zeros() as usize / 8;
        }
        white += 8;
    }
    white + head.iter().rev().take_while(|b| **b == 0).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(row: &[u8]) -> String {
        let mut out = Vec::new();
        put_acs(&mut out, row, row.len());
        String::from_utf8(out).expect("ASCII")
    }

    /// A reader of the compression written from the manual's table, sharing nothing with the writer.
    fn expand(data: &str, stride: usize) -> Vec<u8> {
        let (mut rows, mut line, mut times) = (Vec::<String>::new(), String::new(), 0usize);
        for c in data.chars() {
            match c {
                'G'..='Y' => times += c as usize - 'F' as usize,
                'g'..='z' => times += (c as usize - 'f' as usize) * 20,
                ',' => line.push_str(&"0".repeat(2 * stride - line.len())),
                ':' => line = rows.last().expect("a row above").clone(),
                _ => {
                    line.push_str(&c.to_string().repeat(times.max(1)));
                    times = 0;
                }
            }
            if line.len() >= 2 * stride {
                assert_eq!(line.len(), 2 * stride, "no run crosses a row");
                rows.push(std::mem::take(&mut line));
            }
        }
        assert!(line.is_empty(), "the last row is whole");
        let hex = rows.concat();
        (0..hex.len() / 2).map(|i| u8::from_str_radix(&hex[2 * i..2 * i + 2], 16).expect("hex")).collect()
    }

    #[test]
    fn rows_are_written_as_the_manual_counts() {
        assert_eq!(text(&[0; 5]), ",", "a white row");
        assert_eq!(text(&[0xff; 100]), "pF", "200 = p");
        assert_eq!(text(&[0x33; 201]), "zH3", "402 = z + H");
        assert_eq!(text(&[0x12, 0x30, 0, 0]), "123,", "white after the last inked digit");
        assert_eq!(
            text(&[0x12, 0x22, 0x20]),
            "1J20",
            "a run through bytes: J = 4; nothing after the row is left to fill"
        );
        assert_eq!(text(&[0, 0, 0x01]), "K01", "white before the ink: K = 5");
    }

    proptest! {
        #[test]
        fn what_is_compressed_expands_to_the_same_bytes(
            stride in 1usize..120,
            bytes in prop::collection::vec(
                prop_oneof![Just(0u8), Just(0xff), Just(0x11), any::<u8>()].prop_flat_map(|b| (Just(b), 1usize..40)),
                1..80
            ),
        ) {
            let mut band: Vec<u8> = bytes.into_iter().flat_map(|(b, n)| std::iter::repeat_n(b, n)).collect();
            band.resize(band.len().next_multiple_of(stride), 0);
            let mut out = Vec::new();
            put_acs(&mut out, &band, stride);
            prop_assert_eq!(expand(std::str::from_utf8(&out).expect("ASCII"), stride), band);
        }
    }
}
