//! Everything between a raster and a label printer: languages, printer families, links, and how the device says it is.
//!
//! Invariants: a language turns a raster into bytes and knows no link; a link moves bytes and knows no raster; whatever
//! a device or a spooler answers is hostile input and can at most make the state *cannot tell*. One device has one
//! writer at a time ([`device`]). No byte is ever sent a second time by this crate.
//!
//! Deliberately absent: retries, queues, the print journal (the desk's), fonts and drawing (the label crate's),
//! Windows spooler, USB and serial links.

mod address;
mod device;
mod encode;
mod languages;
mod placing;
mod profiles;
mod status;
mod transports;

pub use address::{LinkAddress, LinkAddressError};
pub use profiles::{Clear, Hints, Profile, generic, pick, profile, profiles};
pub use transports::cups::{CupsLink, CupsSettings};
pub use transports::cups_queues::{ListError, QueueInfo, QueueState, list_queues};
pub use transports::file::FileLink;
pub use transports::tcp::{TcpLink, TcpSettings};

use domain::printer::{Encoder, PrinterLink};
use std::sync::Arc;

/// The encoder for printers of a profile.
pub fn encoder(profile: &'static Profile) -> impl Encoder {
    encode::ForProfile(profile)
}

/// A link to the device at `address`. Costs nothing: no name is looked up, no file and no connection opened. `profile`
/// decides which status questions a network printer is asked, and how it is cleared after a broken job.
pub fn open(address: &LinkAddress, profile: &'static Profile) -> Arc<dyn PrinterLink> {
    match address {
        LinkAddress::Tcp { host, port } => Arc::new(TcpLink::new(host, *port, profile, TcpSettings::default())),
        LinkAddress::Cups { server, queue } => {
            Arc::new(CupsLink::new(server.as_deref(), queue, CupsSettings::default()))
        }
        LinkAddress::File { path } => Arc::new(FileLink::new(path)),
    }
}
