//! Why a label cannot be drawn. Every variant that a datum can cause names the datum.

/// Why a label cannot be drawn. `field` is the path in `LabelData`: `recipient.name`, `goods[2].name`, `waybill_no` …
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// There is no built-in template of that id.
    #[error("there is no label template {id:?}")]
    UnknownTemplate {
        /// What was asked for.
        id: String,
    },
    /// A character that no bundled font can draw (emoji, control characters, scripts outside Noto Sans SC).
    #[error("{field}: the label cannot show the character {character:?} (U+{:04X})", u32::from(*.character))]
    MissingGlyph {
        /// Where it stands.
        field: String,
        /// The character.
        character: char,
    },
    /// The text is too long for its place, even at the smallest size that may be printed.
    #[error("{field}: the text is too long for its place on the label")]
    DoesNotFit {
        /// Which text.
        field: String,
    },
    /// A bar code or QR cannot be made, or not in whole dots with its quiet zone.
    #[error("{field}: {reason}")]
    BadSymbol {
        /// What the symbol would say.
        field: String,
        /// Why not.
        reason: String,
    },
    /// The template itself is wrong. Built-in templates are tested not to be.
    #[error("label template {place}: {reason}")]
    BadTemplate {
        /// Template id and item number.
        place: String,
        /// What is wrong there.
        reason: String,
    },
    /// The PDF writer failed.
    #[error("the PDF cannot be written: {reason}")]
    Pdf {
        /// Its own words.
        reason: String,
    },
}
