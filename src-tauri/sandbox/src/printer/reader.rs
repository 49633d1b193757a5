//! Reads a printer's byte stream bit by bit, as bytes arrive, and says what happens: labels, questions, commands.
//! Job by job any language may come; the first bytes of each command tell which. Lives as long as the printer, not as the connection: what a cut job left
//! open stays open.

use super::canvas::Block;
use super::cpcl::{self, Cpcl};
use super::epl::{self, Epl};
use super::escpos::{self, Escpos};
use super::tspl::{self, Tspl};
use super::zpl::Zpl;
use domain::raster::Raster;
use domain::units::Dpi;
use std::collections::VecDeque;

/// A question that wants an answer on the same connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// `ESC ! ?`
    TsplByte,
    /// `ESC ! S`
    TsplFrame,
    /// `~!T`
    TsplModel,
    /// `~HS`
    ZplHost,
    /// `~HQES`
    ZplErrors,
    /// `! U1 getvar "…"`
    Variable(String),
    /// `^ee`
    EplError,
    /// `ESC h`
    CpclState,
    /// `ESC i`
    CpclSupplies,
    /// `DLE EOT n`
    EscposState(u8),
}

/// A command that acts at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Cancel,
    Pause,
    Resume,
    /// Feed a few labels and measure them.
    Calibrate,
}

/// What the stream led to.
#[derive(Debug)]
pub(crate) enum Happening {
    Label { raster: Raster, copies: u32, bytes: Vec<u8> },
    Asked(Question),
    Ordered(Order),
}

/// What a line of a language of lines led to.
pub(crate) enum LineEnd {
    Done,
    /// Print the picture so many times.
    Print(u32),
    /// Understood by real printers or not at all, but not drawn here.
    NotDrawn(String),
    /// Feed and measure.
    Calibrate,
}

enum Mode {
    Idle,
    /// The next `want` bytes are dots, whatever they look like; `hex` = they are pairs of hex digits, and line ends
    /// between them do not count.
    Data {
        want: usize,
        hex: bool,
        data: Vec<u8>,
        of: Picture,
    },
}

/// Whose dots they are.
#[derive(Clone, Copy)]
enum Picture {
    Tspl(Block),
    /// Bytes a row.
    Zpl(usize),
    Epl(Block),
    Cpcl(Block),
    /// Bytes a row.
    Escpos(usize),
}

/// The stream reader.
pub(crate) struct Reader {
    dpi: Dpi,
    input: VecDeque<u8>,
    since_label: Vec<u8>,
    mode: Mode,
    tspl: Tspl,
    zpl: Zpl,
    epl: Epl,
    cpcl: Cpcl,
    escpos: Escpos,
    complaints: Vec<String>,
}

/// What stands at the head of the input.
enum Token {
    Happening(Happening),
    Nothing,
    NeedMore,
}

impl Reader {
    pub(crate) fn new(dpi: Dpi) -> Self {
        Self {
            dpi,
            input: VecDeque::new(),
            since_label: Vec::new(),
            mode: Mode::Idle,
            tspl: Tspl::new(dpi),
            zpl: Zpl::new(dpi),
            epl: Epl::new(dpi),
            cpcl: Cpcl::new(dpi),
            escpos: Escpos::default(),
            complaints: Vec::new(),
        }
    }

    /// Forgets everything that is under way.
    pub(crate) fn cancel(&mut self) {
        *self = Self { complaints: std::mem::take(&mut self.complaints), ..Self::new(self.dpi) };
    }

