//! A whole morning's labels: one check before the first charge, numbers taken ahead, labels in the order on screen, and a
//! person's word wherever the paper is in doubt. The rules without I/O are `domain::batch`.
//!
//! Invariants: a label of a batch is sent by the batch's runner alone, and only while the batch is `running`; only a
//! person's call makes it `running`; what was put aside never stops the others.
//! Absent: a second label that no person asked for, and a number asked for beside a live one.

mod acts;
mod check;
mod numbers;
mod pace;
mod runner;
mod view;

pub(crate) use acts::{close, confirm, free_printer, mended, pause, resume, running_on, start, stopped_parcel};
pub(crate) use check::check;
pub(crate) use pace::Paces;
pub(crate) use view::{list, show, today};

use crate::house::House;
use crate::store::{Batch, BatchItem, StoreError};
use domain::batch::{BatchEvent, next};
use domain::journal::PrintState;
use std::sync::Arc;

/// More batches than anybody leaves open.
const OPEN_MAX: u32 = 50;

/// The open ones.
pub(crate) async fn open(house: &House) -> Result<Vec<Batch>, StoreError> {
    let mut all = house.store.recent_batches(OPEN_MAX).await?;
    all.retain(|b| b.state.is_open());
    Ok(all)
}

/// A batch that a crash or a closing cut off waits for a person who looks at the paper.
pub(crate) async fn mend_after_restart(house: &Arc<House>) -> Result<(), StoreError> {
    for b in open(house).await? {
        // One that was paused, too, while the label under way was cut off.
        let doubtful = |i: &BatchItem| i.print.as_ref().is_some_and(|(_, s)| *s == PrintState::Doubtful);
        let event = match house.store.batch_items(&b.id).await?.iter().any(doubtful) {
            true => BatchEvent::Trouble,
            false => BatchEvent::Restart,
        };
        if let Some(to) = next(b.state, event).filter(|to| *to != b.state) {
            let log = house.entry_of_desk("batch.stopped", b.id.as_str(), "restart");
            house.store.move_batch(&b.id, b.state, to, ("restart", ""), &log).await?;
        }
    }
    Ok(())
}
