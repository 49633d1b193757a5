//! CPCL (Zebra QL and ZQ, HPRT and other mobile printers): the label as one `EG`, or `CG` where the link is clean.
//!
//! A **1** bit prints. `EG` is hex and survives links that lose the eighth bit or eat control characters; `CG` is half as
//! long and does not. `200 200` in the header is tradition, not a resolution. Source: Zebra CPCL programming guide.
//!
//! Deliberately absent: text and bar codes of the printer; `TONE` (two producers disagree on its range; `CONTRAST` says
//! the same in four steps); `SETFF` and everything else that is the printer's own set-up.

use super::hex::put_hex;
use super::put;
use domain::printer::{EncodeError, Media, Stock};
use domain::raster::Raster;

/// Widths and heights of a picture go up to here.
const LARGEST: u32 = 65_535;

/// One label as a job; `binary` = the link carries every byte value. Errors: larger than the language's numbers.
pub(crate) fn job(raster: &Raster, media: &Media, binary: bool) -> Result<Vec<u8>, EncodeError> {
    let (width, height, stride) = (raster.width(), raster.height(), raster.stride());
    if width > LARGEST || height > LARGEST {
        return Err(EncodeError::Size { width, height });
    }
    let stock = media.stock();
    let mut job = Vec::with_capacity(raster.bits().len() * if binary { 1 } else { 2 } + 192);
    put(
        &mut job,
        format_args!(
            "! 0 200 200 {height} 1\r\nPAGE-WIDTH {width}\r\nCONTRAST {}\r\nSPEED {}\r\n",
            // Four steps for sixteen.
            media.darkness / 4,
            media.speed,
        ),
    );
    job.extend_from_slice(match stock {
        Stock::Gap(_) => b"GAP-SENSE\r\n",
        Stock::Mark(_) => b"BAR-SENSE\r\n",
        Stock::Continuous => b"",
    });
    if !raster.bits().is_empty() {
        put(&mut job, format_args!("{} {stride} {height} 0 0 ", if binary { "CG" } else { "EG" }));
        if binary {
            job.extend_from_slice(raster.bits());
        } else {
            put_hex(&mut job, raster.bits());
        }
        job.extend_from_slice(b"\r\n");
    }
    if stock != Stock::Continuous {
        job.extend_from_slice(b"FORM\r\n");
    }
    job.extend_from_slice(b"PRINT\r\n");
    Ok(job)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::printer::MediaKind;
    use domain::units::{Dpi, LabelSize, Mm};

    #[test]
    fn a_job_is_the_documented_session() {
        let mut raster = Raster::white(10, 2);
        raster.set(0, 0, true);
        raster.set(9, 1, true);
        let size = LabelSize { width: Mm(72.0), height: Mm(100.0) };
        let media = Media { gap_mm: 3.0, speed: 3, ..Media::usual(size, Dpi::D203) };
        let head = "! 0 200 200 2 1\r\nPAGE-WIDTH 10\r\nCONTRAST 2\r\nSPEED 3\r\n";
        let text = |media: &Media| String::from_utf8(job(&raster, media, false).unwrap()).expect("ASCII");
        assert_eq!(text(&media), format!("{head}GAP-SENSE\r\nEG 2 2 0 0 80000040\r\nFORM\r\nPRINT\r\n"));
        let mark = Media { kind: MediaKind::Mark, ..media };
        assert_eq!(text(&mark), format!("{head}BAR-SENSE\r\nEG 2 2 0 0 80000040\r\nFORM\r\nPRINT\r\n"));
        let continuous = Media { kind: MediaKind::Continuous, ..media };
        assert_eq!(text(&continuous), format!("{head}EG 2 2 0 0 80000040\r\nPRINT\r\n"), "nothing to feed to");
        let binary = job(&raster, &continuous, true).unwrap();
        assert_eq!(binary, [head.as_bytes(), b"CG 2 2 0 0 \x80\x00\x00\x40\r\nPRINT\r\n"].concat());
        let tall = Raster::white(8, LARGEST + 1);
        assert_eq!(job(&tall, &media, false), Err(EncodeError::Size { width: 8, height: 65_536 }));
    }
}
