//! Raw TCP, port 9100: one connection a job.
//!
//! All bytes are written; when they are acknowledged, our side is half-closed, then the link waits for the printer to close
//! its own (what CUPS calls `waiteof`). A printer that is slow or paused is not an error: only a stall, during which not one
//! byte is taken, ends a job. Evidence: the printer closed in order, after us = `PeerClosed`; silence until the wait is over =
//! `BytesAccepted`; a reset, even after the last byte, means that it had not read everything = `BrokenOff`. Only on top of
//! `PeerClosed` can the device's own *ready* make `DeviceStatus`: while bytes may still wait in our buffers, ready says nothing
//! about them. A label counter that went up by exactly one is proof by itself.
//!
//! An orderly close of the printer *before* ours is not the end of the label. Our close is held back until the last byte is
//! acknowledged, and a moment longer; so what closes first has closed
//!
//! | before | which proves | outcome |
//! | --- | --- | --- |
//! | the first byte was taken | that it read nothing | `NothingSent` |
//! | the last byte was taken, or acknowledged | that it cannot have read it | `BrokenOff` |
//! | our close, all acknowledged | nothing; but no printer has a reason to | `BrokenOff` |
//!
//! What TCP does not tell: whether a printer's program has read what its system acknowledged. One that takes a whole label into
//! its memory, gives up in the middle of it, closes only after we did, and reads the rest away so that nothing is reset, looks
//! like one that printed it. Only a label counter knows better.
//!
//! A printer whose last job broke off may be waiting for the rest of a picture; it is cleared before its next job.
//!
//! Deliberately absent: `SO_LINGER 0` (it throws unread data away), a time limit for the whole job, any second attempt
//! at bytes that may have left.

use super::tcp_talk::{Asker, Talk, ask_label_length, ask_odometer, ask_state, may_answer};
use super::to_the_end;
use super::unacknowledged::unacknowledged;
use crate::address::join;
use crate::device::{self, Voice};
use crate::languages::recovery;
use crate::profiles::Profile;
use crate::status;
use async_trait::async_trait;
use domain::evidence::Evidence;
use domain::printer::{DeviceState, Language, PrinterLink, SendOutcome};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::ReadHalf;
use tokio::net::{TcpSocket, TcpStream, lookup_host};
use tokio::time::{Instant, sleep, sleep_until, timeout_at};

/// How long a link waits for what. The defaults are for real printers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpSettings {
    /// For the name and the connection, together.
    pub connect_timeout: Duration,
    /// Longest time in which the printer takes not one byte.
    pub stall_limit: Duration,
    /// After the last byte: how long the printer has to close its side. One that let this run out once, and has never
    /// closed, is given [`TcpSettings::short_close_wait`] from then on: a clerk must not pay for it at every label.
    pub close_wait: Duration,
    /// The same for a printer that never closes its side.
    pub short_close_wait: Duration,
    /// After the last byte was acknowledged: how long our close is held back, for a printer that closes by itself because it
    /// has given up on a label that its memory holds whole. Each label pays for it.
    pub hold: Duration,
    /// One round of status questions, connection included; also [`PrinterLink::state`].
    pub status_budget: Duration,
    /// The label counter before a job, asked only of printers known to answer.
    pub odometer_budget: Duration,
}

impl Default for TcpSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            stall_limit: Duration::from_secs(60),
            close_wait: Duration::from_secs(5),
            short_close_wait: Duration::from_millis(500),
            hold: Duration::from_millis(5),
            status_budget: Duration::from_millis(500),
            odometer_budget: Duration::from_millis(150),
        }
    }
}

/// Bytes that may wait in our socket for the printer. Small, so that `accepted` is near to what it took.
const SEND_BUFFER: u32 = 64 << 10;
/// Where acknowledgements cannot be seen: how long a reset may follow the printer's close.
const SETTLE: Duration = Duration::from_millis(250);
/// Between two attempts at a printer that refuses because our last connection has not ended for it yet.
const RETRY_PAUSE: Duration = Duration::from_millis(50);

/// A printer on the network.
#[derive(Clone, Debug)]
pub struct TcpLink {
    host: String,
    port: u16,
    profile: &'static Profile,
    settings: TcpSettings,
}

impl TcpLink {
    /// A link to `host:port` (IPv6 without brackets). No I/O.
    pub fn new(host: &str, port: u16, profile: &'static Profile, settings: TcpSettings) -> Self {
        Self { host: host.to_owned(), port, profile, settings }
    }

