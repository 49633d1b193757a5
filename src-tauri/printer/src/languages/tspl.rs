//! TSPL / TSPL2 (TSC, Gprinter, Xprinter, HPRT …): the label as one `BITMAP` in overwrite mode.
//!
//! In TSPL a **0** bit prints. The binary data has no check but its byte count, therefore the job is one buffer for one
//! connection. `CLS` always stands before it: without it the previous label's picture would stay. Source: TSPL2
//! programming manual; polarity as four independent producers send it.
//!
//! Deliberately absent: text, bar codes and fonts of the printer, `CODEPAGE` (only matters for text), compressed modes.

use super::{put, put_inverted};
use domain::printer::{Media, Stock};
use domain::raster::Raster;

/// One label as a job.
pub(crate) fn job(raster: &Raster, media: &Media) -> Vec<u8> {
    let mut job = Vec::with_capacity(raster.bits().len() + 320);
    let (word, height) = match media.stock() {
        Stock::Gap(mm) => ("GAP", mm.0),
        Stock::Mark(mm) => ("BLINE", mm.0),
        // A gap of 0 is how TSPL says continuous.
        Stock::Continuous => ("GAP", 0.0),
    };
    // Numbers print without a trailing ".0" and with a point in every locale.
    put(
        &mut job,
        format_args!(
            "SIZE {} mm,{} mm\r\n{word} {} mm,0 mm\r\nREFERENCE 0,0\r\nOFFSET 0 mm\r\nSPEED {}\r\nDENSITY {}\r\n\
             DIRECTION 1,0\r\nSET TEAR ON\r\nCLS\r\n",
            micrometres(media.size.width.0),
            micrometres(media.size.height.0),
            micrometres(height),
            media.speed,
            media.darkness,
        ),
    );
    if !raster.bits().is_empty() {
        put(&mut job, format_args!("BITMAP 0,0,{},{},0,", raster.stride(), raster.height()));
        put_inverted(&mut job, raster);
        job.extend_from_slice(b"\r\n");
    }
    job.extend_from_slice(b"PRINT 1,1\r\n");
    job
}

/// Millimetres without the digits that only arithmetic put there.
fn micrometres(mm: f64) -> f64 {
    (mm * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::printer::MediaKind;
    use domain::units::{Dpi, LabelSize, Mm};

    fn media(width: f64, height: f64) -> Media {
        let size = LabelSize { width: Mm(width), height: Mm(height) };
        Media::usual(size, Dpi::D203)
    }

    #[test]
    fn a_job_is_the_documented_skeleton_with_inverted_dots() {
        let mut raster = Raster::white(10, 2);
        raster.set(0, 0, true);
        raster.set(9, 1, true);
        let job = job(&raster, &media(101.6, 180.000_000_000_03));
        let mut want = b"SIZE 101.6 mm,180 mm\r\nGAP 2 mm,0 mm\r\nREFERENCE 0,0\r\nOFFSET 0 mm\r\nSPEED 4\r\n\
            DENSITY 8\r\nDIRECTION 1,0\r\nSET TEAR ON\r\nCLS\r\nBITMAP 0,0,2,2,0,"
            .to_vec();
        want.extend([0x7f, 0xff, 0xff, 0xbf]);
        want.extend(b"\r\nPRINT 1,1\r\n");
        assert_eq!(job, want, "the skeleton of the manual; 0 prints; padding is white (1)");
    }

    #[test]
    fn each_stock_has_its_own_line() {
        for (kind, gap_mm, line) in [
            (MediaKind::Gap, 2.5, "\nGAP 2.5 mm,0 mm\r\n"),
            (MediaKind::Gap, 0.0, "\nGAP 0 mm,0 mm\r\n"),
            (MediaKind::Mark, 3.0, "\nBLINE 3 mm,0 mm\r\n"),
            (MediaKind::Continuous, 3.0, "\nGAP 0 mm,0 mm\r\n"),
        ] {
            let job = job(&Raster::white(8, 1), &Media { gap_mm, kind, ..media(76.0, 130.0) });
            assert!(String::from_utf8_lossy(&job).contains(line), "{kind:?} of {gap_mm} mm: {line:?}");
        }
    }
}
