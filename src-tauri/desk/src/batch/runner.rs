//! The runner of a batch: numbers are taken ahead while labels print, and each label waits for its turn.
//!
//! Invariants: one runner a batch; it begins nothing unless the batch is `running` at that moment; a number in hand is
//! printed before the batch stops for want of others; after an answer that did not come, no further number is asked for.

use crate::api::ApiError;
use crate::house::House;
use crate::order::plan;
use crate::printing::{printers, run};
use crate::store::{Batch, BatchItem, Courier, Grant, NewPrint, NewWaybill, Print, Waybill};
use crate::waybill::issue;
use domain::batch::{BatchEvent, BatchState, next, stamp, turn};
use domain::ids::{BatchId, ParcelId, PrintJobId, WaybillId};
use domain::journal::PrintState;
use domain::printer::DeviceState;
use domain::waybill::WaybillState;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use tokio::task::JoinHandle;

/// Numbers in hand below which more are taken: at 150 mm/s a label of 100 mm takes 0.7 s, a call rarely more than two.
const AHEAD: usize = 10;
/// Numbers of one round. What the platform takes in one call is the connector's business.
const ROUND: usize = 10;
/// After "too many calls".
const THROTTLE_PAUSE: Duration = Duration::from_secs(2);
/// Rounds in a row that the platform may put off before the batch stops.
const THROTTLES: u32 = 5;
/// Labels that the pace is taken from.
const PACE_LABELS: usize = 20;

/// When the last labels were handed over, by the monotonic clock.
pub(crate) type Paces = std::sync::Mutex<std::collections::HashMap<String, Vec<Duration>>>;

/// Time a label takes here, from the last ones; `None` until two are out.
pub(crate) fn pace(house: &House, id: &BatchId) -> Option<Duration> {
    let paces = house.paces.lock().unwrap_or_else(PoisonError::into_inner);
    let ends = paces.get(id.as_str())?;
    let (first, last) = (*ends.first()?, *ends.last()?);
    let between = u32::try_from(ends.len()).ok()?.checked_sub(1).filter(|n| *n > 0)?;
    Some(last.saturating_sub(first) / between)
}

fn note_label(house: &House, id: &BatchId) {
    let mut paces = house.paces.lock().unwrap_or_else(PoisonError::into_inner);
    let ends = paces.entry(id.to_string()).or_default();
    ends.push(house.clock.monotonic());
    if ends.len() > PACE_LABELS {
        ends.remove(0);
    }
}

/// Starts the runner of a batch that a person has set running.
pub(crate) fn go(house: &Arc<House>, id: &BatchId) {
    let (house, id) = (house.clone(), id.clone());
    tokio::spawn(async move {
        // A runner that is just ending is let end first.
        let _alone = house.turn(&format!("batch:{id}")).await;
        house.paces.lock().unwrap_or_else(PoisonError::into_inner).remove(id.as_str());
        if let Err(e) = Run::new(&house, &id).carry_out().await {
            tracing::error!(batch = %id, code = ?e.code, error = %e, "a batch stopped");
            let words = (code_word(&e), e.message.as_str());
            if let Err(e) = stop(&house, &id, BatchEvent::Trouble, words).await {
                tracing::error!(batch = %id, error = %e, "and that could not be written; it is told of at the next start");
            }
        }
        house.paces.lock().unwrap_or_else(PoisonError::into_inner).remove(id.as_str());
        house.tell("batch", id.as_str());
    });
}

fn code_word(e: &ApiError) -> &'static str {
    use crate::api::Code;
    match e.code {
        Code::GrantDead => "grant_dead",
        Code::DiskFull => "disk_full",
        Code::FolderReadOnly => "folder_read_only",
        Code::NoPrinter | Code::PrinterUnreachable => "printer",
        Code::NoCourier | Code::DetailsMissing => "courier",
        _ => "internal",
    }
}

