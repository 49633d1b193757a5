//! The package in a clean Debian 12: installed by apt alone, started, given a link, removed.
//!
//! A root by debootstrap (kept in `target/package/base`, copied for each run); what runs in it is `package/installed.sh`,
//! in mount and process namespaces of its own, so that its end leaves no process and no mount. It asks for root.

use super::FOLDER;
use crate::sh::{self, Problem};
use std::{fs, path::Path};

const SUITE: &str = "bookworm";
const MIRROR: &str = "http://deb.debian.org/debian";

/// Mounts what programs expect, then goes in. `$1` is the root.
const ENTER: &str = "set -e; mount -t proc proc \"$1/proc\"; mount --rbind /dev \"$1/dev\"; \
    exec chroot \"$1\" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root bash /installed.sh";

/// Installs, starts, links and removes `package`; the picture of its window is `target/package/window.png`.
pub fn check(package: &Path) -> Result<(), Problem> {
    if sh::answer(sh::program("id", ".").arg("-u")).is_none_or(|id| id.trim() != "0") {
        return Err("`--check` makes a root of its own and must be run as root".to_owned());
    }
    let folder = sh::root().join(FOLDER);
    let (base, root) = (folder.join("base"), folder.join("root"));
    let entry = sh::root().join("src-tauri/xtask/package/waybill-desk.desktop");
    sh::run(sh::program("desktop-file-validate", ".").arg(entry))?;
    if !base.join("etc/debian_version").is_file() {
        let half = folder.join("base.half");
        let _ = fs::remove_dir_all(&half);
        sh::run(sh::program("debootstrap", ".").args(["--variant=minbase", SUITE]).arg(&half).arg(MIRROR))?;
        fs::rename(&half, &base).map_err(|error| format!("cannot rename {}: {error}", half.display()))?;
    }
    sh::run(sh::program("rm", ".").arg("-rf").arg(&root))?;
    sh::run(sh::program("cp", ".").arg("-a").arg(&base).arg(&root))?;
    let script = sh::root().join("src-tauri/xtask/package/installed.sh");
    for (from, to) in
        [(package, "package.deb"), (&script, "installed.sh"), (Path::new("/etc/resolv.conf"), "etc/resolv.conf")]
    {
        fs::copy(from, root.join(to)).map_err(|error| format!("cannot copy {}: {error}", from.display()))?;
    }
    let mut enter = sh::program("unshare", ".");
    enter.args(["--mount", "--pid", "--fork", "--kill-child", "sh", "-c", ENTER, "sh"]).arg(&root);
    let outcome = sh::run(&mut enter);
    let picture = folder.join("window.png");
    let _ =
        sh::run(sh::program("convert", ".").arg(format!("xwd:{}", root.join("window.xwd").display())).arg(&picture));
    outcome.map_err(|problem| format!("{problem}; what it left is in {}", root.display()))?;
    // A window that is there and empty has a handful of colours; ours, with its text, has hundreds.
    let colours = sh::answer(sh::program("convert", ".").arg(&picture).args(["-format", "%k", "info:"]));
    let colours: u32 = colours.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
    if colours < 50 {
        return Err(format!("the window shows {colours} colours, so it is empty: look at {}", picture.display()));
    }
    println!("\nThe package lived as it should. Its window: {} ({colours} colours)", picture.display());
    Ok(())
}
