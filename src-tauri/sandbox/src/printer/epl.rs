//! EPL2 forms on a label: `N q Q R GW P`. Letters' case counts. What sets the printer up is read and passed over.

use super::canvas::{self, Block, Ink};
use super::reader::LineEnd;
use domain::raster::Raster;
use domain::units::{Dpi, Mm};

/// The picture of the form and what was set for it.
pub(crate) struct Epl {
    page: Raster,
    origin: (u32, u32),
}

impl Epl {
    pub(crate) fn new(dpi: Dpi) -> Self {
        Self { page: Raster::white(dpi.dots(Mm(104.0)).0, dpi.dots(Mm(150.0)).0), origin: (0, 0) }
    }

    pub(crate) fn page(&self) -> &Raster {
        &self.page
    }

    /// One line; its end may hang on it.
    pub(crate) fn line(&mut self, line: &str) -> LineEnd {
        let line = line.trim();
        let (letter, rest) = line.split_at(line.chars().next().map_or(0, char::len_utf8));
        let numbers: Vec<Option<u32>> = rest.split(',').map(|n| n.trim().parse().ok()).collect();
        match (letter, numbers.as_slice()) {
            ("N", _) => self.empty(self.page.width(), self.page.height()),
            // Both empty the picture, too.
            ("q", [Some(width), ..]) => self.empty(*width, self.page.height()),
            ("Q", [Some(height), ..]) => self.empty(self.page.width(), *height),
            ("R", [Some(x), Some(y)]) => {
                self.origin = (*x, *y);
                LineEnd::Done
            }
            ("P", [Some(sets)]) => LineEnd::Print(*sets),
            ("P", [Some(sets), Some(copies)]) => LineEnd::Print(sets.saturating_mul(*copies)),
            ("x", _) if rest == "a" => LineEnd::Calibrate,
            ("S" | "D" | "Z" | "O" | "I", _) => LineEnd::Done,
            _ => LineEnd::NotDrawn(line.chars().take(60).collect()),
        }
    }

    /// The data of a `GW`; 0 burns. Dots add to what is there.
    pub(crate) fn graphic(&mut self, block: Block, data: &[u8]) {
        let black: Vec<u8> = data.iter().map(|b| !b).collect();
        let (x, y) = (block.x.saturating_add(self.origin.0), block.y.saturating_add(self.origin.1));
        canvas::blit(&mut self.page, x, y, block.row_bytes, &black, block.ink);
    }

    fn empty(&mut self, width: u32, height: u32) -> LineEnd {
        if width == 0 || height == 0 || width > 4096 || height > 65_535 {
            return LineEnd::NotDrawn(format!("a label of {width} × {height} dots"));
        }
        self.page = Raster::white(width, height);
        LineEnd::Done
    }
}

/// Whether a line is EPL2's: its commands are one letter and a number, where TSPL's are words.
pub(crate) fn is_form(head: &[u8]) -> bool {
    matches!(
        head,
        [b'N', b'\r' | b'\n', ..]
            | [b'q' | b'Q' | b'R' | b'S' | b'D' | b'P' | b'A' | b'B' | b'b' | b'X' | b'I', b'0'..=b'9', ..]
            | [b'Z', b'T' | b'B', ..]
            | [b'O', _, b'\r' | b'\n', ..]
            | [b'x', b'a', b'\r' | b'\n', ..]
            | [b'G', b'W', ..]
    )
}

/// Reads `GWx,y,wbytes,h,` up to and with the fourth comma.
pub(crate) fn graphic_head(text: &[u8]) -> Option<Block> {
    let text = std::str::from_utf8(text).ok()?;
    let numbers: Vec<u32> =
        text.get(2..)?.trim_end_matches(',').split(',').map(|n| n.trim().parse().ok()).collect::<Option<_>>()?;
    let [x, y, row_bytes, rows] = numbers[..] else { return None };
    Block { x, y, row_bytes: row_bytes as usize, rows: rows as usize, ink: Ink::Or }.checked()
}
