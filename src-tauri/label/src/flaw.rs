//! What is wrong with a template, a symbol or a text, as a code with what a sentence about it needs: faces say it in their own
//! language, [`std::fmt::Display`] in English.
//!
//! A sentence names the cause and the mend. Where it stands is [`crate::TemplatePlace`]'s, or the field's. Invariant: a flaw is
//! made where it is found, with its values; no sentence is ever taken apart again.

use std::fmt;

macro_rules! flaws {
    ($($name:ident $code:literal { $($value:ident: $type:ty),* } $english:literal)*) => {
        /// A cause, and the values of its sentence.
        #[derive(Clone, Debug, PartialEq, Eq)]
        #[allow(clippy::doc_markdown, reason = "the sentences are shown to people, who have no use for backticks")]
        pub enum Flaw {
            $(
                #[doc = $english]
                $name {
                    $(#[doc = concat!("`", stringify!($value), "` of the sentence.")] $value: $type),*
                },
            )*
        }

        /// Every code with the names of its values.
        pub const FLAWS: &[(&str, &[&str])] = &[$(($code, &[$(stringify!($value)),*])),*];

        impl Flaw {
            /// Stable: what faces know it by.
            pub fn code(&self) -> &'static str {
                match self {
                    $(Self::$name { .. } => $code,)*
                }
            }

            /// What its sentence needs, by name.
            pub fn values(&self) -> Vec<(&'static str, String)> {
                match self {
                    $(Self::$name { $($value),* } => vec![$((stringify!($value), $value.to_string())),*],)*
                }
            }
        }

        impl fmt::Display for Flaw {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $(Self::$name { $($value),* } => write!(f, $english, $($value = $value),*),)*
                }
            }
        }
    };
}

