//! Whose work is in the package and under which terms, from `cargo metadata`, `ui/package-lock.json` and the licence files
//! that the packages bring.
//!
//! Told is rather one too many: what only builds (macros, build scripts) is named, too; what only tests is not.

use super::read;
use crate::sh::{self, Problem};
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The packages of the workspace that are shipped.
const OURS: [&str; 2] = ["waybill-desk", "waybill-cli"];
/// What the pages are made of; all else of npm only builds or tests them.
const PAGES: [&str; 2] = ["svelte", "@tauri-apps/api"];

/// Somebody's package.
struct Work {
    name: String,
    version: String,
    licence: String,
    source: String,
    folder: PathBuf,
}

/// `/usr/share/doc/waybill-desk/copyright`, machine-readable (DEP 5).
pub fn copyright() -> Result<String, Problem> {
    let indented = |text: &str| {
        text.lines().fold(String::new(), |all, line| {
            all + &if line.trim().is_empty() { " .\n".to_owned() } else { format!(" {line}\n") }
        })
    };
    let font = read("src-tauri/label/fonts/OFL.txt")?;
    let holder = font.lines().next().unwrap_or_default().trim_start_matches("Copyright ").to_owned();
    Ok(format!(
        "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/\n\
         Upstream-Name: Waybill Desk\n\
         Comment: The programs contain works of others; each is named in THIRD-PARTY-NOTICES.gz beside this file, with its\n \
         licence and where its source is.\n\n\
         Files: *\nCopyright: 2026 The Waybill Desk authors\nLicense: Expat or Apache-2.0\n\n\
         Files: src-tauri/label/fonts/*\nCopyright: {holder}\nLicense: OFL-1.1\n\n\
         License: Expat\n{}\n\
         License: Apache-2.0\n On Debian systems the text is in /usr/share/common-licenses/Apache-2.0.\n\n\
         License: OFL-1.1\n{}",
        indented(&read("LICENSE-MIT")?),
        indented(&font)
    ))
}

/// The notices, as text.
pub fn third_parties() -> Result<String, Problem> {
    let host = sh::answer(sh::program("rustc", ".").arg("-vV")).unwrap_or_default();
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).ok_or("`rustc -vV` names no host")?.to_owned();
    let mut ask = sh::cargo();
    let text = sh::answer(ask.args(["metadata", "--locked", "--format-version", "1", "--filter-platform", &host]))
        .ok_or("`cargo metadata --locked` failed")?;
    let json = |what: &str, text: &str| -> Result<Value, Problem> {
        serde_json::from_str(text).map_err(|error| format!("{what} is not JSON: {error}"))
    };
    let mut works = of_crates(&json("cargo metadata", &text)?);
    works.extend(of_pages(&json("ui/package-lock.json", &read("ui/package-lock.json")?)?, &sh::root().join("ui")));
    Ok(told(&works))
}

/// The crates that ours are built of, without those that only test.
fn of_crates(metadata: &Value) -> Vec<Work> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages: BTreeMap<String, Value> =
        list(&metadata["packages"]).into_iter().map(|package| (word(&package["id"]), package)).collect();
    let nodes: BTreeMap<String, Value> =
        list(&metadata["resolve"]["nodes"]).into_iter().map(|node| (word(&node["id"]), node["deps"].clone())).collect();
    let ours = |package: &Value| package["source"].is_null();
    let mut next: VecDeque<String> = packages
        .iter()
        .filter(|(_, package)| ours(package) && OURS.contains(&word(&package["name"]).as_str()))
        .map(|(id, _)| id.clone())
        .collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = next.pop_front() {
        if !seen.insert(id.clone()) {
            continue;
        }
        for dependency in nodes.get(&id).map(list).unwrap_or_default() {
            if list(&dependency["dep_kinds"]).iter().any(|kind| kind["kind"] != "dev") {
                next.push_back(word(&dependency["pkg"]));
            }
        }
    }
    let work = |package: &Value| {
        let (name, version) = (word(&package["name"]), word(&package["version"]));
        Work {
            source: format!("https://crates.io/crates/{name}/{version}"),
            licence: word(&package["license"]),
            folder: Path::new(&word(&package["manifest_path"])).parent().map(Path::to_path_buf).unwrap_or_default(),
            name,
            version,
        }
    };
    seen.iter().filter_map(|id| packages.get(id)).filter(|package| !ours(package)).map(work).collect()
}

