//! Teaching a printer its stock: it feeds a few labels and measures gaps or marks. Sources: TSPL2 manual (`GAPDETECT`,
//! `BLINEDETECT`), Zebra ZPL II guide (`~JC`), EPL2 manual (`xa`).
//!
//! Absent: CPCL and ESC/POS, which have no such command that printers agree on; there it is a key at the printer.

use crate::profiles::Profile;
use domain::printer::{Language, Media, Stock};

/// The job that makes printers of a profile measure their stock. `None`: the language has no command for it, or the
/// stock has nothing to be sensed.
pub fn calibration(profile: &Profile, media: &Media) -> Option<Vec<u8>> {
    let (size, stock) = (media.size, media.stock());
    let words = match (profile.language, stock) {
        (_, Stock::Continuous) | (Language::Cpcl | Language::Escpos, _) => return None,
        // What is sensed is said before: printers take it as where to begin.
        (Language::Tspl, Stock::Gap(gap)) => {
            format!("SIZE {} mm,{} mm\r\nGAP {} mm,0 mm\r\nGAPDETECT\r\n", size.width.0, size.height.0, gap.0)
        }
        (Language::Tspl, Stock::Mark(mark)) => {
            format!("SIZE {} mm,{} mm\r\nBLINE {} mm,0 mm\r\nBLINEDETECT\r\n", size.width.0, size.height.0, mark.0)
        }
        (Language::Zpl, Stock::Gap(_)) => "^XA^MNY^XZ\r\n~JC\r\n".to_owned(),
        (Language::Zpl, Stock::Mark(_)) => "^XA^MNM^XZ\r\n~JC\r\n".to_owned(),
        (Language::Epl, _) => "\nxa\n".to_owned(),
    };
    Some(words.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::generic;
    use domain::printer::MediaKind;
    use domain::units::{Dpi, LabelSize, Mm};

    #[test]
    fn each_language_has_its_own_command_or_none() {
        let media = Media::usual(LabelSize { width: Mm(76.0), height: Mm(130.5) }, Dpi::D203);
        let of = |language, kind| {
            calibration(generic(language), &Media { kind, ..media })
                .map(|bytes| String::from_utf8(bytes).expect("commands are ASCII"))
        };
        let tspl = of(Language::Tspl, MediaKind::Gap).expect("it has one");
        assert_eq!(tspl, "SIZE 76 mm,130.5 mm\r\nGAP 2 mm,0 mm\r\nGAPDETECT\r\n");
        assert!(
            of(Language::Tspl, MediaKind::Mark).expect("it has one").ends_with("BLINE 2 mm,0 mm\r\nBLINEDETECT\r\n")
        );
        assert_eq!(of(Language::Zpl, MediaKind::Mark).as_deref(), Some("^XA^MNM^XZ\r\n~JC\r\n"));
        assert_eq!(of(Language::Epl, MediaKind::Gap).as_deref(), Some("\nxa\n"));
        for language in Language::ALL {
            assert_eq!(of(language, MediaKind::Continuous), None, "{language:?}: nothing to sense");
        }
        assert_eq!((of(Language::Cpcl, MediaKind::Gap), of(Language::Escpos, MediaKind::Mark)), (None, None));
    }
}
