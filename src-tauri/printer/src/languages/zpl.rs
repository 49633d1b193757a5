//! ZPL II (Zebra, and emulations on TSC, Honeywell, SATO, HPRT): the label as `^GFA` bands.
//!
//! A **1** bit prints. `^GF` takes at most 99 999 bytes a field, so a tall label is cut into bands of whole rows. Data
//! is hex with repeats counted (`zpl_acs`), or `:Z64:` for printers that are known to take it. ASCII, not binary: after
//! a cut job the next `^XA` starts clean. Source: Zebra ZPL II programming guide, `^GF`.
//!
//! Deliberately absent: text and bar codes of the printer; `^MT`, `^MM`, `^JU` and everything else that belongs to the
//! printer's own set-up (thermal transfer users keep their ribbon); stored objects (`~DG`).

use super::put;
use super::zpl_acs::put_acs;
use super::zpl_compressed::put_z64;
use domain::printer::{Media, Stock};
use domain::raster::Raster;

/// `^GF` parameters b and c: "out-of-range values are set to the nearest limit".
const LARGEST_BAND: usize = 99_999;

/// One label as a job; `compressed` = the printer takes `:Z64:`.
pub(crate) fn job(raster: &Raster, media: &Media, compressed: bool) -> Vec<u8> {
    let stride = raster.stride();
    let mut job = Vec::with_capacity(raster.bits().len() / 2 + 512);
    let tracking = match media.stock() {
        Stock::Gap(_) => 'Y',
        Stock::Mark(_) => 'M',
        Stock::Continuous => 'N',
    };
    put(
        &mut job,
        format_args!(
            "~SD{:02}\r\n^XA^PW{}^LL{}^LH0,0^LT0^LS0^PON^FWN^CI28^MN{tracking}^PR{speed},{speed}\r\n",
            // `~SD` has twice as many steps.
            media.darkness * 2,
            raster.width(),
            raster.height(),
            speed = media.speed,
        ),
    );
    if !raster.bits().is_empty() {
        let rows = (LARGEST_BAND / stride).max(1);
        for (n, band) in raster.bits().chunks(rows * stride).enumerate() {
            put(&mut job, format_args!("^FO0,{}^GFA,{len},{len},{stride},", n * rows, len = band.len()));
            if compressed {
                put_z64(&mut job, band);
            } else {
                put_acs(&mut job, band, stride);
            }
            job.extend_from_slice(b"^FS\r\n");
        }
    }
    job.extend_from_slice(b"^PQ1,0,0,N^XZ\r\n");
    job
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::printer::MediaKind;
    use domain::units::{Dpi, LabelSize, Mm};

    #[test]
    fn a_tall_label_is_cut_into_bands_that_the_limit_allows() {
        let size = LabelSize { width: Mm(100.0), height: Mm(180.0) };
        let media = Media::usual(size, Dpi::D203);
        let text = |media: &Media| String::from_utf8(job(&Raster::white(800, 1440), media, false)).expect("ASCII");
        let job = text(&media);
        assert!(
            job.starts_with("~SD16\r\n^XA^PW800^LL1440^LH0,0^LT0^LS0^PON^FWN^CI28^MNY^PR4,4\r\n"),
            "{}",
            &job[..80]
        );
        assert!(job.contains("^FO0,0^GFA,99900,99900,100,,"), "999 rows of 100 bytes come first");
        assert!(job.contains("^FO0,999^GFA,44100,44100,100,,"), "then the other 441");
        assert!(job.ends_with("^PQ1,0,0,N^XZ\r\n"), "one copy");
        assert!(text(&Media { kind: MediaKind::Mark, ..media }).contains("^MNM"), "black mark");
        assert!(text(&Media { kind: MediaKind::Continuous, ..media }).contains("^MNN"), "continuous");
    }
}
