//! One process owns a data folder; everybody else speaks to it through a local socket only its user can open.
//!
//! Invariants:
//! - the lock on `owner.lock` is held from [`Claim::take`] until the claim, the serving and every answer under way are
//!   gone; the system lets go of it when the process dies, so nothing has to be cleaned up after a crash;
//! - the socket belongs to the holder of the lock: whoever holds it may remove what an earlier owner left;
//! - a frame from outside is at most 16 MiB and costs only the memory of what has really arrived.
//!
//! Deliberately absent: what the requests mean (the desk's table of commands), rights (each request carries its
//! session), and any port a web page could reach.

mod address;
mod claim;
mod frame;
mod socket;

#[cfg(test)]
mod claim_tests;
#[cfg(test)]
mod socket_tests;

pub use claim::{Claim, ClaimError};
pub use frame::MOST_BYTES;
pub use socket::{AskError, ServeError, Serving, ask, serve};