    /// Takes bytes in.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.input.extend(bytes);
    }

    /// Whether the next bytes are pixels, whatever they look like.
    pub(crate) fn mid_data(&self) -> bool {
        !matches!(self.mode, Mode::Idle)
    }

    /// What was not understood, for a test to look at.
    pub(crate) fn complaints(&self) -> &[String] {
        &self.complaints
    }

    /// Goes on until something happens; `None` = more bytes are needed.
    pub(crate) fn next(&mut self) -> Option<Happening> {
        loop {
            match &mut self.mode {
                Mode::Data { want, hex, data, of } => {
                    while data.len() < *want {
                        let byte = self.input.pop_front()?;
                        self.since_label.push(byte);
                        if !*hex || !byte.is_ascii_whitespace() {
                            data.push(byte);
                        }
                    }
                    let (hex, data, of) = (*hex, std::mem::take(data), *of);
                    self.mode = Mode::Idle;
                    match if hex { from_hex(&data) } else { Some(data) } {
                        Some(dots) => self.draw(of, &dots),
                        None => self.complain("hex that is none"),
                    }
                }
                Mode::Idle => match self.token() {
                    Token::Happening(h) => return Some(h),
                    Token::Nothing => {}
                    Token::NeedMore => return None,
                },
            }
        }
    }

    fn draw(&mut self, of: Picture, dots: &[u8]) {
        match of {
            Picture::Tspl(block) => self.tspl.bitmap(block, dots),
            Picture::Zpl(row_bytes) => self.zpl.binary(row_bytes, dots),
            Picture::Epl(block) => self.epl.graphic(block, dots),
            Picture::Cpcl(block) => self.cpcl.graphic(block, dots),
            Picture::Escpos(row_bytes) => self.escpos.rows(row_bytes, dots),
        }
    }

    fn expect(&mut self, want: usize, hex: bool, of: Picture) -> Token {
        self.mode = Mode::Data { want, hex, data: Vec::new(), of };
        Token::Nothing
    }

    fn label(&mut self, raster: Raster, copies: u32) -> Token {
        Token::Happening(Happening::Label { raster, copies, bytes: std::mem::take(&mut self.since_label) })
    }

    fn token(&mut self) -> Token {
        while self.input.front().is_some_and(|b| matches!(b, b'\r' | b'\n' | b' ' | b'\t' | 0)) {
            self.take(1);
        }
        let head = self.input.make_contiguous();
        match head {
            [] => Token::NeedMore,
            [0x1b, b'!', c, ..] => {
                let c = *c;
                self.take(3);
                escape_command(c).map_or(Token::Nothing, Token::Happening)
            }
            [0x1b] | [0x1b, b'!'] | [0x1b, b'J'] | [0x10] | [0x10, 0x04] | [0x1d] => Token::NeedMore,
            [0x1b, b'h', ..] => self.asked(2, Question::CpclState),
            [0x1b, b'i', ..] => self.asked(2, Question::CpclSupplies),
            [0x10, 0x04, n, ..] => {
                let question = Question::EscposState(*n);
                self.asked(3, question)
            }
            // Sets modes that nothing here has.
            [0x1b, b'@', ..] => {
                self.take(2);
                Token::Nothing
            }
            [0x0c, ..] => self.torn_off(1),
            [0x1b, b'J', _, ..] => self.torn_off(3),
            [0x1d, 0x0c, ..] => self.torn_off(2),
            [0x1d, b'v', ..] => self.raster_rows(),
            [0x1b | 0x1d | 0x10, ..] => self.skip("a lone control character", 1),
            [b'^', b'e', b'e', ..] => self.asked(3, Question::EplError),
            [b'^', b'e'] => Token::NeedMore,
            [b'^', ..] => self.caret(),
            [b'~', ..] => self.tilde(),
            [b'!', ..] => self.variable_line(),
            _ if self.zpl.is_open() => {
                // Stray text between ZPL commands.
                self.take(1);
                Token::Nothing
            }
            _ if self.cpcl.is_open() => self.cpcl_line(),
            [b'N' | b'G' | b'Z' | b'O'] => Token::NeedMore,
            [b'O', _] => Token::NeedMore,
            _ if epl::is_form(head) => self.epl_line(),
            _ => self.tspl_line(),
        }
    }

    fn asked(&mut self, bytes: usize, question: Question) -> Token {
        self.take(bytes);
        Token::Happening(Happening::Asked(question))
    }

    /// `^XX…` up to the next `^` or `~`; `^GFB` has bytes of its own.
    fn caret(&mut self) -> Token {
        let head = self.input.make_contiguous();
        if head.len() < 3 {
            return Token::NeedMore;
        }
        let code = String::from_utf8_lossy(&head[1..3]).to_ascii_uppercase();
        match code.as_str() {
            "XA" => {
                self.take(3);
                self.zpl.begin();
                return Token::Nothing;
            }
            "XZ" => {
                self.take(3);
                return match self.zpl.end() {
                    Some(f) => self.label(f.page, f.copies),
                    None => Token::Nothing,
                };
            }
            "GF" if head.len() > 3 && head[3] == b'B' => return self.binary_graphic(),
            "GF" if head.len() == 3 => return Token::NeedMore,
            _ => {}
        }
        let Some(end) = head[3..].iter().position(|b| matches!(b, b'^' | b'~')) else { return Token::NeedMore };
        let command = self.take(3 + end);
        if let Err(why) = self.zpl.command(&code, &command[3..]) {
            self.complain(why);
        }
        Token::Nothing
    }

    fn binary_graphic(&mut self) -> Token {
        let head = self.input.make_contiguous();
        let commas: Vec<usize> = head.iter().enumerate().filter(|(_, b)| **b == b',').map(|(i, _)| i).take(4).collect();
        if commas.len() < 4 {
            return if head.len() < 80 { Token::NeedMore } else { self.skip("^GFB without sizes", 3) };
        }
        let number =
            |a: usize, b: usize| std::str::from_utf8(&head[a + 1..b]).ok().and_then(|s| s.trim().parse::<usize>().ok());
        let (sent, per_row) = (number(commas[0], commas[1]), number(commas[2], commas[3]));
        let (Some(want), Some(row_bytes)) = (sent.filter(|n| *n <= 16 << 20), per_row.filter(|n| *n > 0)) else {
            return self.skip("^GFB with bad sizes", 3);
        };
        self.take(commas[3] + 1);
        self.expect(want, false, Picture::Zpl(row_bytes))
    }

    fn tilde(&mut self) -> Token {
        const KNOWN: [(&[u8], Option<Act>); 11] = [
            (b"~HQES", Some(Act::Ask(Question::ZplErrors))),
            (b"~HS", Some(Act::Ask(Question::ZplHost))),
            (b"~!T", Some(Act::Ask(Question::TsplModel))),
            (b"~JA", Some(Act::Do(Order::Cancel))),
            (b"~JX", Some(Act::Do(Order::Cancel))),
            (b"~JC", Some(Act::Do(Order::Calibrate))),
            (b"~JR", Some(Act::Do(Order::Cancel))),
            (b"~PS", Some(Act::Do(Order::Pause))),
            (b"~PP", Some(Act::Do(Order::Resume))),
            (b"~SD", None),
            (b"~TA", None),
        ];
        let head = self.input.make_contiguous();
        for (text, act) in KNOWN {
            if head.starts_with(text) {
                match act {
                    Some(act) => {
                        self.take(text.len());
                        return Token::Happening(act.happening());
                    }
                    None => break,
                }
            }
            if text.starts_with(head) {
                return Token::NeedMore;
            }
        }
        let head = self.input.make_contiguous();
        let end = head[1..].iter().position(|b| matches!(b, b'^' | b'~' | b'\n'));
        match end {
            Some(end) => {
                self.take(1 + end);
                Token::Nothing
            }
            None if head.len() > 4096 => self.skip("an endless ~ command", 1),
            None => Token::NeedMore,
        }
    }

    /// `! U1 getvar "name"`, or the head of a CPCL session; one line.
    fn variable_line(&mut self) -> Token {
        let Some(line) = self.whole_line(4096) else { return Token::NeedMore };
        if let Some(q) = variable_question(&line) {
            return Token::Happening(Happening::Asked(q));
        }
        if !self.cpcl.begin(&line) {
            self.complain(format!("not read: {}", line.trim()));
        }
        Token::Nothing
    }

    fn cpcl_line(&mut self) -> Token {
        let head = self.input.make_contiguous();
        if cpcl::is_graphic(head) {
            return match cpcl::graphic_head(head) {
                Some((block, hex, used)) => {
                    self.take(used);
                    self.expect(block.len() * if hex { 2 } else { 1 }, hex, Picture::Cpcl(block))
                }
                None if head.len() < 80 => Token::NeedMore,
                None => self.skip("EG or CG without sizes", 2),
            };
        }
        let Some(line) = self.whole_line(65_536) else { return Token::NeedMore };
        let end = self.cpcl.line(&line);
        self.end_of_line(end, |reader| reader.cpcl.page())
    }

    fn epl_line(&mut self) -> Token {
        if self.input.make_contiguous().starts_with(b"GW") {
            return self.graphic_line(4, epl::graphic_head, Picture::Epl);
        }
        let Some(line) = self.whole_line(65_536) else { return Token::NeedMore };
        let end = self.epl.line(&line);
        self.end_of_line(end, |reader| reader.epl.page())
    }

    fn tspl_line(&mut self) -> Token {
        let head = self.input.make_contiguous();
        if head.len() >= 6 && head[..6].eq_ignore_ascii_case(b"BITMAP") {
            return self.graphic_line(5, tspl::bitmap_head, Picture::Tspl);
        }
        let Some(line) = self.whole_line(65_536) else { return Token::NeedMore };
        let end = self.tspl.line(&line);
        self.end_of_line(end, |reader| reader.tspl.page())
    }

    /// A command whose numbers, each with its comma, are followed by dots.
    fn graphic_line(&mut self, numbers: usize, read: fn(&[u8]) -> Option<Block>, of: fn(Block) -> Picture) -> Token {
        let head = self.input.make_contiguous();
        let newline = head.iter().position(|b| *b == b'\n');
        let last = head.iter().enumerate().filter(|(_, b)| **b == b',').map(|(i, _)| i).nth(numbers - 1);
        let Some(last) = last.filter(|last| newline.is_none_or(|n| *last < n)) else {
            return match newline {
                Some(end) => self.skip("a picture without sizes", end + 1),
                None if head.len() < 80 => Token::NeedMore,
                None => self.skip("a picture without sizes", 1),
            };
        };
        let text = self.take(last + 1);
        match read(&text) {
            Some(block) => self.expect(block.len(), false, of(block)),
            None => {
                self.complain(format!("bad {}", String::from_utf8_lossy(&text)));
                Token::Nothing
            }
        }
    }

    fn end_of_line(&mut self, end: LineEnd, page: fn(&Self) -> &Raster) -> Token {
        match end {
            LineEnd::Done => Token::Nothing,
            LineEnd::Print(copies) => self.label(page(self).clone(), copies),
            LineEnd::Calibrate => Token::Happening(Happening::Ordered(Order::Calibrate)),
            LineEnd::NotDrawn(what) => {
                self.complain(format!("not drawn: {what}"));
                Token::Nothing
            }
        }
    }

    /// `GS v 0`
    fn raster_rows(&mut self) -> Token {
        let head = self.input.make_contiguous();
        if head.len() < escpos::HEAD {
            return Token::NeedMore;
        }
        let Some((row_bytes, rows)) = escpos::raster_head(head) else { return self.skip("GS v with bad sizes", 2) };
        self.take(escpos::HEAD);
        self.expect(row_bytes * rows, false, Picture::Escpos(row_bytes))
    }

    /// ESC/POS feeds: what was drawn is a label now.
    fn torn_off(&mut self, bytes: usize) -> Token {
        self.take(bytes);
        match self.escpos.tear_off() {
            Some(page) => self.label(page, 1),
            None => Token::Nothing,
        }
    }

    /// A line with its end, once it is there. One that never ends is thrown away in pieces of `longest`.
    fn whole_line(&mut self, longest: usize) -> Option<String> {
        let head = self.input.make_contiguous();
        let end = match head.iter().position(|b| *b == b'\n') {
            Some(end) => end + 1,
            None if head.len() < longest => return None,
            None => longest,
        };
        Some(String::from_utf8_lossy(&self.take(end)).into_owned())
    }

    fn skip(&mut self, why: &str, bytes: usize) -> Token {
        self.complain(why);
        self.take(bytes);
        Token::Nothing
    }

    fn complain(&mut self, what: impl Into<String>) {
        if self.complaints.len() < 1000 {
            self.complaints.push(what.into());
        }
    }

    fn take(&mut self, n: usize) -> Vec<u8> {
        let part: Vec<u8> = self.input.drain(..n.min(self.input.len())).collect();
        self.since_label.extend_from_slice(&part);
        part
    }
}

