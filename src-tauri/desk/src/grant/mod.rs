//! Grants: from "add account" to an active grant with couriers, and to its end.
//!
//! Invariants: code, state, verifier and tokens never leave Rust (the link does, to a browser or a terminal); a code is
//! exchanged once; nothing is `active` that a person has not confirmed; the first valid door wins.
//! A refresh token is shown only after the showing was written down. Absent: the relay of other people's servers.

pub(crate) mod answer;
pub(crate) mod attempts;
pub(crate) mod couriers;
pub(crate) mod exchange;
pub(crate) mod grants;
pub mod loopback;
pub(crate) mod platforms;
pub(crate) mod refresh;
