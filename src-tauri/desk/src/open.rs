//! Opening the desk: claims the folder, finds the key, opens the store, mends what a crash left, starts the worker.

use crate::api::{ApiError, Code, FieldError};
use crate::door::{Door, Place};
use crate::house::{Event, Host, House, NoHost};
use crate::instance::{Claim, ClaimError};
use crate::store::StoreError;
use crate::store::sqlite::SqliteStore;
use crate::vault::{KeyPlace, PassphraseCost, Vault, VaultError, VaultSettings};
use domain::chance::{Chance, OsChance};
use domain::clock::{Clock, SystemClock};
use domain::secret::Secret;
use platform::Endpoints;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

/// Why the desk could not open. No data in the folder was changed; a first opening may have left its mark.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The folder is owned by a running program, or cannot be used.
    #[error(transparent)]
    Claim(#[from] ClaimError),
    /// The key that seals the folder.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A platform address is not https.
    #[error("a platform address is not acceptable: {0}")]
    Endpoints(String),
    /// A practice folder opened as a live one, or the other way round: nothing moves across.
    #[error("this folder belongs to {}; it is not opened as the other", if *.trial { "the practice market" } else { "a live desk" })]
    OtherKind {
        /// The folder is a practice folder.
        trial: bool,
    },
    /// The folder's own mark could not be read or written.
    #[error("the data folder could not be marked: {0}")]
    Mark(std::io::Error),
    /// The folder could not be moved out of the way.
    #[error("the data folder could not be put aside: {0}; everything is where it was")]
    Aside(std::io::Error),
    /// No place for data is known on this system.
    #[error("no folder for data is known: set WAYBILL_DATA")]
    NoPlace,
}

impl OpenError {
    /// As the window and the command line say it.
    pub fn to_api(&self) -> ApiError {
        match self {
            Self::Claim(ClaimError::Busy { .. }) => {
                ApiError::new(Code::FolderBusy, "another program owns this data folder")
                    .hint("use its window, or close it")
            }
            Self::Claim(ClaimError::ReadOnly { .. }) | Self::Store(StoreError::ReadOnly) => {
                ApiError::new(Code::FolderReadOnly, "the data folder cannot be written; nothing was done")
                    .hint("make the folder writable, then start again")
            }
            Self::Store(StoreError::DiskFull) => ApiError::new(Code::DiskFull, "the disk is full; nothing was done")
                .hint("free some space, then start again"),
            Self::Vault(VaultError::NeedsPassphrase { .. }) => ApiError::new(
                Code::NeedsPassphrase,
                "this machine has no key store that answers: a passphrase is needed to seal the data",
            )
            .hint("give the passphrase (command line: WAYBILL_PASSPHRASE)"),
            Self::Vault(VaultError::WrongPassphrase) => {
                ApiError::new(Code::PassphraseWrong, "the passphrase is wrong; nothing was done")
                    .hint("try again; if it is forgotten, restore the newest backup with the words of the recovery card")
            }
            Self::Store(StoreError::Damaged) => StoreError::Damaged.into(),
            Self::Vault(e @ VaultError::PassphraseTooShort { least }) => {
                ApiError::new(Code::InvalidInput, e.to_string()).hint("choose a longer passphrase").fields(vec![
                    FieldError {
                        field: "passphrase".into(),
                        code: "too_short".into(),
                        detail: least.to_string(),
                        fault: None,
                    },
                ])
            }
            Self::Vault(
                e @ (VaultError::KeyGone { .. } | VaultError::KeyDiffers { .. } | VaultError::StoreUnusable { .. }),
            ) => ApiError::new(Code::KeyGone, e.to_string())
            .hint(
                "bring the key back; or restore the newest backup with the words of the recovery card into another folder \
                 (--data, `waybill backup restore`); nothing was changed",
            ),
            Self::Claim(e @ ClaimError::NetworkDrive { .. }) => ApiError::new(Code::FolderReadOnly, e.to_string()),
            Self::OtherKind { .. } => ApiError::new(Code::WrongState, format!("{self}; nothing was done"))
                .hint("name another folder (WAYBILL_DATA, --data)"),
            Self::Mark(_) | Self::Aside(_) => ApiError::new(Code::FolderReadOnly, format!("{self}; nothing was done")),
            other => ApiError::internal(other),
        }
    }
}

