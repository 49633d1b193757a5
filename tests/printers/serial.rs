//! A serial port whose other end is a pseudo-terminal: bytes arrive whole and once, whatever the reader does.
#![cfg(unix)]

use super::support::noise;
use domain::evidence::Evidence;
use domain::printer::{DeviceState, Language, PrinterLink, SendOutcome};
use printer::{LinkAddress, LocalSettings, SerialLink};
use serialport::{SerialPort, TTYPort};
use std::fs::File;
use std::io::Read;
use std::thread::{self, JoinHandle, sleep};
use std::time::{Duration, Instant};

/// More than the terminal holds, so that the link has to wait for the reader.
const JOB: usize = 40_000;

/// A port and what hangs at its other end. The port is held open, so that its end is not gone between two jobs.
struct Wire {
    printer: TTYPort,
    _port: File,
    name: String,
}

impl Wire {
    fn new() -> Self {
        let (printer, port) = TTYPort::pair().expect("a pseudo-terminal");
        let name = port.name().expect("a path");
        let held = File::open(&name).expect("the port");
        // It is locked against others, and so against the link.
        drop(port);
        Self { printer, _port: held, name }
    }

    fn link(&self, stall_limit: Duration) -> SerialLink {
        SerialLink::new(&self.name, 115_200, LocalSettings { stall_limit, ..LocalSettings::default() })
    }

    /// Reads so many bytes in small portions, and rests once in the middle of them.
    fn read(self, count: usize, rest: Duration) -> JoinHandle<(Vec<u8>, Self)> {
        let mut wire = self;
        wire.printer.set_timeout(Duration::from_secs(20)).expect("a timeout");
        thread::spawn(move || {
            let (mut got, mut some) = (Vec::new(), [0; 700]);
            let mut rested = false;
            while got.len() < count {
                match wire.printer.read(&mut some) {
                    Ok(n) => got.extend(&some[..n]),
                    Err(e) => panic!("after {} bytes: {e}", got.len()),
                }
                if !rested && got.len() > count / 2 {
                    rested = true;
                    sleep(rest);
                }
            }
            (got, wire)
        })
    }
}

#[tokio::test]
async fn every_byte_value_arrives_once_and_in_order_by_its_address() {
    let wire = Wire::new();
    let address = format!("serial:{}?baud=115200", wire.name).parse::<LinkAddress>().expect("a right address");
    let link = printer::open(&address, printer::generic(Language::Tspl));
    assert_eq!(link.state().await, DeviceState::CannotTell, "there, and silent");
    let job = noise(JOB);
    let reading = wire.read(JOB, Duration::ZERO);
    assert_eq!(link.send(&job).await, SendOutcome::Sent(Evidence::BytesAccepted));
    assert!(reading.join().expect("the reader").0 == job, "8N1, no byte taken for XON or XOFF");
}

#[tokio::test]
async fn a_printer_that_rests_in_the_middle_costs_time_and_no_bytes() {
    let wire = Wire::new();
    let link = wire.link(Duration::from_secs(10));
    let job = noise(JOB);
    let reading = wire.read(JOB, Duration::from_millis(600));
    let started = Instant::now();
    assert_eq!(link.send(&job).await, SendOutcome::Sent(Evidence::BytesAccepted));
    assert!(started.elapsed() >= Duration::from_millis(500), "it waited");
    assert!(reading.join().expect("the reader").0 == job);
}

#[tokio::test]
async fn a_printer_that_stops_for_good_leaves_doubt() {
    let wire = Wire::new();
    let outcome = wire.link(Duration::from_millis(300)).send(&noise(JOB)).await;
    assert!(
        matches!(outcome, SendOutcome::BrokenOff { accepted, .. } if accepted > 0 && accepted < JOB as u64),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn a_port_that_is_not_there_takes_nothing() {
    let link = SerialLink::new("/dev/no-such-port", 9600, LocalSettings::default());
    assert!(matches!(link.send(b"job").await, SendOutcome::NothingSent(_)));
    let asked = Instant::now();
    assert!(matches!(link.state().await, DeviceState::Unreachable(_)));
    assert!(asked.elapsed() < Duration::from_millis(500));
}
