//! The runner of a batch: numbers are taken ahead while labels print, and each label waits for its turn.
//!
//! Invariants: one runner a batch; it begins nothing unless the batch is `running` at that moment; a number in hand is
//! printed before the batch stops for want of others; after an answer that did not come, no further number is asked for.

use super::numbers::{self, Round, code_word, concerns_one};
use super::pace;
use crate::api::ApiError;
use crate::house::House;
use crate::printing::{custom_area, printers, run};
use crate::store::{Batch, BatchItem, LabelOf, NewPrint, Print};
use domain::batch::{BatchEvent, BatchState, next, stamp, turn};
use domain::ids::{BatchId, ParcelId, PrintJobId};
use domain::journal::PrintState;
use domain::printer::DeviceState;
use domain::waybill::WaybillState;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Numbers in hand below which more are taken: at 150 mm/s a label of 100 mm takes 0.7 s, a call rarely more than two.
const AHEAD: usize = 10;
/// Numbers of one round. What the platform takes in one call is the connector's business.
const ROUND: usize = 10;
/// After "too many calls".
const THROTTLE_PAUSE: Duration = Duration::from_secs(2);
/// Between two tries to write down that a batch stopped.
const STOP_PAUSE: Duration = Duration::from_secs(2);
/// Rounds in a row that the platform may put off before the batch stops.
const THROTTLES: u32 = 5;
/// Starts the runner of a batch that a person has set running.
pub(crate) fn go(house: &Arc<House>, id: &BatchId) {
    let (house, id) = (house.clone(), id.clone());
    tokio::spawn(async move {
        // A runner that is just ending is let end first.
        let _alone = house.turn(&format!("batch:{id}")).await;
        pace::forget(&house, &id);
        if let Err(e) = Run::new(&house, &id).carry_out().await {
            tracing::error!(batch = %id, code = ?e.code, error = %e, "a batch stopped");
            stop_at_last(&house, &id, (code_word(&e), &e.message)).await;
        }
        pace::forget(&house, &id);
        house.tell("batch", id.as_str());
    });
}

/// Moves a batch that runs, or whose last label broke after somebody had paused it. `false`: the event has no place.
async fn stop(house: &House, id: &BatchId, event: BatchEvent, trouble: (&str, &str)) -> Result<bool, ApiError> {
    let Some(now) = house.store.batch(id).await? else { return Ok(false) };
    let Some(to) = next(now.state, event) else { return Ok(false) };
    let action = match to {
        BatchState::Done => "batch.done",
        BatchState::Paused => "batch.paused",
        _ => "batch.stopped",
    };
    let log = house.entry_of_desk(action, id.as_str(), format!("{} {}", trouble.0, trouble.1).trim());
    let moved = house.store.move_batch(id, now.state, to, trouble, &log).await?;
    house.tell("batch", id.as_str());
    Ok(moved)
}

/// Writes down why it stopped, and tries again while the disk says no: "running" with nobody at work would be a lie.
async fn stop_at_last(house: &House, id: &BatchId, trouble: (&str, &str)) {
    while let Err(e) = stop(house, id, BatchEvent::Trouble, trouble).await {
        tracing::error!(batch = %id, error = %e, "that a batch stopped could not be written; trying again");
        tokio::select! {
            () = house.closing() => return,
            () = tokio::time::sleep(STOP_PAUSE) => {}
        }
    }
}

struct Run<'a> {
    house: &'a Arc<House>,
    id: &'a BatchId,
    items: Vec<BatchItem>,
    /// Place on screen of the last label.
    last: u32,
    round: Option<JoinHandle<Result<Round, ApiError>>>,
    /// Whose numbers the round asks for.
    asked: Vec<ParcelId>,
    blocked: Option<(String, String)>,
    put_off: u32,
    /// The printer answers when it is asked how it is.
    speaks: bool,
}

impl<'a> Run<'a> {
    fn new(house: &'a Arc<House>, id: &'a BatchId) -> Self {
        Self {
            house,
            id,
            items: Vec::new(),
            last: 0,
            round: None,
            asked: Vec::new(),
            blocked: None,
            put_off: 0,
            speaks: true,
        }
    }

