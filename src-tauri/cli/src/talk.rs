//! The way to the desk: to the process that owns the folder, or, if nobody does, to a desk opened here.
//!
//! Invariants: one opened desk serves the whole run, and other processes through it ([`remote::listen`]); a live folder
//! never meets a practice market, nor a practice folder the real platforms: which of both it is stands in `practice.json`
//! before anything else is in the folder.

use crate::exit::{Failure, has_person};
use desk::instance::{ClaimError, Serving};
use desk::vault::VaultError;
use desk::{ApiError, Code, Desk, Door, OpenError, Place, Setup, remote};
use domain::secret::Secret;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use url::Url;

/// How long a folder may be owned by a process that does not answer (yet, or any more).
const BUSY: Duration = Duration::from_secs(30);
/// Between two tries.
const PAUSE: Duration = Duration::from_millis(50);
/// How long others that ask through us may take when we are done.
const GRACE: Duration = Duration::from_secs(60);

/// A run's talk with the desk.
pub struct Talk {
    folder: PathBuf,
    practice: Option<Url>,
    token: Secret,
    /// The desk may be made by this run.
    first_run: bool,
    here: Option<Here>,
}

struct Here {
    desk: Desk,
    door: Door,
    serving: Option<Serving>,
}

#[derive(Serialize, Deserialize)]
struct Marker {
    market: Url,
}

impl Talk {
    /// Nothing is opened yet. Errors: a bad practice address, or one for a live folder.
    pub fn new(data: Option<PathBuf>, practice: Option<&str>) -> Result<Self, Failure> {
        let folder = match data {
            Some(dir) if dir.as_os_str().is_empty() => {
                return Err(Failure::usage("--data is empty", "name a folder, or leave it out"));
            }
            Some(dir) => dir,
            None => Setup::usual_folder()?,
        };
        let from_env = std::env::var("WAYBILL_PRACTICE").ok().filter(|v| !v.is_empty());
        let given = practice.map(str::to_owned).or(from_env).map(|text| market(&text)).transpose()?;
        let known = marker(&folder)?;
        if given.is_some() && known.is_none() && has_desk(&folder) {
            return Err(Failure::invalid(
                format!("{} is a live folder: it never meets a practice market; nothing was done", folder.display()),
                "name another folder with --data",
            ));
        }
        let token = crate::session::kept(&folder);
        Ok(Self { practice: given.or(known), folder, token, first_run: false, here: None })
    }

    /// The data folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// From here on the folder may be made.
    pub fn may_begin(&mut self) {
        self.first_run = true;
    }

    /// Speaks under this session from now on.
    pub fn use_token(&mut self, token: Secret) {
        self.token = token;
    }

    /// One command of the desk's table.
    pub async fn call<Q: Serialize, A: DeserializeOwned>(&mut self, name: &str, request: &Q) -> Result<A, ApiError> {
        let request = serde_json::to_value(request).map_err(ApiError::internal)?;
        if let Some(here) = &self.here {
            return read(here.door.call(name, request).await?);
        }
        let started = Instant::now();
        loop {
            let asked = remote::call(&self.folder, self.token.reveal(), name, request.clone()).await;
            if let Some(answer) = asked {
                return read(answer?);
            }
            if !self.first_run && !has_desk(&self.folder) {
                return Err(ApiError::new(Code::NotFound, format!("there is no desk in {}", self.folder.display()))
                    .hint("make one with `waybill setup --owner NAME`, or name another folder with --data"));
            }
            if self.practice.is_none() && self.folder.join(TRIAL).exists() {
                return Err(ApiError::new(
                    Code::WrongState,
                    format!(
                        "{} belongs to a trial, whose practice market is not running; nothing was done",
                        self.folder.display()
                    ),
                )
                .hint("open the trial in the window, or run `waybill trial`"));
            }
            match self.open().await {
                Ok(here) => {
                    let here = self.here.insert(here);
                    return read(here.door.call(name, request).await?);
                }
                // Between our question and our opening somebody came, or is just going: ask again.
                Err(OpenError::Claim(ClaimError::Busy { .. })) if started.elapsed() < BUSY => {
                    tokio::time::sleep(PAUSE).await;
                }
                Err(e) => return Err(e.to_api()),
            }
        }
    }

