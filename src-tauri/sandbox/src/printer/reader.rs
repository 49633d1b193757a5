//! Reads a printer's byte stream bit by bit, as bytes arrive, and says what happens: labels, questions, commands.
//! Job by job either language may come. Lives as long as the printer, not as the connection: what a cut job left
//! open stays open.

use super::tspl::{self, BitmapHead, LineEnd, Tspl};
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
}

/// A command that acts at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    Cancel,
    Pause,
    Resume,
}

/// What the stream led to.
#[derive(Debug)]
pub(crate) enum Happening {
    Label { raster: Raster, copies: u32, bytes: Vec<u8> },
    Asked(Question),
    Ordered(Order),
}

enum Mode {
    Idle,
    Bitmap(BitmapHead, Vec<u8>),
    ZplBinary { want: usize, row_bytes: usize, data: Vec<u8> },
}

/// The stream reader.
pub(crate) struct Reader {
    dpi: Dpi,
    input: VecDeque<u8>,
    since_label: Vec<u8>,
    mode: Mode,
    tspl: Tspl,
    zpl: Zpl,
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
                Mode::Bitmap(head, data) => {
                    let want = head.row_bytes * head.rows;
                    let part: Vec<u8> = self.input.drain(..self.input.len().min(want - data.len())).collect();
                    self.since_label.extend_from_slice(&part);
                    data.extend_from_slice(&part);
                    if data.len() < want {
                        return None;
                    }
                    let (head, data) = (*head, std::mem::take(data));
                    self.mode = Mode::Idle;
                    self.tspl.bitmap(head, &data);
                }
                Mode::ZplBinary { want, row_bytes, data } => {
                    let part: Vec<u8> = self.input.drain(..self.input.len().min(*want - data.len())).collect();
                    self.since_label.extend_from_slice(&part);
                    data.extend_from_slice(&part);
                    if data.len() < *want {
                        return None;
                    }
                    let (row_bytes, data) = (*row_bytes, std::mem::take(data));
                    self.mode = Mode::Idle;
                    self.zpl.binary(row_bytes, &data);
                }
                Mode::Idle => match self.token() {
                    Token::Happening(h) => return Some(h),
                    Token::Nothing => {}
                    Token::NeedMore => return None,
                },
            }
        }
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
            [0x1b] | [0x1b, b'!'] => Token::NeedMore,
            [0x1b, ..] => {
                self.complain("a lone ESC");
                self.take(1);
                Token::Nothing
            }
            [b'^', ..] => self.caret(),
            [b'~', ..] => self.tilde(),
            [b'!', ..] => self.variable_line(),
            _ if self.zpl.is_open() => {
                // Stray text between ZPL commands.
                self.take(1);
                Token::Nothing
            }
            _ => self.tspl_line(),
        }
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
                    Some(f) => Token::Happening(Happening::Label {
                        raster: f.page,
                        copies: f.copies,
                        bytes: std::mem::take(&mut self.since_label),
                    }),
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
        self.mode = Mode::ZplBinary { want, row_bytes, data: Vec::new() };
        Token::Nothing
    }

    fn tilde(&mut self) -> Token {
        const KNOWN: [(&[u8], Option<Act>); 10] = [
            (b"~HQES", Some(Act::Ask(Question::ZplErrors))),
            (b"~HS", Some(Act::Ask(Question::ZplHost))),
            (b"~!T", Some(Act::Ask(Question::TsplModel))),
            (b"~JA", Some(Act::Do(Order::Cancel))),
            (b"~JX", Some(Act::Do(Order::Cancel))),
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

    /// `! U1 getvar "name"` and its kin, one line.
    fn variable_line(&mut self) -> Token {
        let head = self.input.make_contiguous();
        let Some(end) = head.iter().position(|b| *b == b'\n') else {
            return if head.len() < 4096 { Token::NeedMore } else { self.skip("an endless ! line", 1) };
        };
        let line = String::from_utf8_lossy(&self.take(end + 1)).to_string();
        match variable_question(&line) {
            Some(q) => Token::Happening(Happening::Asked(q)),
            None => {
                self.complain(format!("not read: {}", line.trim()));
                Token::Nothing
            }
        }
    }

    fn tspl_line(&mut self) -> Token {
        let head = self.input.make_contiguous();
        let bitmap = head.len() >= 6 && head[..6].eq_ignore_ascii_case(b"BITMAP");
        let newline = head.iter().position(|b| *b == b'\n');
        if bitmap {
            let fifth = head.iter().enumerate().filter(|(_, b)| **b == b',').map(|(i, _)| i).nth(4);
            match fifth.filter(|f| newline.is_none_or(|n| *f < n)) {
                Some(fifth) => {
                    let text = self.take(fifth + 1);
                    match tspl::bitmap_head(&text) {
                        Some(head) => self.mode = Mode::Bitmap(head, Vec::new()),
                        None => self.complain(format!("bad {}", String::from_utf8_lossy(&text))),
                    }
                    return Token::Nothing;
                }
                None if newline.is_none() && head.len() < 80 => return Token::NeedMore,
                None => {}
            }
        }
        let Some(end) = newline else {
            return if head.len() < 65_536 { Token::NeedMore } else { self.skip("an endless line", 65_536) };
        };
        let line = self.take(end + 1);
        match self.tspl.line(&String::from_utf8_lossy(&line)) {
            LineEnd::Done => Token::Nothing,
            LineEnd::Print(copies) => Token::Happening(Happening::Label {
                raster: self.tspl.page().clone(),
                copies,
                bytes: std::mem::take(&mut self.since_label),
            }),
            LineEnd::NotDrawn(what) => {
                self.complain(format!("not drawn: {what}"));
                Token::Nothing
            }
        }
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
