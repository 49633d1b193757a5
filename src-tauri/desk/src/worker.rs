//! What the desk does by itself: mends what a crash left, asks about unknown numbers, prints what is queued, lets attempts
//! expire, renews grants, pays owed revocations. The
//! night's backup and purge, and renewals, have loops of their own. Every round can be cut off anywhere.
//! Absent: asking for a number, and printing anything a second time.

use crate::api::ApiError;
use crate::house::House;
use crate::order::submit;
use crate::printing;
use crate::store::{PrintChange, StoreError, Waybill, WaybillChange};
use crate::waybill::{PRESS_LIVES, cancel, issue, reconcile, step};
use domain::batch::BatchState;
use domain::journal::{PrintEvent, PrintState};
use domain::waybill::{WaybillEvent, WaybillState, look_up_wait};
use std::sync::Arc;
use std::time::Duration;

/// How often the worker looks around when nothing wakes it.
const ROUND: Duration = Duration::from_millis(500);
/// How often it looks whether a night's work is due.
const NIGHT_ROUND: Duration = Duration::from_secs(20);
/// A call ends by itself within 40 s; an attempt that is `in flight` for longer lost its end to a full disk or a bug.
const FLIGHT_LIVES: Duration = Duration::from_secs(120);
/// At most this many of a kind a round; the rest comes in the next.
const BATCH: u32 = 100;

/// After a start nothing is under way: what says otherwise is what a crash left.
pub(crate) async fn mend_after_restart(house: &Arc<House>) -> Result<(), StoreError> {
    for w in house.store.waybills_in(&[WaybillState::InFlight], u32::MAX).await? {
        lost(house, &w).await?;
    }
    for job in house.store.prints_in(&[PrintState::Sending, PrintState::Rendered], u32::MAX).await? {
        let (change, action) = match job.state {
            PrintState::Sending => (
                PrintChange {
                    trouble: Some("interrupted".into()),
                    ended_at: Some(house.now()),
                    ..PrintChange::default()
                },
                "print.doubtful",
            ),
            _ => (PrintChange::default(), "print.queued_again"),
        };
        let Some(to) = domain::journal::next(job.state, PrintEvent::Restart) else { continue };
        let log = house.entry_of_desk(action, job.of.object(), format!("job={} copy={} restart", job.id, job.copy));
        house.store.move_print(&job.id, job.state, to, &change, &log).await?;
    }
    crate::batch::mend_after_restart(house).await?;
    crate::grant::refresh::mend_after_restart(house).await?;
    crate::grant::attempts::mend_after_restart(house).await
}

/// In flight, and nobody is waiting for the answer any more.
async fn lost(house: &House, w: &Waybill) -> Result<(), StoreError> {
    let first = look_up_wait(0).unwrap_or(Duration::from_secs(1));
    let change = WaybillChange {
        reason: Some("interrupted".into()),
        next_ask_at: Some(Some(house.now().plus(first))),
        ..WaybillChange::default()
    };
    let log = house.entry_of_desk("waybill.unknown", w.parcel.as_str(), format!("attempt={} restart", w.attempt));
    house.store.move_waybill(&w.id, WaybillState::InFlight, WaybillState::Unknown, &change, &log).await?;
    Ok(())
}

