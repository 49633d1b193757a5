//! The journal as people see it, and a person's own acts on it: reprint with a reason, "it came out".

use crate::api::{ApiError, ById, Code, Picture, PrintPage, PrintView, Reprint};
use crate::door::At;
use crate::order::history::{self, Names};
use crate::order::{content, plan, submit};
use crate::printing::{doctor, draw, printers};
use crate::rights::{Actor, Permission};
use crate::store::{NewPrint, Print, PrintChange, StoreError, Waybill};
use domain::evidence::Evidence;
use domain::ids::{ParcelId, PrintJobId, PrinterId};
use domain::journal::{PrintEvent, PrintState, next};

const RECENT: u32 = 100;
/// Labels that lie beside a printer.
const LAST: u32 = 6;
/// Copies of a number beyond its first label that [`Permission::Reprint`] is good for. A number that is printed more often
/// than that is a jammed printer or somebody's second parcel: it takes [`Permission::ReprintMore`].
const COPIES: u32 = 3;
const REASONS: &[&str] = &["jam", "blurred", "lost", "wrong_paper", "doubtful", "other"];

/// Jobs of a parcel, or the newest of all.
pub(crate) async fn list(at: &At<'_>, req: ById) -> Result<PrintPage, ApiError> {
    let jobs = if req.id.is_empty() {
        at.house.store.recent_prints(RECENT).await?
    } else {
        at.house.store.prints_of(&ParcelId::from_stored(req.id)).await?
    };
    let names = Names::load(at.house).await?;
    let mut rows = Vec::with_capacity(jobs.len());
    for j in &jobs {
        let w = at.house.store.waybill(&j.waybill).await?;
        rows.push(history::print_view(j, w.as_ref(), &names));
    }
    Ok(PrintPage { rows })
}

/// The last labels of a printer that are, or may be, on paper, newest first.
pub(crate) async fn last_labels(at: &At<'_>, req: ById) -> Result<PrintPage, ApiError> {
    let printer = PrinterId::from_stored(req.id);
    if at.house.store.printer(&printer).await?.is_none() {
        return Err(ApiError::not_found("printer"));
    }
    let names = Names::load(at.house).await?;
    let mut rows = Vec::new();
    for j in at.house.store.last_labels(&printer, LAST).await? {
        let w = at.house.store.waybill(&j.waybill).await?;
        rows.push(history::print_view(&j, w.as_ref(), &names));
    }
    Ok(PrintPage { rows })
}

/// The very dots of one label, with its mark and its place in a batch.
pub(crate) async fn picture(at: &At<'_>, req: ById) -> Result<Picture, ApiError> {
    draw::picture_of_job(at.house, &job(at, &PrintJobId::from_stored(req.id)).await?).await
}

/// One.
pub(crate) async fn show(at: &At<'_>, req: ById) -> Result<PrintView, ApiError> {
    view(at, &PrintJobId::from_stored(req.id)).await
}

async fn view(at: &At<'_>, id: &PrintJobId) -> Result<PrintView, ApiError> {
    let job = job(at, id).await?;
    let w = at.house.store.waybill(&job.waybill).await?;
    Ok(history::print_view(&job, w.as_ref(), &Names::load(at.house).await?))
}

async fn job(at: &At<'_>, id: &PrintJobId) -> Result<Print, ApiError> {
    at.house.store.print(id).await?.ok_or_else(|| ApiError::not_found("print job"))
}

/// How many more copies of a number the right to reprint is good for; `None` = as many as it takes.
pub(crate) fn copies_left(actor: &Actor, number: Option<&Waybill>, prints: &[Print]) -> Option<u32> {
    if actor.may(Permission::ReprintMore) {
        return None;
    }
    let of_number = prints.iter().filter(|j| Some(&j.waybill) == number.map(|w| &w.id));
    Some(COPIES - of_number.map(|j| j.copy).max().unwrap_or(0).min(COPIES))
}

