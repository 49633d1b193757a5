//! `cargo xtask test`: the steps, in the order that finds the cheapest mistake first.

use crate::{
    deps, policy,
    setup::{self, For},
    sh::{self, Problem},
    steps::{self, Count, HOLDS, Step, counted},
};
use std::{fs, process::ExitCode};

const BINDINGS: &str = "ui/src/bindings";

const STEPS: &[Step] = &[
    Step { name: "setup", what: "system packages, UI packages and build, oracles", run: set_up },
    Step { name: "fmt", what: "every Rust file is formatted", run: fmt },
    Step { name: "deps", what: "licences, sources and bans of all we build upon", run: deps::check },
    Step { name: "policy", what: "the window may do what was decided, and no more", run: policy::check },
    Step { name: "clippy", what: "no warning in any Rust target", run: clippy },
    Step { name: "rust", what: "unit, property, desk, label and IPC tests", run: rust },
    Step { name: "bindings", what: "the committed wire types are those the tests just wrote", run: bindings },
    Step { name: "ui-check", what: "types of the UI", run: ui_check },
    Step { name: "ui-lint", what: "lints of the UI", run: ui_lint },
    Step { name: "ui-test", what: "tests of the UI's parts", run: ui_test },
    Step { name: "window", what: "the real window, a real browser, a display of their own", run: window },
];

/// Runs `cargo xtask test ARGS`.
pub fn test(args: &[String]) -> ExitCode {
    let mut keep_going = false;
    let mut only: Option<Vec<&str>> = None;
    let mut args = args.iter().map(String::as_str);
    while let Some(arg) = args.next() {
        match arg {
            "--keep-going" => keep_going = true,
            "--only" => only.get_or_insert_default().extend(args.next().unwrap_or_default().split(',')),
            other => return usage(&format!("`{other}` is not an option of test")),
        }
    }
    if let Some(unknown) = only.iter().flatten().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        return usage(&format!("there is no step `{unknown}`"));
    }
    let chosen: Vec<&Step> =
        STEPS.iter().filter(|step| only.as_ref().is_none_or(|names| names.contains(&step.name))).collect();
    steps::run(&chosen, keep_going)
}

/// The steps as text, for `cargo xtask help`.
pub fn steps_help() -> String {
    STEPS
        .iter()
        .fold("steps of test:\n".to_owned(), |text, step| text + &format!("  {:<10} {}\n", step.name, step.what))
}

fn usage(problem: &str) -> ExitCode {
    eprintln!("error: {problem}\n\n{}", steps_help());
    ExitCode::from(2)
}

fn set_up() -> Result<Count, Problem> {
    setup::set_up(For::Tests).map(|()| HOLDS)
}

fn fmt() -> Result<Count, Problem> {
    component("fmt", "rustfmt")?;
    sh::run(sh::cargo().args(["fmt", "--all", "--", "--check"]))
        .map(|()| HOLDS)
        .map_err(|problem| format!("{problem}; run `cargo fmt --all`"))
}

/// Only the default features: the UI is embedded in every build we make or ship.
///
/// Lints while it builds: `cargo clippy` only *checks*, so that everything we depend on would be gone through once for it
/// and once more for the tests. Clippy's compiler takes the place of cargo's for our own crates.
fn clippy() -> Result<Count, Problem> {
    component("clippy", "clippy")?;
    refuses_a_warning()?;
    let mut cargo = sh::cargo();
    cargo.env("RUSTC_WORKSPACE_WRAPPER", LINTER).env("CLIPPY_ARGS", DENY);
    sh::run(cargo.args(["test", "--no-run", "--locked", "--workspace", "--all-targets"])).map(|()| HOLDS)
}

const LINTER: &str = "clippy-driver";
/// How `cargo clippy -- -D warnings` tells its compiler.
const DENY: &str = "-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__";

/// That form is cargo-clippy's own affair: here is seen that it still means what it should.
fn refuses_a_warning() -> Result<(), Problem> {
    let folder = sh::root().join(".setup");
    let probe = folder.join("probe.rs");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(&probe, "pub fn f(v: &Vec<u8>) -> usize { return v.len(); }\n"))
        .map_err(|error| format!("{} cannot be written: {error}", probe.display()))?;
    let mut driver = sh::program(LINTER, ".setup");
    driver.args(["rustc", "--crate-type=lib", "--emit=metadata", "probe.rs"]).env("CARGO_PRIMARY_PACKAGE", "1");
    if sh::answer(driver.env("CLIPPY_ARGS", "")).is_none() {
        return Err(format!("{LINTER} does not compile a file; is it of the same toolchain as cargo?"));
    }
    match sh::answer(driver.env("CLIPPY_ARGS", DENY)) {
        None => Ok(()),
        Some(_) => Err(format!("{LINTER} lets a warning pass: it is told of in another way by now; see DENY")),
    }
}

fn component(command: &str, name: &str) -> Result<(), Problem> {
    match sh::answer(sh::cargo().args([command, "--version"])) {
        Some(_) => Ok(()),
        None => Err(format!("the Rust component {name} is not here; run `rustup component add {name}`")),
    }
}

fn rust() -> Result<Count, Problem> {
    counted(sh::cargo().args(["test", "--locked", "--workspace", "--no-fail-fast"]))
}

fn bindings() -> Result<Count, Problem> {
    if !sh::root().join(".git").exists() {
        println!("not a git checkout: nothing to compare with");
        return Ok(Count::default());
    }
    let commit = "`cargo test -p desk` writes these files; look at the difference and commit it";
    sh::run(sh::program("git", ".").args(["diff", "--exit-code", "--stat", "--", BINDINGS]))
        .map_err(|problem| format!("{problem}; {commit}"))?;
    let untracked = sh::answer(sh::program("git", ".").args(["ls-files", "--others", "--exclude-standard", BINDINGS]))
        .ok_or("git could not list the untracked files")?;
    if untracked.trim().is_empty() { Ok(HOLDS) } else { Err(format!("not in git:\n{untracked}{commit}")) }
}

fn ui_check() -> Result<Count, Problem> {
    sh::run(sh::npm("ui").args(["run", "check"])).map(|()| HOLDS)
}

fn ui_lint() -> Result<Count, Problem> {
    sh::run(sh::npm("ui").args(["run", "lint"])).map(|()| HOLDS)
}

fn ui_test() -> Result<Count, Problem> {
    counted(sh::npm("ui").args(["test"]))
}

/// Each test brings its own X server, session bus, home and ports (tests/window/stage), so this needs no display.
fn window() -> Result<Count, Problem> {
    if !cfg!(target_os = "linux") {
        println!("window tests run on Linux only: there is no WebKitWebDriver here");
        return Ok(Count::default());
    }
    counted(sh::cargo().args(["test", "--locked", "--test", "window", "--no-fail-fast"]))
}
