//! The queues of a spooler, CUPS's or that of Windows: listing them, and what a queue's state says about the device
//! behind it.
//!
//! A spooler knows little of a label printer: a queue that is idle or processing is *cannot tell*, never ready.

use super::cups::printer_path;
use super::ipp_client::{IppError, Server, call};
use super::ipp_message::{integer, keywords, message, text, texts, with};
use super::ipp_queue::QueueSettings;
use crate::address::{LinkAddress, LinkAddressError};
use crate::profiles::{Hints, Profile, pick};
use domain::printer::{DeviceState, StopReason};
use ipp::model::{DelimiterTag, Operation, PrinterState, StatusCode};
use ipp::prelude::IppAttributeGroup;
use tokio::time::Instant;

/// A queue of a spooler.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueInfo {
    /// What stands in `cups://…/NAME` or `winspool:NAME`.
    pub name: String,
    /// The words its administrator gave it; may be empty.
    pub info: String,
    /// Where the spooler sends its jobs: `socket://192.168.1.9:9100`, `usb://…`. Without user names and passwords.
    pub device_uri: String,
    /// What its printer seems to be, by the spooler's `printer-make-and-model` and `printer-device-id`,
    /// on Windows by the name of its driver.
    pub profile: Option<&'static Profile>,
    /// What the spooler is doing with it; says little about the device.
    pub state: QueueState,
    /// Maker and model of its driver.
    pub make_and_model: String,
    /// IEEE-1284 device id of the printer, where the spooler knows it.
    pub device_id: Option<String>,
}

impl QueueInfo {
    /// The address to use for it: a raw queue passes a job on, one with a driver wants a page. `server` is that of
    /// [`list_queues`].
    pub fn address(&self, server: Option<&str>) -> LinkAddress {
        let (server, queue) = (server.map(str::to_owned), self.name.clone());
        if cfg!(windows) && server.is_none() {
            return LinkAddress::Winspool { name: queue };
        }
        // What CUPS calls queues without a driver.
        let raw = self.make_and_model.is_empty() || self.make_and_model.ends_with("Raw Printer");
        match Server::find(server.as_deref()) {
            Ok(at) if !raw => {
                let (host, port) = at.host_and_port();
                LinkAddress::Ipp { host, port, path: printer_path(&queue) }
            }
            _ => LinkAddress::Cups { server, queue },
        }
    }
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
    #[error("the spooler's name is wrong: {0}")]
    Server(LinkAddressError),
    /// No connection, or it broke.
    #[error("the spooler {server} cannot be reached: {reason}")]
    Unreachable {
        /// Host and port or socket path.
        server: String,
        /// The system's own words.
        reason: String,
    },
    /// The server said no.
    #[error("the spooler {server} refused to list its queues: {reason}")]
    Refused {
        /// Host and port or socket path.
        server: String,
        /// The IPP or HTTP status in words.
        reason: String,
    },
}

/// Lists the raw and other queues of a spooler. `server`: `host:port`, a socket path, or `None` for the system's own:
/// that of Windows there, elsewhere `CUPS_SERVER` or this computer's CUPS. No queue is an empty list.
pub async fn list_queues(server: Option<&str>) -> Result<Vec<QueueInfo>, ListError> {
    #[cfg(windows)]
    if server.is_none() {
        let listed = super::blocking(super::winspool::list).await;
        return listed.map_err(|e| ListError::Unreachable { server: "of Windows".to_owned(), reason: e.to_string() });
    }
    cups_queues(server).await
}

async fn cups_queues(server: Option<&str>) -> Result<Vec<QueueInfo>, ListError> {
    let settings = QueueSettings::default();
    let server = Server::find(server).map_err(ListError::Server)?;
    let refused = |reason: String| ListError::Refused { server: server.name(), reason };
    let wanted =
        ["printer-name", "printer-info", "device-uri", "printer-state", "printer-make-and-model", "printer-device-id"];
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
        profile: pick(&Hints {
            device_id: get("printer-device-id").as_deref().map(str::as_bytes),
            make_and_model: get("printer-make-and-model").as_deref(),
            ..Hints::default()
        }),
        device_uri: without_user(&get("device-uri").unwrap_or_default()),
        state: match integer(group, "printer-state").and_then(printer_state_of) {
            Some(PrinterState::Idle) => QueueState::Idle,
            Some(PrinterState::Processing) => QueueState::Processing,
            Some(PrinterState::Stopped) => QueueState::Stopped,
            None => QueueState::Unknown,
        },
        make_and_model: get("printer-make-and-model").unwrap_or_default(),
        device_id: get("printer-device-id").filter(|id| !id.is_empty()),
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
pub(super) fn queue_as_device(group: &IppAttributeGroup) -> DeviceState {
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

fn printer_state_of(number: i32) -> Option<PrinterState> {
    use PrinterState as S;
    [S::Idle, S::Processing, S::Stopped].into_iter().find(|s| *s as i32 == number)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ipp::prelude::{IppAttribute, IppValue};

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
}
