//! The two bundled fonts: which characters they draw, how wide, and their outlines as 1-bit glyphs, cached.
//!
//! Invariants: same character, size and weight → same dots on every system (no system fonts, no hinting, only additions,
//! multiplications and divisions of IEEE floats; coverage ≥ 128 of 255 is black). Absent: shaping, kerning, fallback.

use crate::rotation::Rotation;
use crate::scene::Area;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlineGlyphCollection, OutlinePen};
use skrifa::raw::TableProvider;
use skrifa::{FontRef, GlyphId, MetadataProvider};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::sync::{Arc, LazyLock, PoisonError, RwLock};
use zeno::{Command, Mask, Vector};

/// The bundled weights of Noto Sans SC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Weight {
    /// 400
    #[default]
    Regular,
    /// 700; for everything a courier reads at arm's length.
    Bold,
}

/// One character of a weight.
#[derive(Clone, Copy, Debug)]
pub struct Letter {
    /// The character.
    pub ch: char,
    /// Its glyph in the font.
    pub gid: u16,
    /// Advance in font units ([`UPEM`] an em).
    pub advance: u16,
}

/// Font units an em, in both fonts (tested).
pub const UPEM: i64 = 1000;

/// A glyph in whole dots, turned with its line, relative to the pen: rows top to bottom, most significant bit leftmost, 1 = ink.
pub struct Glyph {
    /// Glyph index in the font.
    pub gid: u16,
    /// First column, right of the pen.
    pub left: i32,
    /// First row, below the pen (so mostly negative in upright text).
    pub top: i32,
    /// Dots across; 0 for a space.
    pub width: u32,
    /// Dots down.
    pub height: u32,
    /// Words a row.
    pub words: usize,
    /// `words` × `height`.
    pub bits: Vec<u64>,
}

impl Glyph {
    fn rotated(self, r: Rotation) -> Self {
        if r == Rotation::R0 {
            return self;
        }
        let upright = Area { x: self.left, y: self.top, w: self.width.cast_signed(), h: self.height.cast_signed() };
        let at = r.area(upright, (0, 0));
        let (width, height) = r.size((self.width, self.height));
        let words = width.div_ceil(64) as usize;
        let mut bits = vec![0_u64; words * height as usize];
        let place = |x: i32, y: i32, words: usize| {
            let (x, y) = (x.cast_unsigned() as usize, y.cast_unsigned() as usize);
            (y * words + x / 64, 1_u64 << (63 - x % 64))
        };
        let black = |x, y| {
            let (word, bit) = place(x, y, self.words);
            self.bits[word] & bit != 0
        };
        r.dots((upright.w, upright.h), black, |x, y| {
            let (word, bit) = place(x, y, words);
            bits[word] |= bit;
        });
        Self { gid: self.gid, left: at.x, top: at.y, width, height, words, bits }
    }
}

/// One bundled font file.
pub struct Face {
    /// The whole file.
    pub bytes: &'static [u8],
    outlines: OutlineGlyphCollection<'static>,
    /// Glyph by BMP character; 0 = cannot be drawn.
    bmp: Vec<u16>,
    /// The few characters beyond the BMP, sorted.
    beyond: Vec<(u32, u16)>,
    advances: Vec<u16>,
}

static REGULAR: LazyLock<Face> = LazyLock::new(|| Face::read(include_bytes!("../fonts/NotoSansSC_400Regular.ttf")));
static BOLD: LazyLock<Face> = LazyLock::new(|| Face::read(include_bytes!("../fonts/NotoSansSC_700Bold.ttf")));

/// The face of a weight.
pub fn face(weight: Weight) -> &'static Face {
    match weight {
        Weight::Regular => &REGULAR,
        Weight::Bold => &BOLD,
    }
}

/// A bundled font file, whole, for whoever draws text beside this crate.
pub fn face_bytes(weight: Weight) -> &'static [u8] {
    face(weight).bytes
}

