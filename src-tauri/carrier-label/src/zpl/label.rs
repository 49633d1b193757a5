//! The printer's state while it reads a label, and what each command does to it.

use super::commands::{Command, number};
use super::field::{Block, Canvas, Origin, Turn};
use super::graphic;
use super::symbols;
use super::text::{Font, Style, Within, boxed};
use crate::{Limits, ReadError, Want, fit};
use domain::raster::Raster;
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;

/// Set-up of printers and comments: they draw nothing.
const SILENT: &[&str] = &[
    "^XA", "^XZ", "^FX", "^MM", "^MN", "^MT", "^MD", "^MC", "^ML", "^MF", "^MP", "^PR", "^PQ", "^PF", "^PP", "^JM",
    "^JU", "^JZ", "^JB", "^JS", "^JT", "^JI", "^SS", "^ST", "^SZ", "^SE", "^KD", "^KL", "^KN", "^KP", "^XB", "^ID",
    "^PA", "~TA", "~JO", "~JS", "~JA", "~JC", "~JD", "~JE", "~JR", "~SD", "~PR", "~PS", "~PP", "~HS", "~HQ", "~HI",
    "~EG", "~DG", "^SP", "^HH", "^CO", "^CW", "~JG", "^MA", "^MI", "^NI", "^NP", "^TO", "^WD", "^XS", "^ZZ", "^SL",
    "^SO", "^LF", "^FM", "^FC", "~JX", "~JL", "^EG", "^HT",
];
/// What gives a page something to show.
const DRAWING: &[&str] =
    &["^FD", "^FV", "^SN", "^SF", "^GB", "^GF", "^GC", "^GD", "^GE", "^GS", "^XG", "^IM", "^IL", "^XF"];
/// Longest text of a field.
const LONGEST: usize = 3_000;

/// Commands of each page that shows something.
pub fn pages(commands: &[Command<'_>]) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = None;
    for (n, command) in commands.iter().enumerate() {
        match command.word().as_str() {
            "^XA" => start = Some(n),
            "^XZ" => {
                if let Some(start) = start.take() {
                    let drawn = commands[start..n].iter().any(|c| DRAWING.contains(&c.word().as_str()));
                    // A format that is only stored is no label.
                    let stored = commands[start..n].iter().any(|c| c.word() == "^DF");
                    if drawn && !stored {
                        out.push(start..n);
                    }
                }
            }
            _ => {}
        }
    }
    out
}

/// Draws the commands of a page, with what those before it left set: its dots, whether it says its own size, and the commands that
/// meant nothing here.
pub fn draw(
    commands: &[Command<'_>],
    page: Range<usize>,
    want: &Want<'_>,
) -> Result<(Raster, bool, Vec<String>), ReadError> {
    let paper = (want.dpi.dots(want.paper.width).0, want.dpi.dots(want.paper.height).0);
    // Twice the paper, so that what hangs over is refused and not cut in silence; a sheet that says it is larger is as large.
    let (mut across, mut down) = (paper.0.saturating_mul(2), paper.1.saturating_mul(2));
    for c in &commands[page.clone()] {
        let said = || c.number(0).and_then(|n| u32::try_from(n).ok()).unwrap_or(0);
        match c.word().as_str() {
            "^PW" => across = across.max(said()),
            "^LL" => down = down.max(said()),
            _ => {}
        }
    }
    let (across, down) = (across.min(want.limits.side), down.min(want.limits.side));
    let canvas = Canvas { dots: want.limits.white(across, down)?, cut: false };
    let mut printer = Printer::new(canvas, Font::new(want.font, want.limits), want.limits);
    for (n, command) in commands.iter().enumerate().take(page.end) {
        let here = page.contains(&n);
        if here || lasting(&command.word()) {
            printer.take(command, here)?;
        }
    }
    printer.finish(paper)
}

/// What a printer keeps from one label to the next.
fn lasting(word: &str) -> bool {
    matches!(word, "~DG" | "^CI" | "^CF" | "^BY" | "^FW" | "^LH" | "^LT" | "^LS" | "^PW" | "^LL" | "^PO" | "^LR")
}

/// Bars or squares to come.
#[derive(Clone, Debug)]
enum Code {
    Code128 { turn: Turn, height: u32, line: Line, mode: u8, check: bool },
    Code39 { turn: Turn, height: u32, line: Line, check: bool },
    Interleaved { turn: Turn, height: u32, line: Line, check: bool },
    Qr { turn: Turn, module: u32, mask: u8 },
    DataMatrix { turn: Turn, module: u32, escape: char },
    Pdf417 { turn: Turn, row: u32, level: u32, size: (u32, u32) },
}

/// Whether people find the text by the bars, and where.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Line {
    None,
    Below,
    Above,
}

struct Printer<'a> {
    limits: Limits,
    canvas: Canvas,
    font: Font<'a>,
    stored: HashMap<String, Raster>,
    ignored: BTreeSet<String>,
    not_drawn: BTreeSet<String>,
    work: u64,
    home: (i64, i64),
    shift: (i64, i64),
    width: Option<i64>,
    length: Option<i64>,
    over: bool,
    all_reversed: bool,
    turn: Turn,
    default_style: Style,
    module: u32,
    ratio: f64,
    bar_height: u32,
    // Of the field.
    origin: Origin,
    reversed: bool,
    hex: Option<u8>,
    style: Option<(Style, Turn)>,
    within: Option<Within>,
    code: Option<Code>,
    data: Option<String>,
}

