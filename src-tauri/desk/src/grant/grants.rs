//! Grants that stand: their state, their couriers, and their end. The first press suspends; erasing is the end.

use crate::api::{ApiError, ById, Code, GrantView, Nothing, RevokeDone, RevokeGrant};
use crate::door::At;
use crate::grant::{couriers, platforms, refresh};
use crate::house::House;
use crate::order::{content, plan};
use crate::store::{Grant, GrantState};
use crate::waybill;
use domain::connector::{CallError, RefusalKind, RevokeOutcome, RevokeWay};
use domain::ids::{CourierId, GrantId};
use std::sync::Arc;

/// All that are not revoked, newest first.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<Vec<GrantView>, ApiError> {
    let mut views = Vec::new();
    for g in at.house.store.grants().await? {
        if g.state != GrantState::Revoked {
            views.push(view(at.house, &g).await?);
        }
    }
    Ok(views)
}

/// Couriers and balances, from the platform, now.
pub(crate) async fn reload(at: &At<'_>, req: ById) -> Result<GrantView, ApiError> {
    let g = get(at.house, &req.id).await?;
    plan::usable(at.house, &g).await?;
    load_couriers(at.house, &g.id).await?;
    view(at.house, &get(at.house, &req.id).await?).await
}

/// Reads the couriers of a grant and keeps them. A grant without couriers keeps none.
pub(crate) async fn load_couriers(house: &Arc<House>, id: &GrantId) -> Result<(), ApiError> {
    let kept = "the couriers known so far are kept";
    let _turn = house.turn(&format!("couriers:{id}")).await;
    let Some(line) = waybill::line(house, id).await? else {
        return Err(ApiError::new(Code::GrantDead, format!("the grant cannot be used; {kept}")));
    };
    let Some(service) = line.waybills() else { return Ok(()) };
    let offers = match service.couriers(&line.app, line.access()).await {
        Ok(offers) => offers,
        Err(e) => {
            if matches!(&e, CallError::Refused(r) if r.kind == RefusalKind::GrantDead) {
                refresh::dead(house, id).await;
            }
            return Err(crate::trouble::call_failed(&e, kept));
        }
    };
    let fresh: Vec<CourierId> = offers.iter().map(|_| CourierId::fresh(&*house.chance)).collect();
    let log = house.entry_of_desk("couriers.loaded", id.as_str(), format!("couriers={}", offers.len()));
    house.store.load_couriers(id, &offers, &fresh, house.now(), &log).await?;
    house.store.grant_used(id, house.now()).await?;
    house.tell("grants", id.as_str());
    Ok(())
}

/// Renews it now, by its refresh token.
pub(crate) async fn renew(at: &At<'_>, req: ById) -> Result<GrantView, ApiError> {
    let g = get(at.house, &req.id).await?;
    if g.state != GrantState::Active {
        return Err(ApiError::new(
            Code::WrongState,
            format!("this grant is `{}`; nothing was changed", g.state.word()),
        )
        .detail(g.state.word())
        .hint("authorise the account again, or resume it"));
    }
    let log = at.house.entry(at.actor()?, "grant.refresh_asked", g.id.as_str(), "");
    at.house.store.note(&log).await?;
    if !refresh::pressed(at.house, &g.id).await? {
        let standing = refresh::standing(at.house, &get(at.house, &req.id).await?).await?;
        return Err(ApiError::new(
            Code::NotRenewed,
            format!("the grant of {} was not renewed; it works on as before", g.shop_name),
        )
        .detail(standing.word)
        .hint("authorise the account again before it ends"));
    }
    view(at.house, &get(at.house, &req.id).await?).await
}

/// Stops a grant at once, offline too; undoable.
pub(crate) async fn suspend(at: &At<'_>, req: ById) -> Result<GrantView, ApiError> {
    switch(at, &req.id, &[GrantState::Active, GrantState::NeedsRenewal], GrantState::Suspended, "grant.suspend").await
}

/// Undoes a suspension.
pub(crate) async fn resume(at: &At<'_>, req: ById) -> Result<GrantView, ApiError> {
    switch(at, &req.id, &[GrantState::Suspended], GrantState::Active, "grant.resume").await
}

async fn switch(
    at: &At<'_>,
    id: &str,
    from: &[GrantState],
    to: GrantState,
    action: &str,
) -> Result<GrantView, ApiError> {
    let house = at.house;
    let g = get(house, id).await?;
    // A grant that was dead before it was suspended is dead after: its reason goes with it.
    let dead = g.state == GrantState::Suspended && !g.reason.is_empty();
    let to = if dead && to == GrantState::Active { GrantState::NeedsRenewal } else { to };
    if g.state != to {
        let log = house.entry(at.actor()?, action, g.id.as_str(), "");
        let moved = from.contains(&g.state) && house.store.move_grant(&g.id, g.state, to, &g.reason, &log).await?;
        if !moved {
            return Err(ApiError::new(
                Code::WrongState,
                format!("this grant is `{}`; nothing was changed", g.state.word()),
            )
            .detail(g.state.word()));
        }
        house.tell("grants", g.id.as_str());
    }
    view(house, &get(house, id).await?).await
}

