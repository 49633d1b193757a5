//! The readers that share no code with the product: Python scripts in `tests/oracles`, many pictures a process.

use label::{Symbol, SymbolKind};
use serde_json::{Value, json};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests");

/// One picture and the symbols that it must hold.
pub struct Sheet {
    pub png: PathBuf,
    pub symbols: Vec<Symbol>,
}

impl Sheet {
    /// Writes a picture into this test run's folder.
    pub fn write(name: &str, png: &[u8], symbols: &[Symbol]) -> Self {
        let path = scratch().join(format!("{name}.png"));
        std::fs::write(&path, png).unwrap();
        Self { png: path, symbols: symbols.to_vec() }
    }
}

/// Where pictures of this run go.
pub fn scratch() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("labels");
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

fn python() -> PathBuf {
    if let Some(p) = std::env::var_os("WAYBILL_ORACLE_PYTHON") {
        return p.into();
    }
    let own = Path::new(TESTS).join("oracles/.venv/bin/python");
    assert!(
        own.exists(),
        "no Python with the label oracles: `cargo xtask test` sets it up in tests/oracles/.venv, \
         or name one in WAYBILL_ORACLE_PYTHON"
    );
    own
}

/// What zxing-cpp reads on each sheet: format and text.
pub fn read(sheets: &[Sheet]) -> Vec<Vec<(String, String)>> {
    ask(sheets).iter().map(texts).collect()
}

fn texts(answer: &Value) -> Vec<(String, String)> {
    let word = |v: &Value| v.as_str().unwrap().to_owned();
    answer["texts"].as_array().unwrap().iter().map(|t| (word(&t[0]), word(&t[1]))).collect()
}

/// One process reads all sheets.
fn ask(sheets: &[Sheet]) -> Vec<Value> {
    let jobs: Vec<Value> = sheets
        .iter()
        .map(|s| {
            let symbols: Vec<_> = s
                .symbols
                .iter()
                .map(|b| {
                    let zone = [b.zone.x, b.zone.y, b.zone.w, b.zone.h];
                    json!({ "zone": zone, "sideways": b.rotation.sideways(), "kind": format!("{:?}", b.kind) })
                })
                .collect();
            json!({ "png": s.png, "symbols": symbols })
        })
        .collect();
    let mut child = Command::new(python())
        .arg(Path::new(TESTS).join("labels/read_symbols.py"))
        .arg(Path::new(TESTS).join("oracles"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the oracle Python starts");
    child.stdin.take().unwrap().write_all(json!(jobs).to_string().as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "read_symbols.py failed; its words are above");
    let answers: Vec<Value> = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(answers.len(), sheets.len());
    answers
}

/// zxing-cpp's name of a kind, without case, spaces and dashes.
fn reader_name(kind: SymbolKind) -> &'static str {
    match kind {
        SymbolKind::Code128 => "code128",
        SymbolKind::Code39 => "code39",
        SymbolKind::Ean13 => "ean13",
        SymbolKind::Ean8 => "ean8",
        SymbolKind::Itf => "itf",
        SymbolKind::Qr => "qrcode",
        SymbolKind::DataMatrix => "datamatrix",
        SymbolKind::Pdf417 => "pdf417",
    }
}

/// Every symbol of every sheet is read back by zxing-cpp, and no bar or module is off by even a hundredth of a dot.
pub fn assert_readable(sheets: &[Sheet]) {
    for (sheet, answer) in sheets.iter().zip(ask(sheets)) {
        let read = texts(&answer);
        for (n, symbol) in sheet.symbols.iter().enumerate() {
            let found = read.iter().any(|(format, text)| {
                let format = format.to_lowercase().replace([' ', '_', '-'], "");
                format.contains(reader_name(symbol.kind)) && *text == symbol.text
            });
            assert!(found, "{}: {:?} {:?} is not among {read:?}", sheet.png.display(), symbol.kind, symbol.text);
            let worst = answer["worst"][n].as_f64().unwrap();
            assert!(worst == 0.0, "{}: {:?} is off by {worst} dots", sheet.png.display(), symbol.kind);
            assert_eq!(answer["module"][n].as_f64().unwrap(), f64::from(symbol.module), "module in dots");
        }
    }
}
