//! The vault against a real Secret Service: gnome-keyring in a D-Bus session, HOME and run-time folder of its own.
//! Each test runs its own body again as a child inside such a session.
#![cfg(target_os = "linux")]

use super::os_store::{EntryName, KeyStore, OsKeyStore};
use super::tests::{bytes_of, holds_key, settings};
use super::{Aad, KeyPlace, MoveTo, OldPlace, Purpose, Vault, VaultError, VaultSettings, harden_process};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{chance::OsChance, secret::Secret};
use std::path::Path;
use std::process::Command;
use zeroize::Zeroizing;

const CHILD: &str = "WAYBILL_VAULT_TEST_CHILD";
const CELL: Aad<'static> = Aad { table: "t", row: "1", column: "c" };

/// The folder to work in, if this is the child.
fn child_folder() -> Option<std::path::PathBuf> {
    std::env::var_os(CHILD).map(Into::into)
}

/// Runs `test` (of this module) again under `launcher`, with every folder of the desktop in a temporary one.
fn run_again(test: &str, launcher: &[&str], bus: Option<&str>) {
    run_again_at_home(tempfile::tempdir().unwrap().path(), test, launcher, bus);
}

fn run_again_at_home(home: &Path, test: &str, launcher: &[&str], bus: Option<&str>) {
    let data = home.join("data");
    std::fs::create_dir_all(&data).unwrap();
    let module = module_path!().split_once("::").unwrap().1;
    let mut command = Command::new(launcher[0]);
    command
        .args(&launcher[1..])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", &format!("{module}::{test}"), "--nocapture"])
        .env(CHILD, &data)
        .env("HOME", home)
        .env("XDG_DATA_HOME", home)
        .env("XDG_CONFIG_HOME", home)
        .env("XDG_RUNTIME_DIR", home)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .env_remove("DBUS_SESSION_BUS_ADDRESS");
    if let Some(bus) = bus {
        command.env("DBUS_SESSION_BUS_ADDRESS", bus);
    }
    let out = command
        .output()
        .unwrap_or_else(|e| panic!("{} does not start ({e}): `cargo xtask test` installs it", launcher[0]));
    let said = format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr));
    assert!(out.status.success(), "the child failed:\n{said}");
    assert!(said.contains("1 passed"), "the child ran no test:\n{said}");
}

/// Starts gnome-keyring unlocked (its password is the word "test"), then the program it is given.
const UNLOCKED: &[&str] = &[
    "dbus-run-session",
    "--",
    "sh",
    "-c",
    "printf test | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null || exit 9; exec \"$@\"",
    "sh",
];

/// Starts gnome-keyring, with whatever it kept before, locked.
const LOCKED: &[&str] = &[
    "dbus-run-session",
    "--",
    "sh",
    "-c",
    "gnome-keyring-daemon --start --components=secrets >/dev/null; WAYBILL_VAULT_TEST_LOCKED=1 exec \"$@\"",
    "sh",
];

fn needs_gnome_keyring() {
    assert!(
        ["/usr/bin/gnome-keyring-daemon", "/usr/local/bin/gnome-keyring-daemon"].iter().any(|p| Path::new(p).exists()),
        "gnome-keyring-daemon is not installed: `cargo xtask test` installs it"
    );
}

fn with_store(folder: &Path) -> VaultSettings {
    VaultSettings { os_store: true, passphrase: None, ..settings(folder, "") }
}

#[test]
fn the_key_lives_in_gnome_keyring_and_a_lost_entry_never_makes_a_new_key() {
    let Some(folder) = child_folder() else {
        needs_gnome_keyring();
        return run_again("the_key_lives_in_gnome_keyring_and_a_lost_entry_never_makes_a_new_key", UNLOCKED, None);
    };
    let first = Vault::open_or_create(&with_store(&folder), &OsChance).unwrap();
    let KeyPlace::OsStore { backend } = first.place().clone() else { panic!("kept in {}", first.place()) };
    assert_eq!(backend, "Secret Service (gnome-keyring-d)", "the running service is named");
    let sealed = first.seal(Purpose::Tokens, &CELL, b"token");
    assert!(!holds_key(&bytes_of(&folder), &first), "the key lies in the data folder");
    assert!(!folder.join("key.wrapped").exists(), "one place is enough");

    // From inside a runtime, as a careless caller would: it may block, but must not panic.
    let again = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(async { Vault::open_or_create(&with_store(&folder), &OsChance) })
        .unwrap();
    assert_eq!(&**again.open(Purpose::Tokens, &CELL, &sealed).unwrap(), b"token");

    let name = EntryName { service: "app.waybilldesk".to_owned(), folder: first.folder_id().to_owned() };
    let text = OsKeyStore.read(&name).unwrap().expect("the entry is named by service and folder id");
    OsKeyStore.write(&name, &Zeroizing::new(STANDARD.encode([7; 32]))).unwrap();
    let differs = Vault::open_or_create(&with_store(&folder), &OsChance).unwrap_err();
    assert!(matches!(differs, VaultError::KeyDiffers { .. }), "{differs}");
    OsKeyStore.erase(&name).unwrap();
    OsKeyStore.erase(&name).expect("erasing twice is fine");
    for passphrase in [None, Some(Secret::new("a passphrase changes nothing"))] {
        let settings = VaultSettings { passphrase, ..with_store(&folder) };
        let gone = Vault::open_or_create(&settings, &OsChance).unwrap_err();
        assert!(matches!(gone, VaultError::KeyGone { .. }), "{gone}");
    }
    assert!(OsKeyStore.read(&name).unwrap().is_none(), "no new key was put there");
    OsKeyStore.write(&name, &text).unwrap();
    let back = Vault::open_or_create(&with_store(&folder), &OsChance).unwrap();
    assert!(back.open(Purpose::Tokens, &CELL, &sealed).is_ok(), "the entry that came back opens the folder");
}

