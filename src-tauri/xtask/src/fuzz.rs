//! `cargo xtask fuzz`: inputs that libFuzzer invents, guided by what they reach, into everything that reads what others made.
//!
//! Builds the targets of `fuzz/` on the stable compiler, without a sanitizer of memory (there is no `unsafe` of ours to watch), and
//! runs each for so many inputs. The short run of every target is an ordinary test, `tests/fuzz`. Absent: anything of
//! `cargo xtask test`.

use crate::sh::{self, Problem};
use std::{
    fs,
    process::{Command, Stdio},
    time::Instant,
};

/// What is fuzzed, and the longest input of each.
const TARGETS: &[(&str, u32)] = &[
    ("template", 16 * 1024),
    ("data", 4 * 1024),
    ("status", 2 * 1024),
    ("component", 4 * 1024),
    ("zpl", 1024),
    ("png", 16 * 1024),
    ("gif", 16 * 1024),
    ("pdf", 1536),
];

/// What the compiler adds so that libFuzzer sees where an input goes.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Clink-dead-code -Ccodegen-units=1";
const TRIPLE: &str = "x86_64-unknown-linux-gnu";

/// Runs `cargo xtask fuzz [NAME…] [--runs N] [--seconds N]`.
pub fn fuzz(args: &[String]) -> Result<(), Problem> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        return Err("the targets are built for Linux on x86-64 only; elsewhere use `cargo fuzz run NAME`".to_owned());
    }
    let (mut runs, mut seconds, mut names, mut args) = (1_000_000_u64, 0_u64, Vec::new(), args.iter());
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--runs" => {
                let said = args.next().and_then(|n| n.parse().ok());
                runs = said.ok_or("`--runs` takes a number")?;
            }
            "--seconds" => {
                let said = args.next().and_then(|n| n.parse().ok());
                seconds = said.ok_or("`--seconds` takes a number")?;
            }
            name if TARGETS.iter().any(|(known, _)| *known == name) => names.push(name),
            other => {
                let known: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
                return Err(format!("there is no target `{other}`; there are {}", known.join(", ")));
            }
        }
    }
    if !sh::on_path("c++") && !sh::on_path("g++") {
        return Err("libFuzzer is built by a C++ compiler; install one (Debian: apt install g++)".to_owned());
    }
    let target = sh::root().join("target/fuzz");
    sh::run(
        sh::cargo()
            .args(["build", "--release", "--locked", "--manifest-path", "fuzz/Cargo.toml", "--target", TRIPLE])
            .env("RUSTFLAGS", FLAGS)
            .env("CARGO_TARGET_DIR", &target),
    )?;
    sh::run(
        sh::cargo()
            .args(["run", "--quiet", "--locked", "--package", "hostile-input", "--bin", "seeds", "--"])
            .arg(target.join("corpus")),
    )?;
    let mut failed = Vec::new();
    for (name, longest) in TARGETS.iter().filter(|(name, _)| names.is_empty() || names.contains(name)) {
        let (corpus, found) = (target.join("corpus").join(name), target.join("found").join(name));
        for folder in [&corpus, &found] {
            fs::create_dir_all(folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        }
        println!("\n━━ {name} ━━ {runs} inputs");
        let start = Instant::now();
        let mut run = Command::new(target.join(TRIPLE).join("release").join(name));
        run.arg(&corpus).arg(format!("-runs={runs}")).arg(format!("-max_len={longest}"));
        let words = sh::root().join("fuzz/dictionaries").join(format!("{name}.dict"));
        if words.exists() {
            run.arg(format!("-dict={}", words.display()));
        }
        // 0 = as long as it takes.
        run.arg(format!("-max_total_time={seconds}"));
        run.args(["-timeout=20", "-rss_limit_mb=3000", "-print_final_stats=1", "-verbosity=0"]);
        run.arg(format!("-artifact_prefix={}/", found.display()));
        let status = run.stdin(Stdio::null()).status().map_err(|e| sh::not_started(&run, &e))?;
        println!("{name}: {:.0} s", start.elapsed().as_secs_f64());
        if !status.success() {
            failed.push(format!("{name}: an input broke it, kept in {}", found.display()));
        }
    }
    if failed.is_empty() { Ok(()) } else { Err(failed.join("\n")) }
}
