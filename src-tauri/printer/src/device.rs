//! What this process knows of each physical device: who is writing to it now, which questions it ever answered, and what
//! a job that broke off left behind.
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
#[derive(Debug, Default)]
struct Memory {
    /// By the bytes of the question.
    voices: HashMap<&'static [u8], Voice>,
    closing: Voice,
    last_contact: Option<Instant>,
    owed: Option<Arc<[u8]>>,
}

/// One physical device.
#[derive(Debug, Default)]
pub(crate) struct Device {
    line: Arc<tokio::sync::Mutex<()>>,
    memory: Mutex<Memory>,
}

impl Device {
    /// Whether it answers this question.
    pub fn voice(&self, question: &[u8]) -> Voice {
        self.lock().voices.get(question).copied().unwrap_or_default()
    }
    /// Notes that it took a question, and whether it answered. One answer counts for ever.
    pub fn note_voice(&self, question: &'static [u8], answered: bool) {
        note(self.lock().voices.entry(question).or_default(), answered);
    }
    /// Whether it closes its side after a job (`Answers` = it does).
    pub fn closing(&self) -> Voice {
        self.lock().closing
    }
    /// Notes that a whole job was handed over, and whether it closed its side then.
    pub fn note_closing(&self, closed: bool) {
        note(&mut self.lock().closing, closed);
    }
    /// Notes that it could not be reached: what comes back may be another printer, or the same in a better mood. What it
    /// never answered may be asked once more.
    pub fn note_gone(&self) {
        self.lock().voices.retain(|_, voice| *voice != Voice::Mute);
    }
    /// Whether we talked with it so lately that it may not be ready for its next connection.
    pub fn just_left(&self) -> bool {
        self.lock().last_contact.is_some_and(|t| t.elapsed() < Duration::from_secs(2))
    }
    /// Notes that a connection to it ended.
    pub fn note_contact(&self) {
        self.lock().last_contact = Some(Instant::now());
    }
    /// What it must be told before its next job, because the last one broke off.
    pub fn owed(&self) -> Option<Arc<[u8]>> {
        self.lock().owed.clone()
    }
    /// Sets or, with nothing, settles what is owed.
    pub fn note_owed(&self, bytes: Vec<u8>) {
        self.lock().owed = (!bytes.is_empty()).then(|| bytes.into());
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
        d.note_voice(b"q", false);
        assert_eq!(d.voice(b"q"), Voice::Mute, "silence at the first question");
        d.note_voice(b"q", true);
        d.note_voice(b"q", false);
        assert_eq!(d.voice(b"q"), Voice::Answers, "a later silence means busy, not mute");
        assert_eq!(d.voice(b"counter"), Voice::NotAsked, "the counter is another question");
        d.note_voice(b"counter", false);
        d.note_gone();
        assert_eq!((d.voice(b"q"), d.voice(b"counter")), (Voice::Answers, Voice::NotAsked), "silence is forgotten");
    }

    #[test]
    fn what_is_owed_stays_until_it_is_settled() {
        let d = Device::default();
        assert_eq!(d.owed(), None);
        d.note_owed(vec![1]);
        assert_eq!((d.owed().as_deref(), d.owed().as_deref()), (Some(&[1][..]), Some(&[1][..])));
        d.note_owed(Vec::new());
        assert_eq!(d.owed(), None);
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