flaws! {
    // The file.
    TooManyBytes "too_many_bytes" { most: usize } "a template has at most {most} bytes: leave images or items out"
    TooManyItems "too_many_items" { most: usize } "a template has at most {most} items: leave some out"
    Syntax "syntax" { words: String } "this is not TOML ({words}): compare the line with one of the program's templates"
    SyntaxTwice "syntax_twice" {} "the key stands here twice: leave one out"
    SyntaxBracket "syntax_bracket" { close: String } "a bracket is left open: put {close} where it ends"
    SyntaxQuote "syntax_quote" {} "a text has no end: put the quote that it begins with at its end"
    SyntaxEscape "syntax_escape" {} "a backslash begins a sign that TOML does not know: write \\\\, or put the text in '…'"
    SyntaxLetter "syntax_letter" {} "an invisible control character stands here: delete it and type the place again"
    SyntaxNoValue "syntax_no_value" {} "a value is missing: write it behind the ="
    SyntaxScalar "syntax_scalar" {} "this value cannot be read: write a number as 12.5, a text as \"text\", or true or false"
    SyntaxEquals "syntax_equals" {} "one = belongs between a key and its value: write key = value"
    SyntaxKey "syntax_key" {} "a key is wanted here: letters, digits, _ and -; anything else in quotes"
    SyntaxLine "syntax_line" {} "something stands behind the value: begin a new line"
    SyntaxComma "syntax_comma" {} "a comma is missing or too many in a list: one comma between two values"
    SyntaxDeep "syntax_deep" {} "brackets lie too deep in each other: write it flatter"
    // Keys and their values.
    NoKey "no_key" { key: String } "{key} is missing: add {key} = …"
    UnknownKey "unknown_key" { key: String, known: String } "there is no key {key} here: leave it out, or write one of {known}"
    WantNumber "want_number" { found: String } "{found} is not a number: write one as 12.5"
    WantText "want_text" { found: String } "{found} is not a text: put it in quotes"
    WantTruth "want_truth" { found: String } "{found} is neither true nor false: write one of them, without quotes"
    WantNumbers "want_numbers" { found: String, count: usize } "{found} is not a list of numbers: write {count} in brackets, as [1, 2.5]"
    ListLength "list_length" { found: usize, count: usize } "the list has {found} numbers: write {count}"
    WantWord "want_word" { found: String, known: String } "{found} cannot stand here: write one of {known}"
    WantTable "want_table" { found: String } "{found} is not a table: give it keys of its own, as an item has"
    WantCondition "want_condition" { found: String } "{found} is no condition: `if` is a text, or a list of texts"
    NoItems "no_items" {} "the template has no items: add one with [[item]]"
    NoRowItems "no_row_items" {} "the repeat has no items: add one with [[item.items]]"
    NotItems "not_items" {} "items are a list of tables: begin each with [[item]], in a repeat with [[item.items]]"
    NotTable "not_table" {} "an item is a table: begin it with [[item]]"
    NoKind "no_kind" {} "an item needs a kind: add kind = \"text\" or another one"
    UnknownKind "unknown_kind" { found: String, known: String } "there is no kind {found}: write one of {known}"
    Nested "nested" {} "a repeat cannot hold a repeat: put its items side by side"
    // Words, conditions, images.
    OpenBrace "open_brace" { text: String } "a brace is left open in {text}: fields are written as {{recipient.name}}"
    UnknownField "unknown_field" { field: String, near: String } "there is no field {field}: did you mean {near}?"
    ImageLong "image_long" { most: usize } "an image has at most {most} characters of base64: make it smaller"
    ImageBase64 "image_base64" {} "the image is not base64: copy it again, whole"
    ImagePng "image_png" {} "the image is not a PNG that can be read: save it as PNG, then as base64"
    ImagePixels "image_pixels" { most: u32, width: u32, height: u32 } "an image has at most {most} × {most} pixels, not {width} × {height}: make it smaller"
    ImageGrey "image_grey" {} "the image has colours or is transparent: save it in greyscale without transparency"
    // Sizes and places.
    LabelSize "label_size" { least: String, most: String } "a label is {least} to {most} mm wide and high: write a number between them"
    BadId "bad_id" {} "an id is made of 1 to 60 letters A–Z, digits and -: leave out anything else"
    Rotate "rotate" { found: String } "nothing can be turned by {found}: rotate is 0, 90, 180 or 270"
    Modules "modules" { most: String } "modules are [smallest, largest] in mm, above 0 and at most {most}: write them in this order"
    Step "step" { least: String } "step is too small: at least {least} mm"
    LetterHeight "letter_height" { least: String, most: String } "letters are {least} to {most} mm high: write a number between them"
    LeastHeight "least_height" { least: String } "min_size is {least} mm or more, and not above size: write a number between them"
    LineHeight "line_height" { least: String, most: String } "line_height is {least} to {most} times the height of letters: write a number between them"
    Tracking "tracking" { most: String } "tracking is 0 to {most} mm: write a number between them"
    Slanted "slanted" {} "a line is horizontal or vertical, from left to right or from top to bottom: give both ends one x or one y"
    Dash "dash" { least: String } "dashes are too short: at least {least} mm each"
    Thickness "thickness" { most: String } "thickness is 0 to {most} mm: write a number between them"
    Outside "outside" {} "it lies outside the label, or outside its row: move it, or make it smaller"
    // What drawing finds.
    OwnWords "own_words" {} "the template's own words do not fit: enlarge box, make size smaller, or set wrap = true"
    OwnLetter "own_letter" { letter: String } "the label's font has no {letter}: use another character"
    QuietZone "quiet_zone" { says: String } "it comes into the white edge that the symbol of {says} needs: move one of them away"
    // What a datum is in the way of.
    MissingGlyph "missing_glyph" { letter: String } "the label's font has no {letter}: use another character"
    DoesNotFit "does_not_fit" {} "the text is too long for its place on the label: shorten it, or enlarge its box"
    SymbolEmpty "symbol_empty" {} "a symbol needs at least one character: give it one, or draw it only `if` there is one"
    SymbolLong "symbol_long" { count: usize } "{count} characters are too many for this symbol: shorten the text"
    SymbolWide "symbol_wide" { count: usize, modules: i32 } "{count} characters make bars of {modules} modules, too wide for their place: shorten the text, or widen box"
    SymbolLarge "symbol_large" { columns: i32, rows: i32 } "the symbol has {columns} × {rows} modules, too many for its place: shorten the text, or enlarge box"
    SymbolRoom "symbol_room" {} "no shape of this symbol fits its place: shorten the text, or enlarge box"
    Code128Letter "code128_letter" { letter: String } "Code 128 cannot hold {letter}: only letters A–Z, digits and signs of ASCII"
    Code39Letter "code39_letter" { letter: String } "Code 39 cannot hold {letter}: only capital letters, digits, space and - . $ / + %"
    ItfLetter "itf_letter" { letter: String } "ITF cannot hold {letter}: only digits"
    ItfCount "itf_count" { most: usize, count: usize } "ITF holds an even number of digits, 2 to {most}, not {count}: add or leave out a digit"
    EanCount "ean_count" { least: usize, most: usize } "EAN-{most} holds {least} digits, or {most} with the check digit, and nothing else: correct the number"
    EanCheck "ean_check" { right: String, found: String } "the check digit is {right}, not {found}: correct the number, or leave the last digit out"
    // The program's own.
    NoTemplate "no_template" { id: String } "there is no template {id}: choose another one"
    Pdf "pdf" { words: String } "the PDF cannot be written ({words}): print the label, or report this"
}

