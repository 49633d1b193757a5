//! Printers that announce themselves in the network by multicast DNS (RFC 6762, 6763; keys of the Bonjour Printing
//! Specification 1.2).
//!
//! What is announced is hostile input: it can put a wrong line into the list, and nothing else; an address that could
//! not be typed is left out. A printer is taken by its number, not by its name: names of `.local` are not found on
//! every system. One that gets another number has to be set up anew.

use super::{FindSettings, Finds, FoundPrinter, Place};
use crate::address::LinkAddress;
use mdns_sd::{IfKind, ResolvedService, ServiceDaemon, ServiceEvent};
use std::net::IpAddr;
use tokio::time::{Instant, timeout_at};

/// What is looked for, the best first: raw bytes, pages, and what only shows that there is a printer.
const SERVICES: [(&str, Offer); 3] =
    [("_pdl-datastream._tcp", Offer::Raw), ("_ipp._tcp", Offer::Pages), ("_printer._tcp", Offer::Lpd)];
/// Longest text that is believed.
const LONGEST_TEXT: usize = 200;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Offer {
    Raw,
    Pages,
    Lpd,
}

/// What is announced until `until`.
pub(super) async fn look(settings: &FindSettings, until: Instant) -> Finds {
    match listen(settings, until).await {
        Ok(printers) => Finds { printers, problems: Vec::new() },
        Err(e) => Finds { printers: Vec::new(), problems: vec![format!("the network cannot be listened to: {e}")] },
    }
}

async fn listen(settings: &FindSettings, until: Instant) -> mdns_sd::Result<Vec<FoundPrinter>> {
    let daemon = ServiceDaemon::new_with_port(settings.mdns_port)?;
    if settings.loopback_only {
        daemon.disable_interface(IfKind::All)?;
        daemon.enable_interface(IfKind::LoopbackV4)?;
    }
    let mut listening = tokio::task::JoinSet::new();
    for (service, offer) in SERVICES {
        let events = daemon.browse(&format!("{service}.local."))?;
        listening.spawn(async move {
            let mut seen = Vec::new();
            while let Ok(Ok(event)) = timeout_at(until, events.recv_async()).await {
                match event {
                    ServiceEvent::ServiceResolved(service) => seen.push((offer, service)),
                    ServiceEvent::ServiceRemoved(_, name) => seen.retain(|(_, s)| s.get_fullname() != name),
                    _ => {}
                }
            }
            seen
        });
    }
    let mut seen: Vec<(Offer, Box<ResolvedService>)> = listening.join_all().await.into_iter().flatten().collect();
    // Its thread ends by itself; nothing is announced that would have to be taken back.
    let _ = daemon.shutdown();
    seen.sort_by_key(|(offer, _)| *offer);
    let mut printers: Vec<FoundPrinter> = Vec::new();
    let mut hosts: Vec<String> = Vec::new();
    for (offer, service) in seen {
        let host = service.get_hostname().to_owned();
        // LPD counts only where the printer offers nothing better.
        if offer == Offer::Lpd && hosts.contains(&host) {
            continue;
        }
        if let Some(printer) = found(offer, &service)
            && !printers.contains(&printer)
        {
            printers.push(printer);
            hosts.push(host);
        }
    }
    Ok(printers)
}

/// `None` = no printer for labels, or nothing that could be typed as an address.
fn found(offer: Offer, service: &ResolvedService) -> Option<FoundPrinter> {
    let key = |key: &str| service.get_property_val_str(key).map(readable).filter(|v| !v.is_empty());
    let address = match offer {
        Offer::Raw => Some(LinkAddress::Tcp { host: number(service)?, port: service.get_port() }),
        Offer::Pages => {
            // The one format that we make; who does not name formats may take it.
            if key("pdl").is_some_and(|formats| !formats.contains(crate::pwg_raster::MIME)) {
                return None;
            }
            let path = format!("/{}", key("rp")?.trim_start_matches('/'));
            Some(LinkAddress::Ipp { host: number(service)?, port: service.get_port(), path })
        }
        Offer::Lpd => None,
    };
    if address.as_ref().is_some_and(|a| a.to_string().parse().as_ref() != Ok(a)) {
        return None;
    }
    let instance = service.get_fullname().split("._").next().map(readable).unwrap_or_default();
    let model = key("ty").or_else(|| key("product").map(|p| p.trim_matches(['(', ')']).to_owned()));
    let name = match model {
        Some(model) if !instance.contains(&model) => format!("{instance} ({model})"),
        _ => instance,
    };
    let fields = [("MFG", "usb_MFG"), ("MDL", "usb_MDL"), ("CMD", "usb_CMD")];
    let device_id: String = fields.iter().filter_map(|(id, txt)| Some(format!("{id}:{};", key(txt)?))).collect();
    let device_id = Some(device_id).filter(|id| !id.is_empty());
    Some(FoundPrinter { address, name, device_id, place: Place::Network })
}

/// IPv4 where there is one: an IPv6 address of the link needs its interface to be named.
fn number(service: &ResolvedService) -> Option<String> {
    let all = || service.get_addresses().iter().map(mdns_sd::ScopedIp::to_ip_addr);
    let reachable = |ip: &IpAddr| match ip {
        IpAddr::V4(_) => true,
        IpAddr::V6(v6) => !v6.is_unicast_link_local(),
    };
    all().filter(reachable).min_by_key(|ip| (ip.is_ipv6(), *ip)).map(|ip| ip.to_string())
}

fn readable(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST_TEXT).collect::<String>().trim().to_owned()
}
