//! Whether the person has gone from this computer: it sleeps, its own screen is locked, another user is at it. Then the door
//! locks as well.
//!
//! On Linux by signals: `PrepareForSleep`, `Lock`, `LockedHint` and `Active` of logind on the system bus, `ActiveChanged` of the
//! screen savers on the session's. The system is asked to wait with its sleep until the door is locked. Everywhere, and where
//! there is no bus, by the wall clock: a tick that comes much later than it should was slept through.
//! Absent: unlocking. Whoever comes back says who he is.

use crate::api::Nothing;
use crate::door::Door;
use domain::clock::{Clock, Millis};
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// How often the clock is looked at.
const TICK: Duration = Duration::from_secs(2);
/// A tick so late was slept through; a busy computer is not that late.
const SLEPT: Duration = Duration::from_secs(20);

/// Watches for one door until it is dropped.
pub struct Away {
    tasks: Vec<JoinHandle<()>>,
}

impl Away {
    /// Begins to watch. A bus that is not there is no error: the clock is.
    pub fn watch(door: &Door) -> Self {
        Self::on(door, None, None)
    }

    /// The same on these buses, by their D-Bus addresses, in place of this computer's; elsewhere than on Linux there are none.
    #[cfg_attr(not(target_os = "linux"), expect(unused_variables, reason = "no D-Bus there"))]
    pub fn on(door: &Door, system: Option<&str>, session: Option<&str>) -> Self {
        let clock = tokio::spawn(by_clock(door.clone()));
        #[cfg(target_os = "linux")]
        let tasks = vec![
            clock,
            tokio::spawn(bus::logind(door.clone(), system.map(str::to_owned))),
            tokio::spawn(bus::screen_savers(door.clone(), session.map(str::to_owned))),
        ];
        #[cfg(not(target_os = "linux"))]
        let tasks = vec![clock];
        Self { tasks }
    }
}

impl Drop for Away {
    fn drop(&mut self) {
        self.tasks.iter().for_each(JoinHandle::abort);
    }
}

/// Locks the door, and says why in the trace; the log row is that of a lock.
async fn lock(door: &Door, why: &'static str) {
    match door.call("session.lock", serde_json::json!(Nothing {})).await {
        Ok(_) => tracing::info!(why, "locked: the person is away"),
        Err(e) => tracing::warn!(why, error = %e, "the door could not be locked"),
    }
}

async fn by_clock(door: Door) {
    let clock: Arc<dyn Clock> = door.house.clock.clone();
    let mut seen = clock.wall();
    loop {
        tokio::time::sleep(TICK).await;
        let now = clock.wall();
        if slept(seen, now) {
            lock(&door, "clock").await;
        }
        seen = now;
    }
}

/// Whether the computer slept between two ticks.
fn slept(seen: Millis, now: Millis) -> bool {
    now.since(seen) > TICK + SLEPT
}

#[cfg(target_os = "linux")]
mod bus {
    use super::lock;
    use crate::door::Door;
    use std::collections::HashMap;
    use std::future::poll_fn;
    use std::pin::Pin;
    use zbus::export::futures_core::Stream;
    use zbus::zvariant::{OwnedFd, OwnedObjectPath, OwnedValue};
    use zbus::{Connection, MatchRule, Message, MessageStream};

    const LOGIND: &str = "org.freedesktop.login1";
    const MANAGER: &str = "org.freedesktop.login1.Manager";
    const AT: &str = "/org/freedesktop/login1";
    const PATIENCE: std::time::Duration = std::time::Duration::from_secs(3);

    pub(super) async fn logind(door: Door, address: Option<String>) {
        let bus = match address {
            Some(address) => at(&address).await,
            None => Connection::system().await,
        };
        match bus {
            Ok(bus) => {
                let end = watch_logind(&bus, &door).await;
                tracing::info!(?end, "logind is not heard any more");
            }
            Err(error) => tracing::info!(%error, "no system bus: sleep is told by the clock only"),
        }
    }

    pub(super) async fn screen_savers(door: Door, address: Option<String>) {
        let bus = match address {
            Some(address) => at(&address).await,
            None => Connection::session().await,
        };
        match bus {
            Ok(bus) => {
                let end = watch_screen_savers(&bus, &door).await;
                tracing::info!(?end, "the session bus is not heard any more");
            }
            Err(error) => tracing::info!(%error, "no session bus: the system's own lock screen is not heard"),
        }
    }

    async fn at(address: &str) -> zbus::Result<Connection> {
        zbus::connection::Builder::address(address)?.build().await
    }