/// A character as a person can see it: invisible ones by number only.
pub fn shown(c: char) -> String {
    let unseen = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{fe00}'..='\u{fe0f}');
    if c.is_control() || c.is_whitespace() || unseen {
        format!("U+{:04X}", u32::from(c))
    } else {
        format!("{c} (U+{:04X})", u32::from(c))
    }
}

/// A text as a sentence can bear it: its beginning, on one line.
pub(crate) fn excerpt(text: &str) -> String {
    const MOST: usize = 40;
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    let mut short: String = text.chars().take(MOST).map(plain).collect();
    if text.chars().nth(MOST).is_some() {
        short.push('…');
    }
    short
}

impl Flaw {
    /// What `toml` says about a text that is none. It gives words only: what it is known to say is looked up whole, never
    /// searched for words, and what is not known stays in its words.
    pub(crate) fn of_toml(error: &toml::de::Error) -> Self {
        let message = error.message();
        let nothing_there = error.span().is_some_and(|span| span.is_empty());
        let (what, wanted) = message.split_once(", expected ").unwrap_or((message, ""));
        match what {
            "duplicate key" => Self::SyntaxTwice {},
            "unclosed array" | "unclosed array table" | "unclosed table" | "unclosed inline table" => {
                Self::SyntaxBracket { close: wanted.trim_matches('`').to_owned() }
            }
            "invalid basic string"
            | "invalid literal string"
            | "invalid multi-line basic string"
            | "invalid multi-line literal string"
            | "missing opening quote" => match wanted {
                "`'`" | "`\"`" | "`'''`" | "`\"\"\"`" => Self::SyntaxQuote {},
                _ => Self::SyntaxLetter {},
            },
            "missing escaped value" | "too few unicode value digits" | "invalid value" => Self::SyntaxEscape {},
            "carriage return must be followed by newline"
            | "invalid comment character"
            | "unexpected content between comment and newline" => Self::SyntaxLetter {},
            "missing value" => Self::SyntaxNoValue {},
            // An empty text without quotes is none.
            "string values must be quoted" if nothing_there => Self::SyntaxNoValue {},
            "extra assignment between key-value pairs" if wanted == "`,`" => Self::SyntaxComma {},
            "key with no value"
            | "missing value for key"
            | "extra `=`"
            | "unexpected `=` in array"
            | "missing assignment between key-value pairs"
            | "extra assignment between key-value pairs" => Self::SyntaxEquals {},
            "invalid key"
            | "invalid table"
            | "invalid key-value pair"
            | "invalid unquoted key"
            | "unquoted keys cannot be empty"
            | "missing key for inline table element"
            | "keys cannot be multi-line literal strings"
            | "keys cannot be multi-line basic strings" => Self::SyntaxKey {},
            "unexpected key or value" | "unexpected content" => Self::SyntaxLine {},
            "missing comma between array elements"
            | "missing comma between key-value pairs"
            | "extra comma in array"
            | "extra comma in inline table"
            | "invalid inline table element" => Self::SyntaxComma {},
            "string values must be quoted"
            | "invalid string"
            | "invalid boolean"
            | "invalid date"
            | "invalid time"
            | "invalid offset"
            | "invalid datetime"
            | "invalid date-time"
            | "invalid float"
            | "invalid mantissa"
            | "invalid fraction"
            | "invalid exponent"
            | "invalid integer number"
            | "invalid hexadecimal number"
            | "invalid octal number"
            | "invalid binary number"
            | "unexpected leading zero"
            | "unexpected sign"
            | "redundant numeric sign"
            | "redundant integer number prefix"
            | "integers with a radix cannot be signed"
            | "radix must be lowercase"
            | "`_` may only go between digits" => Self::SyntaxScalar {},
            "cannot recurse further; max recursion depth met" | "recursion limit" => Self::SyntaxDeep {},
            _ => Self::Syntax { words: excerpt(message) },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn codes_are_words_of_which_each_stands_once() {
        let codes: HashSet<_> = FLAWS.iter().map(|f| f.0).collect();
        assert_eq!(codes.len(), FLAWS.len());
        let word = |text: &str| text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        assert!(FLAWS.iter().all(|(code, values)| word(code) && values.iter().all(|v| word(v))));
    }

    #[test]
    fn a_sentence_has_its_values_and_they_their_names() {
        let flaw = Flaw::ImagePixels { most: 1024, width: 2000, height: 3 };
        assert_eq!(flaw.code(), "image_pixels");
        assert_eq!(flaw.values(), [("most", "1024".into()), ("width", "2000".into()), ("height", "3".into())]);
        assert!(flaw.to_string().contains("1024 × 1024 pixels, not 2000 × 3"));
        assert_eq!(Flaw::Outside {}.values(), []);
    }

    #[test]
    fn what_toml_says_is_known_by_its_kind() {
        for (text, code) in [
            ("a = 1\na = 2", "syntax_twice"),
            ("a = [1, 2\nb = 1", "syntax_comma"),
            ("a = [1, 2", "syntax_bracket"),
            ("[a\n", "syntax_bracket"),
            ("[[item]\n", "syntax_bracket"),
            ("a = {b = 1", "syntax_bracket"),
            ("a = \"x", "syntax_quote"),
            ("a = 'x\nb = 1", "syntax_quote"),
            ("a = '''x", "syntax_quote"),
            ("a = 'x\u{1}'", "syntax_letter"),
            ("a = 1 # \u{1}", "syntax_letter"),
            ("a = \"\\q\"", "syntax_escape"),
            ("a = \"\\uD800\"", "syntax_escape"),
            ("a = ", "syntax_no_value"),
            ("a = 单", "syntax_scalar"),
            ("a = bold", "syntax_scalar"),
            ("a = tru", "syntax_scalar"),
            ("a = 1.2.3", "syntax_scalar"),
            ("a = 012", "syntax_scalar"),
            ("a = 1__2", "syntax_scalar"),
            ("a = 1979-99-99", "syntax_scalar"),
            ("a", "syntax_equals"),
            ("a == 1", "syntax_equals"),
            ("a = {b 1}", "syntax_equals"),
            ("单 = 1", "syntax_key"),
            (" = 1", "syntax_key"),
            ("[]", "syntax_key"),
            ("a = 1 b = 2", "syntax_line"),
            ("a = [[1] [2]]", "syntax_comma"),
            ("a = [1,, 2]", "syntax_comma"),
            ("a = {b = 1 c = 2}", "syntax_comma"),
        ] {
            let error = toml::de::DeTable::parse(text).err().unwrap_or_else(|| panic!("{text:?} is no TOML"));
            assert_eq!(Flaw::of_toml(&error).code(), code, "{text:?}: {}", error.message());
        }
        let deep = format!("a = {}", "[".repeat(500));
        assert_eq!(Flaw::of_toml(&toml::de::DeTable::parse(&deep).unwrap_err()), Flaw::SyntaxDeep {});
        let other = toml::de::DeTable::parse("a = 1\n[a.b]").unwrap_err();
        assert_eq!(Flaw::of_toml(&other), Flaw::Syntax { words: excerpt(other.message()) }, "in the parser's words");
    }

    #[test]
    fn what_is_shown_is_short_and_can_be_seen() {
        assert_eq!((shown('茶'), shown('\u{200b}')), ("茶 (U+8336)".into(), "U+200B".into()));
        assert_eq!(excerpt(&"长".repeat(50)).chars().count(), 41);
        assert_eq!(excerpt("a\nb"), "a b");
    }
}
