//! Printing what was looked at: once a page, copies with a reason.

use crate::api::{ApiError, CarrierLabelList, CarrierLabelView, Code, Nothing, PrintCarrierLabel, ReprintCarrierLabel};
use crate::carrier::{printed_before, read, view};
use crate::door::At;
use crate::house::House;
use crate::order::history::Names;
use crate::order::plan;
use crate::printing::{doctor, jobs, printers, run};
use crate::store::{CarrierLabel, CustomArea, LabelOf, NewCarrierLabel, NewPrint, Printer, StoreError};
use domain::ids::{CarrierLabelId, PrintJobId};
use domain::journal::PrintState;
use std::sync::Arc;

const RECENT: u32 = 100;
/// Longest name of a file that is kept.
const NAME: usize = 120;
/// Longest tracking number.
const NUMBER: usize = 60;

/// The newest.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<CarrierLabelList, ApiError> {
    let names = Names::load(at.house).await?;
    let mut rows = Vec::new();
    for label in at.house.store.carrier_labels(RECENT).await? {
        rows.push(view(at.house, at.actor()?, &label, &names).await?);
    }
    Ok(CarrierLabelList { rows })
}

/// Prints a page.
pub(crate) async fn print(at: &At<'_>, req: PrintCarrierLabel) -> Result<CarrierLabelView, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    jobs::check_key(&req.submit_key)?;
    if let Some(known) = by_press(house, &req.submit_key).await? {
        return show(at, &known).await;
    }
    let said = req.tracking.trim();
    if said.chars().count() > NUMBER {
        return Err(read::wrong("tracking", "too_long", NUMBER.to_string(), "the tracking number is too long"));
    }
    let printer = ready(house, &req.printer).await?;
    let file = read::bytes(&req.file_base64)?;
    let hash = read::hash(&file);
    let seen = read::read(file.clone(), req.page, &printer).await?;
    let checked = read::verdict(said, &seen.found);
    match checked {
        "other_number" => {
            let texts: Vec<&str> = seen.found.iter().map(|s| s.text.as_str()).collect();
            let message = "the bars on this label say another number; nothing was printed";
            return Err(read::wrong("tracking", "other_number", texts.join(", "), message)
                .hint("look whether it is the right file and page"));
        }
        "unreadable" if !req.unread => {
            let message = "no bars could be read on this label; nothing was printed";
            return Err(read::wrong("tracking", "unreadable", "", message)
                .hint("fetch the label again, or look at its picture and say that it may go unread"));
        }
        _ => {}
    }
    let number = read::number(said, &seen.found);
    let sure = read::sure_number(said, &seen.found);
    if let Some(known) = house.store.carrier_label_of(&hash, req.page, &sure).await? {
        return Err(printed_before(&known));
    }
    // It fits the printer, or the clerk hears it now.
    printers::encode(&printer, &seen.raster)?;
    let id = CarrierLabelId::fresh(&*house.chance);
    let new = NewCarrierLabel {
        id: id.clone(),
        name: req.name.trim().chars().take(NAME).collect(),
        kind: seen.kind.word().to_owned(),
        file,
        hash,
        page: req.page,
        pages: seen.pages,
        tracking: number.chars().take(NUMBER).collect(),
        checked: checked.to_owned(),
        created_at: house.now(),
        created_by: actor.id.clone(),
    };
    let job = job(at, &id, &req.submit_key, printer)?;
    let detail = format!("job={} {} page={} checked={checked} number={}", job.id, new.kind, new.page, new.tracking);
    let log = house.entry(actor, "carrier_label.print", id.as_str(), detail);
    match house.store.add_carrier_label(&new, &job, &log).await {
        // Somebody was faster, or this very press came twice.
        Err(StoreError::Taken { .. }) => {
            if let Some(known) = by_press(house, &req.submit_key).await? {
                return show(at, &known).await;
            }
            let known = house.store.carrier_label_of(&new.hash, new.page, &new.tracking).await?;
            return Err(known.map_or_else(|| ApiError::not_found("carrier label"), |k| printed_before(&k)));
        }
        other => other?,
    }
    go_on(house, &id, job.id).await?;
    show(at, &id).await
}

