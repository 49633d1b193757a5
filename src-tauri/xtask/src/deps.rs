//! What others wrote and we build upon: its licences, its sources, and what may not be among it.
//!
//! Read from `cargo metadata` and from each `package-lock.json`, so that it holds with no network and with no tool to
//! install. Known flaws of locked versions are another matter: they need a list that is fetched (`cargo audit`).

use crate::{
    licence,
    sh::{self, Problem},
    steps::{Count, HOLDS},
};
use serde_json::Value;
use std::fs;

const CRATES_IO: &str = "registry+https://github.com/rust-lang/crates.io-index";
const NPM: &str = "https://registry.npmjs.org/";

/// Every npm lock file of the repository; all must be there.
const NPM_LOCKS: [&str; 4] = [
    "ui/package-lock.json",
    "tests/oracles/package-lock.json",
    "tests/oauth/package-lock.json",
    "tests/bench/package-lock.json",
];

/// TLS is rustls with ring and nothing else; the window gets no power that Rust does not hold back.
const BANNED_CRATES: [(&str, &str); 15] = [
    ("openssl", "TLS is rustls"),
    ("openssl-sys", "TLS is rustls"),
    ("native-tls", "TLS is rustls"),
    ("hyper-tls", "TLS is rustls"),
    ("tokio-native-tls", "TLS is rustls"),
    ("boring", "TLS is rustls"),
    ("boring-sys", "TLS is rustls"),
    ("aws-lc-rs", "rustls has one provider: ring"),
    ("aws-lc-sys", "rustls has one provider: ring"),
    ("tauri-plugin-fs", "the window reads no files"),
    ("tauri-plugin-http", "all network is in Rust; its scope is not held over redirects (CVE-2026-95623)"),
    ("tauri-plugin-process", "the window starts and ends no program"),
    ("tauri-plugin-shell", "the window starts and ends no program"),
    ("tauri-plugin-sql", "only the desk opens its database"),
    ("tauri-plugin-devtools", "no developer tools are shipped"),
];

/// Crates of which a second version would be a second TLS stack.
const ONE_VERSION: [&str; 2] = ["rustls", "ring"];

/// npm packages with an install script that are known for what it does; npm runs none of them here.
const KNOWN_SCRIPTS: [&str; 1] = ["fsevents"];

/// The step: every problem found, or that there is none.
pub fn check() -> Result<Count, Problem> {
    // Without --offline: on a new machine this is what fetches the crates that the next steps build.
    let metadata = sh::answer(sh::cargo().args(["metadata", "--locked", "--format-version", "1"]));
    let metadata = metadata.ok_or("`cargo metadata --locked` failed; does Cargo.lock fit the Cargo.toml files?")?;
    let mut problems = of_crates(&parsed("cargo metadata", &metadata)?);
    // The fuzz targets are a workspace of their own, of a nightly compiler: here only where their crates come from.
    let fuzz = fs::read_to_string(sh::root().join("fuzz/Cargo.lock"));
    let fuzz = fuzz.map_err(|error| format!("cannot read fuzz/Cargo.lock: {error}"))?;
    problems.extend(strangers(&fuzz).map(|source| format!("fuzz/Cargo.lock: from {source}, not from crates.io")));
    for file in NPM_LOCKS {
        let text = fs::read_to_string(sh::root().join(file)).map_err(|error| format!("cannot read {file}: {error}"))?;
        problems.extend(of_npm(&parsed(file, &text)?).into_iter().map(|problem| format!("{file}: {problem}")));
    }
    if problems.is_empty() { Ok(HOLDS) } else { Err(format!("not to be built upon:\n  {}", problems.join("\n  "))) }
}

fn parsed(what: &str, text: &str) -> Result<Value, Problem> {
    serde_json::from_str(text).map_err(|error| format!("{what} is not JSON: {error}"))
}

