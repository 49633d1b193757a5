//! The desk's front door in the window: the one command, and what it answers while the desk is not open.
//!
//! Invariants: the window opens at once and never waits for the desk; a command that comes early waits for it instead. A
//! desk that cannot be opened is an answer, not an end: every command then says why, and `startup.retry` tries again.
//! The window holds one door, so one person at a time.

use crate::{host::WindowHost, trial, window};
use desk::{ApiError, Away, Code, Desk, Door, Event, Place, Setup, instance::Serving};
use domain::{
    clock::{Clock as _, SystemClock},
    secret::Secret,
};
use serde::Deserialize;
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tauri::{AppHandle, Emitter as _, Manager as _, State};
use tokio::sync::{
    Mutex,
    broadcast::{Receiver, error::RecvError},
    watch,
};

/// The event by which screens hear that something changed.
const EVENT: &str = "desk-event";
/// The name under which the action log knows this window.
const STATION: &str = "window";
/// How long the command line may still take for its answer when the desk closes.
const GRACE: Duration = Duration::from_secs(5);
/// Every kind of [`Event`], for when some were missed.
const KINDS: [&str; 10] =
    ["attempt", "backups", "batch", "grants", "parcel", "people", "print", "printers", "session", "templates"];

/// Where the window stands with its desk.
#[derive(Clone)]
enum Stage {
    Opening,
    Open(Open),
    Closed(ApiError),
}

/// An open desk and the window's door to it.
#[derive(Clone)]
struct Open {
    desk: Desk,
    door: Door,
}

/// Which desk the window is at.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Live,
    Trial,
}

/// The front door. Tauri keeps one, for the program's life.
pub struct Front {
    host: Arc<WindowHost>,
    stage: watch::Sender<Stage>,
    /// Held while a desk is being opened or closed.
    behind: Mutex<Behind>,
}

/// What is kept for as long as the desk is open.
struct Behind {
    /// Which desk was last asked for.
    at: At,
    /// Answers the command line of the same folder.
    terminals: Option<Serving>,
    /// Locks the door when the person is away from this computer.
    away: Option<Away>,
    /// The trial's servers.
    practice: Option<sandbox::Serving>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Retry {
    passphrase: Option<String>,
}

/// The one command of the window.
///
/// `startup.retry {passphrase?}` opens the desk again after a failure; `startup.trial {}` goes over to the practice market;
/// `startup.put_aside {}` moves the data of a desk that cannot be opened out of the way, says where, and opens an empty one;
/// every other name is a command of the desk's table, for whoever stands at this window's door.
#[tauri::command]
pub async fn desk(name: String, request: Value, app: AppHandle, front: State<'_, Front>) -> Result<Value, ApiError> {
    match name.as_str() {
        "startup.retry" => {
            let Retry { passphrase } = serde_json::from_value(request)
                .map_err(|_| ApiError::new(Code::InvalidInput, "startup.retry takes a passphrase or nothing"))?;
            front.open(&app, None, passphrase.filter(|text| !text.is_empty()).map(Secret::new)).await
        }
        "startup.put_aside" => front.put_aside(&app).await,
        "startup.trial" => front.open(&app, Some(At::Trial), None).await,
        _ => front.now().await?.door.call(&name, request).await,
    }
}

impl Front {
    /// A front door with no desk behind it yet. `WAYBILL_TRIAL=1` means the practice market.
    pub fn new(host: Arc<WindowHost>) -> Self {
        let trial = std::env::var_os("WAYBILL_TRIAL").is_some_and(|value| value == "1");
        Self {
            host,
            stage: watch::Sender::new(Stage::Opening),
            behind: Mutex::new(Behind {
                at: if trial { At::Trial } else { At::Live },
                terminals: None,
                away: None,
                practice: None,
            }),
        }
    }

    /// Opens the desk for the first time, while the window is already there.
    pub fn open_in_background(app: &AppHandle) {
        let app = app.clone();
        tauri::async_runtime::spawn(async move { app.state::<Front>().open(&app, None, None).await });
    }

    /// The desk, once it is open: an answer from a browser waits here for a passphrase.
    pub async fn opened(&self) -> Desk {
        let mut stage = self.stage.subscribe();
        loop {
            if let Stage::Open(open) = &*stage.borrow_and_update() {
                return open.desk.clone();
            }
            stage.changed().await.expect("the front door outlives everything that waits at it");
        }
    }

    /// A command for the program around the webview: what it answers must not reach a script.
    pub async fn beside(&self, command: &str, request: Value) -> Result<Value, ApiError> {
        self.now().await?.door.beside(Place::Face).call(command, request).await
    }

    /// Ends cleanly: what is under way ends, the doors close, then the practice servers.
    pub async fn close(&self) {
        self.leave(&mut *self.behind.lock().await).await;
    }

