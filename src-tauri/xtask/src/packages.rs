//! The system packages that building, the window and the tests need, and how to get them.
//!
//! Each need is found by what it provides (a program, a library), so it does not matter where it came from.
//! Absent: anything the code itself does not use. No OpenSSL, no cmake: TLS is rustls, C comes with its crates.

use crate::sh::{self, Problem};
use std::process::Command;

/// How to see that a need is met.
enum Sign {
    Program(&'static [&'static str]),
    Library(&'static str),
    ChineseFont,
    File(&'static [&'static str]),
    PythonVenv,
}

struct Need {
    sign: Sign,
    debian: &'static str,
    fedora: &'static str,
    arch: &'static str,
}

/// What a build of the window needs, and the window itself.
const WINDOW: &[Need] = &[
    need(Sign::Program(&["cc"]), "build-essential", "gcc", "base-devel"),
    need(Sign::Program(&["pkg-config", "pkgconf"]), "pkg-config", "pkgconf-pkg-config", "pkgconf"),
    need(Sign::Library("webkit2gtk-4.1"), "libwebkit2gtk-4.1-dev", "webkit2gtk4.1-devel", "webkit2gtk-4.1"),
    need(Sign::Program(&["dbus-run-session"]), "dbus", "dbus-daemon", "dbus"),
    need(Sign::Program(&["xdg-mime"]), "xdg-utils", "xdg-utils", "xdg-utils"),
    need(Sign::Program(&["update-desktop-database"]), "desktop-file-utils", "desktop-file-utils", "desktop-file-utils"),
    need(Sign::Program(&["fc-list"]), "fontconfig", "fontconfig", "fontconfig"),
    need(Sign::ChineseFont, "fonts-noto-cjk", "google-noto-sans-cjk-fonts", "noto-fonts-cjk"),
];

/// What only tests need: a display of their own, drivers, a browser, a key store, a spooler, picture tools.
const TESTS: &[Need] = &[
    need(Sign::Program(&["WebKitWebDriver"]), "webkit2gtk-driver", "webkit2gtk4.1", "webkit2gtk-4.1"),
    need(Sign::Program(&["Xvfb"]), "xvfb", "xorg-x11-server-Xvfb", "xorg-server-xvfb"),
    need(Sign::Program(&["openbox"]), "openbox", "openbox", "openbox"),
    need(Sign::Program(&["dbus-launch"]), "dbus-x11", "dbus-x11", "dbus"),
    need(
        Sign::File(&[
            "/usr/libexec/at-spi-bus-launcher",
            "/usr/lib/at-spi-bus-launcher",
            "/usr/lib/at-spi2-core/at-spi-bus-launcher",
        ]),
        "at-spi2-core",
        "at-spi2-core",
        "at-spi2-core",
    ),
    need(Sign::Program(&["xdotool"]), "xdotool", "xdotool", "xdotool"),
    need(Sign::Program(&["convert", "magick"]), "imagemagick", "ImageMagick", "imagemagick"),
    need(Sign::Program(&["pdftoppm"]), "poppler-utils", "poppler-utils", "poppler"),
    need(Sign::Program(&["chromium", "chromium-browser", "google-chrome"]), "chromium", "chromium", "chromium"),
    need(Sign::Program(&["chromedriver"]), "chromium-driver", "chromedriver", "chromium"),
    need(Sign::Program(&["gnome-keyring-daemon"]), "gnome-keyring", "gnome-keyring", "gnome-keyring"),
    need(Sign::Program(&["cupsd"]), "cups", "cups", "cups"),
    need(Sign::Program(&["lp"]), "cups-client", "cups-client", "cups"),
    need(Sign::Program(&["ippeveprinter"]), "cups-ipp-utils", "cups-printerapp", "cups"),
    need(Sign::Program(&["git"]), "git", "git", "git"),
    need(Sign::Program(&["python3"]), "python3", "python3", "python"),
    need(Sign::PythonVenv, "python3-venv", "python3", "python"),
];

/// What building for Windows and running under Wine need. Debian's compiler brings the sources of std for it.
const WINDOWS: &[Need] = &[
    debian(Sign::File(&["/usr/bin/rustc"]), "rustc-web"),
    debian(Sign::File(&["/usr/bin/cargo"]), "cargo-web"),
    debian(Sign::File(&["/usr/lib/rustlib/src/rust/library/std/Cargo.toml"]), "rust-web-src"),
    debian(Sign::Program(&["x86_64-w64-mingw32-gcc"]), "gcc-mingw-w64-x86-64"),
    debian(Sign::Program(&["x86_64-w64-mingw32-g++"]), "g++-mingw-w64-x86-64"),
    debian(Sign::File(&["/usr/lib/wine/wine64"]), "wine64"),
    debian(Sign::Program(&["cupsd"]), "cups"),
    debian(Sign::Program(&["lpadmin"]), "cups-client"),
];

