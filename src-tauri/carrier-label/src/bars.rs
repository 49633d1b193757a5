//! The symbols on a label, read from the very dots that go to the printer, and what they say about a tracking number.
//!
//! Bars are looked for in narrow strips, upright and turned, so that one symbol does not hide another; square symbols on the
//! whole label. `rxing` is a reader that shares no code with whatever drew the label.

use crate::{Kind, bounds, fit};
use domain::raster::Raster;
use rxing::common::{GlobalHistogramBinarizer, HybridBinarizer};
use rxing::multi::{GenericMultipleBarcodeReader, MultipleBarcodeReader};
use rxing::{
    BarcodeFormat, BinaryBitmap, DecodeHints, Luma8LuminanceSource, MultiFormatReader, MultiUseMultiFormatReader,
    Reader,
};
use std::collections::HashSet;

/// Height of a strip, and how far the next one is: the lowest bars that couriers print are about 5 mm.
const STRIP: u32 = 24;
/// Shorter numbers must be a symbol's whole text.
const LONG_ENOUGH: usize = 8;

/// A symbol that was read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Symbol {
    /// As the reader names it: `code_128`, `qrcode` ….
    pub kind: String,
    /// What it says.
    pub text: String,
}

/// What the symbols say about a tracking number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// One of them says it, alone or within a longer text.
    Matches,
    /// They say something else.
    OtherNumber,
    /// Nothing on the label could be read.
    Unreadable,
}

/// Compares what was read with the number that should be on the label.
pub fn verdict(found: &[Symbol], tracking: &str) -> Verdict {
    let want = plain(tracking);
    let says = |s: &Symbol| {
        let text = plain(&s.text);
        text == want || (want.len() >= LONG_ENOUGH && text.contains(&want))
    };
    match found {
        [] => Verdict::Unreadable,
        _ if !want.is_empty() && found.iter().any(says) => Verdict::Matches,
        _ => Verdict::OtherNumber,
    }
}

/// Which of the symbols most likely is the tracking number: what large carriers' numbers look like, else the longest bars.
pub fn likely_number(found: &[Symbol]) -> Option<String> {
    let bars = found.iter().filter(|s| !SQUARES.iter().any(|k| name(*k) == s.kind)).map(|s| number_in(&plain(&s.text)));
    bars.max_by_key(|n| (has_a_carriers_form(n), n.len())).filter(|n| n.len() >= LONG_ENOUGH)
}

/// USPS puts `420` and the postal code before its number, `FedEx` its own codes before the last twelve digits.
fn number_in(text: &str) -> String {
    let digits = text.bytes().all(|b| b.is_ascii_digit());
    match (digits, text.len()) {
        (true, 28..=34) if text.starts_with("420") => {
            let zip = [8, 12].into_iter().find(|n| text[*n..].starts_with('9') && matches!(text.len() - n, 20..=22));
            text[zip.unwrap_or(0)..].to_owned()
        }
        (true, 34) if text.starts_with("96") => text[22..].to_owned(),
        _ => text.to_owned(),
    }
}

/// Whether a number looks like those of UPS, the Universal Postal Union (S10) or USPS.
pub fn has_a_carriers_form(n: &str) -> bool {
    let (letters, digits) =
        (|s: &str| s.bytes().all(|b| b.is_ascii_uppercase()), |s: &str| s.bytes().all(|b| b.is_ascii_digit()));
    (n.len() == 18 && n.starts_with("1Z"))
        || (n.len() == 13 && letters(&n[..2]) && digits(&n[2..11]) && letters(&n[11..]))
        || ((20..=22).contains(&n.len()) && n.starts_with('9') && digits(n))
}

