//! How fast the labels of a running batch come out: what the strip's "time left" is made of. Kept in memory only.

use crate::house::House;
use domain::ids::BatchId;
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Labels that the pace is taken from.
const LABELS: usize = 20;

/// When the last labels were handed over, by the monotonic clock.
pub(crate) type Paces = Mutex<HashMap<String, Vec<Duration>>>;

/// Time a label takes here, from the last ones; `None` until two are out.
pub(crate) fn pace(house: &House, id: &BatchId) -> Option<Duration> {
    let paces = house.paces.lock().unwrap_or_else(PoisonError::into_inner);
    let ends = paces.get(id.as_str())?;
    let (first, last) = (*ends.first()?, *ends.last()?);
    let between = u32::try_from(ends.len()).ok()?.checked_sub(1).filter(|n| *n > 0)?;
    Some(last.saturating_sub(first) / between)
}

/// One more came out.
pub(super) fn note(house: &House, id: &BatchId) {
    let mut paces = house.paces.lock().unwrap_or_else(PoisonError::into_inner);
    let ends = paces.entry(id.to_string()).or_default();
    ends.push(house.clock.monotonic());
    if ends.len() > LABELS {
        ends.remove(0);
    }
}

/// What was is no measure of what comes: the batch stood, or is at its end.
pub(super) fn forget(house: &House, id: &BatchId) {
    house.paces.lock().unwrap_or_else(PoisonError::into_inner).remove(id.as_str());
}
