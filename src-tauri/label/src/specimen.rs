//! `样张 SPECIMEN` across the whole label, as hatched letters behind everything else. Keeps out of every symbol and its
//! quiet zone, so that a specimen still scans.

use crate::font::{self, UPEM, Weight};
use crate::scene::{Area, Scene, Thing};
use domain::raster::Raster;
use domain::units::Mm;
use std::ops::Range;
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

/// Letters as an outline at their left and right edges and thin lines inside, broken off around the label's own texts.
fn hatch(scene: &Scene, coverage: &[u8]) -> Vec<Area> {
    let thin = scene.dpi.dots(Mm(0.125)).0.max(1).cast_signed();
    let period = 5 * thin;
    let keep_out = keep_out(scene);
    let mut rows = Vec::new();
    for (y, row) in (0..).zip(coverage.chunks_exact(scene.width.max(1) as usize)) {
        let mut x = 0;
        while x < row.len() {
            let start = x + row[x..].iter().take_while(|c| **c < 128).count();
            let end = start + row[start..].iter().take_while(|c| **c >= 128).count();
            let (a, b) = (i32::try_from(start).unwrap_or(0), i32::try_from(end).unwrap_or(0));
            if y % period < thin || b - a <= 2 * thin {
                free(a..b, y, &keep_out, &mut rows);
            } else {
                free(a..a + thin, y, &keep_out, &mut rows);
                free(b - thin..b, y, &keep_out, &mut rows);
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
    let air = scene.dpi.dots(Mm(0.3)).0.cast_signed();
    let mut around: Vec<Thing> = scene.symbols.iter().map(|s| Thing::Fill(s.zone)).collect();
    for y in 0..texts.height() {
        let mut x = 0;
        while x < texts.width() {
            // Words of white are most of a label.
            if x % 8 == 0 && texts.row(y)[x as usize / 8] == 0 {
                x += 8;
                continue;
            }
            let from = x;
            while texts.get(x, y) {
                x += 1;
            }
            if x > from {
                let (x0, y0) = (from.cast_signed() - air, y.cast_signed() - air);
                let w = (x - from).cast_signed() + 2 * air;
                around.push(Thing::Fill(Area { x: x0, y: y0, w, h: 2 * air + 1 }));
            } else {
                x += 1;
            }
        }
    }
    Scene { things: around, ..scene.clone() }.raster()
}

/// Adds the dots of one row that are free.
fn free(columns: Range<i32>, y: i32, keep_out: &Raster, rows: &mut Vec<Area>) {
    let mut from = None;
    for x in columns.clone().chain([columns.end]) {
        let taken = x == columns.end || keep_out.get(x.cast_unsigned(), y.cast_unsigned());
        match (taken, from) {
            (false, None) => from = Some(x),
            (true, Some(start)) => {
                rows.push(Area { x: start, y, w: x - start, h: 1 });
                from = None;
            }
            _ => {}
        }
    }
}
