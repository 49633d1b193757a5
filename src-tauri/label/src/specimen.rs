//! `样张 SPECIMEN` across the whole label, as hatched letters behind everything else. Keeps out of every symbol and its
//! quiet zone, so that a specimen still scans.

use crate::font::{self, UPEM, Weight};
use crate::scene::{Area, Scene, Thing};
use zeno::{Command, Mask, Vector};

const WORDS: &str = "样张 SPECIMEN";
/// The slope is a 3-4-5 triangle: its sine and cosine are exact, so every system turns the letters alike.
const COS: f32 = 0.8;
const SIN: f32 = 0.6;

/// The pattern for this scene's size and symbols.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "label dots are far below 2^24"
)]
pub fn pattern(scene: &Scene) -> Thing {
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
    let (coverage, _) = Mask::new(path.as_slice()).size(scene.width, scene.height).render();
    Thing::Pattern(hatch(scene, &coverage))
}

/// Letters as an outline at their left and right edges and a thin line every half millimetre.
fn hatch(scene: &Scene, coverage: &[u8]) -> Vec<Area> {
    let thin = scene.dpi.dots(domain::units::Mm(0.125)).0.max(1).cast_signed();
    let period = 5 * thin;
    let mut rows = Vec::new();
    for (y, row) in (0..).zip(coverage.chunks_exact(scene.width.max(1) as usize)) {
        let mut x = 0;
        while x < row.len() {
            let start = x + row[x..].iter().take_while(|c| **c < 128).count();
            let end = start + row[start..].iter().take_while(|c| **c >= 128).count();
            let (a, b) = (i32::try_from(start).unwrap_or(0), i32::try_from(end).unwrap_or(0));
            if y % period < thin || b - a <= 2 * thin {
                outside(Area { x: a, y, w: b - a, h: 1 }, scene, &mut rows);
            } else {
                outside(Area { x: a, y, w: thin, h: 1 }, scene, &mut rows);
                outside(Area { x: b - thin, y, w: thin, h: 1 }, scene, &mut rows);
            }
            x = end.max(x + 1);
        }
    }
    rows
}

/// Adds what of `part`, one dot high, lies outside every symbol's zone.
fn outside(part: Area, scene: &Scene, rows: &mut Vec<Area>) {
    let mut parts = vec![part];
    for s in &scene.symbols {
        parts = parts
            .into_iter()
            .flat_map(|p| {
                if !p.meets(s.zone) {
                    return [p, Area::default()];
                }
                let left = Area { w: s.zone.x - p.x, ..p };
                let from = s.zone.x + s.zone.w;
                [left, Area { x: from, w: p.x + p.w - from, ..p }]
            })
            .filter(|p| p.w > 0)
            .collect();
    }
    rows.extend(parts.into_iter().filter(|p| p.w > 0));
}
