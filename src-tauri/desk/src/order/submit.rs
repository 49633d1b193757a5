//! Create order → submit print, and another try after a no. The same press delivered twice makes one parcel.

use crate::api::{ApiError, Code, ParcelView, RetryParcel, SubmitOrder};
use crate::door::At;
use crate::house::House;
use crate::kill;
use crate::order::{content, history, plan};
use crate::store::{NewParcel, NewWaybill, StoreError};
use crate::{batch, printing, waybill};
use domain::ids::{ParcelId, WaybillId};
use domain::journal::PrintState;
use domain::waybill::WaybillState;
use std::sync::Arc;

/// Submit print.
pub(crate) async fn submit(at: &At<'_>, req: SubmitOrder) -> Result<ParcelView, ApiError> {
    check_key(&req.submit_key)?;
    let (house, actor) = (at.house, at.actor()?);
    // The second delivery of one press waits for the first and then finds its parcel.
    let _turn = house.turn(&format!("submit:{}", req.submit_key)).await;
    if let Some(parcel) = house.store.parcel_by_submit(&req.submit_key).await? {
        return history::view(house, actor, &parcel).await;
    }
    let plan = plan::plan(house, actor, &req).await?;
    let now = house.now();
    let id = ParcelId::fresh(&*house.chance);
    let parcel = NewParcel {
        id: id.clone(),
        submit_key: req.submit_key.clone(),
        created_at: now,
        created_by: actor.id.clone(),
        template: plan.template.reference.clone(),
        printer: plan.printer.id.clone(),
        order: plan.order.clone(),
    };
    let first = NewWaybill {
        id: WaybillId::fresh(&*house.chance),
        parcel: id.clone(),
        attempt: 1,
        submit_key: req.submit_key.clone(),
        request: plan::request(&id, 1, &plan.order, &plan.courier, &plan.grant),
        grant: plan.grant.id.clone(),
        courier: plan.courier.id.clone(),
        courier_code: plan.courier.code.clone(),
        shop_name: plan.grant.shop_name.clone(),
        asked_by: actor.id.clone(),
        created_at: now,
        batch: None,
    };
    let log = house.entry(
        actor,
        "order.submit",
        id.as_str(),
        format!("courier={} grant={}", first.courier_code, first.grant),
    );
    // Before the order: whatever happens in between, no label comes out of another printer without this line.
    if let Some((printer, trouble)) = &plan.instead_of {
        let detail = format!("{} → {} {trouble}", printer.name, plan.printer.name);
        house.store.note(&house.entry(actor, "printer.stand_in", id.as_str(), detail)).await?;
    }
    house.check_room()?;
    kill::point("submit.before_parcel");
    match house.store.add_parcel(&parcel, &first, &log).await {
        Err(StoreError::Taken { rule }) if rule.contains("submit_key") => {
            let known = house.store.parcel_by_submit(&req.submit_key).await?;
            let known = known.ok_or_else(|| ApiError::internal("a submit key is taken, but by no parcel"))?;
            return history::view(house, actor, &known).await;
        }
        other => other?,
    }
    kill::point("submit.after_parcel");
    // The typed text is in the parcel now. A draft that stays behind costs nothing but a click.
    if let Err(e) = house.store.save_draft(&actor.id, "", now).await {
        tracing::warn!(error = %e, "the draft could not be cleared");
    }
    house.tell("parcel", id.as_str());
    go_on(house, &id).await?;
    history::view(house, actor, &id).await
}

