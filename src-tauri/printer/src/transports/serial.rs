//! A serial port: 8 data bits, no parity, one stop bit, RTS/CTS.
//!
//! RTS/CTS because XON and XOFF are ordinary bytes of a picture. At 9600 baud a label takes minutes, so a port is never
//! closed before its bytes have left: closing throws away what waits in the driver. Opening a port moves its control
//! lines and resets some printers, so [`PrinterLink::state`] only looks whether the port is there. Deliberately absent:
//! reading, other framings.

use super::feed::{LocalSettings, Pipe, Taken, feed};
use super::{blocking, to_the_end};
use crate::device;
use async_trait::async_trait;
use domain::printer::{DeviceState, PrinterLink, SendOutcome};
use serialport::{DataBits, FlowControl, Parity, SerialPort, StopBits};
use std::io::{self, ErrorKind, Write};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// Bytes offered at once: a second of 9600 baud.
const PIECE: usize = 1 << 10;
/// Between two looks at how much still waits in the driver.
const LOOK_PAUSE: Duration = Duration::from_millis(5);

/// A printer at a serial port.
#[derive(Clone, Debug)]
pub struct SerialLink {
    port: String,
    baud: u32,
    settings: LocalSettings,
}

impl SerialLink {
    /// A link to this port (`/dev/ttyUSB0`, `COM3`). No I/O.
    pub fn new(port: &str, baud: u32, settings: LocalSettings) -> Self {
        Self { port: port.to_owned(), baud, settings }
    }

    async fn deliver(self, job: Vec<u8>) -> SendOutcome {
        let port = self.port.clone();
        let key = blocking(move || line_key(&port)).await;
        let line = device::line(vec![key]).await;
        blocking(move || {
            let _line = line;
            match self.open() {
                Ok(port) => feed(&mut Port(port), &job, self.settings.pace(PIECE), &self.port),
                Err(e) => SendOutcome::NothingSent(format!("{}: {e}", self.port)),
            }
        })
        .await
    }

    fn open(&self) -> serialport::Result<Box<dyn SerialPort>> {
        serialport::new(&self.port, self.baud)
            .data_bits(DataBits::Eight)
            .parity(Parity::None)
            .stop_bits(StopBits::One)
            .flow_control(FlowControl::Hardware)
            .open()
    }
}

#[async_trait]
impl PrinterLink for SerialLink {
    async fn send(&self, job: &[u8]) -> SendOutcome {
        to_the_end(self.clone().deliver(job.to_vec())).await
    }

    async fn state(&self) -> DeviceState {
        let port = self.port.clone();
        blocking(move || match there(&port) {
            Ok(()) => DeviceState::CannotTell,
            Err(e) => DeviceState::Unreachable(format!("{port}: {e}")),
        })
        .await
    }
}

/// Symbolic links (`/dev/serial/by-id/…`) lead to one key.
fn line_key(port: &str) -> String {
    let real = std::fs::canonicalize(port).map_or_else(|_| port.to_ascii_lowercase(), |p| p.display().to_string());
    format!("serial {real}")
}

fn there(port: &str) -> io::Result<()> {
    if cfg!(unix) {
        return std::fs::metadata(port).map(|_| ());
    }
    let all = serialport::available_ports()?;
    if all.iter().any(|p| p.port_name.eq_ignore_ascii_case(port)) { Ok(()) } else { Err(ErrorKind::NotFound.into()) }
}

struct Port(Box<dyn SerialPort>);

impl Pipe for Port {
    fn offer(&mut self, bytes: &[u8], patience: Duration) -> Taken {
        self.0.set_timeout(patience).map_err(io::Error::from).and_then(|()| self.0.write(bytes)).into()
    }

    fn settle(&mut self, patience: Duration) -> io::Result<()> {
        let (mut waiting, mut last_byte) = (u32::MAX, Instant::now());
        loop {
            match self.0.bytes_to_write()? {
                // The driver's own queue is empty; what is left is in the chip and soon gone, so this ends.
                0 => return self.0.flush(),
                n if n < waiting => (waiting, last_byte) = (n, Instant::now()),
                _ if last_byte.elapsed() >= patience => return Err(ErrorKind::TimedOut.into()),
                _ => {}
            }
            sleep(LOOK_PAUSE);
        }
    }
}
