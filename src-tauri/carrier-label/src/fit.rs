//! A page onto the paper, dot for dot. White edges may go, and a quarter turn may come; nothing is ever scaled.

use crate::{Limits, Placed, ReadError, Want};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};

/// Pages that are this much larger than the paper are the paper's: 4×6 in and 100×150 mm, points rounded by a browser.
const ALMOST: Mm = Mm(3.0);

/// Where something black is: left, top, right, bottom, the last two beyond it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Ink {
    left: u32,
    top: u32,
    right: u32,
    bottom: u32,
}

/// Dots as millimetres.
pub fn size(page: &Raster, dpi: Dpi) -> LabelSize {
    LabelSize { width: mm(page.width(), dpi), height: mm(page.height(), dpi) }
}

fn mm(dots: u32, dpi: Dpi) -> Mm {
    Mm(f64::from(dots) * 25.4 / dpi.value())
}

/// The page on a picture of exactly the paper's size.
pub fn onto(page: &Raster, want: &Want<'_>) -> Result<(Raster, Placed), ReadError> {
    let ink = ink(page).ok_or(ReadError::Empty { page: want.page })?;
    let paper = (want.dpi.dots(want.paper.width).0, want.dpi.dots(want.paper.height).0);
    let almost = want.dpi.dots(ALMOST).0;
    let fits = |(w, h): (u32, u32)| w <= paper.0 && h <= paper.1;
    let nearly = |(w, h): (u32, u32)| w <= paper.0 + almost && h <= paper.1 + almost;
    let (whole, turned) = ((page.width(), page.height()), (page.height(), page.width()));
    let (inked, inked_turned) = ((ink.right, ink.bottom), (page.height() - ink.top, ink.right));
    // As it is; or the paper's own size but for a hair, with nothing printed in the hair.
    if fits(whole) || (nearly(whole) && fits(inked)) {
        return Ok((copy(page, Ink { left: 0, top: 0, ..ink }, paper, (0, 0)), Placed::default()));
    }
    if fits(turned) || (nearly(turned) && fits(inked_turned)) {
        let page = turn(page);
        let ink = self::ink(&page).ok_or(ReadError::Empty { page: want.page })?;
        let placed = Placed { cropped: false, turned: true };
        return Ok((copy(&page, Ink { left: 0, top: 0, ..ink }, paper, (0, 0)), placed));
    }
    let label = (ink.right - ink.left, ink.bottom - ink.top);
    let middle = |(w, h): (u32, u32)| ((paper.0 - w) / 2, (paper.1 - h) / 2);
    if fits(label) {
        return Ok((copy(page, ink, paper, middle(label)), Placed { cropped: true, turned: false }));
    }
    if fits((label.1, label.0)) {
        let page = turn(page);
        let ink = self::ink(&page).ok_or(ReadError::Empty { page: want.page })?;
        return Ok((copy(&page, ink, paper, middle((label.1, label.0))), Placed { cropped: true, turned: true }));
    }
    Err(ReadError::LargerThanPaper {
        width_mm: mm(label.0, want.dpi).0,
        height_mm: mm(label.1, want.dpi).0,
        paper_width_mm: want.paper.width.0,
        paper_height_mm: want.paper.height.0,
    })
}

fn copy(page: &Raster, from: Ink, paper: (u32, u32), at: (u32, u32)) -> Raster {
    let mut out = Raster::white(paper.0, paper.1);
    if (from.left, from.top, at) == (0, 0, (0, 0)) {
        corner(page, (from.right, from.bottom), &mut out);
        return out;
    }
    for y in from.top..from.bottom {
        for x in from.left..from.right {
            if page.get(x, y) {
                out.set(x - from.left + at.0, y - from.top + at.1, true);
            }
        }
    }
    out
}

/// The upper left part of a picture into that of another one, by bytes: a large label has tens of millions of dots. Right of that
/// part the picture is white, and the part is no larger than the other one.
pub fn corner(page: &Raster, (right, bottom): (u32, u32), out: &mut Raster) {
    let (stride, bytes) = (out.stride(), right.div_ceil(8) as usize);
    for (y, row) in (0..bottom).zip(out.bits_mut().chunks_exact_mut(stride.max(1))) {
        row[..bytes].copy_from_slice(&page.row(y)[..bytes]);
    }
}

/// A quarter turn clockwise.
pub fn turn(page: &Raster) -> Raster {
    let mut out = Raster::white(page.height(), page.width());
    for y in 0..page.height() {
        for x in 0..page.width() {
            if page.get(x, y) {
                out.set(page.height() - 1 - y, x, true);
            }
        }
    }
    out
}

