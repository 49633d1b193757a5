//! ZPL formats on a label. Drawn: `^GF` (A with ACS, `:B64:`, `:Z64:`; B) and `^GB`; set: `^PW ^LL ^LH ^FO ^PO ^PQ`.

use super::canvas::{self, Ink};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::raster::Raster;
use domain::units::{Dpi, Mm};
use std::io::Read;

/// Limit of `b` and `c` of `^GF`: larger values are set to it (ZPL II manual).
const GF_LIMIT: usize = 99_999;

/// Label settings (kept from format to format) and the format being read.
pub(crate) struct Zpl {
    width: u32,
    length: u32,
    home: (u32, u32),
    inverted: bool,
    format: Option<Format>,
}

struct Format {
    page: Raster,
    at: (u32, u32),
    copies: u32,
    drawn: bool,
}

/// A finished format.
pub(crate) struct Finished {
    pub(crate) page: Raster,
    pub(crate) copies: u32,
}

impl Zpl {
    pub(crate) fn new(dpi: Dpi) -> Self {
        let (width, length) = (dpi.dots(Mm(104.0)).0, dpi.dots(Mm(150.0)).0);
        Self { width, length, home: (0, 0), inverted: false, format: None }
    }

    /// `^XA`; inside a format it starts over.
    pub(crate) fn begin(&mut self) {
        self.format =
            Some(Format { page: Raster::white(self.width, self.length), at: (0, 0), copies: 1, drawn: false });
    }

    /// `^XZ`; a format that drew nothing gives no label.
    pub(crate) fn end(&mut self) -> Option<Finished> {
        let f = self.format.take()?;
        let page = if self.inverted { canvas::turned(&f.page) } else { f.page };
        f.drawn.then_some(Finished { page, copies: f.copies })
    }

    /// Whether a format is open.
    pub(crate) fn is_open(&self) -> bool {
        self.format.is_some()
    }

    /// One caret command with its parameters. The text is what was not understood or not right.
    pub(crate) fn command(&mut self, code: &str, params: &[u8]) -> Result<(), String> {
        let text = String::from_utf8_lossy(params);
        let text = text.trim_end_matches(['\r', '\n']);
        let args: Vec<&str> = text.split(',').map(str::trim).collect();
        let num = |i: usize| args.get(i).and_then(|a| a.parse::<u32>().ok());
        match code {
            "PW" => self.resize(num(0).unwrap_or(self.width), self.length),
            "LL" => self.resize(self.width, num(0).unwrap_or(self.length)),
            "LH" => self.home = (num(0).unwrap_or(0), num(1).unwrap_or(0)),
            "PO" => self.inverted = args.first().is_some_and(|a| *a == "I"),
            "PQ" => {
                if let Some(f) = self.format.as_mut() {
                    f.copies = num(0).unwrap_or(1);
                }
            }
            "FO" => {
                let home = self.home;
                if let Some(f) = self.format.as_mut() {
                    f.at = (home.0 + num(0).unwrap_or(0), home.1 + num(1).unwrap_or(0));
                }
            }
            "GB" => {
                let t = num(2).unwrap_or(1).max(1);
                let (w, h) = (num(0).unwrap_or(t).max(t), num(1).unwrap_or(t).max(t));
                let black = args.get(3).is_none_or(|c| *c != "W");
                if let Some(f) = self.format.as_mut() {
                    canvas::frame(&mut f.page, f.at.0, f.at.1, w, h, t, black);
                    f.drawn = true;
                }
            }
            "GF" => return self.graphic(params),
            "FS" | "FX" | "CI" | "MM" | "MN" | "MT" | "PR" | "MD" | "FW" | "PM" | "LR" | "JZ" | "ID" | "XB" | "MC" => {}
            "LT" | "LS" if num(0).unwrap_or(0) == 0 => {}
            _ => return Err(format!("^{code}{} is not drawn here", text.chars().take(40).collect::<String>())),
        }
        Ok(())
    }

    /// `^GFB` with its raw bytes.
    pub(crate) fn binary(&mut self, row_bytes: usize, data: &[u8]) {
        self.draw(row_bytes, data);
    }

    fn graphic(&mut self, params: &[u8]) -> Result<(), String> {
        let mut parts = params.splitn(5, |b| *b == b',');
        let mut field = || parts.next().map(|p| String::from_utf8_lossy(p).trim().to_string()).unwrap_or_default();
        let (kind, _sent, total, per_row) = (field(), field(), field(), field());
        let data = parts.next().unwrap_or_default();
        let (Ok(total), Ok(per_row)) = (total.parse::<usize>(), per_row.parse::<usize>()) else {
            return Err("^GF without sizes".into());
        };
        if kind != "A" || per_row == 0 {
            return Err(format!("^GF{kind} is not read here"));
        }
        let clamped = total.min(GF_LIMIT);
        let bits = match data.strip_prefix(b":") {
            Some(coded) => coded_graphic(coded)?,
            None => ascii_graphic(data, clamped, per_row)?,
        };
        self.draw(per_row, &bits[..bits.len().min(clamped)]);
        if total > GF_LIMIT { Err(format!("^GF of {total} bytes: set to {GF_LIMIT}")) } else { Ok(()) }
    }