    async fn resolve(&self, until: Instant) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<_> = timeout_at(until, lookup_host((self.host.as_str(), self.port)))
            .await
            .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "the name was not found in time"))??
            .collect();
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "the name has no address"));
        }
        Ok(found)
    }

    fn name(&self) -> String {
        join(&self.host, self.port)
    }

    async fn deliver(self, job: Vec<u8>) -> SendOutcome {
        let nothing = |e: io::Error| SendOutcome::NothingSent(format!("{}: {e}", self.name()));
        let addresses = match self.resolve(Instant::now() + self.settings.connect_timeout).await {
            Ok(found) => found,
            Err(e) => return nothing(e),
        };
        let _line = device::line(addresses.iter().map(|a| device::tcp_key(*a)).collect()).await;
        let before = self.odometer_before(&addresses).await;
        let (stream, address) = match self.clean_connection(&addresses).await {
            Ok(connected) => connected,
            Err(e) => return nothing(e),
        };
        let device = device::at(address);
        let close_wait = match device.closing() {
            Voice::Mute => self.settings.short_close_wait.min(self.settings.close_wait),
            Voice::NotAsked | Voice::Answers => self.settings.close_wait,
        };
        let waits = Waits { stall: self.settings.stall_limit, close: close_wait, hold: Some(self.settings.hold) };
        let evidence = hand_over(stream, &job, waits).await;
        device.note_contact();
        if let Ok(evidence) = &evidence {
            device.note_closing(*evidence >= Evidence::PeerClosed);
        }
        match evidence {
            Ok(evidence) => SendOutcome::Sent(self.strengthen(evidence, address, before).await),
            Err(Broken { accepted: 0, error }) => nothing(error),
            Err(Broken { accepted, error }) => {
                // How much of what left was read is not known: all of it may be missing.
                device.note_owed(recovery::before_next_job(self.profile, job.len()));
                SendOutcome::BrokenOff { accepted, reason: format!("{}: {error}", self.name()) }
            }
        }
    }

    /// A connection for a job, to a printer that is not in the middle of another one: what a broken job left behind is
    /// cleared first, on a connection of its own, for a printer that cancels throws away what it has received. Errors:
    /// nothing of the new job has left.
    async fn clean_connection(&self, addresses: &[SocketAddr]) -> io::Result<(TcpStream, SocketAddr)> {
        let until = || Instant::now() + self.settings.connect_timeout;
        let (stream, address) = connect(addresses, until()).await?;
        let device = device::at(address);
        let Some(owed) = device.owed() else { return Ok((stream, address)) };
        // One that cancels may close at once; that it does is all that is wanted of it.
        let waits = Waits { stall: self.settings.stall_limit, close: self.settings.short_close_wait, hold: None };
        let cleared = hand_over(stream, &owed, waits).await;
        device.note_contact();
        cleared.map_err(|broken| broken.error)?;
        device.note_owed(Vec::new());
        tracing::debug!(printer = %self.name(), bytes = owed.len(), "cleared what a broken job had left behind");
        connect(&[address], until()).await
    }

    /// The label counter, if this printer is known to tell it. A printer met for the first time is not kept waiting.
    async fn odometer_before(&self, addresses: &[SocketAddr]) -> Option<u64> {
        if self.profile.language != Language::Zpl {
            return None;
        }
        let address = *addresses.iter().find(|a| device::at(**a).voice(status::ODOMETER) == Voice::Answers)?;
        let device = device::at(address);
        let until = Instant::now() + self.settings.odometer_budget;
        let mut talk = Talk::open(address, until).await.ok()?;
        let count = ask_odometer(&mut talk, &device, until).await;
        drop(talk);
        device.note_contact();
        count
    }

    /// Asks the device itself, where it may answer, and gives the strongest evidence there is.
    async fn strengthen(&self, evidence: Evidence, address: SocketAddr, before: Option<u64>) -> Evidence {
        let device = device::at(address);
        let status = evidence >= Evidence::PeerClosed && may_answer(&device, self.profile);
        let odometer = self.profile.language == Language::Zpl
            && (before.is_some() || (status && device.voice(status::ODOMETER) != Voice::Mute));
        if !status && !odometer {
            return evidence;
        }
        let until = Instant::now() + self.settings.status_budget;
        // Refused or busy here says nothing about whether it could answer.
        let Ok(mut talk) = Talk::open(address, until).await else { return evidence };
        let mut ready = false;
        if status {
            let state = ask_state(&mut talk, &device, self.profile, until, Asker::Program).await;
            ready = state == Some(DeviceState::Ready);
            if state.is_none() && before.is_none() {
                // Silent to the plain question: the counter needs no asking.
                return evidence;
            }
        }
        let mut counted = None;
        if odometer {
            loop {
                counted = ask_odometer(&mut talk, &device, until).await;
                let waiting = before.is_some() && counted == before;
                if !waiting || Instant::now() + RETRY_PAUSE >= until {
                    break;
                }
                sleep(RETRY_PAUSE).await;
            }
        }
        drop(talk);
        device.note_contact();
        match (before, counted) {
            (Some(b), Some(a)) if a == b.wrapping_add(1) => Evidence::Odometer,
            // It counts, and it has not counted this label: ready says that it waits, not that it printed.
            (Some(b), Some(a)) if a == b => evidence,
            _ if ready => evidence.max(Evidence::DeviceStatus),
            _ => evidence,
        }
    }

    async fn ask(&self) -> DeviceState {
        let until = Instant::now() + self.settings.status_budget;
        let addresses = match self.resolve(until).await {
            Ok(found) => found,
            Err(e) => return DeviceState::Unreachable(format!("{}: {e}", self.name())),
        };
        let keys = addresses.iter().map(|a| device::tcp_key(*a)).collect();
        // A job is on its way: the link works, and the device must not be disturbed now.
        let Ok(_line) = timeout_at(until, device::line(keys)).await else { return DeviceState::CannotTell };
        let (stream, address) = match connect(&addresses, until).await {
            Ok(connected) => connected,
            Err(e) => return DeviceState::Unreachable(format!("{}: {e}", self.name())),
        };
        let device = device::at(address);
        let talk = &mut Talk::over(stream);
        let state = ask_state(talk, &device, self.profile, until, Asker::Person).await;
        device.note_contact();
        state.unwrap_or(DeviceState::CannotTell)
    }
}

