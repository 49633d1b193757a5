//! Bars and squares as a Zebra printer makes them: whole dots a module, and the code sets that the label itself chooses.

use crate::Limits;
use domain::raster::Raster;

/// Six widths a value of Code 128, bar first, from 0 to 105; the standard's table.
const CODE128: &[u8; 636] = b"\
212222222122222221121223121322131222122213122312132212221213221312231212112232122132122231113222123122123221\
223211221132221231213212223112312131311222321122321221312212322112322211212123212321232121111323131123131321\
112313132113132311211313231113231311112133112331132131113123113321133121313121211331231131213113213311213131\
311123311321331121312113312311332111314111221411431111111224111422121124121421141122141221112214112412122114\
122411142112142211241211221114413111241112134111111242121142121241114212124112124211411212421112421211212141\
214121412121111143111341131141114113114311411113411311113141114131311141411131211412211214211232";
const STOP: &[u8; 7] = b"2331112";
const FNC1: u8 = 102;

/// Longer texts are in no carrier's bars.
const LONGEST: usize = 120;

/// One row of modules, drawn `height` dots high.
fn bars(widths: impl IntoIterator<Item = u32>, height: u32, limits: Limits) -> Result<Raster, String> {
    let widths: Vec<u32> = widths.into_iter().collect();
    let mut out = limits.white(widths.iter().sum(), height.max(1)).map_err(|e| e.to_string())?;
    let mut x = 0;
    for (n, width) in widths.iter().enumerate() {
        if n % 2 == 0 {
            for dx in x..x + width {
                for y in 0..out.height() {
                    out.set(dx, y, true);
                }
            }
        }
        x += width;
    }
    Ok(out)
}

/// `^BC`. Returns the bars and the line that people read.
pub fn code128(data: &str, mode: u8, module: u32, height: u32, limits: Limits) -> Result<(Raster, String), String> {
    if data.is_empty() || data.len() > 4 * LONGEST {
        return Err("bars of nothing, or of too much".to_owned());
    }
    let (values, read) = match mode {
        b'N' => invoked(data)?,
        b'A' => (shortest(data.as_bytes(), false)?, data.to_owned()),
        b'D' => gs1(data)?,
        b'U' => container(data)?,
        other => return Err(format!("mode {:?} is not known", char::from(other))),
    };
    if values.len() > LONGEST {
        return Err(format!("{} characters are too many for bars", values.len()));
    }
    let check = values.iter().enumerate().map(|(n, v)| n.max(1) as u64 * u64::from(*v)).sum::<u64>() % 103;
    let check = u8::try_from(check).unwrap_or(0);
    let digits = values.iter().chain([&check]).flat_map(|v| &CODE128[usize::from(*v) * 6..][..6]).chain(STOP);
    Ok((bars(digits.map(|d| u32::from(d - b'0') * module), height, limits)?, read))
}

#[derive(Clone, Copy, PartialEq)]
enum Set {
    A,
    B,
    C,
}

impl Set {
    fn value(self, c: u8) -> Option<u8> {
        match (self, c) {
            (Self::A, 0..=31) => Some(c + 64),
            (Self::A, 32..=95) | (Self::B, 32..=127) => Some(c - 32),
            _ => None,
        }
    }
}

