//! What these tests share: a printer to read for, files, pictures on disk, and readers that share no code with the product.

use carrier_label::{Limits, Read, ReadError, Want};
use domain::label_data::{LabelData, Party};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};
use std::path::{Path, PathBuf};
use std::process::Command;

const TESTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests");

/// A printer with this paper.
pub fn want(dpi: Dpi, width: f64, height: f64) -> Want<'static> {
    let font = label::face_bytes(label::Weight::Bold);
    Want { dpi, paper: LabelSize { width: Mm(width), height: Mm(height) }, page: 1, font, limits: Limits::LABEL }
}

/// 4 × 6 inch at 203 dpi.
pub fn four_by_six() -> Want<'static> {
    want(Dpi::D203, 101.6, 152.4)
}

pub fn file(name: &str) -> Vec<u8> {
    std::fs::read(Path::new(TESTS).join("carrier-labels").join(name)).unwrap()
}

pub fn scratch() -> PathBuf {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("carrier-labels");
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

/// Reads a page, and leaves its picture.
pub fn read(name: &str, bytes: &[u8], want: &Want<'_>) -> Result<Read, ReadError> {
    let read = carrier_label::read(bytes, want)?;
    std::fs::write(picture(name), label::preview_png(&read.raster)).unwrap();
    Ok(read)
}

pub fn picture(name: &str) -> PathBuf {
    scratch().join(format!("{name}.png"))
}

/// What the product's own reader found, as kinds and texts.
pub fn found(read: &Read) -> Vec<(&str, &str)> {
    read.found.iter().map(|s| (s.kind.as_str(), s.text.as_str())).collect()
}

/// How many dots differ.
pub fn apart(a: &Raster, b: &Raster) -> usize {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()), "the same size");
    let rows = (0..a.height()).flat_map(|y| (0..a.width()).map(move |x| (x, y)));
    rows.filter(|(x, y)| a.get(*x, *y) != b.get(*x, *y)).count()
}

/// A label of this desk's own.
pub fn own_label(number: &str) -> LabelData {
    let party = |name: &str, address: &str| Party {
        name: name.to_owned(),
        phone: "138****5678".to_owned(),
        address: address.to_owned(),
    };
    LabelData {
        courier: "中通快递".to_owned(),
        courier_code: "ZTO".to_owned(),
        waybill_no: number.to_owned(),
        route_code: "028-W16-03 12".to_owned(),
        recipient: party("李小玥", "四川省 成都市 武侯区 科华北路 12 号"),
        sender: party("仓库", "浙江省 杭州市 余杭区 文一西路 969 号"),
        printed_at: "2026-11-21 17:50".to_owned(),
        ..LabelData::default()
    }
}

fn python() -> PathBuf {
    let own = || Path::new(TESTS).join("oracles/.venv/bin/python");
    std::env::var_os("WAYBILL_ORACLE_PYTHON").map_or_else(own, PathBuf::from)
}

fn ran(mut command: Command) -> String {
    let out = command.output().expect("`cargo xtask test` sets the oracles up in tests/oracles");
    let words = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{command:?}: {words}{}", String::from_utf8_lossy(&out.stderr));
    words
}

/// A ZPL label as `zplkit` and as `zebrash` draw it, 101.5 × 152.25 mm at 203 dpi.
pub fn drawn_by_others(name: &str) -> [Raster; 2] {
    let zpl = Path::new(TESTS).join(format!("carrier-labels/zpl/{name}.zpl"));
    let (one, two) = (picture(&format!("{name}-zplkit")), picture(&format!("{name}-zebrash")));
    let mut zplkit = Command::new(python());
    zplkit.arg(Path::new(TESTS).join("oracles/zpl_zplkit.py")).arg(&zpl).arg(&one).args(["812", "1218", "203"]);
    ran(zplkit);
    let mut zebrash = Command::new("node");
    zebrash.current_dir(Path::new(TESTS).join("oracles")).arg("zpl_zebrash.mjs").arg(&zpl).arg(&two);
    zebrash.args(["101.5", "152.25", "8"]);
    ran(zebrash);
    [one, two].map(|p| {
        let bytes = std::fs::read(p).unwrap();
        carrier_label::read(&bytes, &want(Dpi::D203, 101.5, 152.25)).unwrap().raster
    })
}

/// What zxing-cpp finds on a picture, kind and text.
pub fn decoded(name: &str) -> Vec<(String, String)> {
    let mut decode = Command::new(python());
    decode.arg(Path::new(TESTS).join("oracles/decode.py")).arg("--json").arg(picture(name));
    let words = ran(decode);
    let all: Vec<serde_json::Value> = serde_json::from_str(words.trim()).unwrap();
    let word = |v: &serde_json::Value| v.as_str().unwrap_or_default().to_owned();
    all.iter().filter(|s| s["by"] == "zxing-cpp").map(|s| (word(&s["format"]), word(&s["text"]))).collect()
}