/// One more label of a live number: a person's act, with a reason, marked 补打 n on the paper, but for one that a print
/// component draws: that one is marked in the log only.
pub(crate) async fn reprint(at: &At<'_>, req: Reprint) -> Result<PrintView, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let mut wrong = Vec::new();
    if !REASONS.contains(&req.reason.as_str()) {
        wrong.push(content::error("reason", "required", REASONS.join(", ")));
    }
    let note = req.note.trim();
    if req.reason == "other" && note.is_empty() {
        wrong.push(content::error("note", "required", ""));
    }
    if note.chars().count() > 200 {
        wrong.push(content::error("note", "too_long", "200"));
    }
    if !(8..=100).contains(&req.submit_key.len()) {
        wrong.push(content::error("submit_key", "out_of_range", "8–100"));
    }
    if !wrong.is_empty() {
        return Err(plan::wrong_fields(wrong));
    }
    let id = ParcelId::from_stored(req.parcel);
    let parcel = house.store.parcel(&id).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    // The same press twice: show what the first made.
    if let Some(known) = house.store.print_by_submit(&req.submit_key).await? {
        return view(at, &known).await;
    }
    let waybills = house.store.waybills_of(&id).await?;
    let last = waybills.last().ok_or_else(|| ApiError::not_found("number"))?;
    if !last.state.may_print() {
        return Err(ApiError::new(
            Code::WrongState,
            format!("the number is `{}`: its label is not printed", last.state.word()),
        )
        .detail(last.state.word()));
    }
    let sealed = match last.print_kind.as_str() {
        "plain" => None,
        "encrypted" => Some(last.component.as_str()),
        _ => return Err(printers::needs_component(&last.component)),
    };
    let target = if req.printer.is_empty() {
        let found = printers::for_label(house, sealed, &parcel.printer).await?;
        found.ok_or_else(|| sealed.map_or_else(|| ApiError::not_found("printer"), printers::needs_component))?
    } else {
        plan::printer(house, PrinterId::from_stored(req.printer).as_str()).await?
    };
    match sealed {
        None if printers::component_of(&target).is_some() => return Err(printers::component_only(&target)),
        Some(component) if printers::component_of(&target) != sealed => {
            return Err(printers::needs_component(component));
        }
        _ => {}
    }
    let template = match sealed {
        // The platform's own template is drawn, ours is not asked.
        Some(_) => parcel.template.clone(),
        None => match plan::template(house, &parcel.template, &target).await {
            Ok(t) => t.reference,
            Err(_) => plan::template(house, "", &target).await?.reference,
        },
    };
    doctor::paper_fits(&target)?;
    let printer = target.id;
    let jobs = house.store.prints_of(&id).await?;
    if jobs.iter().any(|j| matches!(j.state, PrintState::Queued | PrintState::Rendered | PrintState::Sending)) {
        return Err(ApiError::new(Code::WrongState, "a label of this parcel is still on its way; nothing was added")
            .detail("sending")
            .hint("wait until it is through"));
    }
    if let Some((batch, seq)) = house.store.batch_of(&id).await? {
        let items = house.store.batch_items(&batch).await?;
        if items.iter().any(|i| i.seq == seq && i.aside.is_empty() && !i.is_through()) {
            return Err(ApiError::new(
                Code::WrongState,
                "this label waits for its turn in a batch; a second one beside it was not added",
            )
            .detail("in_batch")
            .hint("let the batch go on, or end it first"));
        }
    }
    // The first label of a number that never went out is no reprint.
    let of_number: Vec<&Print> = jobs.iter().filter(|j| j.waybill == last.id).collect();
    let copy = of_number.iter().map(|j| j.copy + 1).max().unwrap_or(0);
    if copies_left(actor, Some(last), &jobs) == Some(0) {
        return Err(ApiError::new(
            Code::NotAllowed,
            format!("this label was made again {COPIES} times already, as often as your right to reprint goes"),
        )
        .detail(Permission::ReprintMore.word())
        .hint("nothing was printed; look for the copies that came out, or ask the owner to print it"));
    }
    let new = NewPrint {
        id: PrintJobId::fresh(&*house.chance),
        parcel: id.clone(),
        waybill: last.id.clone(),
        submit_key: req.submit_key.clone(),
        copy,
        reason: req.reason.clone(),
        note: note.to_owned(),
        asked_by: actor.id.clone(),
        printer,
        template,
        created_at: house.now(),
        batch: None,
        // It belongs where its first label belongs.
        stamp: of_number.last().map(|j| j.stamp.clone()).unwrap_or_default(),
    };
    // What the component draws is the platform's label: there is no place on it for 补打 n, so the log says it.
    let mark = if sealed.is_some() && copy > 0 { " mark=none" } else { "" };
    let detail = format!("job={} copy={copy} reason={}{mark}", new.id, req.reason);
    let log = house.entry(actor, "print.reprint", id.as_str(), detail);
    match house.store.add_print(&new, &log).await {
        Err(StoreError::Taken { .. }) => {
            let known = house.store.print_by_submit(&req.submit_key).await?;
            let known = known.ok_or_else(|| {
                ApiError::new(Code::WrongState, "somebody asked for this label at the same moment; nothing was added")
                    .hint("look again")
            })?;
            return view(at, &known).await;
        }
        other => other?,
    }
    house.tell("print", id.as_str());
    submit::go_on(house, &id).await?;
    view(at, &new.id).await
}

/// A person saw the label.
pub(crate) async fn confirm(at: &At<'_>, req: ById) -> Result<PrintView, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let id = PrintJobId::from_stored(req.id);
    let job = job(at, &id).await?;
    let Some(to) = next(job.state, PrintEvent::Confirm) else {
        return Err(ApiError::new(
            Code::WrongState,
            format!("this label is `{}`: nothing to confirm", job.state.word()),
        )
        .detail(job.state.word()));
    };
    let log = house.entry(actor, "print.confirmed", job.parcel.as_str(), format!("job={id} seen by a person"));
    let change =
        PrintChange { evidence: Some(Evidence::Person), ended_at: Some(house.now()), ..PrintChange::default() };
    house.store.move_print(&id, job.state, to, &change, &log).await?;
    house.tell("print", job.parcel.as_str());
    view(at, &id).await
}