/// Mode N: the label itself chooses the sets by `>`; without a choice it is set B.
fn invoked(data: &str) -> Result<(Vec<u8>, String), String> {
    let bytes = data.as_bytes();
    let (mut values, mut read, mut set, mut at) = (Vec::new(), String::new(), Set::B, 0);
    while at < bytes.len() {
        if bytes[at] == b'>' {
            let code = *bytes.get(at + 1).ok_or("the text ends in >")?;
            at += 2;
            let start = values.is_empty();
            let (value, next) = match code {
                b'9' if start => (103, Set::A),
                b':' if start => (104, Set::B),
                b';' if start => (105, Set::C),
                b'5' if set != Set::C => (99, Set::C),
                b'6' if set != Set::B => (100, Set::B),
                b'7' if set != Set::A => (101, Set::A),
                b'5' | b'6' | b'7' => continue,
                b'8' => (FNC1, set),
                b'0' => (set.value(b'>').ok_or("> stands where only digits may")?, set),
                b'<' => (set.value(b'^').ok_or("^ stands where only digits may")?, set),
                b'=' => (set.value(b'~').ok_or("~ stands where only digits may")?, set),
                other => return Err(format!(">{} is not known", char::from(other))),
            };
            if start && value < 103 {
                values.push(104);
            }
            match code {
                b'0' => read.push('>'),
                b'<' => read.push('^'),
                b'=' => read.push('~'),
                _ => {}
            }
            values.push(value);
            set = next;
            continue;
        }
        if values.is_empty() {
            values.push(104);
        }
        if set == Set::C {
            let pair = bytes.get(at..at + 2).filter(|p| p.iter().all(u8::is_ascii_digit));
            let Some(pair) = pair else {
                // A digit alone at the end of set C is printed in set B, as the printers do it.
                let last = bytes.get(at + 1).is_none_or(|b| *b == b'>');
                if !bytes[at].is_ascii_digit() || !last {
                    return Err(format!("{:?} stands where only digits may", char::from(bytes[at])));
                }
                values.push(100);
                set = Set::B;
                continue;
            };
            values.push((pair[0] - b'0') * 10 + pair[1] - b'0');
            read.push_str(&data[at..at + 2]);
            at += 2;
            continue;
        }
        let value = set.value(bytes[at]).ok_or_else(|| format!("byte {:02X} is in no set of these bars", bytes[at]))?;
        values.push(value);
        read.push(char::from(bytes[at]));
        at += 1;
    }
    Ok((values, read))
}

/// A run of digits that is worth a switch to pairs.
const ENOUGH: usize = 4;

/// Mode A: the printer chooses, digits in pairs where there are enough of them.
fn shortest(bytes: &[u8], mut gs1: bool) -> Result<Vec<u8>, String> {
    let digits = |at: usize| bytes[at..].iter().take_while(|b| b.is_ascii_digit()).count();
    let mut values = Vec::new();
    let (mut set, mut at) = (None, 0);
    while at < bytes.len() {
        if bytes[at] == b'\x1d' && gs1 {
            values.push(FNC1);
            at += 1;
            continue;
        }
        let run = digits(at);
        let pairs = (set == Some(Set::C) && run >= 2) || (run >= ENOUGH && (run.is_multiple_of(2) || set.is_none()));
        let stays_in_a = set == Some(Set::A) && Set::A.value(bytes[at]).is_some();
        let (chosen, skip) = if pairs {
            (Set::C, 0)
        } else if run >= ENOUGH {
            // An odd digit stays in the set before.
            (set.filter(|s| *s != Set::C).unwrap_or(Set::B), 1)
        } else if bytes[at] < 32 || stays_in_a {
            (Set::A, 0)
        } else {
            (Set::B, 0)
        };
        if set != Some(chosen) {
            values.push(match (set, chosen) {
                (None, Set::A) => 103,
                (None, Set::B) => 104,
                (None, Set::C) => 105,
                (_, Set::A) => 101,
                (_, Set::B) => 100,
                (_, Set::C) => 99,
            });
            if std::mem::take(&mut gs1) {
                values.push(FNC1);
                gs1 = true;
            }
            set = Some(chosen);
        }
        if chosen == Set::C && skip == 0 {
            values.push((bytes[at] - b'0') * 10 + bytes[at + 1] - b'0');
            at += 2;
        } else {
            let c = bytes[at];
            values.push(chosen.value(c).ok_or_else(|| format!("byte {c:02X} is in no set of these bars"))?);
            at += 1;
        }
    }
    Ok(values)
}