/// Rounds until the desk closes; what is under way then is ended, not cut off. The printers have a loop of their own: one that stands still for a minute must not keep
/// an unknown number waiting.
pub(crate) async fn run(house: Arc<House>) {
    let platforms = async {
        loop {
            platforms(&house).await;
            tokio::select! {
                () = house.closing() => return,
                _ = tokio::time::timeout(ROUND, house.wake.notified()) => {}
            }
        }
    };
    let printers = async {
        loop {
            note("queue", queue(&house).await);
            tokio::select! {
                () = house.closing() => return,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    };
    let nights = async {
        loop {
            note("backup", crate::backup::nightly(&house).await);
            note("purge", crate::data::nightly(&house).await);
            tokio::select! {
                () = house.closing() => return,
                () = tokio::time::sleep(NIGHT_ROUND) => {}
            }
        }
    };
    // A slow token server must not keep an unknown number waiting.
    let renewals = async {
        loop {
            note("renewals", crate::grant::refresh::round(&house).await);
            tokio::select! {
                () = house.closing() => return,
                () = tokio::time::sleep(ROUND) => {}
            }
        }
    };
    tokio::join!(platforms, printers, renewals, nights);
}

/// One round of everything, for tests.
pub(crate) async fn round(house: &Arc<House>) {
    platforms(house).await;
    note("renewals", crate::grant::refresh::round(house).await);
    note("queue", queue(house).await);
    note("backup", crate::backup::nightly(house).await);
    note("purge", crate::data::nightly(house).await);
}

/// A thing that fails is logged and does not stop the others.
async fn platforms(house: &Arc<House>) {
    note("intents", intents(house).await);
    note("stale flights", stale_flights(house).await);
    note("unknown numbers", unknown(house).await);
    note("cancels", cancels(house).await);
    note("attempts", crate::grant::attempts::expire_due(house).await);
    note("revocations", crate::grant::grants::settle_owed(house).await);
}

fn note(what: &str, end: Result<(), ApiError>) {
    if let Err(e) = end {
        tracing::warn!(what, code = ?e.code, error = %e, "a round of the worker failed; it will be tried again");
    }
}

/// A press that a crash cut off before anything left: goes on while it is young, else is called off.
async fn intents(house: &Arc<House>) -> Result<(), ApiError> {
    for w in house.store.waybills_in(&[WaybillState::Intent], BATCH).await? {
        if house.is_closing() {
            break;
        }
        if let Some(id) = &w.batch {
            // Its runner takes the number in its round, and nobody else does. Where there is no runner any more, nothing
            // is charged until a person lets the batch go on.
            let _turn = house.turn(&format!("parcel:{}", w.parcel)).await;
            let runs = house.store.batch(id).await?.is_some_and(|b| b.state == BatchState::Running);
            if !runs && house.store.waybill(&w.id).await?.is_some_and(|now| now.state == WaybillState::Intent) {
                issue::call_off(house, &w, "batch_stopped").await?;
            }
            continue;
        }
        let now = house.now();
        if now >= w.created_at && now.since(w.created_at) < PRESS_LIVES {
            submit::take_number(house, &w.parcel).await?;
        } else {
            let _turn = house.turn(&format!("parcel:{}", w.parcel)).await;
            issue::call_off(house, &w, "too_old").await?;
        }
    }
    Ok(())
}

async fn stale_flights(house: &Arc<House>) -> Result<(), ApiError> {
    for w in house.store.waybills_in(&[WaybillState::InFlight], BATCH).await? {
        if w.sent_at.is_none_or(|t| house.now().since(t) > FLIGHT_LIVES) {
            let _turn = house.turn(&format!("parcel:{}", w.parcel)).await;
            let change = WaybillChange { next_ask_at: Some(Some(house.now())), ..WaybillChange::default() };
            step(house, &w, WaybillEvent::Restart, change, "waybill.unknown", "no end was written".into()).await?;
        }
    }
    Ok(())
}

async fn unknown(house: &Arc<House>) -> Result<(), ApiError> {
    for w in house.store.waybills_in(&[WaybillState::Unknown], BATCH).await? {
        if house.is_closing() {
            break;
        }
        if w.next_ask_at.is_none_or(|t| t <= house.now()) {
            reconcile::ask(house, &w).await?;
        }
    }
    Ok(())
}

async fn cancels(house: &Arc<House>) -> Result<(), ApiError> {
    for w in house.store.waybills_in(&[WaybillState::Cancelling], BATCH).await? {
        if house.is_closing() {
            break;
        }
        if w.next_ask_at.is_none_or(|t| t <= house.now()) {
            cancel::again(house, &w).await?;
        }
    }
    Ok(())
}

/// Jobs whose printer took nothing, and jobs a restart put back.
async fn queue(house: &Arc<House>) -> Result<(), ApiError> {
    for job in house.store.prints_in(&[PrintState::Queued], BATCH).await? {
        if house.is_closing() {
            break;
        }
        // A label of a batch waits for its turn there.
        if job.batch.is_none() && house.is_due(&format!("print:{}", job.id)) {
            printing::run::run(house, &job.id).await?;
        }
    }
    Ok(())
}
