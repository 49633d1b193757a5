//! The closing slip: lines of two columns and a QR code, on whatever stock is in the printer.

use crate::error::LabelError;
use crate::template::Template;
use domain::label_data::LabelData;
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize};
use std::fmt::Write;

/// Air at the edges, mm.
const EDGE: f64 = 5.0;
/// Height of a line's letters, and from line to line, mm.
const LINE: (f64, f64) = (3.2, 4.6);
/// The QR code's largest side, mm.
const QR: f64 = 34.0;

/// A slip with a title (the first line's first text), lines of a name and a value, and a QR code that says `qr`, with the same
/// in letters below it. What has no room above the code is left out, the last lines first.
///
/// Errors: [`LabelError`] for stock that has no room even for the code, and for characters that no font draws.
pub fn closing_slip(size: LabelSize, dpi: Dpi, lines: &[(String, String)], qr: &str) -> Result<Raster, LabelError> {
    let (w, h) = (size.width.0, size.height.0);
    let inner = w - 2.0 * EDGE;
    let side = QR.min(inner).min(h - 2.0 * EDGE - 16.0).max(0.0);
    let bottom = h - EDGE - side - 8.0;
    let mut file = format!("id='closing-slip'\nname='结单'\nwidth={w:?}\nheight={h:?}\n");
    let mut text = |words: &str, (x, y, width, height): (f64, f64, f64, f64), em: f64, more: &str| {
        let _ = write!(
            file,
            "[[item]]\nkind='text'\ntext='{}'\nbox=[{x:?},{y:?},{width:?},{height:?}]\nsize={em:?}\nmin_size=1.5\n{more}\n",
            plain(words),
        );
    };
    let mut y = EDGE;
    for (n, (name, value)) in lines.iter().enumerate() {
        if y + LINE.1 > bottom {
            break;
        }
        if n == 0 {
            text(name, (EDGE, y, inner, 6.0), 4.5, "weight='bold'");
            y += 7.0;
            continue;
        }
        text(name, (EDGE, y, inner * 0.45, LINE.1), LINE.0, "ellipsis=true");
        text(value, (EDGE + inner * 0.45, y, inner * 0.55, LINE.1), LINE.0, "align='right'\nellipsis=true");
        y += LINE.1;
    }
    text(qr, (EDGE, h - EDGE - 6.0, inner, 6.0), 2.2, "wrap=true\nalign='center'\nvalign='top'");
    let x = (w - side) / 2.0;
    let _ = write!(
        file,
        "[[item]]\nkind='qr'\ntext='{}'\nbox=[{x:?},{:?},{side:?},{side:?}]\nmodules=[0.25,1.0]\n",
        plain(qr),
        h - EDGE - 7.0 - side
    );
    Ok(Template::read(&file)?.layout(&LabelData::default(), dpi)?.raster())
}

/// A person's badge: name, a line below it, and the code twice: as bars for scanners of shelves, as a QR code for the others. The
/// code does not stand there in letters. Bars that have no room are left out.
///
/// Errors: [`LabelError`] for stock that has no room even for the QR code, and for characters that no font draws.
pub fn badge(size: LabelSize, dpi: Dpi, name: &str, below: &str, code: &str) -> Result<Raster, LabelError> {
    let (w, h) = (size.width.0, size.height.0);
    let inner = w - 2.0 * EDGE;
    let draw = |bars: bool| {
        let top = EDGE + 15.0;
        let foot = if bars { 19.0 } else { 0.0 };
        let side = QR.min(inner).min(h - EDGE - top - foot).max(0.0);
        let mut file = format!("id='badge'\nname='工牌'\nwidth={w:?}\nheight={h:?}\n");
        let _ = write!(
            file,
            "[[item]]\nkind='text'\ntext='{}'\nbox=[{EDGE:?},{EDGE:?},{inner:?},8.0]\nsize=7.0\nmin_size=2.5\nalign='center'\nweight='bold'\nellipsis=true\n\
             [[item]]\nkind='text'\ntext='{}'\nbox=[{EDGE:?},{:?},{inner:?},5.0]\nsize=3.0\nmin_size=1.5\nalign='center'\nellipsis=true\n\
             [[item]]\nkind='qr'\ntext='{}'\nbox=[{:?},{top:?},{side:?},{side:?}]\nmodules=[0.25,1.0]\n",
            plain(name),
            plain(below),
            EDGE + 8.5,
            plain(code),
            (w - side) / 2.0,
        );
        if bars {
            let _ = write!(
                file,
                "[[item]]\nkind='code128'\ntext='{}'\nbox=[{EDGE:?},{:?},{inner:?},15.0]\nmodules=[0.19,0.5]\n",
                plain(code),
                top + side + 4.0,
            );
        }
        Ok(Template::read(&file)?.layout(&LabelData::default(), dpi)?.raster())
    };
    draw(true).or_else(|_: LabelError| draw(false))
}

/// Braces would be fields, and quotes the end of the text.
fn plain(words: &str) -> String {
    words
        .chars()
        .map(|c| match c {
            '{' => '（',
            '}' => '）',
            '\'' => '’',
            c if c.is_control() => ' ',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::units::Mm;

    #[test]
    fn a_slip_fits_small_and_large_stock_and_takes_any_words() {
        let lines: Vec<(String, String)> =
            [("面单台 当日结单", ""), ("经手人", "O'Neil {店主}"), ("中通快递", "412 张，确认 400")]
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
                .to_vec();
        let code = "WBD1.1234567.0123456789abcdef0123456789abcdef.0123456789abcdef";
        for (w, h) in [(76.0, 130.0), (100.0, 180.0), (101.6, 152.4), (60.0, 60.0)] {
            let size = LabelSize { width: Mm(w), height: Mm(h) };
            let slip = closing_slip(size, Dpi::D203, &lines, code).unwrap_or_else(|e| panic!("{w} × {h}: {e}"));
            assert_eq!((slip.width(), slip.height()), (Dpi::D203.dots(Mm(w)).0, Dpi::D203.dots(Mm(h)).0));
            assert!(slip.black_dots() > 1000);
        }
        let badge_code = "WDBABCDEFGHIJKLMNOP";
        for (w, h) in [(76.0, 130.0), (100.0, 180.0), (100.0, 100.0), (60.0, 60.0), (40.0, 60.0)] {
            let size = LabelSize { width: Mm(w), height: Mm(h) };
            let drawn = badge(size, Dpi::D203, "O'Neil {店主}", "2026-11-27 19:06", badge_code);
            assert!(drawn.unwrap_or_else(|e| panic!("{w} × {h}: {e}")).black_dots() > 1000);
        }
        let many: Vec<_> = (0..200).map(|n| (format!("第 {n} 行"), n.to_string())).collect();
        let size = LabelSize { width: Mm(76.0), height: Mm(130.0) };
        assert!(closing_slip(size, Dpi::D203, &many, code).is_ok(), "what has no room is left out");
    }
}
