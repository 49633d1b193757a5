//! Pictures inside a label: hexadecimal with Zebra's repeats, binary, `:B64:` and `:Z64:` with their check sums.

use crate::Limits;
use base64::Engine;
use domain::raster::Raster;
use std::io::Read;

/// A picture of `bytes` bytes with `row` bytes a row.
pub fn picture(data: &[u8], binary: bool, bytes: usize, row: usize, limits: Limits) -> Result<Raster, String> {
    if row == 0 || bytes == 0 {
        return Err("a picture without rows".to_owned());
    }
    let height = bytes.div_ceil(row);
    let (width, height) = (u32::try_from(row * 8), u32::try_from(height));
    let (Ok(width), Ok(height)) = (width, height) else { return Err("a picture that is too large".to_owned()) };
    let mut out = limits.white(width, height).map_err(|e| e.to_string())?;
    let dots = match data {
        _ if binary => data.to_vec(),
        [b':', b'Z', b'6', b'4', b':', rest @ ..] => inflated(&coded(rest)?, bytes)?,
        [b':', b'B', b'6', b'4', b':', rest @ ..] => coded(rest)?,
        _ => repeats(data, bytes, row)?,
    };
    let n = dots.len().min(bytes);
    out.bits_mut()[..n].copy_from_slice(&dots[..n]);
    Ok(out)
}

/// Base64 and behind it a check sum of the letters.
fn coded(text: &[u8]) -> Result<Vec<u8>, String> {
    let text: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
    let (letters, sum) = match text.iter().position(|b| *b == b':') {
        Some(n) => (&text[..n], Some(&text[n + 1..])),
        None => (&text[..], None),
    };
    if let Some(sum) = sum.filter(|s| !s.is_empty()) {
        let said = std::str::from_utf8(sum).ok().and_then(|s| u16::from_str_radix(s, 16).ok());
        if said != Some(checksum(letters)) {
            return Err("the picture's check sum is wrong".to_owned());
        }
    }
    base64::engine::general_purpose::STANDARD.decode(letters).map_err(|e| format!("the picture is no base64: {e}"))
}

/// CRC-16 of CCITT, started at 0, as Zebra's printers check it.
fn checksum(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |sum: u16, b| {
        (0..8).fold(sum ^ (u16::from(*b) << 8), |s, _| if s & 0x8000 == 0 { s << 1 } else { (s << 1) ^ 0x1021 })
    })
}

fn inflated(bytes: &[u8], most: usize) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(most);
    // One byte more than the picture needs is read at most: what would swell further is not a label.
    let mut from = flate2::read::ZlibDecoder::new(bytes).take(most as u64);
    from.read_to_end(&mut out).map_err(|e| format!("the picture cannot be inflated: {e}"))?;
    Ok(out)
}

/// Hexadecimal digits; `G`–`Y` and `g`–`z` repeat the next one, `,` and `!` fill a row, `:` is the row above.
fn repeats(text: &[u8], bytes: usize, row: usize) -> Result<Vec<u8>, String> {
    let (digits, per_row) = (bytes * 2, row * 2);
    let mut out: Vec<u8> = Vec::with_capacity(digits);
    let mut times = 0_usize;
    for b in text {
        if out.len() >= digits {
            break;
        }
        let left = per_row - out.len() % per_row;
        match *b {
            b'G'..=b'Y' => times += usize::from(b - b'F'),
            b'g'..=b'z' => times += usize::from(b - b'f') * 20,
            b',' => out.extend(std::iter::repeat_n(0, left)),
            b'!' => out.extend(std::iter::repeat_n(15, left)),
            b':' if out.len() < per_row => out.extend(std::iter::repeat_n(0, per_row)),
            b':' => out.extend_from_within(out.len() - per_row..),
            b if b.is_ascii_whitespace() => {}
            b => {
                let digit = char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
                let digit = digit.ok_or_else(|| format!("{:?} is no part of a picture", char::from(b)))?;
                out.extend(std::iter::repeat_n(digit, times.max(1).min(digits - out.len())));
                times = 0;
            }
        }
    }
    out.resize(digits, 0);
    Ok(out.chunks_exact(2).map(|p| p[0] << 4 | p[1]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repeats_are_read_as_the_manual_says() {
        assert_eq!(repeats(b"M6", 4, 4), Ok(vec![0x66, 0x66, 0x66, 0x60]));
        assert_eq!(repeats(b"hIB", 24, 24).map(|v| v.iter().filter(|b| **b == 0xBB).count()), Ok(21));
        assert_eq!(repeats(b"FF,!:00", 10, 2), Ok(vec![0xFF, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 0]));
        assert!(repeats(b"FF?0", 4, 2).is_err());
    }

    #[test]
    fn a_bomb_swells_no_further_than_its_picture() {
        use std::io::Write;
        let mut z = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        z.write_all(&vec![0; 40 << 20]).expect("memory takes it");
        let coded = base64::engine::general_purpose::STANDARD.encode(z.finish().expect("it ends"));
        let data = format!(":Z64:{coded}");
        assert_eq!(
            picture(data.as_bytes(), false, 1000, 10, Limits::LABEL).map(|r| (r.width(), r.height())),
            Ok((80, 100))
        );
        assert!(picture(data.as_bytes(), false, 2_000_000_000, 10, Limits::LABEL).is_err(), "more dots than any label");
    }
}
