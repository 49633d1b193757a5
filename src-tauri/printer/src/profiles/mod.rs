//! Printer families as data (`profiles/families.toml`): what encoders and links must know beside the language.
//!
//! The table is part of the program and read once; a test reads every line of it. A profile never widens what a person
//! set up, it only bounds it. Deliberately absent: profiles from files of the user's, prices, pictures.

mod detect;

pub use detect::{Hints, pick};

use domain::printer::{Language, MediaKind, Offset};
use domain::units::Dpi;
use serde::Deserialize;
use std::sync::LazyLock;

/// What is known of a family of printers.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Stable word: stored and typed.
    pub id: String,
    /// For people.
    pub name: String,
    /// The language that its printers are driven in.
    pub language: Language,
    /// Makers' names in small letters, as they stand in a device id.
    #[serde(default)]
    makers: Vec<String>,
    /// How its models' names begin, in small letters.
    #[serde(default)]
    models: Vec<String>,
    /// Widths of its heads; none = unknown.
    #[serde(default)]
    heads: Vec<Head>,
    /// Slowest and fastest, in the unit of [`domain::printer::Media::speed`].
    #[serde(default = "any_speed")]
    pub speed: [u8; 2],
    /// Lightest and darkest, in the unit of [`domain::printer::Media::darkness`].
    #[serde(default = "any_darkness")]
    pub darkness: [u8; 2],
    /// What it has sensors for; the first is the usual one.
    pub sensors: Vec<MediaKind>,
    /// Moves every label of the family; a person's own offset comes on top.
    #[serde(default)]
    pub offset: Offset,
    /// ZPL: takes `:Z64:` pictures.
    #[serde(default)]
    pub compressed: bool,
    /// CPCL: its links carry all 256 byte values, so that `CG` can stand for `EG`.
    #[serde(default)]
    pub binary: bool,
    /// ESC/POS: set to labels, so that `GS FF` finds the next one.
    #[serde(default)]
    pub label_mode: bool,
    /// Answers no status question; only a person's is asked all the same.
    #[serde(default)]
    pub mute: bool,
    /// TSPL: knows `ESC ! S` beside `ESC ! ?`.
    #[serde(default)]
    pub status_frame: bool,
    /// TSPL: what ends a picture whose job broke off.
    #[serde(default)]
    pub clear: Clear,
    /// Keys of this entry that a maker's manual or data sheet states.
    #[serde(default)]
    pub documented: Vec<String>,
    /// Keys of this entry that are widely told, and not more.
    #[serde(default)]
    pub reported: Vec<String>,
}

/// A head of the family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    /// Nominal resolution: 203, 300, 600.
    dpi: u32,
    /// Dots across.
    dots: u32,
}

/// Which command makes a TSPL printer forget a picture that is still under way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Clear {
    /// None that is known: the picture can only be filled up.
    #[default]
    Unknown,
    /// `ESC ! .`
    Cancel,
    /// `ESC ! R`
    Reset,
}

impl Profile {
    /// Whether it supposes nothing but the language.
    pub fn is_generic(&self) -> bool {
        self.id.strip_prefix(GENERIC) == Some(self.language.word())
    }

    /// Dots across the head at this resolution, if known.
    pub fn head_dots(&self, dpi: Dpi) -> Option<u32> {
        self.heads.iter().find(|h| h.dpi == dpi.nominal()).map(|h| h.dots)
    }
}

/// How the ids of profiles begin that stand for a language alone.
const GENERIC: &str = "generic-";

fn any_speed() -> [u8; 2] {
    [1, u8::MAX]
}

fn any_darkness() -> [u8; 2] {
    [0, 15]
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    family: Vec<Profile>,
}

static TABLE: LazyLock<Vec<Profile>> = LazyLock::new(|| {
    let table: Table = toml::from_str(include_str!("../../profiles/families.toml")).expect("a test reads this table");
    table.family
});

/// Every profile, the families before the generic ones.
pub fn profiles() -> &'static [Profile] {
    &TABLE
}

/// The profile with this id.
pub fn profile(id: &str) -> Option<&'static Profile> {
    TABLE.iter().find(|p| p.id == id)
}

/// The profile that supposes nothing but the language.
pub fn generic(language: Language) -> &'static Profile {
    profile(&format!("{GENERIC}{}", language.word())).expect("a test asks for every language's")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_reads_and_every_language_has_its_generic_profile() {
        for language in Language::ALL {
            let p = generic(language);
            assert_eq!(p.language, language);
            assert_eq!(p.head_dots(Dpi::D203), None, "nothing is supposed about a head");
            assert!(p.is_generic() && !profile("tsc").unwrap().is_generic());
            assert!(!p.compressed && !p.binary && !p.label_mode && !p.mute, "and no quirk");
        }
        let mut ids: Vec<_> = profiles().iter().map(|p| &p.id).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), profiles().len(), "ids are unique");
    }

    #[test]
    fn every_line_says_whether_it_is_documented_and_makes_sense() {
        let raw: toml::Table = toml::from_str(include_str!("../../profiles/families.toml")).unwrap();
        for (entry, p) in raw["family"].as_array().unwrap().iter().zip(profiles()) {
            let told: Vec<&String> = p.documented.iter().chain(&p.reported).collect();
            for key in entry.as_table().unwrap().keys() {
                let facts = ["id", "name", "language", "makers", "models", "documented", "reported"];
                let once = told.iter().filter(|t| **t == key).count();
                assert_eq!(once, usize::from(!facts.contains(&key.as_str())), "{}: {key} is either of the two", p.id);
            }
            assert!(told.iter().all(|t| entry.get(t).is_some()), "{}: only lines that are there", p.id);
            assert!(p.speed[0] <= p.speed[1] && p.darkness[0] <= p.darkness[1] && p.darkness[1] <= 15, "{}", p.id);
            assert!(!p.sensors.is_empty(), "{}", p.id);
            assert!(p.heads.iter().all(|h| Dpi::from_nominal(h.dpi).is_some()), "{}", p.id);
            let lower = |all: &[String]| all.iter().all(|w| *w == w.to_lowercase() && !w.is_empty());
            assert!(lower(&p.makers) && lower(&p.models), "{}: small letters", p.id);
        }
    }
}
