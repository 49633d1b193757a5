//! Our figures beside those of programs that others would use for a waybill, in one run on one machine: `cargo xtask bench peers`.
//! Medians, warm, one thread; what is not installed is left out and said.
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "printing figures is its job, and a figure that fails is none"
)]

use carrier_label::{Limits, Want};
use domain::printer::{Encoder, Language, Media, MediaKind, Offset};
use domain::units::{Dpi, LabelSize, Mm};
use serde_json::{Value, json};
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

#[path = "../../../tests/labels/samples.rs"]
mod samples;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const TEMPLATE: &str = "waybill-100x180";
/// The bars of `waybill.json` with their quiet zones.
const ZONE: [u32; 4] = [151, 660, 520, 100];

/// The fullest of the samples.
fn sample() -> domain::label_data::LabelData {
    samples::all().into_iter().find(|(name, _)| *name == "long").map(|(_, data)| data).unwrap()
}

fn ms(d: Duration) -> f64 {
    d.as_secs_f64() * 1000.0
}

fn median(times: usize, mut work: impl FnMut()) -> f64 {
    work();
    let mut taken: Vec<Duration> = (0..times)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    taken.sort_unstable();
    ms(taken[times / 2])
}

fn media() -> Media {
    let size = LabelSize { width: Mm(100.0), height: Mm(180.0) };
    let (kind, offset) = (MediaKind::Gap, Offset::default());
    Media { size, dpi: Dpi::D203, gap_mm: 2.0, kind, speed: 4, darkness: 8, offset }
}

fn encode(raster: &domain::raster::Raster, language: Language) -> Vec<u8> {
    printer::encoder(printer::generic(language)).encode(raster, &media()).unwrap()
}

/// From nothing to the bytes of the first label.
fn first_label() {
    let raster = label::layout(TEMPLATE, &sample(), Dpi::D203).unwrap().raster();
    std::io::stdout().write_all(&encode(&raster, Language::Tspl)).unwrap();
}

fn line(name: &str, measured: f64, promised: Option<f64>, note: &str) {
    let promise = promised.map(|p| format!("promised {p} ms: {}", if measured <= p { "kept" } else { "MISSED !!!" }));
    println!("{name:<44} {measured:>9.3} ms  {}{note}", promise.unwrap_or_default());
}

/// What the independent reader says of a peer's dots: whether the bars scan, and the worst bar's error.
fn bars(png: &Path) -> String {
    let python = Path::new(ROOT).join("tests/oracles/.venv/bin/python");
    let mut child = Command::new(python)
        .arg(Path::new(ROOT).join("tests/labels/read_symbols.py"))
        .arg(Path::new(ROOT).join("tests/oracles"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ask = json!([{ "png": png, "symbols": [{ "zone": ZONE, "sideways": false, "kind": "Code128" }] }]);
    child.stdin.take().unwrap().write_all(ask.to_string().as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap().stdout;
    let Ok(said) = serde_json::from_slice::<Value>(&out) else { return "bars not found where they should be".into() };
    let scans = said[0]["texts"].to_string().contains("SF1234567890123");
    format!(
        "bars {}, worst error {:.2} dots",
        if scans { "scan" } else { "DO NOT SCAN" },
        said[0]["worst"][0].as_f64().unwrap_or(9.9)
    )
}

/// A peer's own words, or why there are none.
fn peer(mut command: Command) -> Option<String> {
    let out = command.stdin(Stdio::null()).output().ok()?;
    if !out.status.success() {
        println!("  (left out: {})", String::from_utf8_lossy(&out.stderr).lines().last().unwrap_or("it did not run"));
        return None;
    }
    Some(String::from_utf8_lossy(&out.stdout).into_owned())
}

fn main() {
    if std::env::args().any(|a| a == "--first") {
        return first_label();
    }
    let scratch = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("peers");
    std::fs::create_dir_all(&scratch).unwrap();
    let fonts = Path::new(ROOT).join("src-tauri/label/fonts");
    let here = Path::new(ROOT).join("tests/bench");
    let python = Path::new(ROOT).join("target/peers-venv/bin/python");

    let data = sample();
    let drawn = median(400, || {
        black_box(label::layout(TEMPLATE, black_box(&data), Dpi::D203).unwrap().raster());
    });
    let raster = label::layout(TEMPLATE, &data, Dpi::D203).unwrap().raster();
    line("this desk: data → dots, 100 × 180, 203 dpi", drawn, Some(0.5), "");
    for (language, promise) in [(Language::Tspl, 0.05), (Language::Zpl, 0.4)] {
        let taken = median(400, || {
            black_box(encode(black_box(&raster), language));
        });
        line(&format!("this desk: dots → {}", language.word().to_uppercase()), taken, Some(promise), "");
    }
    let itself = std::env::current_exe().unwrap();
    let start = median(15, || {
        let mut again = Command::new(&itself);
        assert!(again.arg("--first").stdout(Stdio::null()).status().unwrap().success());
    });
    line("this desk: start → first label's TSPL", start, Some(250.0), "");

    for (name, program, script) in
        [("Pillow", &python, "pillow_peer.py"), ("node canvas", &PathBuf::from("node"), "canvas_peer.mjs")]
    {
        let png = scratch.join(format!("{name}.png"));
        let mut command = Command::new(program);
        command.arg(here.join(script)).arg(&fonts).arg(&png);
        if let Some(said) = peer(command) {
            let taken: f64 = said.trim().parse().unwrap();
            let note = format!("{:.0} × ours; {}", taken / drawn, bars(&png));
            line(&format!("{name}: the same sort of label → dots"), taken, None, &note);
        }
    }
    let mut command = Command::new(&python);
    command.arg(here.join("print_peer.py")).arg(&fonts).arg(&scratch);
    let said = peer(command).unwrap_or_default();
    let pdf = std::fs::read(scratch.join("waybill.pdf")).ok();
    let ours = pdf.map(|pdf| {
        let paper = LabelSize { width: Mm(100.0), height: Mm(180.0) };
        let want = Want {
            dpi: Dpi::D203,
            paper,
            page: 1,
            font: label::face_bytes(label::Weight::Bold),
            limits: Limits::LABEL,
        };
        let taken = median(40, || {
            black_box(carrier_label::dots(black_box(&pdf), &want).unwrap());
        });
        let read = carrier_label::read(&pdf, &want).unwrap();
        let png = scratch.join("ours.png");
        std::fs::write(&png, label::preview_png(&read.raster)).unwrap();
        line("this desk: Chromium's PDF → dots", taken, Some(15.0), &format!("; {}", bars(&png)));
        let symbols = median(9, || {
            black_box(carrier_label::read(black_box(&pdf), &want).unwrap());
        });
        line("this desk: the same, and its symbols decoded", symbols, None, &format!("{} found", read.found.len()));
        taken
    });
    for said in said.lines() {
        let [name, taken, png] = said.split(' ').collect::<Vec<_>>()[..] else { continue };
        let taken: f64 = taken.parse().unwrap();
        let beside = if name.starts_with("chromium") { drawn } else { ours.unwrap_or(drawn) };
        let bars = if png == "-" { String::new() } else { format!("; {}", bars(Path::new(png))) };
        line(&name.replace('-', " "), taken, None, &format!("{:.0} × ours{bars}", taken / beside));
    }
}
