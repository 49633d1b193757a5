//! The practice Taobao: authorize page, token address, and the TOP gateway with e-waybill methods.
//!
//! Where the platform's rule is not published, this market decides and says so: a number given back is never revived
//! (the same order list with the same package id is refused, a new package id gets a new number); a number given back
//! twice is acknowledged twice; `simplify=true` takes the wrapper named after the method away, as the vendor's SDKs
//! read it; answers of the gateway are HTTP 200, of the token address 400 on errors.

mod authorize;
mod gateway;
mod print_data;
pub(super) mod sign;
mod token;
mod waybill;
mod waybill_request;

use super::Inner;
use std::sync::Arc;

pub(crate) fn routes() -> axum::Router<Arc<Inner>> {
    authorize::routes().merge(token::routes()).merge(gateway::routes())
}
