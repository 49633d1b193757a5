//! A queue that is spoken to by IPP: hands one document over, watches its job, asks how the queue is.
//!
//! Knows nothing of what the document is; [`super::cups`] hands over raw jobs, [`super::ipp_page`] pages. A spooler
//! keeps a copy and sends it by its own policy, so its word is worth `BytesAccepted` and never more: *completed* only
//! means that its backend had no complaint. For the same reason a queue that is idle is *cannot tell*, never ready.
//! Deliberately absent: TLS, passwords, any second attempt at a job that may have been taken.

use super::JOB_NAME;
use super::cups_queues::queue_as_device;
use super::ipp_client::{IppError, Server, call};
use super::ipp_message::{first, integer, keywords, message, name, user, with};
use crate::device;
use domain::evidence::Evidence;
use domain::printer::{DeviceState, SendOutcome};
use ipp::model::{DelimiterTag, JobState, Operation, StatusCode};
use ipp::prelude::{IppAttribute, IppAttributeGroup, IppValue};
use std::fmt::Display;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout_at};

/// How long a link to a queue waits for what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueSettings {
    /// For the connection.
    pub connect_timeout: Duration,
    /// For the spooler to take a whole job and answer.
    pub answer_limit: Duration,
    /// How long the job is watched afterwards.
    pub job_wait: Duration,
    /// [`PrinterLink::state`] and each look at a job.
    pub status_budget: Duration,
}

impl Default for QueueSettings {
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

/// One queue of one server.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub server: Server,
    /// Its path on the server, escaped: `/printers/NAME`, `/ipp/print`.
    pub path: String,
    /// What stands in front of every reason.
    pub name: String,
    pub settings: QueueSettings,
}

/// What is handed over.
pub(super) struct Document<'a> {
    /// `document-format`.
    pub format: IppValue,
    /// How it is to be printed.
    pub job_attributes: Vec<IppAttribute>,
    pub bytes: &'a [u8],
}

impl Queue {
    /// Hands one document over and looks at its job until it has ended or the wait is over. Takes the queue's turn.
    pub(super) async fn deliver(&self, document: Document<'_>) -> SendOutcome {
        let _line = device::line(vec![format!("ipp {} {}", self.server.key(), self.path)]).await;
        let total = document.bytes.len() as u64;
        match self.submit(document).await {
            Ok(id) => {
                tracing::debug!(queue = %self.name, job = id, "the spooler took the job");
                self.watch(id, total).await
            }
            Err(outcome) => outcome,
        }
    }

    /// Print-Job. The spooler's job number, or how it ended.
    async fn submit(&self, document: Document<'_>) -> Result<i32, SendOutcome> {
        let total = document.bytes.len() as u64;
        let told = |e: &dyn Display| self.told(e);
        let mut message = message(Operation::PrintJob, &self.server, Some(&self.path))
            .and_then(|m| with(m, "requesting-user-name", name(&user())?))
            .and_then(|m| with(m, "job-name", name(JOB_NAME)?))
            .and_then(|m| with(m, "document-format", document.format))
            .map_err(|e| SendOutcome::NothingSent(told(&e)))?;
        for attribute in document.job_attributes {
            message.attributes_mut().add(DelimiterTag::JobAttributes, attribute);
        }
        let message = message.to_bytes();
        let before_document = message.len() as u64;
        let now = Instant::now();
        let answer = call(
            &self.server,
            &self.path,
            &message,
            document.bytes,
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
    async fn watch(&self, id: i32, total: u64) -> SendOutcome {
        let until = Instant::now() + self.settings.job_wait;
        loop {
            let look = (Instant::now() + self.settings.status_budget).min(until);
            if let Some((state, started)) = self.job_state(id, look).await {
                let ended = |word: &str| {
                    let reason = self.told(&format!("the spooler {word} job {id}"));
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
    async fn job_state(&self, id: i32, until: Instant) -> Option<(JobState, bool)> {
        let message = message(Operation::GetJobAttributes, &self.server, Some(&self.path))
            .and_then(|m| with(m, "job-id", IppValue::Integer(id)))
            .and_then(|m| with(m, "requesting-user-name", name(&user())?))
            .and_then(|m| with(m, "requested-attributes", keywords(&["job-state", "time-at-processing"])?))
            .ok()?;
        let answer = call(&self.server, &self.path, &message.to_bytes(), &[], until, until).await.ok()?;
        let group = first(&answer, DelimiterTag::JobAttributes)?;
        let state = job_state_of(integer(group, "job-state")?)?;
        // `no-value` until it starts. Missing (a spooler that does not tell): taken as started, the careful side.
        let started = group.get("time-at-processing").is_none_or(|a| !matches!(a.value(), IppValue::NoValue));
        Some((state, started))
    }

    /// What the queue says of the device behind it, within the status budget.
    pub(super) async fn state(&self) -> DeviceState {
        let wanted = ["printer-state", "printer-state-reasons", "printer-state-message"];
        match self.attributes(&wanted, Instant::now() + self.settings.status_budget).await {
            Ok(group) => queue_as_device(&group),
            Err(Silence::No(why)) => DeviceState::Unreachable(why),
            Err(Silence::Nothing(_)) => DeviceState::CannotTell,
        }
    }

    /// The queue's own description. Both kinds of silence carry the words for a person.
    pub(super) async fn attributes(&self, wanted: &[&str], until: Instant) -> Result<IppAttributeGroup, Silence> {
        let no = |e: &dyn Display| Silence::No(self.told(e));
        let message = message(Operation::GetPrinterAttributes, &self.server, Some(&self.path))
            .and_then(|m| with(m, "requested-attributes", keywords(wanted)?))
            .map_err(|e| no(&e))?
            .to_bytes();
        let asked = call(&self.server, &self.path, &message, &[], until, until);
        let answer = match timeout_at(until, asked).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(e @ (IppError::Connect(_) | IppError::Http { .. }))) => return Err(no(&e)),
            Ok(Err(e)) => return Err(Silence::Nothing(self.told(&e))),
            Err(_) => return Err(Silence::Nothing(self.told(&"no answer in time"))),
        };
        let status = answer.header().status_code();
        match first(&answer, DelimiterTag::PrinterAttributes) {
            Some(group) if status.is_success() => Ok(group.clone()),
            _ => Err(no(&status)),
        }
    }

    pub(super) fn told(&self, e: &dyn Display) -> String {
        format!("{}: {e}", self.name)
    }
}

/// Why a queue did not describe itself.
#[derive(Debug)]
pub(super) enum Silence {
    /// It cannot be reached, or says no.
    No(String),
    /// It was reached and did not answer, or not readably.
    Nothing(String),
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
