//! Bounds on what others made: dots, time, and libraries that might panic on what they did not expect.

use crate::{Kind, ReadError};
use domain::raster::Raster;
use std::sync::mpsc;
use std::time::Duration;

/// How much of a label is read at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Longest side of any picture, dots.
    pub side: u32,
    /// Most dots of any picture.
    pub dots: u64,
    /// Dots that the fields of a ZPL label may touch altogether.
    pub work: u64,
}

impl Limits {
    /// Those of the product: 50 cm at 600 dpi; A4 at 600 dpi; ten full pictures of a label at 600 dpi, for more takes longer
    /// than a clerk waits.
    pub const LABEL: Self = Self { side: 12_000, dots: 36_000_000, work: 100_000_000 };
    /// For tests that want many small labels rather than a large one: the same code, and what does not fit is refused as early.
    pub const TINY: Self = Self { side: 400, dots: 60_000, work: 300_000 };

    /// A white picture, if it is not larger than that.
    pub fn white(self, width: u32, height: u32) -> Result<Raster, ReadError> {
        self.check(width, height)?;
        Ok(Raster::white(width, height))
    }

    /// Before anything is allocated.
    pub fn check(self, width: u32, height: u32) -> Result<(), ReadError> {
        let over = width > self.side || height > self.side || u64::from(width) * u64::from(height) > self.dots;
        if over { Err(ReadError::TooManyDots { width, height }) } else { Ok(()) }
    }
}

/// Longer than any honest label takes, even on a slow computer.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// Runs a library that others wrote on bytes that others made. A panic is a broken file. A run that does not end is left alone
/// in its thread: it holds nothing but its own copy of the bytes.
pub fn guarded<T: Send + 'static>(
    kind: Kind,
    work: impl FnOnce() -> Result<T, ReadError> + Send + 'static,
) -> Result<T, ReadError> {
    let (tell, hear) = mpsc::channel();
    let broken = |what: &str| ReadError::Broken { kind, what: what.to_owned() };
    let run = std::thread::Builder::new().name("carrier label".to_owned()).stack_size(16 << 20).spawn(move || {
        let _ = tell.send(work());
    });
    if run.is_err() {
        return Err(broken("no thread to read it in"));
    }
    match hear.recv_timeout(PATIENCE) {
        Ok(end) => end,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(ReadError::TooSlow { kind, seconds: PATIENCE.as_secs() }),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(broken("its parts do not fit together")),
    }
}
