//! Everything between a raster and a label printer: printer languages, links, and how the device says it is.
//!
//! Invariants: a language turns a raster into bytes and knows no link; a link moves bytes and knows no raster; whatever
//! a device or a spooler answers is hostile input and can at most make the state *cannot tell*. One device has one
//! writer at a time ([`device`]). No byte is ever sent a second time by this crate.
//!
//! Deliberately absent: retries, queues, the print journal (the desk's), fonts and drawing (the label crate's),
//! links over Bluetooth and to the cloud.

mod address;
mod device;
mod find;
mod languages;
mod pwg_raster;
mod status;
mod transports;

pub use address::{LinkAddress, LinkAddressError};
pub use find::{FindSettings, Finds, FoundPrinter, Place, find};
pub use transports::cups::CupsLink;
pub use transports::cups_queues::{ListError, QueueInfo, QueueState, list_queues};
pub use transports::feed::LocalSettings;
pub use transports::file::FileLink;
pub use transports::ipp_page::IppPageLink;
pub use transports::ipp_queue::QueueSettings;
#[cfg(target_os = "linux")]
pub use transports::lp::LpLink;
pub use transports::serial::SerialLink;
pub use transports::tcp::{TcpLink, TcpSettings};
pub use transports::usb::UsbLink;

#[cfg(windows)]
pub use transports::winspool::WinspoolLink;

use domain::printer::{Encoder, Language, PrinterLink};
use std::sync::Arc;
use transports::elsewhere::ElsewhereLink;

/// The encoder of a language.
pub fn encoder(language: Language) -> &'static dyn Encoder {
    match language {
        Language::Tspl => &languages::tspl::Tspl,
        Language::Zpl => &languages::zpl::Zpl,
    }
}

/// The encoder for the printer at `address`: queues that print pages take no language.
pub fn encoder_for(address: &LinkAddress, language: Language) -> &'static dyn Encoder {
    match address {
        LinkAddress::Ipp { .. } => &pwg_raster::PwgRaster,
        _ => encoder(language),
    }
}

/// A link to the device at `address`. Costs nothing: no name is looked up, no file and no connection opened. `language`
/// decides which status question a network printer is asked.
pub fn open(address: &LinkAddress, language: Language) -> Arc<dyn PrinterLink> {
    match address {
        LinkAddress::Tcp { host, port } => Arc::new(TcpLink::new(host, *port, language, TcpSettings::default())),
        LinkAddress::Cups { server, queue } => {
            Arc::new(CupsLink::new(server.as_deref(), queue, QueueSettings::default()))
        }
        LinkAddress::Ipp { host, port, path } => {
            Arc::new(IppPageLink::new(host, *port, path, QueueSettings::default()))
        }
        LinkAddress::Usb { vendor, product, serial } => {
            Arc::new(UsbLink::new(*vendor, *product, serial.as_deref(), language, LocalSettings::default()))
        }
        #[cfg(target_os = "linux")]
        LinkAddress::Lp { node } => Arc::new(LpLink::new(node, LocalSettings::default())),
        #[cfg(not(target_os = "linux"))]
        LinkAddress::Lp { .. } => Arc::new(ElsewhereLink::new("lp: addresses exist on Linux only; write usb:VID:PID")),
        LinkAddress::Serial { port, baud } => Arc::new(SerialLink::new(port, *baud, LocalSettings::default())),
        #[cfg(windows)]
        LinkAddress::Winspool { name } => Arc::new(WinspoolLink::new(name, LocalSettings::default())),
        #[cfg(not(windows))]
        LinkAddress::Winspool { .. } => {
            Arc::new(ElsewhereLink::new("winspool: addresses exist on Windows only; write cups://QUEUE"))
        }
        LinkAddress::File { path } => Arc::new(FileLink::new(path)),
    }
}