/// A folder is practice or live for its life: its first opening says so in `folder.kind`.
fn check_kind(folder: &Path, trial: bool) -> Result<(), OpenError> {
    let mark = folder.join("folder.kind");
    let word = |trial| if trial { "practice" } else { "live" };
    match std::fs::read_to_string(&mark) {
        Ok(text) if text.trim() == word(trial) => Ok(()),
        Ok(text) => Err(OpenError::OtherKind { trial: text.trim() == word(true) }),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
            std::fs::write(&mark, word(trial)).map_err(OpenError::Mark)
        }
        Err(e) => Err(OpenError::Mark(e)),
    }
}

/// How a desk is to be opened.
pub struct Setup {
    /// Its data folder.
    pub folder: PathBuf,
    /// This folder belongs to the practice market.
    pub trial: bool,
    /// Platforms.
    pub endpoints: Endpoints,
    /// Owner passphrase, where there is no key store.
    pub passphrase: Option<Secret>,
    /// Use the system's key store if there is one.
    pub os_key_store: bool,
    /// A cheaper passphrase, for tests that open many folders; a release build ignores it.
    pub passphrase_cost: Option<PassphraseCost>,
    /// No number is asked for with less room on the disk than this, bytes.
    pub least_free: u64,
    /// A file of so many bytes is kept for a full disk; 0 = none.
    pub reserve: u64,
    /// The face behind which it runs.
    pub host: Arc<dyn Host>,
    /// Clocks.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub chance: Arc<dyn Chance>,
    /// Run the worker (reconciler, queue, expiry) by itself. Tests tick by hand.
    pub worker: bool,
}

impl Setup {
    /// A live desk in `folder`: real platforms, the system's clock, chance and key store.
    pub fn live(folder: PathBuf) -> Self {
        Self {
            folder,
            trial: false,
            endpoints: Endpoints::live(),
            passphrase: None,
            os_key_store: true,
            passphrase_cost: None,
            least_free: LEAST_FREE,
            reserve: RESERVE,
            host: Arc::new(NoHost),
            clock: Arc::new(SystemClock::default()),
            chance: Arc::new(OsChance),
            worker: true,
        }
    }

    /// A trial desk against a practice market.
    pub fn trial(folder: PathBuf, market: &url::Url) -> Self {
        // A trial holds invented data only: where there is no key store, its passphrase is no secret either.
        let passphrase = Some(Secret::new(crate::trial::PASSWORD));
        // Its numbers are worth nothing.
        let (least_free, reserve) = (0, 0);
        Self {
            trial: true,
            endpoints: Endpoints::practice(market),
            passphrase,
            least_free,
            reserve,
            ..Self::live(folder)
        }
    }

