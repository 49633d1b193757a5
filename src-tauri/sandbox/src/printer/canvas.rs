//! Drawing on a raster the way a printer's image buffer does. What falls outside is lost.

use domain::raster::Raster;

/// How new dots meet those that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ink {
    /// New dots replace old ones, white ones too.
    Replace,
    /// Black where either is black.
    Or,
    /// Black turns over what is there.
    Xor,
}

/// Where a picture's rows lie, and how many bytes they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    pub(crate) x: u32,
    pub(crate) y: u32,
    pub(crate) row_bytes: usize,
    pub(crate) rows: usize,
    pub(crate) ink: Ink,
}

impl Block {
    /// Bytes of all its rows.
    pub(crate) fn len(&self) -> usize {
        self.row_bytes * self.rows
    }

    /// `None` where no printer has a picture so large: a broken job.
    pub(crate) fn checked(self) -> Option<Self> {
        (self.row_bytes <= 1024 && self.rows <= 100_000).then_some(self)
    }
}

/// Lays rows of `row_bytes` bytes (1 = black, leftmost dot in the top bit) at `x`, `y`.
pub(crate) fn blit(page: &mut Raster, x: u32, y: u32, row_bytes: usize, data: &[u8], ink: Ink) {
    if row_bytes == 0 || x >= page.width() {
        return;
    }
    let (stride, height, spare) = (page.stride(), page.height() as usize, page.stride() * 8 - page.width() as usize);
    let shift = x % 8;
    for (i, row) in data.chunks(row_bytes).enumerate() {
        let ty = y as usize + i;
        if ty >= height {
            break;
        }
        let target = &mut page.bits_mut()[ty * stride..(ty + 1) * stride];
        let mut at = (x / 8) as usize;
        for b in row {
            if at >= stride {
                break;
            }
            lay(&mut target[at], b >> shift, 0xff >> shift, ink);
            at += 1;
            if shift > 0 && at < stride {
                lay(&mut target[at], b << (8 - shift), 0xff << (8 - shift), ink);
            }
        }
        // Dots past the right edge must stay white: that is what a raster promises.
        if let Some(last) = target.last_mut() {
            *last &= 0xffu8 << spare;
        }
    }
}

fn lay(target: &mut u8, dots: u8, mask: u8, ink: Ink) {
    match ink {
        Ink::Replace => *target = (*target & !mask) | (dots & mask),
        Ink::Or => *target |= dots & mask,
        Ink::Xor => *target ^= dots & mask,
    }
}

/// A filled box.
pub(crate) fn bar(page: &mut Raster, x: u32, y: u32, w: u32, h: u32, black: bool) {
    each(page, x, y, w, h, |_| black);
}

/// Turns every dot of a box over.
pub(crate) fn reverse(page: &mut Raster, x: u32, y: u32, w: u32, h: u32) {
    each(page, x, y, w, h, |old| !old);
}

/// A frame from corner to corner, `t` dots thick, growing inwards.
pub(crate) fn frame(page: &mut Raster, x: u32, y: u32, w: u32, h: u32, t: u32, black: bool) {
    let (t, tw) = (t.min(h), t.min(w));
    bar(page, x, y, w, t, black);
    bar(page, x, y + h - t, w, t, black);
    bar(page, x, y, tw, h, black);
    bar(page, x + w - tw, y, tw, h, black);
}

fn each(page: &mut Raster, x: u32, y: u32, w: u32, h: u32, new: impl Fn(bool) -> bool) {
    for yy in y..y.saturating_add(h).min(page.height()) {
        for xx in x..x.saturating_add(w).min(page.width()) {
            let old = page.get(xx, yy);
            page.set(xx, yy, new(old));
        }
    }
}

/// The picture turned by 180°.
pub(crate) fn turned(page: &Raster) -> Raster {
    let (w, h) = (page.width(), page.height());
    let mut out = Raster::white(w, h);
    for y in 0..h {
        for x in 0..w {
            if page.get(x, y) {
                out.set(w - 1 - x, h - 1 - y, true);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blit_agrees_with_dot_by_dot_drawing_at_every_shift_and_ink() {
        let data: Vec<u8> = (0..24u8).map(|i| i.wrapping_mul(73).rotate_left(3)).collect();
        for ink in [Ink::Replace, Ink::Or, Ink::Xor] {
            for x in 0..20 {
                let mut page = Raster::white(37, 10);
                bar(&mut page, 4, 3, 20, 4, true);
                let mut want = page.clone();
                blit(&mut page, x, 2, 3, &data, ink);
                for (i, b) in data.iter().enumerate() {
                    for bit in 0..8 {
                        let (px, py) = (x + (i as u32 % 3) * 8 + bit, 2 + i as u32 / 3);
                        let (new, old) = (b & (0x80 >> bit) != 0, want.get(px, py));
                        want.set(
                            px,
                            py,
                            match ink {
                                Ink::Replace => new,
                                Ink::Or => new | old,
                                Ink::Xor => new ^ old,
                            },
                        );
                    }
                }
                assert_eq!(page, want, "{ink:?} at {x}: every dot as drawn singly, padding white");
            }
        }
    }
}
