//! One owner a folder: in this process, in another, after a kill, and where a folder must be refused.

use super::claim::network_mount;
use super::{AskError, Claim, ClaimError, ask, serve};
use serde_json::json;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

pub(super) const CHILD: &str = "WAYBILL_INSTANCE_TEST_CHILD";
pub(super) const LONG: Duration = Duration::from_secs(30);

/// The test binary again, running only `test` of `module`, as a child that finds `folder` in its environment.
pub(super) fn this_test(module: &str, test: &str, folder: &Path) -> (PathBuf, Vec<String>, (&'static str, PathBuf)) {
    let module = module.split_once("::").unwrap().1;
    let args = vec!["--exact".to_owned(), format!("{module}::{test}"), "--nocapture".to_owned()];
    (std::env::current_exe().unwrap(), args, (CHILD, folder.to_owned()))
}

pub(super) fn child_folder() -> Option<PathBuf> {
    std::env::var_os(CHILD).map(Into::into)
}

/// A child that owns the folder and serves; killed with the guard.
struct Owner(Child);

impl Owner {
    fn start(test: &str, folder: &Path) -> Self {
        let (exe, args, (name, value)) = this_test(module_path!(), test, folder);
        let mut child =
            Command::new(exe).args(args).env(name, value).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(child.stdout.take().unwrap());
        assert!(said.lines().any(|line| line.unwrap().contains("owner is ready")), "the child ended early");
        Self(child)
    }

    /// SIGKILL on unix: nothing of it runs any more.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Owner {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The child's part: owns, serves, and waits for its end.
fn own_until_killed(folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let claim = Claim::take(folder).unwrap();
        let _serving =
            serve(&claim, |request| async move { json!({"from": "child", "asked": request}) }).await.unwrap();
        println!("owner is ready");
        tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new())).await.unwrap().unwrap();
    });
}

#[test]
fn a_folder_has_one_owner_in_this_process_and_is_free_after_it() {
    let home = tempfile::tempdir().unwrap();
    let folder = home.path().join("new/desk");
    let claim = Claim::take(&folder).unwrap();
    assert_eq!(claim.folder(), folder.canonicalize().unwrap());
    let busy = Claim::take(&folder).unwrap_err();
    assert!(matches!(busy, ClaimError::Busy { .. }), "{busy}");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(&folder, home.path().join("link")).unwrap();
        let busy = Claim::take(&home.path().join("link")).unwrap_err();
        assert!(matches!(busy, ClaimError::Busy { .. }), "another spelling is the same folder: {busy}");
    }
    let clone = claim.clone();
    drop(claim);
    assert!(Claim::take(&folder).is_err(), "a clone still owns it");
    drop(clone);
    Claim::take(&folder).expect("nobody owns it now");
}

#[test]
fn a_killed_owner_leaves_the_folder_to_the_next() {
    if let Some(folder) = child_folder() {
        return own_until_killed(&folder);
    }
    let home = tempfile::tempdir().unwrap();
    let mut owner = Owner::start("a_killed_owner_leaves_the_folder_to_the_next", home.path());
    let busy = Claim::take(home.path()).unwrap_err();
    assert!(matches!(busy, ClaimError::Busy { .. }), "the child owns it: {busy}");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let answer = ask(home.path(), &json!("hello"), LONG).await.unwrap();
        assert_eq!(answer, json!({"from": "child", "asked": "hello"}));
        owner.kill();
        #[cfg(unix)]
        assert!(
            home.path().join("desk.sock").exists(),
            "the kill must leave a stale socket, or this test shows nothing"
        );
        let nobody = ask(home.path(), &json!("hello"), LONG).await.unwrap_err();
        assert!(matches!(nobody, AskError::NobodyThere), "{nobody}");
        let claim = Claim::take(home.path()).expect("the lock died with its owner");
        let serving = serve(&claim, |_| async { json!("parent") }).await.unwrap();
        assert_eq!(ask(home.path(), &json!("hello"), LONG).await.unwrap(), json!("parent"));
        drop(claim);
        assert!(Claim::take(home.path()).is_err(), "who serves still owns");
        serving.stop(LONG).await;
        Claim::take(home.path()).expect("stopped means let go");
        assert!(!home.path().join("desk.sock").exists(), "and cleaned up");
    });
}

