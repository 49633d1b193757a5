//! The practice market: one HTTP server on 127.0.0.1 with the practice Taobao under `/taobao/`, a standard OAuth
//! server under `/standard/`, text messages under `/sms/`, and `/control/` for tests in other processes.
//!
//! Invariants: a change is in the ledger (fsync'd, if there is a folder) before its answer leaves; a call that has
//! begun is carried out even if its client is gone, as a real platform would; requests with a foreign `Host` are
//! refused. Codes and tokens come from the operating system's generator; numbers and faults from the seed.

pub(crate) mod apps;
mod control;
pub(crate) mod faults;
pub(crate) mod grants;
pub(crate) mod ledger;
pub(crate) mod line;
pub(crate) mod pages;
pub(crate) mod shops;
pub(crate) mod sms;
mod standard;
mod taobao;
#[cfg(test)]
mod tests;

use crate::component::ComponentHandle;
use crate::printer::PrinterHandle;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use domain::chance::{Chance, OsChance};
use domain::clock::{Clock, Millis};
use faults::{Fault, Faults};
use ledger::{Books, LedgerView};
use line::{Door, LineHandle};
pub use sms::PracticeMessage;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use url::Url;

/// How a market starts.
pub struct MarketSettings {
    /// Port on 127.0.0.1; 0 = any free one.
    pub port: u16,
    /// Fixes numbers and chance faults.
    pub seed: u64,
    /// Where the ledger is kept over restarts; `None` = only in memory.
    pub folder: Option<PathBuf>,
    /// Time for timestamps, lives of codes and tokens.
    pub clock: Arc<dyn Clock>,
}

/// Why a market did not start.
#[derive(Debug, thiserror::Error)]
pub enum MarketError {
    /// The port could not be taken.
    #[error("the practice market could not listen on 127.0.0.1:{port}")]
    Listen {
        /// The port asked for.
        port: u16,
        /// The system's reason.
        source: io::Error,
    },
    /// The ledger could not be read or opened.
    #[error("the practice market's ledger in {folder:?} could not be opened")]
    Ledger {
        /// The folder asked for.
        folder: Option<PathBuf>,
        /// The system's reason.
        source: io::Error,
    },
}

/// A running practice market. Dropping it stops it as well, only without waiting.
pub struct Market {
    inner: Arc<Inner>,
    task: Option<JoinHandle<()>>,
}

impl Market {
    /// Starts listening; when this returns, calls are answered.
    pub async fn start(settings: MarketSettings) -> Result<Self, MarketError> {
        let books = Books::open(settings.folder.as_deref())
            .map_err(|source| MarketError::Ledger { folder: settings.folder.clone(), source })?;
        let port = settings.port;
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
            .await
            .map_err(|source| MarketError::Listen { port, source })?;
        let addr = listener.local_addr().map_err(|source| MarketError::Listen { port, source })?;
        let base = Url::parse(&format!("http://{addr}/")).expect("an IPv4 address with port is a valid URL");
        let inner = Arc::new(Inner {
            clock: settings.clock,
            seed: settings.seed,
            base,
            books: Mutex::new(books),
            grants: Mutex::default(),
            faults: Faults::new(settings.seed),
            in_flight: AtomicUsize::new(0),
            requests: AtomicU64::new(0),
            stop: watch::channel(false).0,
            printer: Mutex::new(None),
            component: Mutex::new(None),
            messages: Mutex::default(),
        });
        let router = Router::new()
            .merge(pages::routes())
            .merge(taobao::routes())
            .merge(standard::routes())
            .merge(sms::routes())
            .merge(control::routes())
            .layer(axum::middleware::from_fn_with_state(inner.clone(), only_own_host))
            .with_state(inner.clone());
        let mut stop = inner.stop.subscribe();
        let task = tokio::spawn(async move {
            let service = router.into_make_service_with_connect_info::<LineHandle>();
            let served = axum::serve(Door(listener), service).with_graceful_shutdown(async move {
                let _ = stop.wait_for(|s| *s).await;
            });
            if let Err(error) = served.await {
                tracing::error!(%error, "the practice market stopped serving");
            }
        });
        Ok(Self { inner, task: Some(task) })
    }