/// Pairs of hex digits.
fn from_hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digit = |b: u8| char::from(b).to_digit(16).and_then(|d| u8::try_from(d).ok());
    digits.chunks(2).map(|p| Some(digit(p[0])? << 4 | digit(*p.get(1)?)?)).collect()
}

enum Act {
    Ask(Question),
    Do(Order),
}

impl Act {
    fn happening(self) -> Happening {
        match self {
            Self::Ask(q) => Happening::Asked(q),
            Self::Do(o) => Happening::Ordered(o),
        }
    }
}

/// The third byte of an `ESC ! x`.
pub(crate) fn escape_command(c: u8) -> Option<Happening> {
    Some(match c {
        b'?' => Happening::Asked(Question::TsplByte),
        b'S' => Happening::Asked(Question::TsplFrame),
        b'R' | b'.' | b'C' => Happening::Ordered(Order::Cancel),
        b'P' => Happening::Ordered(Order::Pause),
        b'O' => Happening::Ordered(Order::Resume),
        _ => return None,
    })
}

/// `! U1 getvar "name"`.
pub(crate) fn variable_question(line: &str) -> Option<Question> {
    let rest = line.trim().strip_prefix('!')?.trim_start().strip_prefix("U1")?.trim_start().strip_prefix("getvar")?;
    Some(Question::Variable(rest.trim().trim_matches('"').to_string()))
}