    /// The open desk, or why it is not open. Waits while it is being opened.
    async fn now(&self) -> Result<Open, ApiError> {
        let mut stage = self.stage.subscribe();
        let settled = stage.wait_for(|stage| !matches!(stage, Stage::Opening)).await;
        match &*settled.expect("the front door outlives every command") {
            Stage::Open(open) => Ok(open.clone()),
            Stage::Closed(why) => Err(why.clone()),
            Stage::Opening => unreachable!("waited for it to end"),
        }
    }

    /// Opens `wanted`, or what was last asked for. A desk that is already open there stays.
    async fn open(&self, app: &AppHandle, wanted: Option<At>, passphrase: Option<Secret>) -> Result<Value, ApiError> {
        let mut behind = self.behind.lock().await;
        let wanted = wanted.unwrap_or(behind.at);
        if wanted == behind.at && matches!(&*self.stage.borrow(), Stage::Open(_)) {
            return Ok(json!({}));
        }
        self.leave(&mut behind).await;
        behind.at = wanted;
        let opened = match wanted {
            At::Live => self.open_live(passphrase).await,
            At::Trial => trial::open(self.host.clone(), STATION, &mut behind.practice).await,
        };
        match opened {
            Ok((desk, door)) => {
                match desk::remote::listen(&desk).await {
                    Ok(serving) => behind.terminals = Some(serving),
                    Err(error) => tracing::warn!(%error, "the command line cannot reach this window"),
                }
                behind.away = Some(Away::watch(&door));
                let events = desk.events();
                self.stage.send_replace(Stage::Open(Open { desk, door }));
                // Another desk, another person: screens ask from the start.
                tell(app, &Event { kind: "session", id: String::new() });
                tauri::async_runtime::spawn(pass_on(app.clone(), events));
                Ok(json!({}))
            }
            Err(why) => {
                tracing::warn!(code = ?why.code, message = why.message, "the desk did not open");
                self.leave(&mut behind).await;
                self.stage.send_replace(Stage::Closed(why.clone()));
                Err(why)
            }
        }
    }

    async fn open_live(&self, passphrase: Option<Secret>) -> Result<(Desk, Door), ApiError> {
        let folder = Setup::usual_folder().map_err(|error| error.to_api())?;
        let setup = Setup { passphrase, host: self.host.clone(), ..Setup::live(folder) };
        let desk = Desk::open(setup).await.map_err(|error| error.to_api())?;
        let door = desk.door(Place::Window, STATION);
        Ok((desk, door))
    }

    /// Only where the data cannot be opened: a desk that is open, or busy, or only waits for its disk, keeps its folder.
    async fn put_aside(&self, app: &AppHandle) -> Result<Value, ApiError> {
        let hopeless = [Code::KeyGone, Code::DataDamaged, Code::PassphraseWrong];
        let behind = self.behind.lock().await;
        let live = behind.at == At::Live;
        let may = matches!(&*self.stage.borrow(), Stage::Closed(why) if live && hopeless.contains(&why.code));
        if !may {
            return Err(ApiError::new(Code::WrongState, "this desk's data is not put aside; nothing was changed"));
        }
        let folder = Setup::usual_folder().map_err(|error| error.to_api())?;
        let aside = desk::put_aside(&folder, SystemClock::default().wall()).map_err(|error| error.to_api())?;
        tracing::warn!(aside = %aside.display(), "data that cannot be opened was put aside");
        drop(behind);
        // Whatever comes of it, the screen is told where the data lies; a passphrase is asked for as at a first start.
        let opened = self.open(app, None, None).await;
        if let Err(why) = opened {
            tracing::info!(code = ?why.code, "the empty desk did not open at once");
        }
        Ok(json!({ "aside": aside.display().to_string() }))
    }

    async fn leave(&self, behind: &mut Behind) {
        behind.away = None;
        if let Some(terminals) = behind.terminals.take() {
            terminals.stop(GRACE).await;
        }
        if let Stage::Open(open) = self.stage.send_replace(Stage::Opening) {
            open.desk.close().await;
        }
        if let Some(practice) = behind.practice.take() {
            practice.stop().await;
        }
    }
}

/// Passes the desk's events on to the window until that desk is gone.
async fn pass_on(app: AppHandle, mut events: Receiver<Event>) {
    loop {
        match events.recv().await {
            Ok(event) => tell(&app, &event),
            // Which ones is not known any more, so every screen asks again.
            Err(RecvError::Lagged(_)) => KINDS.iter().for_each(|kind| tell(&app, &Event { kind, id: String::new() })),
            Err(RecvError::Closed) => return,
        }
    }
}

fn tell(app: &AppHandle, event: &Event) {
    if let Err(error) = app.emit_to(window::LABEL, EVENT, event) {
        tracing::warn!(%error, kind = event.kind, "the window did not hear an event");
    }
}
