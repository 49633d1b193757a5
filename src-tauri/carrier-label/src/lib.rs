//! Labels that carriers and platforms made, read to dots: PDF, PNG, GIF and ZPL become the one thing that printer languages take.
//!
//! Invariants: 1:1, never scaled to fit; black or white by a threshold, never dithered; what a file holds is told by its first
//! bytes, not by its name; bounded in bytes, pages, dots and time; no input panics. What cannot be read whole is refused with the
//! reason, never drawn in part in silence. Absent: I/O, printer languages, states of a print job.

mod bars;
mod bounds;
mod error;
mod fit;
mod pdf;
mod picture;
mod zpl;

pub use bars::{Symbol, Verdict, has_a_carriers_form, likely_number, read as symbols, verdict};
pub use bounds::Limits;
pub use error::ReadError;

use domain::raster::Raster;
use domain::units::{Dpi, LabelSize};

/// Longest file.
pub const MAX_BYTES: usize = 10 * 1024 * 1024;
/// Most pages of a file.
pub const MAX_PAGES: u32 = 50;

/// What a file is, told by its first bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `%PDF-`
    Pdf,
    /// A PNG picture.
    Png,
    /// A GIF picture.
    Gif,
    /// Zebra's language.
    Zpl,
}

impl Kind {
    /// As people write it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Png => "PNG",
            Self::Gif => "GIF",
            Self::Zpl => "ZPL",
        }
    }
}

/// For which printer a label is read.
#[derive(Clone, Copy, Debug)]
pub struct Want<'a> {
    /// Its resolution.
    pub dpi: Dpi,
    /// The label in it.
    pub paper: LabelSize,
    /// Which page, from 1.
    pub page: u32,
    /// A TrueType or OpenType file for the text of ZPL labels, whose printers have fonts of their own.
    pub font: &'a [u8],
    /// How much is read at most; [`Limits::LABEL`] but in tests.
    pub limits: Limits,
}

/// A label as dots, exactly the paper's size.
#[derive(Clone, Debug)]
pub struct Read {
    /// The dots.
    pub raster: Raster,
    /// What the file was.
    pub kind: Kind,
    /// The page's own size.
    pub size: LabelSize,
    /// How many pages the file has.
    pub pages: u32,
    /// What of the page was moved to fit; nothing is ever scaled.
    pub placed: Placed,
    /// Commands of a ZPL label that mean nothing here and draw nothing, by name.
    pub ignored: Vec<String>,
    /// Symbols that a reader finds in the dots.
    pub found: Vec<Symbol>,
}

/// How a page came onto the paper.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Placed {
    /// White around the label was cut off.
    pub cropped: bool,
    /// Turned by 90°.
    pub turned: bool,
}

/// What the bytes are.
pub fn kind(bytes: &[u8]) -> Option<Kind> {
    let start = &bytes[..bytes.len().min(1024)];
    if bytes.starts_with(b"\x89PNG\r\n\x1a\n") {
        Some(Kind::Png)
    } else if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") {
        Some(Kind::Gif)
    } else if start.windows(5).any(|w| w == b"%PDF-") {
        Some(Kind::Pdf)
    } else if bytes.windows(3).any(|w| w.eq_ignore_ascii_case(b"^XA")) {
        Some(Kind::Zpl)
    } else {
        None
    }
}

/// Reads one page of a label that somebody else made, and the symbols on it.
pub fn read(bytes: &[u8], want: &Want<'_>) -> Result<Read, ReadError> {
    let read = dots(bytes, want)?;
    let found = bars::read(&read.raster);
    Ok(Read { found, ..read })
}

/// As [`read`], without looking for symbols.
pub fn dots(bytes: &[u8], want: &Want<'_>) -> Result<Read, ReadError> {
    if bytes.len() > MAX_BYTES {
        return Err(ReadError::FileTooLarge { bytes: bytes.len() });
    }
    let kind = kind(bytes).ok_or(ReadError::UnknownKind)?;
    let (page, pages, ignored) = match kind {
        Kind::Pdf => bounds::guarded(kind, {
            let (bytes, dpi, page, limits) = (bytes.to_vec(), want.dpi, want.page, want.limits);
            move || pdf::page(bytes, dpi, page, limits)
        })
        .map(|(p, n)| (p, n, Vec::new()))?,
        Kind::Png => (picture::png(bytes, want)?, 1, Vec::new()),
        Kind::Gif => (picture::gif(bytes, want)?, 1, Vec::new()),
        Kind::Zpl => zpl::page(bytes, want)?,
    };
    if page.black_dots() == 0 {
        return Err(ReadError::Empty { page: want.page });
    }
    let size = fit::size(&page, want.dpi);
    let (raster, placed) = fit::onto(&page, want)?;
    Ok(Read { raster, kind, size, pages, placed, ignored, found: Vec::new() })
}
