//! The vault without a key store: sealing, wrapping, and folders in every half-made state.

use super::os_store::{EntryName, KeyStore, StoreFailed};
use super::{
    Aad, KeyPlace, MoveTo, OldPlace, PassphraseCost, Purpose, Vault, VaultError, VaultSettings, place, random_key,
    wrapped,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::{chance::OsChance, secret::Secret};
use proptest::prelude::*;
use std::cell::RefCell;
use std::path::Path;
use std::sync::LazyLock;
use zeroize::Zeroizing;

pub(super) const CHEAP: PassphraseCost = PassphraseCost { memory_kib: 64, passes: 1 };
const CELL: Aad<'static> = Aad { table: "grant", row: "7", column: "tokens" };

pub(super) fn settings(folder: &Path, passphrase: &str) -> VaultSettings {
    VaultSettings {
        passphrase: Some(Secret::new(passphrase)),
        os_store: false,
        passphrase_cost: Some(CHEAP),
        ..VaultSettings::of(folder)
    }
}

fn open(folder: &Path, passphrase: &str) -> Result<Vault, VaultError> {
    Vault::open_or_create(&settings(folder, passphrase), &OsChance)
}

/// Everything in the folder, file after file.
pub(super) fn bytes_of(folder: &Path) -> Vec<u8> {
    std::fs::read_dir(folder).unwrap().flat_map(|f| std::fs::read(f.unwrap().path()).unwrap()).collect()
}

pub(super) fn holds_key(haystack: &[u8], vault: &Vault) -> bool {
    let key = vault.master.as_slice();
    let hex: String = key.iter().map(|b| format!("{b:02x}")).collect();
    [key, STANDARD.encode(key).as_bytes(), hex.as_bytes(), hex.to_uppercase().as_bytes(), &key[..8], &key[24..]]
        .iter()
        .any(|form| haystack.windows(form.len()).any(|w| w == *form))
}

static VAULT: LazyLock<(tempfile::TempDir, Vault)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let vault = open(folder.path(), "correct horse battery").unwrap();
    (folder, vault)
});

proptest! {
    #[test]
    fn what_was_sealed_opens_in_its_place(plain in proptest::collection::vec(any::<u8>(), 0..300), row in ".{0,20}") {
        let vault = &VAULT.1;
        let cell = Aad { row: &row, ..CELL };
        let sealed = vault.seal(Purpose::Tokens, &cell, &plain);
        prop_assert_eq!(sealed.len(), plain.len() + 41, "the documented size");
        prop_assert_eq!(&*vault.open(Purpose::Tokens, &cell, &sealed).unwrap(), &plain);
    }

    #[test]
    fn no_flipped_bit_goes_unnoticed(plain in proptest::collection::vec(any::<u8>(), 0..80), at in any::<prop::sample::Index>(), bit in 0u8..8) {
        let vault = &VAULT.1;
        let mut sealed = vault.seal(Purpose::Personal, &CELL, &plain);
        let at = at.index(sealed.len());
        sealed[at] ^= 1 << bit;
        prop_assert!(vault.open(Purpose::Personal, &CELL, &sealed).is_err(), "byte {at}, bit {bit} was flipped");
    }

    #[test]
    fn no_cut_or_made_up_bytes_open_or_panic(bytes in proptest::collection::vec(any::<u8>(), 0..120), keep in any::<prop::sample::Index>()) {
        let vault = &VAULT.1;
        prop_assert!(vault.open(Purpose::Log, &CELL, &bytes).is_err());
        let sealed = vault.seal(Purpose::Log, &CELL, &bytes);
        prop_assert!(vault.open(Purpose::Log, &CELL, &sealed[..keep.index(sealed.len())]).is_err(), "the end was cut off");
    }

    #[test]
    fn parts_of_a_cells_name_cannot_be_shifted(a in "[ab|]{0,4}", b in "[ab|]{0,4}", c in "[ab|]{0,4}", d in "[ab|]{0,4}") {
        let vault = &VAULT.1;
        let here = Aad { table: &a, row: &b, column: "c" };
        let there = Aad { table: &c, row: &d, column: "c" };
        let sealed = vault.seal(Purpose::Log, &here, b"x");
        prop_assert_eq!(vault.open(Purpose::Log, &there, &sealed).is_ok(), here == there);
    }
}

#[test]
fn a_value_moved_to_another_table_row_column_or_purpose_is_refused() {
    let vault = &VAULT.1;
    let sealed = vault.seal(Purpose::Tokens, &CELL, b"token");
    for elsewhere in [Aad { table: "attempt", ..CELL }, Aad { row: "8", ..CELL }, Aad { column: "code", ..CELL }] {
        let refused = vault.open(Purpose::Tokens, &elsewhere, &sealed).unwrap_err();
        assert!(matches!(refused, VaultError::Refused), "{elsewhere:?} took it: {refused}");
    }
    assert!(vault.open(Purpose::Personal, &CELL, &sealed).is_err(), "each purpose has its own key");
}

