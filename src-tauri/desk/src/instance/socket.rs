//! Asking the owner of a data folder, and answering as the owner.

use super::address;
use super::claim::Claim;
use super::frame::{self, FrameError};
use interprocess::local_socket::tokio::{Stream, prelude::*};
use serde_json::Value;
use std::io::{self, ErrorKind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep, timeout};

/// Connections at once; more wait their turn.
const MOST_CONNECTIONS: usize = 256;
/// A connection that says nothing is closed after this.
const IDLE: Duration = Duration::from_secs(60);
/// A message whose length has come must be complete within this, and an answer taken.
const SLOWEST: Duration = Duration::from_secs(20);
/// Between two tries to connect while the owner's queue is full.
const PAUSE: Duration = Duration::from_millis(10);

/// Why the owner cannot listen.
#[derive(Debug, thiserror::Error)]
#[error("the data folder's socket cannot be opened")]
pub struct ServeError {
    /// What the system said.
    #[from]
    source: io::Error,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// No process owns the folder, or it does not listen (yet).
    #[error("no Waybill Desk is running on this data folder")]
    NobodyThere,
    /// No answer in time.
    #[error("Waybill Desk did not answer within {} s", after.as_secs_f32())]
    Timeout {
        /// How long was waited.
        after: Duration,
        /// Whether the request may have been received. If so, a command that writes has an unknown outcome.
        sent: bool,
    },
    /// The connection failed, or the answer was not one.
    #[error("the connection to Waybill Desk failed: {detail}")]
    Broken {
        /// Whether the request may have been received. If so, a command that writes has an unknown outcome.
        sent: bool,
        /// What happened.
        detail: String,
    },
}

/// The owner listens for as long as this lives. It holds the folder too: the lock is free once this, the claim and
/// the answers under way are gone.
#[must_use = "dropping it stops the listening"]
#[derive(Debug)]
pub struct Serving {
    stop: watch::Sender<bool>,
    listening: Option<JoinHandle<()>>,
}

impl Serving {
    /// Stops listening, lets the answers under way finish (at most `grace`), and returns when the socket is gone.
    pub async fn stop(mut self, grace: Duration) {
        self.stop.send_replace(true);
        if let Some(mut listening) = self.listening.take()
            && timeout(grace, &mut listening).await.is_err()
        {
            listening.abort();
            // Cancelled is what it shall be; a panic was reported by the runtime.
            let _ = listening.await;
        }
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(listening) = &self.listening {
            listening.abort();
        }
    }
}

/// Whoever is in the system's queue is there at once.
const QUEUE_LOOK: Duration = Duration::from_millis(2);
/// Between a connection and its command: the other end only has to write it.
const LAST_WORDS: Duration = Duration::from_millis(100);

/// Answers everybody of this user who asks. Requests of one connection are answered in order, connections side by
/// side; a broken, oversized or slow message ends its own connection only. A handler that panics does too.
///
/// Asynchronous so that a caller outside of a tokio runtime does not compile. Errors: [`ServeError`] if the socket
/// cannot be made.
pub async fn serve<H, F>(claim: &Claim, handler: H) -> Result<Serving, ServeError>
where
    H: Fn(Value) -> F + Send + Sync + 'static,
    F: Future<Output = Value> + Send + 'static,
{
    let (listener, file) = address::listen(claim)?;
    let (stop, mut stopped) = watch::channel(false);
    let (handler, claim) = (Arc::new(handler), claim.clone());
    let listening = tokio::spawn(async move {
        let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        let mut connections = JoinSet::new();
        loop {
            let accepted = tokio::select! {
                _ = stopped.changed() => break,
                accepted = async {
                    let place = places.clone().acquire_owned().await.expect("the semaphore is never closed");
                    (place, listener.accept().await)
                } => accepted,
                Some(_) = connections.join_next() => continue,
            };
            let (place, stream) = match accepted {
                (place, Ok(stream)) => (place, stream),
                (_, Err(e)) => {
                    // Out of file handles, most likely: trying again at once would only burn the processor.
                    tracing::warn!(error = %e, "a connection to the data folder's socket was not accepted");
                    sleep(PAUSE).await;
                    continue;
                }
            };
            if !is_ours(&stream) {
                tracing::warn!("another user's program connected to the data folder's socket; it was turned away");
                continue;
            }
            let (handler, claim, stopped) = (handler.clone(), claim.clone(), stopped.clone());
            connections.spawn(async move {
                let _held = (place, claim);
                if let Err(e) = converse(&stream, &*handler, stopped).await {
                    tracing::warn!(error = %e, "a connection to the data folder's socket was closed");
                }
            });
        }
        // The name goes first, so that nobody new comes. Who came before that may stand in the system's queue with a
        // command half said: they are let in and answered like whoever is being answered now.
        drop(file);
        while let Ok(Ok(stream)) = timeout(QUEUE_LOOK, listener.accept()).await {
            if is_ours(&stream) {
                let (handler, claim, stopped) = (handler.clone(), claim.clone(), stopped.clone());
                connections.spawn(async move {
                    let _held = claim;
                    if let Err(e) = converse(&stream, &*handler, stopped).await {
                        tracing::warn!(error = %e, "a connection to the data folder's socket was closed");
                    }
                });
            }
        }
        drop(listener);
        while connections.join_next().await.is_some() {}
        drop(claim);
    });
    Ok(Serving { stop, listening: Some(listening) })
}

