//! USB printers that are plugged in, or are being plugged in while we look.

use super::{Finds, FoundPrinter, Place};
use crate::address::LinkAddress;
use crate::transports::{blocking, usb};
use futures_core::Stream;
use nusb::DeviceInfo;
use nusb::hotplug::HotplugEvent;
use std::future::poll_fn;
use std::pin::Pin;
use tokio::time::{Instant, timeout_at};

/// What is plugged in at `until`.
pub(super) async fn look(until: Instant) -> Finds {
    let mut finds = Finds::default();
    // Watching begins before listing, so that nothing slips in between.
    let watch = nusb::watch_devices();
    let mut plugged = match blocking(usb::printers).await {
        Ok(all) => all,
        Err(e) => {
            finds.problems.push(format!("USB cannot be looked at: {e}"));
            return finds;
        }
    };
    match watch {
        Ok(mut watch) => {
            while let Ok(Some(event)) = timeout_at(until, poll_fn(|cx| Pin::new(&mut watch).poll_next(cx))).await {
                match event {
                    HotplugEvent::Connected(info) if usb::is_printer(&info) => {
                        plugged.retain(|p| p.id() != info.id());
                        plugged.push(info);
                    }
                    HotplugEvent::Connected(_) => {}
                    HotplugEvent::Disconnected(id) => plugged.retain(|p| p.id() != id),
                }
            }
        }
        Err(e) => finds.problems.push(format!("USB cannot be watched, only what is plugged in already was found: {e}")),
    }
    finds.printers = blocking(move || plugged.iter().map(|info| found(info, &plugged)).collect()).await;
    finds
}

fn found(info: &DeviceInfo, all: &[DeviceInfo]) -> FoundPrinter {
    let words = [info.manufacturer_string(), info.product_string()].map(|w| w.unwrap_or_default().trim());
    let name = words.join(" ").trim().to_owned();
    FoundPrinter {
        address: Some(address(info, all)),
        name: if name.is_empty() { "USB printer".to_owned() } else { name },
        device_id: device_id(info),
        place: Place::Usb,
    }
}

/// By serial number, which stays right wherever it is plugged in; a node's number depends on the order of plugging in,
/// and so is only for devices that nothing else tells apart.
fn address(info: &DeviceInfo, all: &[DeviceInfo]) -> LinkAddress {
    let (vendor, product) = (info.vendor_id(), info.product_id());
    let serial = info.serial_number().map(str::to_owned);
    let by_ids = LinkAddress::Usb { vendor, product, serial };
    let reads_back = by_ids.to_string().parse().as_ref() == Ok(&by_ids);
    let same = |other: &&DeviceInfo| {
        (other.vendor_id(), other.product_id(), other.serial_number()) == (vendor, product, info.serial_number())
    };
    if reads_back && all.iter().filter(same).count() == 1 {
        return by_ids;
    }
    #[cfg(target_os = "linux")]
    if let Some(node) = usb::node_of(info) {
        return LinkAddress::Lp { node };
    }
    LinkAddress::Usb { vendor, product, serial: None }
}

/// Read from the driver where one holds the device, else from the device. A device that another program holds keeps it.
fn device_id(info: &DeviceInfo) -> Option<String> {
    #[cfg(target_os = "linux")]
    if let Some(node) = usb::node_of(info) {
        return crate::transports::usb_sysfs::Sysfs::system().device_id(&node);
    }
    usb::read_device_id(info).ok()?
}