/// Mode D: GS1 with its brackets, which people read and bars do not say.
fn gs1(data: &str) -> Result<(Vec<u8>, String), String> {
    let read = data.replace(">8", "");
    let said: String = data.replace(">8", "\x1d").chars().filter(|c| !"() ".contains(*c)).collect();
    let said = said.trim_start_matches('\x1d');
    let mut values = shortest(said.replace('\x1d', "").as_bytes(), false)?;
    if said.contains('\x1d') {
        values = shortest_gs1(said)?;
    } else {
        values.insert(1, FNC1);
    }
    Ok((values, read))
}

/// Pieces of GS1 with a separator between them, all in the shortest sets that each piece allows.
fn shortest_gs1(said: &str) -> Result<Vec<u8>, String> {
    let mut values: Vec<u8> = Vec::new();
    for piece in said.split('\x1d') {
        let mut part = shortest(piece.as_bytes(), false)?;
        if values.is_empty() {
            part.insert(1, FNC1);
            values = part;
            continue;
        }
        values.push(FNC1);
        // A piece starts in a set of its own: a switch says so, which a scanner takes even where it changes nothing.
        let start = part.remove(0);
        let last = values.iter().rev().find_map(|v| match v {
            99 | 105 => Some(105),
            100 | 104 => Some(104),
            101 | 103 => Some(103),
            _ => None,
        });
        if last != Some(start) {
            values.push(match start {
                105 => 99,
                103 => 101,
                _ => 100,
            });
        }
        values.extend(part);
    }
    Ok(values)
}

/// Mode U: nineteen digits of a shipping container, the twentieth is its check digit.
fn container(data: &str) -> Result<(Vec<u8>, String), String> {
    let mut digits: Vec<u8> = data.bytes().filter(u8::is_ascii_digit).take(19).map(|b| b - b'0').collect();
    digits.resize(19, 0);
    let sum: u32 = digits.iter().rev().enumerate().map(|(n, d)| u32::from(*d) * if n % 2 == 0 { 3 } else { 1 }).sum();
    digits.push(u8::try_from((10 - sum % 10) % 10).unwrap_or(0));
    let values = [105, FNC1].into_iter().chain(digits.chunks_exact(2).map(|p| p[0] * 10 + p[1])).collect();
    Ok((values, digits.iter().map(|d| char::from(b'0' + d)).collect()))
}

const CODE39_LETTERS: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-. $/+%*";
/// Nine elements a letter, 1 = wide; the standard's table.
const CODE39: [u16; 44] = [
    0x034, 0x121, 0x061, 0x160, 0x031, 0x130, 0x070, 0x025, 0x124, 0x064, 0x109, 0x049, 0x148, 0x019, 0x118, 0x058,
    0x00D, 0x10C, 0x04C, 0x01C, 0x103, 0x043, 0x142, 0x013, 0x112, 0x052, 0x007, 0x106, 0x046, 0x016, 0x181, 0x0C1,
    0x1C0, 0x091, 0x190, 0x0D0, 0x085, 0x184, 0x0C4, 0x0A8, 0x0A2, 0x08A, 0x02A, 0x094,
];

/// `^B3`.
pub fn code39(
    data: &str,
    check: bool,
    (narrow, wide): (u32, u32),
    height: u32,
    limits: Limits,
) -> Result<(Raster, String), String> {
    let text: String = data.trim_matches('*').to_ascii_uppercase();
    let values: Option<Vec<usize>> = text.chars().map(|c| CODE39_LETTERS.find(c).filter(|n| *n < 43)).collect();
    let mut values = values.filter(|v| !v.is_empty() && v.len() <= LONGEST).ok_or("Code 39 cannot hold this text")?;
    if check {
        values.push(values.iter().sum::<usize>() % 43);
    }
    let mut widths = Vec::new();
    for value in [43].into_iter().chain(values.iter().copied()).chain([43]) {
        if !widths.is_empty() {
            widths.push(narrow);
        }
        widths.extend((0..9).map(|n| if CODE39[value] & (0x100 >> n) == 0 { narrow } else { wide }));
    }
    let letters = values.iter().filter_map(|v| CODE39_LETTERS.chars().nth(*v)).collect::<String>();
    Ok((bars(widths, height, limits)?, format!("*{letters}*")))
}

