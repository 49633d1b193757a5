//! The order form: what it starts from, what was typed and not submitted, and the label as it will look.

use crate::api::{ApiError, Done, Nothing, OrderForm, Picture, SaveDraft, SubmitOrder, TemplateView};
use crate::door::At;
use crate::grant::couriers;
use crate::order::{content, plan};
use crate::printing::rules::{self, Asked};
use crate::printing::{custom_area, draw, printers};
use crate::template;
use domain::contact::Contact;

/// A draft larger than this is not a form any more.
const DRAFT_MAX: usize = 256 * 1024;

/// What the form starts from.
pub(crate) async fn form(at: &At<'_>, _: Nothing) -> Result<OrderForm, ApiError> {
    let store = &at.house.store;
    let default = store.default_courier().await?;
    let all = store.couriers().await?;
    let sender = all
        .iter()
        .find(|c| Some(&c.id) == default.as_ref())
        .map(|c| Contact {
            name: c.details.sender_name.clone(),
            phone: c.details.sender_phone.clone(),
            address: c.details.sender_address.clone(),
        })
        .unwrap_or_default();
    let printers = printers::views(at.house).await?;
    let default_printer = match printers.iter().find(|p| p.default) {
        Some(p) => p.id.clone(),
        None => plan::only(store.printers().await?).map(|p| p.id.to_string()).unwrap_or_default(),
    };
    Ok(OrderForm {
        sender: content::wire_contact(&sender),
        couriers: couriers::views(at.house).await?,
        default_courier: default.map(|c| c.to_string()).unwrap_or_default(),
        templates: template::choices(at.house)
            .await?
            .into_iter()
            .map(|t| TemplateView { id: t.id, name: t.name, width_mm: t.size.width.0, height_mm: t.size.height.0 })
            .collect(),
        printers,
        default_printer,
        rules: !store.printer_rules().await?.is_empty(),
        draft: store.draft(&at.actor()?.id).await?.unwrap_or_default(),
    })
}

/// Keeps what was typed, sealed.
pub(crate) async fn save_draft(at: &At<'_>, req: SaveDraft) -> Result<Done, ApiError> {
    if req.draft.len() > DRAFT_MAX {
        return Err(plan::wrong_fields(vec![content::error("draft", "too_long", DRAFT_MAX.to_string())]));
    }
    at.house.store.save_draft(&at.actor()?.id, &req.draft, at.house.now()).await?;
    Ok(Done {})
}

/// The label as it will look, with a placeholder number and marked 样张. Fields that are still empty stay empty; what
/// cannot be drawn is an error naming the field.
pub(crate) async fn preview(at: &At<'_>, req: SubmitOrder) -> Result<Picture, ApiError> {
    let house = at.house;
    let chosen = if req.courier.is_empty() {
        house.store.default_courier().await?
    } else {
        Some(domain::ids::CourierId::from_stored(req.courier.clone()))
    };
    let courier = match chosen {
        Some(id) => house.store.courier(&id).await?,
        None => None,
    };
    let code = courier.as_ref().map_or("", |c| c.code.0.as_str());
    let asked = Asked { courier_code: code, template: &req.template, station: &at.actor()?.station };
    // A picture keeps nobody waiting: who stands in has the same paper.
    let printer = match req.printer.as_str() {
        "" => rules::first_choice(house, &asked).await?,
        chosen => plan::printer(house, chosen).await?,
    };
    let template = plan::template(house, &req.template, &printer).await?;
    let mut req = req;
    if let Some(c) = &courier {
        plan::fill_sender(&mut req, c);
    }
    let mut unread = Vec::new();
    let order = crate::store::Order {
        sender: content::read_contact("sender", &req.sender, &mut unread),
        recipient: content::read_contact("recipient", &req.recipient, &mut unread),
        goods: req
            .goods
            .iter()
            .map(|g| domain::contact::Goods { name: g.name.trim().to_owned(), count: g.count.max(1) })
            .filter(|g| !g.name.is_empty())
            .collect(),
        remark: req.remark.trim().to_owned(),
        weight_g: req.weight_g,
    };
    let custom = custom_area::of(house, courier.as_ref().map(|c| &c.grant)).await?;
    let code = courier.as_ref().map(|c| c.code.0.as_str());
    draw::preview(&order, code, &template, &printer, (house.now(), custom))
}
