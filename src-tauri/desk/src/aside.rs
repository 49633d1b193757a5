//! A data folder that cannot be opened any more, moved out of the way: its key is gone, its passphrase forgotten, its database
//! damaged. Nothing in it is changed or removed; a backup is then restored into the empty folder.

use crate::instance::Claim;
use crate::open::OpenError;
use domain::clock::Millis;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What the claim itself keeps in the folder.
const CLAIMS: &str = "owner.";

/// Moves everything in `folder` into a new folder beside it and says where. All of it or, on an error, nothing.
///
/// Errors: [`OpenError::Claim`] while another program owns the folder; [`OpenError::Aside`] if the system refuses.
pub fn put_aside(folder: &Path, now: Millis) -> Result<PathBuf, OpenError> {
    let claim = Claim::take(folder)?;
    let folder = claim.folder();
    let mut name = folder.file_name().unwrap_or_default().to_owned();
    name.push(format!("-aside-{}", crate::backup::stamp(now)));
    let stem = folder.with_file_name(name);
    let numbered = |n: u32| {
        let mut path = stem.clone().into_os_string();
        path.push(format!("-{n}"));
        PathBuf::from(path)
    };
    let free = (1..1000).map(|n| if n == 1 { stem.clone() } else { numbered(n) }).find(|path| !path.exists());
    let aside = free.ok_or_else(|| OpenError::Aside(std::io::ErrorKind::AlreadyExists.into()))?;
    crate::backup::make_folder(&aside).map_err(OpenError::Aside)?;
    let mut moved: Vec<OsString> = Vec::new();
    let end = move_all(folder, &aside, &mut moved);
    if let Err(error) = end {
        for name in moved {
            // Best effort: what cannot go back lies, whole, where the error says.
            if let Err(error) = std::fs::rename(aside.join(&name), folder.join(&name)) {
                tracing::error!(%error, "a file could not be moved back");
            }
        }
        let _ = std::fs::remove_dir(&aside);
        return Err(OpenError::Aside(error));
    }
    Ok(aside)
}

fn move_all(from: &Path, to: &Path, moved: &mut Vec<OsString>) -> std::io::Result<()> {
    for item in std::fs::read_dir(from)? {
        let name = item?.file_name();
        if name.to_string_lossy().starts_with(CLAIMS) {
            continue;
        }
        std::fs::rename(from.join(&name), to.join(&name))?;
        moved.push(name);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::instance::ClaimError;

    const NOW: Millis = Millis(1_795_716_000_000);

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> =
            std::fs::read_dir(folder).unwrap().map(|i| i.unwrap().file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    #[test]
    fn everything_lies_beside_it_unchanged_and_the_folder_is_free() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("desk");
        std::fs::create_dir_all(folder.join("exports")).unwrap();
        for (name, text) in [("desk.db", "rows"), ("key.json", "record"), ("exports/a", "lines")] {
            std::fs::write(folder.join(name), text).unwrap();
        }
        let aside = put_aside(&folder, NOW).unwrap();
        assert_eq!(aside.file_name().unwrap(), "desk-aside-20261127-020000");
        assert_eq!(names(&aside), ["desk.db", "exports", "key.json"]);
        assert_eq!(std::fs::read_to_string(aside.join("exports/a")).unwrap(), "lines");
        assert_eq!(names(&folder), ["owner.lock"]);
        // A second time, in the same second.
        std::fs::write(folder.join("desk.db"), "newer").unwrap();
        let second = put_aside(&folder, NOW).unwrap();
        assert_ne!(second, aside);
        assert_eq!(std::fs::read_to_string(aside.join("desk.db")).unwrap(), "rows", "the first is left alone");
    }

    #[test]
    fn a_folder_that_a_program_owns_is_left_alone() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("desk");
        let _claim = Claim::take(&folder).unwrap();
        std::fs::write(folder.join("desk.db"), "rows").unwrap();
        let refused = put_aside(&folder, NOW);
        assert!(matches!(refused, Err(OpenError::Claim(ClaimError::Busy { .. }))), "{refused:?}");
        assert_eq!(names(&folder), ["desk.db", "owner.lock"]);
        assert_eq!(names(root.path()), ["desk"]);
    }
}