#[cfg(unix)]
#[test]
fn a_data_folder_is_closed_to_others_but_a_full_one_of_somebody_else_is_left_alone() {
    use std::os::unix::fs::PermissionsExt;
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let open = |path: &Path| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).unwrap();
    let home = tempfile::tempdir().unwrap();
    let fresh = home.path().join("a/b");
    Claim::take(&fresh).unwrap();
    assert_eq!(mode(&fresh), 0o700);
    open(&fresh);
    Claim::take(&fresh).unwrap();
    assert_eq!(mode(&fresh), 0o700, "an opened data folder is closed again");
    let full = home.path().join("full");
    std::fs::create_dir(&full).unwrap();
    std::fs::write(full.join("letter.txt"), "x").unwrap();
    open(&full);
    Claim::take(&full).unwrap();
    assert_eq!(mode(&full), 0o755, "a folder with other things in it is its owner's affair");
}

#[test]
fn a_file_in_the_folders_place_is_an_error_not_a_panic() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for path in [file.clone(), file.join("below")] {
        let refused = Claim::take(&path).unwrap_err();
        assert!(matches!(refused, ClaimError::Io { .. }), "{refused}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_read_only_folder_is_named_as_such() {
    const TEST: &str = "a_read_only_folder_is_named_as_such";
    if let Some(folder) = child_folder() {
        for path in [folder.join("fresh"), folder.join("used")] {
            let refused = Claim::take(&path).unwrap_err();
            assert!(matches!(refused, ClaimError::ReadOnly { .. }), "{refused:?}");
        }
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let (real, shown) = (home.path().join("real"), home.path().join("shown"));
    std::fs::create_dir_all(&shown).unwrap();
    Claim::take(&real.join("used")).expect("writable where it really is");
    std::fs::create_dir_all(real.join("fresh")).unwrap();
    let (exe, args, (name, value)) = this_test(module_path!(), TEST, &shown);
    // A mount namespace of its own: the mount ends with the child. Root writes into 0555 folders, so only a mount helps.
    let mut unshare = Command::new("unshare");
    if !rustix::process::geteuid().is_root() {
        unshare.args(["--user", "--map-root-user"]);
    }
    let script = r#"mount --bind "$0" "$1" && mount -o remount,bind,ro "$1" || exit 77; shift; exec "$@""#;
    let out = unshare
        .args(["--mount", "sh", "-c", script])
        .args([&real, &shown])
        .arg(exe)
        .args(args)
        .env(name, value)
        .output()
        .expect("unshare is part of util-linux");
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    if out.status.code() == Some(77) || said.contains("unshare failed") {
        eprintln!("NOTE {TEST}: skipped, this system does not permit a bind mount: {said}");
        return;
    }
    assert!(out.status.success() && said.contains("1 passed"), "{said}");
}

#[test]
fn network_drives_are_told_by_the_deepest_mount() {
    let mounts = "\
        /dev/sda1 / ext4 rw 0 0\n\
        srv:/home /home nfs4 rw 0 0\n\
        /dev/sdb1 /home/wang/local ext4 rw 0 0\n\
        //nas/share /mnt/our\\040shop\\134x cifs rw 0 0\n\
        wang@srv: /mnt/ssh fuse.sshfs rw 0 0\n\
        /dev/fuse /mnt/ntfs fuseblk rw 0 0\n\
        srv:/a /over nfs rw 0 0\n\
        tmpfs /over tmpfs rw 0 0\n\
        broken\n";
    for (folder, expected) in [
        ("/var/lib/desk", None),
        ("/home/wang/desk", Some("nfs4")),
        ("/home/wang/local/desk", None),
        ("/homework/desk", None),
        ("/mnt/our shop\\x/desk", Some("cifs")),
        ("/mnt/ssh", Some("fuse.sshfs")),
        ("/mnt/ntfs/desk", None),
        ("/over/desk", None),
    ] {
        assert_eq!(network_mount(mounts, Path::new(folder)).as_deref(), expected, "{folder}");
    }
    assert_eq!(network_mount("", Path::new("/x")), None, "no table refuses nothing");
}