/// `^B2`: pairs of digits, a nought before an odd number of them.
pub fn interleaved(
    data: &str,
    check: bool,
    (narrow, wide): (u32, u32),
    height: u32,
    limits: Limits,
) -> Result<(Raster, String), String> {
    const WIDE: [[bool; 5]; 10] = {
        let n = [0b00110, 0b10001, 0b01001, 0b11000, 0b00101, 0b10100, 0b01100, 0b00011, 0b10010, 0b01010];
        let mut table = [[false; 5]; 10];
        let mut i = 0;
        while i < 50 {
            table[i / 5][i % 5] = n[i / 5] & (0b10000 >> (i % 5)) != 0;
            i += 1;
        }
        table
    };
    let mut digits: Vec<u8> = data.bytes().filter(u8::is_ascii_digit).map(|b| b - b'0').collect();
    if digits.is_empty() || digits.len() != data.len() || digits.len() > LONGEST {
        return Err("bars of pairs hold digits only".to_owned());
    }
    if check {
        let sum: u32 =
            digits.iter().rev().enumerate().map(|(n, d)| u32::from(*d) * if n % 2 == 0 { 3 } else { 1 }).sum();
        digits.push(u8::try_from((10 - sum % 10) % 10).unwrap_or(0));
    }
    if digits.len() % 2 == 1 {
        digits.insert(0, 0);
    }
    let width = |is_wide: bool| if is_wide { wide } else { narrow };
    let mut widths = vec![narrow; 4];
    for pair in digits.chunks_exact(2) {
        // One digit in the bars, the other in the gaps between them.
        for (bar, gap) in WIDE[usize::from(pair[0])].iter().zip(WIDE[usize::from(pair[1])]) {
            widths.extend([width(*bar), width(gap)]);
        }
    }
    widths.extend([wide, narrow, narrow]);
    let read = digits.iter().map(|d| char::from(b'0' + d)).collect();
    Ok((bars(widths, height, limits)?, read))
}

/// `^BQ`: `QA,text` – correction, input, and for manual input the kind of characters.
pub fn qr(data: &str, module: u32, mask: u8, limits: Limits) -> Result<Raster, String> {
    use qrcodegen::{Mask, QrCode, QrCodeEcc, QrSegment, Version};
    let (head, text) = data.split_once(',').ok_or("a QR code wants its correction and a comma before the text")?;
    let mut head = head.chars().rev();
    let by_hand = head.next() == Some('M');
    let correction = match head.next() {
        Some('H') => QrCodeEcc::High,
        Some('M') => QrCodeEcc::Medium,
        Some('L') => QrCodeEcc::Low,
        _ => QrCodeEcc::Quartile,
    };
    let text = match (by_hand, text.as_bytes().first()) {
        (true, Some(b'N' | b'A')) => text.get(1..).unwrap_or_default(),
        (true, Some(b'B')) => text.get(5..).unwrap_or_default(),
        _ => text,
    };
    let segments = QrSegment::make_segments(text);
    let mask = (mask < 8).then(|| Mask::new(mask));
    let code = QrCode::encode_segments_advanced(&segments, correction, Version::MIN, Version::MAX, mask, false)
        .map_err(|e| format!("the text is too long for a QR code: {e}"))?;
    let size = u32::try_from(code.size()).unwrap_or(0);
    squares((size, size), (module, module), limits, |x, y| code.get_module(x.cast_signed(), y.cast_signed()))
}