    /// A logind that does not answer must not keep us from hearing it.
    async fn ask<B>(bus: &Connection, method: &str, body: &B) -> Option<Message>
    where
        B: serde::Serialize + zbus::zvariant::DynamicType + Sync,
    {
        let call = bus.call_method(Some(LOGIND), AT, Some(MANAGER), method, body);
        tokio::time::timeout(PATIENCE, call).await.ok()?.ok()
    }

    async fn next(stream: &mut MessageStream) -> Option<zbus::Result<Message>> {
        poll_fn(|cx| Pin::new(&mut *stream).poll_next(cx)).await
    }

    /// Ends with the bus.
    async fn watch_logind(bus: &Connection, door: &Door) -> zbus::Result<()> {
        let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal).sender(LOGIND)?.build();
        let mut signals = MessageStream::for_match_rule(rule, bus, Some(64)).await?;
        let ours = our_session(bus).await;
        // As long as it is held, the system waits a moment with its sleep.
        let mut wait = inhibit(bus).await;
        while let Some(signal) = next(&mut signals).await {
            let signal = signal?;
            let header = signal.header();
            let of = (header.interface().map(|i| i.as_str()), header.member().map(|m| m.as_str()));
            let at_us = || header.path().is_some_and(|p| ours.as_ref().is_none_or(|o| o.as_str() == p.as_str()));
            match of {
                (Some(MANAGER), Some("PrepareForSleep")) => match signal.body().deserialize::<bool>() {
                    Ok(true) => {
                        lock(door, "sleep").await;
                        wait = None;
                    }
                    Ok(false) => {
                        lock(door, "wake").await;
                        wait = inhibit(bus).await;
                    }
                    Err(_) => {}
                },
                (Some("org.freedesktop.login1.Session"), Some("Lock")) if at_us() => lock(door, "screen").await,
                (Some("org.freedesktop.DBus.Properties"), Some("PropertiesChanged")) if at_us() => {
                    let Ok((_, changed, _)) =
                        signal.body().deserialize::<(String, HashMap<String, OwnedValue>, Vec<String>)>()
                    else {
                        continue;
                    };
                    let is = |name: &str, value: bool| {
                        changed.get(name).is_some_and(|v| bool::try_from(v).is_ok_and(|v| v == value))
                    };
                    if is("Active", false) || is("LockedHint", true) {
                        lock(door, "user").await;
                    }
                }
                _ => {}
            }
        }
        drop(wait);
        Ok(())
    }

    /// Ends with the bus.
    async fn watch_screen_savers(bus: &Connection, door: &Door) -> zbus::Result<()> {
        let rule = MatchRule::builder().msg_type(zbus::message::Type::Signal).member("ActiveChanged")?.build();
        let mut signals = MessageStream::for_match_rule(rule, bus, Some(64)).await?;
        while let Some(signal) = next(&mut signals).await {
            let signal = signal?;
            // GNOME, KDE, Cinnamon, MATE, Xfce each have one of their own name.
            let header = signal.header();
            let saver = header.interface().is_some_and(|i| i.as_str().ends_with(".ScreenSaver"));
            if saver && signal.body().deserialize::<bool>().unwrap_or(false) {
                lock(door, "screen").await;
            }
        }
        Ok(())
    }

    /// The session that this process is in; of none, any session's lock is ours.
    async fn our_session(bus: &Connection) -> Option<OwnedObjectPath> {
        let path = |answer: Option<Message>| answer?.body().deserialize::<OwnedObjectPath>().ok();
        let id = std::env::var("XDG_SESSION_ID").unwrap_or_default();
        match path(ask(bus, "GetSession", &(id,)).await) {
            Some(path) => Some(path),
            None => path(ask(bus, "GetSessionByPID", &(std::process::id(),)).await),
        }
    }

    async fn inhibit(bus: &Connection) -> Option<OwnedFd> {
        let why = ("sleep", "Waybill Desk", "locks its window first", "delay");
        ask(bus, "Inhibit", &why).await?.body().deserialize::<OwnedFd>().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_that_comes_far_too_late_was_slept_through() {
        let at = Millis(1_795_000_000_000);
        for (later_ms, sleep) in [(0, false), (2_000, false), (15_000, false), (23_000, true), (8 * 3_600_000, true)] {
            assert_eq!(slept(at, Millis(at.0 + later_ms)), sleep, "{later_ms} ms");
        }
        assert!(!slept(at, Millis(at.0 - 3_600_000)), "a clock that is set back is no sleep");
    }
}