    /// Reads where everything stands, and takes back in what has cleared up.
    async fn read(&mut self) -> Result<(), ApiError> {
        self.items = self.house.store.batch_items(self.id).await?;
        // A label of which nothing was taken has its place on the paper still before it.
        let out = self.items.iter().filter(|i| i.nth > 0 && i.is_through());
        self.last = out.max_by_key(|i| i.nth).map_or(0, |i| i.seq);
        let printer = self.batch().await?.printer;
        for i in 0..self.items.len() {
            let item = &self.items[i];
            let state = item.waybill.as_ref().map(|(_, s)| *s);
            // Put aside for want of a component's printer, which was set up since.
            if item.aside == "component"
                && let Some((id, _)) = &item.waybill
                && let Some(w) = self.house.store.waybill(id).await?
                && printers::for_number(self.house, &w, &printer).await?.is_some()
            {
                self.put_back(i).await?;
                continue;
            }
            // Looked up and found, or found not to be there: its turn comes at the end.
            if item.aside == "unknown" && matches!(state, Some(WaybillState::Issued | WaybillState::Rejected)) {
                self.put_back(i).await?;
            }
        }
        Ok(())
    }

    async fn put_back(&mut self, i: usize) -> Result<(), ApiError> {
        let item = &mut self.items[i];
        let log = self.house.entry_of_desk("batch.taken_back", item.parcel.as_str(), format!("seq={}", item.seq));
        self.house.store.set_aside(self.id, item.seq, ("", ""), &log).await?;
        item.aside.clear();
        Ok(())
    }

    async fn put_aside(&mut self, i: usize, why: &str, detail: &str) -> Result<(), ApiError> {
        let item = &mut self.items[i];
        let log = self.house.entry_of_desk("batch.aside", item.parcel.as_str(), format!("seq={} {why}", item.seq));
        self.house.store.set_aside(self.id, item.seq, (why, detail), &log).await?;
        item.aside = why.to_owned();
        self.house.tell("batch", self.id.as_str());
        Ok(())
    }

    async fn batch(&self) -> Result<Batch, ApiError> {
        self.house.store.batch(self.id).await?.ok_or_else(|| ApiError::not_found("batch"))
    }

    async fn carry_out(&mut self) -> Result<(), ApiError> {
        self.read().await?;
        let end = self.labels().await;
        // The numbers on their way are waited for: each end is written by its own task, but the turn is ours.
        if let Some(round) = self.round.take() {
            let _ = round.await;
        }
        end
    }

    async fn labels(&mut self) -> Result<(), ApiError> {
        let mut asked = false;
        loop {
            let batch = self.batch().await?;
            if batch.state != BatchState::Running || self.house.is_closing() {
                return Ok(());
            }
            // Before the first charge.
            if !std::mem::replace(&mut asked, true) && !self.printer_is_well().await? {
                return Ok(());
            }
            self.look_at_round(false).await?;
            self.take_ahead(&batch);
            let places: Vec<_> = self.items.iter().map(BatchItem::place).collect();
            let Some(seq) = turn(&places, self.last) else {
                if self.round.is_some() {
                    self.look_at_round(true).await?;
                    continue;
                }
                // Mended ones, and those whose number cleared up, have their turn now.
                self.read().await?;
                if self.items.iter().any(|i| i.aside.is_empty() && !i.is_through()) {
                    continue;
                }
                let event = if self.items.iter().any(|i| !i.aside.is_empty() && !i.left_out) {
                    BatchEvent::OnlyAsideLeft
                } else {
                    BatchEvent::AllThrough
                };
                let trouble = if event == BatchEvent::OnlyAsideLeft { "aside_left" } else { "" };
                stop(self.house, self.id, event, (trouble, "")).await?;
                return Ok(());
            };
            let Some(i) = self.items.iter().position(|item| item.seq == seq) else { return Ok(()) };
            match self.items[i].waybill.as_ref().map(|(_, s)| *s) {
                Some(WaybillState::Issued) => {
                    if !self.label(&batch, i).await? {
                        return Ok(());
                    }
                }
                Some(WaybillState::Unknown | WaybillState::NeedsPerson) => self.put_aside(i, "unknown", "").await?,
                Some(WaybillState::Cancelling | WaybillState::Cancelled) => self.put_aside(i, "cancelled", "").await?,
                None | Some(WaybillState::Intent | WaybillState::InFlight | WaybillState::Rejected) => {
                    if self.round.is_some() {
                        self.look_at_round(true).await?;
                    } else if let Some((why, detail)) = self.blocked.take() {
                        stop(self.house, self.id, BatchEvent::Trouble, (&why, &detail)).await?;
                        return Ok(());
                    }
                }
            }
        }
    }

