//! The connectors against the practice market: two readings of the same facts that share no code.
#![expect(clippy::unwrap_used, reason = "a test crate: its helpers may panic as its tests do")]

mod faults;
mod grants;
mod street;
mod waybills;
