//! People: who they are, what they may do, how they come in, what they leave in the log.
//!
//! | module | holds |
//! | --- | --- |
//! | `people` | adding, changing, leaving and coming back |
//! | `posts` | posts and the rights that they give |
//! | `certify` | one-time codes, vouching, identity cards |
//! | `session` | first run, login, switching by PIN, lock |
//! | `rules` | what the owner decided for everybody |
//! | `first_use` | the proof that the first use of people asks for once |
//! | `sms` | codes by text message, and the service that sends them |
//! | `badge` | badges: made, printed, scanned in, used at the locked screen |

pub(crate) mod badge;
pub(crate) mod certify;
pub(crate) mod first_use;
pub(crate) mod hours;
mod id_card;
pub mod password;
pub(crate) mod people;
pub(crate) mod posts;
pub(crate) mod rules;
pub(crate) mod session;
pub(crate) mod sms;
mod totp;
