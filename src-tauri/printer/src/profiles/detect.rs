//! Which family a printer belongs to, from what it or its spooler says of it.
//!
//! Pure and total: any bytes give a profile or `None`. What is read: an IEEE-1284 device id (`MFG:…;MDL:…;CMD:…;`, as
//! from USB or IPP's `printer-device-id`), the answers to `~HI` (ZPL) and `~!T` (TSPL), IPP's `printer-make-and-model`.
//! A device id's `CMD` is a wish, not a fact: clones lie there or leave it empty, so it only decides between families
//! that fit otherwise. Deliberately absent: any I/O.

use super::{Profile, generic, profile, profiles};
use domain::printer::Language;

/// No honest answer is longer.
const LONGEST: usize = 2048;
/// A model's beginning shorter than this is believed only together with its maker or its language.
const TELLING: usize = 4;

/// What is known of a printer. Everything may be missing, and everything but the person's words may be a lie.
#[derive(Clone, Copy, Debug, Default)]
pub struct Hints<'a> {
    /// The id of the profile that a person chose. It wins over everything.
    pub chosen: Option<&'a str>,
    /// The language that a person chose. Only its profiles are considered.
    pub language: Option<Language>,
    /// IEEE-1284 device id, without the two bytes of its length.
    pub device_id: Option<&'a [u8]>,
    /// The answer to `~HI`.
    pub host_identification: Option<&'a [u8]>,
    /// The answer to `~!T`.
    pub tspl_model: Option<&'a [u8]>,
    /// IPP `printer-make-and-model`.
    pub make_and_model: Option<&'a str>,
}

/// The profile that fits best; the generic one of its language where only that is known; `None` where nothing is.
pub fn pick(hints: &Hints<'_>) -> Option<&'static Profile> {
    if let Some(chosen) = hints.chosen.and_then(profile) {
        return Some(chosen);
    }
    let heard = Heard::from(hints);
    let mut best: Option<(Fit, &'static Profile)> = None;
    for p in profiles().iter().filter(|p| hints.language.is_none_or(|l| l == p.language)) {
        if let Some(fit) = heard.fit(p)
            && best.as_ref().is_none_or(|(so_far, _)| fit > *so_far)
        {
            best = Some((fit, p));
        }
    }
    let language = || hints.language.or(heard.languages.first().copied());
    best.map(|(_, p)| p).or_else(|| language().map(generic))
}

/// How well a family fits, the weightiest first.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fit {
    /// It speaks a language that the printer names.
    language: bool,
    /// Letters of the model that are the same.
    model: usize,
    maker: bool,
}

/// The hints in one form.
struct Heard {
    /// Everything that may hold maker and model, in small letters.
    text: String,
    /// Languages that the printer names, its first wish first.
    languages: Vec<Language>,
}

impl Heard {
    fn from(hints: &Hints<'_>) -> Self {
        let mut heard = Self { text: String::new(), languages: Vec::new() };
        if let Some(id) = hints.device_id {
            for (key, value) in fields(&readable(id)) {
                match key.as_str() {
                    "mfg" | "manufacturer" | "mdl" | "model" | "des" | "description" => heard.add(&value),
                    "cmd" | "command set" => heard.languages.extend(value.split(',').filter_map(language_of)),
                    _ => {}
                }
            }
        }
        if let Some(answer) = hints.host_identification {
            // STX model,firmware,dots a mm,memory… ETX
            let text = readable(answer);
            let inside = text.trim_matches(|c: char| c.is_control() || c.is_whitespace());
            heard.add(inside.split(',').next().unwrap_or_default());
            heard.languages.push(Language::Zpl);
        }
        if let Some(answer) = hints.tspl_model {
            heard.add(&readable(answer));
            heard.languages.push(Language::Tspl);
        }
        if let Some(name) = hints.make_and_model {
            heard.add(&readable(name.as_bytes()));
        }
        heard
    }

    fn add(&mut self, text: &str) {
        self.text.push(' ');
        self.text.push_str(text);
    }

    fn fit(&self, p: &Profile) -> Option<Fit> {
        let maker = p.makers.iter().any(|m| self.has(m, true));
        let model = p.models.iter().filter(|m| self.has(m, false)).map(String::len).max().unwrap_or(0);
        let language = self.languages.contains(&p.language);
        let known = maker || model >= TELLING || (model > 0 && language);
        known.then_some(Fit { language, model, maker })
    }

    /// Whether a word begins like this, and with `whole` ends so too.
    fn has(&self, word: &str, whole: bool) -> bool {
        self.text.match_indices(word).any(|(at, _)| {
            let before = self.text[..at].chars().next_back();
            let after = self.text[at + word.len()..].chars().next();
            let parts = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
            parts(before) && (!whole || parts(after))
        })
    }
}

/// Text in small letters, of a bearable length.
fn readable(bytes: &[u8]) -> String {
    String::from_utf8_lossy(&bytes[..bytes.len().min(LONGEST)]).to_lowercase()
}

/// `key:value;` pairs; whatever has no colon is left out.
fn fields(id: &str) -> impl Iterator<Item = (String, String)> {
    id.split(';').filter_map(|f| f.split_once(':')).map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned()))
}