#[test]
fn equal_texts_are_sealed_differently_and_a_later_form_is_named() {
    let vault = &VAULT.1;
    let one = vault.seal(Purpose::Personal, &CELL, b"13800000000");
    assert_ne!(one, vault.seal(Purpose::Personal, &CELL, b"13800000000"), "equal phones must not look equal");
    let mut later = one;
    later[0] = 2;
    let refused = vault.open(Purpose::Personal, &CELL, &later).unwrap_err();
    assert!(matches!(refused, VaultError::UnknownForm { version: 2 }), "{refused}");
}

#[test]
fn the_index_is_stable_keyed_and_apart_per_field() {
    let folder = tempfile::tempdir().unwrap();
    let vault = open(folder.path(), "correct horse battery").unwrap();
    let phone = vault.index("phone", "13800000000");
    let log = vault.log_mac(b"row");
    drop(vault);
    let again = open(folder.path(), "correct horse battery").unwrap();
    assert_eq!(phone, again.index("phone", "13800000000"), "a search after a restart must find it");
    assert_eq!(log, again.log_mac(b"row"), "the log's chain is checked after a restart");
    assert_ne!(phone, again.index("order", "13800000000"), "the same digits in another field do not meet");
    assert_ne!(again.index("a", "bc"), again.index("ab", "c"), "field and text cannot be shifted");
    assert_ne!(phone, VAULT.1.index("phone", "13800000000"), "another folder has another key");
}

#[test]
fn a_data_key_opens_only_its_own_values_and_only_from_its_cell() {
    let vault = &VAULT.1;
    let cell = Aad { table: "grant", row: "7", column: "data_key" };
    let (mine, other) = (vault.new_data_key(&OsChance), vault.new_data_key(&OsChance));
    let wrapped = vault.wrap(&mine, &cell);
    let sealed = vault.seal_with(&mine, Purpose::Tokens, &CELL, b"token");
    let back = vault.unwrap(&cell, &wrapped).unwrap();
    assert_eq!(&**vault.open_with(&back, Purpose::Tokens, &CELL, &sealed).unwrap(), b"token");
    assert!(vault.open_with(&other, Purpose::Tokens, &CELL, &sealed).is_err(), "another grant's key");
    assert!(vault.open_with(&back, Purpose::Personal, &CELL, &sealed).is_err(), "another purpose");
    assert!(vault.open(Purpose::Tokens, &CELL, &sealed).is_err(), "the master key alone must not open it");
    assert!(vault.unwrap(&Aad { row: "8", ..cell }, &wrapped).is_err(), "another grant's row");
    let stranger = tempfile::tempdir().unwrap();
    let stranger = open(stranger.path(), "correct horse battery").unwrap();
    assert!(stranger.open_with(&mine, Purpose::Tokens, &CELL, &sealed).is_err(), "a leaked data key alone");
}

#[test]
fn a_folder_opens_again_with_its_passphrase_and_with_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path(), "correct horse battery").unwrap();
    assert_eq!(first.place(), &KeyPlace::Passphrase);
    let sealed = first.seal(Purpose::Personal, &CELL, "王小明".as_bytes());
    let again = open(folder.path(), "correct horse battery").unwrap();
    assert_eq!(again.folder_id(), first.folder_id());
    assert_eq!(&**again.open(Purpose::Personal, &CELL, &sealed).unwrap(), "王小明".as_bytes());
    for wrong in ["correct horse batterz", "", "correct horse battery "] {
        let refused = open(folder.path(), wrong).unwrap_err();
        assert!(matches!(refused, VaultError::WrongPassphrase), "{wrong:?}: {refused}");
    }
    let none = VaultSettings { passphrase: None, ..settings(folder.path(), "") };
    let asked = Vault::open_or_create(&none, &OsChance).unwrap_err();
    assert!(matches!(asked, VaultError::NeedsPassphrase { new: false, .. }), "{asked}");
}

#[test]
fn without_key_store_and_passphrase_nothing_is_written_and_one_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let none = VaultSettings { passphrase: None, ..settings(folder.path(), "") };
    let asked = Vault::open_or_create(&none, &OsChance).unwrap_err();
    assert!(matches!(asked, VaultError::NeedsPassphrase { new: true, .. }), "{asked}");
    let short = open(folder.path(), "eleven char").unwrap_err();
    assert!(matches!(short, VaultError::PassphraseTooShort { least: 12 }), "{short}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "no key, in clear or otherwise, may lie there");
}

