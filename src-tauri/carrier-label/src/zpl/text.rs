//! Text as a Zebra printer sets it, in the font that the caller brings: a printer's own fonts are nobody's to ship.
//!
//! Places and heights are the label's; widths come near to those of the printer's condensed font, never wider than a field asks.

use super::field::Block;
use crate::{Limits, ReadError};
use domain::raster::Raster;
use skrifa::instance::{LocationRef, Size};
use skrifa::outline::{DrawSettings, OutlinePen};
use skrifa::{FontRef, MetadataProvider};
use zeno::{Command as Stroke, Mask, Vector};

/// Height of capitals of the printer's scalable font, of its height.
const CAPITALS: f64 = 0.76;
/// Its base line, of its height.
const BASE: f64 = 0.75;
/// Capitals of Noto Sans, of an em.
const EM_CAPITALS: f64 = 0.733;
/// The scalable font is a condensed one.
const CONDENSED: f64 = 0.8;

/// A font as chosen by a label.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Style {
    /// Dots of a line.
    pub height: i64,
    /// Dots that the width is made for; as the height = not stretched.
    pub width: i64,
    /// Dots from one character to the next; 0 = as wide as each is.
    pub pitch: i64,
}

/// The caller's font.
pub struct Font<'a> {
    font: Option<FontRef<'a>>,
    limits: Limits,
}

impl<'a> Font<'a> {
    /// From a font file; one that cannot be read has no glyph.
    pub fn new(bytes: &'a [u8], limits: Limits) -> Self {
        Self { font: FontRef::new(bytes).ok(), limits }
    }

    fn glyph(&self, ch: char) -> Result<skrifa::GlyphId, ReadError> {
        let missing = ReadError::MissingGlyph { character: ch };
        let font = self.font.as_ref().ok_or(missing.clone())?;
        font.charmap().map(ch).filter(|g| g.to_u32() != 0).ok_or(missing)
    }

    fn advance(&self, ch: char, style: Style) -> Result<f64, ReadError> {
        let glyph = self.glyph(ch)?;
        if style.pitch > 0 {
            // A Chinese character takes two places in a font of even steps.
            return Ok(whole_f(style.pitch * if u32::from(ch) >= 0x2E80 { 2 } else { 1 }));
        }
        let Some(font) = &self.font else { return Ok(0.0) };
        let metrics = font.glyph_metrics(size_of(em(style)), LocationRef::default());
        Ok(f64::from(metrics.advance_width(glyph).unwrap_or(0.0)) * stretch(style))
    }

    /// How wide a line is.
    pub fn width(&self, text: &str, style: Style) -> Result<i64, ReadError> {
        text.chars().map(|c| self.advance(c, style)).sum::<Result<f64, _>>().map(|w| whole(w.ceil()))
    }

    /// One line, its base line at the same height for every text.
    pub fn line(&self, text: &str, style: Style) -> Result<Block, ReadError> {
        let width = self.width(text, style)?;
        // Below the base line there is room for what hangs down, above it for accents.
        let base = whole((whole_f(style.height) * BASE).round());
        let room = style.height;
        let (w, h) = (whole_u(width + 2 * room), whole_u(style.height + 2 * room));
        let mut dots = self.limits.white(w, h)?;
        let mut pen = whole_f(room);
        for ch in text.chars() {
            self.draw(&mut dots, ch, style, pen, room + base)?;
            pen += self.advance(ch, style)?;
        }
        Ok(Block { dots, base, hang: (-room, -room), size: (width, style.height) })
    }

    fn draw(&self, dots: &mut Raster, ch: char, style: Style, x: f64, base: i64) -> Result<(), ReadError> {
        let glyph = self.glyph(ch)?;
        let Some(outline) = self.font.as_ref().and_then(|f| f.outline_glyphs().get(glyph)) else { return Ok(()) };
        let mut pen = Pen { strokes: Vec::new(), stretch: small(stretch(style)) };
        let settings = DrawSettings::unhinted(size_of(em(style)), LocationRef::default());
        if outline.draw(settings, &mut pen).is_err() || pen.strokes.is_empty() {
            return Ok(());
        }
        let (coverage, place) = Mask::new(pen.strokes.as_slice()).render();
        let left = whole(x.round()) + i64::from(place.left);
        for (n, _) in (0_u32..).zip(&coverage).filter(|(_, c)| **c >= 128) {
            let (gx, gy) = (n % place.width.max(1), n / place.width.max(1));
            let at = (left + i64::from(gx), base + i64::from(place.top) + i64::from(gy));
            if let (Ok(x), Ok(y)) = (u32::try_from(at.0), u32::try_from(at.1)) {
                dots.set(x, y, true);
            }
        }
        Ok(())
    }
}

fn em(style: Style) -> f64 {
    whole_f(style.height) * CAPITALS / EM_CAPITALS
}

fn stretch(style: Style) -> f64 {
    CONDENSED * whole_f(style.width.max(1)) / whole_f(style.height.max(1))
}

#[expect(clippy::cast_possible_truncation, reason = "heights are bounded")]
fn size_of(em: f64) -> Size {
    Size::new(em as f32)
}

