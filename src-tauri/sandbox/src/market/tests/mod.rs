//! The market as a client sees it: over real sockets, with a client of its own.

mod client;
mod control;
mod faults;
mod gateway;
mod oauth;
mod waybills;