/// The sources in a `Cargo.lock` that are not crates.io.
fn strangers(lock: &str) -> impl Iterator<Item = &str> {
    let sources = lock.lines().filter_map(|line| line.strip_prefix("source = ")).map(|source| source.trim_matches('"'));
    sources.filter(|source| *source != CRATES_IO)
}

/// What is wrong with the crates of `cargo metadata`'s answer, a line each.
fn of_crates(metadata: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let packages = metadata["packages"].as_array().map_or(&[][..], Vec::as_slice);
    if packages.is_empty() {
        problems.push("cargo metadata names no package".to_owned());
    }
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let shown = format!("{name} {}", package["version"].as_str().unwrap_or_default());
        problems.extend(licence::problem(package["license"].as_str()).map(|why| format!("{shown}: {why}")));
        match package["source"].as_str() {
            Some(CRATES_IO) => {}
            // No source: a folder. Ours publish nowhere; a crate patched in from outside would not say so.
            None if package["publish"].as_array().is_some_and(Vec::is_empty) => {}
            None => problems.push(format!("{shown}: a folder that is not of this workspace")),
            Some(source) => problems.push(format!("{shown}: from {source}, not from crates.io")),
        }
        if let Some((_, why)) = BANNED_CRATES.iter().find(|(banned, _)| *banned == name) {
            problems.push(format!("{shown}: banned, {why}"));
        }
    }
    for name in ONE_VERSION {
        let versions = packages.iter().filter(|package| package["name"] == name).count();
        if versions > 1 {
            problems.push(format!("{name}: {versions} versions of it; one TLS stack is enough"));
        }
    }
    for node in metadata["resolve"]["nodes"].as_array().into_iter().flatten() {
        let id = node["id"].as_str().unwrap_or_default();
        let windowed = ["#tauri@", "#tauri-runtime-wry@", "#wry@"].iter().any(|name| id.contains(name));
        if windowed && node["features"].as_array().is_some_and(|all| all.iter().any(|one| one == "devtools")) {
            problems.push(format!("{id}: has its feature `devtools`, which opens them in a release, too"));
        }
    }
    problems
}

