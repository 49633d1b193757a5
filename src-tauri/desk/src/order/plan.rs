//! Who will be charged and where it will print, worked out before anything is written or sent. Whatever is in the way is
//! an error here, while the form still holds everything.

use crate::api::{ApiError, Code, SubmitOrder};
use crate::grant::refresh;
use crate::house::House;
use crate::order::content;
use crate::printing::rules::{self, Asked};
use crate::printing::{custom_area, doctor, draw, printers};
use crate::rights::Actor;
use crate::store::{Courier, CustomArea, Grant, GrantState, Order, Parcel, Printer};
use crate::template::{self, Found};
use domain::connector::IssueRequest;
use domain::contact::Contact;
use domain::ids::{CourierId, ParcelId, PrinterId};
use domain::units::LabelSize;
use label::Template;
use std::sync::Arc;

/// Everything that was decided.
pub(crate) struct Plan {
    pub order: Order,
    pub courier: Courier,
    pub grant: Grant,
    pub printer: Printer,
    /// Whose place it takes, and why.
    pub instead_of: Option<(Printer, String)>,
    pub template: Found,
}

/// Works it out for a submit.
pub(crate) async fn plan(house: &Arc<House>, actor: &Actor, req: &SubmitOrder) -> Result<Plan, ApiError> {
    let (courier, grant) = courier(house, &req.courier).await?;
    let asked = Asked { courier_code: &courier.code.0, template: &req.template, station: &actor.station };
    let (printer, instead_of) = printer_for(house, &req.printer, &asked).await?;
    let template = template(house, &req.template, &printer).await?;
    doctor::paper_fits(&printer)?;
    let mut req = req.clone();
    fill_sender(&mut req, &courier);
    let order = content::read(&req).map_err(wrong_fields)?;
    check_sender(&order, &courier)?;
    let custom = custom_area::of(house, Some(&grant.id)).await?;
    draw::rehearse(&order, &courier, &template, &printer, (house.trial, false, &custom))?;
    Ok(Plan { order, courier, grant, printer, instead_of, template })
}

/// The courier that will be charged: the chosen one, else the default; usable right now.
pub(crate) async fn courier(house: &Arc<House>, chosen: &str) -> Result<(Courier, Grant), ApiError> {
    let id = if chosen.is_empty() {
        house.store.default_courier().await?.ok_or_else(|| {
            ApiError::new(Code::NoCourier, "no courier is set as default and none was chosen; nothing was charged")
                .hint("set a default courier under e-waybill accounts")
        })?
    } else {
        CourierId::from_stored(chosen)
    };
    let courier = house.store.courier(&id).await?.ok_or_else(|| ApiError::not_found("courier"))?;
    let grant = house.store.grant(&courier.grant).await?.ok_or_else(|| ApiError::not_found("grant"))?;
    if !courier.details.done {
        return Err(ApiError::new(
            Code::DetailsMissing,
            "this courier's settlement details are not complete; nothing was charged",
        )
        .hint("fill them in (去设置)")
        .detail(courier.id.to_string()));
    }
    usable(house, &grant).await?;
    if !courier.present {
        return Err(ApiError::new(
            Code::NoCourier,
            "the platform no longer lists this courier for this account; nothing was charged",
        )
        .hint("choose another courier")
        .detail(courier.id.to_string()));
    }
    Ok((courier, grant))
}

/// Whether the grant works at this moment. One whose access is over is renewed first, where it can be; else it is marked, so that every screen shows it.
pub(crate) async fn usable(house: &Arc<House>, grant: &Grant) -> Result<(), ApiError> {
    let dead = |why: &str| {
        ApiError::new(Code::GrantDead, format!("the grant of {} {why}; nothing was charged", grant.shop_name))
            .hint("authorise the account again, or resume it")
            .detail(grant.id.to_string())
    };
    match grant.state {
        GrantState::Active => {}
        GrantState::Suspended => return Err(dead("is suspended")),
        GrantState::NeedsRenewal => return Err(dead("must be renewed")),
        GrantState::Revoked => return Err(dead("was revoked")),
    }
    if grant.expires_at.is_some_and(|t| t <= house.now()) {
        if refresh::over(house, &grant.id).await? {
            return Ok(());
        }
        // What still may be renewed is not dead: the platform, or the network, did not answer just now.
        if refresh::standing(house, grant).await?.word == "automatic" {
            return Err(dead("has expired and could not be renewed just now"));
        }
        let log = house.entry_of_desk("grant.expired", grant.id.as_str(), "");
        house.store.move_grant(&grant.id, GrantState::Active, GrantState::NeedsRenewal, "expired", &log).await?;
        house.tell("grants", grant.id.as_str());
        return Err(dead("has expired"));
    }
    Ok(())
}

/// The chosen printer, else what the rules say; with whose place it takes, and why, where it stands in.
pub(crate) async fn printer_for(
    house: &House,
    chosen: &str,
    asked: &Asked<'_>,
) -> Result<(Printer, Option<(Printer, String)>), ApiError> {
    if !chosen.is_empty() {
        return Ok((printer(house, chosen).await?, None));
    }
    let choice = rules::choose(house, asked).await?;
    Ok((choice.printer, choice.instead_of))
}

/// The chosen printer, else the default, else the only one. A component's printer is the only one only if there is no
/// other: sealed labels find their way to it by themselves.
pub(crate) async fn printer(house: &House, chosen: &str) -> Result<Printer, ApiError> {
    let none = || {
        ApiError::new(Code::NoPrinter, "no printer is set up or chosen; nothing was charged")
            .hint("set one up under settings")
    };
    if !chosen.is_empty() {
        let p = house.store.printer(&PrinterId::from_stored(chosen)).await?;
        return p.filter(|p| !p.removed).ok_or_else(|| ApiError::not_found("printer"));
    }
    let all = house.store.printers().await?;
    if let Some(p) = all.iter().find(|p| p.default) {
        return Ok(p.clone());
    }
    only(all).ok_or_else(none)
}

