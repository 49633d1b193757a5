//! Gives a number back. From the moment a person presses, the number is not printed any more, whatever the platform
//! answers later; only the platform's plain refusal makes it live again.

use crate::api::{ApiError, CancelNumber, Code, ParcelView};
use crate::door::At;
use crate::house::House;
use crate::kill;
use crate::order::history;
use crate::store::{PrintChange, Waybill, WaybillChange};
use crate::trouble::refusal_word;
use crate::waybill::{fresh, line, note_refusal, step};
use domain::connector::{CallError, Found, RefusalKind};
use domain::ids::ParcelId;
use domain::journal::PrintState;
use domain::waybill::{WaybillEvent, WaybillState};
use std::sync::Arc;
use std::time::Duration;

/// A person gives the number back.
pub(crate) async fn cancel_number(at: &At<'_>, req: CancelNumber) -> Result<ParcelView, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let id = ParcelId::from_stored(req.parcel);
    let _turn = house.turn(&format!("parcel:{id}")).await;
    let w = house.store.waybills_of(&id).await?.pop().ok_or_else(|| ApiError::not_found("parcel"))?;
    if !matches!(w.state, WaybillState::Issued) {
        return Err(ApiError::new(
            Code::WrongState,
            format!("the number is `{}`: nothing to give back", w.state.word()),
        )
        .detail(w.state.word()));
    }
    for job in house.store.prints_of(&id).await? {
        match job.state {
            PrintState::Sending => {
                return Err(ApiError::new(
                    Code::WrongState,
                    "the label is on its way to the printer; nothing was cancelled",
                )
                .detail("sending")
                .hint("wait a moment, then cancel again"));
            }
            PrintState::Queued | PrintState::Rendered => {
                let log = house.entry(actor, "print.called_off", id.as_str(), format!("job={}", job.id));
                let change = PrintChange {
                    trouble: Some("number_cancelled".into()),
                    ended_at: Some(house.now()),
                    ..PrintChange::default()
                };
                house.store.move_print(&job.id, job.state, PrintState::Failed, &change, &log).await?;
            }
            PrintState::Sent | PrintState::Confirmed | PrintState::Doubtful | PrintState::Failed => {}
        }
    }
    kill::point("cancel.before_intent");
    let log = house.entry(actor, "waybill.cancel", id.as_str(), format!("attempt={}", w.attempt));
    let change = WaybillChange {
        next_ask_at: Some(Some(house.now().plus(Duration::from_secs(30)))),
        ended_at: Some(None),
        ..WaybillChange::default()
    };
    if !house.store.move_waybill(&w.id, WaybillState::Issued, WaybillState::Cancelling, &change, &log).await? {
        return Err(ApiError::new(Code::WrongState, "somebody was faster; look again"));
    }
    kill::point("cancel.after_intent");
    let cancelling = Waybill { state: WaybillState::Cancelling, ..w };
    let task_house = house.clone();
    tokio::spawn(async move { call(&task_house, &cancelling, false).await }).await.map_err(ApiError::internal)??;
    drop(_turn);
    history::view(house, actor, &id).await
}

/// Asks again for a cancel whose answer was lost.
pub(crate) async fn again(house: &Arc<House>, w: &Waybill) -> Result<(), ApiError> {
    let _turn = house.turn(&format!("parcel:{}", w.parcel)).await;
    match fresh(house, w).await?.filter(|w| w.state == WaybillState::Cancelling) {
        Some(w) => call(house, &w, true).await,
        None => Ok(()),
    }
}

async fn call(house: &Arc<House>, w: &Waybill, again: bool) -> Result<(), ApiError> {
    let (Some(line), Some(number)) = (line(house, &w.grant).await?, w.number.as_ref()) else {
        return later(house, w, "the grant is gone").await;
    };
    let Some(service) = line.waybills() else { return later(house, w, "this platform has no e-waybills").await };
    let end = service.cancel(&line.app, line.access(), &w.courier_code, number).await;
    kill::point("cancel.after_answer");
    match end {
        Ok(()) => done(house, w, number.0.as_str()).await,
        Err(CallError::Refused(r))
            if matches!(r.kind, RefusalKind::Throttled | RefusalKind::GrantDead | RefusalKind::Platform) =>
        {
            note_refusal(house, w, r.kind).await;
            later(house, w, &format!("{} {}", r.code, r.message)).await
        }
        Err(CallError::Refused(r)) => {
            // "No such number" or "already taken back" after an earlier try may mean that the earlier try worked: the
            // number itself is asked before it may live again.
            if again {
                match service.look_up(&line.app, line.access(), &w.courier_code, number).await {
                    Ok(Found::No) => return done(house, w, number.0.as_str()).await,
                    Ok(Found::Yes(_)) => {}
                    Err(e) => return later(house, w, &e.to_string()).await,
                }
            }
            let change = WaybillChange {
                reason: Some(refusal_word(r.kind).into()),
                hint: Some(format!("{} {}", r.code, r.message)),
                next_ask_at: Some(None),
                ended_at: Some(Some(house.now())),
                ..WaybillChange::default()
            };
            let detail = format!("kind={} code={}", refusal_word(r.kind), r.code);
            step(house, w, WaybillEvent::CancelRefused, change, "waybill.cancel_refused", detail).await?;
            Ok(())
        }
        Err(e @ (CallError::NotSent(_) | CallError::Unknown(_))) => later(house, w, &e.to_string()).await,
    }
}

async fn done(house: &House, w: &Waybill, number: &str) -> Result<(), ApiError> {
    let change = WaybillChange {
        reason: Some(String::new()),
        hint: Some(String::new()),
        next_ask_at: Some(None),
        ended_at: Some(Some(house.now())),
        ..WaybillChange::default()
    };
    kill::point("cancel.before_done");
    step(house, w, WaybillEvent::CancelDone, change, "waybill.cancelled", format!("number={number}")).await?;
    kill::point("cancel.after_done");
    Ok(())
}

/// Nobody knows, or not now: it stays `cancelling` (never printed) and is asked again.
async fn later(house: &House, w: &Waybill, why: &str) -> Result<(), ApiError> {
    let asked = w.asked.saturating_add(1);
    let pause = domain::waybill::look_up_wait(asked).unwrap_or(Duration::from_secs(3600));
    house.store.asked_about(&w.id, asked, w.not_found, Some(house.now().plus(pause)), why).await?;
    house.tell("parcel", w.parcel.as_str());
    Ok(())
}
