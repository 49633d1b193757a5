//! Raw CUPS queues, spoken to by IPP: no libcups.
//!
//! The job goes as `application/vnd.cups-raw`, so a raw queue passes it on byte for byte. The spooler keeps a copy and
//! sends it by its own policy, so its word is worth `BytesAccepted` and never more: *completed* only means that its
//! backend had no complaint. For the same reason a queue that is idle is *cannot tell*, never ready.
//!
//! A queue with CUPS's default error policy `retry-job` sends a broken job again from its first byte; waybill queues
//! must have `stop-printer`. This module cannot see to that. Deliberately absent: driver queues, TLS, passwords.

use super::cups_queues::queue_as_device;
use super::ipp_client::{IppError, Server, call};
use super::ipp_message::{first, integer, keywords, message, mime, name, user, with};
use super::to_the_end;
use crate::device;
use async_trait::async_trait;
use domain::evidence::Evidence;
use domain::printer::{DeviceState, PrinterLink, SendOutcome};
use ipp::model::{DelimiterTag, JobState, Operation, StatusCode};
use ipp::prelude::IppValue;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a link to a spooler waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CupsSettings {
    /// For the connection.
    pub connect_timeout: Duration,
    /// For the spooler to take a whole job and answer.
    pub answer_limit: Duration,
    /// How long the job is watched afterwards.
    pub job_wait: Duration,
    /// [`PrinterLink::state`] and each look at a job.
    pub status_budget: Duration,
}

impl Default for CupsSettings {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(3),
            answer_limit: Duration::from_secs(60),
            job_wait: Duration::from_secs(5),
            status_budget: Duration::from_millis(500),
        }
    }
}

/// Between two looks at a job.
const JOB_PAUSE: Duration = Duration::from_millis(100);
/// Seen by everybody who may list the spooler's jobs: says nothing about a person or a number.
const JOB_NAME: &str = "waybill";

/// A raw queue.
#[derive(Clone, Debug)]
pub struct CupsLink {
    server: Option<String>,
    queue: String,
    settings: CupsSettings,
}

impl CupsLink {
    /// A link to a queue; `server` as in [`crate::LinkAddress::Cups`]. No I/O.
    pub fn new(server: Option<&str>, queue: &str, settings: CupsSettings) -> Self {
        Self { server: server.map(str::to_owned), queue: queue.to_owned(), settings }
    }

    fn printer_path(&self) -> String {
        // Everything but plain letters and digits is escaped: CUPS decodes it.
        let escaped: String = self
            .queue
            .bytes()
            .map(|b| match b {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
                _ => format!("%{b:02X}"),
            })
            .collect();
        format!("/printers/{escaped}")
    }

    async fn deliver(self, job: Vec<u8>) -> SendOutcome {
        let server = match Server::find(self.server.as_deref()) {
            Ok(server) => server,
            Err(e) => return SendOutcome::NothingSent(e.to_string()),
        };
        let _line = device::line(vec![format!("cups {} {}", server.name(), self.queue)]).await;
        let id = match self.submit(&server, &job).await {
            Ok(id) => id,
            Err(outcome) => return outcome,
        };
        tracing::debug!(queue = %self.queue, job = id, "the spooler took the job");
        self.watch(&server, id, job.len() as u64).await
    }

    /// Print-Job. The spooler's job number, or how it ended.
    async fn submit(&self, server: &Server, job: &[u8]) -> Result<i32, SendOutcome> {
        let total = job.len() as u64;
        let told = |e: &dyn std::fmt::Display| format!("CUPS {}, queue {}: {e}", server.name(), self.queue);
        let path = self.printer_path();
        let message = message(Operation::PrintJob, server, Some(&path))
            .and_then(|m| with(m, "requesting-user-name", name(&user())?))
            .and_then(|m| with(m, "job-name", name(JOB_NAME)?))
            .and_then(|m| with(m, "document-format", mime("application/vnd.cups-raw")?))
            .map_err(|e| SendOutcome::NothingSent(told(&e)))?;
        let message = message.to_bytes();
        let before_document = message.len() as u64;
        let now = Instant::now();
        let answer = call(
            server,
            &path,
            &message,
            job,
            now + self.settings.connect_timeout,
            now + self.settings.connect_timeout + self.settings.answer_limit,
        )
        .await;
        match answer {
            Ok(answer) => {
                let status = answer.header().status_code();
                let id = first(&answer, DelimiterTag::JobAttributes).and_then(|g| integer(g, "job-id"));
                match id {
                    Some(id) if status.is_success() => Ok(id),
                    None if made_no_job(status) => Err(SendOutcome::NothingSent(told(&status))),
                    _ => Err(SendOutcome::BrokenOff { accepted: total, reason: told(&status) }),
                }
            }
            Err(e @ IppError::Connect(_)) => Err(SendOutcome::NothingSent(told(&e))),
            // 4xx: the spooler looked at the request and would not have it.
            Err(e @ IppError::Http { status: 400..500 }) => Err(SendOutcome::NothingSent(told(&e))),
            Err(e @ IppError::Broken { written, .. }) => {
                Err(match written.saturating_sub(before_document).min(total) {
                    0 => SendOutcome::NothingSent(told(&e)),
                    accepted => SendOutcome::BrokenOff { accepted, reason: told(&e) },
                })
            }
            Err(e) => Err(SendOutcome::BrokenOff { accepted: total, reason: told(&e) }),
        }
    }