impl<'a> Printer<'a> {
    fn new(canvas: Canvas, font: Font<'a>, limits: Limits) -> Self {
        Self {
            limits,
            canvas,
            font,
            stored: HashMap::new(),
            ignored: BTreeSet::new(),
            not_drawn: BTreeSet::new(),
            work: 0,
            home: (0, 0),
            shift: (0, 0),
            width: None,
            length: None,
            over: false,
            all_reversed: false,
            turn: Turn::Upright,
            default_style: style(b'A', 9, 5),
            module: 2,
            ratio: 3.0,
            bar_height: 10,
            origin: NOWHERE,
            reversed: false,
            hex: None,
            style: None,
            within: None,
            code: None,
            data: None,
        }
    }

    /// `draws`: within the page that is wanted.
    fn take(&mut self, c: &Command<'_>, draws: bool) -> Result<(), ReadError> {
        let word = c.word();
        match word.as_str() {
            "^LH" => self.home = (c.number(0).unwrap_or(self.home.0), c.number(1).unwrap_or(self.home.1)),
            "^LT" => self.shift.1 = c.number(0).unwrap_or(0),
            "^LS" => self.shift.0 = -c.number(0).unwrap_or(0),
            "^PW" => self.width = c.number(0).or(self.width),
            "^LL" => self.length = c.number(0).or(self.length),
            "^PO" => self.over = c.letter(0) == Some(b'I'),
            "^LR" => self.all_reversed = c.letter(0) == Some(b'Y'),
            "^FW" => self.turn = Turn::from_letter(c.letter(0)).unwrap_or(self.turn),
            "^CF" => self.default_style = self.style_of(c, 0),
            // Single-byte tables differ in few characters; what is no UTF-8 is read as Latin-1 below.
            "^CI" if matches!(c.number(0).unwrap_or(0), 0..=13 | 27 | 28) => {}
            "^CI" => return Err(c.wrong("this character set is not known here")),
            "^BY" => {
                self.module = c.number(0).and_then(|n| u32::try_from(n).ok()).map_or(self.module, |n| n.clamp(1, 100));
                let ratio = c.parts().get(1).and_then(|r| r.parse().ok()).filter(|r: &f64| r.is_finite());
                self.ratio = ratio.map_or(self.ratio, |r| r.clamp(2.0, 3.0));
                self.bar_height = height(c.number(2)).unwrap_or(self.bar_height);
            }
            "~DG" => self.store(c)?,
            "^PM" if c.letter(0) == Some(b'Y') => drop(self.not_drawn.insert(word)),
            "^PM" => {}
            "^MU" if c.letter(0).is_none_or(|l| l == b'D') && c.number(1) == c.number(2) => {}
            "^FO" | "^FT" => {
                self.begin();
                self.origin = Origin {
                    x: c.number(0).unwrap_or(0) + self.home.0 + self.shift.0,
                    y: c.number(1).unwrap_or(0) + self.home.1 + self.shift.1,
                    typeset: word == "^FT",
                    right: c.number(2) == Some(1),
                };
            }
            "^FR" => self.reversed = true,
            "^FH" => self.hex = Some(c.text.first().copied().filter(u8::is_ascii_graphic).unwrap_or(b'_')),
            "^A" => {
                let turn = c.text.get(1).map(u8::to_ascii_uppercase);
                self.style = Some((self.style_of(c, 1), Turn::from_letter(turn).unwrap_or(self.turn)));
            }
            "^FB" => {
                self.within = Some(Within {
                    width: c.number(0).unwrap_or(0).clamp(0, i64::from(self.limits.side)),
                    lines: c.number(1).unwrap_or(1).clamp(1, 200),
                    between: c.number(2).unwrap_or(0).clamp(-500, 500),
                    side: c.letter(3).unwrap_or(b'L'),
                    indent: c.number(4).unwrap_or(0).clamp(0, 5_000),
                });
            }
            "^BC" => {
                let height = self.height_of(c, 1);
                self.code = Some(Code::Code128 {
                    turn: self.turn_of(c),
                    height,
                    line: line(c, 2),
                    mode: c.letter(5).unwrap_or(b'N'),
                    check: c.letter(4) == Some(b'Y'),
                });
            }
            "^B3" => {
                let height = self.height_of(c, 2);
                let check = c.letter(1) == Some(b'Y');
                self.code = Some(Code::Code39 { turn: self.turn_of(c), height, line: line(c, 3), check });
            }
            "^B2" => {
                let height = self.height_of(c, 1);
                let check = c.letter(4) == Some(b'Y');
                self.code = Some(Code::Interleaved { turn: self.turn_of(c), height, line: line(c, 2), check });
            }
            "^BQ" => {
                let module = height(c.number(2)).unwrap_or(2).clamp(1, 100);
                // The printers' own choice is 7.
                let mask = c.number(4).and_then(|n| u8::try_from(n).ok()).unwrap_or(7);
                self.code = Some(Code::Qr { turn: self.turn_of(c), module, mask });
            }
            "^BX" => {
                if !matches!(c.number(2).unwrap_or(200), 200) {
                    return Err(c.wrong("only Data Matrix of quality 200 is read by today's scanners"));
                }
                if c.number(7).unwrap_or(1) == 2 {
                    return Err(c.wrong("a Data Matrix that is not square is not known here"));
                }
                let module = height(c.number(1)).unwrap_or(self.module).clamp(1, 100);
                let escape = c.parts().get(6).and_then(|p| p.chars().next()).unwrap_or('~');
                self.code = Some(Code::DataMatrix { turn: self.turn_of(c), module, escape });
            }
            "^B7" => {
                let level = height(c.number(2)).unwrap_or(0);
                let size = (height(c.number(3)).unwrap_or(0), height(c.number(4)).unwrap_or(0));
                if c.letter(5) == Some(b'Y') {
                    return Err(c.wrong("a PDF417 without its right side is not known here"));
                }
                let row = self.height_of(c, 1);
                self.code = Some(Code::Pdf417 { turn: self.turn_of(c), row, level, size });
            }
            "^FD" | "^FV" | "^SN" => {
                let text = if word == "^SN" { c.text.split(|b| *b == c.comma).next().unwrap_or(&[]) } else { c.text };
                self.data = Some(self.decoded(text, c)?);
            }
            "^FS" => {
                self.end(c)?;
                self.begin();
            }
            "^GB" => self.rectangle(c)?,
            "^GC" => self.circle(c)?,
            "^GD" => self.diagonal(c)?,
            "^GF" => self.picture(c)?,
            "^XG" => self.recall(c)?,
            w if SILENT.contains(&w) => {}
            w if draws && (DRAWING.contains(&w) || w.starts_with("^B") || w == "^TB" || w == "^FN" || w == "^MU") => {
                self.not_drawn.insert(word);
            }
            _ if draws => drop(self.ignored.insert(word)),
            _ => {}
        }
        Ok(())
    }

