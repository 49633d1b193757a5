//! What a person does with a batch: start, pause, go on, confirm, end. Each leaves its line in the action log.

use super::{check, runner, view};
use crate::api::{ApiError, BatchView, ById, Code, ResumeBatch, StartBatch};
use crate::door::At;
use crate::house::House;
use crate::order::{content, plan};
use crate::printing::{custom_area, doctor};
use crate::rights::Actor;
use crate::store::{Batch, BatchItem, NewBatch, NewItem, PrintChange, StoreError};
use crate::template;
use domain::batch::{BatchEvent, BatchState, next, read_stamp};
use domain::evidence::Evidence;
use domain::ids::{BatchId, ParcelId, PrinterId};
use domain::journal::{self, PrintEvent, PrintState};
use std::sync::Arc;

/// Looking whether a printer is free, and taking it, is one step.
const ONE_A_PRINTER: &str = "batches";

/// Starts a batch: checked once more, written down, then on its way.
pub(crate) async fn start(at: &At<'_>, req: StartBatch) -> Result<BatchView, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    if !(8..=100).contains(&req.submit_key.len()) {
        return Err(plan::wrong_fields(vec![content::error("submit_key", "out_of_range", "8–100")]));
    }
    // The second delivery of one press waits for the first and then finds its batch.
    let _turn = house.turn(&format!("submit:{}", req.submit_key)).await;
    if let Some(known) = house.store.batch_by_submit(&req.submit_key).await? {
        return view::view(house, &known).await;
    }
    house.check_room()?;
    let found = check::look(house, actor, &req.ask).await?;
    let there: Vec<_> = found.rows.into_iter().filter(|r| r.aside != "gone").collect();
    if !there.iter().any(|r| r.aside.is_empty()) {
        return Err(ApiError::new(Code::InvalidInput, "none of these orders can be printed; nothing was charged")
            .hint("mend what is put aside")
            .detail("none_good"));
    }
    let _printers = house.turn(ONE_A_PRINTER).await;
    free_printer(house, &found.printer.id, None).await?;
    let batch = NewBatch {
        id: BatchId::fresh(&*house.chance),
        submit_key: req.submit_key,
        grant: found.grant.id,
        courier: found.courier.id,
        printer: found.printer.id,
        instead_of: found.instead_of.map(|(p, _)| p.id),
        template: found.template.reference.clone(),
        created_by: actor.id.clone(),
        created_at: house.now(),
        items: there
            .into_iter()
            .map(|r| NewItem {
                parcel: r.parcel,
                order: r.order,
                aside: r.aside.to_owned(),
                detail: if r.detail.is_empty() { field_words(&r.fields) } else { r.detail },
            })
            .collect(),
    };
    let detail = format!("courier={} printer={} parcels={}", batch.courier, batch.printer, batch.items.len());
    let log = house.entry(actor, "batch.start", batch.id.as_str(), detail);
    match house.store.add_batch(&batch, &log).await {
        Err(StoreError::Taken { .. }) => {
            return Err(ApiError::new(
                Code::WrongState,
                "one of these orders went into another batch at this moment; nothing was charged",
            )
            .hint("look again, then start what is left"));
        }
        other => other?,
    }
    house.tell("batch", batch.id.as_str());
    runner::go(house, &batch.id);
    view::view(house, &batch.id).await
}

fn field_words(fields: &[crate::api::FieldError]) -> String {
    fields
        .iter()
        .map(|f| {
            // The window says it in its own language, so it needs the whole; `;` parts the fields.
            let fault = f.fault.as_ref().and_then(|f| serde_json::to_string(f).ok());
            let detail = fault.map_or_else(|| f.detail.clone(), |json| json.replace(';', "\\u003b"));
            format!("{} {} {detail}", f.field, f.code).trim().to_owned()
        })
        .collect::<Vec<_>>()
        .join("; ")
}

/// The batch that prints there now; `but` does not count.
pub(crate) async fn running_on(
    house: &House,
    printer: &PrinterId,
    but: Option<&BatchId>,
) -> Result<Option<String>, ApiError> {
    let open = super::open(house).await?;
    let there = open.iter().find(|b| b.state == BatchState::Running && b.printer == *printer && Some(&b.id) != but);
    Ok(there.map(|b| view::name(b.number)))
}

/// The order on paper is the order on screen: nothing else is fed there, and two batches do not share a printer at one time.
pub(crate) async fn free_printer(house: &House, printer: &PrinterId, but: Option<&BatchId>) -> Result<(), ApiError> {
    match running_on(house, printer, but).await? {
        Some(name) => Err(ApiError::new(
            Code::WrongState,
            format!("batch {name} is printing on this printer; nothing was sent or charged"),
        )
        .detail(name)
        .hint("wait until it is through, pause it, or choose another printer")),
        None => Ok(()),
    }
}

