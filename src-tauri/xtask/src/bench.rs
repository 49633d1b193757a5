//! `cargo xtask bench`: the figures this repository promises, measured here and now.
//!
//! Absent so far: time from start to two equal screenshots (≤ 1.5 × an empty Tauri window's, same run) and PSS of the
//! process tree (≤ 1.3 ×).

use crate::sh::{self, Problem};

/// What is measured: a name to ask for it by, what it says, and the arguments for `cargo bench`.
const BENCHES: &[(&str, &str, &[&str])] = &[
    ("label", "data → 203-dpi raster 100×180 ≤ 2 ms", &["--package", "label"]),
    ("printer", "raster → TSPL ≤ 0.1 ms, → ZPL ≤ 0.5 ms", &["--package", "printer"]),
    ("desk", "press → first byte at the printer ≤ 300 ms p95 on the practice market", &["--package", "desk"]),
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
        let result = sh::run(sh::cargo().args(["bench", "--locked"]).args(*args));
        failed.extend(result.err());
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}