/// `^BX`, quality 200. `escape` and `1` at the start is GS1's sign.
pub fn data_matrix(data: &str, module: u32, escape: char, limits: Limits) -> Result<Raster, String> {
    // Square unless the label asks otherwise, which is refused.
    let list = datamatrix::SymbolList::default().enforce_square();
    let gs1 = [escape, '_'].iter().find_map(|e| data.strip_prefix(*e)?.strip_prefix('1'));
    let code = match gs1 {
        Some(text) => {
            let text = text.replace(&format!("{escape}1"), "\x1d").replace("_1", "\x1d");
            datamatrix::DataMatrix::encode_gs1(text.as_bytes(), list)
        }
        None => datamatrix::DataMatrix::encode_str(data, list),
    };
    let code = code.map_err(|e| format!("the text is too long for a Data Matrix: {e:?}"))?.bitmap();
    let black: std::collections::HashSet<(usize, usize)> = code.pixels().collect();
    let side = |n: usize| u32::try_from(n).unwrap_or(0);
    squares((side(code.width()), side(code.height())), (module, module), limits, |x, y| {
        black.contains(&(x as usize, y as usize))
    })
}

/// `^B7`. `columns` and `rows` of 0 are the printer's choice: about twice as wide as high.
pub fn pdf417(
    data: &str,
    module: u32,
    row: u32,
    level: u32,
    (columns, rows): (u32, u32),
    limits: Limits,
) -> Result<Raster, String> {
    let mut code = rxing::pdf417::encoder::PDF417::new();
    let span = |n: u32, most: u32| if n == 0 { (most, 1) } else { (n.min(most), n.min(most)) };
    let ((most_columns, least_columns), (most_rows, least_rows)) = (span(columns, 30), span(rows, 90));
    code.setDimensions(most_columns, least_columns, most_rows, least_rows.max(3));
    code.generateBarcodeLogic(data, level.min(8)).map_err(|e| format!("the text makes no PDF417: {e:?}"))?;
    let matrix = code.getBarcodeMatrix().as_ref().ok_or("the text makes no PDF417")?.getScaledMatrix(1, 1);
    let side = |n: usize| u32::try_from(n).unwrap_or(0);
    let width = matrix.first().map_or(0, Vec::len);
    squares((side(width), side(matrix.len())), (module, row), limits, |x, y| {
        matrix.get(y as usize).and_then(|r| r.get(x as usize)).is_some_and(|m| *m == 1)
    })
}

/// Squares of `w` × `h` dots. Asked once a square, not once a dot.
fn squares(
    (across, down): (u32, u32),
    (w, h): (u32, u32),
    limits: Limits,
    black: impl Fn(u32, u32) -> bool,
) -> Result<Raster, String> {
    let mut out = limits.white(across.saturating_mul(w), down.saturating_mul(h)).map_err(|e| e.to_string())?;
    for row in 0..down {
        for column in (0..across).filter(|column| black(*column, row)) {
            for y in row * h..(row + 1) * h {
                for x in column * w..(column + 1) * w {
                    out.set(x, y, true);
                }
            }
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_those_that_the_label_names() {
        let of = invoked;
        assert_eq!(of("Aa"), Ok((vec![104, 33, 65], "Aa".to_owned())));
        assert_eq!(of(">:SF1>512"), Ok((vec![104, 51, 38, 17, 99, 12], "SF112".to_owned())));
        assert_eq!(of(">;>80012"), Ok((vec![105, 102, 0, 12], "0012".to_owned())));
        assert_eq!(of(">;123"), Ok((vec![105, 12, 100, 19], "123".to_owned())));
        assert!(of(">;1A").is_err() && of("A>").is_err() && of(">?").is_err());
    }

    #[test]
    fn the_printers_own_choice_takes_pairs_of_digits() {
        assert_eq!(shortest(b"1Z99912", false), Ok(vec![104, 17, 58, 25, 99, 99, 12]), "an odd digit stays in B");
        assert_eq!(shortest(b"123456", false), Ok(vec![105, 12, 34, 56]));
        assert_eq!(shortest(b"12345", false), Ok(vec![105, 12, 34, 100, 21]));
        assert_eq!(shortest(b"AB", false), Ok(vec![104, 33, 34]));
    }
}
