//! Questions and answers on a connection of their own, never inside a job's. Every wait has an end.

use super::tcp::connect_one;
use crate::device::{Device, Voice};
use crate::profiles::Profile;
use crate::status;
use domain::printer::DeviceState;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout_at};

/// No answer of a printer is longer; what is, is garbage.
const LONGEST_ANSWER: usize = 4096;
/// Between two questions to a printer that is busy printing.
const BUSY_PAUSE: Duration = Duration::from_millis(60);

/// A connection for questions.
pub(super) struct Talk {
    stream: TcpStream,
}

impl Talk {
    /// Connects. Errors are the system's own.
    pub(super) async fn open(address: SocketAddr, until: Instant) -> io::Result<Self> {
        Ok(Self { stream: connect_one(address, until).await? })
    }

    /// Uses a connection that stands.
    pub(super) fn over(stream: TcpStream) -> Self {
        Self { stream }
    }

    /// Asks once and reads until `sense` finds an answer, the time is up, or the printer closes; the flag tells `sense`
    /// that nothing more will come. `None` = no answer.
    async fn ask<T>(&mut self, question: &[u8], until: Instant, sense: impl Fn(&[u8], bool) -> Option<T>) -> Option<T> {
        timeout_at(until, self.stream.write_all(question)).await.ok()?.ok()?;
        let mut answer = Vec::with_capacity(256);
        loop {
            let read = timeout_at(until, self.stream.read_buf(&mut answer)).await;
            let over = !matches!(read, Ok(Ok(1..)));
            if answer.len() > LONGEST_ANSWER {
                return None;
            }
            let found = sense(&answer, over);
            if found.is_some() || over {
                return found;
            }
        }
    }
}

/// Who wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asker {
    /// A person: every question is asked, also those that were never answered.
    Person,
    /// The program after a job: only what may be answered; and a printer that is printing is asked again while there is
    /// time.
    Program,
}

/// Whether the program has a question left that this device may answer.
pub(super) fn may_answer(device: &Device, profile: &Profile) -> bool {
    !profile.mute && status::questions(profile).iter().any(|q| device.voice(q.bytes) != Voice::Mute)
}

/// The device's state; `None` = it does not say. Notes which questions were answered.
pub(super) async fn ask_state(
    talk: &mut Talk,
    device: &Device,
    profile: &Profile,
    until: Instant,
    asker: Asker,
) -> Option<DeviceState> {
    let open: Vec<_> = status::questions(profile)
        .iter()
        .filter(|q| asker == Asker::Person || device.voice(q.bytes) != Voice::Mute)
        .collect();
    for (n, question) in open.iter().enumerate() {
        loop {
            // What time is left is shared by the questions that are left.
            let now = Instant::now();
            let left = u32::try_from(open.len() - n).unwrap_or(1);
            let answer = talk.ask(question.bytes, now + until.saturating_duration_since(now) / left, question.sense);
            let state = answer.await;
            device.note_voice(question.bytes, state.is_some());
            let busy = asker == Asker::Program && state == Some(DeviceState::Printing);
            if busy && Instant::now() + BUSY_PAUSE < until {
                sleep(BUSY_PAUSE).await;
                continue;
            }
            if state.is_some() {
                return state;
            }
            break;
        }
    }
    None
}

/// The length of a label in dots as the printer measured it; `None` = it does not say. ZPL only.
pub(super) async fn ask_label_length(talk: &mut Talk, until: Instant) -> Option<u32> {
    talk.ask(status::HOST_STATUS, until, |answer, _| status::label_length(answer)).await
}

/// Labels printed in the printer's life; `None` = it does not say. ZPL only.
pub(super) async fn ask_odometer(talk: &mut Talk, device: &Device, until: Instant) -> Option<u64> {
    let count = talk.ask(status::ODOMETER, until, |answer, _| status::odometer(answer)).await;
    device.note_voice(status::ODOMETER, count.is_some());
    count
}
