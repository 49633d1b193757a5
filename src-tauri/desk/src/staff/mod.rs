//! People: who they are, how they come in, what they leave in the log.

pub mod password;
pub(crate) mod people;
pub(crate) mod session;