    /// The folder named by `WAYBILL_DATA`, or the system's usual place.
    pub fn usual_folder() -> Result<PathBuf, OpenError> {
        if let Some(dir) = std::env::var_os("WAYBILL_DATA").filter(|d| !d.is_empty()) {
            return Ok(PathBuf::from(dir));
        }
        let var = |n: &str| std::env::var_os(n).filter(|d| !d.is_empty()).map(PathBuf::from);
        let base = if cfg!(windows) {
            var("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            var("HOME").map(|h| h.join("Library/Application Support"))
        } else {
            var("XDG_DATA_HOME").or_else(|| var("HOME").map(|h| h.join(".local/share")))
        };
        base.map(|b| b.join("app.waybilldesk")).ok_or(OpenError::NoPlace)
    }
}

/// Below this no number is asked for.
const LEAST_FREE: u64 = 500 << 20;
/// For what is under way when the disk is full.
const RESERVE: u64 = 64 << 20;
/// How long closing waits for what the worker is at: longer than a label takes on a slow link.
const LAST_LABEL: Duration = Duration::from_secs(20);

/// An open desk. Clones share it.
#[derive(Clone)]
pub struct Desk {
    house: Arc<House>,
    claim: Arc<Claim>,
    worker: Arc<std::sync::Mutex<Option<JoinHandle<()>>>>,
}

impl Desk {
    /// Opens the desk in its folder. See [`OpenError`] for what can be in the way.
    pub async fn open(setup: Setup) -> Result<Self, OpenError> {
        // A system that refuses (an old kernel, a container) leaves core dumps possible; that is no reason not to work.
        if let Err(e) = crate::vault::harden_process() {
            tracing::warn!(error = %e, "core dumps could not be switched off");
        }
        let claim = Claim::take(&setup.folder)?;
        check_kind(&setup.folder, setup.trial)?;
        let settings = VaultSettings {
            passphrase: setup.passphrase.clone(),
            os_store: setup.os_key_store,
            passphrase_cost: setup.passphrase_cost,
            ..VaultSettings::of(&setup.folder)
        };
        let chance = setup.chance.clone();
        // The passphrase costs about a second of work and 256 MiB on purpose: not on the threads that answer.
        let vault = tokio::task::spawn_blocking(move || Vault::open_or_create(&settings, &*chance))
            .await
            .map_err(|e| OpenError::Endpoints(format!("the key could not be opened: {e}")))??;
        let vault = Arc::new(vault);
        crate::backup::clear_scratch(&setup.folder);
        let mut store = SqliteStore::open(&setup.folder.join("desk.db"), vault.clone()).await?;
        store.keep_reserve(&setup.folder.join("reserve"), setup.reserve);
        let connectors = platform::connectors(&setup.endpoints, setup.clock.clone())
            .map_err(|e| OpenError::Endpoints(e.to_string()))?;
        let sms = platform::SmsGateway::new(setup.trial).map_err(OpenError::Endpoints)?;
        let mut house = House::new(
            Arc::new(store),
            vault,
            setup.clock,
            setup.chance,
            connectors,
            setup.host,
            Arc::new(sms),
            setup.trial,
            setup.folder,
        );
        house.least_free = setup.least_free;
        let house = Arc::new(house);
        crate::worker::mend_after_restart(&house).await?;
        let worker = setup.worker.then(|| tokio::spawn(crate::worker::run(house.clone())));
        Ok(Self { house, claim: Arc::new(claim), worker: Arc::new(std::sync::Mutex::new(worker)) })
    }

    /// A door for one person at a time.
    pub fn door(&self, place: Place, station: &str) -> Door {
        Door::new(self.house.clone(), place, station)
    }

    /// What changes, for screens.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.house.events.subscribe()
    }

    /// An answer that came in through the link scheme. Never logged as it is; nobody needs to be logged in.
    pub async fn deliver_callback(&self, url: &str) {
        crate::grant::answer::by_scheme(&self.house, url).await;
    }

    /// One round of what the worker does by itself.
    pub async fn tick(&self) {
        crate::worker::round(&self.house).await;
    }

    /// This folder belongs to the practice market.
    pub fn is_trial(&self) -> bool {
        self.house.trial
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.house.folder
    }

    /// The folder's lock, for the local socket.
    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// Where the sealing key lives.
    pub fn key_place(&self) -> &KeyPlace {
        self.house.vault.place()
    }

    /// Lets the label and the calls that are under way end, begins nothing new, closes the doors.
    pub async fn close(&self) {
        self.house.begin_closing();
        let worker = self.worker.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
        if let Some(mut worker) = worker
            && tokio::time::timeout(LAST_LABEL, &mut worker).await.is_err()
        {
            // A printer that stands still must not keep the program open; its label is told of at the next start.
            worker.abort();
            let _ = worker.await;
        }
        self.house.loopback.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
        self.house.all_landed().await;
        self.house.store.close().await;
    }
}
