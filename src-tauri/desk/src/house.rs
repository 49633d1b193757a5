//! What every use case shares: the memory, the key, the clocks, the platforms, and the way to the outside.

use crate::rights::{Actor, Permission};
use crate::store::{LogEntry, Store};
use crate::vault::Vault;
use domain::chance::Chance;
use domain::clock::{Clock, Millis};
use domain::connector::Connector;
use domain::ids::PersonId;
use domain::sms::SmsProvider;
use serde::Serialize;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, OwnedMutexGuard, broadcast, watch};

/// What changed, for screens that show it. Says which, never what: the screen asks again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Event {
    /// `attempt`, `backups`, `batch`, `grants`, `parcel`, `people`, `print`, `printers`, `session`, `templates`.
    pub kind: &'static str,
    /// Which; empty = any.
    pub id: String,
}

/// What the desk asks of the face it runs behind.
pub trait Host: Send + Sync {
    /// Opens the system browser. The desk has checked scheme and host. The error is the system's reason.
    fn open_browser(&self, url: &url::Url) -> Result<(), String>;
    /// Puts a text on the clipboard.
    fn copy_text(&self, text: &str) -> Result<(), String>;
    /// Whether `app.waybilldesk:` links reach this program on this machine.
    fn has_link_scheme(&self) -> bool;
}

/// A host without a screen: the command line on a server.
pub struct NoHost;

impl Host for NoHost {
    fn open_browser(&self, _url: &url::Url) -> Result<(), String> {
        Err("no browser here".into())
    }
    fn copy_text(&self, _text: &str) -> Result<(), String> {
        Err("no clipboard here".into())
    }
    fn has_link_scheme(&self) -> bool {
        false
    }
}

/// The inside of the desk.
pub(crate) struct House {
    pub store: Arc<dyn Store>,
    pub vault: Arc<Vault>,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
    pub connectors: BTreeMap<String, Arc<dyn Connector>>,
    pub host: Arc<dyn Host>,
    /// What hands text messages in.
    pub sms: Arc<dyn SmsProvider>,
    pub trial: bool,
    pub folder: PathBuf,
    /// No number is asked for with less room on the disk than this, bytes.
    pub least_free: u64,
    pub events: broadcast::Sender<Event>,
    /// Wakes the worker before its next round.
    pub wake: Notify,
    /// Open loopback doors by attempt id; dropping one closes it.
    pub loopback: Mutex<HashMap<String, crate::grant::loopback::Listener>>,
    /// The worker begins nothing new.
    closing: watch::Sender<bool>,
    flights: Mutex<HashMap<String, Arc<tokio::sync::Mutex<()>>>>,
    /// When the last labels of running batches went out.
    pub paces: crate::batch::Paces,
    /// Own templates that were read.
    pub shelf: crate::template::Shelf,
    /// How often people, posts or their rules changed: doors look again at who stands there.
    people_changes: AtomicU64,
    /// Rights that were used today, so that each is noted once a day.
    used_today: Mutex<HashSet<(PersonId, Permission, i64)>>,
    /// One is being made.
    pub backing_up: AtomicBool,
    /// Something was written over that may lie on in the write-ahead log.
    pub wal_to_cut: AtomicBool,
    /// The recovery card that is being made.
    pub card_table: crate::backup::CardTable,
    /// What failed for want of a network or a printer: how often, and when (monotonic) it is worth another try.
    later: Mutex<HashMap<String, (u32, Duration)>>,
}

impl House {
    #[expect(clippy::too_many_arguments, reason = "the one place where the house is put together")]
    pub fn new(
        store: Arc<dyn Store>,
        vault: Arc<Vault>,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
        connectors: Vec<Arc<dyn Connector>>,
        host: Arc<dyn Host>,
        sms: Arc<dyn SmsProvider>,
        trial: bool,
        folder: PathBuf,
    ) -> Self {
        Self {
            store,
            vault,
            clock,
            chance,
            connectors: connectors.into_iter().map(|c| (c.profile().id.clone(), c)).collect(),
            host,
            sms,
            trial,
            folder,
            least_free: 0,
            events: broadcast::channel(256).0,
            wake: Notify::new(),
            loopback: Mutex::new(HashMap::new()),
            closing: watch::Sender::new(false),
            flights: Mutex::new(HashMap::new()),
            paces: Mutex::new(HashMap::new()),
            shelf: crate::template::Shelf::default(),
            people_changes: AtomicU64::new(0),
            used_today: Mutex::new(HashSet::new()),
            backing_up: AtomicBool::new(false),
            // What an earlier run did not get to.
            wal_to_cut: AtomicBool::new(true),
            card_table: Mutex::new(None),
            later: Mutex::new(HashMap::new()),
        }
    }

