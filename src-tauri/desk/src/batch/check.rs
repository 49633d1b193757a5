//! One check before the first charge. Whatever is in the way of all is an error; what is odd about one is told beside it
//! and puts that one aside.

use crate::api::{ApiError, AskBatch, BatchCheck, CheckedOrder, FieldError};
use crate::door::At;
use crate::grant::couriers;
use crate::house::House;
use crate::order::ready::REFUND;
use crate::order::{content, plan};
use crate::printing::rules::Asked;
use crate::printing::{custom_area, doctor, printers};
use crate::rights::Actor;
use crate::store::{Courier, Grant, Order, Parcel, Printer};
use crate::template::Found;
use domain::clock::Millis;
use domain::ids::ParcelId;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Labels of one batch: more than a morning, and a list that a window can still show.
const BATCH_MAX: usize = 2000;
/// How far back a twin is looked for.
const TWIN_DAYS: i64 = 3;
const DAY_MS: i64 = 86_400_000;

/// What was found.
pub(crate) struct Checked {
    pub courier: Courier,
    pub grant: Grant,
    pub printer: Printer,
    /// Whose place it takes, and why.
    pub instead_of: Option<(Printer, String)>,
    pub template: Found,
    pub rows: Vec<Row>,
}

/// One order of it.
pub(crate) struct Row {
    pub parcel: ParcelId,
    /// With the sender filled in where it goes, as kept where it does not.
    pub order: Order,
    pub aside: &'static str,
    pub detail: String,
    pub fields: Vec<FieldError>,
}

/// For the screen.
pub(crate) async fn check(at: &At<'_>, req: AskBatch) -> Result<BatchCheck, ApiError> {
    let house = at.house;
    let found = look(house, at.actor()?, &req).await?;
    let good = found.rows.iter().filter(|r| r.aside.is_empty()).count();
    let runs_out_at = found
        .courier
        .balance
        .and_then(|left| usize::try_from(left.max(0)).ok())
        .filter(|left| *left < good)
        .and_then(|left| u32::try_from(left + 1).ok());
    let courier = couriers::views(house).await?.into_iter().find(|c| c.id == found.courier.id.as_str());
    let printer = printers::views(house).await?.into_iter().find(|p| p.id == found.printer.id.as_str());
    Ok(BatchCheck {
        good: u32::try_from(good).unwrap_or(u32::MAX),
        courier: courier.ok_or_else(|| ApiError::not_found("courier"))?,
        printer: printer.ok_or_else(|| ApiError::not_found("printer"))?,
        printer_state: printers::state_of(&found.printer).await?,
        instead_of: found.instead_of.as_ref().map(|(p, _)| p.name.clone()).unwrap_or_default(),
        trouble: found.instead_of.map(|(_, why)| why).unwrap_or_default(),
        template: found.template.reference.clone(),
        runs_out_at,
        rows: found
            .rows
            .into_iter()
            .map(|r| CheckedOrder {
                parcel: r.parcel.to_string(),
                aside: r.aside.to_owned(),
                detail: r.detail,
                fields: r.fields,
            })
            .collect(),
    })
}

/// Looks at everything. Errors: something that is in the way of every label (grant, courier, printer, paper).
pub(crate) async fn look(house: &Arc<House>, actor: &Actor, req: &AskBatch) -> Result<Checked, ApiError> {
    let mut seen = HashSet::new();
    let asked: Vec<ParcelId> =
        req.parcels.iter().filter(|id| seen.insert(id.as_str())).map(|id| ParcelId::from_stored(id.as_str())).collect();
    if asked.is_empty() {
        return Err(plan::wrong_fields(vec![content::error("parcels", "required", "")]));
    }
    if asked.len() > BATCH_MAX {
        return Err(plan::wrong_fields(vec![content::error("parcels", "too_long", BATCH_MAX.to_string())]));
    }
    let (courier, grant) = plan::courier(house, &req.courier).await?;
    let wanted = Asked { courier_code: &courier.code.0, template: &req.template, station: &actor.station };
    let (printer, instead_of) = plan::printer_for(house, &req.printer, &wanted).await?;
    let template = plan::template(house, &req.template, &printer).await?;
    doctor::paper_fits(&printer)?;
    let custom = custom_area::of(house, Some(&grant.id)).await?;
    let waiting: HashMap<ParcelId, Parcel> =
        house.store.ready(u32::MAX).await?.into_iter().map(|p| (p.id.clone(), p)).collect();
    let since = Millis(house.now().0 - TWIN_DAYS * DAY_MS);
    let mut rows = Vec::with_capacity(asked.len());
    for id in asked {
        let Some(parcel) = waiting.get(&id) else {
            rows.push(Row {
                parcel: id,
                order: Order::default(),
                aside: "gone",
                detail: String::new(),
                fields: vec![],
            });
            continue;
        };
        let mut row = Row { parcel: id, order: parcel.order.clone(), aside: "", detail: String::new(), fields: vec![] };
        if parcel.stop == REFUND {
            row.aside = "refund";
        } else {
            match plan::waiting_order(&parcel.order, (&courier, &printer, &template), (house.trial, &custom)) {
                Ok(order) => row.order = order,
                Err(e) => {
                    row.aside = "fields";
                    row.detail = if e.fields.is_empty() { e.message } else { String::new() };
                    row.fields = e.fields;
                }
            }
            let twins = house.store.twins(&row.parcel, &parcel.order, since).await?;
            if row.aside.is_empty() && !twins.is_empty() && !req.despite_twin.iter().any(|p| p == row.parcel.as_str()) {
                row.aside = "twin";
                row.detail = twins.iter().map(|seq| format!("#{seq}")).collect::<Vec<_>>().join(" ");
            }
        }
        rows.push(row);
        // A thousand labels are drawn for this: others get their turn in between.
        tokio::task::yield_now().await;
    }
    Ok(Checked { courier, grant, printer, instead_of, template, rows })
}
