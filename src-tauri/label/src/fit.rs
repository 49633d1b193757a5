//! Fitting text into a box: the largest size at which it fits, where lines break, and `…` where a template allows it.
//!
//! Chinese breaks between any two characters except before closing and after opening punctuation; Latin words and
//! numbers stay whole unless a whole line is too short for them.

use crate::font::{Letter, UPEM};
use std::ops::Range;

/// The room a text has, in dots.
#[derive(Clone, Copy, Debug)]
pub struct Room {
    pub width: u32,
    pub height: u32,
    /// Largest and smallest em.
    pub sizes: (u32, u32),
    pub wrap: bool,
    /// A heading: one line down to four fifths of the size before it wraps, then lines of even length.
    pub heading: bool,
    /// Baseline distance in thousandths of an em.
    pub line_height: u32,
    /// Extra dots between characters.
    pub tracking: u32,
}

/// Text that fits.
#[derive(Debug)]
pub struct Fitted {
    /// Em in dots.
    pub px: u32,
    /// Ranges of letters, one a line, spaces at line ends left out.
    pub lines: Vec<Range<usize>>,
    /// The last line needs `…` after it.
    pub cut: bool,
}

impl Room {
    /// How many lines of this size the box holds; 0 when not even one.
    fn lines(&self, px: u32) -> usize {
        match self.height.checked_sub(px) {
            None => 0,
            Some(_) if !self.wrap => 1,
            Some(rest) => 1 + (rest / self.pitch(px).max(1)) as usize,
        }
    }
    /// Baseline distance in dots.
    pub fn pitch(&self, px: u32) -> u32 {
        (px * self.line_height + 500) / 1000
    }
}

/// The largest size at which all of it fits; with `ellipsis`, the smallest size and the part that fits.
pub fn fit(text: &[Letter], room: Room, ellipsis: Option<Letter>) -> Option<Fitted> {
    let (max, min) = room.sizes;
    if room.heading {
        let one = Room { wrap: false, heading: false, sizes: (max, min.max(max * 4 / 5)), ..room };
        if let Some(fitted) = fit(text, one, None) {
            return Some(fitted);
        }
        let fitted = fit(text, Room { heading: false, ..room }, ellipsis)?;
        return Some(if fitted.cut { fitted } else { even(text, room, fitted) });
    }
    // Most texts fit at full size; a text that does not fit at the smallest size fits at none.
    for px in std::iter::once(max).chain((min != max).then_some(min)) {
        let whole = wrap(text, px, room, room.lines(px), None);
        match (whole, px == max) {
            (Some(lines), true) => return Some(Fitted { px, lines, cut: false }),
            (None, false) | (None, true) if px == min => {
                let dots = ellipsis?;
                let lines = wrap(text, px, room, room.lines(px), Some(dots))?;
                return Some(Fitted { px, lines, cut: true });
            }
            _ => {}
        }
    }
    (min..max).rev().find_map(|px| {
        let lines = wrap(text, px, room, room.lines(px), None)?;
        Some(Fitted { px, lines, cut: false })
    })
}

/// The same size and number of lines in the narrowest box that still holds them, so that no line is a single character.
fn even(text: &[Letter], room: Room, fitted: Fitted) -> Fitted {
    let (px, count) = (fitted.px, fitted.lines.len());
    let mut best = fitted;
    let mut low = room.width / u32::try_from(count.max(1)).unwrap_or(1);
    let mut high = room.width;
    while low < high {
        let width = low.midpoint(high);
        match wrap(text, px, Room { width, ..room }, count, None) {
            Some(lines) => {
                best = Fitted { px, lines, cut: false };
                high = width;
            }
            None => low = width + 1,
        }
    }
    best
}

/// Width in dots × [`UPEM`].
pub fn width(text: &[Letter], px: u32, tracking: u32) -> i64 {
    let advance: i64 = text.iter().map(|l| i64::from(l.advance)).sum();
    let gaps = i64::try_from(text.len().saturating_sub(1)).unwrap_or(i64::MAX);
    advance * i64::from(px) + gaps * i64::from(tracking) * UPEM
}

/// Breaks into at most `max` lines; `None` when that does not hold all of it. With `dots`, what does not fit is dropped.
fn wrap(text: &[Letter], px: u32, room: Room, max: usize, dots: Option<Letter>) -> Option<Vec<Range<usize>>> {
    let limit = i64::from(room.width) * UPEM;
    let mut lines = Vec::new();
    let mut start = 0;
    loop {
        while start < text.len() && text[start].ch.is_whitespace() && !lines.is_empty() {
            start += 1;
        }
        if start >= text.len() {
            return Some(lines);
        }
        if lines.len() == max {
            return None;
        }
        let mut end = start;
        let mut used = 0;
        while end < text.len() {
            let gap = if end > start { i64::from(room.tracking) * UPEM } else { 0 };
            let next = used + gap + i64::from(text[end].advance) * i64::from(px);
            if next > limit {
                break;
            }
            used = next;
            end += 1;
        }
        let last = lines.len() + 1 == max;
        if end < text.len() && last {
            let dots = dots?;
            while end > start
                && width(&text[start..end], px, room.tracking)
                    + i64::from(dots.advance) * i64::from(px)
                    + i64::from(room.tracking) * UPEM
                    > limit
            {
                end -= 1;
            }
            if end == start {
                return None;
            }
            lines.push(start..trim(text, start, end));
            return Some(lines);
        }
        if end == start {
            return None;
        }
        let cut = if end == text.len() {
            end
        } else {
            // The last place where a break is allowed; a word longer than a line is broken where the line ends.
            (start + 1..=end).rev().find(|i| may_break(text[i - 1].ch, text[*i].ch)).unwrap_or(end)
        };
        lines.push(start..trim(text, start, cut));
        start = cut;
    }
}

