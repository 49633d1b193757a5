//! What the owner decided for everybody at this desk: when a screen locks itself, when passwords are to be changed, whether an
//! identity card is asked for.

use crate::api::{ApiError, DeskRules, Nothing};
use crate::door::At;
use crate::house::House;
use crate::staff::people::field;

/// The name of the choice in the store.
const SETTING: &str = "desk_rules";

/// Until somebody decides: locked after 15 minutes, no rotation, no identity card.
const FIRST: DeskRules = DeskRules { lock_minutes: 15, rotation_days: 0, id_card: false };

/// The rules as they stand.
pub(crate) async fn of(house: &House) -> Result<DeskRules, ApiError> {
    let kept = house.store.setting(SETTING).await?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or(FIRST))
}

/// Shows them.
pub(crate) async fn show(at: &At<'_>, _: Nothing) -> Result<DeskRules, ApiError> {
    of(at.house).await
}

/// Other ones.
pub(crate) async fn save(at: &At<'_>, req: DeskRules) -> Result<DeskRules, ApiError> {
    if !(1..=60).contains(&req.lock_minutes) {
        return Err(field("lock_minutes", "out_of_range", "1–60"));
    }
    if req.rotation_days != 0 && !(30..=730).contains(&req.rotation_days) {
        return Err(field("rotation_days", "out_of_range", "0, 30–730"));
    }
    let detail =
        format!("lock_minutes={} rotation_days={} id_card={}", req.lock_minutes, req.rotation_days, req.id_card);
    let log = at.house.entry(at.actor()?, "rules.people", "", detail);
    let text = serde_json::to_string(&req).map_err(ApiError::internal)?;
    at.house.store.save_setting(SETTING, &text, &log).await?;
    at.house.people_changed();
    Ok(req)
}
