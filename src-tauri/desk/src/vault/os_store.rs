//! The operating system's key store through the crate `keyring`: Credential Manager, Keychain, Secret Service.
//!
//! The kernel's keyutils is not used: it forgets at reboot. Keys travel as Base64 text, because `KWallet` keeps text
//! only. Each call runs on a thread of its own, with a limit: the Secret Service client blocks, may not run inside a
//! tokio runtime, and waits for the person when the store is locked.

use std::sync::mpsc;
use std::time::Duration;
use zeroize::Zeroizing;

/// Long enough to find and type a desktop password.
const LIMIT: Duration = Duration::from_secs(90);

/// Why the store did not serve, in its own words. Never carries what it holds.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct StoreFailed(pub(super) String);

/// One entry's name.
#[derive(Clone, Debug)]
pub(super) struct EntryName {
    /// The program.
    pub service: String,
    /// The data folder's id.
    pub folder: String,
}

/// A place outside the folder that keeps one text per name.
pub(super) trait KeyStore {
    /// Who keeps it, in words; on Linux with the name of the running service.
    fn backend(&self) -> String;
    /// The text, or nothing if there is no such entry.
    fn read(&self, name: &EntryName) -> Result<Option<Zeroizing<String>>, StoreFailed>;
    /// Keeps the text, in place of an older one.
    fn write(&self, name: &EntryName, text: &Zeroizing<String>) -> Result<(), StoreFailed>;
    /// Forgets the entry; one that is not there is fine.
    fn erase(&self, name: &EntryName) -> Result<(), StoreFailed>;
}

/// The system's own.
pub(super) struct OsKeyStore;

impl KeyStore for OsKeyStore {
    fn backend(&self) -> String {
        backend()
    }

    fn read(&self, name: &EntryName) -> Result<Option<Zeroizing<String>>, StoreFailed> {
        with_entry(name, |entry| match entry.get_password() {
            Ok(text) => Ok(Some(Zeroizing::new(text))),
            Err(keyring::Error::NoEntry) => Ok(None),
            Err(e) => Err(in_words(&e)),
        })
    }

    fn write(&self, name: &EntryName, text: &Zeroizing<String>) -> Result<(), StoreFailed> {
        let text = text.clone();
        with_entry(name, move |entry| entry.set_password(&text).map_err(|e| in_words(&e)))
    }

    fn erase(&self, name: &EntryName) -> Result<(), StoreFailed> {
        with_entry(name, |entry| match entry.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(e) => Err(in_words(&e)),
        })
    }
}

fn with_entry<T: Send + 'static>(
    name: &EntryName,
    work: impl FnOnce(keyring::Entry) -> Result<T, StoreFailed> + Send + 'static,
) -> Result<T, StoreFailed> {
    let EntryName { service, folder } = name.clone();
    apart(move || {
        if let Err(e) = keyring::Entry::store_status() {
            return Err(in_words(e));
        }
        work(keyring::Entry::new(&service, &folder).map_err(|e| in_words(&e))?)
    })
    .unwrap_or_else(|| Err(StoreFailed(format!("it did not answer within {} s", LIMIT.as_secs()))))
}

/// Runs the work on a thread of its own; nothing if it took too long or panicked.
fn apart<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (done, wait) = mpsc::sync_channel(1);
    std::thread::Builder::new()
        .name("key store".to_owned())
        .spawn(move || {
            // Nobody listens any more when the limit has passed; the answer is dropped (and wiped) then.
            let _ = done.send(work());
        })
        .ok()?;
    wait.recv_timeout(LIMIT).ok()
}

/// Display only: `Debug` of some variants shows the bytes that were read.
fn in_words(e: &keyring::Error) -> StoreFailed {
    StoreFailed(e.to_string())
}

#[cfg(target_os = "windows")]
fn backend() -> String {
    "Windows Credential Manager".to_owned()
}

#[cfg(target_os = "macos")]
fn backend() -> String {
    "macOS Keychain".to_owned()
}

/// "Secret Service (gnome-keyring-d)": the program behind the bus name, because a change of desktop changes it and
/// leaves the key behind. The kernel cuts the program's name to 15 characters.
#[cfg(not(any(target_os = "windows", target_os = "macos")))]
fn backend() -> String {
    const GENERAL: &str = "Secret Service";
    #[cfg(target_os = "linux")]
    {
        let program = apart(|| {
            let bus = zbus::blocking::Connection::session().ok()?;
            let names = zbus::blocking::fdo::DBusProxy::new(&bus).ok()?;
            let name = zbus::names::BusName::try_from("org.freedesktop.secrets").ok()?;
            let pid = names.get_connection_unix_process_id(name).ok()?;
            std::fs::read_to_string(format!("/proc/{pid}/comm")).ok()
        });
        if let Some(program) = program.flatten() {
            return format!("{GENERAL} ({})", program.trim());
        }
    }
    GENERAL.to_owned()
}
