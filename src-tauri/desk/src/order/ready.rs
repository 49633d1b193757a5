//! Orders that wait to be printed: kept as typed, mended in place, thrown away, held back for a refund. Nothing here is
//! charged.

use crate::api::{
    AddOrders, AddedOrder, AddedOrders, ApiError, ById, Code, Done, MendOrder, NewOrder, Nothing, ParcelRow,
    ReadyOrders, StopParcel, TypedOrder,
};
use crate::batch;
use crate::door::At;
use crate::house::House;
use crate::order::history::{self, Names};
use crate::order::{content, plan};
use crate::store::{NewReady, Order, Parcel, StoreError};
use domain::contact::{Contact, Goods};
use domain::ids::ParcelId;

/// Orders of one call.
const ADD_MAX: usize = 1000;
/// Longest order number of the shop's own.
const REFERENCE_MAX: usize = 64;
/// Orders on one screen; above it a shop pulls less at a time.
const READY_MAX: u32 = 2000;
/// The word for a parcel whose buyer wants the money back.
pub(crate) const REFUND: &str = "refund";

/// Keeps orders. What is wrong with one does not stop the others, and is mended later.
pub(crate) async fn add(at: &At<'_>, req: AddOrders) -> Result<AddedOrders, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    if req.orders.len() > ADD_MAX {
        return Err(plan::wrong_fields(vec![content::error("orders", "too_long", ADD_MAX.to_string())]));
    }
    let mut wrong = Vec::new();
    for (i, new) in req.orders.iter().enumerate() {
        if !(8..=100).contains(&new.submit_key.len()) {
            wrong.push(content::error(&format!("orders[{i}].submit_key"), "out_of_range", "8–100"));
        }
        if new.reference.chars().count() > REFERENCE_MAX {
            wrong.push(content::error(&format!("orders[{i}].reference"), "too_long", REFERENCE_MAX.to_string()));
        }
    }
    if !wrong.is_empty() {
        return Err(plan::wrong_fields(wrong));
    }
    let mut rows = Vec::with_capacity(req.orders.len());
    for new in req.orders {
        let order = typed(&new.recipient, &new.goods, &new.remark, new.weight_g);
        let ready = NewReady {
            id: ParcelId::fresh(&*house.chance),
            submit_key: new.submit_key.clone(),
            created_at: house.now(),
            created_by: actor.id.clone(),
            reference: reference(&new),
            order,
        };
        let log = house.entry(actor, "order.add", ready.id.as_str(), "");
        let wrong = wrong_with(&ready.order);
        let (parcel, known) = match house.store.add_ready(&ready, &log).await {
            Ok(()) => (ready.id.clone(), false),
            Err(StoreError::Taken { rule }) if rule.contains("submit_key") => {
                let known = house.store.parcel_by_submit(&new.submit_key).await?;
                (known.ok_or_else(|| ApiError::internal("a submit key is taken, but by no parcel"))?, true)
            }
            Err(e) => return Err(e.into()),
        };
        rows.push(AddedOrder { parcel: parcel.to_string(), reference: ready.reference, known, wrong });
    }
    house.tell("parcel", "");
    Ok(AddedOrders { rows })
}

fn reference(new: &NewOrder) -> String {
    new.reference.trim().to_owned()
}

/// As typed; what cannot be right is told by [`wrong_with`].
fn typed(
    recipient: &crate::api::WireContact,
    goods: &[crate::api::WireGoods],
    remark: &str,
    weight_g: Option<u32>,
) -> Order {
    Order {
        sender: Contact::default(),
        recipient: content::typed_contact(recipient),
        goods: goods.iter().map(|g| Goods { name: g.name.clone(), count: g.count }).collect(),
        remark: remark.to_owned(),
        weight_g,
    }
}

/// What must be mended, but for the sender: that is the courier's remembered one, chosen when it is printed.
fn wrong_with(order: &Order) -> Vec<crate::api::FieldError> {
    match content::read_order(order) {
        Ok(_) => Vec::new(),
        Err(fields) => fields.into_iter().filter(|f| !f.field.starts_with("sender.")).collect(),
    }
}

