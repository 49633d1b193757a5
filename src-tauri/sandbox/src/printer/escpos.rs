//! ESC/POS raster rows on paper: `GS v 0`. They are printed as they come, so nothing takes them back; a feed ends the
//! label.

use super::canvas::{self, Ink};
use domain::raster::Raster;

/// Bytes of `GS v 0 m xL xH yL yH`.
pub(crate) const HEAD: usize = 8;

/// Rows since the last feed.
#[derive(Default)]
pub(crate) struct Escpos {
    bands: Vec<(usize, Vec<u8>)>,
}

impl Escpos {
    /// Rows of `row_bytes` bytes; 1 burns.
    pub(crate) fn rows(&mut self, row_bytes: usize, data: &[u8]) {
        if !data.is_empty() {
            self.bands.push((row_bytes, data.to_vec()));
        }
    }

    /// The label so far, if there is one; as wide as its widest row.
    pub(crate) fn tear_off(&mut self) -> Option<Raster> {
        let bands = std::mem::take(&mut self.bands);
        let dots = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let width = bands.iter().map(|(row_bytes, _)| dots(row_bytes * 8)).max()?;
        let height = bands.iter().map(|(row_bytes, data)| dots(data.len() / row_bytes)).sum();
        let mut page = Raster::white(width, height);
        let mut y = 0;
        for (row_bytes, data) in bands {
            canvas::blit(&mut page, 0, y, row_bytes, &data, Ink::Replace);
            y += dots(data.len() / row_bytes);
        }
        Some(page)
    }
}

/// Bytes a row and rows of a `GS v 0` at normal size; `None` = not one, or too large for any printer.
pub(crate) fn raster_head(head: &[u8]) -> Option<(usize, usize)> {
    let [0x1d, b'v', b'0', 0 | b'0', xl, xh, yl, yh, ..] = *head else { return None };
    let (row_bytes, rows) = (u16::from_le_bytes([xl, xh]), u16::from_le_bytes([yl, yh]));
    (1..=1024).contains(&row_bytes).then_some((usize::from(row_bytes), usize::from(rows)))
}