fn trim(text: &[Letter], start: usize, mut end: usize) -> usize {
    while end > start && text[end - 1].ch.is_whitespace() {
        end -= 1;
    }
    end
}

fn may_break(before: char, after: char) -> bool {
    const NO_BREAK: char = '\u{a0}';
    const NOT_FIRST: &str = "，。、；：！？）》」』】〕〉％…—·,.;:!?)]}%*";
    const NOT_LAST: &str = "（《「『【〔〈([{￥$#";
    if before == NO_BREAK || after == NO_BREAK {
        return false;
    }
    if before.is_whitespace() || after.is_whitespace() {
        return true;
    }
    if NOT_FIRST.contains(after) || NOT_LAST.contains(before) {
        return false;
    }
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '/' | '.' | '+' | '*' | '#' | '@' | '&');
    !(word(before) && word(after)) || before == '/'
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::font::{Weight, face};

    fn letters(text: &str) -> Vec<Letter> {
        text.chars().filter_map(|c| face(Weight::Regular).letter(c)).collect()
    }

    fn lines(text: &str, width: u32, height: u32, sizes: (u32, u32), dots: bool) -> Option<(u32, Vec<String>)> {
        let l = letters(text);
        let room = Room { width, height, sizes, wrap: true, heading: false, line_height: 1250, tracking: 0 };
        let f = fit(&l, room, letters("…").first().copied().filter(|_| dots))?;
        let mut out: Vec<String> = f.lines.iter().map(|r| l[r.clone()].iter().map(|l| l.ch).collect()).collect();
        if f.cut {
            out.last_mut()?.push('…');
        }
        Some((f.px, out))
    }

    #[test]
    fn lines_break_between_characters_but_not_before_closing_punctuation_or_inside_words() {
        assert_eq!(lines("一二三四，五", 80, 60, (20, 20), false), Some((20, vec!["一二三".into(), "四，五".into()])));
        assert_eq!(lines("一二（三", 60, 60, (20, 20), false), Some((20, vec!["一二".into(), "（三".into()])));
        assert_eq!(lines("到 Park 12 号", 70, 60, (20, 20), false), Some((20, vec!["到 Park".into(), "12 号".into()])));
        assert_eq!(
            lines("ABCDEFGHIJ", 60, 100, (20, 20), false).map(|l| l.1.concat()),
            Some("ABCDEFGHIJ".into()),
            "a word longer than a line is broken"
        );
    }

    #[test]
    fn the_largest_size_that_holds_everything_is_taken() {
        assert_eq!(lines("一二三", 60, 20, (20, 10), false), Some((20, vec!["一二三".into()])));
        assert_eq!(lines("一二三四", 60, 20, (20, 10), false), Some((15, vec!["一二三四".into()])));
        assert_eq!(lines("一二三四五六七", 60, 20, (20, 10), false), None, "not even at the smallest size");
    }

    #[test]
    fn a_heading_keeps_to_one_line_or_evens_its_lines_out() {
        let heading = |text: &str, width| {
            let l = letters(text);
            let room =
                Room { width, height: 60, sizes: (20, 10), wrap: true, heading: true, line_height: 1250, tracking: 0 };
            let f = fit(&l, room, None).unwrap();
            (f.px, f.lines.iter().map(|r| l[r.clone()].iter().map(|l| l.ch).collect()).collect::<Vec<String>>())
        };
        assert_eq!(heading("一二三四五", 80), (16, vec!["一二三四五".into()]), "four fifths of the size on one line");
        assert_eq!(heading("一二三四五六", 80), (20, vec!["一二三".into(), "四五六".into()]), "not four and two");
        assert_eq!(
            lines("+86\u{a0}138 号", 42, 60, (10, 10), false),
            Some((10, vec!["+86\u{a0}138".into(), "号".into()])),
            "a phone is one word"
        );
    }

    #[test]
    fn what_does_not_fit_ends_in_dots_only_where_allowed() {
        assert_eq!(lines("一二三四五六七", 40, 20, (20, 20), true), Some((20, vec!["一…".into()])));
        assert_eq!(lines("一", 10, 20, (20, 20), true), None, "no room for a single character");
        assert_eq!(lines("一", 40, 10, (20, 20), true), None, "no room for a line");
    }
}
