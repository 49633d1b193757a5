//! A black-and-white picture in printer dots: the only thing that printer languages take.

/// One bit a dot: 1 = burn (black). Rows top to bottom, each `stride()` bytes, most significant bit leftmost,
/// padding bits at the right end of a row are 0 (white).
#[derive(Clone, PartialEq, Eq)]
pub struct Raster {
    width: u32,
    height: u32,
    bits: Vec<u8>,
}

impl Raster {
    /// An all-white picture, `width` × `height` dots.
    pub fn white(width: u32, height: u32) -> Self {
        Self { width, height, bits: vec![0; width.div_ceil(8) as usize * height as usize] }
    }
    /// Dots across.
    pub fn width(&self) -> u32 {
        self.width
    }
    /// Dots down.
    pub fn height(&self) -> u32 {
        self.height
    }
    /// Bytes a row.
    pub fn stride(&self) -> usize {
        self.width.div_ceil(8) as usize
    }
    /// All rows, 1 = black.
    pub fn bits(&self) -> &[u8] {
        &self.bits
    }
    /// All rows, for drawing. The padding bits must stay 0.
    pub fn bits_mut(&mut self) -> &mut [u8] {
        &mut self.bits
    }
    /// One row.
    pub fn row(&self, y: u32) -> &[u8] {
        let s = self.stride();
        &self.bits[y as usize * s..(y as usize + 1) * s]
    }
    /// Whether the dot is black; outside the picture it is white.
    pub fn get(&self, x: u32, y: u32) -> bool {
        x < self.width
            && y < self.height
            && self.bits[y as usize * self.stride() + (x / 8) as usize] & (0x80 >> (x % 8)) != 0
    }
    /// Makes one dot black or white; outside the picture nothing happens.
    pub fn set(&mut self, x: u32, y: u32, black: bool) {
        if x >= self.width || y >= self.height {
            return;
        }
        let i = y as usize * self.stride() + (x / 8) as usize;
        let bit = 0x80 >> (x % 8);
        if black {
            self.bits[i] |= bit;
        } else {
            self.bits[i] &= !bit;
        }
    }
    /// How many dots are black.
    pub fn black_dots(&self) -> u64 {
        self.bits.iter().map(|b| u64::from(b.count_ones())).sum()
    }
}

impl std::fmt::Debug for Raster {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Raster({}×{}, {} black)", self.width, self.height, self.black_dots())
    }
}
