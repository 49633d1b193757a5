//! Waiting for a condition, never for a time.

use std::time::{Duration, Instant};

/// Longer than anything here takes on two busy cores; a test that waits this long has failed.
pub const LONG: Duration = Duration::from_secs(60);

/// Waits until `holds`. Panics with `what` should have happened when it does not.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    assert!(holds_soon(&mut holds).await, "waited {} s in vain until {what}", LONG.as_secs());
}

/// Waits until `holds`; false when it does not in time.
pub async fn holds_soon(holds: &mut impl AsyncFnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if holds().await {
            return true;
        }
        if start.elapsed() > LONG {
            return false;
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}
