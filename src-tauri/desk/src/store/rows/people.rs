//! People and the action log.

use crate::rights::Role;
use domain::clock::Millis;
use domain::ids::PersonId;
use std::time::Duration;

/// One row of the action log, before it is chained.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Wall time.
    pub at: Millis,
    /// Monotonic time of this process.
    pub mono: Duration,
    /// Person id; `desk` for what the program does by itself.
    pub person: String,
    /// Window, terminal, worker.
    pub station: String,
    /// What was done: `order.submit`, `waybill.issued`, `refused` …
    pub action: String,
    /// Id of what it was done to.
    pub object: String,
    /// More, without personal data and secrets.
    pub detail: String,
}

/// A row as read.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// Number in the chain, from 1.
    pub seq: i64,
    /// Wall time.
    pub at: Millis,
    /// Person id or `desk`.
    pub person: String,
    /// Station.
    pub station: String,
    /// What.
    pub action: String,
    /// To what.
    pub object: String,
    /// More.
    pub detail: String,
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// As typed at creation; never changed (R81).
    pub name: String,
    /// Post.
    pub role: Role,
    /// Argon2id PHC string.
    pub password_phc: String,
    /// When.
    pub created_at: Millis,
    /// Last login.
    pub last_login_at: Option<Millis>,
}
