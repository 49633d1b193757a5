//! Text items: what they say, letter by letter with its origin, fitted into their box and placed.

use super::{Builder, Site};
use crate::error::LabelError;
use crate::field::{Origin, Turn, Word, say};
use crate::fit::{self, Room};
use crate::flaw::{Flaw, shown};
use crate::font::{self, Letter, UPEM};
use crate::rotation::Rotation;
use crate::scene::{Area, Placed, Thing};
use crate::template::{Align, Text, Valign};
use domain::units::Mm;

/// A letter and where it came from.
type Spoken = (Letter, Origin);

impl Builder<'_> {
    /// Draws a text item, or says which field cannot be drawn.
    pub(super) fn text(&mut self, t: &Text, origin: (f64, f64), turn: Turn, site: Site<'_>) -> Result<(), LabelError> {
        let spoken = self.speak(t, turn, site)?;
        let letters: Vec<Letter> = spoken.iter().map(|s| s.0).collect();
        if letters.iter().all(|l| l.ch.is_whitespace()) {
            return Ok(());
        }
        let too_long = || match blame(&spoken) {
            Some(field) => LabelError::DoesNotFit { field },
            None => LabelError::BadTemplate { place: site(), reason: Box::new(Flaw::OwnWords {}) },
        };
        let area = self.area(t.place, origin);
        if t.reverse {
            self.scene.things.push(Thing::Fill(area));
        }
        let first = self.scene.things.len();
        self.turned(t.rotate, area, |b, area| {
            let lines = b.lines(t, &letters, area).ok_or_else(too_long)?;
            b.scene.things.extend(lines);
            Ok(())
        })?;
        let whole = self.scene.whole();
        if self.scene.things[first..].iter().any(|line| line.ink().is_some_and(|ink| !whole.holds(ink))) {
            return Err(too_long());
        }
        Ok(())
    }

    /// The lines of an upright text in an area; `None` when it does not fit.
    fn lines(&self, t: &Text, letters: &[Letter], mut area: Area) -> Option<Vec<Thing>> {
        if t.reverse {
            let pad = self.length(0.5).cast_signed();
            area = Area { x: area.x + pad, w: area.w - 2 * pad, ..area };
        }
        let size = self.length(t.size);
        let room = Room {
            width: area.w.max(0).cast_unsigned(),
            height: area.h.max(0).cast_unsigned(),
            sizes: (size, t.min_size.map_or(size, |m| self.length(m))),
            wrap: t.wrap,
            heading: t.wrap && t.heading,
            line_height: thousandths(t.line_height),
            tracking: self.scene.dpi.dots(Mm(t.tracking)).0,
        };
        let dots = if t.ellipsis { font::face(t.weight).letter('…') } else { None };
        let fitted = fit::fit(letters, room, dots)?;
        let (px, lines) = (fitted.px.cast_signed(), i32::try_from(fitted.lines.len()).unwrap_or(i32::MAX));
        let pitch = room.pitch(fitted.px).cast_signed();
        let free = area.h - ((lines - 1) * pitch + px);
        let top = area.y
            + match t.valign {
                Valign::Top => 0,
                Valign::Middle => free / 2,
                Valign::Bottom => free,
            };
        // Chinese characters fill the em from 0.88 above the baseline to 0.12 below it.
        let baselines = (0..).map(|n| top + (px * 880 + 500) / 1000 + n * pitch);
        let last = fitted.lines.len().saturating_sub(1);
        let lines = fitted.lines.iter().zip(baselines).enumerate().map(|(n, (range, baseline))| {
            let mut line = letters[range.clone()].to_vec();
            line.extend(dots.filter(|_| fitted.cut && n == last));
            run(&line, t, fitted.px, room.tracking, area, baseline)
        });
        Some(lines.collect())
    }

    fn speak(&self, t: &Text, turn: Turn, site: Site<'_>) -> Result<Vec<Spoken>, LabelError> {
        let face = font::face(t.weight);
        let mut spoken = Vec::with_capacity(64);
        let mut wrong = None;
        let mut take = |text: &str, origin: Origin| {
            for ch in text.chars() {
                match face.letter(ch) {
                    Some(l) => spoken.push((l, origin)),
                    None => wrong = wrong.or(Some((ch, origin))),
                }
            }
        };
        for word in &t.text.0 {
            match word {
                Word::Own(text) => take(text, Origin::Template),
                Word::Field(f) => say(*f, self.data, turn, &mut take),
            }
        }
        match wrong {
            None => Ok(spoken),
            Some((character, origin)) => Err(match origin.path() {
                Some(field) => LabelError::MissingGlyph { field, character },
                None => LabelError::BadTemplate {
                    place: site(),
                    reason: Box::new(Flaw::OwnLetter { letter: shown(character) }),
                },
            }),
        }
    }
}

/// One line of text with its letters' pens in whole dots; positions are rounded one by one, so errors do not add up.
fn run(line: &[Letter], t: &Text, px: u32, tracking: u32, area: Area, baseline: i32) -> Thing {
    let glyphs = font::glyphs(t.weight, px, Rotation::R0, line.iter().map(|l| l.gid));
    let used = i32::try_from((fit::width(line, px, tracking) + UPEM - 1) / UPEM).unwrap_or(i32::MAX);
    let x = area.x
        + match t.align {
            Align::Left => 0,
            Align::Center => (area.w - used) / 2,
            Align::Right => area.w - used,
        };
    let mut pen = 0;
    let mut letters = Vec::with_capacity(line.len());
    for (l, glyph) in line.iter().zip(glyphs) {
        let at = i32::try_from((pen + UPEM / 2) / UPEM).unwrap_or(i32::MAX);
        letters.push(Placed { ch: l.ch, x: x + at, y: baseline, glyph });
        pen += i64::from(l.advance) * i64::from(px) + i64::from(tracking) * UPEM;
    }
    Thing::Run { weight: t.weight, px, rotation: Rotation::R0, white: t.reverse, letters }
}

/// The field with the most letters: the one to shorten.
fn blame(spoken: &[Spoken]) -> Option<String> {
    let mut counts: Vec<(Origin, usize)> = Vec::new();
    for (_, origin) in spoken.iter().filter(|s| s.1 != Origin::Template) {
        match counts.iter_mut().find(|c| c.0 == *origin) {
            Some(c) => c.1 += 1,
            None => counts.push((*origin, 1)),
        }
    }
    counts.into_iter().rev().max_by_key(|c| c.1)?.0.path()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "line heights are small and above 0")]
fn thousandths(x: f64) -> u32 {
    (x * 1000.0).round() as u32
}
