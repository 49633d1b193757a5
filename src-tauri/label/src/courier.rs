//! What the couriers' labels differ in, from the data table `couriers.toml`: how a number is grouped, in which order
//! service marks stand, what is torn off.
//!
//! The table holds advice, not law: a number of another shape, a mark or a courier that it does not know is drawn all the
//! same. Absent: names (the data's), logos, prices.

use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    courier: Vec<Courier>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Courier {
    /// Codes of platforms, the usual one first.
    codes: Vec<String>,
    /// Shapes of numbers: `9` a digit, `a` a capital, `*` either, a space parts groups, anything else itself.
    numbers: Vec<String>,
    /// Service marks in the order in which this courier's labels have them.
    marks: Vec<String>,
    /// `recipient`, `sender`, or empty: what is torn off below the courier's part.
    stub: String,
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    toml::from_str(include_str!("../couriers.toml")).expect("the couriers' table can be read: tested")
});

fn find(code: &str) -> Option<&'static Courier> {
    TABLE.courier.iter().find(|c| c.codes.iter().any(|k| k == code))
}

/// Whether the number has a shape that the courier is known to use; `None` for a courier that the table does not know.
/// For a warning in a form. A number of another shape is no error: couriers add shapes.
pub fn number_looks_right(code: &str, number: &str) -> Option<bool> {
    find(code).map(|c| c.numbers.iter().any(|shape| in_groups(shape, number).is_some()))
}

/// The number in groups, as the courier prints it; unchanged where no known shape fits.
pub fn grouped(code: &str, number: &str) -> String {
    let shapes = find(code).into_iter().flat_map(|c| &c.numbers);
    shapes.into_iter().find_map(|shape| in_groups(shape, number)).unwrap_or_else(|| number.to_owned())
}

/// What is torn off: `recipient` for a courier that the table does not know, so that nobody goes without a stub.
pub fn stub(code: &str) -> &'static str {
    find(code).map_or("recipient", |c| &c.stub)
}

/// Places of the marks that say something, in the courier's order; those it does not know come last, in their own order.
pub fn marks_in_order(code: &str, marks: &[String]) -> Vec<usize> {
    let known = find(code).map_or(&[][..], |c| &c.marks);
    let mut order: Vec<usize> = (0..marks.len()).filter(|i| !marks[*i].trim().is_empty()).collect();
    order.sort_by_key(|i| known.iter().position(|k| *k == marks[*i]).unwrap_or(known.len()));
    order
}

/// The number with the shape's spaces, if it has that shape.
fn in_groups(shape: &str, number: &str) -> Option<String> {
    let mut out = String::with_capacity(shape.len());
    let mut rest = number.chars();
    for s in shape.chars() {
        if s == ' ' {
            out.push(' ');
            continue;
        }
        let c = rest.next()?;
        let fits = match s {
            '9' => c.is_ascii_digit(),
            'a' => c.is_ascii_uppercase(),
            '*' => c.is_ascii_digit() || c.is_ascii_uppercase(),
            own => c == own,
        };
        if !fits {
            return None;
        }
        out.push(c);
    }
    rest.next().is_none().then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_shape_and_never_changed() {
        assert_eq!(grouped("SF", "SF1234567890123"), "SF 1234 5678 90123");
        assert_eq!(grouped("ZTO", "75312345678901"), "7531 2345 6789 01");
        assert_eq!(grouped("EMS", "EA123456789CN"), "EA 123 456 789 CN");
        assert_eq!(grouped("SF", "007"), "007", "an unknown shape stays as it is");
        assert_eq!(grouped("NOBODY", "12345678"), "12345678");
        assert_eq!(number_looks_right("YTO", "YT8812345678901"), Some(true));
        assert_eq!(number_looks_right("YTO", "YT88"), Some(false));
        assert_eq!(number_looks_right("NOBODY", "1"), None);
    }

    #[test]
    fn marks_stand_in_the_couriers_order_and_none_is_lost() {
        let marks = ["加急".to_owned(), "保价".into(), " ".into(), "代收货款".into()];
        let order = marks_in_order("SF", &marks);
        assert_eq!(order.len(), 3, "an empty mark is no mark");
        assert_eq!(order.last(), Some(&0), "an unknown mark comes last");
        assert_eq!(marks_in_order("NOBODY", &marks), [0, 1, 3]);
    }

    #[test]
    fn the_table_is_sound() {
        let mut codes: Vec<&String> = TABLE.courier.iter().flat_map(|c| &c.codes).collect();
        let count = codes.len();
        codes.sort();
        codes.dedup();
        assert_eq!(codes.len(), count, "a code names one courier");
        for c in &TABLE.courier {
            assert!(["recipient", "sender", ""].contains(&c.stub.as_str()), "{:?}", c.codes);
            assert!(!c.numbers.is_empty() && !c.marks.is_empty());
        }
        for code in ["SF", "ZTO", "YTO", "STO", "YUNDA", "JT", "EMS", "JD", "DBL"] {
            assert!(find(code).is_some(), "{code}");
        }
    }
}
