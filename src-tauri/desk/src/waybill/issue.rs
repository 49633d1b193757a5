//! Takes the number for an attempt that stands at `intent`. Called under the parcel's turn.

use crate::api::ApiError;
use crate::house::House;
use crate::kill;
use crate::printing::{custom_area, printers};
use crate::store::{Answer, LabelOf, NewPrint, Waybill, WaybillChange};
use crate::trouble::refusal_word;
use crate::waybill::{PRESS_LIVES, line, note_refusal, step};
use domain::connector::{CallError, IssueRequest, Issued, PrintData};
use domain::ids::PrintJobId;
use domain::waybill::{WaybillEvent, WaybillState, look_up_wait};
use std::sync::Arc;
use std::time::Duration;

/// One call, three ends, each on disk before anything follows from it.
pub(crate) async fn take(house: &Arc<House>, w: &Waybill) -> Result<(), ApiError> {
    let Some(line) = line(house, &w.grant).await? else {
        return call_off(house, w, "grant_gone").await;
    };
    let Some(service) = line.waybills() else {
        return call_off(house, w, "no_waybills").await;
    };
    kill::point("issue.before_in_flight");
    let now = house.now();
    let leaving = WaybillChange { sent_at: Some(now), ..WaybillChange::default() };
    let detail = format!("attempt={} courier={} grant={}", w.attempt, w.courier_code, w.grant);
    if !step(house, w, WaybillEvent::Send, leaving, "waybill.send", detail).await? {
        return Ok(());
    }
    kill::point("issue.after_in_flight");
    let flying = Waybill { state: WaybillState::InFlight, sent_at: Some(now), ..w.clone() };
    let end = service.issue(&line.app, line.access(), &w.request).await;
    kill::point("issue.after_answer");
    settle(house, &flying, end).await
}

/// Takes the numbers of several parcels of one courier and one sender, in one call where the platform has one. Called
/// under the turns of all of them. Errors: an end could not be written; the others' were.
pub(crate) async fn take_many(house: &Arc<House>, all: &[Waybill]) -> Result<(), ApiError> {
    let [first, rest @ ..] = all else { return Ok(()) };
    let line = line(house, &first.grant).await?;
    let service = line.as_ref().and_then(|l| l.waybills());
    let (Some(line), Some(service), false) = (&line, service, rest.is_empty()) else {
        for w in all {
            take(house, w).await?;
        }
        return Ok(());
    };
    kill::point("issue.before_in_flight");
    let now = house.now();
    let mut flying = Vec::with_capacity(all.len());
    for w in all {
        let leaving = WaybillChange { sent_at: Some(now), ..WaybillChange::default() };
        let detail = format!("attempt={} courier={} grant={}", w.attempt, w.courier_code, w.grant);
        if step(house, w, WaybillEvent::Send, leaving, "waybill.send", detail).await? {
            flying.push(Waybill { state: WaybillState::InFlight, sent_at: Some(now), ..w.clone() });
        }
    }
    kill::point("issue.after_in_flight");
    let requests: Vec<_> = flying
        .iter()
        .zip(1..)
        .map(|(w, place)| IssueRequest { object_id: place.to_string(), ..w.request.clone() })
        .collect();
    let mut ends = Vec::with_capacity(flying.len());
    for part in requests.chunks(service.most_per_call().max(1)) {
        ends.extend(service.issue_many(&line.app, line.access(), part).await);
    }
    kill::point("issue.after_answer");
    let mut trouble = Ok(());
    for (i, w) in flying.iter().enumerate() {
        let missing = || Err(CallError::Unknown("the call brought no end for this parcel".to_owned()));
        let end = ends.get_mut(i).map_or_else(missing, |end| std::mem::replace(end, missing()));
        if let Err(e) = settle(house, w, end).await {
            trouble = Err(e);
        }
    }
    trouble
}

