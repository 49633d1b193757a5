//! The print journal at work: one job from `queued` to its end. By machine at most once.

use crate::api::ApiError;
use crate::carrier;
use crate::house::House;
use crate::kill;
use crate::printing::{draw, printers};
use crate::store::{LabelOf, Print, PrintChange};
use crate::waybill::PRESS_LIVES;
use domain::connector::PrintData;
use domain::ids::PrintJobId;
use domain::journal::{PrintEvent, PrintState, next};
use domain::printer::{PrinterLink, SendOutcome};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// Runs a queued job to its end. A job in any other state is left alone.
pub(crate) async fn run(house: &Arc<House>, id: &PrintJobId) -> Result<(), ApiError> {
    let Some(job) = house.store.print(id).await? else { return Ok(()) };
    // One label at a time for a printer, in the order they were asked for.
    let _turn = house.turn(&format!("printer:{}", job.printer)).await;
    let Some(job) = house.store.print(id).await?.filter(|j| j.state == PrintState::Queued) else { return Ok(()) };
    let age = house.now().since(job.created_at);
    // A batch goes on only while a person says so, however long it stood.
    if age > PRESS_LIVES && job.batch.is_none() {
        return call_off(house, &job, "too_old").await;
    }

    let (bytes, marked, link) = match prepare(house, &job).await {
        Ok(ready) => ready,
        Err(e) => return call_off(house, &job, &e.to_string()).await,
    };
    let hash: [u8; 32] = Sha256::digest(&bytes).into();
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    kill::point("print.before_rendered");
    let drawn = PrintChange {
        drawn: Some((hash, length)),
        marked: Some(marked),
        trouble: Some(String::new()),
        ..PrintChange::default()
    };
    if !step(house, &job, PrintEvent::Drawn, &drawn, "print.rendered", format!("bytes={length}")).await? {
        return Ok(());
    }
    kill::point("print.after_rendered");
    let job = Print { state: PrintState::Rendered, ..job };
    // The store refuses this step unless the number is live at this very moment.
    if !step(house, &job, PrintEvent::Start, &PrintChange::default(), "print.sending", String::new()).await? {
        return call_off(house, &job, "number_not_live").await;
    }
    kill::point("print.after_sending");
    let job = Print { state: PrintState::Sending, ..job };
    let end = link.send(&bytes).await;
    kill::point("print.after_send");
    finish(house, &job, length, end).await
}

/// The bytes, whether the label says which copy it is, and where they go.
async fn prepare(house: &House, job: &Print) -> Result<(Vec<u8>, bool, Arc<dyn PrinterLink>), ApiError> {
    let printer = house.store.printer(&job.printer).await?.ok_or_else(|| ApiError::not_found("printer"))?;
    let link = printers::link(&printer)?;
    let (parcel, number) = match &job.of {
        LabelOf::Number { parcel, waybill } => (parcel, waybill),
        LabelOf::Carrier(label) => {
            let dots = carrier::dots(house, label, &printer).await?;
            return Ok((printers::encode(&printer, &dots)?, false, link));
        }
    };
    let parcel = house.store.parcel(parcel).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    crate::order::history::not_purged(&parcel)?;
    let waybill = house.store.waybill(number).await?.ok_or_else(|| ApiError::not_found("waybill attempt"))?;
    let answer = house.store.answer(number).await?.ok_or_else(|| ApiError::not_found("print data"))?;
    let (bytes, marked) = match (&answer.print, &waybill.number) {
        (PrintData::Encrypted { component, data }, Some(number))
            if printers::component_of(&printer) == Some(component.as_str()) =>
        {
            (printers::sealed_job(&printer, &job.id, &number.0, data)?, false)
        }
        _ => {
            let (dots, marked) = draw::job_raster(house, &parcel, &waybill, &answer, job, &printer).await?;
            (printers::encode(&printer, &dots)?, marked)
        }
    };
    Ok((bytes, marked, link))
}

async fn finish(house: &Arc<House>, job: &Print, length: i64, end: SendOutcome) -> Result<(), ApiError> {
    kill::point("print.before_end");
    match end {
        SendOutcome::Sent(evidence) => {
            house.worked(&format!("print:{}", job.id));
            let change = PrintChange {
                evidence: Some(evidence),
                accepted: Some(length),
                ended_at: Some(house.now()),
                ..PrintChange::default()
            };
            let detail = crate::order::history::evidence_word(evidence).to_owned();
            step(house, job, PrintEvent::AllTaken, &change, "print.sent", detail.clone()).await?;
            kill::point("print.after_sent");
            if evidence.confirms() {
                let sent = Print { state: PrintState::Sent, ..job.clone() };
                step(house, &sent, PrintEvent::Confirm, &PrintChange::default(), "print.confirmed", detail).await?;
                kill::point("print.after_confirmed");
            }
        }
        SendOutcome::NothingSent(why) => {
            house.not_now(&format!("print:{}", job.id));
            let change = PrintChange { trouble: Some(format!("unreachable: {why}")), ..PrintChange::default() };
            step(house, job, PrintEvent::NothingAccepted, &change, "print.nothing_sent", why).await?;
        }
        SendOutcome::BrokenOff { accepted, reason } => {
            let change = PrintChange {
                accepted: Some(i64::try_from(accepted).unwrap_or(i64::MAX)),
                trouble: Some(reason.clone()),
                ended_at: Some(house.now()),
                ..PrintChange::default()
            };
            step(
                house,
                job,
                PrintEvent::Interrupted,
                &change,
                "print.doubtful",
                format!("accepted={accepted} {reason}"),
            )
            .await?;
        }
    }
    kill::point("print.after_end");
    Ok(())
}

/// It certainly did not go, and will not go by itself.
pub(crate) async fn call_off(house: &House, job: &Print, why: &str) -> Result<(), ApiError> {
    let change = PrintChange { trouble: Some(why.to_owned()), ended_at: Some(house.now()), ..PrintChange::default() };
    step(house, job, PrintEvent::CallOff, &change, "print.called_off", why.to_owned()).await?;
    Ok(())
}

/// Moves a job by an event. `false`: it was not where we thought, or the number is not live; nothing was written.
pub(crate) async fn step(
    house: &House,
    job: &Print,
    event: PrintEvent,
    change: &PrintChange,
    action: &str,
    detail: String,
) -> Result<bool, ApiError> {
    let Some(to) = next(job.state, event) else { return Ok(false) };
    let detail = format!("job={} copy={} {detail}", job.id, job.copy);
    let log = house.entry_of_desk(action, job.of.object(), detail.trim_end());
    let moved = house.store.move_print(&job.id, job.state, to, change, &log).await?;
    if moved {
        house.tell("print", job.of.object());
    }
    Ok(moved)
}
