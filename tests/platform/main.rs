//! The connectors against the practice market: two readings of the same facts that share no code.

mod faults;
mod grants;
mod street;
mod waybills;