fn language_of(word: &str) -> Option<Language> {
    let word = word.trim();
    match word {
        "esc/pos" | "escpos" | "esc-pos" => Some(Language::Escpos),
        _ => [Language::Tspl, Language::Zpl, Language::Epl, Language::Cpcl]
            .into_iter()
            .find(|l| word.starts_with(l.word())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn id(text: &str) -> Hints<'_> {
        Hints { device_id: Some(text.as_bytes()), ..Hints::default() }
    }

    fn picked(hints: Hints<'_>) -> Option<&'static str> {
        pick(&hints).map(|p| p.id.as_str())
    }

    #[test]
    fn device_ids_find_their_family() {
        for (text, want) in [
            ("MFG:TSC;CMD:TSPL2;MDL:TE210;CLS:PRINTER;", Some("tsc")),
            ("MANUFACTURER:TSC;COMMAND SET:TSPL;MODEL:TTP-244 Pro;", Some("tsc")),
            ("MFG:Gprinter;MDL:GP-1324D;CMD:;", Some("gprinter")),
            // A clone that names a language it does not mean.
            ("MFG:Gprinter;MDL:GP-1324D;CMD:ZPL;", Some("gprinter")),
            ("MFG:;MDL:XP-420B;", Some("xprinter")),
            ("MFG:芯烨;MDL:;", Some("xprinter")),
            ("MFG:HPRT;MDL:N41;CMD:TSPL,ZPL;", Some("hprt")),
            ("MFG:HPRT;MDL:HM-A300;CMD:CPCL,ESC/POS;", Some("hprt-mobile")),
            ("MFG:Deli;MDL:DL-888B;", Some("deli")),
            ("MFG:Munbyn;MDL:ITPP941;", Some("waybill-clone")),
            (
                "MANUFACTURER:Zebra Technologies ;COMMAND SET:ZPL;MODEL:ZTC ZD420-203dpi ZPL;CLASS:PRINTER;",
                Some("zebra"),
            ),
            ("MFG:Zebra;CMD:EPL;MDL:LP2844;", Some("zebra-epl")),
            ("MFG:Zebra;CMD:ZPL;MDL:LP2844-Z;", Some("zebra")),
            ("MFG:Zebra;CMD:EPL2;MDL:GK420d;", Some("zebra-epl")),
            ("MFG:Zebra;CMD:CPCL;MDL:QLn320;", Some("zebra-mobile-3")),
            ("MFG:Zebra;CMD:CPCL;MDL:something new;", Some("zebra-mobile-4")),
            ("MFG:Zebra;", Some("zebra")),
            ("MFG:Honeywell;MDL:PC42t;CMD:ZPL;", Some("honeywell-zpl")),
            ("MFG:Nobody;MDL:Thing;CMD:ESC/POS;", Some("generic-escpos")),
            ("MFG:Nobody;MDL:Thing;CMD:PJL,CPCL;", Some("generic-cpcl")),
            ("MFG:Nobody;MDL:Thing;CMD:PCL,PS;", None),
            // Short beginnings of other people's models.
            ("MFG:Nobody;MDL:ZD4-Cam;", None),
            ("MFG:Atscope;MDL:;", None),
            ("", None),
            (";;;:::;", None),
        ] {
            assert_eq!(picked(id(text)), want, "{text}");
        }
    }

    #[test]
    fn other_answers_find_it_too() {
        let hi = |answer: &'static [u8]| Hints { host_identification: Some(answer), ..Hints::default() };
        assert_eq!(picked(hi(b"\x02ZT410-200dpi,V75.20.01Z,8,8192KB\x03\r\n")), Some("zebra"));
        assert_eq!(picked(hi(b"\x02X-9000,V1,8,8192KB\x03\r\n")), Some("generic-zpl"), "it speaks ZPL, whatever it is");
        assert_eq!(picked(hi(b"\x02PC42t-203-FT,V1,8,1\x03")), Some("honeywell-zpl"));
        let model = |answer: &'static [u8]| Hints { tspl_model: Some(answer), ..Hints::default() };
        assert_eq!(picked(model(b"TTP-244 Plus\r\n")), Some("tsc"));
        assert_eq!(picked(model(b"?\r\n")), Some("generic-tspl"));
        let ipp = |name| Hints { make_and_model: Some(name), ..Hints::default() };
        assert_eq!(picked(ipp("Zebra ZD421-300dpi ZPL")), Some("zebra"));
        assert_eq!(picked(ipp("Local Raw Printer")), None);
    }

    #[test]
    fn a_persons_choice_wins() {
        let zebra = "MFG:Zebra;CMD:ZPL;MDL:ZD420;";
        assert_eq!(picked(Hints { chosen: Some("xprinter"), ..id(zebra) }), Some("xprinter"));
        assert_eq!(picked(Hints { chosen: Some("no such"), ..id(zebra) }), Some("zebra"), "an id that is none is none");
        let tspl = Some(Language::Tspl);
        assert_eq!(picked(Hints { language: tspl, ..id(zebra) }), Some("generic-tspl"), "only that language's");
        assert_eq!(picked(Hints { language: tspl, ..id("MFG:Deli;CMD:ZPL;") }), Some("deli"));
        assert_eq!(picked(Hints { language: tspl, ..Hints::default() }), Some("generic-tspl"));
    }

    proptest! {
        #[test]
        fn nothing_that_a_printer_says_panics(
            a in prop::collection::vec(any::<u8>(), 0..300),
            b in "(MFG|MDL|CMD|:|;|,|zebra|TSC|ZPL|芯|\u{2}|\u{3}|[ -~]){0,30}",
            name in any::<String>(),
        ) {
            let hints = Hints {
                device_id: Some(&a),
                host_identification: Some(b.as_bytes()),
                tspl_model: Some(&a),
                make_and_model: Some(&name),
                ..Hints::default()
            };
            prop_assert!(pick(&hints).is_some(), "it answered ~HI: at least the language is known");
            let _ = (pick(&id(&b)), pick(&id(&name)));
        }
    }
}