/// One more of a kept label: a person's act, with a reason. There is no place on it for 补打 n, so the log says it.
pub(crate) async fn reprint(at: &At<'_>, req: ReprintCarrierLabel) -> Result<CarrierLabelView, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let note = jobs::check_reason(&req.reason, &req.note, &req.submit_key)?;
    if let Some(known) = by_press(house, &req.submit_key).await? {
        return show(at, &known).await;
    }
    let id = CarrierLabelId::from_stored(req.id);
    let label = get(house, &id).await?;
    let prints = house.store.prints_of_label(&id).await?;
    if prints.iter().any(|p| matches!(p.state, PrintState::Queued | PrintState::Rendered | PrintState::Sending)) {
        return Err(jobs::on_its_way());
    }
    if jobs::left(actor, prints.iter().map(|p| p.copy)) == Some(0) {
        return Err(jobs::no_copies_left());
    }
    let wanted = if req.printer.is_empty() { prints.last().map(|p| p.printer.to_string()) } else { Some(req.printer) };
    let printer = ready(house, &wanted.unwrap_or_default()).await?;
    printers::encode(&printer, &read::dots(house, &id, &printer).await?)?;
    let first = job(at, &id, &req.submit_key, printer)?;
    let copy = prints.iter().map(|p| p.copy + 1).max().unwrap_or(0);
    let job = NewPrint { copy, reason: req.reason.clone(), note, ..first };
    let detail = format!("job={} copy={} reason={} mark=none number={}", job.id, job.copy, req.reason, label.tracking);
    let log = house.entry(actor, "print.reprint", id.as_str(), detail);
    match house.store.add_print(&job, &log).await {
        Err(StoreError::Taken { .. }) => return Err(jobs::on_its_way()),
        other => other?,
    }
    go_on(house, &id, job.id).await?;
    show(at, &id).await
}

/// A printer on which labels like these can be printed now.
async fn ready(house: &House, wanted: &str) -> Result<Printer, ApiError> {
    let printer = plan::printer(house, wanted).await?;
    if printers::component_of(&printer).is_some() {
        return Err(printers::component_only(&printer));
    }
    doctor::paper_fits(&printer)?;
    Ok(printer)
}

/// The first label of it, on a printer, by the person at the door.
fn job(at: &At<'_>, label: &CarrierLabelId, submit_key: &str, printer: Printer) -> Result<NewPrint, ApiError> {
    Ok(NewPrint {
        id: PrintJobId::fresh(&*at.house.chance),
        of: LabelOf::Carrier(label.clone()),
        submit_key: submit_key.to_owned(),
        copy: 0,
        reason: String::new(),
        note: String::new(),
        asked_by: at.actor()?.id.clone(),
        printer: printer.id,
        template: String::new(),
        created_at: at.house.now(),
        batch: None,
        stamp: String::new(),
        custom: CustomArea::default(),
    })
}

/// To its end even if the caller goes away.
async fn go_on(house: &Arc<House>, label: &CarrierLabelId, job: PrintJobId) -> Result<(), ApiError> {
    house.tell("print", label.as_str());
    let house = house.clone();
    tokio::spawn(async move { run::run(&house, &job).await }).await.map_err(ApiError::internal)?
}

async fn get(house: &House, id: &CarrierLabelId) -> Result<CarrierLabel, ApiError> {
    house.store.carrier_label(id).await?.ok_or_else(|| ApiError::not_found("carrier label"))
}

async fn show(at: &At<'_>, id: &CarrierLabelId) -> Result<CarrierLabelView, ApiError> {
    view(at.house, at.actor()?, &get(at.house, id).await?, &Names::load(at.house).await?).await
}

/// The label of a press that was seen before.
async fn by_press(house: &House, key: &str) -> Result<Option<CarrierLabelId>, ApiError> {
    let Some(job) = house.store.print_by_submit(key).await? else { return Ok(None) };
    match house.store.print(&job).await?.map(|p| p.of) {
        Some(LabelOf::Carrier(id)) => Ok(Some(id)),
        Some(LabelOf::Number { .. }) => {
            Err(ApiError::new(Code::WrongState, "this key was used for a parcel's label").hint("nothing was printed"))
        }
        None => Ok(None),
    }
}
