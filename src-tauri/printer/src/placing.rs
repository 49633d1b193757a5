//! Moves a picture on its label, in whole dots. The label keeps its size; ink that would leave it is an error.
//!
//! Moving the dots themselves, not the printer's reference point: every language then prints the same, and no firmware's
//! idea of a negative position is needed.

use domain::printer::{EncodeError, Offset};
use domain::raster::Raster;
use domain::units::{Dpi, Mm};
use std::borrow::Cow;

/// The picture moved right and down by `offset`, white where it came from. Costs nothing for an offset of 0. Errors:
/// [`EncodeError::OverTheEdge`] with the number of dots that would be lost.
pub(crate) fn moved(raster: &Raster, offset: Offset, dpi: Dpi) -> Result<Cow<'_, Raster>, EncodeError> {
    let (dx, dy) = (dots(offset.x, dpi), dots(offset.y, dpi));
    if (dx, dy) == (0, 0) {
        return Ok(Cow::Borrowed(raster));
    }
    let (stride, rows) = (raster.stride(), i64::from(raster.height()));
    let mut moved = Raster::white(raster.width(), raster.height());
    for y in 0..rows {
        let target = y + dy;
        if let (Ok(from), Ok(to)) = (u32::try_from(y), usize::try_from(target))
            && target < rows
        {
            shift_row(raster.row(from), &mut moved.bits_mut()[to * stride..(to + 1) * stride], dx, raster.width());
        }
    }
    match raster.black_dots() - moved.black_dots() {
        0 => Ok(Cow::Owned(moved)),
        dots => Err(EncodeError::OverTheEdge { dots }),
    }
}

/// Whole dots of tenths of a millimetre, the sign kept.
fn dots(tenths: i16, dpi: Dpi) -> i64 {
    let size = i64::from(dpi.dots(Mm(f64::from(tenths).abs() / 10.0)).0);
    if tenths < 0 { -size } else { size }
}

/// One row moved right by `dx` dots (left if negative) into an equally long white row of `width` dots.
fn shift_row(from: &[u8], to: &mut [u8], dx: i64, width: u32) {
    let (bytes, bits) = (dx.div_euclid(8), u32::try_from(dx.rem_euclid(8)).unwrap_or(0));
    for (i, byte) in from.iter().enumerate().filter(|(_, b)| **b != 0) {
        let wide = u16::from(*byte) << 8 >> bits;
        let [left, right] = wide.to_be_bytes();
        for (offset, part) in [(0, left), (1, right)] {
            let at = usize::try_from(i64::try_from(i).unwrap_or(i64::MAX).saturating_add(bytes + offset));
            if let Some(target) = at.ok().and_then(|at| to.get_mut(at)) {
                *target |= part;
            }
        }
    }
    // What came to lie in the padding is outside the picture.
    if let Some(last) = to.last_mut()
        && !width.is_multiple_of(8)
    {
        *last &= !(0xff >> (width % 8));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn moving_is_what_it_is_dot_by_dot(
            (w, h) in (1u32..60, 1u32..30), x in -80i16..80, y in -40i16..40,
            black in prop::collection::vec((0u32..60, 0u32..30), 0..12),
        ) {
            let mut raster = Raster::white(w, h);
            black.iter().for_each(|(x, y)| raster.set(*x, *y, true));
            let (dx, dy) = (dots(x, Dpi::D203), dots(y, Dpi::D203));
            let mut want = Raster::white(w, h);
            let mut lost = 0;
            for at_y in 0..h {
                for at_x in (0..w).filter(|at_x| raster.get(*at_x, at_y)) {
                    match (u32::try_from(i64::from(at_x) + dx), u32::try_from(i64::from(at_y) + dy)) {
                        (Ok(x), Ok(y)) if x < w && y < h => want.set(x, y, true),
                        _ => lost += 1,
                    }
                }
            }
            match moved(&raster, Offset { x, y }, Dpi::D203) {
                Ok(moved) => prop_assert_eq!((&*moved, lost), (&want, 0)),
                Err(e) => prop_assert_eq!(e, EncodeError::OverTheEdge { dots: lost }),
            }
        }
    }

    #[test]
    fn tenths_of_a_millimetre_become_whole_dots() {
        assert_eq!([10, -10, 1, 0].map(|t| dots(t, Dpi::D203)), [8, -8, 1, 0], "8 dots a millimetre");
        assert_eq!([10, -25].map(|t| dots(t, Dpi::D300)), [12, -30]);
        assert_eq!(dots(i16::MIN, Dpi::D600), -77_405, "the furthest there is");
    }
}
