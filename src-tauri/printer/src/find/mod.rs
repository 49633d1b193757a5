//! Printers that could be set up: at USB, in the network, in this computer's spooler, at its print
//! component. One list, with the address to
//! use.
//!
//! Looks for as long as it is told, at all places at once, so that a device plugged in or switched on meanwhile is
//! found, too. A place that cannot be looked at is told in words and spoils nothing. One device may be found twice, at
//! USB and as a queue: both ways work, and only a person knows which one is wanted. Deliberately absent: setting
//! anything up, asking a printer for its language, scanning addresses.

mod component;
mod network;
mod plugged;
mod queues;

use crate::address::LinkAddress;
use std::time::Duration;
use tokio::time::Instant;

/// Where and how long to look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindSettings {
    /// How long. Answers from the network take a second or two.
    pub time: Duration,
    /// UDP port of multicast DNS.
    pub mdns_port: u16,
    /// Whether only this computer's own services are looked for, over loopback.
    pub loopback_only: bool,
    /// The spooler, as in [`crate::list_queues`].
    pub spooler: Option<String>,
    /// TCP port of the print component on 127.0.0.1.
    pub component: u16,
}

impl Default for FindSettings {
    fn default() -> Self {
        Self {
            time: Duration::from_secs(3),
            mdns_port: 5353,
            loopback_only: false,
            spooler: None,
            component: crate::COMPONENT_PORT,
        }
    }
}

/// A printer that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundPrinter {
    /// How to reach it. `None` = it was seen, but offers only what we do not speak (LPD).
    pub address: Option<LinkAddress>,
    /// For people: maker and model, the name of the queue, the name in the network.
    pub name: String,
    /// IEEE-1284 device id (`MFG:…;MDL:…;CMD:…;`) as the device tells it, where it is known.
    pub device_id: Option<String>,
    /// Where it was seen.
    pub place: Place,
}

/// Where a printer was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Plugged in.
    Usb,
    /// A queue of the system's spooler.
    Spooler,
    /// Announced in the network.
    Network,
    /// Listed by the platform's print component, for sealed labels.
    Component,
}

/// What a look around gave.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Finds {
    /// By place, then in the order in which they were seen; no address twice.
    pub printers: Vec<FoundPrinter>,
    /// Places that could not be looked at, each with the reason.
    pub problems: Vec<String>,
}

/// Looks around.
pub async fn find(settings: &FindSettings) -> Finds {
    let until = Instant::now() + settings.time;
    let (usb, spooler, network, component) = tokio::join!(
        plugged::look(until),
        queues::look(settings.spooler.as_deref()),
        network::look(settings, until),
        component::look(settings.component, settings.time),
    );
    let mut all = Finds::default();
    for Finds { printers, problems } in [usb, spooler, network, component] {
        for printer in printers {
            if printer.address.is_none() || all.printers.iter().all(|p| p.address != printer.address) {
                all.printers.push(printer);
            }
        }
        all.problems.extend(problems);
    }
    all
}