fn ink(page: &Raster) -> Option<Ink> {
    let rows = 0..page.height();
    let inked = |y: &u32| page.row(*y).iter().any(|b| *b != 0);
    let top = rows.clone().find(inked)?;
    let bottom = rows.rev().find(inked)? + 1;
    let (mut left, mut right) = (page.width(), 0);
    for y in top..bottom {
        for (i, byte) in page.row(y).iter().enumerate().filter(|(_, b)| **b != 0) {
            let at = u32::try_from(i).unwrap_or(u32::MAX / 8) * 8;
            left = left.min(at + byte.leading_zeros());
            right = right.max(at + 8 - byte.trailing_zeros());
        }
    }
    Some(Ink { left, top, right, bottom })
}

/// Each dot as `times` × `times` dots: exact, because the number is whole.
pub fn enlarge(page: &Raster, times: u32, limits: Limits) -> Result<Raster, ReadError> {
    let mut out = limits.white(page.width().saturating_mul(times), page.height().saturating_mul(times))?;
    for y in 0..out.height() {
        for x in 0..out.width() {
            if page.get(x / times, y / times) {
                out.set(x, y, true);
            }
        }
    }
    Ok(out)
}

/// `times` × `times` dots as one; `None` if some of them are not alike, so that an edge would move.
pub fn reduce(page: &Raster, times: u32) -> Option<Raster> {
    if !page.width().is_multiple_of(times) || !page.height().is_multiple_of(times) {
        return None;
    }
    let mut out = Raster::white(page.width() / times, page.height() / times);
    for y in 0..page.height() {
        for x in 0..page.width() {
            let black = page.get(x, y);
            if x % times == 0 && y % times == 0 {
                out.set(x / times, y / times, black);
            } else if out.get(x / times, y / times) != black {
                return None;
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn want(width: f64, height: f64) -> Want<'static> {
        Want {
            dpi: Dpi::D203,
            paper: LabelSize { width: Mm(width), height: Mm(height) },
            page: 1,
            font: &[],
            limits: Limits::LABEL,
        }
    }

    fn page(width: u32, height: u32, black: &[(u32, u32)]) -> Raster {
        let mut page = Raster::white(width, height);
        black.iter().for_each(|(x, y)| page.set(*x, *y, true));
        page
    }

    #[test]
    fn the_papers_own_size_is_not_moved_and_a_hair_more_is_cut_where_it_is_white() {
        for (w, h) in [(800, 1200), (799, 1200), (812, 1218), (400, 300)] {
            let (out, placed) = onto(&page(w, h, &[(3, 5), (390, 290)]), &want(100.0, 150.0)).expect("it fits");
            assert_eq!(placed, Placed::default(), "{w}×{h}");
            assert_eq!((out.width(), out.height(), out.black_dots()), (800, 1200, 2));
            assert!(out.get(3, 5) && out.get(390, 290));
        }
    }

    #[test]
    fn a_sheet_is_cropped_to_what_is_printed_and_a_lying_label_is_turned() {
        let sheet = page(1680, 2376, &[(900, 100), (1600, 1200)]);
        let (out, placed) = onto(&sheet, &want(100.0, 150.0)).expect("the label of a sheet fits");
        assert_eq!(placed, Placed { cropped: true, turned: false });
        assert!(out.get(49, 49) && out.get(749, 1149), "in the middle");
        let (out, placed) = onto(&page(1200, 800, &[(0, 0), (1199, 799)]), &want(100.0, 150.0)).expect("turned");
        assert_eq!((placed, out.black_dots()), (Placed { cropped: false, turned: true }, 2));
        assert!(out.get(799, 0) && out.get(0, 1199), "a quarter turn clockwise");
    }

    #[test]
    fn what_does_not_fit_is_refused_with_both_sizes() {
        let e = onto(&page(1680, 2376, &[(0, 0), (1679, 2375)]), &want(76.0, 130.0)).expect_err("A4");
        let words = e.to_string();
        assert!(words.contains("210.0 × 297.0") && words.contains("76.0 × 130.0"), "{words}");
    }

    #[test]
    fn a_corner_is_copied_dot_for_dot() {
        for (w, h) in [(1, 1), (7, 3), (8, 2), (9, 5), (16, 1), (17, 4)] {
            let mut small = Raster::white(w, h);
            (0..w * h).filter(|n| n % 3 == 0 || n + 1 == w * h).for_each(|n| small.set(n % w, n / w, true));
            let mut out = Raster::white(w + 13, h + 2);
            corner(&small, (w, h), &mut out);
            assert!((0..h).all(|y| (0..w).all(|x| out.get(x, y) == small.get(x, y))), "{w}×{h}");
            assert_eq!(out.black_dots(), small.black_dots(), "{w}×{h}: and nothing else");
        }
    }

    #[test]
    fn whole_multiples_go_there_and_back() {
        let small = page(9, 5, &[(0, 0), (8, 4), (3, 2)]);
        let large = enlarge(&small, 3, Limits::LABEL).expect("small enough");
        assert_eq!(reduce(&large, 3), Some(small));
        let mut spoiled = large;
        spoiled.set(1, 0, false);
        assert_eq!(reduce(&spoiled, 3), None, "a moved edge is no whole dot");
    }
}
