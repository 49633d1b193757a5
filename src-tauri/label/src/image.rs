//! Images in templates: a small greyscale PNG as base64 → dots.
//!
//! Invariants: decoded and bounded when the template is read, so that drawing cannot fail; dots depend on the image and the
//! size only (whole-number arithmetic). Absent: colour, transparency, dithering.

use crate::flaw::Flaw;
use crate::scene::Area;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use domain::raster::Raster;
use std::sync::Arc;

/// Longest base64 text; a mark or a short word, not a photograph.
const MOST_TEXT: usize = 64 * 1024;
/// Most pixels each way.
const MOST_SIDE: u32 = 1024;

/// Greys of an image, 0 black to 255 white, row by row.
#[derive(Clone)]
pub struct Image {
    width: u32,
    height: u32,
    greys: Arc<Vec<u8>>,
}

impl std::fmt::Debug for Image {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Image({}×{})", self.width, self.height)
    }
}

impl Image {
    /// Base64 of a PNG in greyscale of any depth, without transparency, up to 1024 × 1024.
    pub fn read(text: &str) -> Result<Self, Flaw> {
        if text.len() > MOST_TEXT {
            return Err(Flaw::ImageLong { most: MOST_TEXT });
        }
        let text: String = text.split_ascii_whitespace().collect();
        let bytes = STANDARD.decode(text).map_err(|_| Flaw::ImageBase64 {})?;
        let broken = |_: png::DecodingError| Flaw::ImagePng {};
        let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
        decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
        let mut reader = decoder.read_info().map_err(broken)?;
        let (width, height) = reader.info().size();
        if width > MOST_SIDE || height > MOST_SIDE {
            return Err(Flaw::ImagePixels { most: MOST_SIDE, width, height });
        }
        if reader.output_color_type().0 != png::ColorType::Grayscale {
            return Err(Flaw::ImageGrey {});
        }
        let size = reader.output_buffer_size().ok_or(Flaw::ImagePixels { most: MOST_SIDE, width, height })?;
        let mut greys = vec![0; size];
        let info = reader.next_frame(&mut greys).map_err(broken)?;
        greys.truncate(info.buffer_size());
        Ok(Self { width, height, greys: Arc::new(greys) })
    }
}

impl Image {
    /// As large as the area allows without changing its proportions, in the middle of it. Enlarged by a whole number
    /// where it is smaller, so that its pixels stay squares; else each dot is the mean of what it covers, black below 128.
    pub fn dots(&self, area: Area) -> Option<(Area, Raster)> {
        let room = (u64::try_from(area.w).ok()?, u64::try_from(area.h).ok()?);
        let own = (u64::from(self.width), u64::from(self.height));
        let times = (room.0 / own.0).min(room.1 / own.1);
        let (w, h) = if times > 0 {
            (own.0 * times, own.1 * times)
        } else if room.0 * own.1 <= room.1 * own.0 {
            (room.0, (own.1 * room.0 / own.0).max(1))
        } else {
            ((own.0 * room.1 / own.1).max(1), room.1)
        };
        let (w, h) = (u32::try_from(w).ok()?, u32::try_from(h).ok()?);
        if w == 0 || h == 0 {
            return None;
        }
        let mut dots = Raster::white(w, h);
        for y in 0..h {
            for x in 0..w {
                dots.set(x, y, self.mean(share(x, w, self.width), share(y, h, self.height)) < 128);
            }
        }
        let (w, h) = (w.cast_signed(), h.cast_signed());
        Some((Area { x: area.x + (area.w - w) / 2, y: area.y + (area.h - h) / 2, w, h }, dots))
    }

    fn mean(&self, columns: std::ops::Range<usize>, rows: std::ops::Range<usize>) -> usize {
        let count = columns.len() * rows.len();
        let row = |y: usize| &self.greys[y * self.width as usize..][columns.clone()];
        rows.map(|y| row(y).iter().map(|g| usize::from(*g)).sum::<usize>()).sum::<usize>() / count.max(1)
    }
}

/// The pixels that dot `i` of `count` covers: whole ones, at least one.
fn share(i: u32, count: u32, pixels: u32) -> std::ops::Range<usize> {
    let at = |i: u32| (u64::from(i) * u64::from(pixels) / u64::from(count.max(1))) as usize;
    let from = at(i);
    from..at(i + 1).max(from + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(width: u32, height: u32, color: png::ColorType, greys: &[u8]) -> String {
        let mut out = Vec::new();
        let mut encoder = png::Encoder::new(&mut out, width, height);
        encoder.set_color(color);
        encoder.write_header().unwrap().write_image_data(greys).unwrap();
        STANDARD.encode(out)
    }

    #[test]
    fn greys_become_dots_at_128_and_keep_their_proportions() {
        let image = Image::read(&png(2, 1, png::ColorType::Grayscale, &[127, 128])).unwrap();
        let (at, dots) = image.dots(Area { x: 10, y: 10, w: 9, h: 9 }).unwrap();
        assert_eq!(at, Area { x: 10, y: 12, w: 8, h: 4 }, "four times as large, in the middle");
        assert!(dots.get(3, 0) && dots.get(0, 3) && !dots.get(4, 0));
        let image = Image::read(&png(
            4,
            4,
            png::ColorType::Grayscale,
            &[0, 255, 0, 0, 0, 255, 0, 0, 255, 255, 9, 9, 9, 255, 9, 9],
        ))
        .unwrap();
        let (at, dots) = image.dots(Area { x: 0, y: 0, w: 3, h: 2 }).unwrap();
        assert_eq!((at.w, at.h), (2, 2));
        assert!(dots.get(0, 0) && dots.get(1, 0) && !dots.get(0, 1) && dots.get(1, 1), "means of two by two");
        assert!(image.dots(Area { x: 0, y: 0, w: 0, h: 5 }).is_none());
    }

    #[test]
    fn broken_coloured_and_huge_images_are_refused() {
        let whole = png(2, 2, png::ColorType::Grayscale, &[0; 4]);
        let mut cut = STANDARD.decode(&whole).unwrap();
        cut.truncate(cut.len() - 20);
        for (bad, says) in [
            ("%".to_owned(), Flaw::ImageBase64 {}),
            ("AAAA".to_owned(), Flaw::ImagePng {}),
            (String::new(), Flaw::ImagePng {}),
            (STANDARD.encode(cut), Flaw::ImagePng {}),
            (png(1, 1, png::ColorType::Rgb, &[0; 3]), Flaw::ImageGrey {}),
            (png(1, 1, png::ColorType::GrayscaleAlpha, &[0; 2]), Flaw::ImageGrey {}),
            (
                png(1025, 1, png::ColorType::Grayscale, &[0; 1025]),
                Flaw::ImagePixels { most: 1024, width: 1025, height: 1 },
            ),
            ("A".repeat(70_000), Flaw::ImageLong { most: 65_536 }),
        ] {
            assert_eq!(Image::read(&bad).unwrap_err(), says);
        }
    }
}
