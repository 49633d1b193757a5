//! PDF417 (ISO/IEC 15438): text → modules. Written here because the one small crate for it states no licence.
//!
//! Text, numeric and byte compaction by simple rules, not the shortest encoding there is; UTF-8 behind ECI 26 where text is
//! not ASCII; error correction at the level that the standard recommends for the amount of data.
//! Absent: Macro, Micro and truncated PDF417.

use crate::scene::Grid;

mod compaction;
mod correction;
mod patterns;

use patterns::PATTERNS;

/// Height of a row in modules: the least that the standard allows (5.8.2), and what keeps a label's symbol small.
pub const ROW: i32 = 3;
const START: [u8; 8] = [8, 1, 1, 1, 1, 1, 1, 3];
const STOP: [u8; 9] = [7, 1, 1, 3, 1, 1, 1, 2, 1];
/// Fewest rows: the standard allows 3, but readers lose so flat a symbol when it is turned.
const FEWEST_ROWS: usize = 5;
/// Codeword that fills what is left (a latch to where the reader is already).
const PAD: u16 = 900;
/// Modules of a row beside its data: start, two row indicators, stop.
const AROUND: usize = 17 * 3 + 18;

/// Data codewords of a text with what protects them, before a shape is chosen.
pub struct Message {
    data: Vec<u16>,
    level: u32,
}

/// Columns of data and rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    columns: usize,
    rows: usize,
}

impl Shape {
    /// Modules across, without the quiet zone.
    pub fn width(self) -> i32 {
        i32::try_from(17 * self.columns + AROUND).unwrap_or(i32::MAX)
    }
    /// Modules down, without the quiet zone.
    pub fn height(self) -> i32 {
        i32::try_from(self.rows).unwrap_or(i32::MAX / ROW) * ROW
    }
}

impl Message {
    /// Compacts the text. The caller bounds its length.
    pub fn new(text: &str) -> Self {
        let data = compaction::codewords(text);
        // Recommended levels for 1–40, 41–160, 161–320 and more codewords (annex E).
        let level = match data.len() {
            0..=40 => 2,
            41..=160 => 3,
            161..=320 => 4,
            _ => 5,
        };
        Self { data, level }
    }

    /// Every shape that holds it: 1 to 30 columns, 5 to 90 rows, at most 928 codewords.
    pub fn shapes(&self) -> impl Iterator<Item = Shape> + '_ {
        let count = 1 + self.data.len() + correction::count(self.level);
        (1..=30)
            .map(move |columns| Shape { columns, rows: count.div_ceil(columns).max(FEWEST_ROWS) })
            .filter(|s| s.rows <= 90 && s.rows * s.columns <= 928)
    }

    /// The modules of a shape that [`Message::shapes`] gave; a row of the grid is a row of codewords.
    pub fn grid(&self, shape: Shape) -> Grid {
        let Shape { columns, rows } = shape;
        let room = columns * rows - correction::count(self.level);
        let mut words = vec![u16::try_from(room).unwrap_or_default()];
        words.extend(&self.data);
        words.resize(room, PAD);
        words.extend(correction::codewords(&words, self.level));

        let number = |n: usize| u16::try_from(n).unwrap_or_default();
        let (thirds, rest) = ((rows - 1) / 3, (rows - 1) % 3);
        let indicators = [thirds, self.level as usize * 3 + rest, columns - 1].map(number);
        let mut dark = Vec::with_capacity(rows * (17 * columns + AROUND));
        for (row, words) in words.chunks_exact(columns).enumerate() {
            let cluster = row % 3;
            let base = 30 * number(row / 3);
            draw(&mut dark, &START);
            draw(&mut dark, pattern(cluster, base + indicators[cluster]));
            words.iter().for_each(|w| draw(&mut dark, pattern(cluster, *w)));
            // The right indicator says what the left one says a row later.
            draw(&mut dark, pattern(cluster, base + indicators[(cluster + 2) % 3]));
            draw(&mut dark, &STOP);
        }
        Grid { columns: shape.width(), dark }
    }
}

/// Eight widths; a digit of the table is its ASCII code, of which the lower half is the number.
fn pattern(cluster: usize, word: u16) -> &'static [u8] {
    let at = usize::from(word) * 8;
    PATTERNS[cluster].get(at..at + 8).unwrap_or_default()
}

fn draw(dark: &mut Vec<bool>, widths: &[u8]) {
    for (i, w) in widths.iter().enumerate() {
        dark.extend(std::iter::repeat_n(i % 2 == 0, usize::from(w & 0x0f)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_obeys_the_law_of_its_cluster() {
        for (cluster, table) in PATTERNS.iter().enumerate() {
            let mut seen = std::collections::BTreeSet::new();
            for w in table.chunks_exact(8) {
                let w: Vec<i32> = w.iter().map(|d| i32::from(d - b'0')).collect();
                assert_eq!(w.iter().sum::<i32>(), 17);
                assert!(w.iter().all(|w| (1..=6).contains(w)));
                let sum = (w[0] - w[2] + w[4] - w[6]).rem_euclid(9);
                assert_eq!(usize::try_from(sum), Ok(cluster * 3));
                assert!(seen.insert(w), "a pattern stands for one codeword");
            }
            assert_eq!(seen.len(), 929);
        }
    }

    #[test]
    fn shapes_hold_the_message_and_stay_within_the_standard() {
        for text in ["A", "SF1234567890123", &"快递 Express 123 ".repeat(15)] {
            let m = Message::new(text);
            let mut shapes = 0;
            for s in m.shapes() {
                shapes += 1;
                let grid = m.grid(s);
                assert_eq!((grid.columns, grid.rows() * ROW), (s.width(), s.height()));
                assert!(s.rows >= FEWEST_ROWS && s.columns * s.rows > m.data.len());
            }
            assert!(shapes > 0, "{text}");
        }
    }
}
