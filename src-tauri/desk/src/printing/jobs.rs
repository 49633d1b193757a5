//! The journal as people see it, and a person's own acts on it: reprint with a reason, "it came out".

use crate::api::{ApiError, ById, Code, Picture, PrintPage, PrintView, Reprint};
use crate::door::At;
use crate::house::House;
use crate::order::history::{self, Names};
use crate::order::{content, plan, submit};
use crate::printing::{custom_area, doctor, draw, printers};
use crate::rights::{Actor, Permission};
use crate::store::{LabelOf, NewPrint, Print, PrintChange, StoreError, Waybill};
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
        rows.push(history::print_view(j, &number_of(at.house, j).await?, &names));
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
        rows.push(history::print_view(&j, &number_of(at.house, &j).await?, &names));
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
    Ok(history::print_view(&job, &number_of(at.house, &job).await?, &Names::load(at.house).await?))
}

/// The number that a label carries; empty = none yet, or a carrier's label of which nobody said it.
async fn number_of(house: &House, job: &Print) -> Result<String, ApiError> {
    Ok(match &job.of {
        LabelOf::Number { waybill, .. } => {
            house.store.waybill(waybill).await?.and_then(|w| w.number).map(|n| n.0).unwrap_or_default()
        }
        LabelOf::Carrier(label) => house.store.carrier_label(label).await?.map(|l| l.tracking).unwrap_or_default(),
    })
}

async fn job(at: &At<'_>, id: &PrintJobId) -> Result<Print, ApiError> {
    at.house.store.print(id).await?.ok_or_else(|| ApiError::not_found("print job"))
}

/// How many more copies of a number the right to reprint is good for; `None` = as many as it takes.
pub(crate) fn copies_left(actor: &Actor, number: Option<&Waybill>, prints: &[Print]) -> Option<u32> {
    left(actor, prints.iter().filter(|j| number.is_some_and(|w| j.of.is_of(&w.id))).map(|j| j.copy))
}

/// As [`copies_left`], of a label that was printed with these copy numbers.
pub(crate) fn left(actor: &Actor, copies: impl Iterator<Item = u32>) -> Option<u32> {
    if actor.may(Permission::ReprintMore) {
        return None;
    }
    Some(COPIES - copies.max().unwrap_or(0).min(COPIES))
}

/// No more copies for this person.
pub(crate) fn no_copies_left() -> ApiError {
    ApiError::new(
        Code::NotAllowed,
        format!("this label was made again {COPIES} times already, as often as your right to reprint goes"),
    )
    .detail(Permission::ReprintMore.word())
    .hint("nothing was printed; look for the copies that came out, or ask the owner to print it")
}

/// The same label is under way.
pub(crate) fn on_its_way() -> ApiError {
    ApiError::new(Code::WrongState, "a label of this parcel is still on its way; nothing was added")
        .detail("sending")
        .hint("wait until it is through")
}

/// A press has a key of its own, by which it is known again.
pub(crate) fn check_key(key: &str) -> Result<(), ApiError> {
    if (8..=100).contains(&key.len()) {
        return Ok(());
    }
    Err(plan::wrong_fields(vec![content::error("submit_key", "out_of_range", "8–100")]))
}

/// The reason of a reprint and its key; answers the note, trimmed.
pub(crate) fn check_reason(reason: &str, note: &str, key: &str) -> Result<String, ApiError> {
    let mut wrong = Vec::new();
    if !REASONS.contains(&reason) {
        wrong.push(content::error("reason", "required", REASONS.join(", ")));
    }
    let note = note.trim();
    if reason == "other" && note.is_empty() {
        wrong.push(content::error("note", "required", ""));
    }
    if note.chars().count() > 200 {
        wrong.push(content::error("note", "too_long", "200"));
    }
    wrong.extend(check_key(key).err().into_iter().flat_map(|e| e.fields));
    if wrong.is_empty() { Ok(note.to_owned()) } else { Err(plan::wrong_fields(wrong)) }
}

/// One more label of a live number: a person's act, with a reason, marked 补打 n on the paper, but for one that a print
/// component draws: that one is marked in the log only.
pub(crate) async fn reprint(at: &At<'_>, req: Reprint) -> Result<PrintView, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let note = check_reason(&req.reason, &req.note, &req.submit_key)?;
    let id = ParcelId::from_stored(req.parcel);
    let parcel = house.store.parcel(&id).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    history::not_purged(&parcel)?;
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
        return Err(on_its_way());
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
    let of_number: Vec<&Print> = jobs.iter().filter(|j| j.of.is_of(&last.id)).collect();
    let copy = of_number.iter().map(|j| j.copy + 1).max().unwrap_or(0);
    if copies_left(actor, Some(last), &jobs) == Some(0) {
        return Err(no_copies_left());
    }
    let new = NewPrint {
        id: PrintJobId::fresh(&*house.chance),
        of: LabelOf::Number { parcel: id.clone(), waybill: last.id.clone() },
        submit_key: req.submit_key.clone(),
        copy,
        reason: req.reason.clone(),
        note,
        asked_by: actor.id.clone(),
        printer,
        template,
        created_at: house.now(),
        batch: None,
        // It belongs where its first label belongs.
        stamp: of_number.last().map(|j| j.stamp.clone()).unwrap_or_default(),
        // And looks as it did.
        custom: match of_number.last() {
            Some(j) => j.custom.clone(),
            None => custom_area::of(house, Some(&last.grant)).await?,
        },
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
    let log = house.entry(actor, "print.confirmed", job.of.object(), format!("job={id} seen by a person"));
    let change =
        PrintChange { evidence: Some(Evidence::Person), ended_at: Some(house.now()), ..PrintChange::default() };
    house.store.move_print(&id, job.state, to, &change, &log).await?;
    house.tell("print", job.of.object());
    view(at, &id).await
}
