//! Why a label cannot be drawn. Every variant that a datum can cause names the datum.

use crate::flaw::{Flaw, shown};

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
        reason: Box<Flaw>,
    },
    /// The template itself is wrong. Built-in templates are tested not to be.
    #[error("label template{place}: {reason}")]
    BadTemplate {
        /// Where in it.
        place: TemplatePlace,
        /// What is wrong there.
        reason: Box<Flaw>,
    },
    /// The PDF writer failed.
    #[error("the PDF cannot be written: {reason}")]
    Pdf {
        /// Its own words.
        reason: String,
    },
}

impl LabelError {
    /// What is wrong, for a sentence in any language; where, is in `field` or `place`.
    pub fn flaw(&self) -> Flaw {
        match self {
            Self::UnknownTemplate { id } => Flaw::NoTemplate { id: id.clone() },
            Self::MissingGlyph { character, .. } => Flaw::MissingGlyph { letter: shown(*character) },
            Self::DoesNotFit { .. } => Flaw::DoesNotFit {},
            Self::BadSymbol { reason, .. } | Self::BadTemplate { reason, .. } => (**reason).clone(),
            Self::Pdf { reason } => Flaw::Pdf { words: reason.clone() },
        }
    }
}

/// Where in a template something is wrong, as far as that can be told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplatePlace {
    /// Its id; empty where the file cannot be read that far.
    pub template: String,
    /// In its text, counted from 1: line, and characters in the line.
    pub line_column: Option<(usize, usize)>,
    /// Which item, counted from 1.
    pub item: Option<usize>,
    /// Which key of the item or of the file.
    pub key: Option<String>,
}

impl std::fmt::Display for TemplatePlace {
    /// With a space or comma before each part, so that an empty place leaves nothing behind.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.template.is_empty() {
            write!(f, " {}", self.template)?;
        }
        if let Some((line, column)) = self.line_column {
            write!(f, ", line {line} column {column}")?;
        }
        if let Some(item) = self.item {
            write!(f, ", item {item}")?;
        }
        if let Some(key) = &self.key {
            write!(f, ", `{key}`")?;
        }
        Ok(())
    }
}