async fn get(house: &House, id: &str) -> Result<Batch, ApiError> {
    house.store.batch(&BatchId::from_stored(id)).await?.ok_or_else(|| ApiError::not_found("batch"))
}

fn no_place(b: &Batch) -> ApiError {
    ApiError::new(Code::WrongState, format!("this batch is `{}`; nothing was done", b.state.word()))
        .detail(b.state.word())
        .hint("look again")
}

/// Pauses between two labels. The label under way comes out.
pub(crate) async fn pause(at: &At<'_>, req: ById) -> Result<BatchView, ApiError> {
    let (house, b) = (at.house, get(at.house, &req.id).await?);
    let to = next(b.state, BatchEvent::Pause).ok_or_else(|| no_place(&b))?;
    let log = house.entry(at.actor()?, "batch.pause", b.id.as_str(), "");
    if house.store.move_batch(&b.id, b.state, to, ("person", ""), &log).await? {
        house.tell("batch", b.id.as_str());
    }
    view::view(house, &b.id).await
}

/// Goes on, with what a person says of the paper.
pub(crate) async fn resume(at: &At<'_>, req: ResumeBatch) -> Result<BatchView, ApiError> {
    let (house, actor, b) = (at.house, at.actor()?, get(at.house, &req.id).await?);
    if next(b.state, BatchEvent::Resume).is_none() {
        return Err(no_place(&b));
    }
    house.check_room()?;
    let _printers = house.turn(ONE_A_PRINTER).await;
    free_printer(house, &b.printer, Some(&b.id)).await?;
    if let Some(printer) = house.store.printer(&b.printer).await? {
        // Another roll may have been put in while it stood.
        doctor::paper_fits(&printer)?;
    }
    let items = house.store.batch_items(&b.id).await?;
    let last_good = last_good(&b, &items, &req.last_good)?;
    // What a person says is good came out: the strongest evidence there is.
    if !req.last_good.trim().is_empty() {
        confirm_labels(house, actor, items.iter().filter(|i| i.nth <= last_good)).await?;
    }
    let detail = format!("last_good={last_good}");
    let log = house.entry(actor, "batch.resume", b.id.as_str(), detail);
    if house.store.resume_batch(&b.id, b.state, last_good, &log).await? {
        house.tell("batch", b.id.as_str());
        runner::go(house, &b.id);
    }
    view::view(house, &b.id).await
}

/// The place on the paper of the label that a person pointed at or scanned.
fn last_good(b: &Batch, items: &[BatchItem], said: &str) -> Result<u32, ApiError> {
    let said = said.trim();
    if said.is_empty() {
        // A label that may be half on paper needs its word.
        return match items.iter().any(|i| i.print.as_ref().is_some_and(|(_, s)| *s == PrintState::Doubtful)) {
            true => Err(plan::wrong_fields(vec![content::error("last_good", "required", "")])),
            false => Ok(u32::MAX),
        };
    }
    if said == "none" {
        return Ok(0);
    }
    let label = items
        .iter()
        .find(|i| i.number.as_ref().is_some_and(|n| n.0.eq_ignore_ascii_case(said)))
        .or_else(|| read_stamp(b.number, said).and_then(|seq| items.iter().find(|i| i.seq == seq)));
    match label {
        Some(i) if i.nth > 0 => Ok(i.nth),
        Some(_) => Err(plan::wrong_fields(vec![content::error("last_good", "not_printed_yet", said)])),
        None => Err(plan::wrong_fields(vec![content::error("last_good", "other_batch", said)])),
    }
}

/// A finished batch lies on the table, whole: all its labels came out.
pub(crate) async fn confirm(at: &At<'_>, req: ById) -> Result<BatchView, ApiError> {
    let (house, b) = (at.house, get(at.house, &req.id).await?);
    if b.state == BatchState::Running {
        return Err(no_place(&b));
    }
    let items = house.store.batch_items(&b.id).await?;
    house.store.note(&house.entry(at.actor()?, "batch.confirm", b.id.as_str(), "")).await?;
    confirm_labels(house, at.actor()?, items.iter()).await?;
    house.tell("batch", b.id.as_str());
    view::view(house, &b.id).await
}

async fn confirm_labels<'a>(
    house: &House,
    actor: &Actor,
    items: impl Iterator<Item = &'a BatchItem>,
) -> Result<(), ApiError> {
    for i in items {
        let Some((job, state)) = &i.print else { continue };
        let Some(to) = journal::next(*state, PrintEvent::Confirm) else { continue };
        let log = house.entry(actor, "print.confirmed", i.parcel.as_str(), format!("job={job} seen by a person"));
        let change =
            PrintChange { evidence: Some(Evidence::Person), ended_at: Some(house.now()), ..PrintChange::default() };
        house.store.move_print(job, *state, to, &change, &log).await?;
        house.tell("print", i.parcel.as_str());
    }
    Ok(())
}

