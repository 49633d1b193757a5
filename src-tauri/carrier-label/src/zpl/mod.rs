//! ZPL: the commands that carriers' labels are made of, drawn as the printer would. Facts: Zebra's Programming Guide (ZPL II).
//!
//! Graphics and bars are dot for dot the printer's; text stands where the label says, in the caller's font, because the printer's
//! own fonts are nobody's to ship. What would draw something that is not known here refuses the label by the command's name.

mod commands;
mod field;
mod graphic;
mod label;
mod symbols;
mod text;

use crate::picture;
use crate::{Kind, MAX_PAGES, ReadError, Want};
use domain::raster::Raster;

/// The dots of a page, how many pages there are, and which commands meant nothing here.
pub fn page(bytes: &[u8], want: &Want<'_>) -> Result<(Raster, u32, Vec<String>), ReadError> {
    let commands = commands::split(bytes)?;
    let ranges = label::pages(&commands);
    let pages = u32::try_from(ranges.len()).unwrap_or(u32::MAX);
    if pages > MAX_PAGES {
        return Err(ReadError::TooManyPages { pages });
    }
    let nth = want.page.checked_sub(1).and_then(|n| ranges.get(n as usize)).cloned();
    let Some(range) = nth else { return Err(ReadError::NoSuchPage { page: want.page, pages }) };
    let (dots, said, ignored) = label::draw(&commands, range, want)?;
    // A label that says its width and length was made for a paper: at another resolution it would come out smaller or larger.
    let dots = if said { picture::as_dots(dots, Kind::Zpl, None, want)? } else { dots };
    Ok((dots, pages, ignored))
}
