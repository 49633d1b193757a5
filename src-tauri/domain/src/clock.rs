//! Time comes in from outside: two clocks, one for dates (wall), one for waits (monotonic).

use serde::{Deserialize, Serialize};
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

/// Milliseconds since 1970-01-01T00:00:00Z. The only form in which time is stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Millis(pub i64);

impl Millis {
    /// This moment plus `d`; saturates instead of overflowing.
    #[must_use]
    pub fn plus(self, d: Duration) -> Self {
        Self(self.0.saturating_add(i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }
    /// How long from `earlier` to here; zero when the clock went backwards.
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// The two clocks.
pub trait Clock: Send + Sync {
    /// Date and time; may jump when somebody sets the machine's clock.
    fn wall(&self) -> Millis;
    /// Time since an arbitrary start; never goes backwards.
    fn monotonic(&self) -> Duration;
}

/// The machine's clocks.
pub struct SystemClock {
    start: Instant,
}

impl Default for SystemClock {
    fn default() -> Self {
        Self { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place where the machine's clock is read")]
    fn wall(&self) -> Millis {
        let d = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Millis(i64::try_from(d.as_millis()).unwrap_or(i64::MAX))
    }
    fn monotonic(&self) -> Duration {
        self.start.elapsed()
    }
}

/// A clock that stands still until it is told to move. Wall and monotonic time can be moved apart.
pub struct VirtualClock {
    wall: AtomicI64,
    mono: AtomicI64,
}

impl VirtualClock {
    /// Starts at `wall`, monotonic zero.
    pub fn at(wall: Millis) -> Self {
        Self { wall: AtomicI64::new(wall.0), mono: AtomicI64::new(0) }
    }
    /// Both clocks go on by `d`.
    pub fn advance(&self, d: Duration) {
        let ms = i64::try_from(d.as_millis()).unwrap_or(i64::MAX);
        self.wall.fetch_add(ms, Ordering::SeqCst);
        self.mono.fetch_add(ms, Ordering::SeqCst);
    }
    /// Somebody sets the machine's date; monotonic time does not notice.
    pub fn set_wall(&self, wall: Millis) {
        self.wall.store(wall.0, Ordering::SeqCst);
    }
}

impl Clock for VirtualClock {
    fn wall(&self) -> Millis {
        Millis(self.wall.load(Ordering::SeqCst))
    }
    fn monotonic(&self) -> Duration {
        Duration::from_millis(u64::try_from(self.mono.load(Ordering::SeqCst)).unwrap_or(0))
    }
}
