//! Bounds on what others made: dots, time, and libraries that might panic on what they did not expect.

use crate::{Kind, ReadError};
use domain::raster::Raster;
use std::sync::mpsc;
use std::time::Duration;

/// Longest side of any picture: 50 cm at 600 dpi.
pub const MAX_SIDE: u32 = 12_000;
/// Most dots: A4 at 600 dpi.
pub const MAX_DOTS: u64 = 36_000_000;
/// Longer than any honest label takes, even on a slow computer.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// A white picture, if it is not larger than any label.
pub fn white(width: u32, height: u32) -> Result<Raster, ReadError> {
    check(width, height)?;
    Ok(Raster::white(width, height))
}

/// Before anything is allocated.
pub fn check(width: u32, height: u32) -> Result<(), ReadError> {
    let over = width > MAX_SIDE || height > MAX_SIDE || u64::from(width) * u64::from(height) > MAX_DOTS;
    if over { Err(ReadError::TooManyDots { width, height }) } else { Ok(()) }
}

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
