//! Bytes into commands: name, parameters, place. Binary graphics are taken by their count, not by what is in them.

use crate::{Kind, ReadError};

/// One command.
#[derive(Debug, Clone, PartialEq)]
pub struct Command<'a> {
    /// `^FO`, `~DG`, `^A` …
    pub name: [u8; 3],
    /// What follows, up to the next command.
    pub text: &'a [u8],
    /// What stands between parameters.
    pub comma: u8,
    /// Where it stands in the file.
    pub at: usize,
}

/// More would be no label.
const MOST: usize = 200_000;

impl Command<'_> {
    /// As it is written.
    pub fn word(&self) -> String {
        let name = if self.name[1] == b'A' && self.name[2] == 0 { &self.name[..2] } else { &self.name[..] };
        String::from_utf8_lossy(name).into_owned()
    }
    /// The parameters, without blanks and line ends around them.
    pub fn parts(&self) -> Vec<String> {
        self.text.split(|b| *b == self.comma).map(|p| String::from_utf8_lossy(p).trim().to_owned()).collect()
    }
    /// A whole number; `None` if it is left out or is none.
    pub fn number(&self, nth: usize) -> Option<i64> {
        number(self.parts().get(nth)?)
    }
    /// The first character of a parameter, in capitals.
    pub fn letter(&self, nth: usize) -> Option<u8> {
        self.parts().get(nth)?.bytes().next().map(|b| b.to_ascii_uppercase())
    }
    /// Why it cannot be drawn.
    pub fn wrong(&self, reason: impl Into<String>) -> ReadError {
        ReadError::BadCommand { command: self.word(), at: self.at, reason: reason.into() }
    }
}

/// Digits, with what follows them left out, within what a label can mean.
pub fn number(text: &str) -> Option<i64> {
    let end = text.bytes().enumerate().find(|(i, b)| !(b.is_ascii_digit() || (*i == 0 && matches!(b, b'-' | b'+'))));
    let n: i64 = text[..end.map_or(text.len(), |(i, _)| i)].parse().ok()?;
    Some(n.clamp(-1_000_000, 20_000_000))
}

/// All commands in order.
pub fn split(bytes: &[u8]) -> Result<Vec<Command<'_>>, ReadError> {
    let (mut caret, mut tilde, mut comma) = (b'^', b'~', b',');
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(step) = bytes[at..].iter().position(|b| *b == caret || *b == tilde) {
        at += step;
        let Some(name) = bytes.get(at + 1..at + 3) else { break };
        let prefix = if bytes[at] == caret { b'^' } else { b'~' };
        let mut name = [prefix, name[0].to_ascii_uppercase(), name[1].to_ascii_uppercase()];
        let mut start = at + 3;
        // The font's name stands right behind `^A`, and is a parameter.
        if name[0] == b'^' && name[1] == b'A' {
            name[2] = 0;
            start = at + 2;
        }
        let end = match binary(&name, &bytes[start..], comma) {
            Some(count) if start + count <= bytes.len() => start + count,
            Some(_) => {
                let what = format!("the picture at byte {at} ends before its end");
                return Err(ReadError::Broken { kind: Kind::Zpl, what });
            }
            None => bytes[start..].iter().position(|b| *b == caret || *b == tilde).map_or(bytes.len(), |n| start + n),
        };
        let text = &bytes[start..end];
        match (&name[1..], text.first()) {
            (b"CC", Some(b)) => caret = *b,
            (b"CT", Some(b)) => tilde = *b,
            (b"CD", Some(b)) => comma = *b,
            _ => {}
        }
        if matches!(&name[1..], b"CC" | b"CT" | b"CD") {
            at = start + 1;
            at = at.min(bytes.len());
            continue;
        }
        out.push(Command { name, text, comma, at });
        if out.len() > MOST {
            return Err(ReadError::Broken { kind: Kind::Zpl, what: format!("more than {MOST} commands") });
        }
        at = end;
    }
    Ok(out)
}

/// How many bytes belong to a `^GFB` with its data.
fn binary(name: &[u8; 3], rest: &[u8], comma: u8) -> Option<usize> {
    if name != b"^GF" || !rest.first().is_some_and(|b| b.eq_ignore_ascii_case(&b'B')) {
        return None;
    }
    let mut parts = rest.splitn(5, |b| *b == comma);
    let head: Vec<&[u8]> = parts.by_ref().take(4).collect();
    if head.len() < 4 {
        return None;
    }
    let count = number(std::str::from_utf8(head[1]).ok()?.trim())?;
    Some(head.iter().map(|p| p.len() + 1).sum::<usize>() + usize::try_from(count).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_have_names_parameters_and_a_place() {
        let all = split(b"junk^XA\n^FO10, 20^A0N,30,25^FDa,b^FS~JS^xz").expect("it splits");
        let words: Vec<_> = all.iter().map(Command::word).collect();
        assert_eq!(words, ["^XA", "^FO", "^A", "^FD", "^FS", "~JS", "^XZ"]);
        assert_eq!((all[1].number(0), all[1].number(1), all[1].number(2)), (Some(10), Some(20), None));
        assert_eq!(all[2].text, b"0N,30,25");
        assert_eq!(all[1].at, 8);
    }

    #[test]
    fn binary_pictures_may_hold_carets_and_other_prefixes_are_heard() {
        let all = split(b"^XA^GFB,4,4,1,^^~~^FS^XZ").expect("it splits");
        assert_eq!(all.iter().map(Command::word).collect::<Vec<_>>(), ["^XA", "^GF", "^FS", "^XZ"]);
        assert!(split(b"^XA^GFB,400,400,1,^^~~^FS^XZ").is_err(), "cut short");
        let all = split(b"^XA^CC!!FO1,2!FDx!FS!XZ").expect("it splits");
        assert_eq!(all.iter().map(Command::word).collect::<Vec<_>>(), ["^XA", "^FO", "^FD", "^FS", "^XZ"]);
    }
}