    /// Whether there is room for one more number and what comes with it.
    pub fn check_room(&self) -> Result<(), crate::api::ApiError> {
        crate::disk::check_room(&self.folder, self.least_free)
    }

    /// Date and time.
    pub fn now(&self) -> Millis {
        self.clock.wall()
    }

    /// A log row for something a person does. `detail` must hold no personal data and no secret.
    pub fn entry(&self, actor: &Actor, action: &str, object: impl Into<String>, detail: impl Into<String>) -> LogEntry {
        self.row(actor.id.as_str(), &actor.station, action, object.into(), detail.into())
    }

    /// A log row for something the program does by itself.
    pub fn entry_of_desk(&self, action: &str, object: impl Into<String>, detail: impl Into<String>) -> LogEntry {
        self.row("desk", "worker", action, object.into(), detail.into())
    }

    fn row(&self, person: &str, station: &str, action: &str, object: String, detail: String) -> LogEntry {
        LogEntry {
            at: self.now(),
            mono: self.clock.monotonic(),
            person: person.to_owned(),
            station: station.to_owned(),
            action: action.to_owned(),
            object,
            detail,
        }
    }

    /// Tells screens that something changed. Nobody listening is fine.
    pub fn tell(&self, kind: &'static str, id: impl Into<String>) {
        let _ = self.events.send(Event { kind, id: id.into() });
    }

    /// Somebody's rights, a post or a rule of people changed.
    pub fn people_changed(&self) {
        self.people_changes.fetch_add(1, Ordering::SeqCst);
        self.tell("people", "");
    }

    /// How often that was.
    pub fn people_seen(&self) -> u64 {
        self.people_changes.load(Ordering::SeqCst)
    }

    /// Notes, once a day, that a person used a right. What cannot be noted keeps nobody from working.
    pub async fn right_used(&self, actor: &Actor, right: Permission) {
        let now = self.now();
        let day = now.0.div_euclid(24 * 3600 * 1000);
        let new = {
            let mut used = self.used_today.lock().unwrap_or_else(PoisonError::into_inner);
            used.retain(|(_, _, d)| *d == day);
            used.insert((actor.id.clone(), right, day))
        };
        if new && let Err(e) = self.store.right_used(&actor.id, right, now).await {
            tracing::warn!(error = %e, "that a right was used could not be noted");
        }
    }

    /// Whether the clock stands more than five minutes before what the log has seen since the owner last came in.
    pub async fn clock_went_back(&self, now: Millis) -> Result<bool, crate::api::ApiError> {
        Ok(self.store.latest_log_time().await?.since(now) > Duration::from_secs(300))
    }

    /// One at a time for one thing: a parcel, a job, a grant. The guard ends the turn.
    pub async fn turn(&self, key: &str) -> OwnedMutexGuard<()> {
        let lock = {
            let mut flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            flights.retain(|_, l| Arc::strong_count(l) > 1);
            flights.entry(key.to_owned()).or_default().clone()
        };
        lock.lock_owned().await
    }

    /// Whether something that failed before is worth another try now.
    pub fn is_due(&self, key: &str) -> bool {
        let later = self.later.lock().unwrap_or_else(PoisonError::into_inner);
        later.get(key).is_none_or(|(_, at)| *at <= self.clock.monotonic())
    }

    /// It failed again: the next try is 2, 4, 8 … at most 60 s away.
    pub fn not_now(&self, key: &str) {
        let mut later = self.later.lock().unwrap_or_else(PoisonError::into_inner);
        let tries = later.get(key).map_or(0, |(n, _)| *n) + 1;
        let wait = Duration::from_secs((1 << tries.min(6)).min(60));
        later.insert(key.to_owned(), (tries, self.clock.monotonic() + wait));
    }

    /// It worked: the next failure starts from the shortest wait again.
    pub fn worked(&self, key: &str) {
        self.later.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }

    /// From now on the worker ends what it is at and begins nothing new.
    pub fn begin_closing(&self) {
        self.closing.send_replace(true);
    }

    /// Whether the desk is closing.
    pub fn is_closing(&self) -> bool {
        *self.closing.borrow()
    }

    /// Returns once the desk is closing.
    pub async fn closing(&self) {
        // An error would mean that the house is gone, and we are standing in it.
        let _ = self.closing.subscribe().wait_for(|closing| *closing).await;
    }

    /// Waits until no turn is taken any more: no call is under way, no label half sent.
    pub async fn all_landed(&self) {
        let locks: Vec<_> = {
            let flights = self.flights.lock().unwrap_or_else(PoisonError::into_inner);
            flights.values().cloned().collect()
        };
        for lock in locks {
            drop(lock.lock().await);
        }
    }
}
