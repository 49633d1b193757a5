//! CPCL sessions on a label: `! offset h v height copies` … `PRINT`, with `PAGE-WIDTH`, `EG` and `CG`.

use super::canvas::{self, Block, Ink};
use super::reader::LineEnd;
use domain::raster::Raster;
use domain::units::{Dpi, Mm};

/// The session that is open, and the picture of the last one.
pub(crate) struct Cpcl {
    usual_width: u32,
    page: Raster,
    copies: Option<u32>,
}

impl Cpcl {
    pub(crate) fn new(dpi: Dpi) -> Self {
        Self { usual_width: dpi.dots(Mm(104.0)).0, page: Raster::white(1, 1), copies: None }
    }

    pub(crate) fn page(&self) -> &Raster {
        &self.page
    }

    /// Whether lines belong to a session.
    pub(crate) fn is_open(&self) -> bool {
        self.copies.is_some()
    }

    /// Starts a session, also inside one that was cut; `false` = the line does not start one.
    pub(crate) fn begin(&mut self, line: &str) -> bool {
        let Some(rest) = line.trim().strip_prefix('!') else { return false };
        let numbers: Option<Vec<u32>> = rest.split_ascii_whitespace().map(|n| n.parse().ok()).collect();
        let Some(&[_offset, _across, _along, height @ 1..=65_535, copies]) = numbers.as_deref() else { return false };
        self.page = Raster::white(self.usual_width, height);
        self.copies = Some(copies);
        true
    }

    /// One line of a session; its end may hang on it.
    pub(crate) fn line(&mut self, line: &str) -> LineEnd {
        let line = line.trim();
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word.to_ascii_uppercase().as_str() {
            "PAGE-WIDTH" | "PW" => match rest.trim().parse() {
                Ok(width @ 1..=4096) => {
                    // What is drawn already stays.
                    let mut page = Raster::white(width, self.page.height());
                    canvas::blit(&mut page, 0, 0, self.page.stride(), self.page.bits(), Ink::Replace);
                    self.page = page;
                    LineEnd::Done
                }
                _ => LineEnd::NotDrawn(line.chars().take(60).collect()),
            },
            "PRINT" => LineEnd::Print(self.copies.take().unwrap_or(1)),
            "CONTRAST" | "TONE" | "SPEED" | "GAP-SENSE" | "BAR-SENSE" | "FORM" | "" => LineEnd::Done,
            _ => LineEnd::NotDrawn(line.chars().take(60).collect()),
        }
    }

    /// The dots of `EG` or `CG`; 1 burns. They add to what is there.
    pub(crate) fn graphic(&mut self, block: Block, data: &[u8]) {
        canvas::blit(&mut self.page, block.x, block.y, block.row_bytes, data, block.ink);
    }
}

/// Whether a line has dots behind its numbers.
pub(crate) fn is_graphic(head: &[u8]) -> bool {
    head.starts_with(b"EG ") || head.starts_with(b"CG ")
}

/// Reads `EG w h x y ` (or `CG`): the block, whether its dots are hex, and how many bytes the head takes. `None` = not
/// all there, or wrong.
pub(crate) fn graphic_head(head: &[u8]) -> Option<(Block, bool, usize)> {
    let fifth_space = head.iter().enumerate().filter(|(_, b)| **b == b' ').map(|(i, _)| i).nth(4)?;
    let text = std::str::from_utf8(&head[..fifth_space]).ok()?;
    let numbers: Vec<u32> = text.split(' ').skip(1).map(|n| n.parse().ok()).collect::<Option<_>>()?;
    let [row_bytes, rows, x, y] = numbers[..] else { return None };
    let block = Block { x, y, row_bytes: row_bytes as usize, rows: rows as usize, ink: Ink::Or }.checked()?;
    Some((block, head[0] == b'E', fifth_space + 1))
}