impl Face {
    fn read(bytes: &'static [u8]) -> Self {
        let font = FontRef::new(bytes).expect("the bundled font is a font: tested");
        let loca = font.loca(None).expect("the bundled font has TrueType outlines: tested");
        let metrics = font.glyph_metrics(Size::unscaled(), LocationRef::default());
        let count = font.maxp().map_or(0, |m| m.num_glyphs());
        let advances: Vec<u16> = (0..count)
            .map(|g| metrics.advance_width(GlyphId::from(g)).map_or(0, |a| whole(a.round())))
            .map(|a| u16::try_from(a).unwrap_or(0))
            .collect();
        let mut bmp = vec![0; 0x1_0000];
        let mut beyond = Vec::new();
        for (code, gid) in font.charmap().mappings() {
            let gid = u16::try_from(gid.to_u32()).unwrap_or(0);
            let g = usize::from(gid);
            let Some(ch) = char::from_u32(code) else { continue };
            let empty = loca.get_raw(g) == loca.get_raw(g + 1);
            let space = ch.is_whitespace() && !ch.is_control() && !matches!(ch, '\u{2028}' | '\u{2029}');
            // Without shaping, a mark of no width would land on its neighbour, and an invisible one says nothing.
            if gid == 0 || advances.get(g).is_none_or(|a| *a == 0) || (empty && !space) || ch.is_control() {
                continue;
            }
            match bmp.get_mut(code as usize) {
                Some(slot) => *slot = gid,
                None => beyond.push((code, gid)),
            }
        }
        beyond.sort_unstable();
        Self { bytes, outlines: font.outline_glyphs(), bmp, beyond, advances }
    }

    /// The character in this weight, or `None` when it cannot be drawn.
    pub fn letter(&self, ch: char) -> Option<Letter> {
        let code = u32::from(ch);
        let gid = match self.bmp.get(code as usize) {
            Some(g) => *g,
            None => self.beyond[self.beyond.binary_search_by_key(&code, |e| e.0).ok()?].1,
        };
        (gid != 0).then(|| Letter { ch, gid, advance: self.advances[usize::from(gid)] })
    }

    /// Advance of a glyph in font units.
    pub fn advance(&self, gid: u16) -> u16 {
        self.advances.get(usize::from(gid)).copied().unwrap_or(0)
    }

    /// Outline of a glyph at `px` dots an em, y downwards, origin at the pen.
    pub fn outline(&self, gid: u16, px: u32) -> Vec<Command> {
        let mut pen = Pen(Vec::with_capacity(64));
        if let Some(glyph) = self.outlines.get(GlyphId::from(gid)) {
            #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^24 dots")]
            let size = Size::new(px as f32);
            // A glyph that fails half-way would be drawn in part; the references and the coverage test would show it.
            let _ = glyph.draw(DrawSettings::unhinted(size, LocationRef::default()), &mut pen);
        }
        pen.0
    }

    fn glyph(&self, gid: u16, px: u32) -> Glyph {
        let outline = self.outline(gid, px);
        if outline.is_empty() {
            return Glyph { gid, left: 0, top: 0, width: 0, height: 0, words: 0, bits: Vec::new() };
        }
        let (coverage, place) = Mask::new(outline.as_slice()).render();
        let words = place.width.div_ceil(64) as usize;
        let mut bits = vec![0_u64; words * place.height as usize];
        for (y, row) in coverage.chunks_exact(place.width.max(1) as usize).enumerate() {
            for (x, c) in row.iter().enumerate() {
                if *c >= 128 {
                    bits[y * words + x / 64] |= 1 << (63 - x % 64);
                }
            }
        }
        Glyph { gid, left: place.left, top: place.top, width: place.width, height: place.height, words, bits }
    }
}