    /// Starts a round of numbers when few are in hand.
    fn take_ahead(&mut self, batch: &Batch) {
        if self.round.is_some() || self.blocked.is_some() {
            return;
        }
        let waiting = || self.items.iter().filter(|i| i.aside.is_empty() && !i.is_through());
        let has_number = |i: &&BatchItem| matches!(i.waybill, Some((_, WaybillState::Issued)));
        if waiting().filter(has_number).count() >= AHEAD {
            return;
        }
        let asks =
            |i: &&BatchItem| matches!(i.waybill, None | Some((_, WaybillState::Rejected | WaybillState::Intent)));
        // In the order of their turns, as far as it is known now.
        let (after, before): (Vec<&BatchItem>, Vec<&BatchItem>) =
            waiting().filter(asks).partition(|i| i.seq > self.last);
        let parcels: Vec<ParcelId> = after.into_iter().chain(before).take(ROUND).map(|i| i.parcel.clone()).collect();
        if parcels.is_empty() {
            return;
        }
        let (house, batch) = (self.house.clone(), batch.clone());
        self.asked.clone_from(&parcels);
        self.round = Some(tokio::spawn(async move { numbers::take(&house, &batch, &parcels).await }));
    }

    /// Takes in what a finished round brought; waits for it if told to.
    async fn look_at_round(&mut self, wait: bool) -> Result<(), ApiError> {
        let Some(round) = self.round.take_if(|r| wait || r.is_finished()) else { return Ok(()) };
        let end = round.await.map_err(ApiError::internal)??;
        match end {
            Round::Fine => self.put_off = 0,
            Round::PutOff if self.put_off < THROTTLES => {
                self.put_off += 1;
                tokio::select! {
                    () = self.house.closing() => {}
                    () = tokio::time::sleep(THROTTLE_PAUSE) => {}
                }
            }
            Round::PutOff => self.blocked = Some(("throttled".to_owned(), String::new())),
            Round::Blocked(why, detail) => self.blocked = Some((why, detail)),
        }
        let fresh = self.house.store.batch_items(self.id).await?;
        for item in fresh {
            if let Some(mine) = self.items.iter_mut().find(|i| i.seq == item.seq) {
                *mine = item;
            }
        }
        self.sort_out().await
    }

