//! ESC/POS raster on label and receipt printers: the label as `GS v 0` bands.
//!
//! A **1** bit prints. Bands are short because some printers buffer one whole; they follow each other without a gap. A
//! printer that is set to labels finds the next one by `GS FF`; one that is not is given FF, and on continuous stock is
//! fed until the label can be torn off. Source: ESC/POS command references.
//!
//! Deliberately absent: speed and darkness (no command for them is common to two makers), `GS ( L`, `ESC *`, cutting.

use domain::printer::{EncodeError, Media, Stock};
use domain::raster::Raster;
use domain::units::Mm;

/// `GS FF`: to the next label, where the printer is set to labels.
pub(super) const NEXT_LABEL: &[u8] = b"\x1d\x0c";
/// FF: the same where it is not.
pub(super) const FORM_FEED: &[u8] = b"\x0c";
/// Rows of a band.
const BAND: usize = 256;
/// From the head to the edge where a label is torn off.
const TEAR: Mm = Mm(12.0);

/// One label as a job; `label_mode` = the printer is set to labels. Errors: rows longer than `GS v 0` can say.
pub(crate) fn job(raster: &Raster, media: &Media, label_mode: bool) -> Result<Vec<u8>, EncodeError> {
    let stride = raster.stride();
    let Ok(row) = u16::try_from(stride) else {
        return Err(EncodeError::Size { width: raster.width(), height: raster.height() });
    };
    let mut job = Vec::with_capacity(raster.bits().len() + 256);
    job.extend_from_slice(b"\x1b@");
    if stride > 0 {
        for band in raster.bits().chunks(BAND * stride) {
            let rows = u16::try_from(band.len() / stride).expect("at most BAND");
            job.extend_from_slice(b"\x1dv0\0");
            job.extend_from_slice(&row.to_le_bytes());
            job.extend_from_slice(&rows.to_le_bytes());
            job.extend_from_slice(band);
        }
    }
    match media.stock() {
        Stock::Continuous => {
            let feed = u8::try_from(media.dpi.dots(TEAR).0).unwrap_or(u8::MAX);
            job.extend_from_slice(&[0x1b, b'J', feed]);
        }
        Stock::Gap(_) | Stock::Mark(_) if label_mode => job.extend_from_slice(NEXT_LABEL),
        Stock::Gap(_) | Stock::Mark(_) => job.extend_from_slice(FORM_FEED),
    }
    Ok(job)
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::printer::MediaKind;
    use domain::units::{Dpi, LabelSize};

    #[test]
    fn a_job_is_bands_and_one_feed() {
        let mut raster = Raster::white(10, 257);
        raster.set(0, 0, true);
        raster.set(9, 256, true);
        let size = LabelSize { width: Mm(72.0), height: Mm(100.0) };
        let media = Media { gap_mm: 3.0, speed: 3, ..Media::usual(size, Dpi::D203) };
        let bands = [&b"\x1b@\x1dv0\0\x02\0\0\x01\x80"[..], &[0; 511], b"\x1dv0\0\x02\0\x01\0\0\x40"].concat();
        let continuous = Media { kind: MediaKind::Continuous, ..media };
        for (media, label_mode, feed) in
            [(media, true, &b"\x1d\x0c"[..]), (media, false, b"\x0c"), (continuous, true, b"\x1bJ\x60")]
        {
            assert_eq!(job(&raster, &media, label_mode).unwrap(), [&bands, feed].concat(), "{:?}", media.kind);
        }
        let wide = Raster::white(8 * 65_536, 1);
        assert_eq!(job(&wide, &media, true), Err(EncodeError::Size { width: 524_288, height: 1 }));
    }
}
