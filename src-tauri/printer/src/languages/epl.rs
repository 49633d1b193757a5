//! EPL2 page mode (Eltron, older Zebra desktop printers): the label as one `GW`.
//!
//! A **0** bit prints. Lines end with LF and their letters' case counts. A form starts with an empty line and `N`, so
//! that a stray byte before it harms nothing; `q` and `Q` empty the picture as well and stand before it. The data has no
//! check but its byte count. Polarity as three independent producers send it; the data follows a comma, as the manual
//! has it. Source: EPL2 programmer's manual.
//!
//! Deliberately absent: text and bar codes of the printer; `O` (hardware options are the printer's own set-up); stored
//! graphics (`GM`, `GG`).

use super::{put, put_inverted};
use domain::printer::{EncodeError, Media, Stock};
use domain::raster::Raster;

/// `Q` takes lengths up to here.
const LONGEST: u32 = 65_535;
/// `Q` takes gaps and marks from here on, and up to there.
const SEPARATION: (u32, u32) = (16, 240);

/// One label as a job. Errors: longer than `Q` can say.
pub(crate) fn job(raster: &Raster, media: &Media) -> Result<Vec<u8>, EncodeError> {
    let (width, height) = (raster.width(), raster.height());
    if height > LONGEST {
        return Err(EncodeError::Size { width, height });
    }
    let dots = |mm| media.dpi.dots(mm).0.clamp(SEPARATION.0, SEPARATION.1);
    let mut job = Vec::with_capacity(raster.bits().len() + 128);
    put(&mut job, format_args!("\nN\nq{width}\nQ{height},"));
    match media.stock() {
        Stock::Gap(mm) => put(&mut job, format_args!("{}\n", dots(mm))),
        Stock::Mark(mm) => put(&mut job, format_args!("B{}\n", dots(mm))),
        Stock::Continuous => put(&mut job, format_args!("0\n")),
    }
    put(&mut job, format_args!("R0,0\nS{}\nD{}\nZT\n", media.speed, media.darkness));
    if !raster.bits().is_empty() {
        put(&mut job, format_args!("GW0,0,{},{height},", raster.stride()));
        put_inverted(&mut job, raster);
        job.push(b'\n');
    }
    job.extend_from_slice(b"P1,1\n");
    Ok(job)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::printer::MediaKind;
    use domain::units::{Dpi, LabelSize, Mm};

    #[test]
    fn a_job_is_the_documented_form_with_inverted_dots() {
        let mut raster = Raster::white(10, 2);
        raster.set(0, 0, true);
        raster.set(9, 1, true);
        let size = LabelSize { width: Mm(100.0), height: Mm(150.0) };
        let mut media = Media { gap_mm: 3.0, speed: 2, ..Media::usual(size, Dpi::D203) };
        let mut want = b"\nN\nq10\nQ2,24\nR0,0\nS2\nD8\nZT\nGW0,0,2,2,".to_vec();
        want.extend([0x7f, 0xff, 0xff, 0xbf]);
        want.extend(b"\nP1,1\n");
        assert_eq!(job(&raster, &media).unwrap(), want);
        for (kind, gap_mm, line) in [
            (MediaKind::Mark, 3.0, "\nQ2,B24\n"),
            (MediaKind::Continuous, 3.0, "\nQ2,0\n"),
            (MediaKind::Gap, 1.0, "\nQ2,16\n"),
        ] {
            media = Media { kind, gap_mm, ..media };
            let text = String::from_utf8_lossy(&job(&raster, &media).unwrap()).into_owned();
            assert!(text.contains(line), "{kind:?} of {gap_mm} mm: {line:?}");
        }
        let tall = Raster::white(8, LONGEST + 1);
        assert_eq!(job(&tall, &media), Err(EncodeError::Size { width: 8, height: 65_536 }));
    }
}