/// Letters and digits alone, upper case, full-width ones as plain ones: spaces and dashes are for people.
fn plain(text: &str) -> String {
    let half = |c: char| match u32::from(c) {
        code @ 0xff01..=0xff5e => char::from_u32(code - 0xfee0).unwrap_or(c),
        _ => c,
    };
    text.chars().map(half).filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

/// All symbols on a label, each kind and text once, in order. A reader that fails on strange dots has read nothing.
pub fn read(raster: &Raster) -> Vec<Symbol> {
    let raster = raster.clone();
    bounds::guarded(Kind::Png, move || Ok(find(&raster))).unwrap_or_default()
}

fn find(upright: &Raster) -> Vec<Symbol> {
    let turned = fit::turn(upright);
    let mut found: Vec<Symbol> = [upright, &turned].into_iter().flat_map(strips).collect();
    found.extend(squares(upright));
    found.sort();
    found.dedup();
    found
}

const BARS: [BarcodeFormat; 7] = [
    BarcodeFormat::CODE_128,
    BarcodeFormat::CODE_39,
    BarcodeFormat::CODE_93,
    BarcodeFormat::ITF,
    BarcodeFormat::EAN_13,
    BarcodeFormat::EAN_8,
    BarcodeFormat::CODABAR,
];
const SQUARES: [BarcodeFormat; 5] = [
    BarcodeFormat::QR_CODE,
    BarcodeFormat::DATA_MATRIX,
    BarcodeFormat::PDF_417,
    BarcodeFormat::AZTEC,
    BarcodeFormat::MAXICODE,
];

fn hints(kinds: &[BarcodeFormat]) -> DecodeHints {
    DecodeHints { PossibleFormats: Some(kinds.iter().copied().collect::<HashSet<_>>()), ..DecodeHints::default() }
}

fn luma(page: &Raster, rows: std::ops::Range<u32>) -> Vec<u8> {
    rows.flat_map(|y| (0..page.width()).map(move |x| if page.get(x, y) { 0 } else { 255 })).collect()
}

fn symbol(r: &rxing::RXingResult) -> Symbol {
    Symbol { kind: name(*r.getBarcodeFormat()), text: r.getText().to_owned() }
}

fn name(kind: BarcodeFormat) -> String {
    kind.to_string().replace(' ', "_").to_lowercase()
}

fn strips(page: &Raster) -> Vec<Symbol> {
    let hints = hints(&BARS);
    let mut found: Vec<Symbol> = Vec::new();
    for top in (0..page.height()).step_by(STRIP as usize) {
        let rows = top..(top + STRIP).min(page.height());
        if rows.clone().all(|y| page.row(y).iter().all(|b| *b == 0)) {
            continue;
        }
        let height = rows.end - rows.start;
        let Ok(source) = Luma8LuminanceSource::new(luma(page, rows), page.width(), height) else { continue };
        let mut reader = GenericMultipleBarcodeReader::new(MultiFormatReader::default());
        let mut picture = BinaryBitmap::new(GlobalHistogramBinarizer::new(source));
        found.extend(reader.decode_multiple_with_hints(&mut picture, &hints).iter().flatten().map(symbol));
    }
    found
}

fn squares(page: &Raster) -> Vec<Symbol> {
    let mut found = Vec::new();
    for kind in SQUARES {
        let hints = DecodeHints { TryHarder: Some(true), ..hints(&[kind]) };
        let dots = luma(page, 0..page.height());
        let Ok(source) = Luma8LuminanceSource::new(dots, page.width(), page.height()) else { continue };
        let mut picture = BinaryBitmap::new(HybridBinarizer::new(source));
        let mut reader = GenericMultipleBarcodeReader::new(MultiUseMultiFormatReader::default());
        match reader.decode_multiple_with_hints(&mut picture, &hints) {
            Ok(all) => found.extend(all.iter().map(symbol)),
            Err(_) => found.extend(
                MultiUseMultiFormatReader::default().decode_with_hints(&mut picture, &hints).iter().map(symbol),
            ),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<Symbol> {
        vec![Symbol { kind: "code_128".to_owned(), text: text.to_owned() }]
    }

    #[test]
    fn the_number_among_the_bars_is_the_one_that_looks_like_a_carriers() {
        let of = |texts: &[(&str, &str)]| {
            let all: Vec<Symbol> =
                texts.iter().map(|(k, t)| Symbol { kind: (*k).to_owned(), text: (*t).to_owned() }).collect();
            likely_number(&all).unwrap_or_default()
        };
        assert_eq!(of(&[("code_128", "420100019400111899223100001234")]), "9400111899223100001234");
        assert_eq!(of(&[("code_128", "9622001900000000000000794912345678")]), "794912345678");
        assert_eq!(
            of(&[("code_128", "1Z12345E0205271688"), ("code_128", "420100010000000000000000000")]),
            "1Z12345E0205271688"
        );
        assert_eq!(of(&[("itf", "12345678"), ("code_128", "GB004217788FR")]), "GB004217788FR");
        assert_eq!(
            of(&[("datamatrix", "0123456789012345678901234567890"), ("code_128", "JJD000390001")]),
            "JJD000390001"
        );
        assert_eq!(of(&[("code_39", "A1")]), "", "too short for a number");
        assert_eq!(of(&[]), "");
    }

    #[test]
    fn a_number_is_found_alone_or_within_but_a_short_one_only_alone() {
        for (text, tracking, verdict_) in [
            ("1Z12345E0205271688", "1z 123 45e 02 0527 1688", Verdict::Matches),
            ("9622001900000000000000794912345678", "794912345678", Verdict::Matches),
            ("\u{1d}420902109400111899223100001234", "9400111899223100001234", Verdict::Matches),
            ("12345678901", "1234567", Verdict::OtherNumber),
            ("1234567", "1234567", Verdict::Matches),
            ("1Z12345E0205271689", "1Z12345E0205271688", Verdict::OtherNumber),
            ("1Z12345E0205271688", "", Verdict::OtherNumber),
            ("ABC", "ＡＢＣ", Verdict::Matches),
        ] {
            assert_eq!(verdict(&said(text), tracking), verdict_, "{text} and {tracking}");
        }
        assert_eq!(verdict(&[], "1Z"), Verdict::Unreadable);
    }
}
