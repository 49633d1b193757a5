//! ZPL II (Zebra, and emulations on TSC, Honeywell, SATO, HPRT): the label as `^GFA` bands.
//!
//! A **1** bit prints. `^GF` takes at most 99 999 bytes a field, so a tall label is cut into bands of whole rows. Data
//! is hex in Zebra's ASCII compression: `G`–`Y` repeat the next digit 1–19 times, `g`–`z` 20–400 times, `,` fills the
//! row with white, `:` repeats the row above. Printers that are known to take it get `:Z64:` instead. ASCII, not binary:
//! after a cut job the next `^XA` starts clean. Source: Zebra ZPL II programming guide, `^GF` and "alternative data
//! compression scheme".
//!
//! Deliberately absent: text and bar codes of the printer; `^MT`, `^MM`, `^JU` and everything else that belongs to the
//! printer's own set-up (thermal transfer users keep their ribbon); stored objects (`~DG`); `!` (rows of black cost
//! three characters without it).

use super::hex::DIGITS;
use super::put;
use super::zpl_compressed::put_z64;
use domain::printer::{Media, Stock};
use domain::raster::Raster;

/// `^GF` parameters b and c: "out-of-range values are set to the nearest limit".
const LARGEST_BAND: usize = 99_999;

/// One label as a job; `compressed` = the printer takes `:Z64:`.
pub(crate) fn job(raster: &Raster, media: &Media, compressed: bool) -> Vec<u8> {
    let stride = raster.stride();
    let mut job = Vec::with_capacity(raster.bits().len() / 2 + 512);
    let tracking = match media.stock() {
        Stock::Gap(_) => 'Y',
        Stock::Mark(_) => 'M',
        Stock::Continuous => 'N',
    };
    put(
        &mut job,
        format_args!(
            "~SD{:02}\r\n^XA^PW{}^LL{}^LH0,0^LT0^LS0^PON^FWN^CI28^MN{tracking}^PR{speed},{speed}\r\n",
            // `~SD` has twice as many steps.
            media.darkness * 2,
            raster.width(),
            raster.height(),
            speed = media.speed,
        ),
    );
    if !raster.bits().is_empty() {
        let rows = (LARGEST_BAND / stride).max(1);
        for (n, band) in raster.bits().chunks(rows * stride).enumerate() {
            put(&mut job, format_args!("^FO0,{}^GFA,{len},{len},{stride},", n * rows, len = band.len()));
            if compressed {
                put_z64(&mut job, band);
            } else {
                compress(&mut job, band, stride);
            }
            job.extend_from_slice(b"^FS\r\n");
        }
    }
    job.extend_from_slice(b"^PQ1,0,0,N^XZ\r\n");
    job
}

/// Appends the rows of one band.
fn compress(job: &mut Vec<u8>, band: &[u8], stride: usize) {
    let mut above: &[u8] = &[];
    for row in band.chunks_exact(stride) {
        if row == above {
            job.push(b':');
        } else {
            compress_row(job, row);
        }
        above = row;
    }
}

fn compress_row(job: &mut Vec<u8>, row: &[u8]) {
    let inked = row.len() - white_tail(row);
    // A run of equal digits that is not written yet.
    let (mut digit, mut run) = (0u8, 0usize);
    let mut i = 0;
    while i < inked {
        let byte = row[i];
        let (hi, lo) = (byte >> 4, byte & 15);
        if hi == lo {
            let same = row[i..inked].iter().take_while(|b| **b == byte).count();
            i += same;
            if hi == digit {
                run += 2 * same;
            } else {
                flush(job, digit, run);
                (digit, run) = (hi, 2 * same);
            }
        } else {
            i += 1;
            if hi == digit {
                flush(job, digit, run + 1);
            } else {
                flush(job, digit, run);
                job.push(DIGITS[usize::from(hi)]);
            }
            (digit, run) = (lo, 1);
        }
    }
    if inked == row.len() {
        flush(job, digit, run);
    } else {
        // The low digit of the last inked byte may be white as well: `,` writes it too.
        if digit != 0 {
            flush(job, digit, run);
        }
        job.push(b',');
    }
}

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

/// Writes a run of one digit in as few characters as it takes.
#[inline]
fn flush(job: &mut Vec<u8>, digit: u8, run: usize) {
    let c = DIGITS[usize::from(digit)];
    match run {
        0 => {}
        1 => job.push(c),
        2 => job.extend_from_slice(&[c, c]),
        _ => {
            count(job, run);
            job.push(c);
        }
    }
}

/// The repeat letters of a run, added together: `z` = 400, `g`–`y` = 20–380, `G`–`Y` = 1–19.
fn count(job: &mut Vec<u8>, run: usize) {
    job.extend(std::iter::repeat_n(b'z', run / 400));
    let letter = |base: u8, n: usize| base + u8::try_from(n - 1).expect("at most 19 after the division");
    if run % 400 >= 20 {
        job.push(letter(b'g', run % 400 / 20));
    }
    if !run.is_multiple_of(20) {
        job.push(letter(b'G', run % 20));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::printer::MediaKind;
    use domain::units::{Dpi, LabelSize, Mm};
    use proptest::prelude::*;

    fn text(row: &[u8]) -> String {
        let mut out = Vec::new();
        compress_row(&mut out, row);
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

    #[test]
    fn a_tall_label_is_cut_into_bands_that_the_limit_allows() {
        let size = LabelSize { width: Mm(100.0), height: Mm(180.0) };
        let media = Media::usual(size, Dpi::D203);
        let text = |media: &Media| String::from_utf8(job(&Raster::white(800, 1440), media, false)).expect("ASCII");
        let job = text(&media);
        assert!(
            job.starts_with("~SD16\r\n^XA^PW800^LL1440^LH0,0^LT0^LS0^PON^FWN^CI28^MNY^PR4,4\r\n"),
            "{}",
            &job[..80]
        );
        assert!(job.contains("^FO0,0^GFA,99900,99900,100,,"), "999 rows of 100 bytes come first");
        assert!(job.contains("^FO0,999^GFA,44100,44100,100,,"), "then the other 441");
        assert!(job.ends_with("^PQ1,0,0,N^XZ\r\n"), "one copy");
        assert!(text(&Media { kind: MediaKind::Mark, ..media }).contains("^MNM"), "black mark");
        assert!(text(&Media { kind: MediaKind::Continuous, ..media }).contains("^MNN"), "continuous");
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
            compress(&mut out, &band, stride);
            prop_assert_eq!(expand(std::str::from_utf8(&out).expect("ASCII"), stride), band);
        }
    }
}
