//! Licence expressions (SPDX): whether one can be met with licences we accept.
//!
//! `OR` is our choice, so one accepted side is enough; `AND` binds tighter and wants both; `WITH` ties an exception to
//! the one licence before it. Old crates write `MIT/Apache-2.0` for `OR`.

/// Accepted for a program under MIT OR Apache-2.0 that is given away in binary form: those that ask for a notice at most,
/// and MPL-2.0, which asks for the source of its own, unchanged files.
const ACCEPTED: [&str; 15] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// Why a package under `expression` cannot be used; `None` when it can.
pub fn problem(expression: Option<&str>) -> Option<String> {
    let Some(expression) = expression.filter(|text| !text.trim().is_empty()) else {
        return Some("it states no licence".to_owned());
    };
    match accepted(expression) {
        Some(true) => None,
        Some(false) => Some(format!("its licence `{expression}` is not among those accepted")),
        None => Some(format!("its licence `{expression}` is no SPDX expression")),
    }
}

/// Whether `expression` can be met; `None` when it cannot be read.
fn accepted(expression: &str) -> Option<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = Words { rest: spaced.split_whitespace().collect() };
    words.rest.reverse();
    let verdict = words.either()?;
    words.rest.is_empty().then_some(verdict)
}

/// The words still to be read, the next one last.
struct Words<'a> {
    rest: Vec<&'a str>,
}

impl<'a> Words<'a> {
    fn eat(&mut self, word: &str) -> bool {
        let is = self.rest.last() == Some(&word);
        if is {
            self.rest.pop();
        }
        is
    }

    fn name(&mut self) -> Option<&'a str> {
        self.rest.pop().filter(|word| !["(", ")", "OR", "AND", "WITH"].contains(word))
    }

    fn either(&mut self) -> Option<bool> {
        let mut verdict = self.both()?;
        while self.eat("OR") {
            // Read first: a broken right side must be seen even where the left one is enough.
            verdict = self.both()? || verdict;
        }
        Some(verdict)
    }

    fn both(&mut self) -> Option<bool> {
        let mut verdict = self.one()?;
        while self.eat("AND") {
            verdict = self.one()? && verdict;
        }
        Some(verdict)
    }

    fn one(&mut self) -> Option<bool> {
        if self.eat("(") {
            let verdict = self.either()?;
            return self.eat(")").then_some(verdict);
        }
        let licence = self.name()?;
        if self.eat("WITH") {
            let exception = self.name()?;
            return Some(ACCEPTED.contains(&format!("{licence} WITH {exception}").as_str()));
        }
        Some(ACCEPTED.contains(&licence))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_met_as_their_operators_say() {
        for (expression, verdict) in [
            ("MIT", Some(true)),
            ("GPL-3.0-only", Some(false)),
            ("MIT OR GPL-3.0-only", Some(true)),
            ("GPL-3.0-only OR MIT", Some(true)),
            ("MIT AND GPL-3.0-only", Some(false)),
            ("MIT AND BSD-3-Clause", Some(true)),
            ("MIT/Apache-2.0", Some(true)),
            ("GPL-2.0 / AGPL-3.0", Some(false)),
            // AND before OR, whichever comes first.
            ("MIT OR ISC AND GPL-3.0-only", Some(true)),
            ("GPL-3.0-only AND ISC OR MIT", Some(true)),
            ("(MIT OR ISC) AND GPL-3.0-only", Some(false)),
            ("GPL-3.0-only AND (ISC OR MIT)", Some(false)),
            ("((MIT))", Some(true)),
            ("Apache-2.0 WITH LLVM-exception", Some(true)),
            ("MIT WITH LLVM-exception", Some(false)),
            ("GPL-2.0-only WITH Classpath-exception-2.0 OR MIT", Some(true)),
            ("Apache-2.0+", Some(false)),
            ("mit", Some(false)),
            ("", None),
            ("MIT OR", None),
            ("OR MIT", None),
            ("MIT OR (", None),
            ("(MIT", None),
            ("MIT)", None),
            ("MIT ISC", None),
            ("MIT WITH", None),
            ("MIT AND AND ISC", None),
        ] {
            assert_eq!(accepted(expression), verdict, "{expression}");
        }
    }

    #[test]
    fn a_problem_is_told_in_words() {
        assert_eq!(problem(Some("MIT")), None);
        for (expression, told) in [
            (None, "no licence"),
            (Some(" "), "no licence"),
            (Some("AGPL-3.0-only"), "not among"),
            (Some("MIT OR"), "no SPDX"),
        ] {
            assert!(problem(expression).is_some_and(|why| why.contains(told)), "{expression:?}");
        }
    }
}
