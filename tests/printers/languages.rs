//! Raster → printer language → an interpreter that shares no code with the encoder → the same dots.

use super::support::{oracles, python};
use domain::printer::{Encoder, Media, MediaKind, Offset};
use domain::raster::Raster;
use domain::units::{Dpi, LabelSize, Mm};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::fs;
use std::io::Write;
use std::process::Command;

struct Case {
    raster: Raster,
    media: Media,
    /// What must come out: the raster, moved by the offset.
    want: Raster,
}

impl Case {
    fn new(raster: Raster, media: Media) -> Self {
        let want = if media.offset == Offset::default() { raster.clone() } else { moved(&raster, &media) };
        Self { raster, media, want }
    }
}

/// Dot by dot, as a person would do it on paper.
fn moved(raster: &Raster, media: &Media) -> Raster {
    let dots = |tenths: i16| {
        let size = media.dpi.dots(Mm(f64::from(tenths.abs()) / 10.0)).0;
        if tenths < 0 { -i64::from(size) } else { i64::from(size) }
    };
    let (dx, dy) = (dots(media.offset.x), dots(media.offset.y));
    let mut want = Raster::white(raster.width(), raster.height());
    for y in 0..raster.height() {
        for x in (0..raster.width()).filter(|x| raster.get(*x, y)) {
            let to = |n: u32, d: i64| u32::try_from(i64::from(n) + d).expect("the margin is wide enough");
            want.set(to(x, dx), to(y, dy), true);
        }
    }
    want
}

/// A picture of one of the styles that break encoders: nothing, everything, every byte value, runs, repeated rows.
fn picture() -> impl Strategy<Value = (u32, u32, Vec<u8>)> {
    let sizes = prop_oneof![
        3 => (1u32..200, 1u32..120),
        1 => Just((608, 1040)),
        1 => Just((800, 1440)),
    ];
    (sizes, 0u8..6, any::<u64>()).prop_map(|((w, h), style, seed)| {
        let stride = w.div_ceil(8) as usize;
        let noise = noise(seed, stride * h as usize);
        let bits = match style {
            0 => vec![0; noise.len()],
            1 => vec![0xff; noise.len()],
            2 => noise,
            3 => (0..noise.len()).map(|i| u8::try_from(i % 256).expect("below 256")).collect(),
            // Sparse: long white runs with single dots.
            4 => noise.chunks(2).flat_map(|p| if p[0] < 8 { [p[0], 0x10] } else { [0, 0] }).take(noise.len()).collect(),
            // Each row twice to five times, runs of equal bytes across.
            _ => (0..noise.len())
                .map(|i| {
                    let (row, column) = (i / stride, i % stride);
                    let n = noise[(row / (2 + row % 4)) % 7 + (column / 5) % 11 % noise.len().max(1)];
                    if n < 90 {
                        0
                    } else if n > 200 {
                        0xff
                    } else {
                        n
                    }
                })
                .collect(),
        };
        (w, h, bits)
    })
}

fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut bytes = vec![0; len.max(32)];
    domain::chance::Chance::fill(&domain::chance::SeededChance::new(seed), &mut bytes);
    bytes
}

fn raster(w: u32, h: u32, bits: &[u8]) -> Raster {
    let mut raster = Raster::white(w, h);
    let stride = raster.stride();
    let all = raster.bits_mut();
    let len = all.len();
    all.copy_from_slice(&bits[..len]);
    if !w.is_multiple_of(8) {
        for row in all.chunks_exact_mut(stride) {
            row[stride - 1] &= !(0xffu8 >> (w % 8));
        }
    }
    raster
}

fn media_of(raster: &Raster, dpi: Dpi) -> Media {
    let mm = |dots: u32| Mm(f64::from(dots) * 25.4 / dpi.value());
    Media::usual(LabelSize { width: mm(raster.width()), height: mm(raster.height()) }, dpi)
}

/// The same pictures each run, so that a failure can be looked at again. Real labels are drawn at each of `resolutions`.
fn cases(count: usize, resolutions: &[Dpi]) -> Vec<Case> {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut all: Vec<Case> = (0..count)
        .map(|n| {
            let (w, h, bits) = picture().new_tree(&mut runner).expect("pictures are never refused").current();
            let raster = raster(w, h, &bits);
            Case::new(raster.clone(), Media { kind: MediaKind::ALL[n % 3], ..media_of(&raster, Dpi::D203) })
        })
        .collect();
    // With an offset in each direction, from part of a dot to many, on pictures with room around them.
    for (n, (x, y)) in [(1, 1), (-1, 2), (13, -7), (-20, -20), (25, 0), (0, 25)].into_iter().enumerate() {
        let dpi = resolutions[n % resolutions.len()];
        let inner = raster(203, 150, &noise(n as u64, 26 * 150));
        let mut raster = Raster::white(400, 300);
        (0..150).for_each(|y| (0..203).for_each(|x| raster.set(x + 98, y + 75, inner.get(x, y))));
        all.push(Case::new(raster.clone(), Media { offset: Offset { x, y }, ..media_of(&raster, dpi) }));
    }
    // Real labels as a person names them, in millimetres.
    for dpi in resolutions {
        let sizes: &[(f64, f64)] = match dpi {
            Dpi::D203 | Dpi::D300 => &[(100.0, 180.0), (76.0, 130.0), (100.0, 150.0), (101.6, 152.4)],
            Dpi::D600 => &[(50.0, 75.0)],
        };
        for (width, height) in sizes {
            let size = LabelSize { width: Mm(*width), height: Mm(*height) };
            let (w, h) = (dpi.dots(size.width).0, dpi.dots(size.height).0);
            let bits = noise(u64::from(w), w.div_ceil(8) as usize * h as usize);
            let media = Media { gap_mm: 0.0, speed: 5, darkness: 15, ..Media::usual(size, *dpi) };
            all.push(Case::new(raster(w, h, &bits), media));
        }
    }
    all
}

