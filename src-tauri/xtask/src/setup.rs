//! Set-up: idempotent, quick when there is nothing to do.
//!
//! What was done is remembered in `.setup/` as a fingerprint of its inputs; a changed lock file or UI source does it again.

use crate::sh::{self, Problem};
use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

/// Folders beside `ui/` with npm packages that only tests use.
const TEST_NPM: &[&str] = &["tests/oracles", "tests/oauth"];
const ORACLES: &str = "tests/oracles";

/// What to set up for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum For {
    /// The window, opened for a person.
    Window,
    /// All tests.
    Tests,
}

/// Sets the machine and this checkout up.
/// Errors: something is missing that cannot be fetched from here; the text says what to do.
pub fn set_up(purpose: For) -> Result<(), Problem> {
    node_is_new_enough()?;
    crate::packages::ensure(purpose == For::Tests)?;
    ui()?;
    if purpose == For::Tests {
        for folder in TEST_NPM.iter().filter(|folder| sh::root().join(folder).join("package.json").exists()) {
            npm_packages(folder)?;
        }
        python_oracles()?;
    }
    Ok(())
}

fn node_is_new_enough() -> Result<(), Problem> {
    let version = sh::answer(sh::program("node", ".").arg("--version"))
        .ok_or("Node is not here; install Node 20 or newer (https://nodejs.org), with npm")?;
    let major: u32 = version.trim().trim_start_matches('v').split('.').next().and_then(|n| n.parse().ok()).unwrap_or(0);
    if major >= 20 { Ok(()) } else { Err(format!("Node {} is too old; install Node 20 or newer", version.trim())) }
}

/// Fetches the UI's packages and builds `ui/dist`, each only when its inputs changed.
fn ui() -> Result<(), Problem> {
    if !sh::root().join("ui/package.json").exists() {
        println!("ui: no package.json, nothing to build");
        return Ok(());
    }
    npm_packages("ui")?;
    let sources = fingerprint(&["ui"], &["node_modules", "dist"]);
    if remembered("ui-dist", sources) && sh::root().join("ui/dist/index.html").exists() {
        println!("ui/dist: up to date");
        return Ok(());
    }
    sh::run(sh::npm("ui").args(["run", "build"]))?;
    // The build may write generated sources of its own; the fingerprint afterwards is the one to compare with.
    remember("ui-dist", fingerprint(&["ui"], &["node_modules", "dist"]))
}

fn npm_packages(folder: &str) -> Result<(), Problem> {
    let path = sh::root().join(folder);
    let lock = format!("{folder}/package-lock.json");
    let inputs = fingerprint(&[&format!("{folder}/package.json"), &lock], &[]);
    let name = format!("npm-{}", folder.replace('/', "-"));
    if path.join("node_modules").is_dir() && remembered(&name, inputs) {
        println!("{folder}/node_modules: up to date");
        return Ok(());
    }
    if !sh::root().join(&lock).exists() {
        return Err(format!("{lock} is not there; run `npm install --ignore-scripts` in {folder} and commit it"));
    }
    // No package here needs its install scripts; other people's code runs when we call it, not when it is fetched.
    sh::run(sh::npm(folder).args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]))
        .map_err(|problem| format!("{problem}; is the npm registry reachable?"))?;
    remember(&name, inputs)
}

/// The Python programs that read labels back, in a virtual environment of their own.
fn python_oracles() -> Result<(), Problem> {
    let requirements = format!("{ORACLES}/requirements.txt");
    if !sh::root().join(&requirements).exists() {
        return Ok(());
    }
    let inputs = fingerprint(&[&requirements], &[]);
    let python = sh::root().join(ORACLES).join(".venv/bin/python");
    if python.exists() && remembered("oracles-venv", inputs) {
        println!("{ORACLES}/.venv: up to date");
        return Ok(());
    }
    sh::run(sh::program("python3", ORACLES).args(["-m", "venv", "--clear", ".venv"]))?;
    sh::run(sh::program(&python, ORACLES).args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "-r",
        "requirements.txt",
    ]))
    .map_err(|problem| format!("{problem}; is the Python package index reachable?"))?;
    remember("oracles-venv", inputs)
}

/// A fingerprint of the bytes and names of files and folders; what does not exist counts as absent.
pub fn fingerprint(paths: &[&str], skipped_folders: &[&str]) -> u64 {
    let mut files = BTreeMap::new();
    for path in paths {
        gather(&sh::root().join(path), skipped_folders, &mut files);
    }
    let mut hasher = DefaultHasher::new();
    files.hash(&mut hasher);
    hasher.finish()
}

fn gather(path: &Path, skipped: &[&str], files: &mut BTreeMap<String, Vec<u8>>) {
    if path.is_dir() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if skipped.contains(&&*name) {
            return;
        }
        for entry in fs::read_dir(path).into_iter().flatten().flatten() {
            gather(&entry.path(), skipped, files);
        }
    } else if let Ok(bytes) = fs::read(path) {
        files.insert(path.to_string_lossy().into_owned(), bytes);
    }
}

fn remembered(name: &str, fingerprint: u64) -> bool {
    fs::read_to_string(sh::root().join(".setup").join(name)).is_ok_and(|was| was == format!("{fingerprint:016x}"))
}

fn remember(name: &str, fingerprint: u64) -> Result<(), Problem> {
    let folder = sh::root().join(".setup");
    fs::create_dir_all(&folder)
        .and_then(|()| fs::write(folder.join(name), format!("{fingerprint:016x}")))
        .map_err(|error| format!("cannot write {}: {error}", folder.join(name).display()))
}
