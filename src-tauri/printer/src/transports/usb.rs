//! USB printer class (07/01), through the system's own USB interface: no libusb.
//!
//! The device is found anew for each job, by vendor, product and serial number: it may have been plugged in elsewhere.
//! Where the Linux driver `usblp` holds it, its node is used instead ([`super::lp`]); it is never torn from a driver.
//! On Windows the maker's driver owns the device and only the spooler reaches it, unless `WinUSB` was bound to it by
//! hand. A device that does not take bytes is waited for: it NAKs while it is paused or out of labels.
//!
//! Evidence is `BytesAccepted`: every packet was acknowledged by the device, and it may still lie in its memory. The
//! answering endpoint is read only where the interface says that there is one (protocol 02), for as long as the status
//! budget allows, and never while a job is under way. Deliberately absent: `SOFT_RESET` (it wipes what waits in
//! the device), IPP over USB (protocol 04).

use super::feed::{LocalSettings, Pipe, Taken, feed};
use super::usb_class::{self, BIDIRECTIONAL, GET_DEVICE_ID, GET_PORT_STATUS, PRINTER, UNIDIRECTIONAL};
use super::{blocking, to_the_end};
use crate::profiles::Profile;
use crate::{device, status};
use async_trait::async_trait;
use domain::printer::{DeviceState, PrinterLink, SendOutcome};
use nusb::descriptors::TransferType;
use nusb::transfer::{Buffer, Bulk, ControlIn, ControlType, Direction, In, Out, Recipient, TransferError};
use nusb::{DeviceInfo, Endpoint, Interface, MaybeFuture};
use std::io::{self, ErrorKind};
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// Bytes in one transfer. Of what is in flight when a device goes away, no more than this is uncertain.
const PIECE: usize = 16 << 10;
/// For one request to the control endpoint; a device that is alive answers in a few milliseconds.
const CONTROL_LIMIT: Duration = Duration::from_millis(150);
/// No device id and no status answer is longer.
const LONGEST_ANSWER: u16 = 1024;

/// Which device: what stands in `usb:VID:PID:SERIAL`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub vendor: u16,
    pub product: u16,
    /// `None` = the only one of its kind that is plugged in.
    pub serial: Option<String>,
}

/// A USB printer.
#[derive(Clone, Debug)]
pub struct UsbLink {
    wanted: Wanted,
    profile: &'static Profile,
    settings: LocalSettings,
}

impl UsbLink {
    /// A link to the device with these ids; `serial: None` = the only one of its kind. No I/O.
    pub fn new(
        vendor: u16,
        product: u16,
        serial: Option<&str>,
        profile: &'static Profile,
        settings: LocalSettings,
    ) -> Self {
        let wanted = Wanted { vendor, product, serial: serial.map(str::to_owned) };
        Self { wanted, profile, settings }
    }

    fn name(&self) -> String {
        format!("USB {:04x}:{:04x}", self.wanted.vendor, self.wanted.product)
    }

    async fn deliver(self, job: Vec<u8>) -> SendOutcome {
        let (name, wanted) = (self.name(), self.wanted.clone());
        let found = match blocking(move || find(&wanted)).await {
            Ok(found) => found,
            Err(e) => return SendOutcome::NothingSent(format!("{name}: {e}")),
        };
        let line = device::line(vec![found.key.clone()]).await;
        blocking(move || {
            let _line = line;
            match found.way {
                #[cfg(target_os = "linux")]
                Way::Node(node) => super::lp::hand_over(&node, &job, self.settings),
                Way::Direct(info) => match Opened::new(&info) {
                    Ok(mut opened) => feed(&mut opened.out, &job, self.settings.pace(PIECE), &name),
                    Err(e) => SendOutcome::NothingSent(format!("{name}: {e}")),
                },
            }
        })
        .await
    }

    async fn ask(self) -> DeviceState {
        let (name, wanted) = (self.name(), self.wanted.clone());
        let found = match blocking(move || find(&wanted)).await {
            Ok(found) => found,
            Err(e) => return DeviceState::Unreachable(format!("{name}: {e}")),
        };
        let line = device::line(vec![found.key.clone()]).await;
        blocking(move || {
            // Kept to the end even when nobody waits any more: two must not talk to the device at once.
            let _line = line;
            match found.way {
                #[cfg(target_os = "linux")]
                Way::Node(node) => super::lp::state_of(&node),
                Way::Direct(info) => match Opened::new(&info) {
                    Ok(mut opened) => opened.state(self.profile, self.settings.status_budget / 2),
                    Err(e) => DeviceState::Unreachable(format!("{name}: {e}")),
                },
            }
        })
        .await
    }
}

#[async_trait]
impl PrinterLink for UsbLink {
    async fn send(&self, job: &[u8]) -> SendOutcome {
        to_the_end(self.clone().deliver(job.to_vec())).await
    }