#[test]
fn a_key_moves_between_gnome_keyring_and_a_passphrase_and_leaves_no_copy() {
    let Some(folder) = child_folder() else {
        needs_gnome_keyring();
        return run_again("a_key_moves_between_gnome_keyring_and_a_passphrase_and_leaves_no_copy", UNLOCKED, None);
    };
    let mut vault = Vault::open_or_create(&with_store(&folder), &OsChance).unwrap();
    let sealed = vault.seal(Purpose::Tokens, &CELL, b"token");
    let name = EntryName { service: "app.waybilldesk".to_owned(), folder: vault.folder_id().to_owned() };
    let to = MoveTo::Passphrase(Secret::new("correct horse battery"));
    assert_eq!(vault.move_key(&with_store(&folder), &to, &OsChance).unwrap(), OldPlace::Wiped);
    assert!(OsKeyStore.read(&name).unwrap().is_none(), "the old copy is gone from the key store");
    let mut vault = Vault::open_or_create(&settings(&folder, "correct horse battery"), &OsChance).unwrap();
    assert!(vault.open(Purpose::Tokens, &CELL, &sealed).is_ok(), "the passphrase opens the same key");
    assert_eq!(vault.move_key(&with_store(&folder), &MoveTo::OsStore, &OsChance).unwrap(), OldPlace::Wiped);
    assert!(!folder.join("key.wrapped").exists(), "the wrapped copy is gone");
    let vault = Vault::open_or_create(&with_store(&folder), &OsChance).unwrap();
    assert!(vault.open(Purpose::Tokens, &CELL, &sealed).is_ok(), "and the key store opens it again");
}

/// What both systems without a usable key store must do.
fn no_store_means_a_passphrase(folder: &Path) {
    let asked = Vault::open_or_create(&with_store(folder), &OsChance).unwrap_err();
    assert!(matches!(asked, VaultError::NeedsPassphrase { new: true, .. }), "{asked}");
    println!("asked: {asked}");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0, "nothing was written");
    let settings = VaultSettings { os_store: true, ..settings(folder, "correct horse battery") };
    let vault = Vault::open_or_create(&settings, &OsChance).unwrap();
    assert_eq!(vault.place(), &KeyPlace::Passphrase);
    Vault::open_or_create(&settings, &OsChance).expect("it opens again");
    // A folder whose key is in a store that cannot be asked now.
    let json = std::fs::read_to_string(folder.join("key.json")).unwrap();
    let place = json.replace(r#""kind": "passphrase""#, r#""kind": "os_store", "backend": "Secret Service""#);
    assert_ne!(json, place, "the test must change the record");
    std::fs::write(folder.join("key.json"), place).unwrap();
    let lost = Vault::open_or_create(&settings, &OsChance).unwrap_err();
    assert!(matches!(lost, VaultError::StoreUnusable { .. } | VaultError::KeyGone { .. }), "{lost}");
    println!("lost: {lost}");
}

#[test]
fn without_a_session_bus_a_passphrase_is_asked_for() {
    match child_folder() {
        None => run_again("without_a_session_bus_a_passphrase_is_asked_for", &["env"], Some("unix:path=/nonexistent")),
        Some(folder) => no_store_means_a_passphrase(&folder),
    }
}

#[test]
fn with_a_session_bus_but_no_unlocked_key_store_a_passphrase_is_asked_for() {
    match child_folder() {
        None => run_again(
            "with_a_session_bus_but_no_unlocked_key_store_a_passphrase_is_asked_for",
            &["dbus-run-session", "--"],
            None,
        ),
        Some(folder) => no_store_means_a_passphrase(&folder),
    }
}

#[test]
fn a_locked_key_store_is_not_a_lost_key() {
    const TEST: &str = "a_locked_key_store_is_not_a_lost_key";
    let Some(folder) = child_folder() else {
        needs_gnome_keyring();
        let home = tempfile::tempdir().unwrap();
        run_again_at_home(home.path(), TEST, UNLOCKED, None);
        // A session in which nobody typed the desktop's password, and nobody can: there is no display to ask on.
        run_again_at_home(home.path(), TEST, LOCKED, None);
        return run_again_at_home(home.path(), TEST, UNLOCKED, None);
    };
    let settings = with_store(&folder);
    if std::env::var_os("WAYBILL_VAULT_TEST_LOCKED").is_none() {
        let made = Vault::open_or_create(&settings, &OsChance).unwrap();
        let sealed = folder.join("sealed");
        if !sealed.exists() {
            std::fs::write(&sealed, made.seal(Purpose::Tokens, &CELL, b"token")).unwrap();
        }
        made.open(Purpose::Tokens, &CELL, &std::fs::read(&sealed).unwrap()).expect("the same key in both sessions");
        return;
    }
    let locked = Vault::open_or_create(&settings, &OsChance).unwrap_err();
    assert!(matches!(locked, VaultError::StoreUnusable { .. }), "{locked}");
}

#[test]
fn a_hardened_process_writes_no_core_and_is_closed_to_its_user() {
    if child_folder().is_none() {
        return run_again("a_hardened_process_writes_no_core_and_is_closed_to_its_user", &["env"], None);
    }
    harden_process().unwrap();
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
    let core = limits.lines().find(|l| l.starts_with("Max core file size")).unwrap();
    let figures: Vec<&str> = core.split_whitespace().skip(4).take(2).collect();
    assert_eq!(figures, ["0", "0"], "{core}");
    let dumpable = rustix::process::dumpable_behavior().unwrap();
    assert_eq!(dumpable, rustix::process::DumpableBehavior::NotDumpable);
}
