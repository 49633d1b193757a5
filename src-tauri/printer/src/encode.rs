//! From a raster to a job for printers of one profile: checked against the head and the sensors, moved by the offset,
//! written in the language.
//!
//! Everything that does not depend on the language happens here, once: languages get a picture that fits and settings
//! within the profile's bounds. What cannot be printed whole is an error before a byte is made.

use crate::languages::{cpcl, epl, escpos, tspl, zpl};
use crate::placing;
use crate::profiles::Profile;
use domain::printer::{EncodeError, Encoder, Language, Media, MediaKind, Offset, Stock};
use domain::raster::Raster;

/// The encoder of a profile's printers.
pub(crate) struct ForProfile(pub &'static Profile);

impl Encoder for ForProfile {
    fn encode(&self, raster: &Raster, media: &Media) -> Result<Vec<u8>, EncodeError> {
        let profile = self.0;
        if let Some(head) = profile.head_dots(media.dpi)
            && raster.width() > head
        {
            return Err(EncodeError::WiderThanHead { dots: raster.width(), head });
        }
        let kind = match media.stock() {
            Stock::Gap(_) => MediaKind::Gap,
            Stock::Mark(_) => MediaKind::Mark,
            Stock::Continuous => MediaKind::Continuous,
        };
        if !profile.sensors.contains(&kind) {
            return Err(EncodeError::Stock(kind));
        }
        let offset = Offset {
            x: media.offset.x.saturating_add(profile.offset.x),
            y: media.offset.y.saturating_add(profile.offset.y),
        };
        let picture = placing::moved(raster, offset, media.dpi)?;
        let media = &Media {
            speed: media.speed.clamp(profile.speed[0], profile.speed[1]),
            darkness: media.darkness.clamp(profile.darkness[0], profile.darkness[1]),
            ..*media
        };
        match profile.language {
            Language::Tspl => Ok(tspl::job(&picture, media)),
            Language::Zpl => Ok(zpl::job(&picture, media, profile.compressed)),
            Language::Epl => epl::job(&picture, media),
            Language::Cpcl => cpcl::job(&picture, media, profile.binary),
            Language::Escpos => escpos::job(&picture, media, profile.label_mode),
        }
    }
}

/// The print component's: it draws what the platform sealed, from templates of the platform.
pub(crate) struct SealedOnly;

impl Encoder for SealedOnly {
    fn encode(&self, _: &Raster, _: &Media) -> Result<Vec<u8>, EncodeError> {
        Err(EncodeError::SealedOnly)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::{generic, profile};
    use domain::units::{Dpi, LabelSize, Mm};

    fn media() -> Media {
        let size = LabelSize { width: Mm(100.0), height: Mm(10.0) };
        Media::usual(size, Dpi::D203)
    }

    #[test]
    fn a_picture_wider_than_the_head_is_refused_in_every_family() {
        for p in crate::profiles::profiles() {
            let encoder = ForProfile(p);
            for dpi in [Dpi::D203, Dpi::D300, Dpi::D600] {
                let media = Media { dpi, ..media() };
                let Some(head) = p.head_dots(dpi) else { continue };
                assert!(encoder.encode(&Raster::white(head, 8), &media).is_ok(), "{}: just as wide", p.id);
                assert_eq!(
                    encoder.encode(&Raster::white(head + 1, 8), &media),
                    Err(EncodeError::WiderThanHead { dots: head + 1, head }),
                    "{} at {dpi:?}",
                    p.id
                );
            }
        }
    }

    #[test]
    fn ink_over_the_edge_is_refused_in_every_language() {
        let mut raster = Raster::white(80, 40);
        raster.set(79, 5, true);
        for language in Language::ALL {
            let encoder = ForProfile(generic(language));
            let moved = |x, y| encoder.encode(&raster, &Media { offset: Offset { x, y }, ..media() });
            assert_eq!(moved(1, 0).map(|_| ()), Err(EncodeError::OverTheEdge { dots: 1 }), "{language:?}");
            assert_ne!(moved(-10, 10), moved(0, 0), "{language:?}: an offset changes the job");
        }
    }

    #[test]
    fn speed_and_darkness_stay_within_the_profile() {
        let fast = Media { speed: 200, darkness: 200, ..media() };
        let job = ForProfile(profile("tsc").unwrap()).encode(&Raster::white(8, 1), &fast).unwrap();
        let text = String::from_utf8_lossy(&job).into_owned();
        assert!(text.contains("SPEED 6\r\n") && text.contains("DENSITY 15\r\n"), "{text}");
    }
}
