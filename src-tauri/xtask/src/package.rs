//! `cargo xtask package`: a Debian package of the window and the command line, and with `--check` its life in a clean root.
//!
//! Job: build both programs, stage them with desktop entry, icons and notices, let `dpkg-shlibdeps` say what they need, and
//! `dpkg-deb` pack it. Meant to give the same bytes for the same programs (two packages were not compared): times are those
//! of the last commit (`SOURCE_DATE_EPOCH`). Why not by Tauri's bundler: ARCHITECTURE.md. Absent: signing, an archive, updates.

mod check;
mod notices;

use crate::{
    packages,
    setup::{self, For},
    sh::{self, Problem},
};
use std::{fs, os::unix::fs::PermissionsExt as _, path::Path, path::PathBuf};

/// Everything of this command.
const FOLDER: &str = "target/package";
const NAME: &str = "waybill-desk";
const PROGRAMS: [&str; 2] = ["waybill-desk", "waybill"];

/// Sizes of hicolor, and the picture of each.
const ICONS: [(u32, &str); 5] =
    [(32, "32x32.png"), (64, "64x64.png"), (128, "128x128.png"), (256, "128x128@2x.png"), (512, "icon.png")];

/// What no library says: the bus by which a second start finds the first, what opens a browser and answers our links, the
/// index of desktop entries, icons, and a font for the window's words.
const ALSO_DEPENDS: &str = "default-dbus-session-bus | dbus-session-bus, xdg-utils, desktop-file-utils, \
    hicolor-icon-theme, fonts-noto-cjk | fonts-wqy-microhei | fonts-wqy-zenhei";

/// Runs `cargo xtask package [--built] [--check]`.
pub fn package(args: &[String]) -> Result<(), Problem> {
    if let Some(other) = args.iter().find(|arg| !["--built", "--check"].contains(&arg.as_str())) {
        return Err(format!("`package` takes `--built` and `--check`, but got `{other}`"));
    }
    if !cfg!(target_os = "linux") || !sh::on_path("dpkg-deb") {
        return Err("a Debian package is made on Debian; for others see README.md, \"Packages\"".to_owned());
    }
    let has = |wanted: &str| args.iter().any(|arg| arg == wanted);
    if has("--check") {
        packages::ensure_package_check()?;
    }
    if !has("--built") {
        setup::set_up(For::Window)?;
        let mut build = sh::cargo();
        build.args(["build", "--locked", "--release", "--workspace"]);
        sh::run(build.args(["--bin", PROGRAMS[0], "--bin", PROGRAMS[1]]))?;
    }
    let package = make()?;
    println!("\nmade: {}", package.display());
    if has("--check") { check::check(&package) } else { Ok(()) }
}

fn make() -> Result<PathBuf, Problem> {
    let folder = sh::root().join(FOLDER);
    let stage = folder.join("stage");
    let _ = fs::remove_dir_all(&stage);
    for program in PROGRAMS {
        let to = stage.join("usr/bin").join(program);
        copy(&sh::root().join("target/release").join(program), &to, 0o755)?;
        // 300 MB of them are line tables, which nobody reads on the seller's computer.
        sh::run(sh::program("strip", ".").args(["--strip-unneeded", "--remove-section=.comment"]).arg(&to))?;
    }
    let ours = sh::root().join("src-tauri/xtask/package");
    copy(&ours.join("waybill-desk.desktop"), &stage.join("usr/share/applications/waybill-desk.desktop"), 0o644)?;
    for (size, picture) in ICONS {
        let to = format!("usr/share/icons/hicolor/{size}x{size}/apps/waybill-desk.png");
        copy(&sh::root().join("icons").join(picture), &stage.join(to), 0o644)?;
    }
    copy(
        &sh::root().join("icons/icon.svg"),
        &stage.join("usr/share/icons/hicolor/scalable/apps/waybill-desk.svg"),
        0o644,
    )?;
    let doc = stage.join("usr/share/doc").join(NAME);
    write(&doc.join("copyright"), &notices::copyright()?)?;
    for (name, text) in [("THIRD-PARTY-NOTICES", notices::third_parties()?), ("changelog", read("CHANGELOG.md")?)] {
        write(&doc.join(name), &text)?;
        sh::run(sh::program("gzip", ".").arg("-9n").arg(doc.join(name)))?;
    }
    let (version, architecture) = (version()?, architecture()?);
    write(&stage.join("DEBIAN/control"), &control(&version, &architecture, &depends(&folder)?, size(&stage)))?;
    write(&stage.join("DEBIAN/md5sums"), &sums(&stage)?)?;
    let package = folder.join(format!("{NAME}_{version}_{architecture}.deb"));
    let mut pack = sh::program("dpkg-deb", ".");
    pack.args(["--root-owner-group", "-Zxz", "-z3", "--build"]).arg(&stage).arg(&package);
    sh::run(pack.env("SOURCE_DATE_EPOCH", time_of_source()))?;
    Ok(package)
}

