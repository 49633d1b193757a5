//! stdout: text for people or JSON for scripts, never both. A reader that left is no error: the work goes on silently and
//! the exit code stays true.

use serde::Serialize;
use std::io::{self, ErrorKind, Write};

/// Where answers go.
pub struct Out {
    json: bool,
    gone: bool,
    trouble: Option<io::Error>,
}

impl Out {
    /// Text, or JSON.
    pub fn new(json: bool) -> Self {
        Self { json, gone: false, trouble: None }
    }

    /// Whether scripts are reading.
    pub fn is_json(&self) -> bool {
        self.json
    }

    /// One answer, in the form that was asked for. Every answer is on its way before the call returns.
    pub fn answer<T: Serialize>(&mut self, value: &T, words: impl FnOnce(&T) -> String) {
        if self.json {
            let text = serde_json::to_string(value).unwrap_or_else(|e| format!("{{\"error\":\"{e}\"}}"));
            self.write(&text);
        } else {
            self.say(&words(value));
        }
    }

    /// Text for people only.
    pub fn say(&mut self, text: &str) {
        if !self.json {
            self.write(clean(text).trim_end_matches('\n'));
        }
    }

    fn write(&mut self, text: &str) {
        if self.gone || text.is_empty() {
            return;
        }
        let mut stdout = io::stdout().lock();
        if let Err(e) =
            stdout.write_all(text.as_bytes()).and_then(|()| stdout.write_all(b"\n")).and_then(|()| stdout.flush())
        {
            self.gone = true;
            if e.kind() != ErrorKind::BrokenPipe {
                self.trouble = Some(e);
            }
        }
    }

    /// Whether everything was written, or the reader left by itself.
    pub fn finish(&mut self) -> io::Result<()> {
        self.trouble.take().map_or(Ok(()), Err)
    }
}

/// Without what could steer a terminal or turn text around: platforms' and buyers' texts are hostile.
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' => c,
            '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_shops_name_cannot_steer_the_terminal() {
        assert_eq!(super::clean("a\u{1b}[2Jb\u{202e}c\nd"), "a\u{fffd}[2Jb\u{fffd}c\nd");
    }
}