#[test]
fn the_key_is_nowhere_in_the_folder_and_its_files_are_private() {
    let folder = tempfile::tempdir().unwrap();
    let vault = open(folder.path(), "correct horse battery").unwrap();
    let all = bytes_of(folder.path());
    assert!(!holds_key(&all, &vault), "the master key lies in the folder");
    assert!(!all.windows(9).any(|w| w == b"battery" || w == b"correct h"), "the passphrase lies in the folder");
    std::fs::write(folder.path().join("leak"), vault.master.as_slice()).unwrap();
    assert!(holds_key(&bytes_of(folder.path()), &vault), "the search must be able to find a key");
    #[cfg(unix)]
    for name in ["key.wrapped", "key.json"] {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name} can be read by others");
    }
}

#[test]
fn the_default_cost_is_the_full_one() {
    let file = tempfile::tempdir().unwrap();
    let full = VaultSettings { passphrase_cost: None, ..settings(file.path(), "correct horse battery") };
    drop(Vault::open_or_create(&full, &OsChance).unwrap());
    let text = std::fs::read_to_string(file.path().join("key.wrapped")).unwrap();
    assert!(text.contains("\"memory_kib\": 262144") && text.contains("\"passes\": 3"), "{text}");
}

#[test]
fn a_wrapped_key_with_any_figure_changed_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    open(folder.path(), "correct horse battery").unwrap();
    let path = folder.path().join("key.wrapped");
    let good = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("\"passes\": 1", "\"passes\": 2"),
        ("\"memory_kib\": 64", "\"memory_kib\": 72"),
        ("\"memory_kib\": 64", "\"memory_kib\": 2000000"),
        ("\"form\": 1", "\"form\": 9"),
        ("\"folder\": \"", "\"folder\": \"0"),
        ("{", "[{"),
    ] {
        let bad = good.replacen(from, to, 1);
        assert_ne!(bad, good, "the test must change something");
        std::fs::write(&path, bad).unwrap();
        let refused = open(folder.path(), "correct horse battery").unwrap_err();
        assert!(
            matches!(refused, VaultError::WrongPassphrase | VaultError::KeyFileBroken { .. }),
            "{from} → {to}: {refused}"
        );
        let absurd = to.contains("2000000");
        assert_eq!(refused.to_string().contains("asks for more"), absurd, "{from} → {to}: {refused}");
    }
}

#[test]
fn a_database_without_its_key_record_never_gets_a_new_key() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("desk.db"), b"rows").unwrap();
    let refused = open(folder.path(), "correct horse battery").unwrap_err();
    assert!(matches!(refused, VaultError::KeyFileGone { .. }), "{refused}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1, "nothing may be added");
}

#[test]
fn a_lost_record_is_made_again_from_the_wrapped_key() {
    let folder = tempfile::tempdir().unwrap();
    let sealed = open(folder.path(), "correct horse battery").unwrap().seal(Purpose::Log, &CELL, b"x");
    std::fs::remove_file(folder.path().join("key.json")).unwrap();
    std::fs::write(folder.path().join("desk.db"), b"rows").unwrap();
    let vault = open(folder.path(), "correct horse battery").unwrap();
    assert!(vault.open(Purpose::Log, &CELL, &sealed).is_ok(), "the key in key.wrapped is the folder's");
    std::fs::remove_file(folder.path().join("key.wrapped")).unwrap();
    let gone = open(folder.path(), "correct horse battery").unwrap_err();
    assert!(matches!(gone, VaultError::KeyGone { .. }), "the record says there was a key: {gone}");
}

#[test]
fn the_wrapped_key_of_another_folder_is_refused() {
    let (a, b) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    open(a.path(), "correct horse battery").unwrap();
    open(b.path(), "correct horse battery").unwrap();
    std::fs::copy(a.path().join("key.wrapped"), b.path().join("key.wrapped")).unwrap();
    let refused = open(b.path(), "correct horse battery").unwrap_err();
    assert!(matches!(refused, VaultError::KeyDiffers { .. }), "{refused}");
}

#[test]
fn a_changed_passphrase_replaces_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut vault = open(folder.path(), "correct horse battery").unwrap();
    let sealed = vault.seal(Purpose::Log, &CELL, b"x");
    let old = vault
        .move_key(&settings(folder.path(), ""), &MoveTo::Passphrase(Secret::new("another long passphrase")), &OsChance)
        .unwrap();
    assert_eq!(old, OldPlace::Wiped);
    assert!(matches!(open(folder.path(), "correct horse battery"), Err(VaultError::WrongPassphrase)));
    let again = open(folder.path(), "another long passphrase").unwrap();
    assert!(again.open(Purpose::Log, &CELL, &sealed).is_ok(), "the key itself stays");
}

/// A key store that goes wrong on purpose; the working one is the real thing (`os_store_tests`).
struct Faulty {
    kept: RefCell<Option<String>>,
    /// What happens to a text on its way in.
    keeps: fn(&str) -> Option<String>,
    name: &'static str,
}