/// Moves a running batch; `false`: it does not run any more.
async fn stop(house: &House, id: &BatchId, event: BatchEvent, trouble: (&str, &str)) -> Result<bool, ApiError> {
    let Some(to) = next(BatchState::Running, event) else { return Ok(false) };
    let action = match to {
        BatchState::Done => "batch.done",
        BatchState::Paused => "batch.paused",
        _ => "batch.stopped",
    };
    let log = house.entry_of_desk(action, id.as_str(), format!("{} {}", trouble.0, trouble.1).trim());
    let moved = house.store.move_batch(id, BatchState::Running, to, trouble, &log).await?;
    house.tell("batch", id.as_str());
    Ok(moved)
}

/// What a round of numbers brought.
enum Round {
    /// Ends that concern single parcels only.
    Fine,
    /// Nothing was done; try again later.
    PutOff,
    /// In the way of every number to come.
    Blocked(String, String),
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
        if !self.printer_is_well().await? {
            return Ok(());
        }
        loop {
            let batch = self.batch().await?;
            if batch.state != BatchState::Running || self.house.is_closing() {
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
        self.round = Some(tokio::spawn(async move { numbers(&house, &batch, &parcels).await }));
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
                    // Paused, or put aside, at this moment.
                    self.read().await?;
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
                note_label(self.house, self.id);
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

    /// Queues the label: the first of a number, or, where a person said that it is no good, one more, marked.
    async fn new_job(&self, batch: &Batch, item: &BatchItem) -> Result<Option<PrintJobId>, ApiError> {
        let Some((waybill, _)) = &item.waybill else { return Ok(None) };
        let earlier = self.house.store.prints_of(&item.parcel).await?;
        let of_number: Vec<&Print> = earlier.iter().filter(|j| j.waybill == *waybill).collect();
        let copy = of_number.iter().map(|j| j.copy + 1).max().unwrap_or(0);
        let number = self.house.store.waybill(waybill).await?.ok_or_else(|| ApiError::not_found("number"))?;
        // A sealed label goes to its component's printer, whatever the batch prints on.
        let printer = printers::for_number(self.house, &number, &batch.printer).await?;
        // The row says who: the person who started the batch, or set it going again.
        let total = u32::try_from(self.items.len()).unwrap_or(u32::MAX);
        let job = NewPrint {
            id: PrintJobId::fresh(&*self.house.chance),
            parcel: item.parcel.clone(),
            waybill: waybill.clone(),
            submit_key: if copy == 0 { format!("original-{waybill}") } else { format!("{waybill}-copy-{copy}") },
            copy,
            reason: if copy == 0 { String::new() } else { "jam".to_owned() },
            note: String::new(),
            asked_by: batch.created_by.clone(),
            printer: printer.unwrap_or_else(|| batch.printer.clone()),
            template: batch.template.clone(),
            created_at: self.house.now(),
            batch: Some(self.id.clone()),
            stamp: stamp(batch.number, item.seq, total),
        };
        let detail = format!("job={} copy={copy} {}", job.id, job.stamp);
        let log = self.house.entry_of_desk("print.queued", item.parcel.as_str(), detail);
        let started = self.house.store.start_label(self.id, item.seq, &job, &log).await?;
        Ok(started.then_some(job.id))
    }
}

/// Whether a no is about this parcel alone. Any other no will meet the next parcel too.
fn concerns_one(reason: &str) -> bool {
    matches!(reason, "unserved" | "recipient" | "other")
}

/// Takes the numbers of these parcels. Runs to its end even if the batch is paused meanwhile.
async fn numbers(house: &Arc<House>, batch: &Batch, parcels: &[ParcelId]) -> Result<Round, ApiError> {
    let (courier, grant) = match plan::courier(house, batch.courier.as_str()).await {
        Ok(both) => both,
        Err(e) => return Ok(Round::Blocked(code_word(&e).to_owned(), e.message)),
    };
    // Turns in one order everywhere: two rounds never wait for each other.
    let mut sorted: Vec<&ParcelId> = parcels.iter().collect();
    sorted.sort();
    let mut turns = Vec::with_capacity(sorted.len());
    for id in sorted {
        turns.push(house.turn(&format!("parcel:{id}")).await);
    }
    let mut asked: Vec<Waybill> = Vec::with_capacity(parcels.len());
    for id in parcels {
        let attempts = house.store.waybills_of(id).await?;
        let last = attempts.last();
        if let Some(w) = last.filter(|w| w.state.is_live()) {
            if w.state == WaybillState::Intent {
                asked.push(w.clone());
            }
            continue;
        }
        asked.extend(next_attempt(house, batch, (&courier, &grant), id).await?);
    }
    // One call has one sender and one settlement code.
    let mut groups: Vec<Vec<Waybill>> = Vec::new();
    for w in asked {
        let fits = |g: &Vec<Waybill>| {
            g.first().is_some_and(|f| {
                f.request.sender == w.request.sender
                    && f.request.customer_code == w.request.customer_code
                    && f.grant == w.grant
            })
        };
        match groups.iter_mut().find(|g| fits(g)) {
            Some(group) => group.push(w),
            None => groups.push(vec![w]),
        }
    }
    let mut worst = Round::Fine;
    for group in groups {
        issue::take_many(house, &group).await?;
        let mut group = group;
        if group.len() > 1 && all_refused_for_one(house, &group).await? {
            // The platform refused the whole call for the sake of one of them, and does not say which: nothing was
            // charged, each is asked for on its own.
            for w in &mut group {
                if let Some(alone) = next_attempt(house, batch, (&courier, &grant), &w.parcel).await? {
                    issue::take(house, &alone).await?;
                    *w = alone;
                }
            }
        }
        let mut silent = 0;
        for w in &group {
            let Some(now) = house.store.waybill(&w.id).await? else { continue };
            match now.state {
                WaybillState::Unknown => silent += 1,
                WaybillState::Rejected if now.reason == "throttled" => worst = Round::PutOff,
                WaybillState::Rejected if !concerns_one(&now.reason) => {
                    return Ok(Round::Blocked(now.reason, now.hint));
                }
                _ => {}
            }
        }
        // Not one answer: asking on would only make more numbers that nobody knows of.
        if silent == group.len() {
            return Ok(Round::Blocked("no_answer".to_owned(), String::new()));
        }
    }
    drop(turns);
    Ok(worst)
}

/// One more attempt for a parcel whose last one, if any, is dead.
async fn next_attempt(
    house: &House,
    batch: &Batch,
    (courier, grant): (&Courier, &Grant),
    id: &ParcelId,
) -> Result<Option<Waybill>, ApiError> {
    let parcel = house.store.parcel(id).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    let attempt = house.store.waybills_of(id).await?.last().map_or(1, |w| w.attempt + 1);
    let mut order = parcel.order.clone();
    plan::remembered_sender(&mut order.sender, courier);
    let new = NewWaybill {
        id: WaybillId::fresh(&*house.chance),
        parcel: id.clone(),
        attempt,
        submit_key: format!("{id}-{attempt}"),
        request: plan::request(id, attempt, &order, courier, grant),
        grant: grant.id.clone(),
        courier: courier.id.clone(),
        courier_code: courier.code.clone(),
        shop_name: grant.shop_name.clone(),
        asked_by: batch.created_by.clone(),
        created_at: house.now(),
    };
    let detail = format!("batch={} attempt={attempt} courier={}", batch.id, new.courier_code);
    house.store.add_waybill(&new, &house.entry_of_desk("order.batch", id.as_str(), detail)).await?;
    Ok(house.store.waybill(&new.id).await?)
}

async fn all_refused_for_one(house: &House, group: &[Waybill]) -> Result<bool, ApiError> {
    for w in group {
        let now = house.store.waybill(&w.id).await?;
        if !now.is_some_and(|n| n.state == WaybillState::Rejected && concerns_one(&n.reason)) {
            return Ok(false);
        }
    }
    Ok(true)
}
