//! A batch as people look at it.

use super::pace;
use crate::api::{ApiError, BatchItemView, BatchList, BatchView, ById, DayCount, Nothing};
use crate::courier_names::courier_name;
use crate::door::At;
use crate::house::House;
use crate::order::content;
use crate::order::history;
use crate::store::{Batch, BatchItem, Parcel};
use domain::batch::stamp;
use domain::ids::BatchId;
use domain::journal::PrintState;
use std::collections::HashMap;

const RECENT: u32 = 20;

/// Open ones first, newest first; without their parcels.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<BatchList, ApiError> {
    let mut rows = Vec::new();
    for b in at.house.store.recent_batches(RECENT).await? {
        let items = at.house.store.batch_items(&b.id).await?;
        rows.push(whole(at.house, &b, &items, None).await?);
    }
    Ok(BatchList { rows })
}

/// One, with its parcels.
pub(crate) async fn show(at: &At<'_>, req: ById) -> Result<BatchView, ApiError> {
    view(at.house, &BatchId::from_stored(req.id)).await
}

/// One, with its parcels.
pub(crate) async fn view(house: &House, id: &BatchId) -> Result<BatchView, ApiError> {
    let batch = house.store.batch(id).await?.ok_or_else(|| ApiError::not_found("batch"))?;
    let items = house.store.batch_items(id).await?;
    let parcels: HashMap<String, Parcel> =
        house.store.batch_parcels(id).await?.into_iter().map(|p| (p.id.to_string(), p)).collect();
    whole(house, &batch, &items, Some(&parcels)).await
}

async fn whole(
    house: &House,
    b: &Batch,
    items: &[BatchItem],
    parcels: Option<&HashMap<String, Parcel>>,
) -> Result<BatchView, ApiError> {
    let total = u32::try_from(items.len()).unwrap_or(u32::MAX);
    let count =
        |what: &dyn Fn(&BatchItem) -> bool| u32::try_from(items.iter().filter(|i| what(i)).count()).unwrap_or(u32::MAX);
    let state = |i: &BatchItem| i.print.as_ref().map(|(_, s)| *s);
    let waiting = count(&|i| i.aside.is_empty() && !i.is_through());
    let couriers = house.store.couriers().await?;
    let code = couriers.iter().find(|c| c.id == b.courier).map(|c| c.code.0.clone()).unwrap_or_default();
    let printer_name = house.store.printer(&b.printer).await?.map(|p| p.name).unwrap_or_default();
    let instead_of = match &b.instead_of {
        Some(id) => house.store.printer(id).await?.map(|p| p.name).unwrap_or_default(),
        None => String::new(),
    };
    let shop_name = house.store.grant(&b.grant).await?.map(|g| g.shop_name).unwrap_or_default();
    let by = house.store.person(&b.created_by).await?.map(|p| p.name).unwrap_or_default();
    Ok(BatchView {
        id: b.id.to_string(),
        name: name(b.number),
        state: b.state.word().to_owned(),
        trouble: b.trouble.clone(),
        detail: b.detail.clone(),
        courier_name: courier_name(&code).to_owned(),
        courier_code: code,
        shop_name,
        printer: b.printer.to_string(),
        printer_name,
        instead_of,
        template: b.template.clone(),
        by,
        created_at: b.created_at.0,
        ended_at: b.ended_at.map(|t| t.0),
        total,
        sent: count(&|i| state(i).is_some_and(|s| s.may_be_on_paper() && s != PrintState::Sending)),
        confirmed: count(&|i| state(i) == Some(PrintState::Confirmed)),
        aside: count(&|i| !i.aside.is_empty()),
        failed: count(&|i| matches!(i.aside.as_str(), "rejected" | "failed" | "cancelled" | "component")),
        seconds_left: pace::pace(house, &b.id).map(|pace| {
            let left = pace.saturating_mul(waiting).as_secs_f64().ceil();
            // A batch is 2,000 labels at most; the figure is for people.
            if left < f64::from(u32::MAX) { left as u32 } else { u32::MAX }
        }),
        items: match parcels {
            Some(parcels) => items.iter().map(|i| item(b, total, i, parcels.get(i.parcel.as_str()))).collect(),
            None => Vec::new(),
        },
    })
}

/// `B0412`
pub(crate) fn name(number: i64) -> String {
    format!("B{number:04}")
}

fn item(b: &Batch, total: u32, i: &BatchItem, parcel: Option<&Parcel>) -> BatchItemView {
    let order = parcel.map(|p| &p.order);
    BatchItemView {
        seq: i.seq,
        stamp: stamp(b.number, i.seq, total),
        parcel: i.parcel.to_string(),
        recipient_name: order.map(|o| domain::mask::name(&o.recipient.name)).unwrap_or_default(),
        recipient_area: order.map(|o| history::area(&o.recipient.address)).unwrap_or_default(),
        goods: order.map(|o| content::goods_line(&o.goods)).unwrap_or_default(),
        reference: parcel.map(|p| p.reference.clone()).unwrap_or_default(),
        number: i.number.as_ref().map(|n| n.0.clone()).unwrap_or_default(),
        waybill_state: i.waybill.as_ref().map(|(_, s)| s.word().to_owned()).unwrap_or_default(),
        print_state: i.print.as_ref().map(|(_, s)| s.word().to_owned()).unwrap_or_default(),
        nth: i.nth,
        aside: i.aside.clone(),
        detail: i.detail.clone(),
    }
}

/// Today's labels by courier and outcome.
pub(crate) async fn today(at: &At<'_>, _: Nothing) -> Result<Vec<DayCount>, ApiError> {
    let since = history::today(at.house.now());
    let counts = at.house.store.day_counts(since).await?;
    Ok(counts
        .into_iter()
        .map(|c| DayCount {
            courier_name: courier_name(&c.courier.0).to_owned(),
            courier_code: c.courier.0,
            sent: c.sent,
            confirmed: c.confirmed,
            attention: c.attention,
        })
        .collect())
}
