//! `cargo xtask bench`: the figures this repository promises, measured here and now.
//!
//! A promise that is missed is said, and is not an error: figures depend on the machine and on what else it does.

use crate::{
    packages,
    setup::{self, For},
    sh::{self, Problem},
};

/// What is measured: a name to ask for it by, what it says, and the arguments for cargo.
const BENCHES: &[(&str, &str, &[&str])] = &[
    ("label", "data → 203-dpi raster 100×180 ≤ 0.5 ms", &["bench", "--locked", "--package", "label"]),
    ("printer", "raster → TSPL ≤ 0.05 ms, → ZPL ≤ 0.4 ms", &["bench", "--locked", "--package", "printer"]),
    (
        "labels",
        "10,000 random waybills through every language and back: 0 dots apart, every symbol read",
        &[
            "test",
            "--locked",
            "--release",
            "--package",
            "printer",
            "--test",
            "printers",
            "--",
            "--nocapture",
            "random_waybills",
        ],
    ),
    (
        "peers",
        "beside Pillow, node canvas, Chromium, Poppler, CUPS: PDF in ≤ 15 ms, first label after start ≤ 250 ms",
        &["bench", "--locked", "--package", "carrier-label", "--bench", "peers"],
    ),
    (
        "desk",
        "press → first byte at the printer ≤ 300 ms p95; a batch of 1,000 ≥ 50 labels/s, on the practice market",
        &["bench", "--locked", "--package", "desk"],
    ),
    (
        "window",
        "start → picture stays ≤ 1.5 ×, memory ≤ 1.3 × an empty Tauri window's",
        &["bench", "--locked", "--package", "waybill-desk", "--bench", "window", "--features", "empty-window"],
    ),
    (
        "station",
        "a batch of 1,000: the window's timers late by ≤ 50 ms; keystroke → label on the screen ≤ 50 ms",
        &[
            "test",
            "--locked",
            "--release",
            "--test",
            "window",
            "--",
            "--ignored",
            "--nocapture",
            "--test-threads=1",
            "figures",
        ],
    ),
];

/// Runs the named benchmarks, or all.
pub fn bench(names: &[String]) -> Result<(), Problem> {
    let known = || BENCHES.iter().map(|(name, ..)| *name).collect::<Vec<_>>().join(", ");
    if let Some(unknown) = names.iter().find(|name| BENCHES.iter().all(|(known, ..)| known != name)) {
        return Err(format!("there is no benchmark `{unknown}`; there are {}", known()));
    }
    let mut failed = Vec::new();
    for (name, promise, args) in BENCHES.iter().filter(|(name, ..)| names.is_empty() || names.iter().any(|n| n == name))
    {
        println!("\n━━ {name} ━━ {promise}");
        let result = ready(name).and_then(|()| sh::run(sh::cargo().args(*args).env("WAYBILL_RANDOM_LABELS", "10000")));
        failed.extend(result.err());
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}

/// Peers are installed from their registries, in a place of their own; one that cannot be is left out and said.
fn peers() {
    let venv = sh::root().join("target/peers-venv");
    let done = sh::run(sh::program("python3", ".").args(["-m", "venv"]).arg(&venv))
        .and_then(|()| {
            let wants = ["-q", "install", "-r", "tests/bench/requirements.txt"];
            sh::run(sh::program(venv.join("bin/pip"), ".").args(wants))
        })
        .and_then(|()| sh::run(sh::npm("tests/bench").args(["ci", "--no-audit", "--no-fund"])));
    if let Err(why) = done {
        println!("{why}: peers that need it are left out");
    }
}

/// The window is measured with its real UI, on a display of its own, as it is tested.
fn ready(name: &str) -> Result<(), Problem> {
    match name {
        "labels" => setup::set_up(For::Tests),
        "peers" => setup::set_up(For::Tests).map(|()| peers()),
        "window" | "station" if !cfg!(target_os = "linux") => {
            Err("the window is measured on Linux only, through Xvfb".to_owned())
        }
        "window" | "station" => packages::ensure(true).and_then(|()| setup::set_up(For::Window)),
        _ => Ok(()),
    }
}
