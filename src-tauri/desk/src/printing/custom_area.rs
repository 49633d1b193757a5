//! The shop's own area of its labels (自定义区): what stands there is written down with each label, so that one which is made
//! again looks as it did.

use crate::api::{ApiError, CustomAreaView, Done, FieldError, Nothing, SaveCustomArea};
use crate::door::At;
use crate::house::House;
use crate::order::{content, plan};
use crate::printing::draw;
use crate::store::{AreaOf, CustomArea, GrantState};
use domain::ids::GrantId;
use domain::units::Dpi;

const TEXT: usize = 100;
const REMARK: usize = 30;
const STATION: usize = 2;

/// For labels of this account.
pub(crate) async fn of(house: &House, grant: Option<&GrantId>) -> Result<CustomArea, ApiError> {
    let all = house.store.custom_areas().await?;
    let find = |of: Option<&GrantId>| all.iter().find(|(whose, _)| whose.as_ref() == of).map(|(_, area)| area.clone());
    let general = find(None).unwrap_or_default();
    let station = general.station.clone();
    Ok(CustomArea { station, ..grant.and_then(|g| find(Some(g))).unwrap_or(general) })
}

/// The general one, then one for each live account.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<Vec<CustomAreaView>, ApiError> {
    let house = at.house;
    let all = house.store.custom_areas().await?;
    let grants = house.store.grants().await?;
    let shops = grants.iter().filter(|g| g.state != GrantState::Revoked).map(|g| (Some(&g.id), g.shop_name.as_str()));
    let mut rows = Vec::new();
    for (grant, shop_name) in std::iter::once((None, "")).chain(shops) {
        let area = of(house, grant).await?;
        rows.push(CustomAreaView {
            grant: grant.map(ToString::to_string).unwrap_or_default(),
            shop_name: shop_name.to_owned(),
            own: all.iter().any(|(whose, _)| whose.as_ref() == grant),
            text: area.text,
            goods: area.goods,
            remark: area.remark,
            station: area.station,
        });
    }
    Ok(rows)
}

/// Keeps one, or (`own` = false) lets the shop have the general one again. What does not fit a label is refused here, not at
/// the next order.
pub(crate) async fn save(at: &At<'_>, req: SaveCustomArea) -> Result<Done, ApiError> {
    let house = at.house;
    let whose: AreaOf = Some(req.grant).filter(|g| !g.is_empty()).map(GrantId::from_stored);
    if let Some(grant) = &whose
        && house.store.grant(grant).await?.is_none()
    {
        return Err(ApiError::not_found("grant"));
    }
    let area = CustomArea {
        text: req.text.trim().to_owned(),
        goods: req.goods,
        remark: req.remark.trim().to_owned(),
        station: if whose.is_none() { req.station.trim().to_owned() } else { String::new() },
    };
    let wrong = wrong(&area);
    if !wrong.is_empty() {
        return Err(plan::wrong_fields(wrong));
    }
    let detail = format!("grant={}", whose.as_ref().map_or("", GrantId::as_str));
    let log = house.entry(at.actor()?, "custom_area.save", "", detail);
    house.store.save_custom_area(&whose, Some(&area).filter(|_| req.own), &log).await?;
    house.tell("templates", "");
    Ok(Done {})
}

fn wrong(area: &CustomArea) -> Vec<FieldError> {
    let mut wrong = Vec::new();
    for (field, text, most) in
        [("text", &area.text, TEXT), ("remark", &area.remark, REMARK), ("station", &area.station, STATION)]
    {
        if text.chars().count() > most {
            wrong.push(content::error(field, "too_long", most.to_string()));
        }
        if let Some(c) = label::missing_glyphs(&text.replace('\n', " ")).first() {
            wrong.push(content::error(field, "missing_glyph", content::show(*c)));
        }
    }
    if !wrong.is_empty() {
        return wrong;
    }
    // On every label of the program's own.
    let data = draw::specimen(area);
    let misfit = |t: &label::TemplateInfo| match label::layout(t.id, &data, Dpi::D203) {
        Err(label::LabelError::DoesNotFit { field }) if field.starts_with("custom.") => Some((field, t.name)),
        _ => None,
    };
    let found = label::templates().iter().find_map(misfit);
    found
        .map(|(field, _)| content::error(field.trim_start_matches("custom."), "does_not_fit", ""))
        .into_iter()
        .collect()
}
