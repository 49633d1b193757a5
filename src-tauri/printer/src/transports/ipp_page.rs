//! Queues that print pages: IPP printers, IPP Everywhere and driver queues of a spooler. The job is one page of PWG
//! raster ([`crate::pwg_raster`]), and the page says itself how large it is.
//!
//! Before anything is handed over, the queue is asked what it takes; a queue that would have to scale, convert or guess
//! is refused with nothing sent. A driver queue still draws the page anew for its head; CUPS does so in whole points
//! and cuts up to a dot off each edge, so a raw queue is better wherever there is one. Deliberately absent: PDF, TLS.

use super::ipp_client::Server;
use super::ipp_message::{Made, collection, keyword, mime, resolutions, texts};
use super::ipp_queue::{Document, Queue, QueueSettings, Silence};
use super::to_the_end;
use crate::pwg_raster::{self, Page};
use async_trait::async_trait;
use domain::printer::{DeviceState, PrinterLink, SendOutcome};
use ipp::prelude::{IppAttribute, IppAttributeGroup, IppValue};
use tokio::time::Instant;

/// What a queue is asked before it gets a page.
const WANTED: [&str; 4] = [
    "document-format-supported",
    "print-color-mode-supported",
    "pwg-raster-document-resolution-supported",
    "pwg-raster-document-type-supported",
];

/// A queue that prints pages.
#[derive(Clone, Debug)]
pub struct IppPageLink {
    queue: Queue,
}

impl IppPageLink {
    /// A link to `ipp://host:port/path` (IPv6 without brackets; `path` begins with `/`). No I/O.
    pub fn new(host: &str, port: u16, path: &str, settings: QueueSettings) -> Self {
        let server = Server::Tcp { host: host.to_owned(), port };
        let name = format!("IPP {}{path}", server.name());
        Self { queue: Queue { server, path: path.to_owned(), name, settings } }
    }

    async fn deliver(self, job: Vec<u8>) -> SendOutcome {
        let queue = self.queue;
        let nothing = |e: &dyn std::fmt::Display| SendOutcome::NothingSent(queue.told(e));
        let Some(page) = pwg_raster::page(&job) else {
            return nothing(&"the job is no page; queues of this kind do not take a printer language");
        };
        let until = Instant::now() + queue.settings.connect_timeout;
        let able = match queue.attributes(&WANTED, until).await {
            Ok(able) => able,
            Err(Silence::No(why) | Silence::Nothing(why)) => return SendOutcome::NothingSent(why),
        };
        if let Err(why) = takes(&able, page) {
            return nothing(&why);
        }
        match mime(pwg_raster::MIME).and_then(|format| Ok((format, ticket(&able, page)?))) {
            Ok((format, job_attributes)) => queue.deliver(Document { format, job_attributes, bytes: &job }).await,
            Err(e) => nothing(&e),
        }
    }
}

#[async_trait]
impl PrinterLink for IppPageLink {
    async fn send(&self, job: &[u8]) -> SendOutcome {
        to_the_end(self.clone().deliver(job.to_vec())).await
    }

    async fn state(&self) -> DeviceState {
        self.queue.state().await
    }
}

/// Whether the queue can print the page dot for dot, as far as it says.
fn takes(able: &IppAttributeGroup, page: Page) -> Result<(), String> {
    let formats = words(able, "document-format-supported");
    if !formats.iter().any(|f| f == pwg_raster::MIME) {
        return Err(format!("the queue does not take {}, but {}", pwg_raster::MIME, formats.join(", ")));
    }
    let pixels = words(able, "pwg-raster-document-type-supported");
    if !pixels.is_empty() && !pixels.iter().any(|p| p == pwg_raster::PIXELS) {
        return Err(format!("the queue does not take pixels as {}, but as {}", pwg_raster::PIXELS, pixels.join(", ")));
    }
    let dpi = able.get("pwg-raster-document-resolution-supported").map(|a| resolutions(a.value()));
    match dpi {
        Some(dpi) if !dpi.contains(&page.dpi) => Err(format!(
            "the queue prints {dpi:?} dpi and would scale a page of {}; set the printer up with one of those",
            page.dpi
        )),
        _ => Ok(()),
    }
}

/// How the page is to be printed: its size without margins, unscaled, in black and white.
fn ticket(able: &IppAttributeGroup, page: Page) -> Made<Vec<IppAttribute>> {
    let (x, y) = page.size;
    let size = collection([("x-dimension", IppValue::Integer(x)), ("y-dimension", IppValue::Integer(y))])?;
    let margin = |side| (side, IppValue::Integer(0));
    let media = collection([
        ("media-size", size),
        margin("media-bottom-margin"),
        margin("media-left-margin"),
        margin("media-right-margin"),
        margin("media-top-margin"),
    ])?;
    let mut ticket =
        vec![IppAttribute::with_name("media-col", media)?, IppAttribute::with_name("print-scaling", keyword("none")?)?];
    let modes = words(able, "print-color-mode-supported");
    if let Some(mode) = ["bi-level", "monochrome"].into_iter().find(|mode| modes.iter().any(|m| m == mode)) {
        ticket.push(IppAttribute::with_name("print-color-mode", keyword(mode)?)?);
    }
    Ok(ticket)
}

fn words(group: &IppAttributeGroup, key: &str) -> Vec<String> {
    group.get(key).map(|a| texts(a.value())).unwrap_or_default()
}