impl KeyStore for Faulty {
    fn backend(&self) -> String {
        self.name.to_owned()
    }
    fn read(&self, _: &EntryName) -> Result<Option<Zeroizing<String>>, StoreFailed> {
        Ok(self.kept.borrow().clone().map(Zeroizing::new))
    }
    fn write(&self, _: &EntryName, text: &Zeroizing<String>) -> Result<(), StoreFailed> {
        *self.kept.borrow_mut() = (self.keeps)(text);
        Ok(())
    }
    fn erase(&self, _: &EntryName) -> Result<(), StoreFailed> {
        Err(StoreFailed("it is locked".to_owned()))
    }
}

#[test]
fn a_store_that_says_written_and_keeps_nothing_is_not_trusted() {
    for keeps in [(|_| None) as fn(&str) -> Option<String>, |t| Some(t[1..].to_owned()), |_| Some("AAAA".to_owned())] {
        let store = Faulty { kept: RefCell::default(), keeps, name: "liar" };
        let folder = tempfile::tempdir().unwrap();
        let (_, kept) = place::open(&settings(folder.path(), "correct horse battery"), Some(&store), &OsChance)
            .expect("the passphrase is there to fall back on");
        assert_eq!(kept.place(), &KeyPlace::Passphrase);
        let empty = tempfile::tempdir().unwrap();
        let none = VaultSettings { passphrase: None, ..settings(empty.path(), "") };
        let asked = place::open(&none, Some(&store), &OsChance).map(|_| ()).unwrap_err();
        assert!(matches!(asked, VaultError::NeedsPassphrase { new: true, .. }), "{asked}");
        let mut vault = open(folder.path(), "correct horse battery").unwrap();
        let refused = vault
            .kept
            .move_key(&vault.master, &settings(folder.path(), ""), Some(&store), &MoveTo::OsStore, &OsChance)
            .unwrap_err();
        assert!(matches!(refused, VaultError::NotKept { .. }), "{refused}");
        open(folder.path(), "correct horse battery").expect("the old place was not touched");
    }
}

#[test]
fn another_backend_with_the_right_key_is_told_and_an_old_copy_that_stays_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let mut store =
        Faulty { kept: RefCell::default(), keeps: |t| Some(t.to_owned()), name: "Secret Service (kwalletd6)" };
    let settings = settings(folder.path(), "correct horse battery");
    place::open(&settings, Some(&store), &OsChance).unwrap();
    store.name = "Secret Service (gnome-keyring-d)";
    let (key, mut kept) = place::open(&settings, Some(&store), &OsChance).unwrap();
    let before = KeyPlace::OsStore { backend: "Secret Service (kwalletd6)".to_owned() };
    assert_eq!(kept.before(), Some(&before), "the change is told once");
    let (_, quiet) = place::open(&settings, Some(&store), &OsChance).unwrap();
    assert_eq!(quiet.before(), None, "and recorded");
    let to = MoveTo::Passphrase(Secret::new("correct horse battery"));
    let old = kept.move_key(&key, &settings, Some(&store), &to, &OsChance).unwrap();
    assert_eq!(old, OldPlace::StillThere { why: "it is locked".to_owned() });
    open(folder.path(), "correct horse battery").expect("the key moved although the old copy stayed");
    *store.kept.borrow_mut() = None;
    open(folder.path(), "correct horse battery").expect("the store is not asked any more");
}

#[test]
fn a_move_cut_off_before_its_record_leaves_the_old_place_in_force() {
    let folder = tempfile::tempdir().unwrap();
    let store = Faulty { kept: RefCell::default(), keeps: |t| Some(t.to_owned()), name: "store" };
    let settings = settings(folder.path(), "correct horse battery");
    let (key, kept) = place::open(&settings, Some(&store), &OsChance).unwrap();
    wrapped::write(folder.path(), kept.folder_id(), &key, &Secret::new("half a move only"), CHEAP, &OsChance).unwrap();
    place::open(&settings, Some(&store), &OsChance).expect("the store still has it");
    assert!(!folder.path().join("key.wrapped").exists(), "no second copy is left behind");
    *store.kept.borrow_mut() = Some(STANDARD.encode(random_key(&OsChance).as_slice()));
    let refused = place::open(&settings, Some(&store), &OsChance).map(|_| ()).unwrap_err();
    assert!(matches!(refused, VaultError::KeyDiffers { .. }), "another key must not be taken: {refused}");
}

#[test]
fn neither_debug_nor_errors_show_the_key() {
    let vault = &VAULT.1;
    let data_key = vault.new_data_key(&OsChance);
    let seen = format!("{vault:?} {data_key:?} {:?}", VAULT.0);
    assert!(!holds_key(seen.as_bytes(), vault) && seen.contains("<redacted>"), "{seen}");
}