/// The npm packages that may be in the pages, with what they need.
fn of_pages(lock: &Value, ui: &Path) -> Vec<Work> {
    let mut next: VecDeque<String> = PAGES.map(str::to_owned).into();
    let mut works = BTreeMap::new();
    while let Some(name) = next.pop_front() {
        let package = &lock["packages"][format!("node_modules/{name}")];
        if package.is_null() || works.contains_key(&name) {
            continue;
        }
        let version = package["version"].as_str().unwrap_or_default().to_owned();
        next.extend(package["dependencies"].as_object().into_iter().flat_map(|all| all.keys().cloned()));
        let work = Work {
            source: format!("https://www.npmjs.com/package/{name}/v/{version}"),
            licence: package["license"].as_str().unwrap_or_default().to_owned(),
            folder: ui.join("node_modules").join(&name),
            name: name.clone(),
            version,
        };
        works.insert(name, work);
    }
    works.into_values().collect()
}

/// First what asks for its source to be named, then all, then each licence text once with whose it is.
fn told(works: &[Work]) -> String {
    let mut text = "Works of others in Waybill Desk\n\n\
        Under the Mozilla Public License 2.0 are these, unchanged; their source is at the address beside each:\n\n"
        .to_owned();
    let line = |work: &Work| format!("  {} {}  ({})  {}\n", work.name, work.version, work.licence, work.source);
    text.extend(works.iter().filter(|work| work.licence.contains("MPL-2.0")).map(line));
    text += "\nAll of them:\n\n";
    text.extend(works.iter().map(line));
    text += "\nSQLite, in libsqlite3-sys, is in the public domain. The fonts: see the file `copyright`.\n";
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for work in works {
        for file in licence_files(&work.folder) {
            let whose = format!("{} {} ({})", work.name, work.version, file.file_name().unwrap_or_default().display());
            if let Ok(bytes) = fs::read(&file) {
                let words = String::from_utf8_lossy(&bytes).trim_end().replace("\r\n", "\n");
                texts.entry(words).or_default().push(whose);
            }
        }
    }
    for (words, whose) in texts {
        let _ = write!(text, "\n{}\n{}\n\n{words}\n", "=".repeat(80), whose.join("\n"));
    }
    text
}

fn licence_files(folder: &Path) -> Vec<PathBuf> {
    let named = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_uppercase();
        path.is_file() && ["LICEN", "COPYING", "COPYRIGHT", "NOTICE", "UNLICENSE"].iter().any(|s| name.starts_with(s))
    };
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).filter(named).collect();
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_crate_that_asks_for_its_source_is_named_first() {
        let text = third_parties().expect("cargo knows its crates");
        let first = text.split("\nAll of them:").next().unwrap_or_default();
        for name in ["serialport", "cssparser", "cssparser-macros", "selectors", "dtoa-short", "option-ext"] {
            assert!(first.contains(&format!("  {name} ")), "{name} is not in:\n{first}");
        }
        assert!(text.contains("  svelte ") && text.contains("  tauri "), "pages and window are named");
        assert!(!text.contains("  fantoccini ") && !text.contains("  vitest "), "what only tests is not shipped");
    }

    #[test]
    fn what_only_tests_is_left_out_and_what_it_needs() {
        let package =
            |name: &str, source: Value| json!({ "id": name, "name": name, "version": "1.0.0", "source": source });
        let need = |name: &str, kind: Value| json!({ "pkg": name, "dep_kinds": [{ "kind": kind }] });
        let metadata = json!({
            "packages": [package("waybill-desk", Value::Null), package("a", json!("r")), package("b", json!("r")),
                package("t", json!("r")), package("u", json!("r"))],
            "resolve": { "nodes": [
                { "id": "waybill-desk", "deps": [need("a", Value::Null), need("t", json!("dev"))] },
                { "id": "a", "deps": [need("b", json!("build"))] },
                { "id": "b", "deps": [need("a", Value::Null)] },
                { "id": "t", "deps": [need("u", Value::Null)] },
            ] },
        });
        let names: Vec<String> = of_crates(&metadata).into_iter().map(|work| work.name).collect();
        assert_eq!(names, ["a", "b"]);
    }
}