#[expect(clippy::cast_possible_truncation, reason = "a ratio of bounded lengths")]
fn small(n: f64) -> f32 {
    n as f32
}

#[expect(clippy::cast_precision_loss, reason = "lengths on labels are far below 2^52")]
fn whole_f(n: i64) -> f64 {
    n as f64
}

#[expect(clippy::cast_possible_truncation, reason = "clamped before the cast")]
fn whole(n: f64) -> i64 {
    n.clamp(-1e9, 1e9) as i64
}

fn whole_u(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

struct Pen {
    strokes: Vec<Stroke>,
    stretch: f32,
}

impl Pen {
    fn at(&self, x: f32, y: f32) -> Vector {
        Vector::new(x * self.stretch, -y)
    }
}

impl OutlinePen for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.strokes.push(Stroke::MoveTo(self.at(x, y)));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.strokes.push(Stroke::LineTo(self.at(x, y)));
    }
    fn quad_to(&mut self, cx: f32, cy: f32, x: f32, y: f32) {
        self.strokes.push(Stroke::QuadTo(self.at(cx, cy), self.at(x, y)));
    }
    fn curve_to(&mut self, ax: f32, ay: f32, bx: f32, by: f32, x: f32, y: f32) {
        self.strokes.push(Stroke::CurveTo(self.at(ax, ay), self.at(bx, by), self.at(x, y)));
    }
    fn close(&mut self) {
        self.strokes.push(Stroke::Close);
    }
}

/// What `^FB` says: text in a box.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Within {
    /// Dots across.
    pub width: i64,
    /// Lines at most; what is over is printed over the last one, as the printer does.
    pub lines: i64,
    /// Dots between lines.
    pub between: i64,
    /// `L`, `C`, `R`, `J`
    pub side: u8,
    /// Dots by which all lines but the first are moved.
    pub indent: i64,
}

/// Text in a box, line by line, as blocks with their places inside of it. The box's size and base line stand with each.
pub fn boxed(font: &Font<'_>, text: &str, style: Style, within: Within) -> Result<Block, ReadError> {
    let mut lines = Vec::new();
    for paragraph in text.split("\\&") {
        wrap(font, paragraph, style, within, &mut lines)?;
    }
    let step = style.height + within.between;
    let last = within.lines.max(1) - 1;
    let shown = i64::try_from(lines.len()).unwrap_or(1).clamp(1, last + 1);
    let room = style.height;
    let (w, h) = (within.width + 2 * room, step.max(0) * shown + 3 * room);
    let mut dots = font.limits.white(whole_u(w), whole_u(h))?;
    let mut drawn = 0_u64;
    for (n, line) in (0_i64..).zip(&lines) {
        let block = font.line(line, style)?;
        // Each of a thousand lines may be as large as a label, and all of them lie on the last one.
        drawn += u64::from(block.dots.width()) * u64::from(block.dots.height());
        if drawn > font.limits.work {
            return Err(ReadError::TooManyDots { width: dots.width(), height: dots.height() });
        }
        let indent = if n > 0 { within.indent } else { 0 };
        let free = (within.width - indent - block.size.0).max(0);
        let x = indent
            + match within.side {
                b'C' => free / 2,
                b'R' => free,
                _ => 0,
            };
        over(&mut dots, &block.dots, x, step * n.min(last));
    }
    // ^FT names the base line of the last line that the box has room for.
    let base = step * (shown - 1) + whole((whole_f(style.height) * BASE).round());
    Ok(Block { dots, base, hang: (-room, -room), size: (within.width, step * shown) })
}

fn over(dots: &mut Raster, line: &Raster, x: i64, y: i64) {
    for v in 0..line.height() {
        for u in 0..line.width() {
            if let (true, Ok(x), Ok(y)) =
                (line.get(u, v), u32::try_from(x + i64::from(u)), u32::try_from(y + i64::from(v)))
            {
                dots.set(x, y, true);
            }
        }
    }
}

fn wrap(font: &Font<'_>, text: &str, style: Style, within: Within, out: &mut Vec<String>) -> Result<(), ReadError> {
    // The line's width is carried along: measuring it anew for each word takes the square of its length.
    let (mut line, mut used) = (String::new(), 0.0);
    let fits = |used: f64| whole(used.ceil()) <= within.width;
    for word in text.split(' ') {
        let space = if line.is_empty() { 0.0 } else { font.advance(' ', style)? };
        let longer = word.chars().try_fold(used + space, |used, c| font.advance(c, style).map(|one| used + one))?;
        if fits(longer) {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
            used = longer;
            continue;
        }
        if !line.is_empty() {
            out.push(std::mem::take(&mut line));
            used = 0.0;
        }
        // A word that is longer than the box is broken where the box ends.
        for ch in word.chars() {
            let one = font.advance(ch, style)?;
            if !fits(used + one) && !line.is_empty() {
                out.push(std::mem::take(&mut line));
                used = 0.0;
            }
            line.push(ch);
            used += one;
        }
    }
    out.push(line);
    Ok(())
}