    fn draw(&mut self, row_bytes: usize, bits: &[u8]) {
        if let Some(f) = self.format.as_mut() {
            canvas::blit(&mut f.page, f.at.0, f.at.1, row_bytes, bits, Ink::Or);
            f.drawn = true;
        }
    }

    fn resize(&mut self, width: u32, length: u32) {
        if width == 0 || length == 0 || width > 4096 || length > 32_000 {
            return;
        }
        (self.width, self.length) = (width, length);
        if let Some(f) = self.format.as_mut() {
            let mut page = Raster::white(width, length);
            let stride = f.page.stride();
            canvas::blit(&mut page, 0, 0, stride, f.page.bits(), Ink::Or);
            f.page = page;
        }
    }
}

/// Hex digits with the run lengths of the "ACS" scheme, into bytes. What is missing at the end is white.
pub(crate) fn ascii_graphic(data: &[u8], total: usize, per_row: usize) -> Result<Vec<u8>, String> {
    let nibbles = per_row * 2;
    let mut rows: Vec<u8> = Vec::with_capacity(total * 2);
    let mut run = 0usize;
    for &b in data {
        let in_row = rows.len() % nibbles;
        match b {
            b'\r' | b'\n' | b' ' | b'\t' => {}
            b'G'..=b'Y' => run += usize::from(b - b'G') + 1,
            b'g'..=b'z' => run += (usize::from(b - b'g') + 1) * 20,
            // At the start of a row these fill all of it, later what is left of it.
            b',' => rows.resize(rows.len() + nibbles - in_row, 0),
            b'!' => rows.resize(rows.len() + nibbles - in_row, 0xf),
            b':' => {
                if rows.len() < nibbles {
                    rows.resize(nibbles, 0);
                } else {
                    let last = rows.len() - in_row - nibbles..rows.len() - in_row;
                    rows.extend_from_within(last);
                }
            }
            _ => {
                let digit = char::from(b).to_digit(16).ok_or_else(|| format!("^GFA: {b:#04x} is no digit"))?;
                let count = run.max(1);
                run = 0;
                if rows.len() + count > total.saturating_mul(2).max(nibbles) + nibbles {
                    break;
                }
                rows.resize(rows.len() + count, u8::try_from(digit).expect("a hex digit is below 16"));
            }
        }
        if rows.len() >= total * 2 {
            break;
        }
    }
    rows.resize(total * 2, 0);
    Ok(rows.chunks_exact(2).map(|p| p[0] << 4 | p[1]).collect())
}

/// `B64:` or `Z64:`, base64, `:`, CRC over the base64 text.
fn coded_graphic(coded: &[u8]) -> Result<Vec<u8>, String> {
    let text: String = String::from_utf8_lossy(coded).chars().filter(|c| !c.is_ascii_whitespace()).collect();
    let mut parts = text.splitn(3, ':');
    let (kind, body, crc) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let stated = u16::from_str_radix(crc, 16).map_err(|_| "^GF: no CRC".to_string())?;
    if stated != crc16(body.as_bytes()) {
        return Err("^GF: CRC does not match".into());
    }
    let bytes = STANDARD.decode(body).map_err(|e| format!("^GF: {e}"))?;
    match kind {
        "B64" => Ok(bytes),
        "Z64" => {
            let mut out = Vec::new();
            let inflate = flate2::read::ZlibDecoder::new(&bytes[..]);
            // More than any label can hold is not worth the memory.
            inflate.take(16 << 20).read_to_end(&mut out).map_err(|e| format!("^GF: {e}"))?;
            Ok(out)
        }
        _ => Err(format!("^GF: {kind} is unknown")),
    }
}

/// CRC-16/XMODEM.
pub(crate) fn crc16(data: &[u8]) -> u16 {
    data.iter().fold(0u16, |crc, b| {
        (0..8).fold(crc ^ u16::from(*b) << 8, |c, _| if c & 0x8000 != 0 { c << 1 ^ 0x1021 } else { c << 1 })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn acs_is_read_as_the_manual_writes_it() {
        for (data, total, per_row, want) in [
            ("FF00", 2, 2, vec![0xff, 0x00]),
            ("H3", 1, 1, vec![0x33]),
            ("J0K8", 5, 5, vec![0x00, 0x00, 0x88, 0x88, 0x80]),
            ("zG3", 201, 201, [vec![0x33; 200], vec![0x30]].concat()),
            ("F,!,", 6, 2, vec![0xf0, 0x00, 0xff, 0xff, 0x00, 0x00]),
            ("AB:,:", 4, 1, vec![0xab, 0xab, 0x00, 0x00]),
            (":FF", 2, 1, vec![0x00, 0xff]),
            ("f\r\nF", 1, 1, vec![0xff]),
            ("FF", 3, 1, vec![0xff, 0, 0]),
            ("gGF", 11, 11, [vec![0xff; 10], vec![0xf0]].concat()),
        ] {
            let got = ascii_graphic(data.as_bytes(), total, per_row);
            assert_eq!(got, Ok(want), "{data}");
        }
        assert!(ascii_graphic(b"Q", 1, 1).is_ok(), "a run without a digit draws nothing");
        assert!(ascii_graphic(b"0;", 1, 1).is_err(), "not in the alphabet");
    }

    #[test]
    fn the_crc_is_the_catalogued_one() {
        assert_eq!(crc16(b"123456789"), 0x31c3);
    }
}
