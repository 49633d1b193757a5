//! The product: use cases and the one table of commands ([`api`]).
//!
//! The only place with use cases. Each takes a call that was let in at a [`Door`] (or is the worker's, or an answer that a
//! browser brings), does the work, and writes its log row in the same transaction. Time, chance, platforms and printers
//! come in from outside.
//! Absent: Tauri, clap, translations (errors carry a code, and English for scripts), SQL outside `store/`.

pub mod api;
mod aside;
mod away;
mod backup;
pub mod batch;
mod carrier;
mod courier_names;
mod data;
mod disk;
mod door;
pub mod grant;
mod house;
pub mod instance;
mod kill;
pub mod log;
mod open;
pub mod order;
pub mod printing;
pub mod remote;
pub mod rights;
pub mod staff;
pub mod store;
mod template;
pub mod trial;
mod trouble;
pub mod vault;
pub mod waybill;
mod worker;

pub use api::{ApiError, Code};
pub use aside::put_aside;
pub use away::Away;
pub use door::{Door, Place};
pub use house::{Event, Host, NoHost};
pub use open::{Desk, OpenError, Setup};