    fn begin(&mut self) {
        self.origin = NOWHERE;
        self.reversed = false;
        self.hex = None;
        self.style = None;
        self.within = None;
        self.code = None;
        self.data = None;
    }

    fn turn_of(&self, c: &Command<'_>) -> Turn {
        Turn::from_letter(c.letter(0)).unwrap_or(self.turn)
    }

    fn height_of(&self, c: &Command<'_>, nth: usize) -> u32 {
        height(c.number(nth)).filter(|h| *h > 0).unwrap_or(self.bar_height)
    }

    /// Height and width behind a font's name, which is the first letter of the text.
    fn style_of(&self, c: &Command<'_>, from: usize) -> Style {
        let font = c.text.first().map_or(b'0', u8::to_ascii_uppercase);
        style(font, c.number(1).unwrap_or(0), c.number(2).unwrap_or(0)).or_default(from, self.default_style)
    }

    fn decoded(&self, text: &[u8], c: &Command<'_>) -> Result<String, ReadError> {
        let mut bytes = Vec::with_capacity(text.len());
        let mut at = 0;
        while let Some(b) = text.get(at) {
            at += 1;
            let two = text.get(at..at + 2).and_then(|h| std::str::from_utf8(h).ok());
            match (Some(*b) == self.hex, two.and_then(|h| u8::from_str_radix(h, 16).ok())) {
                (true, Some(byte)) => {
                    bytes.push(byte);
                    at += 2;
                }
                // Line ends inside a field are the file's, not the text's.
                _ if matches!(b, b'\r' | b'\n') => {}
                _ => bytes.push(*b),
            }
        }
        if bytes.len() > LONGEST {
            return Err(c.wrong(format!("{} characters are too many for a field", bytes.len())));
        }
        Ok(String::from_utf8(bytes).unwrap_or_else(|e| e.into_bytes().iter().map(|b| char::from(*b)).collect()))
    }

