//! The waybill saga at work: asking for a number once, clearing up the unknown, giving a number back. The states and
//! their moves are `domain::waybill`; every move is on disk before what follows it.

pub(crate) mod cancel;
pub(crate) mod issue;
pub(crate) mod reconcile;

use crate::api::ApiError;
use crate::house::House;
use crate::store::{Waybill, WaybillChange};
use domain::connector::{AppKey, Connector, RefusalKind, Tokens, WaybillService};
use domain::secret::Secret;
use domain::waybill::{WaybillEvent, WaybillState, next};
use std::sync::Arc;
use std::time::Duration;

/// How long after a person's press the machine still prints by itself.
pub(crate) const PRESS_LIVES: Duration = Duration::from_secs(600);

/// What is needed to talk to the platform for a grant.
pub(crate) struct Line {
    pub connector: Arc<dyn Connector>,
    pub app: AppKey,
    pub tokens: Tokens,
}

impl Line {
    /// The e-waybill calls.
    pub fn waybills(&self) -> Option<&dyn WaybillService> {
        self.connector.waybills()
    }
    /// The access token.
    pub fn access(&self) -> &Secret {
        &self.tokens.access
    }
}

/// Opens the line of a grant; `None` when something that is needed is gone (grant erased, app removed).
pub(crate) async fn line(house: &House, grant: &domain::ids::GrantId) -> Result<Option<Line>, ApiError> {
    let Some(g) = house.store.grant(grant).await? else { return Ok(None) };
    let Some(connector) = house.connectors.get(&g.platform).cloned() else { return Ok(None) };
    let Some(tokens) = house.store.tokens(grant).await? else { return Ok(None) };
    let Some(app) = crate::grant::platforms::app_key(house, &*connector).await? else { return Ok(None) };
    Ok(Some(Line { connector, app, tokens }))
}

/// Moves an attempt by an event. `false`: somebody was faster, or the event has no place; nothing was written.
pub(crate) async fn step(
    house: &House,
    w: &Waybill,
    event: WaybillEvent,
    change: WaybillChange,
    action: &str,
    detail: String,
) -> Result<bool, ApiError> {
    let Some(to) = next(w.state, event) else { return Ok(false) };
    let log = house.entry_of_desk(action, w.parcel.as_str(), detail);
    let moved = house.store.move_waybill(&w.id, w.state, to, &change, &log).await?;
    if moved {
        house.tell("parcel", w.parcel.as_str());
    }
    Ok(moved)
}

/// A platform said the grant is dead: every screen shows it from now on.
pub(crate) async fn note_refusal(house: &House, w: &Waybill, kind: RefusalKind) {
    if kind != RefusalKind::GrantDead {
        return;
    }
    crate::grant::refresh::dead(house, &w.grant).await;
}

/// Reads the attempt again: states move under our feet.
pub(crate) async fn fresh(house: &House, w: &Waybill) -> Result<Option<Waybill>, ApiError> {
    Ok(house.store.waybill(&w.id).await?)
}

/// In one of these a number may hang in the air.
pub(crate) const OPEN_ENDS: &[WaybillState] = &[WaybillState::Unknown, WaybillState::NeedsPerson];
