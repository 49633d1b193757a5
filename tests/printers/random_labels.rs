//! Random waybills through every language and back by readers that are not ours: no dot apart, none cut off, every symbol read.
//! 300 here; as many as `WAYBILL_RANDOM_LABELS` says for `cargo xtask bench labels`.

use crate::support::{oracles, python};
use base64::Engine;
use domain::printer::{Encoder, Language, Media, MediaKind, Offset};
use domain::units::{Dpi, LabelSize, Mm};
use label::{LabelError, Scene};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::process::{ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

#[path = "../labels/samples.rs"]
mod samples;
#[path = "../labels/waybills.rs"]
mod waybills;

/// A reader that lives through the whole run.
struct Reader {
    ask: ChildStdin,
    hear: BufReader<ChildStdout>,
    _child: crate::support::Running,
}

impl Reader {
    fn start() -> Self {
        let mut child = Command::new(python())
            .arg(oracles().join("../printers/read_back.py"))
            .arg(oracles())
            .arg("-")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the oracle Python starts");
        let ask = child.stdin.take().expect("it was asked for");
        let hear = BufReader::new(child.stdout.take().expect("it was asked for"));
        Self { ask, hear, _child: crate::support::Running(child) }
    }

    fn read(&mut self, case: &Value) -> Value {
        writeln!(self.ask, "{case}").expect("the reader lives");
        let mut line = String::new();
        self.hear.read_line(&mut line).expect("the reader lives");
        serde_json::from_str(&line).unwrap_or_else(|e| panic!("the reader says {line:?}: {e}"))
    }
}

impl Reader {
    /// Prints a label in a language and reads it back: the same dots, nothing cut off, every symbol read. Answers how many.
    fn agrees(&mut self, scene: &Scene, language: Language, what: &str) -> usize {
        assert_eq!(scene.clipped_dots(), 0, "{what}");
        let (raster, dpi) = (scene.raster(), scene.dpi());
        let (kind, offset) = (MediaKind::Gap, Offset::default());
        let size = LabelSize { width: mm(raster.width(), dpi), height: mm(raster.height(), dpi) };
        let media = Media { size, dpi, gap_mm: 2.0, kind, speed: 4, darkness: 8, offset };
        let job = printer::encoder(printer::generic(language)).encode(&raster, &media).expect("it fits its head");
        let said = self.read(&json!({
            "job": base64::engine::general_purpose::STANDARD.encode(&job),
            "language": language.word(),
            "width": raster.width(),
            "height": raster.height(),
            "dpi": dpi.nominal(),
            "want": scene.symbols().iter().map(|s| &s.text).collect::<Vec<_>>(),
        }));
        let what = format!("{what} at {} dpi in {}: {said}", dpi.nominal(), language.word());
        assert_eq!(said["crc32"], crc32(raster.bits()), "dots differ: {what}");
        assert_eq!((&said["labels"], &said["clipped"], &said["outside"]), (&json!(1), &json!(0), &json!(0)), "{what}");
        let texts = said["texts"].as_array().expect("a list");
        for symbol in scene.symbols() {
            if !texts.contains(&json!(symbol.text)) {
                let png = concat!(env!("CARGO_TARGET_TMPDIR"), "/not-read.png");
                std::fs::write(png, label::preview_png(&raster)).expect("the target folder is ours");
                panic!("{:?} {:?} was not read, see {png}: {what}", symbol.kind, symbol.text);
            }
        }
        scene.symbols().len()
    }
}

fn mm(dots: u32, dpi: Dpi) -> Mm {
    Mm(f64::from(dots) * 25.4 / dpi.value())
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    crc.sum()
}

#[test]
fn random_waybills_come_back_dot_for_dot_from_every_language_and_every_symbol_is_read() {
    let wanted: usize = std::env::var("WAYBILL_RANDOM_LABELS").ok().and_then(|n| n.parse().ok()).unwrap_or(300);
    let start = Instant::now();
    let mut runner = TestRunner::deterministic();
    let (data, mut reader, templates) = (waybills::data(), Reader::start(), label::templates());
    let (mut drawn, mut refused, mut symbols) = (0, 0, 0);
    for n in 0.. {
        if drawn == wanted {
            break;
        }
        assert!(refused < 20 * (drawn + 50), "most are refused");
        let data = data.new_tree(&mut runner).expect("a strategy without filters").current();
        let template = templates[n % templates.len()].id;
        let dpi = [Dpi::D203, Dpi::D300][n / templates.len() % 2];
        let scene = match label::layout(template, &data, dpi) {
            Ok(scene) => scene,
            Err(LabelError::MissingGlyph { .. } | LabelError::DoesNotFit { .. } | LabelError::BadSymbol { .. }) => {
                refused += 1;
                continue;
            }
            Err(other) => panic!("{other:?}"),
        };
        let language = Language::ALL[drawn % Language::ALL.len()];
        symbols += reader.agrees(&scene, language, &format!("label {drawn}, {template}"));
        drawn += 1;
    }
    println!(
        "{drawn} random waybills in {:.0} s: 0 dots apart, 0 clipped, {symbols} symbols read; {refused} refused by name",
        start.elapsed().as_secs_f64()
    );
}

#[test]
fn every_template_in_every_language_resolution_and_turn_comes_back_dot_for_dot() {
    let mut reader = Reader::start();
    let data =
        samples::all().into_iter().find(|(name, _)| *name == "specimen").map(|(_, data)| data).expect("a reprint");
    let mut seen = 0;
    for info in label::templates() {
        let text = label::template_text(info.id).expect("it is the program's");
        for turn in [0, 90, 180, 270] {
            let template = label::Template::read(&format!("rotate = {turn}\n{text}")).expect("a turned template");
            for language in Language::ALL {
                let fine = matches!(language, Language::Tspl | Language::Zpl).then_some(Dpi::D600);
                for dpi in [Dpi::D203, Dpi::D300].into_iter().chain(fine) {
                    let scene = template.layout(&data, dpi).expect("the sample fits");
                    reader.agrees(&scene, language, &format!("{} turned by {turn}", info.id));
                    seen += 1;
                }
            }
        }
    }
    assert_eq!(seen, 6 * 4 * (5 * 2 + 2));
}
