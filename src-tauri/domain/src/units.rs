//! Lengths on paper. A bare number never means millimetres or dots.

use serde::{Deserialize, Serialize};

/// Millimetres.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Mm(pub f64);

/// Whole printer dots.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Dots(pub u32);

/// Print head resolution. What is sold as 203 dpi is 8 dots/mm, that is 203.2.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Dpi {
    /// "203 dpi": 8 dots/mm exactly.
    D203,
    /// 300 dpi.
    D300,
    /// 600 dpi.
    D600,
}

impl Dpi {
    /// Dots per inch: 203.2, 300 or 600. Never 203.0 (800 dots would become 799).
    pub fn value(self) -> f64 {
        match self {
            Self::D203 => 203.2,
            Self::D300 => 300.0,
            Self::D600 => 600.0,
        }
    }
    /// The number people say: 203, 300, 600.
    pub fn nominal(self) -> u32 {
        match self {
            Self::D203 => 203,
            Self::D300 => 300,
            Self::D600 => 600,
        }
    }
    /// From the number people say; `None` for any other.
    pub fn from_nominal(n: u32) -> Option<Self> {
        match n {
            203 => Some(Self::D203),
            300 => Some(Self::D300),
            600 => Some(Self::D600),
            _ => None,
        }
    }
    /// A length in whole dots, rounded half away from zero; negative lengths give 0.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "clamped to 0..=u32::MAX before the cast"
    )]
    pub fn dots(self, mm: Mm) -> Dots {
        Dots((mm.0 * self.value() / 25.4).round().clamp(0.0, f64::from(u32::MAX)) as u32)
    }
}

/// A label's size on paper.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LabelSize {
    /// Across the head.
    pub width: Mm,
    /// Along the feed.
    pub height: Mm,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_have_the_dots_that_printers_expect() {
        // printing facts: 100×180 mm is 800×1440 at "203", 1181×2126 at 300; 76×130 is 608×1040 and 898×1535.
        for (mm, d203, d300) in [(100.0, 800, 1181), (180.0, 1440, 2126), (76.0, 608, 898), (130.0, 1040, 1535)] {
            assert_eq!(Dpi::D203.dots(Mm(mm)), Dots(d203), "{mm} mm at 203");
            assert_eq!(Dpi::D300.dots(Mm(mm)), Dots(d300), "{mm} mm at 300");
        }
    }
}