/// What `package --check` needs.
const PACKAGE_CHECK: &[Need] = &[
    debian(Sign::Program(&["debootstrap"]), "debootstrap"),
    debian(Sign::Program(&["desktop-file-validate"]), "desktop-file-utils"),
];

/// A need that only Debian's packages meet.
const fn debian(sign: Sign, debian: &'static str) -> Need {
    need(sign, debian, "(Debian only)", "(Debian only)")
}

const fn need(sign: Sign, debian: &'static str, fedora: &'static str, arch: &'static str) -> Need {
    Need { sign, debian, fedora, arch }
}

impl Need {
    fn met(&self) -> bool {
        match &self.sign {
            Sign::Program(names) => names.iter().any(|name| sh::on_path(name)),
            Sign::Library(name) => sh::answer(Command::new("pkg-config").args(["--exists", name])).is_some(),
            Sign::ChineseFont => {
                sh::answer(Command::new("fc-list").arg(":lang=zh-cn")).is_some_and(|list| !list.trim().is_empty())
            }
            Sign::File(paths) => paths.iter().any(|path| std::path::Path::new(path).exists()),
            Sign::PythonVenv => sh::answer(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_some(),
        }
    }
}

/// Makes sure the window can be built and, with `tests`, that the tests can run. Installs through apt what is missing.
/// Errors: a package is missing and cannot be installed from here; the text names the packages and the command.
pub fn ensure(tests: bool) -> Result<(), Problem> {
    if !cfg!(target_os = "linux") {
        println!("system packages: none are needed on this system; window tests and CUPS run on Linux only");
        return Ok(());
    }
    install(WINDOW.iter().chain(if tests { TESTS } else { &[] }))
}

/// Makes sure that the program can be built for Windows and run under Wine. Errors: as [`ensure`]; or this is not
/// Debian.
pub fn ensure_windows() -> Result<(), Problem> {
    if !cfg!(target_os = "linux") || !sh::on_path("apt-get") {
        return Err("building for Windows is set up for Debian 12 only; on Windows itself use cargo".to_owned());
    }
    install(WINDOWS.iter())
}

/// Makes sure that a package can be tried in a clean root. Errors: as [`ensure`].
pub fn ensure_package_check() -> Result<(), Problem> {
    install(PACKAGE_CHECK.iter())
}

fn install(needs: impl Iterator<Item = &'static Need>) -> Result<(), Problem> {
    let missing: Vec<&Need> = needs.filter(|need| !need.met()).collect();
    if missing.is_empty() {
        println!("system packages: all there");
        return Ok(());
    }
    let debian: Vec<&str> = missing.iter().map(|need| need.debian).collect();
    if !sh::on_path("apt-get") {
        return Err(for_other_systems(&missing));
    }
    println!("system packages missing: {}", debian.join(" "));
    apt(&["-q", "update"], &debian)?;
    let mut install = vec!["-q", "install", "-y", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"];
    install.extend(&debian);
    apt(&install, &debian)?;
    let still: Vec<&str> = missing.iter().filter(|need| !need.met()).map(|need| need.debian).collect();
    if still.is_empty() {
        Ok(())
    } else {
        Err(format!(
            "apt installed its packages, but what they should provide was not found: {}. Another distribution's names \
             may differ; src-tauri/xtask/src/packages.rs says what is looked for",
            still.join(" ")
        ))
    }
}

fn apt(args: &[&str], wanted: &[&str]) -> Result<(), Problem> {
    let by_hand = format!(
        "install these yourself, then start again:\n  sudo apt-get update && sudo apt-get install -y \
         --no-install-recommends {}",
        wanted.join(" ")
    );
    let root = sh::answer(Command::new("id").arg("-u")).is_some_and(|id| id.trim() == "0");
    let mut command = if root {
        Command::new("env")
    } else if sh::answer(Command::new("sudo").args(["-n", "true"])).is_some() {
        let mut sudo = Command::new("sudo");
        sudo.args(["-n", "env"]);
        sudo
    } else {
        return Err(format!(
            "system packages are missing, and neither root nor a sudo without password is here; {by_hand}"
        ));
    };
    command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get", "-o", "DPkg::Lock::Timeout=300"]).args(args);
    sh::run(&mut command).map_err(|problem| format!("{problem}; {by_hand}"))
}

fn for_other_systems(missing: &[&Need]) -> Problem {
    let names = |pick: fn(&Need) -> &'static str| {
        let mut names: Vec<&str> = missing.iter().map(|need| pick(need)).collect();
        names.sort_unstable();
        names.dedup();
        names.join(" ")
    };
    format!(
        "system packages are missing. Install what matches your system, then start again:\n  \
         Fedora:  sudo dnf install {}\n  Arch:    sudo pacman -S --needed {}\n  Debian:  {}\n\
         Only Debian 12 is tried by CI",
        names(|need| need.fedora),
        names(|need| need.arch),
        names(|need| need.debian),
    )
}