    /// Counts what is drawn.
    fn spend(&mut self, c: &Command<'_>, (w, h): (i64, i64)) -> Result<(), ReadError> {
        self.work += u64::try_from(w * h).unwrap_or(0);
        if self.work > self.limits.work { Err(c.wrong("the label has more in it than any label")) } else { Ok(()) }
    }

    fn put(&mut self, c: &Command<'_>, block: &Block, turn: Turn, white: bool) -> Result<(), ReadError> {
        self.spend(c, (i64::from(block.dots.width()), i64::from(block.dots.height())))?;
        let reversed = self.reversed || self.all_reversed;
        self.canvas.put(block, self.origin, turn, reversed, white);
        Ok(())
    }

    fn end(&mut self, c: &Command<'_>) -> Result<(), ReadError> {
        let Some(data) = self.data.take() else { return Ok(()) };
        match self.code.take() {
            Some(code) if !data.is_empty() => self.symbol(c, &code, &data),
            Some(_) => Ok(()),
            None if data.is_empty() => Ok(()),
            None => {
                let (style, turn) = self.style.unwrap_or((self.default_style, self.turn));
                let block = match self.within.filter(|w| w.width > 0) {
                    Some(within) => boxed(&self.font, &data, style, within)?,
                    None => self.font.line(&data, style)?,
                };
                self.put(c, &block, turn, false)
            }
        }
    }

