//! Taobao Open Platform (TOP): grants in own-app mode, and Cainiao e-waybills.
//!
//! Renewal works for apps listed in the service market; the token of a merchant's own app has a fixed length.
//! Absent: orders, shipping, sub-accounts, push (later issues).

mod answer;
mod oauth;
mod refusal;
mod router;
mod shape;
mod sign;
#[cfg(test)]
mod specimen;
mod waybills;
mod wire;

use crate::endpoints::TaobaoPlaces;
use crate::http::Http;
use async_trait::async_trait;
use domain::clock::Clock;
use domain::connector::{
    AppKey, AuthorizeRequest, CallError, Connector, Door, ExchangeRequest, Profile, RevokeOutcome, RevokeWay,
    SecretMode, ShopIdentity, Tokens, WaybillService,
};
use domain::secret::Secret;
use refusal::Act;
use router::Router;
use std::sync::Arc;
use std::time::Duration;
use url::Url;
use waybills::Waybills;

/// The connector `taobao`.
pub(crate) struct Taobao {
    profile: Profile,
    places: TaobaoPlaces,
    http: Arc<Http>,
    clock: Arc<dyn Clock>,
    router: Arc<Router>,
    waybills: Waybills,
}

impl Taobao {
    pub fn new(places: TaobaoPlaces, http: Arc<Http>, clock: Arc<dyn Clock>) -> Self {
        let router = Arc::new(Router::new(http.clone(), places.router.clone(), clock.clone()));
        let profile = Profile {
            id: "taobao".into(),
            trial_only: false,
            secret_mode: SecretMode::OwnApp,
            doors: vec![Door::Loopback, Door::Scheme, Door::Paste],
            callback_registered: true,
            pkce: false,
            state: true,
            issuer: None,
            // Not in the facts; RFC 6749 §4.1.2 allows ten minutes at most.
            code_life: Duration::from_secs(600),
            scopes: ["shop.read", "couriers.read", "waybill.issue"].map(String::from).to_vec(),
            revoke: RevokeWay::Page(places.revoke_page.to_string()),
            couriers: true,
        };
        Self { profile, waybills: Waybills::new(router.clone()), places, http, clock, router }
    }
}

#[async_trait]
impl Connector for Taobao {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn browser_hosts(&self) -> Vec<String> {
        let mut hosts: Vec<String> = [&self.places.authorize, &self.places.revoke_page]
            .into_iter()
            .filter_map(|u| u.host_str().map(str::to_owned))
            .collect();
        hosts.dedup();
        hosts
    }

    fn authorize_url(&self, req: &AuthorizeRequest<'_>) -> Result<Url, CallError> {
        oauth::authorize_url(&self.places.authorize, req)
    }

    async fn exchange(&self, req: &ExchangeRequest<'_>) -> Result<Tokens, CallError> {
        let asked = self.clock.wall();
        let answer = self.http.post_form(&self.places.token, oauth::exchange_form(req)?).await?;
        oauth::tokens(&answer, asked)
    }

    async fn refresh(&self, app: &AppKey, refresh: &Secret) -> Result<Tokens, CallError> {
        let asked = self.clock.wall();
        let answer = self.http.post_form(&self.places.token, oauth::refresh_form(app, refresh)?).await?;
        oauth::tokens(&answer, asked)
    }

    async fn identify(&self, app: &AppKey, tokens: &Tokens) -> Result<ShopIdentity, CallError> {
        if let Some(known) = &tokens.identity {
            return Ok(known.clone());
        }
        let fields = [("fields", "user_id,nick".to_owned())];
        let reply = self.router.call(app, &tokens.access, Act::Read, "taobao.user.seller.get", &fields).await?;
        oauth::seller(&reply.body)
    }

    /// TOP has no call for it: a person ends the grant on the platform's page.
    async fn revoke(&self, _app: &AppKey, _tokens: &Tokens) -> Result<RevokeOutcome, CallError> {
        Ok(RevokeOutcome::ByHand(self.places.revoke_page.to_string()))
    }

    fn waybills(&self) -> Option<&dyn WaybillService> {
        Some(&self.waybills)
    }
}
