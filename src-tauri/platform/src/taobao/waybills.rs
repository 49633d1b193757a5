//! Cainiao e-waybills on TOP as [`WaybillService`]. Source: platform facts §1.7.
//!
//! Invariants: `get` is never sent before a template address is known, so a failure on the way to
//! it charged nothing; nothing is called twice for one request.

use super::refusal::Act;
use super::router::{Reply, Router};
use super::shape::{truth, unreadable};
use super::{answer, wire};
use async_trait::async_trait;
use domain::connector::{
    AppKey, CallError, CourierOffer, Found, IssueRequest, Issued, Refusal, RefusalKind, WaybillService,
};
use domain::ids::{CourierCode, WaybillNo};
use domain::secret::Secret;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The e-waybill calls.
pub(crate) struct Waybills {
    router: Arc<Router>,
    /// Template address by courier code. Standard templates are the same for every shop.
    templates: Mutex<HashMap<String, String>>,
}

impl Waybills {
    pub fn new(router: Arc<Router>) -> Self {
        Self { router, templates: Mutex::default() }
    }

    /// The courier's template address. Errors: `Refused`, or `NotSent` where nothing is known: no number was asked for.
    async fn template(&self, app: &AppKey, access: &Secret, courier: &CourierCode) -> Result<String, CallError> {
        if let Some(url) = self.cache().get(&courier.0) {
            return Ok(url.clone());
        }
        let fresh = self
            .router
            .call(app, access, Act::Read, "cainiao.cloudprint.stdtemplates.get", &[])
            .await
            .and_then(|reply| answer::templates(&reply.body))
            .map_err(|e| match e {
                CallError::Unknown(why) => CallError::NotSent(format!("the list of templates did not come: {why}")),
                certain @ (CallError::NotSent(_) | CallError::Refused(_)) => certain,
            })?;
        let mut cache = self.cache();
        *cache = fresh;
        cache
            .get(&courier.0)
            .cloned()
            .ok_or_else(|| CallError::NotSent(format!("the platform lists no template for courier {courier}")))
    }

    /// One call for the numbers of all of `reqs`.
    async fn get(&self, app: &AppKey, access: &Secret, reqs: &[&IssueRequest]) -> Result<Reply, CallError> {
        let first = *reqs.first().ok_or_else(|| CallError::NotSent("no parcel was given".to_owned()))?;
        for (i, req) in reqs.iter().enumerate() {
            wire::check(req)?;
            let together = (&req.courier, &req.customer_code, &req.sender)
                == (&first.courier, &first.customer_code, &first.sender);
            if !together || reqs[..i].iter().any(|other| other.object_id == req.object_id) {
                return Err(CallError::NotSent("these parcels cannot share a call".to_owned()));
            }
        }
        if reqs.len() > self.most_per_call() {
            return Err(CallError::NotSent(format!("{} parcels in one call", reqs.len())));
        }
        let template = self.template(app, access, &first.courier).await?;
        let param = ("param_waybill_cloud_print_apply_new_request", wire::apply(reqs, &template));
        let end = self.router.call(app, access, Act::Write, "cainiao.waybill.ii.get", &[param]).await;
        if let Err(CallError::Refused(r)) = &end
            && r.message.contains("模版")
        {
            // Templates get new versions; the next parcel reads the list again.
            self.cache().remove(&first.courier.0);
        }
        end
    }

    fn cache(&self) -> std::sync::MutexGuard<'_, HashMap<String, String>> {
        self.templates.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl WaybillService for Waybills {
    /// No published figure; the practice of others is to ask again after a minute.
    fn settle_time(&self) -> Duration {
        Duration::from_secs(60)
    }

    async fn couriers(&self, app: &AppKey, access: &Secret) -> Result<Vec<CourierOffer>, CallError> {
        let reply = self.router.call(app, access, Act::Read, "cainiao.waybill.ii.search", &[]).await?;
        answer::couriers(&reply.body)
    }

    async fn issue(&self, app: &AppKey, access: &Secret, req: &IssueRequest) -> Result<Issued, CallError> {
        answer::issued(&self.get(app, access, &[req]).await?, req)
    }

    /// Facts §1.7: `trade_order_info_dtos` takes ten.
    fn most_per_call(&self) -> usize {
        10
    }

    async fn issue_many(&self, app: &AppKey, access: &Secret, reqs: &[IssueRequest]) -> Vec<Result<Issued, CallError>> {
        let asked: Vec<&IssueRequest> = reqs.iter().collect();
        match self.get(app, access, &asked).await {
            Ok(reply) => answer::issued_many(&reply, &asked),
            Err(e) => asked.iter().map(|_| Err(e.clone())).collect(),
        }
    }

    async fn find(&self, app: &AppKey, access: &Secret, req: &IssueRequest) -> Result<Found, CallError> {
        wire::check(req)?;
        let param = ("param_list", wire::by_order(req));
        let reply = self.router.call(app, access, Act::Read, "cainiao.waybill.ii.query.by.tradecode", &[param]).await?;
        answer::found_by_order(&reply, req)
    }

    async fn look_up(
        &self,
        app: &AppKey,
        access: &Secret,
        courier: &CourierCode,
        number: &WaybillNo,
    ) -> Result<Found, CallError> {
        let param = ("param_list", wire::by_number(courier, number));
        let reply =
            self.router.call(app, access, Act::Read, "cainiao.waybill.ii.query.by.waybillcode", &[param]).await?;
        answer::found_by_number(&reply, courier, number)
    }

    async fn cancel(
        &self,
        app: &AppKey,
        access: &Secret,
        courier: &CourierCode,
        number: &WaybillNo,
    ) -> Result<(), CallError> {
        let params = [("cp_code", courier.0.clone()), ("waybill_code", number.0.clone())];
        let reply = self.router.call(app, access, Act::Write, "cainiao.waybill.ii.cancel", &params).await?;
        match truth(&reply.body, "cancel_result") {
            Some(true) => Ok(()),
            Some(false) => Err(CallError::Refused(Refusal {
                kind: RefusalKind::Other,
                code: "cancel_result=false".into(),
                message: String::new(),
            })),
            None => Err(unreadable("cancel_result")),
        }
    }
}

#[cfg(test)]
#[path = "waybills_tests.rs"]
mod tests;
