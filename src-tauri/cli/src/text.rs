//! Text for people: tables that line up with Chinese in them, times, short ids.

use std::fmt::Write;

/// Rows under a head, in columns two spaces apart.
pub fn table<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> String {
    let mut all = vec![head.map(str::to_owned)];
    all.extend(rows.into_iter().map(|r| r.map(|cell| crate::out::clean(&cell).replace('\n', " "))));
    let mut widths = [0; N];
    for row in &all {
        for (w, cell) in widths.iter_mut().zip(row) {
            *w = width(cell).max(*w);
        }
    }
    let mut text = String::new();
    for row in &all {
        let mut line = String::new();
        for (w, cell) in widths.iter().zip(row) {
            line += cell;
            line += &" ".repeat(w - width(cell) + 2);
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Names and values, one a line; empty values are left out.
pub fn list<'a>(pairs: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let pairs: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
    let w = pairs.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    pairs.iter().fold(String::new(), |mut text, (name, value)| {
        let value = crate::out::clean(value).replace('\n', " ");
        let _ = writeln!(text, "{name}{}  {value}", " ".repeat(w - width(name)));
        text
    })
}

/// Columns a text takes in a terminal: East Asian wide and full-width characters take two (UAX #11, in its large blocks).
pub fn width(text: &str) -> usize {
    text.chars()
        .map(|c| match u32::from(c) {
            0x0300..=0x036f | 0xfe00..=0xfe0f => 0,
            0x1100..=0x115f
            | 0x2e80..=0x303e
            | 0x3041..=0xa4cf
            | 0xac00..=0xd7a3
            | 0xf900..=0xfaff
            | 0xfe30..=0xfe6f
            | 0xff00..=0xff60
            | 0xffe0..=0xffe6
            | 0x1f300..=0x1faff
            | 0x20000..=0x3fffd => 2,
            _ => 1,
        })
        .sum()
}

/// Milliseconds since the epoch as `2026-11-22 00:28:34Z`; empty for none.
pub fn time(ms: impl Into<Option<i64>>) -> String {
    let Some(at) = ms.into().and_then(|ms| jiff::Timestamp::from_second(ms.div_euclid(1000)).ok()) else {
        return String::new();
    };
    at.to_string().replacen('T', " ", 1)
}

/// The beginning of an id, enough to type.
pub fn short(id: &str) -> String {
    id.chars().take(8).collect()
}

/// `yes`, or nothing.
pub fn mark(yes: bool) -> String {
    if yes { "yes".to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_with_chinese_in_them() {
        let t = table(["name", "n"], [["中通".to_owned(), "1".to_owned()], ["abcdef".to_owned(), "2".to_owned()]]);
        assert_eq!(t, "name    n\n中通    1\nabcdef  2\n", "two columns a Chinese character");
    }

    #[test]
    fn times_are_utc_to_the_second() {
        assert_eq!(time(1_795_307_314_567), "2026-11-22 00:28:34Z");
        assert_eq!(time(None), "");
    }
}
