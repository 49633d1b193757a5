//! A label as one page of PWG raster (PWG 5102.4), for queues that print pages instead of passing jobs on.
//!
//! Pure. The page is exactly the label: its dots are the raster's dots, its resolution the head's, its size the
//! media's, so nothing has a reason to scale it. Pixels are `sgray_8`, 0 and 255 only: the type that page
//! printers take most widely (`black_1` is rarer; the link asks before it sends), and one that no threshold can change.
//! Deliberately absent: several pages, copies, colour.

use crate::placing;
use domain::printer::{EncodeError, Encoder, Media};
use domain::raster::Raster;
use domain::units::Mm;

/// Its MIME type.
pub(crate) const MIME: &str = "image/pwg-raster";
/// What its pixels are called in `pwg-raster-document-type-supported`.
pub(crate) const PIXELS: &str = "sgray_8";

const SYNC: &[u8; 4] = b"RaS2";
const HEADER: usize = 1796;
/// `ColorSpace` of luminance by the sRGB curve, 0 = black.
const SGRAY: u32 = 18;

/// Where the fields stand that are not 0 (PWG 5102.4, table 2). All numbers are 32 bits, big-endian.
mod at {
    pub(super) const HW_RESOLUTION: usize = 276;
    pub(super) const NUM_COPIES: usize = 340;
    pub(super) const PAGE_SIZE: usize = 352;
    pub(super) const WIDTH: usize = 372;
    pub(super) const HEIGHT: usize = 376;
    pub(super) const BITS_PER_COLOR: usize = 384;
    pub(super) const BITS_PER_PIXEL: usize = 388;
    pub(super) const BYTES_PER_LINE: usize = 392;
    pub(super) const COLOR_SPACE: usize = 400;
    pub(super) const NUM_COLORS: usize = 420;
    pub(super) const TOTAL_PAGE_COUNT: usize = 452;
    pub(super) const CROSS_FEED_TRANSFORM: usize = 456;
    pub(super) const FEED_TRANSFORM: usize = 460;
    pub(super) const IMAGE_BOX_RIGHT: usize = 472;
    pub(super) const IMAGE_BOX_BOTTOM: usize = 476;
    pub(super) const ALTERNATE_PRIMARY: usize = 480;
    pub(super) const PAGE_SIZE_NAME: usize = 1732;
}

/// Labels as pages.
pub(crate) struct PwgRaster;

impl Encoder for PwgRaster {
    fn encode(&self, raster: &Raster, media: &Media) -> Result<Vec<u8>, EncodeError> {
        Ok(encode(&*placing::moved(raster, media.offset, media.dpi)?, media))
    }
}

/// One label, one page, one copy.
fn encode(raster: &Raster, media: &Media) -> Vec<u8> {
    let mut job = SYNC.to_vec();
    job.extend(header(raster, media));
    let mut y = 0;
    while y < raster.height() {
        let row = raster.row(y);
        let same = (y + 1..raster.height()).take(255).take_while(|next| raster.row(*next) == row).count();
        // At most 255 by the line above.
        job.push(u8::try_from(same).unwrap_or(u8::MAX));
        pack(raster, y, &mut job);
        y += 1 + u32::from(u8::try_from(same).unwrap_or(u8::MAX));
    }
    job
}

/// One row as runs of 1 to 128 equal pixels. (The format also has stretches of different pixels; rows of labels are
/// runs.)
fn pack(raster: &Raster, y: u32, job: &mut Vec<u8>) {
    let mut x = 0;
    while x < raster.width() {
        let black = raster.get(x, y);
        let more = (x + 1..raster.width()).take(127).take_while(|next| raster.get(*next, y) == black).count();
        let more = u8::try_from(more).unwrap_or(127);
        job.extend([more, if black { 0 } else { 255 }]);
        x += 1 + u32::from(more);
    }
}

fn header(raster: &Raster, media: &Media) -> [u8; HEADER] {
    let mut header = [0; HEADER];
    header[..10].copy_from_slice(b"PwgRaster\0");
    let name = media_name(hundredths(media.size.width), hundredths(media.size.height));
    header[at::PAGE_SIZE_NAME..][..name.len()].copy_from_slice(name.as_bytes());
    let dpi = media.dpi.nominal();
    for (at, number) in [
        (at::HW_RESOLUTION, dpi),
        (at::HW_RESOLUTION + 4, dpi),
        (at::NUM_COPIES, 1),
        (at::PAGE_SIZE, points(media.size.width)),
        (at::PAGE_SIZE + 4, points(media.size.height)),
        (at::WIDTH, raster.width()),
        (at::HEIGHT, raster.height()),
        (at::BITS_PER_COLOR, 8),
        (at::BITS_PER_PIXEL, 8),
        (at::BYTES_PER_LINE, raster.width()),
        (at::COLOR_SPACE, SGRAY),
        (at::NUM_COLORS, 1),
        (at::TOTAL_PAGE_COUNT, 1),
        (at::CROSS_FEED_TRANSFORM, 1),
        (at::FEED_TRANSFORM, 1),
        (at::IMAGE_BOX_RIGHT, raster.width()),
        (at::IMAGE_BOX_BOTTOM, raster.height()),
        (at::ALTERNATE_PRIMARY, 0x00ff_ffff),
    ] {
        header[at..at + 4].copy_from_slice(&number.to_be_bytes());
    }
    header
}