#[async_trait]
impl PrinterLink for TcpLink {
    async fn send(&self, job: &[u8]) -> SendOutcome {
        to_the_end(self.clone().deliver(job.to_vec())).await
    }

    async fn state(&self) -> DeviceState {
        self.ask().await
    }

    async fn measured_length(&self) -> Option<u32> {
        if self.profile.language != Language::Zpl {
            return None;
        }
        let until = Instant::now() + self.settings.status_budget;
        let addresses = self.resolve(until).await.ok()?;
        let keys = addresses.iter().map(|a| device::tcp_key(*a)).collect();
        let _line = timeout_at(until, device::line(keys)).await.ok()?;
        let (stream, address) = connect(&addresses, until).await.ok()?;
        let length = ask_label_length(&mut Talk::over(stream), until).await;
        device::at(address).note_contact();
        length
    }
}

/// Connects to the first address that answers. A printer that we have just left may refuse until it has noticed; then,
/// and only then, refusals are tried again.
async fn connect(addresses: &[SocketAddr], until: Instant) -> io::Result<(TcpStream, SocketAddr)> {
    loop {
        let mut last = io::Error::new(io::ErrorKind::NotFound, "no address");
        for address in addresses {
            match connect_one(*address, until).await {
                Ok(stream) => return Ok((stream, *address)),
                Err(e) => last = e,
            }
        }
        let busy =
            last.kind() == io::ErrorKind::ConnectionRefused && addresses.iter().any(|a| device::at(*a).just_left());
        if !busy || Instant::now() + RETRY_PAUSE >= until {
            addresses.iter().for_each(|a| device::at(*a).note_gone());
            return Err(last);
        }
        sleep(RETRY_PAUSE).await;
    }
}

pub(super) async fn connect_one(address: SocketAddr, until: Instant) -> io::Result<TcpStream> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    // Both only improve what we notice; a system that refuses them still prints.
    let _ = socket.set_keepalive(true);
    let _ = socket.set_send_buffer_size(SEND_BUFFER);
    let stream = timeout_at(until, socket.connect(address))
        .await
        .map_err(|_| io::Error::new(io::ErrorKind::TimedOut, "no answer to the connection in time"))??;
    let _ = stream.set_nodelay(true);
    Ok(stream)
}

/// The link broke while, or after, the job was handed over.
struct Broken {
    accepted: u64,
    error: io::Error,
}

/// How long to wait for what while a job is handed over.
#[derive(Clone, Copy)]
struct Waits {
    stall: Duration,
    close: Duration,
    /// How long our close is held back; none = a close of the printer's is welcome at any time.
    hold: Option<Duration>,
}