/// Ends it: what was not printed goes back to the orders that wait.
pub(crate) async fn close(at: &At<'_>, req: ById) -> Result<BatchView, ApiError> {
    let (house, b) = (at.house, get(at.house, &req.id).await?);
    let to = next(b.state, BatchEvent::Close).ok_or_else(|| no_place(&b))?;
    let items = house.store.batch_items(&b.id).await?;
    // A label that may be half on paper needs its word first, or nobody would ask for it again.
    if let Some(i) = items.iter().find(|i| i.print.as_ref().is_some_and(|(_, s)| *s == PrintState::Doubtful)) {
        return Err(ApiError::new(
            Code::WrongState,
            "nobody has said yet whether the last label came out; nothing was done",
        )
        .detail("doubtful")
        .hint(format!("say which label was the last good one: {}", i.seq)));
    }
    let log = house.entry(at.actor()?, "batch.close", b.id.as_str(), "");
    if house.store.move_batch(&b.id, b.state, to, ("", ""), &log).await? {
        house.tell("batch", b.id.as_str());
        house.tell("parcel", "");
    }
    view::view(house, &b.id).await
}

/// An order that a batch had put aside was mended: checked as at the start, it takes its place again, and a batch that had
/// nothing else left goes on with it. The mend is the person's press for this one. Errors: it still cannot be printed, and
/// stays aside; nothing was charged.
pub(crate) async fn mended(house: &Arc<House>, actor: &Actor, parcel: &ParcelId) -> Result<(), ApiError> {
    let Some((id, seq)) = house.store.batch_of(parcel).await? else { return Ok(()) };
    let Some(b) = house.store.batch(&id).await? else { return Ok(()) };
    let kept = house.store.parcel(parcel).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    if !kept.stop.is_empty() {
        return Ok(());
    }
    let live = house.store.waybills_of(parcel).await?.last().is_some_and(|w| w.state.is_live());
    // A text that a number was taken for is not changed any more.
    if !live {
        let (courier, _) = plan::courier(house, b.courier.as_str()).await?;
        let printer = plan::printer(house, b.printer.as_str()).await?;
        let template = template::find(house, &b.template).await?;
        let custom = custom_area::of(house, Some(&b.grant)).await?;
        let once = (house.trial, &custom);
        let order = plan::waiting_order(&kept.order, (&courier, &printer, &template), once)?;
        if order != kept.order {
            house
                .store
                .mend_order(parcel, &order, &house.entry(actor, "order.mend", parcel.as_str(), "sender"))
                .await?;
        }
    }
    let log = house.entry(actor, "batch.taken_back", parcel.as_str(), format!("batch={id} seq={seq}"));
    if house.store.set_aside(&id, seq, ("", ""), &log).await? {
        house.tell("batch", id.as_str());
        go_on_if_idle(house, actor, &id).await?;
    }
    Ok(())
}

/// A batch that paused only because nothing but the odd ones was left goes on.
async fn go_on_if_idle(house: &Arc<House>, actor: &Actor, id: &BatchId) -> Result<(), ApiError> {
    let _printers = house.turn(ONE_A_PRINTER).await;
    let Some(b) = house.store.batch(id).await? else { return Ok(()) };
    if b.state != BatchState::Paused
        || b.trouble != "aside_left"
        || free_printer(house, &b.printer, None).await.is_err()
    {
        return Ok(());
    }
    let log = house.entry(actor, "batch.resume", id.as_str(), "mended");
    if house.store.resume_batch(id, b.state, u32::MAX, &log).await? {
        house.tell("batch", id.as_str());
        runner::go(house, id);
    }
    Ok(())
}

/// A refund came, or was taken back, while the parcel is in a batch: it is put aside, or takes its place again.
pub(crate) async fn stopped_parcel(
    house: &Arc<House>,
    actor: &Actor,
    parcel: &ParcelId,
    stopped: bool,
) -> Result<(), ApiError> {
    let Some((id, seq)) = house.store.batch_of(parcel).await? else { return Ok(()) };
    let items = house.store.batch_items(&id).await?;
    let Some(item) = items.iter().find(|i| i.seq == seq && !i.is_through()) else { return Ok(()) };
    if stopped {
        let log = house.entry(actor, "batch.aside", parcel.as_str(), format!("batch={id} seq={seq} refund"));
        house.store.set_aside(&id, seq, ("refund", ""), &log).await?;
    } else if item.aside == "refund"
        && let Err(e) = mended(house, actor, parcel).await
    {
        // It may leave, but was never looked at: now what is wrong with it stands beside it.
        let words = if e.fields.is_empty() { e.message } else { field_words(&e.fields) };
        let log = house.entry(actor, "batch.aside", parcel.as_str(), format!("batch={id} seq={seq} fields"));
        house.store.set_aside(&id, seq, ("fields", &words), &log).await?;
    }
    house.tell("batch", id.as_str());
    Ok(())
}