fn read_back_the_same(profile: &str, count: usize, resolutions: &[Dpi]) {
    let folder = tempfile::tempdir().expect("a folder for the jobs");
    let cases = cases(count, resolutions);
    let profile = printer::profile(profile).expect("a profile of the table");
    let list = folder.path().join("cases.jsonl");
    let mut lines = fs::File::create(&list).unwrap();
    let files: Vec<_> = (0..cases.len()).map(|i| folder.path().join(format!("{i:03}.prn"))).collect();
    for (case, file) in cases.iter().zip(&files) {
        let job = printer::encoder(profile).encode(&case.raster, &case.media).expect("nothing is cut off");
        fs::write(file, job).unwrap();
        let line = serde_json::json!({
            "file": file, "language": profile.language.word(),
            "width": case.raster.width(), "height": case.raster.height(), "dpi": case.media.dpi.nominal(),
        });
        writeln!(lines, "{line}").unwrap();
    }
    let driver = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/printers/read_back.py");
    let output = Command::new(python()).arg(driver).arg(oracles()).arg(&list).output().expect("Python starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "the interpreter takes every job; it stopped after {} of {}: {}",
        said.lines().count(),
        cases.len(),
        String::from_utf8_lossy(&output.stderr)
    );
    for (case, file) in cases.iter().zip(&files) {
        let bits = fs::read(format!("{}.bits", file.display())).expect("the interpreter drew it");
        let differing = bits.iter().zip(case.want.bits()).map(|(a, b)| (a ^ b).count_ones()).sum::<u32>();
        let length = case.raster.bits().len();
        let case = format!("{:?} for {}, {:?}, {}", case.raster, profile.id, case.media, file.display());
        assert_eq!(bits.len(), length, "{case}: as many bytes");
        assert_eq!(differing, 0, "{case}: the same dots");
    }
    let mut seen = 0;
    for line in said.lines() {
        let said: serde_json::Value = serde_json::from_str(line).expect("one JSON line a case");
        assert_eq!(said["labels"], 1, "one label: {line}");
        assert_eq!(said["copies"], 1, "one copy: {line}");
        assert_eq!(said["clipped"], 0, "no ink outside the label: {line}");
        assert_eq!(said["outside"], 0, "no ink outside the picture: {line}");
        assert_eq!(said["warnings"].as_array().map(Vec::len), Some(0), "no warning: {line}");
        seen += 1;
    }
    assert_eq!(seen, cases.len(), "every case was read back");
}

const ALL: [Dpi; 3] = [Dpi::D203, Dpi::D300, Dpi::D600];
/// Of languages whose printers end at 300 dpi.
const COMMON: [Dpi; 2] = [Dpi::D203, Dpi::D300];

#[test]
fn tspl_prints_exactly_the_dots_of_the_raster() {
    read_back_the_same("generic-tspl", 120, &ALL);
}

#[test]
fn zpl_prints_exactly_the_dots_of_the_raster() {
    read_back_the_same("generic-zpl", 120, &ALL);
}

#[test]
fn compressed_zpl_prints_exactly_the_dots_of_the_raster() {
    read_back_the_same("zebra", 24, &ALL);
}

#[test]
fn epl_prints_exactly_the_dots_of_the_raster() {
    read_back_the_same("generic-epl", 60, &COMMON);
}

#[test]
fn cpcl_prints_exactly_the_dots_of_the_raster() {
    read_back_the_same("generic-cpcl", 60, &COMMON);
}

#[test]
fn binary_cpcl_prints_exactly_the_dots_of_the_raster() {
    read_back_the_same("zebra-mobile-4", 24, &COMMON);
}

#[test]
fn escpos_prints_exactly_the_dots_of_the_raster() {
    read_back_the_same("generic-escpos", 60, &COMMON);
}

#[test]
fn escpos_in_label_mode_prints_exactly_the_dots_of_the_raster() {
    let label_mode = printer::profile("escpos-label").unwrap();
    // Its head is narrower than the labels above; the feed is all that differs.
    let raster = raster(570, 300, &noise(1, 72 * 300));
    let media = media_of(&raster, Dpi::D203);
    let encode = |profile| printer::encoder(profile).encode(&raster, &media).unwrap();
    let (job, other) = (encode(label_mode), encode(printer::generic(label_mode.language)));
    assert_eq!(job.strip_suffix(b"\x1d\x0c"), other.strip_suffix(b"\x0c"), "the same dots, another feed");
}