async fn hand_over(mut stream: TcpStream, job: &[u8], waits: Waits) -> Result<Evidence, Broken> {
    let total = job.len() as u64;
    let (mut reading, mut writing) = stream.split();
    let mut chatter = [0; 512];
    let (mut accepted, mut closed) = (0, false);
    let mut stalled = Instant::now() + waits.stall;
    while accepted < job.len() {
        let broken = |error| Broken { accepted: accepted as u64, error };
        tokio::select! {
            // What it says comes before what it takes: a close that is here already was there before it took anything more.
            biased;
            // Unasked reports are read, so that they cannot clog the line, and dropped.
            said = reading.read(&mut chatter), if !closed => match said {
                Ok(0) if waits.hold.is_some() => return Err(broken(closed_early("before it had taken the whole label"))),
                // One that never stops talking lets us write as little as one that takes nothing.
                Ok(1..) if Instant::now() >= stalled => return Err(broken(took_nothing(waits.stall))),
                Ok(n) => closed = n == 0,
                Err(e) => return Err(broken(e)),
            },
            written = writing.write(&job[accepted..]) => match written {
                Ok(0) => return Err(broken(io::ErrorKind::WriteZero.into())),
                Ok(n) => {
                    accepted += n;
                    stalled = Instant::now() + waits.stall;
                }
                Err(e) => return Err(broken(e)),
            },
            () = sleep_until(stalled) => return Err(broken(took_nothing(waits.stall))),
        }
    }
    let broken = |error| Broken { accepted: total, error };
    let until = Instant::now() + waits.close;
    if let Some(hold) = waits.hold {
        nothing_closes_first(&mut reading, hold, until).await.map_err(broken)?;
    }
    writing.shutdown().await.map_err(broken)?;
    while !closed {
        match timeout_at(until, reading.read(&mut chatter)).await {
            // The time is looked at for one that never stops talking, too.
            Ok(Ok(1..)) if Instant::now() >= until => return Ok(Evidence::BytesAccepted),
            Ok(Ok(n)) => closed = n == 0,
            Ok(Err(e)) => return Err(broken(e)),
            Err(_) => return Ok(Evidence::BytesAccepted),
        }
    }
    Ok(match settle(&stream, until).await.map_err(broken)? {
        true => Evidence::PeerClosed,
        false => Evidence::BytesAccepted,
    })
}

fn took_nothing(stall: Duration) -> io::Error {
    io::Error::new(io::ErrorKind::TimedOut, format!("the printer took nothing for {} s", stall.as_secs_f64()))
}

fn closed_early(when: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, format!("the printer ended the connection {when}"))
}

/// Waits until every byte is acknowledged, and `hold` longer. A printer that is slow or paused has acknowledged less when
/// `until` comes: that is no error, and nobody has closed. Errors: the printer closed, or reset.
async fn nothing_closes_first(reading: &mut ReadHalf<'_>, hold: Duration, until: Instant) -> io::Result<()> {
    let mut chatter = [0; 512];
    let mut pause = Duration::from_micros(200);
    let mut held = None;
    loop {
        // Where it cannot be seen, the moment has to do.
        if unacknowledged(reading.as_ref()).is_none_or(|bytes| bytes == 0) {
            held.get_or_insert_with(|| Instant::now() + hold);
        }
        let look_again = held.unwrap_or_else(|| Instant::now() + pause).min(until);
        match timeout_at(look_again, reading.read(&mut chatter)).await {
            Ok(Ok(0)) => {
                // Still missing now: then it was missing when the printer closed.
                let missing = unacknowledged(reading.as_ref()).is_some_and(|bytes| bytes > 0);
                let when =
                    if missing { "before it can have read the whole label" } else { "before the label was ended" };
                return Err(closed_early(when));
            }
            Ok(Err(e)) => return Err(e),
            Ok(Ok(_)) if Instant::now() < look_again => {}
            Ok(Ok(_)) | Err(_) if look_again >= until || held.is_some() => return Ok(()),
            Ok(Ok(_)) | Err(_) => pause = (pause * 2).min(Duration::from_millis(5)),
        }
    }
}

/// Whether the printer closed after it had everything. Its close is seen before the reset that answers bytes still on
/// their way, and some close only their sending side; so this waits until the system has no connection any more, which
/// on Linux means: both sides closed and every byte acknowledged. Elsewhere that cannot be seen, and a moment without a
/// reset has to do.
async fn settle(stream: &TcpStream, until: Instant) -> io::Result<bool> {
    let visible = cfg!(target_os = "linux");
    let until = if visible { until } else { Instant::now() + SETTLE };
    let mut pause = Duration::from_micros(200);
    loop {
        // Order matters: when the connection has gone, the error of a reset is there already.
        let gone = stream.peer_addr().is_err();
        if let Some(e) = stream.take_error()? {
            return Err(e);
        }
        if gone || Instant::now() >= until {
            return Ok(gone || !visible);
        }
        sleep(pause).await;
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}
