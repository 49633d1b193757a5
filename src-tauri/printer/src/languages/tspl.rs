//! TSPL / TSPL2 (TSC, Gprinter, Xprinter, HPRT …): the label as one `BITMAP` in overwrite mode.
//!
//! In TSPL a **0** bit prints, so the raster is inverted and the padding at the right end of each row becomes 1 (white).
//! The binary data has no check but its byte count, therefore the job is one buffer for one connection. `CLS` always
//! stands before it: without it the previous label's picture would stay. Source: TSPL2 programming manual; polarity as
//! four independent producers send it.
//!
//! Deliberately absent: text, bar codes and fonts of the printer, `CODEPAGE` (only matters for text), compressed modes.

use domain::printer::{Encoder, Media};
use domain::raster::Raster;
use std::io::Write;

/// Darkest step of `DENSITY`.
const DARKEST: u8 = 15;

/// The encoder.
pub(crate) struct Tspl;

impl Encoder for Tspl {
    fn encode(&self, raster: &Raster, media: &Media) -> Vec<u8> {
        let stride = raster.stride();
        let mut job = Vec::with_capacity(raster.bits().len() + 320);
        // Numbers print without a trailing ".0" and with a point in every locale.
        put(
            &mut job,
            format_args!(
                "SIZE {} mm,{} mm\r\nGAP {} mm,0 mm\r\nREFERENCE 0,0\r\nOFFSET 0 mm\r\nSPEED {}\r\nDENSITY {}\r\n\
                 DIRECTION 1,0\r\nSET TEAR ON\r\nCLS\r\n",
                micrometres(media.size.width.0),
                micrometres(media.size.height.0),
                micrometres(media.gap_mm.max(0.0)),
                media.speed.max(1),
                media.darkness.min(DARKEST),
            ),
        );
        if !raster.bits().is_empty() {
            put(&mut job, format_args!("BITMAP 0,0,{stride},{},0,", raster.height()));
            let start = job.len();
            job.extend(raster.bits().iter().map(|b| !b));
            let padding = padding(raster.width());
            if padding != 0 {
                for row in job[start..].chunks_exact_mut(stride) {
                    row[stride - 1] |= padding;
                }
            }
            job.extend_from_slice(b"\r\n");
        }
        job.extend_from_slice(b"PRINT 1,1\r\n");
        job
    }
}

fn put(job: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    job.write_fmt(text).expect("writing to memory does not fail");
}

/// Millimetres without the digits that only arithmetic put there.
fn micrometres(mm: f64) -> f64 {
    (mm * 1000.0).round() / 1000.0
}

/// Bits of a row's last byte that lie outside the picture.
fn padding(width: u32) -> u8 {
    match width % 8 {
        0 => 0,
        used => 0xff >> used,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::units::{Dpi, LabelSize, Mm};

    fn media(width: f64, height: f64) -> Media {
        let size = LabelSize { width: Mm(width), height: Mm(height) };
        Media { size, dpi: Dpi::D203, gap_mm: 2.0, speed: 4, darkness: 8 }
    }

    #[test]
    fn a_job_is_the_documented_skeleton_with_inverted_dots() {
        let mut raster = Raster::white(10, 2);
        raster.set(0, 0, true);
        raster.set(9, 1, true);
        let job = Tspl.encode(&raster, &media(101.6, 180.000_000_000_03));
        let mut want = b"SIZE 101.6 mm,180 mm\r\nGAP 2 mm,0 mm\r\nREFERENCE 0,0\r\nOFFSET 0 mm\r\nSPEED 4\r\n\
            DENSITY 8\r\nDIRECTION 1,0\r\nSET TEAR ON\r\nCLS\r\nBITMAP 0,0,2,2,0,"
            .to_vec();
        want.extend([0x7f, 0xff, 0xff, 0xbf]);
        want.extend(b"\r\nPRINT 1,1\r\n");
        assert_eq!(job, want, "the skeleton of the manual; 0 prints; padding is white (1)");
    }

    #[test]
    fn padding_is_white_even_when_a_raster_breaks_its_promise() {
        let mut raster = Raster::white(3, 1);
        raster.bits_mut()[0] = 0xff;
        let job = Tspl.encode(&raster, &media(100.0, 180.0));
        let at = job.windows(5).position(|w| w == b",1,0,").expect("the bitmap's head") + 5;
        assert_eq!(job[at], 0x1f, "three black dots, five white padding bits");
    }

    #[test]
    fn continuous_stock_has_no_gap() {
        let job = Tspl.encode(&Raster::white(8, 1), &Media { gap_mm: 0.0, ..media(76.0, 130.0) });
        assert!(job.windows(16).any(|w| w == b"\nGAP 0 mm,0 mm\r\n"), "GAP 0 means continuous");
    }
}
