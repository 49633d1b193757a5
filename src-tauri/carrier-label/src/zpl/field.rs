//! A drawn field and how it comes onto the label: its turn, its origin, reversed or not.

use domain::raster::Raster;

/// How a field is turned, clockwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Turn {
    /// `N`
    #[default]
    Upright,
    /// `R`, 90°
    Right,
    /// `I`, 180°
    Over,
    /// `B`, 270°
    Left,
}

impl Turn {
    /// From the letter of a command.
    pub fn from_letter(letter: Option<u8>) -> Option<Self> {
        match letter? {
            b'N' => Some(Self::Upright),
            b'R' => Some(Self::Right),
            b'I' => Some(Self::Over),
            b'B' => Some(Self::Left),
            _ => None,
        }
    }
}

/// Where a field begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Origin {
    /// Across.
    pub x: i64,
    /// Down.
    pub y: i64,
    /// `^FT`: the base line's start; `^FO`: the upper left corner of what comes out.
    pub typeset: bool,
    /// Of `^FO` or `^FT`: the right edge instead of the left one.
    pub right: bool,
}

/// What is drawn of a field, upright.
pub struct Block {
    /// The dots.
    pub dots: Raster,
    /// Rows above the base line.
    pub base: i64,
    /// Where the dots begin, seen from the block's own corner: text under bars may hang out.
    pub hang: (i64, i64),
    /// The block's own size.
    pub size: (i64, i64),
}

impl Block {
    /// Dots that are the whole block and stand on their last row.
    pub fn of(dots: Raster) -> Self {
        let size = (i64::from(dots.width()), i64::from(dots.height()));
        Self { base: size.1, dots, hang: (0, 0), size }
    }
}

/// The label under the pen, larger than the paper, so that what hangs over is seen and not cut in silence.
pub struct Canvas {
    /// The dots.
    pub dots: Raster,
    /// Something black went over the edge.
    pub cut: bool,
}

impl Canvas {
    /// Draws a block. `reversed` turns white to black and black to white under its ink; `white` erases under it.
    pub fn put(&mut self, block: &Block, at: Origin, turn: Turn, reversed: bool, white: bool) {
        let (w, h) = block.size;
        let (dw, dh) = (i64::from(block.dots.width()), i64::from(block.dots.height()));
        // The point of the upright block that lies on the origin.
        let (turned_w, turned_h) = if matches!(turn, Turn::Right | Turn::Left) { (h, w) } else { (w, h) };
        let (mut left, top) = if at.typeset {
            match turn {
                Turn::Upright => (at.x, at.y - block.base),
                Turn::Right => (at.x - (h - block.base), at.y),
                Turn::Over => (at.x - w, at.y - (h - block.base)),
                Turn::Left => (at.x - block.base, at.y - turned_h),
            }
        } else {
            (at.x, at.y)
        };
        if at.right {
            left -= turned_w;
        }
        for v in 0..dh {
            let row = u32::try_from(v).unwrap_or(0);
            for u in 0..dw {
                if !block.dots.get(u32::try_from(u).unwrap_or(0), row) {
                    continue;
                }
                let (u, v) = (u + block.hang.0, v + block.hang.1);
                let (x, y) = match turn {
                    Turn::Upright => (u, v),
                    Turn::Right => (h - 1 - v, u),
                    Turn::Over => (w - 1 - u, h - 1 - v),
                    Turn::Left => (v, w - 1 - u),
                };
                self.dot(left + x, top + y, reversed, white);
            }
        }
    }

    fn dot(&mut self, x: i64, y: i64, reversed: bool, white: bool) {
        let inside = (0..i64::from(self.dots.width())).contains(&x) && (0..i64::from(self.dots.height())).contains(&y);
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else {
            self.cut |= !white;
            return;
        };
        if !inside {
            self.cut |= !white;
        } else if reversed {
            self.dots.set(x, y, !self.dots.get(x, y));
        } else {
            self.dots.set(x, y, !white);
        }
    }
}
