//! Raw CUPS queues, spoken to by IPP: no libcups.
//!
//! The job goes as `application/vnd.cups-raw`, so a raw queue passes it on byte for byte. The spooler keeps a copy and
//! sends it by its own policy, so its word is worth `BytesAccepted` and never more: *completed* only means that its
//! backend had no complaint. For the same reason a queue that is idle is *cannot tell*, never ready.
//!
//! A queue with CUPS's default error policy `retry-job` sends a broken job again from its first byte; waybill queues
//! must have `stop-printer`. This module cannot see to that. Deliberately absent: driver queues, TLS, passwords.

use super::ipp_client::{IppError, Server, call};
use super::to_the_end;
use crate::address::LinkAddressError;
use crate::device;
use async_trait::async_trait;
use domain::evidence::Evidence;
use domain::printer::{DeviceState, PrinterLink, SendOutcome, StopReason};
use ipp::model::{DelimiterTag, IppVersion, JobState, Operation, PrinterState, StatusCode};
use ipp::prelude::{IppAttribute, IppAttributeGroup, IppRequestResponse, IppValue, Uri};
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

/// A queue of a spooler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueInfo {
    /// What stands in `cups://…/NAME`.
    pub name: String,
    /// The words its administrator gave it; may be empty.
    pub info: String,
    /// Where the spooler sends its jobs: `socket://192.168.1.9:9100`, `usb://…`. Without user names and passwords.
    pub device_uri: String,
    /// What the spooler is doing with it; says little about the device.
    pub state: QueueState,
}

/// What a spooler is doing with a queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueueState {
    /// No job, or none that can go on.
    Idle,
    /// Sending a job.
    Processing,
    /// Stopped by a person or after an error.
    Stopped,
    /// The spooler did not say.
    Unknown,
}

/// Why the queues of a spooler could not be listed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ListError {
    /// The given server, or `CUPS_SERVER`, is not one.
    #[error("the CUPS server's name is wrong: {0}")]
    Server(LinkAddressError),
    /// No connection, or it broke.
    #[error("the CUPS server {server} cannot be reached: {reason}")]
    Unreachable {
        /// Host and port or socket path.
        server: String,
        /// The system's own words.
        reason: String,
    },
    /// The server said no.
    #[error("the CUPS server {server} refused to list its queues: {reason}")]
    Refused {
        /// Host and port or socket path.
        server: String,
        /// The IPP or HTTP status in words.
        reason: String,
    },
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

/// Lists the raw and other queues of a spooler. `server`: `host:port`, a socket path, or `None` for `CUPS_SERVER` or the
/// system's own. No queue is an empty list.
pub async fn list_queues(server: Option<&str>) -> Result<Vec<QueueInfo>, ListError> {
    let settings = CupsSettings::default();
    let server = Server::find(server).map_err(ListError::Server)?;
    let refused = |reason: String| ListError::Refused { server: server.name(), reason };
    let wanted = ["printer-name", "printer-info", "device-uri", "printer-state"];
    let message = message(Operation::CupsGetPrinters, &server, None)
        .and_then(|m| with(m, "requested-attributes", keywords(&wanted)?))
        .map_err(|e| refused(e.to_string()))?;
    let until = Instant::now() + settings.connect_timeout;
    let answer = call(&server, "/", &message.to_bytes(), &[], until, until).await.map_err(|e| match e {
        IppError::Connect(_) | IppError::Broken { .. } => {
            ListError::Unreachable { server: server.name(), reason: e.to_string() }
        }
        IppError::Http { .. } | IppError::Unreadable { .. } => refused(e.to_string()),
    })?;
    match answer.header().status_code() {
        StatusCode::ClientErrorNotFound => Ok(Vec::new()),
        status if status.is_success() => {
            Ok(answer.attributes().groups_of(DelimiterTag::PrinterAttributes).filter_map(queue_info).collect())
        }
        status => Err(refused(status.to_string())),
    }
}