    fn symbol(&mut self, c: &Command<'_>, code: &Code, data: &str) -> Result<(), ReadError> {
        let wrong = |reason: String| c.wrong(reason);
        let module = self.module;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 3 × 100 dots")]
        let bar = (module, (f64::from(module) * self.ratio).round() as u32);
        let (dots, text, line, turn) = match code {
            Code::Code128 { turn, height, line, mode, check } => {
                if *check {
                    return Err(c.wrong("a second check digit of Code 128 is not known here"));
                }
                let (dots, text) = symbols::code128(data, *mode, module, *height, self.limits).map_err(wrong)?;
                (dots, text, *line, *turn)
            }
            Code::Code39 { turn, height, line, check } => {
                let (dots, text) = symbols::code39(data, *check, bar, *height, self.limits).map_err(wrong)?;
                (dots, text, *line, *turn)
            }
            Code::Interleaved { turn, height, line, check } => {
                let (dots, text) = symbols::interleaved(data, *check, bar, *height, self.limits).map_err(wrong)?;
                (dots, text, *line, *turn)
            }
            Code::Qr { turn, module, mask } => {
                let mut block = Block::of(symbols::qr(data, *module, *mask, self.limits).map_err(wrong)?);
                // The printer leaves the height of ^BY above it.
                if !self.origin.typeset {
                    block.hang.1 += i64::from(self.bar_height);
                }
                return self.put(c, &block, *turn, false);
            }
            Code::DataMatrix { turn, module, escape } => {
                let dots = symbols::data_matrix(data, *module, *escape, self.limits).map_err(wrong)?;
                (dots, String::new(), Line::None, *turn)
            }
            Code::Pdf417 { turn, row, level, size } => {
                let dots = symbols::pdf417(data, module, *row, *level, *size, self.limits).map_err(wrong)?;
                (dots, String::new(), Line::None, *turn)
            }
        };
        let block = Block::of(dots);
        self.put(c, &block, turn, false)?;
        if line == Line::None {
            return Ok(());
        }
        let size = i64::from(module.max(2)) * 9;
        let mut words = self.font.line(&text, Style { height: size, width: size, pitch: 0 })?;
        let middle = (block.size.0 - words.size.0) / 2;
        let down = if line == Line::Above { -size - 2 } else { block.size.1 + i64::from(module) + 4 };
        words.hang = (words.hang.0 + middle, words.hang.1 + down);
        (words.size, words.base) = (block.size, block.base);
        self.put(c, &words, turn, false)
    }

    fn rectangle(&mut self, c: &Command<'_>) -> Result<(), ReadError> {
        let most = i64::from(self.limits.side);
        let thick = c.number(2).unwrap_or(1).clamp(1, most);
        let w = c.number(0).unwrap_or(thick).clamp(thick, most);
        let h = c.number(1).unwrap_or(thick).clamp(thick, most);
        let mut dots = self.limits.white(u32::try_from(w).unwrap_or(1), u32::try_from(h).unwrap_or(1))?;
        let radius = c.number(4).unwrap_or(0).clamp(0, 8) * w.min(h) / 16;
        for y in 0..h {
            for x in 0..w {
                let edge = x.min(w - 1 - x).min(y).min(h - 1 - y);
                let black = if radius == 0 {
                    edge < thick
                } else {
                    rounded(x, y, (w, h), radius) && !inner(x, y, (w, h), radius, thick)
                };
                if let (true, Ok(x), Ok(y)) = (black, u32::try_from(x), u32::try_from(y)) {
                    dots.set(x, y, true);
                }
            }
        }
        let white = c.letter(3) == Some(b'W');
        self.put(c, &Block::of(dots), Turn::Upright, white)
    }

    fn circle(&mut self, c: &Command<'_>) -> Result<(), ReadError> {
        let d = c.number(0).unwrap_or(3).clamp(3, 4095);
        let thick = c.number(1).unwrap_or(1).clamp(1, d);
        let side = u32::try_from(d).unwrap_or(3);
        let mut dots = self.limits.white(side, side)?;
        for y in 0..d {
            for x in 0..d {
                // From the middle, in half dots, squared: whole numbers only.
                let (dx, dy) = (2 * x + 1 - d, 2 * y + 1 - d);
                let far = dx * dx + dy * dy;
                let hole = (d - 2 * thick).max(0);
                if let (true, Ok(x), Ok(y)) = (far <= d * d && far >= hole * hole, u32::try_from(x), u32::try_from(y)) {
                    dots.set(x, y, true);
                }
            }
        }
        self.put(c, &Block::of(dots), Turn::Upright, c.letter(2) == Some(b'W'))
    }