fn control(version: &str, architecture: &str, depends: &str, kib: u64) -> String {
    format!(
        "Package: {NAME}\nVersion: {version}\nArchitecture: {architecture}\nSection: misc\nPriority: optional\n\
         Maintainer: The Waybill Desk authors\nInstalled-Size: {kib}\nDepends: {depends}, {ALSO_DEPENDS}\n\
         Recommends: gnome-keyring | libkf5wallet-bin\nSuggests: cups\n\
         Description: take waybill numbers and print labels\n \
         面单台 lets a shop authorise it, takes a waybill number from the shop's\n \
         courier, and prints the label on the printer beside the person.\n .\n \
         The command `waybill` is the same desk for scripts.\n"
    )
}

/// What the programs' own ELF headers ask for, with the versions whose symbols they use.
fn depends(folder: &Path) -> Result<String, Problem> {
    let place = folder.join("shlibs");
    write(&place.join("debian/control"), &format!("Source: {NAME}\n\nPackage: {NAME}\nArchitecture: any\n"))?;
    let mut ask = sh::program("dpkg-shlibdeps", &format!("{FOLDER}/shlibs"));
    ask.arg("-O").args(PROGRAMS.map(|program| format!("../stage/usr/bin/{program}")));
    let found = sh::answer(&mut ask).ok_or("`dpkg-shlibdeps` failed; is dpkg-dev installed?")?;
    let depends = found.lines().find_map(|line| line.strip_prefix("shlibs:Depends="));
    depends.map(str::to_owned).ok_or_else(|| format!("dpkg-shlibdeps found no library: `{}`", found.trim()))
}

fn version() -> Result<String, Problem> {
    let manifest = read("Cargo.toml")?;
    let line = manifest.lines().find_map(|line| line.strip_prefix("version = "));
    line.map(|version| version.trim_matches('"').to_owned()).ok_or_else(|| "Cargo.toml states no version".to_owned())
}

fn architecture() -> Result<String, Problem> {
    let name = sh::answer(sh::program("dpkg", ".").arg("--print-architecture"));
    name.map(|name| name.trim().to_owned()).ok_or_else(|| "dpkg does not say its architecture".to_owned())
}

/// Seconds since 1970 that every file in the package bears.
fn time_of_source() -> String {
    let commit = || sh::answer(sh::program("git", ".").args(["log", "-1", "--format=%ct"]));
    std::env::var("SOURCE_DATE_EPOCH")
        .ok()
        .or_else(commit)
        .map_or_else(|| "0".to_owned(), |time| time.trim().to_owned())
}

/// KiB, each file rounded up.
fn size(stage: &Path) -> u64 {
    files(stage).iter().filter_map(|file| fs::metadata(file).ok()).map(|file| file.len().div_ceil(1024)).sum()
}

fn sums(stage: &Path) -> Result<String, Problem> {
    let names = files(stage);
    let names =
        names.iter().filter_map(|file| file.strip_prefix(stage).ok()).filter(|file| !file.starts_with("DEBIAN"));
    let mut sum = sh::program("md5sum", &format!("{FOLDER}/stage"));
    sh::answer(sum.args(names)).ok_or_else(|| "`md5sum` failed".to_owned())
}

/// Every file below, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all.sort();
    all
}

fn read(file: &str) -> Result<String, Problem> {
    fs::read_to_string(sh::root().join(file)).map_err(|error| format!("cannot read {file}: {error}"))
}

fn write(file: &Path, text: &str) -> Result<(), Problem> {
    place(file, 0o644, |file| fs::write(file, text))
}

fn copy(from: &Path, to: &Path, mode: u32) -> Result<(), Problem> {
    place(to, mode, |to| fs::copy(from, to).map(|_| ())).map_err(|problem| format!("{}: {problem}", from.display()))
}

/// Makes a file with its folders; all readable by everybody, whatever the umask.
fn place(file: &Path, mode: u32, make: impl FnOnce(&Path) -> std::io::Result<()>) -> Result<(), Problem> {
    let made = || {
        let folder = file.parent().unwrap_or(file);
        fs::create_dir_all(folder)?;
        make(file)?;
        fs::set_permissions(file, fs::Permissions::from_mode(mode))?;
        let stage = sh::root().join(FOLDER).join("stage");
        for folder in folder.ancestors().take_while(|folder| folder.starts_with(&stage)) {
            fs::set_permissions(folder, fs::Permissions::from_mode(0o755))?;
        }
        Ok(())
    };
    made().map_err(|error: std::io::Error| format!("cannot write {}: {error}", file.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The desktop hands a link over where `Exec` says `%u`, and asks us at all where `MimeType` names the scheme.
    #[test]
    fn the_desktop_entry_takes_the_links_of_the_configuration() {
        let entry = read("src-tauri/xtask/package/waybill-desk.desktop").expect("the entry is there");
        let config: serde_json::Value =
            serde_json::from_str(&read("tauri.conf.json").expect("the configuration is there")).expect("it is JSON");
        let scheme = config["plugins"]["deep-link"]["desktop"]["schemes"][0].as_str().expect("it names a scheme");
        assert!(entry.lines().any(|line| line == format!("MimeType=x-scheme-handler/{scheme};")), "{entry}");
        assert!(entry.lines().any(|line| line == "Exec=waybill-desk %u"), "{entry}");
        let plist = read("src-tauri/xtask/package/Info.plist").expect("the plist is there");
        assert!(plist.contains(&format!("<string>{scheme}</string>")), "{plist}");
    }
}
