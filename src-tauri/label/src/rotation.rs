//! Quarter turns in whole dots. All outputs see turned things only, so dots, PDF and preview cannot disagree.
//!
//! Invariant: a turn moves dots and changes none: turning four times by 90° gives the same dots.
//! Absent: any other angle.

use crate::font;
use crate::scene::{Area, Grid, Placed, Scene, Symbol, Thing};
use domain::raster::Raster;
use domain::units::LabelSize;
use std::sync::Arc;

/// How far something is turned, clockwise. In templates: `rotate = 90`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Rotation {
    /// Upright.
    #[default]
    R0,
    /// The top is on the right.
    R90,
    /// Upside down.
    R180,
    /// The top is on the left.
    R270,
}

impl Rotation {
    /// All four, for tests and tools.
    pub const ALL: [Self; 4] = [Self::R0, Self::R90, Self::R180, Self::R270];

    /// The turn by so many degrees; none where they are no quarter turns of one round.
    pub(crate) fn from_degrees(degrees: i64) -> Option<Self> {
        Self::ALL.into_iter().find(|r| i64::from(r.degrees()) == degrees)
    }

    /// Clockwise, degrees.
    pub fn degrees(self) -> u32 {
        match self {
            Self::R0 => 0,
            Self::R90 => 90,
            Self::R180 => 180,
            Self::R270 => 270,
        }
    }

    /// Whether width and height change places.
    pub fn sideways(self) -> bool {
        matches!(self, Self::R90 | Self::R270)
    }

    /// This turn and then another.
    #[must_use]
    pub fn then(self, next: Self) -> Self {
        Self::ALL[((self.degrees() + next.degrees()) / 90 % 4) as usize]
    }

    /// Size of a turned thing.
    pub(crate) fn size<T>(self, (w, h): (T, T)) -> (T, T) {
        if self.sideways() { (h, w) } else { (w, h) }
    }

    /// Where an area of an upright frame of this size lies in the turned frame.
    pub(crate) fn area(self, a: Area, (w, h): (i32, i32)) -> Area {
        match self {
            Self::R0 => a,
            Self::R90 => Area { x: h - a.y - a.h, y: a.x, w: a.h, h: a.w },
            Self::R180 => Area { x: w - a.x - a.w, y: h - a.y - a.h, ..a },
            Self::R270 => Area { x: a.y, y: w - a.x - a.w, w: a.h, h: a.w },
        }
    }

    /// Where the corner between four dots comes to lie: pens are such corners.
    pub(crate) fn corner(self, (x, y): (i32, i32), frame: (i32, i32)) -> (i32, i32) {
        let at = self.area(Area { x, y, w: 0, h: 0 }, frame);
        (at.x, at.y)
    }

    /// Calls `each` with the new place of every black dot of a `w` × `h` picture.
    pub(crate) fn dots(self, (w, h): (i32, i32), black: impl Fn(i32, i32) -> bool, mut each: impl FnMut(i32, i32)) {
        for y in 0..h {
            for x in (0..w).filter(|x| black(*x, y)) {
                let to = self.area(Area { x, y, w: 1, h: 1 }, (w, h));
                each(to.x, to.y);
            }
        }
    }
}

impl Thing {
    /// Turns a thing of an upright `frame` and moves it by `by`.
    pub(crate) fn rotate(&mut self, r: Rotation, frame: (i32, i32), by: (i32, i32)) {
        let moved = |a: Area| r.area(a, frame).shifted(by);
        match self {
            Self::Fill(a) => *a = moved(*a),
            Self::Bars { at, widths, down, .. } => {
                *at = moved(*at);
                // Bars that ran right or down and now run left or up are listed from their other end.
                let back = match r {
                    Rotation::R0 => false,
                    Rotation::R90 => *down,
                    Rotation::R180 => true,
                    Rotation::R270 => !*down,
                };
                if back {
                    widths.reverse();
                }
                *down ^= r.sideways();
            }
            Self::Matrix { at, cell, grid } => {
                *at = moved(*at);
                *cell = r.size(*cell);
                *grid = turned_grid(grid, r);
            }
            Self::Picture { at, dots } => {
                *at = moved(*at);
                *dots = Arc::new(turned_raster(dots, r));
            }
            Self::Run { weight, px, rotation, letters, .. } => {
                *rotation = rotation.then(r);
                let glyphs = font::glyphs(*weight, *px, *rotation, letters.iter().map(|l| l.glyph.gid));
                for (l, glyph) in letters.iter_mut().zip(glyphs) {
                    let (x, y) = r.corner((l.x, l.y), frame);
                    *l = Placed { ch: l.ch, x: x + by.0, y: y + by.1, glyph };
                }
            }
        }
    }
}

impl Symbol {
    /// As [`Thing::rotate`].
    pub(crate) fn rotate(&mut self, r: Rotation, frame: (i32, i32), by: (i32, i32)) {
        self.ink = r.area(self.ink, frame).shifted(by);
        self.zone = r.area(self.zone, frame).shifted(by);
        self.rotation = self.rotation.then(r);
    }
}

impl Scene {
    /// The whole label turned: for stock that runs sideways through the printer. The same dots, elsewhere.
    #[must_use]
    pub fn rotated(mut self, r: Rotation) -> Self {
        if r == Rotation::R0 {
            return self;
        }
        let whole = self.whole();
        let frame = (whole.w, whole.h);
        self.things.iter_mut().for_each(|t| t.rotate(r, frame, (0, 0)));
        self.symbols.iter_mut().for_each(|s| s.rotate(r, frame, (0, 0)));
        (self.width, self.height) = r.size((self.width, self.height));
        let (width, height) = r.size((self.size.width, self.size.height));
        self.size = LabelSize { width, height };
        self
    }
}

fn turned_grid(grid: &Grid, r: Rotation) -> Grid {
    let (columns, _) = r.size((grid.columns, grid.rows()));
    let mut dark = vec![false; grid.dark.len()];
    let at = |x: i32, y: i32, columns: i32| (y * columns + x).cast_unsigned() as usize;
    r.dots(
        (grid.columns, grid.rows()),
        |x, y| grid.dark[at(x, y, grid.columns)],
        |x, y| dark[at(x, y, columns)] = true,
    );
    Grid { columns, dark }
}

fn turned_raster(from: &Raster, r: Rotation) -> Raster {
    let (w, h) = r.size((from.width(), from.height()));
    let mut to = Raster::white(w, h);
    r.dots(
        (from.width().cast_signed(), from.height().cast_signed()),
        |x, y| from.get(x.cast_unsigned(), y.cast_unsigned()),
        |x, y| to.set(x.cast_unsigned(), y.cast_unsigned(), true),
    );
    to
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_quarter_turns_are_none_and_each_keeps_the_frame() {
        let a = Area { x: 2, y: 3, w: 5, h: 7 };
        let (mut at, mut frame) = (a, (20, 30));
        for _ in 0..4 {
            at = Rotation::R90.area(at, frame);
            frame = Rotation::R90.size(frame);
            assert!(Area { x: 0, y: 0, w: frame.0, h: frame.1 }.holds(at));
        }
        assert_eq!((at, frame), (a, (20, 30)));
        for r in Rotation::ALL {
            for s in Rotation::ALL {
                let one = s.area(r.area(a, (20, 30)), r.size((20, 30)));
                assert_eq!(one, r.then(s).area(a, (20, 30)), "{r:?} then {s:?}");
            }
        }
        assert_eq!(Rotation::R90.corner((0, 0), (20, 30)), (30, 0), "the top left corner goes to the top right");
        assert_eq!(Rotation::from_degrees(45), None);
    }
}
