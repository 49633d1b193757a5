//! People: who they are, what they may do, how they come in, what they leave in the log.
//!
//! | module | holds |
//! | --- | --- |
//! | `people` | adding, changing, leaving and coming back |
//! | `posts` | posts and the rights that they give |
//! | `certify` | one-time codes, vouching, identity cards |
//! | `session` | first run, login, switching by PIN, lock |
//! | `rules` | what the owner decided for everybody |

pub(crate) mod certify;
pub(crate) mod hours;
mod id_card;
pub mod password;
pub(crate) mod people;
pub(crate) mod posts;
pub(crate) mod rules;
pub(crate) mod session;
mod totp;
