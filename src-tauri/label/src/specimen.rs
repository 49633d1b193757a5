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

/// The pattern for this scene: its size's letters, broken off around its symbols and its own texts.
pub fn pattern(scene: &Scene) -> Thing {
    let keep_out = keep_out(scene);
    let mut rows = Vec::new();
    for part in letters(scene).iter() {
        free(*part, &keep_out, &mut rows);
    }
    Thing::Pattern(rows)
}

/// The letters for a label of this size, made once: every label of a trial folder wears them.
fn letters(scene: &Scene) -> Arc<Vec<Area>> {
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

/// Width, height and nominal dpi, and the black stretches of such a label.
type Made = ((u32, u32, u32), Arc<Vec<Area>>);

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
fn hatch(scene: &Scene, coverage: &[u8]) -> Vec<Area> {
    let thin = scene.dpi.dots(Mm(0.125)).0.max(1).cast_signed();
    let period = 5 * thin;
    let mut rows = Vec::new();
    for (y, row) in (0..).zip(coverage.chunks_exact(scene.width.max(1) as usize)) {
        let mut x = 0;
        while x < row.len() {
            let start = x + row[x..].iter().take_while(|c| **c < 128).count();
            let end = start + row[start..].iter().take_while(|c| **c >= 128).count();
            let (a, b) = (i32::try_from(start).unwrap_or(0), i32::try_from(end).unwrap_or(0));
            let part = |x: i32, w: i32| Area { x, y, w, h: 1 };
            if b > a && (y % period < thin || b - a <= 2 * thin) {
                rows.push(part(a, b - a));
            } else if b > a {
                rows.extend([part(a, thin), part(b - thin, thin)]);
            }
            x = end.max(x + 1);
        }
    }
    rows
}

/// Every symbol with its quiet zone, and a third of a millimetre around every dot of text, so that small type stays clear.
fn keep_out(scene: &Scene) -> Raster {
    let texts = scene.things.iter().filter(|t| matches!(t, Thing::Run { white: false, .. })).cloned().collect();
    let texts = Scene { things: texts, ..scene.clone() }.raster();
    let air = scene.dpi.dots(Mm(0.3)).0 as usize;
    // One dot more than the zone, because some PDF renderers widen shapes by one.
    let wider = |z: Area| Area { x: z.x - 1, y: z.y - 1, w: z.w + 2, h: z.h + 2 };
    let zones = scene.symbols.iter().map(|s| Thing::Fill(wider(s.zone))).collect();
    let mut keep_out = Scene { things: zones, ..scene.clone() }.raster();
    let stride = keep_out.stride();
    let wide: Vec<Vec<u8>> = (0..texts.height()).map(|y| widen(texts.row(y), air)).collect();
    for (y, to) in keep_out.bits_mut().chunks_exact_mut(stride).enumerate() {
        for row in &wide[y.saturating_sub(air)..(y + air + 1).min(wide.len())] {
            for (t, r) in to.iter_mut().zip(row) {
                *t |= r;
            }
        }
    }
    keep_out
}

/// A row with `air` more black dots on both sides of every black dot. May blacken the padding, which nobody reads here.
fn widen(row: &[u8], air: usize) -> Vec<u8> {
    let mut row = row.to_vec();
    if row.iter().all(|b| *b == 0) {
        return row;
    }
    for _ in 0..air {
        let mut before = 0;
        for i in 0..row.len() {
            let (b, after) = (row[i], row.get(i + 1).copied().unwrap_or(0));
            row[i] = b | (b << 1) | (b >> 1) | (before << 7) | (after >> 7);
            before = b;
        }
    }
    row
}

/// Adds what of a stretch is free.
fn free(part: Area, keep_out: &Raster, rows: &mut Vec<Area>) {
    let end = part.x + part.w;
    let mut from = None;
    for x in part.x..=end {
        let taken = x == end || keep_out.get(x.cast_unsigned(), part.y.cast_unsigned());
        match (taken, from) {
            (false, None) => from = Some(x),
            (true, Some(start)) => {
                rows.push(Area { x: start, w: x - start, ..part });
                from = None;
            }
            _ => {}
        }
    }
}
