//! Everything between a raster and a label printer: languages, printer families, links, and how the device says it is.
//!
//! Invariants: a language turns a raster into bytes and knows no link; a link moves bytes and knows no raster; whatever
//! a device or a spooler answers is hostile input and can at most make the state *cannot tell*. One device has one
//! writer at a time ([`device`]). No byte is ever sent a second time by this crate.
//!
//! Deliberately absent: retries, queues, the print journal (the desk's), fonts and drawing (the label crate's),
//! links over Bluetooth and to the cloud, opening what a platform sealed ([`component`] hands it on).

mod address;
mod calibrate;
mod component;
mod device;
mod encode;
mod find;
#[doc(hidden)]
pub mod hostile;
mod languages;
mod placing;
mod profiles;
mod pwg_raster;
mod status;
mod transports;

pub use address::{LinkAddress, LinkAddressError};
pub use calibrate::calibration;
pub use component::{
    COMPONENT_PORT, CommandError, ComponentError, ComponentLink, ComponentPrinter, ComponentSettings,
    component_printers, print_command,
};
pub use find::{FindSettings, Finds, FoundPrinter, Place, find};
pub use profiles::{Clear, Hints, Profile, generic, pick, profile, profiles};
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

use domain::printer::{Encoder, PrinterLink};
use std::sync::Arc;
use transports::elsewhere::ElsewhereLink;

/// The encoder for printers of a profile.
pub fn encoder(profile: &'static Profile) -> impl Encoder {
    encode::ForProfile(profile)
}

/// The encoder for the printer at `address`: queues that print pages take no language, the print component takes no
/// picture at all.
pub fn encoder_for(address: &LinkAddress, profile: &'static Profile) -> Box<dyn Encoder> {
    match address {
        LinkAddress::Ipp { .. } => Box::new(pwg_raster::PwgRaster),
        LinkAddress::Cainiao { .. } => Box::new(encode::SealedOnly),
        _ => Box::new(encode::ForProfile(profile)),
    }
}

/// A link to the device at `address`. Costs nothing: no name is looked up, no file and no connection opened. `profile`
/// decides which status questions a printer is asked, and how it is cleared after a broken job.
pub fn open(address: &LinkAddress, profile: &'static Profile) -> Arc<dyn PrinterLink> {
    match address {
        LinkAddress::Tcp { host, port } => Arc::new(TcpLink::new(host, *port, profile, TcpSettings::default())),
        LinkAddress::Cups { server, queue } => {
            Arc::new(CupsLink::new(server.as_deref(), queue, QueueSettings::default()))
        }
        LinkAddress::Ipp { host, port, path } => {
            Arc::new(IppPageLink::new(host, *port, path, QueueSettings::default()))
        }
        LinkAddress::Usb { vendor, product, serial } => {
            Arc::new(UsbLink::new(*vendor, *product, serial.as_deref(), profile, LocalSettings::default()))
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
        LinkAddress::Cainiao { port, printer } => {
            Arc::new(ComponentLink::new(*port, printer, ComponentSettings::default()))
        }
        LinkAddress::File { path } => Arc::new(FileLink::new(path)),
    }
}
