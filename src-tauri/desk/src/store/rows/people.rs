//! People and the action log.

use crate::rights::Permission;
use domain::clock::Millis;
use domain::ids::PersonId;
use domain::secret::Secret;
use serde::{Deserialize, Serialize};
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

/// Which rows of the log are wanted.
#[derive(Clone, Debug, Default)]
pub struct LogQuery {
    /// Rows with a number below this.
    pub before: Option<i64>,
    /// At most.
    pub limit: u32,
    /// By this person (id, or `desk`); empty = by anybody.
    pub person: String,
    /// About this object; empty = about any.
    pub object: String,
    /// Actions that begin so; empty = all.
    pub action: String,
    /// From here on, wall time.
    pub from: Option<Millis>,
    /// Up to here, not with.
    pub to: Option<Millis>,
}

/// What is wrong with a row of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFault {
    /// It does not say what it said when it was written.
    Altered,
    /// It is as it was written, and what was written before it is not there.
    Missing,
}

/// What a look through the whole log found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogCheck {
    /// Rows there are.
    pub rows: i64,
    /// The first row that does not fit, by its number.
    pub fault: Option<(i64, LogFault)>,
    /// Hash of the last row that fits, 64 hex digits.
    pub head: String,
    /// Hashes of the rows that were asked for, as far as they are there and fit.
    pub hashes: Vec<(i64, String)>,
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// As typed at creation; never changed (R81).
    pub name: String,
    /// [`crate::rights::OWNER`], the id of a post, or empty: own ticks only.
    pub post: String,
    /// Rights ticked beside those of the post.
    pub extra: Vec<Permission>,
    /// Sealed.
    pub card: PersonCard,
    /// Argon2id PHC string.
    pub password_phc: String,
    /// When that was set.
    pub password_at: Millis,
    /// It met the rule for weighty rights.
    pub password_strong: bool,
    /// When.
    pub created_at: Millis,
    /// Last login.
    pub last_login_at: Option<Millis>,
    /// Gone since; the name stays taken and the history stays.
    pub departed_at: Option<Millis>,
    /// From when the days for certification count: the creation, or the return.
    pub certify_from: Millis,
    /// When, and how: `totp`, `vouched`, `before` (worked here before there was certification).
    pub certified: Option<(Millis, String)>,
    /// Has a secret for one-time codes.
    pub has_totp: bool,
    /// When a person may log in; empty = always.
    pub hours: Vec<Hours>,
    /// `password`; `totp`, `sms`: a one-time code as well.
    pub login_method: String,
    /// Has a PIN for this station.
    pub has_pin: bool,
    /// The badge, if there is one.
    pub badge: Option<Badge>,
    /// Proved at the first use of the people page who it is.
    pub checked_at: Option<Millis>,
}

/// What is known of a badge beside its hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Badge {
    /// Since when.
    pub at: Millis,
    /// Not made by this program: its code may be short, or in a row with others.
    pub own: bool,
}

/// Who a person is beside the login name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonCard {
    /// True name.
    pub real_name: String,
    /// Phone.
    pub phone: String,
}

/// A span of time in which a person may log in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hours {
    /// Monday first.
    pub days: [bool; 7],
    /// Minutes of the day, from and up to (not with). A span whose end is not after its start reaches into the next day.
    pub from: u16,
    /// See `from`.
    pub to: u16,
}

/// What changes about a person; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct PersonChange {
    /// Post and own ticks.
    pub place: Option<(String, Vec<Permission>)>,
    /// True name and phone.
    pub card: Option<PersonCard>,
    /// New hash, since when, and whether it is long enough for weighty rights.
    pub password: Option<(String, Millis, bool)>,
    /// New hash of the PIN; empty = none.
    pub pin_phc: Option<String>,
    /// Goes, or (inner `None`) comes back.
    pub departed_at: Option<Option<Millis>>,
    /// Who takes over open attempts and batches.
    pub hand_over_to: Option<PersonId>,
    /// Days for certification count from here; what was certified is not any more.
    pub certify_from: Option<Millis>,
    /// Certified: when, how, with which ID number (kept as keyed hash; `Taken` when it is another's).
    pub certified: Option<(Millis, String, Option<Secret>)>,
    /// New secret for one-time codes.
    pub totp: Option<Secret>,
    /// Login hours.
    pub hours: Option<Vec<Hours>>,
    /// `password`, `totp` or `sms`.
    pub login_method: Option<String>,
    /// Another badge (its code, kept as a keyed hash; `Taken` when it is another's), or (inner `None`) none any more. The one
    /// before it is void.
    pub badge: Option<Option<(Secret, Badge)>>,
    /// Proved who it is, or (inner `None`) has to again.
    pub checked_at: Option<Option<Millis>>,
}

/// What a person's one-time codes and PIN are checked against.
#[derive(Clone, Debug, Default)]
pub struct PersonKeys {
    /// Secret of the codes, base32.
    pub totp: Option<Secret>,
    /// The last step whose code was taken: it counts once.
    pub totp_step: i64,
    /// Argon2id PHC string; empty = none.
    pub pin_phc: String,
    /// Wrong PINs since the last right one.
    pub pin_failures: u32,
}

/// A post as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// A built-in post's, or `post-…`.
    pub id: String,
    /// As the owner named it; empty for built-in ones.
    pub name: String,
    /// What it gives.
    pub rights: Vec<Permission>,
    /// Not offered any more.
    pub removed: bool,
}
