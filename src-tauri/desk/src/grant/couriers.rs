//! Couriers that came with a grant, their settlement details (R13–R15), and the default that is charged (R11–R17).

use crate::api::{ApiError, ById, Code, CourierDetails, CourierView};
use crate::courier_names::courier_name;
use crate::door::At;
use crate::house::House;
use crate::order::{content, plan};
use crate::store::{Courier, Details, GrantState};
use domain::ids::CourierId;

/// All couriers of grants that stand.
pub(crate) async fn views(house: &House) -> Result<Vec<CourierView>, ApiError> {
    let default = house.store.default_courier().await?;
    let grants = house.store.grants().await?;
    let now = house.now();
    Ok(house
        .store
        .couriers()
        .await?
        .iter()
        .filter_map(|c| {
            let g = grants.iter().find(|g| g.id == c.grant)?;
            let alive = g.state == GrantState::Active && g.expires_at.is_none_or(|t| t > now);
            Some(CourierView {
                id: c.id.to_string(),
                grant: c.grant.to_string(),
                shop_name: g.shop_name.clone(),
                code: c.code.0.clone(),
                name: courier_name(&c.code.0).into(),
                branch_name: c.branch_name.clone(),
                branch_code: c.branch_code.clone(),
                balance: c.balance,
                senders: c.senders.iter().map(content::wire_address).collect(),
                customer_codes: c.customer_codes.clone(),
                details_done: c.details.done,
                details_step: c.details.step.max(1),
                default: default.as_ref() == Some(&c.id),
                usable: alive && c.present,
            })
        })
        .collect())
}

/// The wizard, where it was left.
pub(crate) async fn details(at: &At<'_>, req: ById) -> Result<CourierDetails, ApiError> {
    let c = get(at.house, &req.id).await?;
    Ok(wire(&c))
}

/// One step of the wizard, or going back. `step` is the step being saved: 1 sender, 2 settlement, 3 = reviewed, done.
pub(crate) async fn save_details(at: &At<'_>, req: CourierDetails) -> Result<CourierDetails, ApiError> {
    let house = at.house;
    let c = get(house, &req.courier).await?;
    let mut d = c.details.clone();
    let mut wrong = Vec::new();
    let required = |wrong: &mut Vec<_>, field: &str, text: &str| {
        let text = text.trim();
        if text.is_empty() {
            wrong.push(content::error(field, "required", ""));
        } else if text.chars().count() > 60 {
            wrong.push(content::error(field, "too_long", "60"));
        } else if let Some(ch) = label::missing_glyphs(text).first() {
            wrong.push(content::error(field, "missing_glyph", content::show(*ch)));
        }
        text.to_owned()
    };
    if (1..=3).contains(&req.step) {
        d.sender_name = required(&mut wrong, "sender_name", &req.sender_name);
        d.sender_phone = content::phone("sender_phone", &req.sender_phone, &mut wrong);
        match c.senders.get(req.sender_address as usize) {
            Some(a) => d.sender_address = a.clone(),
            None => wrong.push(content::error("sender_address", "required", "")),
        }
    } else {
        wrong.push(content::error("step", "out_of_range", "1–3"));
    }
    if req.step >= 2 {
        d.payer = required(&mut wrong, "payer", &req.payer);
        d.payer_contact = required(&mut wrong, "payer_contact", &req.payer_contact);
        d.payer_phone = content::phone("payer_phone", &req.payer_phone, &mut wrong);
        let code = req.customer_code.trim().to_owned();
        if !c.customer_codes.is_empty() && !c.customer_codes.contains(&code) {
            wrong.push(content::error("customer_code", "required", c.customer_codes.join(", ")));
        }
        d.customer_code = code;
    }
    if !wrong.is_empty() {
        return Err(plan::wrong_fields(wrong));
    }
    // Going back and changing a step never undoes a wizard that was finished.
    d.step = d.step.max((req.step + 1).min(3));
    d.done = d.done || (req.step == 3 && req.done);
    let log = house.entry(at.actor()?, "courier.details", c.id.as_str(), format!("step={} done={}", req.step, d.done));
    house.store.save_details(&c.id, &d, &log).await?;
    house.tell("grants", c.grant.as_str());
    Ok(wire(&Courier { details: d, ..c }))
}

/// Makes it the default. Refused until the settlement details are complete (R14).
pub(crate) async fn set_default(at: &At<'_>, req: ById) -> Result<CourierView, ApiError> {
    let house = at.house;
    let c = get(house, &req.id).await?;
    if !c.details.done {
        return Err(ApiError::new(
            Code::DetailsMissing,
            "some details are needed first, so that the three parties can settle quickly and correctly; nothing was changed",
        )
        .hint("fill them in (去设置)")
        .detail(c.id.to_string()));
    }
    let log = house.entry(
        at.actor()?,
        "courier.default",
        c.id.as_str(),
        format!("courier={} branch={}", c.code, c.branch_code),
    );
    house.store.set_default_courier(&c.id, &log).await?;
    house.tell("grants", c.grant.as_str());
    views(house).await?.into_iter().find(|v| v.id == c.id.as_str()).ok_or_else(|| ApiError::not_found("courier"))
}

async fn get(house: &House, id: &str) -> Result<Courier, ApiError> {
    house.store.courier(&CourierId::from_stored(id)).await?.ok_or_else(|| ApiError::not_found("courier"))
}

fn wire(c: &Courier) -> CourierDetails {
    let Details {
        step,
        done,
        sender_name,
        sender_phone,
        sender_address,
        payer,
        payer_contact,
        payer_phone,
        customer_code,
    } = c.details.clone();
    let address = c.senders.iter().position(|a| *a == sender_address).unwrap_or(0);
    CourierDetails {
        courier: c.id.to_string(),
        step: step.max(1),
        sender_name,
        sender_phone,
        sender_address: u32::try_from(address).unwrap_or(0),
        payer,
        payer_contact,
        payer_phone,
        customer_code,
        done,
    }
}
