//! Looking for printers: announcements on loopback by a responder, queues of a private cupsd.

use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};
use printer::{FindSettings, LinkAddress, Place, find};
use std::time::{Duration, Instant};

/// Questions are repeated after 1 and 3 s: enough for a busy machine.
const TIME: Duration = Duration::from_secs(4);

/// Announces services on loopback, at a port where nobody else talks.
struct Announcer {
    daemon: ServiceDaemon,
    port: u16,
}

impl Announcer {
    fn new() -> Self {
        let port = super::support::free_port();
        let daemon = ServiceDaemon::new_with_port(port).expect("a responder");
        daemon.disable_interface(IfKind::All).expect("nothing leaves this computer");
        daemon.enable_interface(IfKind::LoopbackV4).expect("loopback");
        Self { daemon, port }
    }

    fn announce(&self, service: &str, instance: &str, host: &str, port: u16, keys: &[(&str, &str)]) {
        let ty = format!("{service}.local.");
        let mut info = ServiceInfo::new(&ty, instance, host, "127.0.0.1", port, keys).expect("a service");
        // Probing for a free name takes most of a second.
        info.set_requires_probe(false);
        self.daemon.register(info).expect("announced");
    }

    fn settings(&self) -> FindSettings {
        FindSettings {
            time: TIME,
            mdns_port: self.port,
            loopback_only: true,
            // Nobody: what this machine's spooler has is not this test's matter.
            spooler: Some(format!("127.0.0.1:{}", super::support::free_port())),
            component: super::support::free_port(),
        }
    }
}

impl Drop for Announcer {
    fn drop(&mut self) {
        let _ = self.daemon.shutdown();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn printers_that_announce_themselves_are_listed_with_the_address_to_use() {
    let announcer = Announcer::new();
    let model = ("ty", "TSC TE200");
    let ids = [model, ("usb_MFG", "TSC"), ("usb_MDL", "TE200"), ("usb_CMD", "TSPL")];
    announcer.announce("_pdl-datastream._tcp", "Packing table", "tsc.local.", 9100, &ids);
    announcer.announce("_printer._tcp", "Packing table", "tsc.local.", 515, &[model]);
    let pages = [("rp", "ipp/print"), ("ty", "LabelWriter"), ("pdl", "image/pwg-raster,image/urf")];
    announcer.announce("_ipp._tcp", "LabelWriter at the door", "door.local.", 631, &pages);
    let no_pages = [("rp", "ipp/print"), ("pdl", "application/postscript")];
    announcer.announce("_ipp._tcp", "Office laser", "laser.local.", 631, &no_pages);
    announcer.announce("_ipp._tcp", "Hostile", "hostile.local.", 631, &[("rp", "a b\n?#")]);
    announcer.announce("_printer._tcp", "Old one", "old.local.", 515, &[]);

    let started = Instant::now();
    let finds = find(&announcer.settings()).await;
    assert!(started.elapsed() < TIME + Duration::from_secs(2), "as long as it was told: {:?}", started.elapsed());
    let seen: Vec<_> = finds.printers.iter().filter(|p| p.place == Place::Network).collect();
    let address = |text: &str| Some(text.parse::<LinkAddress>().expect("a right address"));
    let table = seen.iter().find(|p| p.address == address("tcp://127.0.0.1:9100")).expect("the raw printer");
    assert_eq!(table.name, "Packing table (TSC TE200)");
    assert_eq!(table.device_id.as_deref(), Some("MFG:TSC;MDL:TE200;CMD:TSPL;"));
    let door = seen.iter().find(|p| p.address == address("ipp://127.0.0.1:631/ipp/print")).expect("the page printer");
    assert_eq!(door.name, "LabelWriter at the door", "its name says its model already");
    let lpd: Vec<_> = seen.iter().filter(|p| p.address.is_none()).map(|p| p.name.as_str()).collect();
    assert_eq!(lpd, ["Old one"], "LPD is shown only where there is nothing better");
    assert_eq!(seen.len(), 3, "no laser, no hostile path: {seen:?}");
    assert!(finds.problems.iter().any(|p| p.contains("spooler")), "a silent place is told: {:?}", finds.problems);
}