    /// `http://127.0.0.1:PORT/`
    pub fn base(&self) -> Url {
        self.inner.base.clone()
    }

    /// What was charged, given back, and is left.
    pub fn ledger(&self) -> LedgerView {
        self.inner.ledger()
    }

    /// Every token this market has given out since its start, in clear: what a canary test looks for elsewhere.
    pub fn secrets_given_out(&self) -> Vec<String> {
        self.inner.secrets_given_out()
    }

    /// Where text messages are handed in.
    pub fn sms_address(&self) -> Url {
        self.inner.base.join("sms/send").expect("a path of ours")
    }

    /// Every text message that arrived, oldest first.
    pub fn messages(&self) -> Vec<PracticeMessage> {
        self.inner.messages().clone()
    }

    /// The faults in force.
    pub fn faults(&self) -> &Faults {
        &self.inner.faults
    }

    /// The courier has picked this parcel up: it can no longer be given back. Says whether the number is known.
    pub fn pick_up(&self, number: &str) -> bool {
        let mut books = self.inner.books();
        books.parcel(number).is_some() && books.record(ledger::Entry::PickedUp { number: number.to_string() }).is_ok()
    }

    /// Lets `/control/component` reach this print component.
    pub fn attach_component(&self, component: ComponentHandle) {
        *self.inner.component() = Some(component);
    }

    /// Lets `/control/printer` reach this printer.
    pub fn attach_printer(&self, printer: PrinterHandle) {
        *self.inner.printer() = Some(printer);
    }

    /// Stops listening, breaks what still hangs, waits until all is quiet (at most 2 s).
    pub async fn stop(mut self) {
        self.inner.stop.send_replace(true);
        let Some(mut task) = self.task.take() else { return };
        if tokio::time::timeout(Duration::from_secs(2), &mut task).await.is_err() {
            task.abort();
        }
    }
}

impl Drop for Market {
    fn drop(&mut self) {
        self.inner.stop.send_replace(true);
    }
}

/// What all handlers share.
pub(crate) struct Inner {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) seed: u64,
    pub(crate) base: Url,
    books: Mutex<Books>,
    grants: Mutex<grants::Grants>,
    pub(crate) faults: Faults,
    in_flight: AtomicUsize,
    requests: AtomicU64,
    stop: watch::Sender<bool>,
    printer: Mutex<Option<PrinterHandle>>,
    component: Mutex<Option<ComponentHandle>>,
    messages: Mutex<Vec<sms::PracticeMessage>>,
}