/// Those that wait, oldest first.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<ReadyOrders, ApiError> {
    let mut waiting = at.house.store.ready(READY_MAX + 1).await?;
    let more = waiting.len() > READY_MAX as usize;
    waiting.truncate(READY_MAX as usize);
    let names = Names::load(at.house).await?;
    let rows: Vec<ParcelRow> = waiting.iter().map(|p| history::row(p, &[], &[], &names)).collect();
    Ok(ReadyOrders { rows, more })
}

/// As it was typed, to mend it. The look is logged: it is unmasked.
pub(crate) async fn look(at: &At<'_>, req: ById) -> Result<TypedOrder, ApiError> {
    let parcel = waiting_or_aside(at.house, &ParcelId::from_stored(req.id)).await?;
    at.house.store.note(&at.house.entry(at.actor()?, "personal.reveal", parcel.id.as_str(), "to mend it")).await?;
    Ok(TypedOrder {
        parcel: parcel.id.to_string(),
        reference: parcel.reference,
        recipient: content::wire_contact(&parcel.order.recipient),
        goods: content::wire_goods(&parcel.order.goods),
        remark: parcel.order.remark,
        weight_g: parcel.order.weight_g,
    })
}

/// Mends it; in a batch it takes its place again. What is still wrong is refused, and stays in the form.
pub(crate) async fn mend(at: &At<'_>, req: MendOrder) -> Result<Done, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let id = ParcelId::from_stored(req.parcel);
    let parcel = waiting_or_aside(house, &id).await?;
    let order = typed(&req.recipient, &req.goods, &req.remark, req.weight_g);
    let wrong = wrong_with(&order);
    if !wrong.is_empty() {
        return Err(plan::wrong_fields(wrong));
    }
    let order = Order { sender: parcel.order.sender.clone(), ..order };
    let log = house.entry(actor, "order.mend", id.as_str(), "");
    house.store.mend_order(&id, &order, &log).await?;
    house.tell("parcel", id.as_str());
    batch::mended(house, actor, &id).await?;
    Ok(Done {})
}

/// An order whose text may be changed: no number hangs on it.
async fn waiting_or_aside(house: &House, id: &ParcelId) -> Result<Parcel, ApiError> {
    let parcel = house.store.parcel(id).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    match house.store.waybills_of(id).await?.last() {
        Some(w) if w.state.is_live() => Err(ApiError::new(
            Code::WrongState,
            format!("this order's number is `{}`: its text is not changed any more", w.state.word()),
        )
        .detail(w.state.word())
        .hint("cancel the number first")),
        _ => Ok(parcel),
    }
}

/// Throws it away. The row stays, nobody sees it.
pub(crate) async fn discard(at: &At<'_>, req: ById) -> Result<Done, ApiError> {
    let id = ParcelId::from_stored(req.id);
    let log = at.house.entry(at.actor()?, "order.discard", id.as_str(), "");
    if !at.house.store.discard_ready(&id, &log).await? {
        return Err(ApiError::new(Code::WrongState, "this order does not wait (any more); nothing was done")
            .hint("look again: it may be in a batch, or have a number"));
    }
    at.house.tell("parcel", id.as_str());
    Ok(Done {})
}

/// The buyer wants the money back: the parcel must not leave, wherever it stands.
pub(crate) async fn stop(at: &At<'_>, req: StopParcel) -> Result<Done, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let id = ParcelId::from_stored(req.parcel);
    house.store.parcel(&id).await?.ok_or_else(|| ApiError::not_found("parcel"))?;
    let (stop, action) = if req.stopped { (REFUND, "order.stop") } else { ("", "order.go_again") };
    if house.store.set_stop(&id, stop, &house.entry(actor, action, id.as_str(), stop)).await? {
        batch::stopped_parcel(house, actor, &id, req.stopped).await?;
        house.tell("parcel", id.as_str());
    }
    Ok(Done {})
}