    fn diagonal(&mut self, c: &Command<'_>) -> Result<(), ReadError> {
        let most = i64::from(self.limits.side);
        let thick = c.number(2).unwrap_or(1).clamp(1, most);
        let (w, h) = (c.number(0).unwrap_or(3).clamp(3, most), c.number(1).unwrap_or(3).clamp(3, most));
        let mut dots = self.limits.white(u32::try_from(w + thick).unwrap_or(1), u32::try_from(h).unwrap_or(1))?;
        let leans_left = c.letter(4) == Some(b'L');
        for y in 0..h {
            let x = if leans_left { w * y / h } else { w * (h - 1 - y) / h };
            for x in x..x + thick {
                if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) {
                    dots.set(x, y, true);
                }
            }
        }
        self.put(c, &Block::of(dots), Turn::Upright, c.letter(3) == Some(b'W'))
    }

    fn picture(&mut self, c: &Command<'_>) -> Result<(), ReadError> {
        let mut parts = c.text.splitn(5, |b| *b == c.comma);
        let head: Vec<&[u8]> = parts.by_ref().take(4).collect();
        let (Some(data), 4) = (parts.next(), head.len()) else { return Err(c.wrong("a picture without its data")) };
        let count = |n: usize| std::str::from_utf8(head[n]).ok().and_then(|t| number(t.trim()));
        let count = |n: usize| count(n).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let binary = head[0].first().is_some_and(|b| b.eq_ignore_ascii_case(&b'B'));
        if head[0].first().is_some_and(|b| b.eq_ignore_ascii_case(&b'C')) {
            return Err(c.wrong("a picture in the printer's own packing is not known here"));
        }
        let dots =
            graphic::picture(trimmed(data, binary), binary, count(2), count(3), self.limits).map_err(|e| c.wrong(e))?;
        self.put(c, &Block::of(dots), Turn::Upright, false)
    }

    fn store(&mut self, c: &Command<'_>) -> Result<(), ReadError> {
        let parts: Vec<&[u8]> = c.text.splitn(4, |b| *b == c.comma).collect();
        let [name, bytes, row, data] = parts[..] else { return Err(c.wrong("a picture without its data")) };
        let count = |t: &[u8]| std::str::from_utf8(t).ok().and_then(|t| number(t.trim()));
        let count = |t: &[u8]| count(t).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
        let dots = graphic::picture(trimmed(data, false), false, count(bytes), count(row), self.limits)
            .map_err(|e| c.wrong(e))?;
        self.spend(c, (i64::from(dots.width()), i64::from(dots.height())))?;
        self.stored.insert(plain_name(name), dots);
        Ok(())
    }

    fn recall(&mut self, c: &Command<'_>) -> Result<(), ReadError> {
        let name = plain_name(c.text.split(|b| *b == c.comma).next().unwrap_or_default());
        let times = |n| c.number(n).and_then(|n| u32::try_from(n).ok()).unwrap_or(1).clamp(1, 10);
        let (across, down) = (times(1), times(2));
        let stored = self.stored.get(&name).ok_or_else(|| c.wrong(format!("the picture {name} is not in the file")))?;
        let mut dots = self.limits.white(stored.width() * across, stored.height() * down)?;
        for y in 0..dots.height() {
            for x in 0..dots.width() {
                if stored.get(x / across, y / down) {
                    dots.set(x, y, true);
                }
            }
        }
        self.put(c, &Block::of(dots), Turn::Upright, false)
    }

    /// The page as large as it says, or as the paper, or as what is on it.
    fn finish(self, paper: (u32, u32)) -> Result<(Raster, bool, Vec<String>), ReadError> {
        if !self.not_drawn.is_empty() {
            return Err(ReadError::NotDrawn { commands: self.not_drawn.into_iter().collect() });
        }
        let dots = self.canvas.dots;
        let inked = |y: &u32| dots.row(*y).iter().any(|b| *b != 0);
        let bottom = (0..dots.height()).rev().find(inked).map_or(0, |y| y + 1);
        let right = (0..bottom).flat_map(|y| {
            let last = dots.row(y).iter().rposition(|b| *b != 0)?;
            let last_bit = 8 - dots.row(y)[last].trailing_zeros();
            u32::try_from(last).ok().map(|n| n * 8 + last_bit)
        });
        let right = right.max().unwrap_or(0);
        let said = |n: Option<i64>, or: u32| n.and_then(|n| u32::try_from(n).ok()).filter(|n| *n > 0).unwrap_or(or);
        // Over the edge of twice the paper: as large as that, so that it is refused with its size.
        let (w, h) = if self.canvas.cut { (dots.width(), dots.height()) } else { (right, bottom) };
        let (width, height) = (said(self.width, paper.0).max(w), said(self.length, paper.1).max(h));
        let mut page = self.limits.white(width, height)?;
        // Beyond that there is nothing to copy.
        if self.over {
            for y in 0..h {
                for x in (0..w).filter(|x| dots.get(*x, y)) {
                    page.set(width - 1 - x, height - 1 - y, true);
                }
            }
        } else {
            fit::corner(&dots, (w, h), &mut page);
        }
        if self.canvas.cut {
            let command = "^FO".to_owned();
            let reason = "something lies beyond the label's edge".to_owned();
            return Err(ReadError::BadCommand { command, at: 0, reason });
        }
        let said = self.width.is_some() && self.length.is_some();
        Ok((page, said, self.ignored.into_iter().collect()))
    }
}

