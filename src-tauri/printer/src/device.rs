//! What this process knows of each physical device: who is writing to it now, and which questions it ever answered.
//!
//! Keyed by the device (resolved socket address, spooler and queue, real folder), not by the link or the name a person
//! gave it, so two entries for one printer share one line. Entries live as long as the process: there are as many as
//! printers. Deliberately absent: anything on disk; a new process asks again.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::OwnedMutexGuard;

/// Whether a device answers one kind of question.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Voice {
    /// Never asked, or never reached.
    #[default]
    NotAsked,
    /// It has answered once.
    Answers,
    /// It took the question and stayed silent, and has never answered.
    Mute,
}

/// What the device has shown of itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// The language's status question.
    pub status: Voice,
    /// The label counter.
    pub odometer: Voice,
    /// Closing its side after a job (`Answers` = it does).
    pub closing: Voice,
    /// When our last connection to it ended.
    pub last_contact: Option<Instant>,
}

impl Memory {
    /// Whether we talked with it so lately that it may not be ready for its next connection.
    pub fn just_left(&self) -> bool {
        self.last_contact.is_some_and(|t| t.elapsed() < Duration::from_secs(2))
    }
}

/// One physical device.
#[derive(Debug, Default)]
pub(crate) struct Device {
    line: Arc<tokio::sync::Mutex<()>>,
    memory: Mutex<Memory>,
}

impl Device {
    /// What is remembered now.
    pub fn memory(&self) -> Memory {
        *self.lock()
    }
    /// Notes that it took a status question, and whether it answered. One answer counts for ever.
    pub fn note_status(&self, answered: bool) {
        note(&mut self.lock().status, answered);
    }
    /// The same for its label counter.
    pub fn note_odometer(&self, answered: bool) {
        note(&mut self.lock().odometer, answered);
    }
    /// Notes that a whole job was handed over, and whether it closed its side then.
    pub fn note_closing(&self, closed: bool) {
        note(&mut self.lock().closing, closed);
    }
    /// Notes that a connection to it ended.
    pub fn note_contact(&self) {
        self.lock().last_contact = Some(Instant::now());
    }
    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn note(voice: &mut Voice, answered: bool) {
    *voice = match (*voice, answered) {
        (_, true) | (Voice::Answers, _) => Voice::Answers,
        (Voice::NotAsked | Voice::Mute, false) => Voice::Mute,
    };
}

static DEVICES: LazyLock<Mutex<HashMap<String, Arc<Device>>>> = LazyLock::new(Mutex::default);

/// The device with this key.
pub(crate) fn device(key: &str) -> Arc<Device> {
    let mut all = DEVICES.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(all.entry(key.to_owned()).or_default())
}

/// The device behind a socket address.
pub(crate) fn at(address: SocketAddr) -> Arc<Device> {
    device(&tcp_key(address))
}

/// The key of a device on the network.
pub(crate) fn tcp_key(address: SocketAddr) -> String {
    format!("tcp {}", SocketAddr::new(address.ip().to_canonical(), address.port()))
}

/// The right to talk to the devices; it ends when dropped.
pub(crate) type Line = Vec<OwnedMutexGuard<()>>;

/// Waits for its turn at every key. Keys are taken in one order everywhere, so two callers cannot wait for each other.
pub(crate) async fn line(mut keys: Vec<String>) -> Line {
    keys.sort();
    keys.dedup();
    let mut guards = Vec::with_capacity(keys.len());
    for key in keys {
        guards.push(Arc::clone(&device(&key).line).lock_owned().await);
    }
    guards
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_that_answered_once_is_never_called_mute() {
        let d = Device::default();
        d.note_status(false);
        assert_eq!(d.memory().status, Voice::Mute, "silence at the first question");
        d.note_status(true);
        d.note_status(false);
        assert_eq!(d.memory().status, Voice::Answers, "a later silence means busy, not mute");
        assert_eq!(d.memory().odometer, Voice::NotAsked, "the counter is another question");
    }

    #[tokio::test]
    async fn two_names_of_one_device_share_its_line() {
        let v4 = tcp_key("127.0.0.1:19100".parse().unwrap());
        let mapped = tcp_key("[::ffff:127.0.0.1]:19100".parse().unwrap());
        let first = line(vec![v4, "tcp [::1]:19100".into()]).await;
        let mut second = Box::pin(line(vec![mapped]));
        let waited = tokio::time::timeout(Duration::from_millis(20), &mut second).await;
        assert!(waited.is_err(), "the second writer waits for the first");
        drop(first);
        assert_eq!(second.await.len(), 1, "and goes when the first is done");
    }
}