impl Inner {
    pub(crate) fn books(&self) -> MutexGuard<'_, Books> {
        self.books.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn grants(&self) -> MutexGuard<'_, grants::Grants> {
        self.grants.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn component(&self) -> MutexGuard<'_, Option<ComponentHandle>> {
        self.component.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn messages(&self) -> MutexGuard<'_, Vec<sms::PracticeMessage>> {
        self.messages.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn printer(&self) -> MutexGuard<'_, Option<PrinterHandle>> {
        self.printer.lock().unwrap_or_else(PoisonError::into_inner)
    }
    pub(crate) fn ledger(&self) -> LedgerView {
        self.books().view(self.in_flight.load(Ordering::SeqCst))
    }
    pub(crate) fn now(&self) -> Millis {
        self.clock.wall()
    }
    /// A fresh secret word: 128 random bits in hex.
    pub(crate) fn fresh_word(&self) -> String {
        OsChance.hex(16)
    }
    /// An id for an answer, unique in this run.
    pub(crate) fn request_id(&self) -> String {
        format!("{:08x}", self.requests.fetch_add(1, Ordering::SeqCst).wrapping_mul(0x9e37_79b1) & 0xffff_ffff)
    }
    /// The standard server's issuer.
    pub(crate) fn issuer(&self) -> String {
        format!("{}standard", self.base)
    }

    /// Carries a call out under the faults drawn for `method`. `act` gets the fault, if one was drawn, and answers;
    /// it must not act under [`Fault::Throttled`], [`Fault::Expired`] and [`Fault::Unwell`] but answer in its
    /// protocol's words. Goes on to its end even if the client hangs up.
    pub(crate) async fn carry_out(
        self: &Arc<Self>,
        line: LineHandle,
        method: &str,
        act: impl FnOnce(&Self, Option<&Fault>) -> Response + Send + 'static,
    ) -> Response {
        let drawn = self.faults.draw(method);
        let flight = Flight::begin(self.clone());
        let work = tokio::spawn(async move {
            let inner = &flight.0;
            inner.wait(drawn.delay).await;
            let fault = drawn.fault;
            match fault {
                Some(Fault::TimeoutBefore { hold_ms }) => {
                    let inner = flight.acted();
                    inner.wait(Duration::from_millis(hold_ms)).await;
                    line.cut();
                    return StatusCode::SERVICE_UNAVAILABLE.into_response();
                }
                Some(Fault::HttpBefore { status }) => return bare(status),
                _ => {}
            }
            let mut answer = act(inner, fault.as_ref());
            // What is left to wait for is the answer, not the act: whoever counts may count now.
            let inner = flight.acted();
            match fault {
                Some(Fault::TimeoutAfter { hold_ms }) => {
                    inner.wait(Duration::from_millis(hold_ms)).await;
                    line.cut();
                }
                Some(Fault::HttpAfter { status }) => answer = bare(status),
                Some(Fault::Garbage) => {
                    answer = Response::new(Body::from("<html><body>\u{fffd}{\"half\":"));
                }
                Some(Fault::CutShort { bytes }) => {
                    close_after(&mut answer);
                    line.cut_after(bytes);
                }
                Some(Fault::Trickle { ms }) => {
                    close_after(&mut answer);
                    line.trickle(Duration::from_millis(ms));
                }
                _ => {}
            }
            answer
        });
        work.await.unwrap_or_else(|error| {
            tracing::error!(%error, "a practice handler died");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        })
    }

    /// Waits, but not over the market's end.
    async fn wait(&self, time: Duration) {
        if time.is_zero() {
            return;
        }
        let mut stop = self.stop.subscribe();
        tokio::select! {
            () = tokio::time::sleep(time) => {}
            _ = stop.wait_for(|s| *s) => {}
        }
    }
}

/// Counts a call that may yet act.
struct Flight(Arc<Inner>);

impl Flight {
    fn begin(inner: Arc<Inner>) -> Self {
        inner.in_flight.fetch_add(1, Ordering::SeqCst);
        Self(inner)
    }
    fn acted(self) -> Arc<Inner> {
        self.0.clone()
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::SeqCst);
    }
}

fn bare(status: u16) -> Response {
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    (status, format!("{status} (practice fault)\n")).into_response()
}

fn close_after(answer: &mut Response) {
    answer.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
}

/// Pages of the open web must not reach the market under a name of their own (DNS rebinding).
async fn only_own_host(State(inner): State<Arc<Inner>>, request: Request, next: Next) -> Response {
    let port = inner.base.port().unwrap_or(80);
    let host = request.headers().get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("");
    if host != format!("127.0.0.1:{port}") && host != format!("localhost:{port}") {
        return (StatusCode::MISDIRECTED_REQUEST, "unknown host\n").into_response();
    }
    next.run(request).await
}

/// SHA-256 in hex: how tokens are remembered.
pub(crate) fn sha(text: &str) -> String {
    use sha2::Digest;
    hex(&sha2::Sha256::digest(text.as_bytes()))
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut s, b| {
        let _ = write!(s, "{b:02x}");
        s
    })
}