async fn converse<H, F>(stream: &Stream, handler: &H, mut stopped: watch::Receiver<bool>) -> Result<(), FrameError>
where
    H: Fn(Value) -> F,
    F: Future<Output = Value>,
{
    let (mut from, mut to) = (stream, stream);
    let late = |_| FrameError::Io(ErrorKind::TimedOut.into());
    loop {
        let length = tokio::select! {
            biased;
            length = timeout(IDLE, frame::read_length(&mut from)) => length,
            () = async {
                let _ = stopped.wait_for(|stop| *stop).await;
                sleep(LAST_WORDS).await;
            } => return Ok(()),
        };
        let length = match length {
            Ok(length) => length?,
            Err(_idle) => return Ok(()),
        };
        let Some(length) = length else { return Ok(()) };
        let request = timeout(SLOWEST, frame::read_body(&mut from, length)).await.map_err(late)??;
        let answer = frame::bytes(&handler(request).await)?;
        timeout(SLOWEST, frame::write(&mut to, &answer)).await.map_err(late)??;
    }
}

/// Sends one request to the owner of the folder and waits for its answer.
///
/// Errors: [`AskError`]; look at `sent` before a writing command is tried again.
pub async fn ask(folder: &Path, request: &Value, within: Duration) -> Result<Value, AskError> {
    let mut sent = false;
    match timeout(within, converse_once(folder, request, &mut sent)).await {
        Ok(answer) => answer,
        Err(_) => Err(AskError::Timeout { after: within, sent }),
    }
}

async fn converse_once(folder: &Path, request: &Value, sent: &mut bool) -> Result<Value, AskError> {
    let broken = |sent: bool, e: FrameError| AskError::Broken { sent, detail: e.to_string() };
    let frame = frame::bytes(request).map_err(|e| broken(false, e))?;
    let stream = connect(folder).await?;
    if !is_ours(&stream) {
        let detail = "another user's program listens in the owner's place".to_owned();
        return Err(AskError::Broken { sent: false, detail });
    }
    let (mut from, mut to) = (&stream, &stream);
    // Part of a frame is never acted upon, but whether the last byte left cannot be told from an error.
    *sent = true;
    frame::write(&mut to, &frame).await.map_err(|e| broken(true, e))?;
    match frame::read(&mut from).await {
        Ok(Some(answer)) => Ok(answer),
        Ok(None) => Err(AskError::Broken { sent: true, detail: "it closed without an answer".to_owned() }),
        Err(e) => Err(broken(true, e)),
    }
}

async fn connect(folder: &Path) -> Result<Stream, AskError> {
    let nobody = |e: io::Error| match e.kind() {
        ErrorKind::NotFound | ErrorKind::ConnectionRefused => AskError::NobodyThere,
        _ => AskError::Broken { sent: false, detail: e.to_string() },
    };
    let folder = folder.canonicalize().map_err(nobody)?;
    let started = Instant::now();
    loop {
        match Stream::connect(address::address(&folder).map_err(nobody)?).await {
            Ok(stream) => return Ok(stream),
            // The queue of a unix socket is full, or all instances of a pipe are taken: the owner is there.
            Err(e) if e.kind() == ErrorKind::WouldBlock || is_pipe_busy(&e) => {
                tracing::trace!(waited_ms = started.elapsed().as_millis(), "the owner's queue is full");
                sleep(PAUSE).await;
            }
            Err(e) => return Err(nobody(e)),
        }
    }
}

fn is_pipe_busy(e: &io::Error) -> bool {
    const ERROR_PIPE_BUSY: i32 = 231; // winerror.h
    cfg!(windows) && e.raw_os_error() == Some(ERROR_PIPE_BUSY)
}

/// Whether the other end runs as our user. The socket's mode says the same; this also holds where a folder's mode
/// was opened by hand. On Windows the pipe's access list alone decides.
fn is_ours(stream: &Stream) -> bool {
    #[cfg(unix)]
    {
        let ours = rustix::process::geteuid().as_raw();
        stream.peer_creds().ok().and_then(|creds| creds.euid()).is_none_or(|theirs| theirs == ours)
    }
    #[cfg(not(unix))]
    {
        let _ = stream;
        true
    }
}
