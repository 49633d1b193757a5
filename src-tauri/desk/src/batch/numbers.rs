//! A round of numbers for a batch: one journal row a parcel, as few calls as the platform allows.

use crate::api::{ApiError, Code};
use crate::house::House;
use crate::order::plan;
use crate::store::{Batch, Courier, Grant, NewWaybill, Waybill};
use crate::waybill::issue;
use domain::ids::{ParcelId, WaybillId};
use domain::waybill::WaybillState;
use std::sync::Arc;

/// What a round of numbers brought.
pub(super) enum Round {
    /// Ends that concern single parcels only.
    Fine,
    /// Nothing was done; try again later.
    PutOff,
    /// In the way of every number to come.
    Blocked(String, String),
}

/// The batch's word for an error that stops it.
pub(super) fn code_word(e: &ApiError) -> &'static str {
    match e.code {
        Code::GrantDead => "grant_dead",
        Code::DiskFull => "disk_full",
        Code::FolderReadOnly => "folder_read_only",
        Code::NoPrinter | Code::PrinterUnreachable => "printer",
        Code::NoCourier | Code::DetailsMissing => "courier",
        _ => "internal",
    }
}

/// Whether a no is about this parcel alone. Any other no will meet the next parcel too.
pub(super) fn concerns_one(reason: &str) -> bool {
    matches!(reason, "unserved" | "recipient" | "other")
}

/// Takes the numbers of these parcels. Runs to its end even if the batch is paused meanwhile.
pub(super) async fn take(house: &Arc<House>, batch: &Batch, parcels: &[ParcelId]) -> Result<Round, ApiError> {
    if let Err(e) = house.check_room() {
        return Ok(Round::Blocked(code_word(&e).to_owned(), e.message));
    }
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
        asked_by: batch.run_by.clone(),
        created_at: house.now(),
        batch: Some(batch.id.clone()),
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