/// The glyphs of one weight, size and rotation, in order. Made once, then shared by all threads.
pub fn glyphs(weight: Weight, px: u32, rotation: Rotation, gids: impl Iterator<Item = u16> + Clone) -> Vec<Arc<Glyph>> {
    let style = (u64::from(weight == Weight::Bold) << 63) | (u64::from(rotation.degrees() / 90) << 61);
    let key = |gid: u16| style | (u64::from(px) << 16) | u64::from(gid);
    {
        let cache = CACHE.read().unwrap_or_else(PoisonError::into_inner);
        let found: Vec<_> = gids.clone().map_while(|g| cache.glyphs.get(&key(g)).cloned()).collect();
        if found.len() == gids.clone().count() {
            return found;
        }
    }
    let face = face(weight);
    let mut cache = CACHE.write().unwrap_or_else(PoisonError::into_inner);
    if cache.bytes > CACHE_BYTES {
        *cache = Cache::new();
    }
    let made = gids.map(|g| {
        if let Some(found) = cache.glyphs.get(&key(g)) {
            return Arc::clone(found);
        }
        let glyph = Arc::new(face.glyph(g, px).rotated(rotation));
        cache.bytes += glyph.bits.len() * 8 + 100;
        cache.glyphs.insert(key(g), Arc::clone(&glyph));
        glyph
    });
    made.collect()
}

/// Some 40,000 glyphs of usual size, however many names pass through in a season.
const CACHE_BYTES: usize = 8_000_000;

struct Cache {
    glyphs: HashMap<u64, Arc<Glyph>, BuildHasherDefault<Spread>>,
    /// About what the glyphs take.
    bytes: usize,
}

impl Cache {
    const fn new() -> Self {
        Self { glyphs: HashMap::with_hasher(BuildHasherDefault::new()), bytes: 0 }
    }
}

static CACHE: RwLock<Cache> = RwLock::new(Cache::new());

/// Keys are small whole numbers of our own making: one multiplication spreads them.
#[derive(Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }
    fn write(&mut self, bytes: &[u8]) {
        for b in bytes {
            self.write_u64(u64::from(*b));
        }
    }
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0 ^ n).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

struct Pen(Vec<Command>);

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.0.push(Command::MoveTo(Vector::new(x, -y)));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.0.push(Command::LineTo(Vector::new(x, -y)));
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.0.push(Command::QuadTo(Vector::new(cx, -cy), Vector::new(x, -y)));
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.0.push(Command::CurveTo(Vector::new(ax, -ay), Vector::new(bx, -by), Vector::new(x, -y)));
    }
    fn close(&mut self) {
        self.0.push(Command::Close);
    }
}

#[expect(clippy::cast_possible_truncation, reason = "font units fit 16 bits")]
fn whole(units: f32) -> i32 {
    units as i32
}

/// Characters that the label cannot show, each once, in order of appearance: what neither weight can draw, and control
/// characters (line breaks and tabs too: replace them before). For forms, before a number is taken.
pub fn missing_glyphs(text: &str) -> Vec<char> {
    let mut missing = Vec::new();
    for ch in text.chars() {
        if REGULAR.letter(ch).is_none() && BOLD.letter(ch).is_none() && !missing.contains(&ch) {
            missing.push(ch);
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_weights_draw_the_same_characters_at_one_scale() {
        assert_eq!(
            REGULAR.bmp.iter().map(|g| *g != 0).collect::<Vec<_>>(),
            BOLD.bmp.iter().map(|g| *g != 0).collect::<Vec<_>>()
        );
        for f in [&*REGULAR, &*BOLD] {
            assert_eq!(f.letter('面').map(|l| i64::from(l.advance)), Some(UPEM), "a Chinese character is one em");
        }
        assert!(REGULAR.bmp.iter().filter(|g| **g != 0).count() > 30_000, "the full font is bundled, not a subset");
    }

    #[test]
    fn rare_name_characters_are_in_and_what_cannot_be_drawn_is_named() {
        assert_eq!(missing_glyphs("䶮㼆镕喆堃玥𬍛 Zhang-3 ×（）"), Vec::<char>::new());
        assert_eq!(
            missing_glyphs("a😀b\0c😀\n\tשׁ\u{202e}\u{200b}\u{feff}\u{301}"),
            ['😀', '\0', '\n', '\t', 'ש', '\u{5c1}', '\u{202e}', '\u{200b}', '\u{feff}', '\u{301}']
        );
    }
}
