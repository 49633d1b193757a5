//! The package in a clean Debian 12: installed by apt alone, started, given a link, removed.
//!
//! A root by debootstrap (kept in `target/package/base`, copied for each run); what runs in it is `package/installed.sh`,
//! in mount and process namespaces of its own, so that its end leaves no process and no mount. It asks for root.

use super::FOLDER;
use crate::sh::{self, Problem};
use std::{collections::HashSet, fs, path::Path};

const SUITE: &str = "bookworm";
const MIRROR: &str = "http://deb.debian.org/debian";

/// Mounts what programs expect, then goes in. `$1` is the root.
const ENTER: &str = "set -e; mount -t proc proc \"$1/proc\"; mount --rbind /dev \"$1/dev\"; \
    exec chroot \"$1\" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 HOME=/root bash /installed.sh";

/// Installs, starts, links and removes `package`; the picture of its window is `target/package/window.ppm`.
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
    outcome.map_err(|problem| format!("{problem}; what it left is in {}", root.display()))?;
    let picture = folder.join("window.ppm");
    let display = fs::read(root.join("window.xwd")).map_err(|error| format!("no picture of the window: {error}"))?;
    let (head, dots) = picture_of(&display).ok_or("the picture of the display is not as Xvfb writes it")?;
    let told = |error| format!("cannot write {}: {error}", picture.display());
    fs::write(&picture, [head.as_bytes(), &dots].concat()).map_err(told)?;
    // A window that is there and empty has a handful of colours; ours, with its text, has hundreds.
    let colours = dots.chunks_exact(3).collect::<HashSet<_>>().len();
    if colours < 50 {
        return Err(format!("the window shows {colours} colours, so it is empty: look at {}", picture.display()));
    }
    println!("\nThe package lived as it should. Its window: {} ({colours} colours)", picture.display());
    Ok(())
}

/// An XWD of 32 bits a dot, as Xvfb keeps its display, as head and dots of a PPM.
fn picture_of(display: &[u8]) -> Option<(String, Vec<u8>)> {
    let word = |at: usize| {
        let bytes = display.get(at * 4..at * 4 + 4)?;
        usize::try_from(u32::from_be_bytes(bytes.try_into().ok()?)).ok()
    };
    let (head, width, height, line, colours) = (word(0)?, word(4)?, word(5)?, word(12)?, word(19)?);
    // Least byte first, 32 bits: what Xvfb writes on the machines that we build on.
    if (word(7)?, word(11)?) != (0, 32) || width == 0 {
        return None;
    }
    let dots = display.get(head + colours * 12..)?;
    let mut picture = Vec::with_capacity(width * height * 3);
    for row in dots.chunks_exact(line).take(height) {
        picture.extend(row.get(..width * 4)?.chunks_exact(4).flat_map(|dot| [dot[2], dot[1], dot[0]]));
    }
    (picture.len() == width * height * 3).then(|| (format!("P6\n{width} {height}\n255\n"), picture))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_display_becomes_a_picture_and_half_of_one_does_not() {
        let mut words = [0_u32; 25];
        (words[0], words[4], words[5], words[11], words[12], words[19]) = (100, 1, 2, 32, 8, 1);
        let mut display: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        display.extend([9; 12]);
        display.extend([3, 2, 1, 0, 7, 7, 7, 7, 6, 5, 4, 0, 7, 7, 7, 7]);
        assert_eq!(picture_of(&display), Some(("P6\n1 2\n255\n".to_owned(), vec![1, 2, 3, 4, 5, 6])));
        for length in [0, 50, 100, 112, 120] {
            assert_eq!(picture_of(&display[..length]), None, "{length}");
        }
    }
}
