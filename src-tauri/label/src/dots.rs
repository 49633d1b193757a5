//! Scene → dots. Glyphs are copied by 64-bit words, bars by rows.

use crate::font::Glyph;
use crate::scene::{Area, Scene, Thing};
use domain::raster::Raster;

impl Scene {
    /// The dots that the printer burns, the preview shows and the tests compare.
    pub fn raster(&self) -> Raster {
        let mut canvas = Canvas::new(self.width, self.height, 0);
        self.draw(&mut canvas);
        canvas.raster
    }

    /// Black dots that fall outside the label: always 0, or something would be missing on paper. Draws once more on a
    /// larger sheet and counts, so that it does not believe the layout.
    pub fn clipped_dots(&self) -> u64 {
        const MARGIN: u32 = 128;
        let mut sheet = Canvas::new(self.width + 2 * MARGIN, self.height + 2 * MARGIN, MARGIN.cast_signed());
        self.draw(&mut sheet);
        sheet.raster.black_dots() - self.raster().black_dots()
    }

    fn draw(&self, canvas: &mut Canvas) {
        for thing in &self.things {
            match thing {
                Thing::Fill(a) => canvas.fill(*a),
                Thing::Pattern(rows) => rows.iter().for_each(|a| canvas.fill(*a)),
                Thing::Run { baseline, white, letters, .. } => {
                    for l in letters {
                        canvas.glyph(l.x, *baseline, &l.glyph, *white);
                    }
                }
                Thing::Bars { at, module, widths } => {
                    let mut row = Canvas::new(canvas.raster.width(), 1, canvas.shift);
                    let mut x = at.x;
                    for (i, w) in widths.iter().enumerate() {
                        let w = i32::from(*w) * module;
                        if i % 2 == 0 {
                            row.fill(Area { x, y: -canvas.shift, w, h: 1 });
                        }
                        x += w;
                    }
                    canvas.copy_down(row.raster.bits(), at.y, at.h);
                }
                Thing::Matrix { at, module, side, dark } => {
                    for (i, _) in dark.iter().enumerate().filter(|d| *d.1) {
                        let i = i32::try_from(i).unwrap_or(i32::MAX);
                        let (x, y) = (at.x + i % side * module, at.y + i / side * module);
                        canvas.fill(Area { x, y, w: *module, h: *module });
                    }
                }
            }
        }
    }
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

    /// Or-s one row into `h` rows from `y` on.
    fn copy_down(&mut self, row: &[u8], y: i32, h: i32) {
        let stride = self.raster.stride();
        let y0 = (y + self.shift).max(0).cast_unsigned() as usize;
        let rows = self.raster.bits_mut().chunks_exact_mut(stride).skip(y0);
        for to in rows.take(h.max(0).cast_unsigned() as usize) {
            for (t, r) in to.iter_mut().zip(row) {
                *t |= r;
            }
        }
    }

    fn glyph(&mut self, x: i32, baseline: i32, glyph: &Glyph, white: bool) {
        let (x, y) = (x + glyph.left + self.shift, baseline + glyph.top + self.shift);
        let inside = x >= 0
            && y >= 0
            && x + glyph.width.cast_signed() <= self.raster.width().cast_signed()
            && y + glyph.height.cast_signed() <= self.raster.height().cast_signed();
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
