//! Questions and answers on a connection of their own, never inside a job's. Every wait has an end.

use super::tcp::connect_one;
use crate::status;
use domain::printer::{DeviceState, Language};
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

    /// Asks once and reads until `sense` finds an answer, the time is up, or the printer closes. `None` = no answer.
    async fn ask<T>(&mut self, question: &[u8], until: Instant, sense: impl Fn(&[u8]) -> Option<T>) -> Option<T> {
        timeout_at(until, async {
            self.stream.write_all(question).await.ok()?;
            let mut answer = Vec::with_capacity(256);
            loop {
                if self.stream.read_buf(&mut answer).await.ok()? == 0 || answer.len() > LONGEST_ANSWER {
                    return None;
                }
                if let Some(found) = sense(&answer) {
                    return Some(found);
                }
            }
        })
        .await
        .ok()?
    }
}

/// The device's state; `None` = it does not say. With `patient`, a printer that is printing is asked again while there
/// is time.
pub(super) async fn ask_state(
    talk: &mut Talk,
    language: Language,
    until: Instant,
    patient: bool,
) -> Option<DeviceState> {
    loop {
        let state = match language {
            Language::Tspl => talk.ask(status::TSPL_STATUS, until, status::tspl).await,
            Language::Zpl => {
                // Half of the time for each of the two questions.
                let now = Instant::now();
                let half = now + until.saturating_duration_since(now) / 2;
                match talk.ask(status::ZPL_ERRORS, half, status::zpl_errors).await {
                    Some(state) => Some(state),
                    // The first answer may come late, before the second.
                    None => talk.ask(status::ZPL_HOST_STATUS, until, either).await,
                }
            }
        };
        let again = patient && state == Some(DeviceState::Printing) && Instant::now() + BUSY_PAUSE < until;
        if !again {
            return state;
        }
        sleep(BUSY_PAUSE).await;
    }
}

fn either(answer: &[u8]) -> Option<DeviceState> {
    status::zpl_host_status(answer).or_else(|| status::zpl_errors(answer))
}

/// Labels printed in the printer's life; `None` = it does not say. ZPL only.
pub(super) async fn ask_odometer(talk: &mut Talk, until: Instant) -> Option<u64> {
    talk.ask(status::ZPL_ODOMETER, until, status::zpl_odometer).await
}