    async fn state(&self) -> DeviceState {
        // A job is on its way, or the device does not answer: the link is there, and more cannot be known now.
        timeout(self.settings.status_budget, self.clone().ask()).await.unwrap_or(DeviceState::CannotTell)
    }
}

/// A device that is plugged in, and how to reach it.
struct Found {
    /// The key of its writer's turn.
    key: String,
    way: Way,
}

enum Way {
    /// The kernel's driver holds it.
    #[cfg(target_os = "linux")]
    Node(std::path::PathBuf),
    Direct(Box<DeviceInfo>),
}

/// Every plugged-in device with a printer's interface.
pub(crate) fn printers() -> io::Result<Vec<DeviceInfo>> {
    Ok(nusb::list_devices().wait().map_err(io::Error::other)?.filter(is_printer).collect())
}

/// Whether one of its interfaces is a printer's that takes jobs as bytes.
pub(crate) fn is_printer(info: &DeviceInfo) -> bool {
    info.interfaces()
        .any(|i| (i.class(), i.subclass()) == PRINTER && matches!(i.protocol(), UNIDIRECTIONAL | BIDIRECTIONAL))
}

/// The node of the kernel's driver that holds this device.
#[cfg(target_os = "linux")]
pub(crate) fn node_of(info: &DeviceInfo) -> Option<std::path::PathBuf> {
    super::usb_sysfs::Sysfs::system().lp_of(info.sysfs_path())
}

/// Where it is plugged in: one key for all its names.
fn key_of(info: &DeviceInfo) -> String {
    #[cfg(target_os = "linux")]
    if let Some(place) = super::usb_sysfs::place(info.sysfs_path()) {
        return format!("usb {place}");
    }
    format!("usb {} {:?}", info.bus_id(), info.port_chain())
}

fn find(wanted: &Wanted) -> io::Result<Found> {
    let info = one_of(wanted, printers()?, |info| Wanted {
        vendor: info.vendor_id(),
        product: info.product_id(),
        serial: info.serial_number().map(str::to_owned),
    })?;
    let key = key_of(&info);
    #[cfg(target_os = "linux")]
    if let Some(node) = node_of(&info) {
        return Ok(Found { key, way: Way::Node(node) });
    }
    Ok(Found { key, way: Way::Direct(Box::new(info)) })
}

/// The one device that is meant. Two that fit are none: a label must not come out of the neighbour's.
fn one_of<T>(wanted: &Wanted, all: Vec<T>, ids: impl Fn(&T) -> Wanted) -> io::Result<T> {
    let mut fitting = all.into_iter().filter(|device| {
        let ids = ids(device);
        (ids.vendor, ids.product) == (wanted.vendor, wanted.product)
            && (wanted.serial.is_none() || ids.serial == wanted.serial)
    });
    match (fitting.next(), fitting.next()) {
        (Some(device), None) => Ok(device),
        (None, _) => Err(io::Error::new(ErrorKind::NotFound, "no such printer is plugged in")),
        (Some(_), Some(_)) => Err(io::Error::new(
            ErrorKind::InvalidInput,
            "several such printers are plugged in; write usb:VID:PID:SERIAL, or lp:/dev/usb/lpN where they have no \
             serial number of their own",
        )),
    }
}

/// Reads a device's id. Errors: it cannot be opened, or another program holds it. `Ok(None)` = it has none.
pub(crate) fn read_device_id(info: &DeviceInfo) -> io::Result<Option<String>> {
    Ok(Opened::new(info)?.class_request(GET_DEVICE_ID, LONGEST_ANSWER).as_deref().and_then(usb_class::device_id))
}

/// A claimed printer interface. Dropped, it is free for others again.
struct Opened {
    interface: Interface,
    alternate: u8,
    out: BulkOut,
    /// Address of the answering endpoint, if the interface says that it answers.
    answers: Option<u8>,
}

