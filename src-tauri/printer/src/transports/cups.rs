//! Raw CUPS queues, spoken to by IPP: no libcups.
//!
//! The job goes as `application/vnd.cups-raw`, so a raw queue passes it on byte for byte.
//!
//! A queue with CUPS's default error policy `retry-job` sends a broken job again from its first byte; waybill queues
//! must have `stop-printer`. This module cannot see to that. Deliberately absent: driver queues ([`super::ipp_page`]).

use super::ipp_client::Server;
use super::ipp_message::mime;
use super::ipp_queue::{Document, Queue, QueueSettings};
use super::to_the_end;
use crate::address::LinkAddressError;
use async_trait::async_trait;
use domain::printer::{DeviceState, PrinterLink, SendOutcome};

/// A raw queue.
#[derive(Clone, Debug)]
pub struct CupsLink {
    server: Option<String>,
    queue: String,
    settings: QueueSettings,
}

impl CupsLink {
    /// A link to a queue; `server` as in [`crate::LinkAddress::Cups`]. No I/O.
    pub fn new(server: Option<&str>, queue: &str, settings: QueueSettings) -> Self {
        Self { server: server.map(str::to_owned), queue: queue.to_owned(), settings }
    }

    fn queue(&self) -> Result<Queue, LinkAddressError> {
        let server = Server::find(self.server.as_deref())?;
        let name = format!("CUPS {}, queue {}", server.name(), self.queue);
        Ok(Queue { server, path: printer_path(&self.queue), name, settings: self.settings })
    }

    async fn deliver(self, job: Vec<u8>) -> SendOutcome {
        let queue = match self.queue() {
            Ok(queue) => queue,
            Err(e) => return SendOutcome::NothingSent(e.to_string()),
        };
        match mime("application/vnd.cups-raw") {
            Ok(format) => queue.deliver(Document { format, job_attributes: Vec::new(), bytes: &job }).await,
            Err(e) => SendOutcome::NothingSent(queue.told(&e)),
        }
    }
}

#[async_trait]
impl PrinterLink for CupsLink {
    async fn send(&self, job: &[u8]) -> SendOutcome {
        to_the_end(self.clone().deliver(job.to_vec())).await
    }

    async fn state(&self) -> DeviceState {
        match self.queue() {
            Ok(queue) => queue.state().await,
            Err(e) => DeviceState::Unreachable(e.to_string()),
        }
    }
}

/// Where CUPS keeps a queue. Everything but plain letters and digits is escaped: CUPS decodes it.
pub(super) fn printer_path(queue: &str) -> String {
    let escaped: String = queue
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(b).to_string(),
            _ => format!("%{b:02X}"),
        })
        .collect();
    format!("/printers/{escaped}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_queue_has_a_plain_path() {
        assert_eq!(printer_path("面单 1"), "/printers/%E9%9D%A2%E5%8D%95%201");
    }
}