/// The only printer there is, components' left aside.
pub(crate) fn only(all: Vec<Printer>) -> Option<Printer> {
    let (components, others): (Vec<Printer>, Vec<Printer>) =
        all.into_iter().partition(|p| printers::component_of(p).is_some());
    let only = <[Printer; 1]>::try_from(if others.is_empty() { components } else { others });
    only.ok().map(|[only]| only)
}

/// The chosen template, else the program's one of the printer's label size, else its largest that fits on it. A shop's own
/// is taken in its newest version, and only where it was chosen.
pub(crate) async fn template(house: &House, chosen: &str, printer: &Printer) -> Result<Found, ApiError> {
    let fits = |s: LabelSize| s.width.0 <= printer.width_mm + 0.5 && s.height.0 <= printer.height_mm + 0.5;
    if !chosen.is_empty() {
        let t = template::find(house, chosen).await?;
        if !fits(t.size()) {
            return Err(ApiError::new(
                Code::InvalidInput,
                format!(
                    "the template is {} × {} mm, the labels in {} are {} × {} mm; nothing was charged",
                    t.size().width.0,
                    t.size().height.0,
                    printer.name,
                    printer.width_mm,
                    printer.height_mm
                ),
            )
            .hint("choose the template of the printer's label size")
            .fields(vec![content::error("template", "bad_template", &t.reference)]));
        }
        return Ok(t);
    }
    let largest = label::templates()
        .into_iter()
        .filter(|t| fits(t.size))
        .max_by(|a, b| (a.size.width.0 * a.size.height.0).total_cmp(&(b.size.width.0 * b.size.height.0)));
    let Some(largest) = largest else {
        return Err(ApiError::new(
            Code::InvalidInput,
            format!(
                "no template fits on labels of {} × {} mm; nothing was charged",
                printer.width_mm, printer.height_mm
            ),
        )
        .hint("set the printer's label size to the stock that is in it")
        .fields(vec![content::error("template", "bad_template", "")]));
    };
    template::find(house, largest.id).await
}

/// The printer a parcel was sent to, or, while it waits, the one it would be sent to.
pub(crate) async fn printer_of(house: &House, parcel: &Parcel) -> Result<Printer, ApiError> {
    if parcel.printer.as_str().is_empty() {
        return printer(house, "").await;
    }
    house.store.printer(&parcel.printer).await?.ok_or_else(|| ApiError::not_found("printer"))
}

/// As [`plan`], for an order that waits and a courier, printer and template that were chosen for a whole batch.
pub(crate) fn waiting_order(
    order: &Order,
    (courier, printer, template): (&Courier, &Printer, &Template),
    (trial, custom): (bool, &CustomArea),
) -> Result<Order, ApiError> {
    let mut order = order.clone();
    remembered_sender(&mut order.sender, courier);
    let order = content::read_order(&order).map_err(wrong_fields)?;
    check_sender(&order, courier)?;
    draw::rehearse(&order, courier, template, printer, (trial, true, custom))?;
    Ok(order)
}

/// A sender left empty is the one remembered in the courier's settlement details.
pub(crate) fn remembered_sender(sender: &mut Contact, courier: &Courier) {
    let d = &courier.details;
    if sender.name.trim().is_empty() && sender.phone.trim().is_empty() {
        sender.name.clone_from(&d.sender_name);
        sender.phone.clone_from(&d.sender_phone);
    }
    if sender.address.province.trim().is_empty() && sender.address.detail.trim().is_empty() {
        sender.address.clone_from(&d.sender_address);
    }
}

/// As [`remembered_sender`], for a form.
pub(crate) fn fill_sender(req: &mut SubmitOrder, courier: &Courier) {
    let mut sender = content::typed_contact(&req.sender);
    remembered_sender(&mut sender, courier);
    req.sender = content::wire_contact(&sender);
}

/// The courier accepts only addresses from its own list.
fn check_sender(order: &Order, courier: &Courier) -> Result<(), ApiError> {
    if courier.senders.is_empty() || courier.senders.contains(&order.sender.address) {
        return Ok(());
    }
    Err(wrong_fields(vec![content::error("sender.address.detail", "unknown_address", "")]))
}

/// The error for wrong fields.
pub(crate) fn wrong_fields(fields: Vec<crate::api::FieldError>) -> ApiError {
    let list = fields.iter().map(|f| format!("{}: {} {}", f.field, f.code, f.detail)).collect::<Vec<_>>().join("; ");
    ApiError::new(Code::InvalidInput, format!("{list} — nothing was charged, what was typed is kept"))
        .hint("mend the fields, then submit again")
        .fields(fields)
}

/// The request for one attempt. `package id = parcel-attempt`: the platform gives the same number for the same id.
pub(crate) fn request(
    parcel: &ParcelId,
    attempt: u32,
    plan_order: &Order,
    courier: &Courier,
    grant: &Grant,
) -> IssueRequest {
    IssueRequest {
        object_id: "1".into(),
        courier: courier.code.clone(),
        customer_code: Some(courier.details.customer_code.clone()).filter(|c| !c.is_empty()),
        trade_orders: vec![parcel.to_string()],
        package_id: format!("{parcel}-{attempt}"),
        channel: "OTHERS".into(),
        user_id: grant.shop_id.0.clone(),
        sender: plan_order.sender.clone(),
        recipient: plan_order.recipient.clone(),
        goods: plan_order.goods.clone(),
        weight_g: plan_order.weight_g,
    }
}
