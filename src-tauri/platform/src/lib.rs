//! The platforms as the desk sees them: one folder a platform, each a [`domain::connector::Connector`], and the one
//! HTTP client they share.
//!
//! Invariants: a call ends in exactly one of the three ways of [`domain::connector::CallError`]; nothing is ever
//! retried here, neither by us nor by the HTTP library; redirects are never followed; no address is plain `http` but
//! the practice market's and a test's on this computer.
//!
//! Deliberately absent: storage, the attempt's state machine, callbacks and doors (the desk's), renewal of grants,
//! words for people. Tokens, codes, print data and bodies are never logged.

mod endpoints;
mod grant_error;
mod http;
mod sms;
mod standard;
mod taobao;
#[cfg(test)]
mod testing;

pub use endpoints::{EndpointError, Endpoints, StandardServer, connectors, connectors_within};
pub use http::Limits;
pub use sms::SmsGateway;
pub use standard::{DiscoveryError, discover};