    /// Looks at the job until it has ended or the wait is over. The spooler has the bytes: only its own *canceled* or
    /// *aborted* takes that back.
    async fn watch(&self, server: &Server, id: i32, total: u64) -> SendOutcome {
        let until = Instant::now() + self.settings.job_wait;
        loop {
            let look = (Instant::now() + self.settings.status_budget).min(until);
            if let Some((state, started)) = self.job_state(server, id, look).await {
                let ended = |word: &str| {
                    let reason = format!("CUPS {}, queue {}: the spooler {word} job {id}", server.name(), self.queue);
                    if started {
                        SendOutcome::BrokenOff { accepted: total, reason }
                    } else {
                        SendOutcome::NothingSent(reason)
                    }
                };
                match state {
                    JobState::Completed => return SendOutcome::Sent(Evidence::BytesAccepted),
                    JobState::Canceled => return ended("canceled"),
                    JobState::Aborted => return ended("aborted"),
                    JobState::Pending | JobState::PendingHeld | JobState::Processing | JobState::ProcessingStopped => {}
                }
            }
            if Instant::now() + JOB_PAUSE >= until {
                return SendOutcome::Sent(Evidence::BytesAccepted);
            }
            sleep(JOB_PAUSE).await;
        }
    }

    /// The job's state, and whether the spooler ever started to send it. `None` = no readable answer.
    async fn job_state(&self, server: &Server, id: i32, until: Instant) -> Option<(JobState, bool)> {
        let path = self.printer_path();
        let message = message(Operation::GetJobAttributes, server, Some(&path))
            .and_then(|m| with(m, "job-id", IppValue::Integer(id)))
            .and_then(|m| with(m, "requesting-user-name", name(&user())?))
            .and_then(|m| with(m, "requested-attributes", keywords(&["job-state", "time-at-processing"])?))
            .ok()?;
        let answer = call(server, &path, &message.to_bytes(), &[], until, until).await.ok()?;
        let group = first(&answer, DelimiterTag::JobAttributes)?;
        let state = job_state_of(integer(group, "job-state")?)?;
        // `no-value` until it starts. Missing (a spooler that does not tell): taken as started, the careful side.
        let started = group.get("time-at-processing").is_none_or(|a| !matches!(a.value(), IppValue::NoValue));
        Some((state, started))
    }

    async fn ask(&self) -> DeviceState {
        let until = Instant::now() + self.settings.status_budget;
        let server = match Server::find(self.server.as_deref()) {
            Ok(server) => server,
            Err(e) => return DeviceState::Unreachable(e.to_string()),
        };
        let unreachable = |e: &dyn std::fmt::Display| {
            DeviceState::Unreachable(format!("CUPS {}, queue {}: {e}", server.name(), self.queue))
        };
        let path = self.printer_path();
        let wanted = ["printer-state", "printer-state-reasons", "printer-state-message"];
        let message = match message(Operation::GetPrinterAttributes, &server, Some(&path))
            .and_then(|m| with(m, "requested-attributes", keywords(&wanted)?))
        {
            Ok(message) => message,
            Err(e) => return unreachable(&e),
        };
        let answer = match timeout_at(until, call(&server, &path, &message.to_bytes(), &[], until, until)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(e @ (IppError::Connect(_) | IppError::Http { .. }))) => return unreachable(&e),
            Ok(Err(IppError::Broken { .. } | IppError::Unreadable { .. })) | Err(_) => return DeviceState::CannotTell,
        };
        let status = answer.header().status_code();
        match first(&answer, DelimiterTag::PrinterAttributes) {
            Some(group) if status.is_success() => queue_as_device(group),
            _ => unreachable(&status),
        }
    }
}

#[async_trait]
impl PrinterLink for CupsLink {
    async fn send(&self, job: &[u8]) -> SendOutcome {
        to_the_end(self.clone().deliver(job.to_vec())).await
    }

    async fn state(&self) -> DeviceState {
        self.ask().await
    }
}

/// Statuses with which the spooler says that it did not make a job. Its other errors leave that open.
fn made_no_job(status: StatusCode) -> bool {
    let code = status as u16;
    (0x0400..0x0500).contains(&code)
        || matches!(
            status,
            StatusCode::ServerErrorOperationNotSupported
                | StatusCode::ServerErrorServiceUnavailable
                | StatusCode::ServerErrorVersionNotSupported
                | StatusCode::ServerErrorNotAcceptingJobs
                | StatusCode::ServerErrorBusy
        )
}

fn job_state_of(number: i32) -> Option<JobState> {
    use JobState as S;
    [S::Pending, S::PendingHeld, S::Processing, S::ProcessingStopped, S::Canceled, S::Aborted, S::Completed]
        .into_iter()
        .find(|s| *s as i32 == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_queue_has_a_plain_path() {
        let link = CupsLink::new(None, "面单 1", CupsSettings::default());
        assert_eq!(link.printer_path(), "/printers/%E9%9D%A2%E5%8D%95%201");
    }
}