/// What is wrong with the packages of a `package-lock.json`, a line each.
fn of_npm(lock: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let Some(packages) = lock["packages"].as_object() else {
        return vec!["names no packages; is it of lockfileVersion 3?".to_owned()];
    };
    // The package with no path is our own.
    for (path, package) in packages.iter().filter(|(path, _)| !path.is_empty()) {
        let name = path.rsplit("node_modules/").next().unwrap_or(path);
        problems.extend(licence::problem(package["license"].as_str()).map(|why| format!("{name}: {why}")));
        // npm leaves the address out where it is the registry's own; the hash then says which bytes are meant.
        if let Some(address) = package["resolved"].as_str().filter(|address| !address.starts_with(NPM)) {
            problems.push(format!("{name}: from {address}, not from {NPM}"));
        }
        if !package["integrity"].as_str().is_some_and(|hash| hash.starts_with("sha512-")) {
            problems.push(format!("{name}: no SHA-512 of it is locked"));
        }
        if package["hasInstallScript"] == true && !KNOWN_SCRIPTS.contains(&name) {
            problems.push(format!("{name}: runs a script when installed"));
        }
        if name.starts_with("@tauri-apps/plugin-") {
            problems.push(format!("{name}: banned, the window speaks to the desk by one command"));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn crates(packages: &Value) -> Vec<String> {
        of_crates(&json!({ "packages": packages, "resolve": { "nodes": [] } }))
    }

    fn locked(name: &str, version: &str) -> Value {
        json!({ "name": name, "version": version, "license": "MIT", "source": CRATES_IO, "publish": null })
    }

    #[test]
    fn a_plain_crate_and_one_of_our_own_are_fine() {
        let ours = json!({ "name": "desk", "version": "0.1.0", "license": "MIT OR Apache-2.0", "source": null, "publish": [] });
        assert_eq!(crates(&json!([locked("serde", "1.0.0"), ours])), [] as [&str; 0]);
    }

    #[test]
    fn a_bad_crate_is_told() {
        let with = |key: &str, value: Value| {
            let mut package = locked("x", "1.0.0");
            package[key] = value;
            package
        };
        for (package, told) in [
            (with("license", json!("GPL-3.0-only")), "GPL-3.0-only"),
            (with("license", Value::Null), "no licence"),
            (with("source", json!("git+https://github.com/a/x#0123")), "not from crates.io"),
            (with("source", json!("registry+https://mirror.example/index")), "not from crates.io"),
            (with("source", Value::Null), "not of this workspace"),
            (locked("openssl-sys", "0.9.0"), "banned, TLS is rustls"),
            (locked("tauri-plugin-shell", "2.0.0"), "banned"),
        ] {
            let problems = crates(&json!([package]));
            assert!(problems.len() == 1 && problems[0].contains(told), "{told}: {problems:?}");
        }
        assert_eq!(crates(&json!([])).len(), 1, "an empty answer proves nothing");
    }

    #[test]
    fn a_stranger_in_a_cargo_lock_is_told() {
        let git = "git+https://github.com/a/x#0123";
        let lock = format!("[[package]]\nsource = \"{CRATES_IO}\"\n\n[[package]]\nsource = \"{git}\"\n");
        assert_eq!(strangers(&lock).collect::<Vec<_>>(), [git]);
    }

    #[test]
    fn two_of_one_tls_stack_are_told() {
        let problems = crates(&json!([locked("rustls", "0.23.1"), locked("rustls", "0.22.4")]));
        assert!(problems.len() == 1 && problems[0].starts_with("rustls: 2 versions"), "{problems:?}");
    }

    #[test]
    fn devtools_in_the_window_are_told() {
        let id = format!("{CRATES_IO}#tauri@2.12.5");
        let of = |features: Value| {
            let nodes = json!([{ "id": id, "features": features }]);
            of_crates(&json!({ "packages": [locked("tauri", "2.12.5")], "resolve": { "nodes": nodes } })).len()
        };
        assert_eq!((of(json!(["isolation"])), of(json!(["isolation", "devtools"]))), (0, 1));
    }

    #[test]
    fn a_bad_npm_package_is_told() {
        let good = json!({ "license": "MIT", "integrity": "sha512-AAAA" });
        let of = |path: &str, key: &str, value: Value| {
            let mut package = good.clone();
            package[key] = value;
            of_npm(&json!({ "packages": { "": { "name": "ours" }, path: package } }))
        };
        assert_eq!(of("node_modules/a", "license", json!("ISC")), [] as [&str; 0]);
        assert_eq!(of("node_modules/fsevents", "hasInstallScript", json!(true)), [] as [&str; 0]);
        for (path, key, value, told) in [
            ("node_modules/a", "license", json!("SEE LICENSE IN x"), "SEE LICENSE IN x"),
            ("node_modules/a", "license", Value::Null, "no licence"),
            ("node_modules/a", "resolved", json!("git+ssh://git@github.com/a/a.git#1"), "not from https"),
            ("node_modules/a", "resolved", json!("https://registry.npmjs.org.evil.com/a"), "not from https"),
            ("node_modules/a", "integrity", json!("sha1-AAAA"), "no SHA-512"),
            ("node_modules/a", "integrity", Value::Null, "no SHA-512"),
            ("node_modules/b/node_modules/a", "hasInstallScript", json!(true), "a: runs a script"),
            ("node_modules/@tauri-apps/plugin-fs", "license", json!("MIT"), "banned"),
        ] {
            let problems = of(path, key, value);
            assert!(problems.len() == 1 && problems[0].contains(told), "{told}: {problems:?}");
        }
        assert_eq!(of_npm(&json!({})).len(), 1);
    }
}
