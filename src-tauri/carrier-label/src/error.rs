//! Why a label that somebody else made cannot be printed, and what to do about it.

use crate::{Kind, MAX_BYTES, MAX_PAGES};

/// Nothing was drawn.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReadError {
    /// More than [`MAX_BYTES`].
    #[error("the file has {bytes} bytes; {MAX_BYTES} is the most")]
    FileTooLarge {
        /// Its length.
        bytes: usize,
    },
    /// Neither PDF, PNG, GIF nor ZPL.
    #[error("the file is neither PDF, PNG, GIF nor ZPL, whatever its name says")]
    UnknownKind,
    /// Its first bytes say what it is, the rest does not hold.
    #[error("the {} is broken: {what}", kind.word())]
    Broken {
        /// What it says it is.
        kind: Kind,
        /// Where it fails.
        what: String,
    },
    /// A PDF that wants a password.
    #[error("the PDF is locked with a password")]
    Encrypted,
    /// More than [`MAX_PAGES`].
    #[error("the file has {pages} pages; {MAX_PAGES} is the most")]
    TooManyPages {
        /// How many.
        pages: u32,
    },
    /// The page is not there.
    #[error("there is no page {page}; the file has {pages}")]
    NoSuchPage {
        /// Asked for.
        page: u32,
        /// There are.
        pages: u32,
    },
    /// Nothing is printed on it.
    #[error("page {page} is empty")]
    Empty {
        /// Which.
        page: u32,
    },
    /// More dots than any label has.
    #[error("the picture has {width} × {height} dots, more than any label")]
    TooManyDots {
        /// Across.
        width: u32,
        /// Down.
        height: u32,
    },
    /// Reading takes longer than a clerk waits.
    #[error("the {} took longer than {seconds} s to read", kind.word())]
    TooSlow {
        /// What it is.
        kind: Kind,
        /// How long was waited.
        seconds: u64,
    },
    /// It does not go onto the paper at 1:1, not even without its white edges.
    #[error(
        "the label is {width_mm:.1} × {height_mm:.1} mm and the paper in the printer {paper_width_mm:.1} × {paper_height_mm:.1} mm; \
         it is not scaled, because bars would be spoiled"
    )]
    LargerThanPaper {
        /// Of what is printed on the page.
        width_mm: f64,
        /// Of what is printed on the page.
        height_mm: f64,
        /// Of the paper.
        paper_width_mm: f64,
        /// Of the paper.
        paper_height_mm: f64,
    },
    /// Dots of another resolution that do not become whole dots of this one.
    #[error("the {} is made for {made} dpi and the printer has {printer} dpi; its bars cannot be kept exact", kind.word())]
    OtherResolution {
        /// What it is.
        kind: Kind,
        /// What it was made for.
        made: u32,
        /// What the printer has.
        printer: u32,
    },
    /// Commands that draw something which is not known here.
    #[error("the ZPL label draws with {}, which is not known here", commands.join(", "))]
    NotDrawn {
        /// By name.
        commands: Vec<String>,
    },
    /// A character that the font does not have.
    #[error("the font has no glyph for U+{:04X}", u32::from(*character))]
    MissingGlyph {
        /// Which.
        character: char,
    },
    /// What a ZPL command says does not hold.
    #[error("{command} at byte {at}: {reason}")]
    BadCommand {
        /// By name.
        command: String,
        /// Where.
        at: usize,
        /// Why.
        reason: String,
    },
}

impl ReadError {
    /// What a person does next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::FileTooLarge { .. } | Self::TooManyPages { .. } => "take the label alone out of the file",
            Self::UnknownKind => "fetch the label from the carrier as PDF, PNG, GIF or ZPL",
            Self::Broken { .. } | Self::TooSlow { .. } | Self::TooManyDots { .. } | Self::BadCommand { .. } => {
                "fetch the label from the carrier again, or in another format"
            }
            Self::Encrypted => "save it without a password, then try again",
            Self::NoSuchPage { .. } | Self::Empty { .. } => "choose another page",
            Self::LargerThanPaper { .. } => {
                "put in larger labels and set the printer's paper, or fetch the label in this size"
            }
            Self::OtherResolution { .. } => "fetch it for this resolution, or as PDF, or choose another printer",
            Self::NotDrawn { .. } | Self::MissingGlyph { .. } => "fetch the label from the carrier as PDF or PNG",
        }
    }
    /// What a translation of it needs: sizes, a number, names; empty = nothing.
    pub fn detail(&self) -> String {
        match self {
            Self::Broken { what, .. } => what.clone(),
            Self::TooManyPages { pages } => format!("{pages} > {MAX_PAGES}"),
            Self::NoSuchPage { pages, .. } => pages.to_string(),
            Self::LargerThanPaper { width_mm, height_mm, paper_width_mm, paper_height_mm } => {
                format!("{width_mm:.0} × {height_mm:.0} mm > {paper_width_mm:.0} × {paper_height_mm:.0} mm")
            }
            Self::OtherResolution { made, printer, .. } => format!("{made} dpi ≠ {printer} dpi"),
            Self::NotDrawn { commands } => commands.join(" "),
            Self::MissingGlyph { character } => format!("U+{:04X}", u32::from(*character)),
            Self::BadCommand { command, at, .. } => format!("{command} @ {at}"),
            Self::FileTooLarge { .. } => format!("{} MB", MAX_BYTES / 1024 / 1024),
            Self::UnknownKind
            | Self::Encrypted
            | Self::Empty { .. }
            | Self::TooManyDots { .. }
            | Self::TooSlow { .. } => String::new(),
        }
    }
    /// The error's name for faces that translate.
    pub fn code(&self) -> &'static str {
        match self {
            Self::FileTooLarge { .. } => "file_too_large",
            Self::UnknownKind => "unknown_kind",
            Self::Broken { .. } => "broken",
            Self::Encrypted => "encrypted",
            Self::TooManyPages { .. } => "too_many_pages",
            Self::NoSuchPage { .. } => "no_such_page",
            Self::Empty { .. } => "empty",
            Self::TooManyDots { .. } => "too_many_dots",
            Self::TooSlow { .. } => "too_slow",
            Self::LargerThanPaper { .. } => "larger_than_paper",
            Self::OtherResolution { .. } => "other_resolution",
            Self::NotDrawn { .. } => "not_drawn",
            Self::MissingGlyph { .. } => "missing_glyph",
            Self::BadCommand { .. } => "bad_command",
        }
    }
}
