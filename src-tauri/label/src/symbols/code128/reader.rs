//! A Code 128 reader for tests. Shares nothing with the encoder: its table holds dots, not widths, and was taken from symbols
//! that zxing-cpp drew (102, FNC1, from the standard).

/// Eleven modules of each value, 1 = bar.
#[rustfmt::skip]
const CHARACTERS: [&str; 106] = [
    "11011001100", "11001101100", "11001100110", "10010011000", "10010001100", "10001001100", "10011001000", "10011000100",
    "10001100100", "11001001000", "11001000100", "11000100100", "10110011100", "10011011100", "10011001110", "10111001100",
    "10011101100", "10011100110", "11001110010", "11001011100", "11001001110", "11011100100", "11001110100", "11101101110",
    "11101001100", "11100101100", "11100100110", "11101100100", "11100110100", "11100110010", "11011011000", "11011000110",
    "11000110110", "10100011000", "10001011000", "10001000110", "10110001000", "10001101000", "10001100010", "11010001000",
    "11000101000", "11000100010", "10110111000", "10110001110", "10001101110", "10111011000", "10111000110", "10001110110",
    "11101110110", "11010001110", "11000101110", "11011101000", "11011100010", "11011101110", "11101011000", "11101000110",
    "11100010110", "11101101000", "11101100010", "11100011010", "11101111010", "11001000010", "11110001010", "10100110000",
    "10100001100", "10010110000", "10010000110", "10000101100", "10000100110", "10110010000", "10110000100", "10011010000",
    "10011000010", "10000110100", "10000110010", "11000010010", "11001010000", "11110111010", "11000010100", "10001111010",
    "10100111100", "10010111100", "10010011110", "10111100100", "10011110100", "10011110010", "11110100100", "11110010100",
    "11110010010", "11011011110", "11011110110", "11110110110", "10101111000", "10100011110", "10001011110", "10111101000",
    "10111100010", "11110101000", "11110100010", "10111011110", "10111101110", "11101011110", "11110101110", "11010000100",
    "11010010000", "11010011100",
];
const STOP: &str = "1100011101011";

/// The text of a symbol given as modules, 1 = bar, or what is wrong with it.
pub fn read(modules: &str) -> Result<Vec<u8>, String> {
    let body = modules.strip_suffix(STOP).ok_or("no stop")?;
    if body.len() % 11 != 0 {
        return Err("not whole characters".into());
    }
    let mut values = Vec::new();
    for i in (0..body.len()).step_by(11) {
        let part = &body[i..i + 11];
        values.push(CHARACTERS.iter().position(|c| *c == part).ok_or_else(|| format!("{part} is no character"))?);
    }
    let check = values.pop().ok_or("empty")?;
    let start = *values.first().ok_or("empty")?;
    let sum: usize = start + values.iter().enumerate().map(|(i, v)| i * v).sum::<usize>();
    if sum % 103 != check {
        return Err("wrong check character".into());
    }
    let mut set = match start {
        103 => 'A',
        104 => 'B',
        105 => 'C',
        v => return Err(format!("{v} is no start")),
    };
    let mut text = Vec::new();
    let mut shifted = false;
    for v in &values[1..] {
        let now = match (set, shifted) {
            ('A', true) => 'B',
            ('B', true) => 'A',
            (s, _) => s,
        };
        shifted = false;
        match (now, *v) {
            ('C', v @ 0..=99) => text.extend_from_slice(format!("{v:02}").as_bytes()),
            (_, 102) => return Err("FNC1".into()),
            ('C', 100) | ('A', 100) => set = 'B',
            ('C', 101) | ('B', 101) => set = 'A',
            (_, 99) => set = 'C',
            (_, 98) => shifted = true,
            ('A', v @ 64..=95) => text.push(u8::try_from(v).unwrap() - 64),
            ('A', v @ 0..=63) | ('B', v @ 0..=95) => text.push(u8::try_from(v).unwrap() + 32),
            (s, v) => return Err(format!("value {v} in set {s}")),
        }
    }
    Ok(text)
}