    async fn open(&self) -> Result<Here, OpenError> {
        if let Some(market) = &self.practice {
            remember(&self.folder, market);
        }
        let mut passphrase = None;
        let desk = loop {
            match Desk::open(setup_of(&self.folder, self.practice.as_ref(), passphrase.take())).await {
                Err(OpenError::Vault(VaultError::NeedsPassphrase { new, why })) if has_person() => {
                    passphrase = ask_passphrase(new);
                    if passphrase.is_none() {
                        return Err(VaultError::NeedsPassphrase { new, why }.into());
                    }
                }
                other => break other?,
            }
        };
        let door = desk.door(Place::Terminal, "terminal");
        if !self.token.is_empty() {
            // A store that cannot say who this is fails the command itself too, and there it is said.
            let _ = door.resume(self.token.reveal()).await;
        }
        // Without a socket this run still works; others wait until it is over.
        let serving = remote::listen(&desk).await.ok();
        Ok(Here { desk, door, serving })
    }

    /// Lets what is under way end, then gives the folder free.
    pub async fn close(self) {
        let Some(here) = self.here else { return };
        if let Some(serving) = here.serving {
            serving.stop(GRACE).await;
        }
        here.desk.close().await;
    }
}

fn read<A: DeserializeOwned>(answer: serde_json::Value) -> Result<A, ApiError> {
    serde_json::from_value(answer).map_err(ApiError::internal)
}

/// How this program opens a desk.
pub fn setup_of(folder: &Path, practice: Option<&Url>, passphrase: Option<Secret>) -> Setup {
    let folder = folder.to_owned();
    let mut setup = match practice {
        // Its passphrase is the trial's own: there is nothing in it to protect.
        Some(market) => Setup::trial(folder, market),
        None => {
            let given = std::env::var("WAYBILL_PASSPHRASE").ok().filter(|p| !p.is_empty()).map(Secret::new);
            Setup { passphrase: passphrase.or(given), ..Setup::live(folder) }
        }
    };
    setup.os_key_store = std::env::var_os("WAYBILL_KEY_STORE").is_none_or(|v| v != "off");
    #[cfg(debug_assertions)]
    if std::env::var_os("WAYBILL_TEST_CHEAP_KEY").is_some_and(|v| v == "1") {
        setup.passphrase_cost = Some(desk::vault::PassphraseCost { memory_kib: 64, passes: 1 });
    }
    setup
}

fn ask_passphrase(new: bool) -> Option<Secret> {
    let ask = |words: &str| rpassword::prompt_password(words).ok().filter(|p| !p.is_empty());
    if !new {
        return ask("passphrase of this data folder: ").map(Secret::new);
    }
    let first = ask("this machine has no key store; choose a passphrase that seals the data: ")?;
    let again = ask("once more: ")?;
    (first == again).then(|| Secret::new(first))
}

/// Whether the folder holds a desk.
pub fn has_desk(folder: &Path) -> bool {
    ["desk.db", "key.json"].iter().any(|file| folder.join(file).exists())
}

/// The address of a practice market: on this computer only.
pub fn market(text: &str) -> Result<Url, Failure> {
    let here = |u: &Url| u.scheme() == "http" && matches!(u.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    Url::parse(text).ok().filter(here).ok_or_else(|| {
        Failure::invalid(
            format!("{text:?} is not the address of a practice market"),
            "write it as `waybill sandbox serve` prints it, http://127.0.0.1:PORT/",
        )
    })
}

/// Where a trial keeps its practice market: such a folder is never opened as a live one.
pub const TRIAL: &str = "practice";

const MARKER: &str = "practice.json";

fn marker(folder: &Path) -> Result<Option<Url>, Failure> {
    let Ok(text) = std::fs::read_to_string(folder.join(MARKER)) else { return Ok(None) };
    match serde_json::from_str::<Marker>(&text) {
        Ok(m) => Ok(Some(m.market)),
        // Not knowing which of both it is, we open it as neither.
        Err(e) => Err(Failure::invalid(
            format!("{} cannot be read ({e}); nothing was opened", folder.join(MARKER).display()),
            "give the market's address with --practice after removing the file",
        )),
    }
}

/// Marks a folder as a practice one, before a desk is made in it. Whoever calls has made sure that no live desk is there.
pub fn remember(folder: &Path, market: &Url) {
    let known = marker(folder).ok().flatten();
    if known.as_ref() == Some(market) {
        return;
    }
    let text = serde_json::to_string(&Marker { market: market.clone() }).unwrap_or_default();
    // A folder that cannot be written is said by the desk, in better words.
    let _ = crate::session::make_folder(folder).and_then(|()| std::fs::write(folder.join(MARKER), text));
}