/// Another attempt after `rejected` or `cancelled`, with the same order or a mended one.
pub(crate) async fn retry(at: &At<'_>, req: RetryParcel) -> Result<ParcelView, ApiError> {
    check_key(&req.submit_key)?;
    let (house, actor) = (at.house, at.actor()?);
    let id = ParcelId::from_stored(req.parcel.clone());
    let _turn = house.turn(&format!("submit:{}", req.submit_key)).await;
    let parcel = house.store.parcel(&id).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    crate::order::history::not_purged(&parcel)?;
    house.check_room()?;
    let attempts = house.store.waybills_of(&id).await?;
    let last = attempts.last().ok_or_else(|| ApiError::internal("a parcel without an attempt"))?;
    if last.state.is_live() {
        return Err(ApiError::new(
            Code::WrongState,
            format!("this parcel's number is `{}`: no second one is asked for beside it", last.state.word()),
        )
        .detail(last.state.word())
        .hint("wait until it is cleared up, or cancel the number first"));
    }
    let typed = SubmitOrder {
        submit_key: req.submit_key.clone(),
        sender: content::wire_contact(&parcel.order.sender),
        recipient: req.recipient.clone().unwrap_or_else(|| content::wire_contact(&parcel.order.recipient)),
        goods: content::wire_goods(&parcel.order.goods),
        remark: parcel.order.remark.clone(),
        weight_g: parcel.order.weight_g,
        courier: if req.courier.is_empty() { last.courier.to_string() } else { req.courier.clone() },
        printer: parcel.printer.to_string(),
        template: parcel.template.clone(),
    };
    // Another courier may know other sender addresses: its own remembered sender is taken then.
    let typed = if typed.courier == last.courier.as_str() { typed } else { without_sender(typed) };
    let plan = plan::plan(house, actor, &typed).await?;
    if plan.order != parcel.order {
        let log = house.entry(actor, "order.mend", id.as_str(), "");
        house.store.mend_order(&id, &plan.order, &log).await?;
    }
    let attempt = last.attempt + 1;
    let next = NewWaybill {
        id: WaybillId::fresh(&*house.chance),
        parcel: id.clone(),
        attempt,
        submit_key: req.submit_key,
        request: plan::request(&id, attempt, &plan.order, &plan.courier, &plan.grant),
        grant: plan.grant.id.clone(),
        courier: plan.courier.id.clone(),
        courier_code: plan.courier.code.clone(),
        shop_name: plan.grant.shop_name.clone(),
        asked_by: actor.id.clone(),
        created_at: house.now(),
        batch: None,
    };
    let log =
        house.entry(actor, "order.retry", id.as_str(), format!("attempt={attempt} courier={}", next.courier_code));
    match house.store.add_waybill(&next, &log).await {
        // The same press twice, or somebody else was faster: show what is.
        Err(StoreError::Taken { .. }) => {}
        other => other?,
    }
    go_on(house, &id).await?;
    // In a batch its label waits for its turn there.
    if house.store.waybills_of(&id).await?.last().is_some_and(|w| w.state == WaybillState::Issued) {
        batch::mended(house, actor, &id).await?;
    }
    history::view(house, actor, &id).await
}

fn without_sender(mut typed: SubmitOrder) -> SubmitOrder {
    typed.sender = content::wire_contact(&domain::contact::Contact::default());
    typed
}

/// Drives a parcel as far as it goes now, to its end even if the caller goes away.
pub(crate) async fn go_on(house: &Arc<House>, parcel: &ParcelId) -> Result<(), ApiError> {
    let (house, parcel) = (house.clone(), parcel.clone());
    let both = async move {
        take_number(&house, &parcel).await?;
        print_queued(&house, &parcel).await
    };
    tokio::spawn(both).await.map_err(ApiError::internal)?
}

/// Takes the number if it is still to be taken.
pub(crate) async fn take_number(house: &Arc<House>, parcel: &ParcelId) -> Result<(), ApiError> {
    let _turn = house.turn(&format!("parcel:{parcel}")).await;
    match house.store.waybills_of(parcel).await?.last() {
        Some(w) if w.state == WaybillState::Intent => waybill::issue::take(house, w).await,
        Some(_) | None => Ok(()),
    }
}

async fn print_queued(house: &Arc<House>, parcel: &ParcelId) -> Result<(), ApiError> {
    for job in house.store.prints_of(parcel).await? {
        if job.state == PrintState::Queued && job.batch.is_none() {
            printing::run::run(house, &job.id).await?;
        }
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), ApiError> {
    if (8..=100).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_graphic()) {
        return Ok(());
    }
    Err(plan::wrong_fields(vec![content::error("submit_key", "out_of_range", "8–100 ASCII characters")]))
}