/// Ends a grant here for good, then at the platform: by its call, or by its page and steps.
pub(crate) async fn revoke(at: &At<'_>, req: RevokeGrant) -> Result<RevokeDone, ApiError> {
    let house = at.house;
    let g = get(house, &req.id).await?;
    if g.state != GrantState::Suspended {
        return Err(ApiError::new(Code::WrongState, "a grant is suspended first, then revoked; nothing was changed")
            .detail(g.state.word())
            .hint("suspend it"));
    }
    if req.typed_name.trim() != g.shop_name.trim() {
        return Err(plan::wrong_fields(vec![content::error("typed_name", "unknown_name", g.shop_name.clone())]));
    }
    let connector = house.connectors.get(&g.platform).cloned().ok_or_else(|| ApiError::not_found("platform"))?;
    let owed = connector.profile().revoke == RevokeWay::Call;
    let log = house.entry(at.actor()?, "grant.revoke", g.id.as_str(), format!("shop={}", g.shop_id));
    if !house.store.erase_grant(&g.id, owed, &log).await? {
        return Err(ApiError::new(Code::WrongState, "somebody was faster; look again"));
    }
    house.tell("grants", g.id.as_str());
    let page = platforms::revoke_page(connector.profile());
    if !owed {
        return Ok(RevokeDone { acknowledged: false, queued: false, page });
    }
    settle_owed(house).await?;
    let queued = house.store.revokes_owed().await?.iter().any(|(o, _)| o.id == g.id);
    Ok(RevokeDone { acknowledged: !queued, queued, page })
}

/// Tells platforms what they are still owed. Erasing here never waited for it.
pub(crate) async fn settle_owed(house: &Arc<House>) -> Result<(), ApiError> {
    for (g, tokens) in house.store.revokes_owed().await? {
        let key = format!("revoke:{}", g.id);
        let _turn = house.turn(&key).await;
        if !house.is_due(&key) {
            continue;
        }
        let Some(connector) = house.connectors.get(&g.platform) else { continue };
        let Some(app) = platforms::app_key(house, &**connector).await? else { continue };
        match connector.revoke(&app, &tokens).await {
            Ok(RevokeOutcome::Acknowledged | RevokeOutcome::ByHand(_)) => {
                let log = house.entry_of_desk("grant.revoke_acknowledged", g.id.as_str(), "");
                house.store.revoke_settled(&g.id, &log).await?;
                house.worked(&key);
                house.tell("grants", g.id.as_str());
            }
            Err(e) => {
                tracing::warn!(error = %e, "a revocation could not be delivered; it stays owed");
                house.not_now(&key);
            }
        }
    }
    Ok(())
}

async fn get(house: &House, id: &str) -> Result<Grant, ApiError> {
    house
        .store
        .grant(&GrantId::from_stored(id))
        .await?
        .filter(|g| g.state != GrantState::Revoked)
        .ok_or_else(|| ApiError::not_found("grant"))
}

async fn view(house: &House, g: &Grant) -> Result<GrantView, ApiError> {
    let profile = house.connectors.get(&g.platform).map(|c| c.profile().clone());
    let expired = g.state == GrantState::Active && g.expires_at.is_some_and(|t| t <= house.now());
    let all = couriers::views(house).await?;
    let standing = refresh::standing(house, g).await?;
    Ok(GrantView {
        renewal: standing.word.into(),
        renews_at: standing.next.map(|t| t.0),
        renewed_at: Some(g.renewal.since).filter(|t| *t != g.granted_at).map(|t| t.0),
        days_left: g.renewal.days_left(house.now()),
        remind: standing.remind,
        id: g.id.to_string(),
        platform: g.platform.clone(),
        shop_id: g.shop_id.0.clone(),
        shop_name: g.shop_name.clone(),
        state: if expired { GrantState::NeedsRenewal } else { g.state }.word().into(),
        reason: if expired { "expired".into() } else { g.reason.clone() },
        scopes: profile.as_ref().map(|p| p.scopes.clone()).unwrap_or_default(),
        expires_at: g.expires_at.map(|t| t.0),
        granted_by: house.store.person(&g.granted_by).await?.map(|p| p.name).unwrap_or_default(),
        granted_at: g.granted_at.0,
        last_used_at: g.last_used_at.map(|t| t.0),
        couriers: all.into_iter().filter(|c| c.grant == g.id.as_str()).collect(),
        couriers_loaded_at: g.couriers_at.map(|t| t.0),
        revoke_page: profile.as_ref().map(platforms::revoke_page).unwrap_or_default(),
    })
}