fn queue_info(group: &IppAttributeGroup) -> Option<QueueInfo> {
    let get = |key: &str| group.get(key).and_then(|a| text(a.value()));
    Some(QueueInfo {
        name: get("printer-name")?,
        info: get("printer-info").unwrap_or_default(),
        device_uri: without_user(&get("device-uri").unwrap_or_default()),
        state: match integer(group, "printer-state").and_then(printer_state_of) {
            Some(PrinterState::Idle) => QueueState::Idle,
            Some(PrinterState::Processing) => QueueState::Processing,
            Some(PrinterState::Stopped) => QueueState::Stopped,
            None => QueueState::Unknown,
        },
    })
}

fn without_user(uri: &str) -> String {
    match uri.split_once("://") {
        Some((scheme, rest)) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let start = rest[..end].rfind('@').map_or(0, |at| at + 1);
            format!("{scheme}://{}", &rest[start..])
        }
        None => uri.to_owned(),
    }
}

/// What a queue's state says about the device. Reasons: RFC 8011 §5.4.12, with `-report` meaning "for information".
fn queue_as_device(group: &IppAttributeGroup) -> DeviceState {
    let mut stops = Vec::new();
    for reason in group.get("printer-state-reasons").map(|a| texts(a.value())).unwrap_or_default() {
        let (word, severity) = match reason.rsplit_once('-') {
            Some((word, severity @ ("error" | "warning" | "report"))) => (word, severity),
            _ => (reason.as_str(), "error"),
        };
        let stop = match word {
            "offline" | "connecting-to-device" | "timed-out" => {
                let message = group.get("printer-state-message").and_then(|a| text(a.value())).unwrap_or_default();
                return DeviceState::Unreachable(format!("the spooler says {word} {message}").trim_end().to_owned());
            }
            "media-empty" | "media-needed" => StopReason::PaperOut,
            "media-jam" => StopReason::Jam,
            "cover-open" | "door-open" | "interlock-open" => StopReason::HeadOpen,
            "marker-supply-empty" => StopReason::RibbonOut,
            "paused" | "moving-to-paused" => StopReason::Paused,
            _ => continue,
        };
        if severity != "report" && !stops.contains(&stop) {
            stops.push(stop);
        }
    }
    let stopped = integer(group, "printer-state").and_then(printer_state_of) == Some(PrinterState::Stopped);
    if stopped && stops.is_empty() {
        stops.push(StopReason::Paused);
    }
    if stops.is_empty() { DeviceState::CannotTell } else { DeviceState::Stopped(stops) }
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

// ---- IPP messages ----

type Made<T> = Result<T, ipp::parser::IppParseError>;

fn message(operation: Operation, server: &Server, printer_path: Option<&str>) -> Made<IppRequestResponse> {
    let uri = printer_path.and_then(|p| format!("ipp://{}{p}", server.authority()).parse::<Uri>().ok());
    IppRequestResponse::new(IppVersion::v1_1(), operation, uri)
}

fn with(mut message: IppRequestResponse, key: &str, value: IppValue) -> Made<IppRequestResponse> {
    message.attributes_mut().add(DelimiterTag::OperationAttributes, IppAttribute::with_name(key, value)?);
    Ok(message)
}

fn name(text: &str) -> Made<IppValue> {
    Ok(IppValue::NameWithoutLanguage(text.try_into()?))
}

fn mime(text: &str) -> Made<IppValue> {
    Ok(IppValue::MimeMediaType(text.try_into()?))
}

fn keywords(words: &[&str]) -> Made<IppValue> {
    Ok(IppValue::Array(words.iter().map(|w| Ok(IppValue::Keyword((*w).try_into()?))).collect::<Made<_>>()?))
}

/// Whose jobs they are in the spooler's list: the user of this machine's session.
fn user() -> String {
    ["USER", "LOGNAME", "USERNAME"]
        .iter()
        .filter_map(|key| std::env::var(key).ok())
        .find(|name| !name.is_empty() && name.len() <= 127)
        .unwrap_or_else(|| "waybill-desk".to_owned())
}

fn first(answer: &IppRequestResponse, tag: DelimiterTag) -> Option<&IppAttributeGroup> {
    answer.attributes().groups_of(tag).next()
}

fn integer(group: &IppAttributeGroup, key: &str) -> Option<i32> {
    match group.get(key)?.value() {
        IppValue::Integer(n) | IppValue::Enum(n) => Some(*n),
        _ => None,
    }
}

fn job_state_of(number: i32) -> Option<JobState> {
    use JobState as S;
    [S::Pending, S::PendingHeld, S::Processing, S::ProcessingStopped, S::Canceled, S::Aborted, S::Completed]
        .into_iter()
        .find(|s| *s as i32 == number)
}

fn printer_state_of(number: i32) -> Option<PrinterState> {
    use PrinterState as S;
    [S::Idle, S::Processing, S::Stopped].into_iter().find(|s| *s as i32 == number)
}

fn text(value: &IppValue) -> Option<String> {
    Some(match value {
        IppValue::NameWithoutLanguage(t) | IppValue::NameWithLanguage { name: t, .. } => t.as_str().to_owned(),
        IppValue::TextWithoutLanguage(t) | IppValue::TextWithLanguage { text: t, .. } => {
            let t: &str = t.as_ref();
            t.to_owned()
        }
        IppValue::Keyword(t) => t.as_str().to_owned(),
        IppValue::Uri(t) => t.as_str().to_owned(),
        IppValue::NonUtf8 { data, .. } => String::from_utf8_lossy(data).into_owned(),
        _ => return None,
    })
}

fn texts(value: &IppValue) -> Vec<String> {
    match value {
        IppValue::Array(all) => all.iter().filter_map(text).collect(),
        one => text(one).into_iter().collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(state: PrinterState, reasons: &[&str]) -> DeviceState {
        let mut group = IppAttributeGroup::new(DelimiterTag::PrinterAttributes);
        let all = group.attributes_mut();
        all.push(IppAttribute::with_name("printer-state", IppValue::Enum(state as i32)).unwrap());
        all.push(IppAttribute::with_name("printer-state-reasons", keywords(reasons).unwrap()).unwrap());
        queue_as_device(&group)
    }

    #[test]
    fn a_spooler_never_makes_a_device_ready() {
        use StopReason as R;
        for (state, reasons, want) in [
            (PrinterState::Idle, &["none"][..], DeviceState::CannotTell),
            (PrinterState::Processing, &["none"], DeviceState::CannotTell),
            (PrinterState::Stopped, &["paused"], DeviceState::Stopped(vec![R::Paused])),
            (PrinterState::Stopped, &["none"], DeviceState::Stopped(vec![R::Paused])),
            (
                PrinterState::Idle,
                &["media-empty-error", "cover-open"],
                DeviceState::Stopped(vec![R::PaperOut, R::HeadOpen]),
            ),
            (PrinterState::Idle, &["media-jam-report"], DeviceState::CannotTell),
        ] {
            assert_eq!(queue(state, reasons), want, "{state:?} {reasons:?}");
        }
        assert!(
            matches!(queue(PrinterState::Processing, &["offline-report"]), DeviceState::Unreachable(_)),
            "backends report an unplugged device as offline-report"
        );
    }

    #[test]
    fn passwords_in_device_addresses_are_not_shown() {
        assert_eq!(without_user("smb://me:secret@host/share"), "smb://host/share");
        assert_eq!(without_user("socket://10.0.0.9:9100"), "socket://10.0.0.9:9100");
        assert_eq!(without_user("usb://TSC/TE200?serial=a@b"), "usb://TSC/TE200?serial=a@b");
        assert_eq!(without_user("///dev/null"), "///dev/null");
    }

    #[test]
    fn a_chinese_queue_has_a_plain_path() {
        let link = CupsLink::new(None, "面单 1", CupsSettings::default());
        assert_eq!(link.printer_path(), "/printers/%E9%9D%A2%E5%8D%95%201");
    }
}