/// Writes down how the call ended. The write is tried again while the disk says no: an answer in hand is money.
async fn settle(house: &Arc<House>, w: &Waybill, end: Result<Issued, CallError>) -> Result<(), ApiError> {
    let ended = Some(Some(house.now()));
    let (event, change, action, detail) = match end {
        Ok(issued) => {
            let detail = format!("number={} attempt={}", issued.number, w.attempt);
            (WaybillEvent::Number, issued_change(house, w, issued).await?, "waybill.issued", detail)
        }
        Err(CallError::Refused(r)) => {
            note_refusal(house, w, r.kind).await;
            let detail = format!("kind={} code={}", refusal_word(r.kind), r.code);
            let change = WaybillChange {
                reason: Some(refusal_word(r.kind).into()),
                hint: Some(format!("{} {}", r.code, r.message)),
                ended_at: ended,
                ..WaybillChange::default()
            };
            (WaybillEvent::No, change, "waybill.rejected", detail)
        }
        Err(CallError::NotSent(why)) => {
            let change = WaybillChange {
                reason: Some("unreachable".into()),
                hint: Some(why.clone()),
                ended_at: ended,
                ..WaybillChange::default()
            };
            (WaybillEvent::NotSent, change, "waybill.not_sent", why)
        }
        Err(CallError::Unknown(why)) => {
            let first = look_up_wait(0).unwrap_or(Duration::from_secs(1));
            let change = WaybillChange {
                reason: Some("no_answer".into()),
                hint: Some(why.clone()),
                next_ask_at: Some(Some(house.now().plus(first))),
                ..WaybillChange::default()
            };
            (WaybillEvent::Silence, change, "waybill.unknown", why)
        }
    };
    kill::point("issue.before_end");
    let mut tries = 0;
    loop {
        match step(house, w, event, change.clone(), action, detail.clone()).await {
            Ok(_) => break,
            Err(e) if tries < 5 => {
                tries += 1;
                tracing::error!(error = %e, tries, "the end of a call could not be written; trying again");
                tokio::time::sleep(Duration::from_millis(200 << tries)).await;
            }
            // It stays `in flight` on disk; the worker turns that into `unknown` and looks the number up.
            Err(e) => return Err(e),
        }
    }
    kill::point("issue.after_end");
    if event == WaybillEvent::Number {
        charged(house, w).await;
    }
    house.wake.notify_one();
    Ok(())
}

/// A number was charged: the grant was used, and the balance beside the button is read again, in the background: at once
/// for the first numbers, ever less often while work goes on, at least once a minute. Neither may stand in the way of
/// the label.
async fn charged(house: &Arc<House>, w: &Waybill) {
    if let Err(e) = house.store.grant_used(&w.grant, house.now()).await {
        tracing::warn!(error = %e, "the use of a grant could not be noted");
    }
    let key = format!("balance:{}", w.grant);
    if house.is_due(&key) {
        house.not_now(&key);
        let (house, grant) = (house.clone(), w.grant.clone());
        tokio::spawn(async move {
            if let Err(e) = crate::grant::grants::load_couriers(&house, &grant).await {
                tracing::warn!(code = ?e.code, error = %e, "the balance could not be read again");
            }
        });
    }
}

/// What is written when a number arrives, by answer or by look-up: number, answer, and, while the press is young and we
/// can draw it or have a component that can, the first print job, all in one transaction.
pub(crate) async fn issued_change(house: &House, w: &Waybill, issued: Issued) -> Result<WaybillChange, ApiError> {
    let now = house.now();
    let young = now.since(w.created_at) < PRESS_LIVES && now >= w.created_at && w.state != WaybillState::NeedsPerson;
    // A batch prints its labels itself, each in its turn; and once it was ended, a number that comes late prints nothing.
    let alone = w.batch.is_none() && house.store.batch_of(&w.parcel).await?.is_none();
    let parcel = house.store.parcel(&w.parcel).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    let printer = match &issued.print {
        // A plain label that fits nowhere else stays where it was wanted, and fails there in words.
        PrintData::Plain(_) => {
            Some(printers::for_label(house, None, &parcel.printer).await?.map_or(parcel.printer, |p| p.id))
        }
        PrintData::Encrypted { component, .. } => {
            printers::for_label(house, Some(component), &parcel.printer).await?.map(|p| p.id)
        }
        PrintData::Missing => None,
    };
    let custom = custom_area::of(house, Some(&w.grant)).await?;
    let queue = printer.filter(|_| young && alone).map(|printer| NewPrint {
        id: PrintJobId::fresh(&*house.chance),
        of: LabelOf::Number { parcel: w.parcel.clone(), waybill: w.id.clone() },
        // One original a number, whoever asks and however often.
        submit_key: format!("original-{}", w.id),
        copy: 0,
        reason: String::new(),
        note: String::new(),
        asked_by: w.asked_by.clone(),
        printer,
        template: parcel.template,
        created_at: now,
        batch: None,
        stamp: String::new(),
        custom,
    });
    Ok(WaybillChange {
        issued: Some((issued.number, Answer { print: issued.print, raw: issued.raw })),
        reason: Some(String::new()),
        hint: Some(String::new()),
        next_ask_at: Some(None),
        ended_at: Some(Some(now)),
        queue,
        ..WaybillChange::default()
    })
}

/// Nothing left; nothing was charged.
pub(crate) async fn call_off(house: &House, w: &Waybill, reason: &str) -> Result<(), ApiError> {
    let change =
        WaybillChange { reason: Some(reason.into()), ended_at: Some(Some(house.now())), ..WaybillChange::default() };
    step(house, w, WaybillEvent::CallOff, change, "waybill.called_off", reason.into()).await?;
    Ok(())
}