    /// Puts aside what a round brought for single parcels.
    async fn sort_out(&mut self) -> Result<(), ApiError> {
        let printer = self.batch().await?.printer;
        for i in 0..self.items.len() {
            let item = &self.items[i];
            if !self.asked.contains(&item.parcel) || !item.aside.is_empty() || item.is_through() {
                continue;
            }
            let Some((id, state)) = item.waybill.clone() else { continue };
            match state {
                WaybillState::Rejected => {
                    let Some(w) = self.house.store.waybill(&id).await? else { continue };
                    if concerns_one(&w.reason) {
                        let detail = format!("{} {}", w.reason, w.hint);
                        self.put_aside(i, "rejected", detail.trim()).await?;
                    }
                }
                WaybillState::Issued if item.print.is_none() => {
                    let Some(w) = self.house.store.waybill(&id).await? else { continue };
                    if printers::for_number(self.house, &w, &printer).await?.is_none() {
                        self.put_aside(i, "component", &w.component).await?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Asks the printer before the first charge. A printer that cannot tell is taken as it is.
    async fn printer_is_well(&mut self) -> Result<bool, ApiError> {
        let batch = self.batch().await?;
        let printer = self.house.store.printer(&batch.printer).await?.filter(|p| !p.removed);
        let Some(printer) = printer else {
            stop(self.house, self.id, BatchEvent::Trouble, ("printer", "")).await?;
            return Ok(false);
        };
        let state = printers::link(&printer)?.state().await;
        self.speaks = !matches!(state, DeviceState::CannotTell);
        let words = match state {
            DeviceState::Ready | DeviceState::Printing | DeviceState::CannotTell => return Ok(true),
            DeviceState::Stopped(why) => why.into_iter().map(printers::stop_word).collect::<Vec<_>>().join(" "),
            DeviceState::Unreachable(why) => why,
        };
        stop(self.house, self.id, BatchEvent::Trouble, ("printer", &words)).await?;
        Ok(false)
    }

    /// One label. `false`: the batch does not go on.
    async fn label(&mut self, batch: &Batch, i: usize) -> Result<bool, ApiError> {
        // A printer that speaks is asked before each label: what runs into an empty one may be lost in its memory.
        if self.speaks && self.last > 0 && !self.printer_is_well().await? {
            return Ok(false);
        }
        let item = self.items[i].clone();
        let job = match &item.print {
            // Nothing of it was taken before.
            Some((job, PrintState::Queued | PrintState::Rendered)) => job.clone(),
            _ => match self.new_job(batch, &item).await? {
                Some(job) => job,
                None => {
                    // Paused, or put aside, at this moment; or its label was printed outside the batch.
                    if self.batch().await?.state == BatchState::Running && self.printed_elsewhere(&item).await? {
                        self.put_aside(i, "failed", "printed_elsewhere").await?;
                    } else {
                        self.read().await?;
                    }
                    return Ok(true);
                }
            },
        };
        run::run(self.house, &job).await?;
        let Some(print) = self.house.store.print(&job).await? else { return Ok(false) };
        self.items[i].print = Some((job, print.state));
        if self.items[i].is_through() {
            self.last = item.seq;
        }
        self.house.tell("batch", self.id.as_str());
        match print.state {
            PrintState::Sent | PrintState::Confirmed => {
                pace::note(self.house, self.id);
                Ok(true)
            }
            PrintState::Failed => {
                self.put_aside(i, "failed", &print.trouble).await?;
                Ok(true)
            }
            PrintState::Doubtful | PrintState::Sending => {
                stop(self.house, self.id, BatchEvent::Trouble, ("doubtful", &print.trouble)).await?;
                Ok(false)
            }
            PrintState::Queued | PrintState::Rendered => {
                stop(self.house, self.id, BatchEvent::Trouble, ("printer", &print.trouble)).await?;
                Ok(false)
            }
        }
    }

    async fn printed_elsewhere(&self, item: &BatchItem) -> Result<bool, ApiError> {
        let prints = self.house.store.prints_of(&item.parcel).await?;
        let number = item.waybill.as_ref().map(|(id, _)| id);
        Ok(!item.again && prints.iter().any(|j| j.of.waybill() == number && j.state.may_be_on_paper()))
    }

    /// Queues the label: the first of a number, or, where a person said that it is no good, one more, marked.
    async fn new_job(&self, batch: &Batch, item: &BatchItem) -> Result<Option<PrintJobId>, ApiError> {
        let Some((waybill, _)) = &item.waybill else { return Ok(None) };
        let earlier = self.house.store.prints_of(&item.parcel).await?;
        let of_number: Vec<&Print> = earlier.iter().filter(|j| j.of.is_of(waybill)).collect();
        // What is out already, whoever printed it, is made again only where a person said that it is no good.
        if self.printed_elsewhere(item).await? {
            return Ok(None);
        }
        let copy = of_number.iter().map(|j| j.copy + 1).max().unwrap_or(0);
        let number = self.house.store.waybill(waybill).await?.ok_or_else(|| ApiError::not_found("number"))?;
        // A sealed label goes to its component's printer, whatever the batch prints on.
        let printer = printers::for_number(self.house, &number, &batch.printer).await?;
        let total = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        let job = NewPrint {
            id: PrintJobId::fresh(&*self.house.chance),
            of: LabelOf::Number { parcel: item.parcel.clone(), waybill: waybill.clone() },
            submit_key: if copy == 0 { format!("original-{waybill}") } else { format!("{waybill}-copy-{copy}") },
            copy,
            reason: if copy == 0 { String::new() } else { "jam".to_owned() },
            note: String::new(),
            asked_by: batch.run_by.clone(),
            printer: printer.unwrap_or_else(|| batch.printer.clone()),
            template: batch.template.clone(),
            created_at: self.house.now(),
            batch: Some(self.id.clone()),
            stamp: stamp(batch.number, item.seq, total),
            custom: custom_area::of(self.house, Some(&batch.grant)).await?,
        };
        let detail = format!("job={} copy={copy} {}", job.id, job.stamp);
        let log = self.house.entry_of_desk("print.queued", item.parcel.as_str(), detail);
        let started = self.house.store.start_label(self.id, item.seq, &job, &log).await?;
        Ok(started.then_some(job.id))
    }
}
