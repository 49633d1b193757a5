//! Scene → dots. Glyphs are copied by 64-bit words, everything else is filled row by row.

use crate::scene::{Area, Placed, Scene, Thing};
use domain::raster::Raster;

impl Scene {
    /// The dots that the printer burns, the preview shows and the tests compare.
    pub fn raster(&self) -> Raster {
        self.raster_of(|_| true)
    }

    /// The dots of some things alone.
    pub(crate) fn raster_of(&self, pick: impl Fn(&Thing) -> bool) -> Raster {
        let mut canvas = Canvas::new(self.width, self.height, 0);
        self.draw(&mut canvas, pick);
        canvas.raster
    }

    /// Black dots that fall outside the label: always 0, or something would be missing on paper. Draws once more on a
    /// larger sheet and counts, so that it does not believe the layout.
    pub fn clipped_dots(&self) -> u64 {
        const MARGIN: u32 = 128;
        let mut sheet = Canvas::new(self.width + 2 * MARGIN, self.height + 2 * MARGIN, MARGIN.cast_signed());
        self.draw(&mut sheet, |_| true);
        sheet.raster.black_dots() - self.raster().black_dots()
    }

    fn draw(&self, canvas: &mut Canvas, pick: impl Fn(&Thing) -> bool) {
        for thing in self.things.iter().filter(|t| pick(t)) {
            match thing {
                Thing::Fill(_) | Thing::Bars { .. } | Thing::Matrix { .. } => thing.rectangles(|a| canvas.fill(a)),
                Thing::Picture { at, dots } => canvas.picture(*at, dots),
                Thing::Run { white, letters, .. } => {
                    for l in letters {
                        canvas.glyph(l, *white);
                    }
                }
            }
        }
    }
}

/// The black stretches of a row: first column and length.
pub(crate) fn stretches(dots: &Raster, y: u32) -> impl Iterator<Item = (i32, i32)> {
    let mut x = 0;
    std::iter::from_fn(move || {
        while x < dots.width() && !dots.get(x, y) {
            x += 1;
        }
        let start = x;
        while dots.get(x, y) {
            x += 1;
        }
        (x > start).then(|| (start.cast_signed(), (x - start).cast_signed()))
    })
}

struct Canvas {
    raster: Raster,
    /// Added to every place.
    shift: i32,
}

impl Canvas {
    fn new(width: u32, height: u32, shift: i32) -> Self {
        Self { raster: Raster::white(width, height), shift }
    }

    fn fill(&mut self, a: Area) {
        let (w, h) = (self.raster.width().cast_signed(), self.raster.height().cast_signed());
        let x0 = (a.x + self.shift).clamp(0, w).cast_unsigned() as usize;
        let x1 = (a.x + a.w + self.shift).clamp(0, w).cast_unsigned() as usize;
        let y0 = (a.y + self.shift).clamp(0, h).cast_unsigned() as usize;
        let y1 = (a.y + a.h + self.shift).clamp(0, h).cast_unsigned() as usize;
        if x0 >= x1 {
            return;
        }
        let stride = self.raster.stride();
        let (first, last) = (x0 / 8, (x1 - 1) / 8);
        let (head, tail) = (0xff_u8 >> (x0 % 8), 0xff_u8 << (7 - (x1 - 1) % 8));
        for row in self.raster.bits_mut().chunks_exact_mut(stride).take(y1).skip(y0) {
            if first == last {
                row[first] |= head & tail;
            } else {
                row[first] |= head;
                row[first + 1..last].fill(0xff);
                row[last] |= tail;
            }
        }
    }

    /// Or-s the black dots of a picture; what lies outside the sheet is dropped.
    fn picture(&mut self, at: Area, dots: &Raster) {
        let whole = (self.raster.width(), self.raster.height()) == (dots.width(), dots.height());
        if whole && (at.x + self.shift, at.y + self.shift) == (0, 0) {
            for (to, from) in self.raster.bits_mut().iter_mut().zip(dots.bits()) {
                *to |= from;
            }
            return;
        }
        for y in 0..dots.height() {
            for (x, w) in stretches(dots, y) {
                self.fill(Area { x: at.x + x, y: at.y + y.cast_signed(), w, h: 1 });
            }
        }
    }

    fn glyph(&mut self, letter: &Placed, white: bool) {
        let glyph = &letter.glyph;
        let Area { x, y, w, h } = letter.area().shifted((self.shift, self.shift));
        let inside = x >= 0
            && y >= 0
            && x + w <= self.raster.width().cast_signed()
            && y + h <= self.raster.height().cast_signed();
        if !inside || glyph.width == 0 {
            debug_assert!(inside, "layout keeps glyphs inside the label");
            return;
        }
        let stride = self.raster.stride();
        let (x, y) = (x.cast_unsigned() as usize, y.cast_unsigned() as usize);
        let (byte, shift) = (x / 8, x % 8);
        let bits = self.raster.bits_mut();
        for (r, words) in glyph.bits.chunks_exact(glyph.words).enumerate() {
            let row = (y + r) * stride;
            for (i, word) in words.iter().enumerate().filter(|w| *w.1 != 0) {
                // 64 dots moved right by 0–7: nine bytes, of which the ones past the glyph are 0.
                let wide = (u128::from(*word) << (64 - shift)).to_be_bytes();
                let at = row + byte + i * 8;
                if let Some(to) = bits.get_mut(at..at + 9) {
                    for (t, w) in to.iter_mut().zip(&wide) {
                        *t = if white { *t & !w } else { *t | w };
                    }
                } else {
                    for (t, w) in bits[at..].iter_mut().zip(&wide) {
                        *t = if white { *t & !w } else { *t | w };
                    }
                }
            }
        }
    }
}