/// The name of a size without a name of its own (PWG 5101.1), from hundredths of a millimetre. At most 64 bytes.
fn media_name(width: u32, height: u32) -> String {
    let size = format!("{}x{}mm", f64::from(width) / 100.0, f64::from(height) / 100.0);
    format!("custom_{size}_{size}")
}

/// Whole hundredths of a millimetre, as IPP counts.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped before the cast")]
fn hundredths(length: Mm) -> u32 {
    (length.0 * 100.0).round().clamp(0.0, 10_000_000.0) as u32
}

/// Whole points of 1/72 inch, as the header counts; only for readers that do not know the size's name.
fn points(length: Mm) -> u32 {
    (hundredths(length) * 72 + 1270) / 2540
}

/// What a job of ours says of its page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Page {
    /// Across and along the feed, in hundredths of a millimetre.
    pub size: (i32, i32),
    /// Dots per inch, the nominal number.
    pub dpi: i32,
}

/// Reads the page's size and resolution back. `None` = not a job of [`PwgRaster`].
pub(crate) fn page(job: &[u8]) -> Option<Page> {
    let header = job.strip_prefix(SYNC)?.get(..HEADER)?;
    let dpi = header[at::HW_RESOLUTION..].first_chunk::<4>()?;
    let name = std::str::from_utf8(&header[at::PAGE_SIZE_NAME..]).ok()?.trim_end_matches('\0');
    let (_, size) = name.strip_prefix("custom_")?.split_once('_')?;
    let (width, height) = size.strip_suffix("mm")?.split_once('x')?;
    let read = |mm: &str| mm.parse().ok().filter(|mm: &f64| mm.is_finite()).map(|mm| hundredths(Mm(mm)));
    let read = |mm: &str| i32::try_from(read(mm)?).ok();
    Some(Page { size: (read(width)?, read(height)?), dpi: i32::try_from(u32::from_be_bytes(*dpi)).ok()? })
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::units::{Dpi, LabelSize};
    use proptest::prelude::*;

    fn media(width: f64, height: f64, dpi: Dpi) -> Media {
        Media::usual(LabelSize { width: Mm(width), height: Mm(height) }, dpi)
    }

    #[test]
    fn a_page_says_exactly_how_large_it_is() {
        for (width, height, dpi, size, nominal) in [
            (100.0, 180.0, Dpi::D203, (10_000, 18_000), 203),
            (101.6, 152.4, Dpi::D300, (10_160, 15_240), 300),
            (76.0, 130.0, Dpi::D600, (7_600, 13_000), 600),
        ] {
            let job = encode(&Raster::white(8, 8), &media(width, height, dpi));
            assert_eq!(page(&job), Some(Page { size, dpi: nominal }), "{width} × {height}");
        }
        let job = encode(&Raster::white(800, 1440), &media(100.0, 180.0, Dpi::D203));
        let text = |from: usize, text: &str| job[4 + from..].starts_with(text.as_bytes());
        assert!(text(at::PAGE_SIZE_NAME, "custom_100x180mm_100x180mm\0"));
        assert!(job.len() < 2000, "a white page is short: {}", job.len());
        assert_eq!(points(Mm(25.4)), 72);
    }

    #[test]
    fn only_our_own_pages_are_taken_for_pages() {
        for job in [&b""[..], b"RaS2", b"SIZE 100 mm,180 mm\r\n", &[0; 2000]] {
            assert_eq!(page(job), None);
        }
    }

    proptest! {
        #[test]
        fn no_job_makes_reading_panic(mut job in prop::collection::vec(any::<u8>(), 1800..1900), name in "[ -~]{0,64}") {
            job[..4].copy_from_slice(SYNC);
            job[4 + at::PAGE_SIZE_NAME..][..name.len()].copy_from_slice(name.as_bytes());
            job.truncate(4 + HEADER);
            let _ = page(&job);
        }
    }
}
