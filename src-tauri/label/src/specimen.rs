//! `样张 SPECIMEN` across the whole label, as hatched letters behind everything else. Keeps out of every symbol and its
//! quiet zone, so that a specimen still scans.

use crate::font::{self, UPEM, Weight};
use crate::scene::{Area, Scene, Thing};
use domain::raster::Raster;
use domain::units::Mm;
use std::sync::{Arc, Mutex, PoisonError};
use zeno::{Command, Mask, Vector};

const WORDS: &str = "样张 SPECIMEN";
/// The slope is a 3-4-5 triangle: its sine and cosine are exact, so every system turns the letters alike.
const COS: f32 = 0.8;
const SIN: f32 = 0.6;

/// The pattern for this scene: its size's letters, broken off around its symbols, its own texts and its images.
pub fn pattern(scene: &Scene) -> Thing {
    let mut dots = Raster::clone(&letters(scene));
    keep_out(scene, &mut dots);
    Thing::Picture { at: scene.whole(), dots: Arc::new(dots) }
}

/// The letters for a label of this size, made once: every label of a trial folder wears them.
fn letters(scene: &Scene) -> Arc<Raster> {
    let key = (scene.width, scene.height, scene.dpi.nominal());
    let mut sizes = SIZES.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(found) = sizes.iter().find(|s| s.0 == key) {
        return Arc::clone(&found.1);
    }
    // There are a handful of stocks and heads; this only bounds a caller that invents sizes.
    if sizes.len() >= 16 {
        sizes.clear();
    }
    let made = Arc::new(hatch(scene, &coverage(scene)));
    sizes.push((key, Arc::clone(&made)));
    made
}

/// Width, height and nominal dpi, and the letters of such a label.
type Made = ((u32, u32, u32), Arc<Raster>);

static SIZES: Mutex<Vec<Made>> = Mutex::new(Vec::new());

/// How much of each dot the turned letters cover.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "label dots are far below 2^24"
)]
fn coverage(scene: &Scene) -> Vec<u8> {
    let face = font::face(Weight::Bold);
    let letters: Vec<_> = WORDS.chars().filter_map(|c| face.letter(c)).collect();
    let units = letters.iter().map(|l| i64::from(l.advance)).sum::<i64>().max(1);
    let (w, h) = (scene.width as f32, scene.height as f32);
    // The line runs from the left to the right edge with a little air.
    let length = 0.94 * w / COS;
    let px = ((length * UPEM as f32 / units as f32) as u32).max(1);
    let size = px as f32;
    let mut path = Vec::new();
    // Lines 2.1 em apart; in the middle of each, the text's centre lies on the label's vertical axis.
    let step = 2.1 * size / COS;
    let rows = (h / step).ceil() as i32 + 2;
    for row in -rows..=rows {
        let (cx, cy) = (w / 2.0, h / 2.0 + row as f32 * step);
        let mut pen = -(units as f32) * size / UPEM as f32 / 2.0;
        for l in &letters {
            let turn = |p: Vector| {
                let (u, v) = (p.x + pen, p.y + 0.38 * size);
                Vector::new(cx + u * COS + v * SIN, cy - u * SIN + v * COS)
            };
            path.extend(face.outline(l.gid, px).into_iter().map(|c| match c {
                Command::MoveTo(p) => Command::MoveTo(turn(p)),
                Command::LineTo(p) => Command::LineTo(turn(p)),
                Command::QuadTo(a, p) => Command::QuadTo(turn(a), turn(p)),
                Command::CurveTo(a, b, p) => Command::CurveTo(turn(a), turn(b), turn(p)),
                Command::Close => Command::Close,
            }));
            pen += f32::from(l.advance) * size / UPEM as f32;
        }
    }
    Mask::new(path.as_slice()).size(scene.width, scene.height).render().0
}

/// Letters as an outline at their left and right edges and thin lines inside.
fn hatch(scene: &Scene, coverage: &[u8]) -> Raster {
    let thin = scene.dpi.dots(Mm(0.125)).0.max(1);
    let period = 5 * thin;
    let mut dots = Raster::white(scene.width, scene.height);
    for (y, row) in (0..).zip(coverage.chunks_exact(scene.width.max(1) as usize)) {
        let mut x = 0;
        for part in row.chunk_by(|a, b| (*a >= 128) == (*b >= 128)) {
            let n = u32::try_from(part.len()).unwrap_or(0);
            let whole = y % period < thin || n <= 2 * thin;
            for i in (0..n).filter(|i| part[0] >= 128 && (whole || *i < thin || *i >= n - thin)) {
                dots.set(x + i, y, true);
            }
            x += n;
        }
    }
    dots
}

/// Whitens every symbol with its quiet zone, and a third of a millimetre around every dot of text, so that small type
/// stays clear. Works on 64 dots at a time: this is the larger part of what a specimen costs.
fn keep_out(scene: &Scene, pattern: &mut Raster) {
    let shown = scene.raster_of(|t| matches!(t, Thing::Run { white: false, .. } | Thing::Picture { .. }));
    let air = scene.dpi.dots(Mm(0.3)).0 as usize;
    let words = shown.stride().div_ceil(8).max(1);
    let mut wide = vec![0_u64; words * shown.height() as usize];
    for (y, row) in (0..).zip(wide.chunks_exact_mut(words)) {
        widen(shown.row(y), air, row);
    }
    // One dot more than the zone, because some PDF renderers widen shapes by one.
    let wider = |z: Area| Area { x: z.x - 1, y: z.y - 1, w: z.w + 2, h: z.h + 2 };
    let zones = scene.symbols.iter().map(|s| Thing::Fill(wider(s.zone))).collect();
    let zones = Scene { things: zones, symbols: Vec::new(), ..*scene }.raster();
    let stride = pattern.stride();
    let mut near = vec![0; words];
    for (y, to) in pattern.bits_mut().chunks_exact_mut(stride).enumerate() {
        near.fill(0);
        let rows = wide.chunks_exact(words).take(y + air + 1).skip(y.saturating_sub(air));
        rows.for_each(|row| near.iter_mut().zip(row).for_each(|(n, r)| *n |= r));
        let zones = zones.bits()[y * stride..].chunks(8);
        for ((to, near), zone) in to.chunks_mut(8).zip(&near).zip(zones) {
            for ((t, n), z) in to.iter_mut().zip(near.to_be_bytes()).zip(zone) {
                *t &= !(n | z);
            }
        }
    }
}

/// Writes a row with `air` more black dots on both sides of every black dot, 64 a word. May blacken what is beyond the
/// right edge, where the pattern is white.
fn widen(row: &[u8], air: usize, wide: &mut [u64]) {
    if row.iter().all(|b| *b == 0) {
        return;
    }
    for (word, eight) in wide.iter_mut().zip(row.chunks(8)) {
        let mut bytes = [0; 8];
        bytes[..eight.len()].copy_from_slice(eight);
        *word = u64::from_be_bytes(bytes);
    }
    for _ in 0..air {
        let mut before = 0;
        for i in 0..wide.len() {
            let (w, after) = (wide[i], wide.get(i + 1).copied().unwrap_or(0));
            wide[i] = w | (w << 1) | (w >> 1) | (before << 63) | (after >> 63);
            before = w;
        }
    }
}
