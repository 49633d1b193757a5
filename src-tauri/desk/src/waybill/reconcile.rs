//! Clears up attempts whose end nobody knows: asks, waits, asks again, and in the end lets a person decide. Never asks for
//! a number again.

use crate::api::{ApiError, ById, Code, DecideUnknown, ParcelView};
use crate::door::At;
use crate::house::House;
use crate::kill;
use crate::order::{content, history, plan, submit};
use crate::store::{Waybill, WaybillChange};
use crate::waybill::{OPEN_ENDS, fresh, issue, line, note_refusal, step};
use domain::connector::{CallError, Found};
use domain::ids::{ParcelId, WaybillId};
use domain::waybill::{WaybillEvent, WaybillState, look_up_wait};
use std::sync::Arc;

/// "Not found" must be said this often, after the settle time, before we believe it.
const NOT_FOUND_ENOUGH: u32 = 2;

/// Asks about one attempt now. Called by the worker when it is due, and by a person.
pub(crate) async fn ask(house: &Arc<House>, w: &Waybill) -> Result<(), ApiError> {
    let _turn = house.turn(&format!("parcel:{}", w.parcel)).await;
    let Some(w) = fresh(house, w).await?.filter(|w| OPEN_ENDS.contains(&w.state)) else { return Ok(()) };
    kill::point("ask.before");
    let answer = match line(house, &w.grant).await? {
        Some(l) => match l.waybills() {
            Some(service) => service.find(&l.app, l.access(), &w.request).await.map(|f| (f, service.settle_time())),
            None => Err(CallError::NotSent("this platform has no e-waybills".into())),
        },
        None => Err(CallError::NotSent("the grant is gone".into())),
    };
    kill::point("ask.after_answer");
    let asked = w.asked.saturating_add(1);
    match answer {
        Ok((Found::Yes(issued), _)) => {
            let detail = format!("number={} asked={asked}", issued.number);
            let change = issue::issued_change(house, &w, issued).await?;
            step(house, &w, WaybillEvent::FoundIt, change, "waybill.found", detail).await?;
            kill::point("ask.after_found");
        }
        Ok((Found::No, settle)) => {
            // Indexes lag: a "no" right after the call proves nothing.
            let counts = w.sent_at.is_some_and(|t| house.now().since(t) >= settle);
            let not_found = w.not_found + u32::from(counts);
            if not_found >= NOT_FOUND_ENOUGH && w.state == WaybillState::Unknown {
                let change = WaybillChange {
                    reason: Some("found_nothing".into()),
                    hint: Some(String::new()),
                    next_ask_at: Some(None),
                    ended_at: Some(Some(house.now())),
                    ..WaybillChange::default()
                };
                let detail = format!("asked={asked} not_found={not_found}");
                step(house, &w, WaybillEvent::FoundNothing, change, "waybill.not_charged", detail).await?;
                kill::point("ask.after_nothing");
            } else {
                wait(house, &w, asked, not_found, "not_found").await?;
            }
        }
        Err(e) => {
            if let CallError::Refused(r) = &e {
                note_refusal(house, &w, r.kind).await;
            }
            wait(house, &w, asked, w.not_found, &e.to_string()).await?;
        }
    }
    Ok(())
}

async fn wait(house: &House, w: &Waybill, asked: u32, not_found: u32, trouble: &str) -> Result<(), ApiError> {
    let pause = look_up_wait(asked);
    let next = pause.map(|d| house.now().plus(d));
    house.store.asked_about(&w.id, asked, not_found, next, trouble).await?;
    if pause.is_none() && w.state == WaybillState::Unknown {
        let change = WaybillChange { next_ask_at: Some(None), ..WaybillChange::default() };
        step(house, w, WaybillEvent::GaveUp, change, "waybill.needs_person", format!("asked={asked}")).await?;
    }
    house.tell("parcel", w.parcel.as_str());
    Ok(())
}

/// A person wants to know now.
pub(crate) async fn ask_now(at: &At<'_>, req: ById) -> Result<ParcelView, ApiError> {
    let id = ParcelId::from_stored(req.id);
    let attempts = at.house.store.waybills_of(&id).await?;
    let last = attempts.last().ok_or_else(|| ApiError::not_found("parcel"))?;
    if last.state == WaybillState::Cancelling {
        super::cancel::again(at.house, last).await?;
    } else {
        ask(at.house, last).await?;
    }
    submit::go_on(at.house, &id).await?;
    history::view(at.house, at.actor()?, &id).await
}

/// A person, with the evidence in front of them, says that there is no number. The sentence they wrote is kept.
pub(crate) async fn decide(at: &At<'_>, req: DecideUnknown) -> Result<ParcelView, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let note = req.note.trim();
    if note.is_empty() {
        return Err(plan::wrong_fields(vec![content::error("note", "required", "")]));
    }
    let w = house
        .store
        .waybill(&WaybillId::from_stored(req.waybill))
        .await?
        .ok_or_else(|| ApiError::not_found("waybill attempt"))?;
    let _turn = house.turn(&format!("parcel:{}", w.parcel)).await;
    let w = fresh(house, &w).await?.ok_or_else(|| ApiError::not_found("waybill attempt"))?;
    let Some(to) = domain::waybill::next(w.state, WaybillEvent::PersonSaysNone) else {
        return Err(ApiError::new(
            Code::WrongState,
            format!("this attempt is `{}` now; nothing was decided", w.state.word()),
        )
        .detail(w.state.word()));
    };
    let change = WaybillChange {
        reason: Some("person_decided".into()),
        next_ask_at: Some(None),
        ended_at: Some(Some(house.now())),
        ..WaybillChange::default()
    };
    let log =
        house.entry(actor, "waybill.decided_none", w.parcel.as_str(), format!("attempt={} note={note}", w.attempt));
    house.store.move_waybill(&w.id, w.state, to, &change, &log).await?;
    house.tell("parcel", w.parcel.as_str());
    drop(_turn);
    history::view(house, actor, &w.parcel).await
}
