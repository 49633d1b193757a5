//! Printer languages: a picture that fits and the media in, one whole job as bytes out. Pure; no link, no status.
//!
//! One file a language. Each takes what [`crate::encode`] has checked and moved already.

pub(crate) mod cpcl;
pub(crate) mod epl;
pub(crate) mod escpos;
mod hex;
pub(crate) mod recovery;
pub(crate) mod tspl;
pub(crate) mod zpl;
mod zpl_acs;
mod zpl_compressed;

use domain::raster::Raster;
use std::io::Write;

/// Appends text to a job.
fn put(job: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    job.write_fmt(text).expect("writing to memory does not fail");
}

/// Appends the picture for a language in which a **0** bit prints: inverted, the padding at the right end of each row 1
/// (white).
fn put_inverted(job: &mut Vec<u8>, raster: &Raster) {
    let start = job.len();
    job.extend(raster.bits().iter().map(|b| !b));
    let used = raster.width() % 8;
    if used != 0 {
        for row in job[start..].chunks_exact_mut(raster.stride()) {
            if let Some(last) = row.last_mut() {
                *last |= 0xff >> used;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_is_white_even_when_a_raster_breaks_its_promise() {
        let mut raster = Raster::white(3, 1);
        raster.bits_mut()[0] = 0xff;
        let mut job = Vec::new();
        put_inverted(&mut job, &raster);
        assert_eq!(job, [0x1f], "three black dots, five white padding bits");
    }
}
