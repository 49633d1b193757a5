//! Everything between a raster and a label printer: printer languages, links, and how the device says it is.
//!
//! Invariants: a language turns a raster into bytes and knows no link; a link moves bytes and knows no raster; whatever
//! a device or a spooler answers is hostile input and can at most make the state *cannot tell*. One device has one
//! writer at a time ([`device`]). No byte is ever sent a second time by this crate.
//!
//! Deliberately absent: retries, queues, the print journal (the desk's), fonts and drawing (the label crate's),
//! Windows spooler, USB and serial links.

mod address;
mod device;
mod languages;
mod status;
mod transports;

pub use address::{LinkAddress, LinkAddressError};
pub use transports::cups::{CupsLink, CupsSettings};
pub use transports::cups_queues::{ListError, QueueInfo, QueueState, list_queues};
pub use transports::file::FileLink;
pub use transports::tcp::{TcpLink, TcpSettings};

use domain::printer::{Encoder, Language, PrinterLink};
use std::sync::Arc;

/// The encoder of a language.
pub fn encoder(language: Language) -> &'static dyn Encoder {
    match language {
        Language::Tspl => &languages::tspl::Tspl,
        Language::Zpl => &languages::zpl::Zpl,
    }
}

/// A link to the device at `address`. Costs nothing: no name is looked up, no file and no connection opened. `language`
/// decides which status question a network printer is asked.
pub fn open(address: &LinkAddress, language: Language) -> Arc<dyn PrinterLink> {
    match address {
        LinkAddress::Tcp { host, port } => Arc::new(TcpLink::new(host, *port, language, TcpSettings::default())),
        LinkAddress::Cups { server, queue } => {
            Arc::new(CupsLink::new(server.as_deref(), queue, CupsSettings::default()))
        }
        LinkAddress::File { path } => Arc::new(FileLink::new(path)),
    }
}