const NOWHERE: Origin = Origin { x: 0, y: 0, typeset: false, right: false };

impl Style {
    /// A size that was left out is that of `^CF`.
    fn or_default(self, from: usize, default: Self) -> Self {
        if from == 1 && self.height == 0 { default } else { self }
    }
}

/// A font of the printer by its name. Lettered ones have even steps and sizes in whole multiples.
fn style(font: u8, height: i64, width: i64) -> Style {
    let (height, width) = (height.clamp(0, 4_000), width.clamp(0, 4_000));
    // Height, width and gap of one character.
    let cell = match font {
        b'A' => (9, 5, 1),
        b'B' => (11, 7, 2),
        b'C' | b'D' => (18, 10, 2),
        b'E' => (28, 15, 5),
        b'F' => (26, 13, 3),
        b'G' => (60, 40, 8),
        b'H' => (21, 13, 6),
        _ => {
            let fixed = match font {
                b'P' => (20, 18),
                b'Q' => (28, 24),
                b'R' => (35, 31),
                b'S' => (40, 35),
                b'T' => (48, 42),
                b'U' => (59, 53),
                b'V' => (80, 71),
                _ => (15, 12),
            };
            let (h, w) = match (height, width) {
                (0, 0) if font.is_ascii_uppercase() => fixed,
                (0, w) => (w, w),
                (h, 0) => (h, h),
                both => both,
            };
            return Style { height: h, width: w, pitch: 0 };
        }
    };
    let times = |asked: i64, one: i64| ((asked + one / 2) / one).clamp(1, 10);
    let (down, across) = match (height, width) {
        (0, 0) => (1, 1),
        (0, w) => (times(w, cell.1), times(w, cell.1)),
        (h, 0) => (times(h, cell.0), times(h, cell.0)),
        (h, w) => (times(h, cell.0), times(w, cell.1)),
    };
    Style { height: cell.0 * down, width: cell.1 * across * 2, pitch: (cell.1 + cell.2) * across }
}

fn height(n: Option<i64>) -> Option<u32> {
    n.and_then(|n| u32::try_from(n).ok()).map(|n| n.min(Limits::LABEL.side))
}

fn line(c: &Command<'_>, nth: usize) -> Line {
    match (c.letter(nth), c.letter(nth + 1)) {
        (Some(b'N'), _) => Line::None,
        (_, Some(b'Y')) => Line::Above,
        _ => Line::Below,
    }
}

fn trimmed(data: &[u8], binary: bool) -> &[u8] {
    if binary { data } else { data.trim_ascii() }
}

/// `R:LOGO.GRF` and `LOGO` are one name.
fn plain_name(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name).trim().to_ascii_uppercase();
    let name = name.split_once(':').map_or(name.as_str(), |(_, n)| n);
    name.strip_suffix(".GRF").unwrap_or(name).to_owned()
}

fn rounded(x: i64, y: i64, (w, h): (i64, i64), r: i64) -> bool {
    let (dx, dy) = ((r - x).max(x - (w - 1 - r)).max(0), (r - y).max(y - (h - 1 - r)).max(0));
    dx == 0 || dy == 0 || dx * dx + dy * dy <= r * r
}

fn inner(x: i64, y: i64, (w, h): (i64, i64), r: i64, thick: i64) -> bool {
    let (iw, ih) = (w - 2 * thick, h - 2 * thick);
    let (ix, iy) = (x - thick, y - thick);
    (0..iw).contains(&ix) && (0..ih).contains(&iy) && rounded(ix, iy, (iw, ih), (r - thick).max(0))
}