impl Opened {
    fn new(info: &DeviceInfo) -> io::Result<Self> {
        let device = info.open().wait().map_err(io::Error::from)?;
        let configuration = device.active_configuration().map_err(io::Error::other)?;
        let bulk = |interface: &nusb::descriptors::InterfaceDescriptor<'_>, direction| {
            let mut all = interface.endpoints();
            all.find(|e| e.transfer_type() == TransferType::Bulk && e.direction() == direction).map(|e| e.address())
        };
        // The higher protocol is the one that answers.
        let (number, alternate, protocol, out, back) = configuration
            .interface_alt_settings()
            .filter(|i| (i.class(), i.subclass()) == PRINTER)
            .filter(|i| matches!(i.protocol(), UNIDIRECTIONAL | BIDIRECTIONAL))
            .filter_map(|i| {
                let out = bulk(&i, Direction::Out)?;
                Some((i.interface_number(), i.alternate_setting(), i.protocol(), out, bulk(&i, Direction::In)))
            })
            .max_by_key(|(_, _, protocol, ..)| *protocol)
            .ok_or_else(|| io::Error::new(ErrorKind::Unsupported, "it has no interface that takes a job as bytes"))?;
        let interface = device.claim_interface(number).wait().map_err(io::Error::from)?;
        if alternate != interface.get_alt_setting() {
            interface.set_alt_setting(alternate).wait().map_err(io::Error::from)?;
        }
        let out = BulkOut(interface.endpoint(out).map_err(io::Error::from)?);
        Ok(Self { interface, alternate, out, answers: back.filter(|_| protocol == BIDIRECTIONAL) })
    }

    /// One request of the class to the control endpoint. `None` = refused or silent.
    fn class_request(&self, request: u8, length: u16) -> Option<Vec<u8>> {
        let number = u16::from(self.interface.interface_number());
        // GET_DEVICE_ID alone wants the interface in the high byte and the alternate setting in the low one.
        let index = if request == GET_DEVICE_ID { number << 8 | u16::from(self.alternate) } else { number };
        let (control_type, recipient) = (ControlType::Class, Recipient::Interface);
        let wanted = ControlIn { control_type, recipient, request, value: 0, index, length };
        self.interface.control_in(wanted, CONTROL_LIMIT).wait().ok()
    }

    fn state(&mut self, profile: &'static Profile, budget: Duration) -> DeviceState {
        let port = self.class_request(GET_PORT_STATUS, 1);
        if let Some(stopped) = port.and_then(|bits| usb_class::stopped(*bits.first()?)) {
            return stopped;
        }
        let until = Instant::now() + budget;
        for question in status::questions(profile) {
            if let Some(said) = self.ask(question.bytes, until, question.sense) {
                return said;
            }
        }
        DeviceState::CannotTell
    }

    /// Asks in the printer's language and reads until `sense` finds an answer or the time is up; the flag tells `sense` that
    /// nothing more will come.
    fn ask<T>(&mut self, question: &[u8], until: Instant, sense: impl Fn(&[u8], bool) -> Option<T>) -> Option<T> {
        let left = || until.saturating_duration_since(Instant::now());
        let mut back: Endpoint<Bulk, In> = self.interface.endpoint(self.answers?).ok()?;
        let asked = self.out.offer(question, left());
        if asked.count < question.len() {
            return None;
        }
        let packet = back.max_packet_size();
        let mut answer = Vec::new();
        while answer.len() < usize::from(LONGEST_ANSWER) && !left().is_zero() {
            let read = back.transfer_blocking(Buffer::new(packet), left());
            answer.extend_from_slice(&read.buffer[..read.actual_len.min(read.buffer.len())]);
            let over = read.status.is_err();
            if let Some(found) = sense(&answer, over) {
                return Some(found);
            }
            if over {
                break;
            }
        }
        None
    }
}

struct BulkOut(Endpoint<Bulk, Out>);

impl Pipe for BulkOut {
    fn offer(&mut self, bytes: &[u8], patience: Duration) -> Taken {
        let sent = self.0.transfer_blocking(bytes.to_vec().into(), patience);
        let error = sent.status.err().map(|e| match e {
            // Taken back by us when the patience was over; `actual_len` says how much had gone.
            TransferError::Cancelled => ErrorKind::TimedOut.into(),
            e => io::Error::from(e),
        });
        Taken { count: sent.actual_len, error }
    }

    /// A transfer ends when the device has acknowledged its last packet: nothing is left here.
    fn settle(&mut self, _: Duration) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profiles::generic;
    use domain::printer::Language;

    fn device(product: u16, serial: Option<&str>) -> Wanted {
        Wanted { vendor: 0x1203, product, serial: serial.map(str::to_owned) }
    }

    #[test]
    fn the_device_that_is_meant_is_found_and_never_a_neighbour() {
        let plugged = || vec![device(1, Some("A")), device(1, Some("B")), device(2, None)];
        let find = |wanted: &Wanted| one_of(wanted, plugged(), Clone::clone).map_err(|e| e.kind());
        assert_eq!(find(&device(1, Some("B"))), Ok(device(1, Some("B"))));
        assert_eq!(find(&device(2, None)), Ok(device(2, None)), "the only one of its kind needs no serial number");
        assert_eq!(find(&device(1, None)), Err(ErrorKind::InvalidInput), "two fit: neither is taken");
        assert_eq!(find(&device(1, Some("C"))), Err(ErrorKind::NotFound));
        assert_eq!(find(&device(2, Some("A"))), Err(ErrorKind::NotFound));
    }

    #[tokio::test]
    async fn a_printer_that_is_not_there_takes_nothing_and_says_so_in_time() {
        let link = UsbLink::new(0xdead, 0xbeef, None, generic(Language::Tspl), LocalSettings::default());
        assert!(matches!(link.send(b"job").await, SendOutcome::NothingSent(_)));
        let asked = Instant::now();
        assert!(matches!(link.state().await, DeviceState::Unreachable(_)));
        assert!(asked.elapsed() < Duration::from_millis(600), "{:?}", asked.elapsed());
    }
}
