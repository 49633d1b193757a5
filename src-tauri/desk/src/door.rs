//! Where one person at a time stands: a window, one run of the command line. Holds the session; asks the right.

use crate::api::{ApiError, Code};
use crate::house::House;
use crate::rights::{Access, Actor, Permission, Standing};
use crate::staff::{hours, session};
use serde_json::Value;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What kind of place a door is: secrets that may be printed in a terminal may not enter a webview.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A webview.
    Window,
    /// The program around a webview: what it is given it draws or hands on, and no script in the webview sees it.
    Face,
    /// A terminal or a script.
    Terminal,
}

/// A door to the desk.
#[derive(Clone)]
pub struct Door {
    pub(crate) house: Arc<House>,
    pub(crate) place: Place,
    pub(crate) station: String,
    /// With the count of changes to people that it was read at.
    who: Arc<Mutex<Option<(Actor, u64)>>>,
}

/// A call that was let in.
pub(crate) struct At<'a> {
    pub house: &'a Arc<House>,
    pub door: &'a Door,
    actor: Option<Actor>,
}

impl At<'_> {
    /// The person. Commands whose access is not `Anyone` always have one.
    pub fn actor(&self) -> Result<&Actor, ApiError> {
        self.actor.as_ref().ok_or_else(not_logged_in)
    }
    /// The person, if any.
    pub fn maybe_actor(&self) -> Option<&Actor> {
        self.actor.as_ref()
    }
}

fn not_logged_in() -> ApiError {
    ApiError::new(Code::NotLoggedIn, "nobody is logged in here").hint("log in; what was typed is kept")
}

impl Door {
    pub(crate) fn new(house: Arc<House>, place: Place, station: &str) -> Self {
        Self { house, place, station: station.to_owned(), who: Arc::new(Mutex::new(None)) }
    }

    /// The same door, the same person, another place.
    #[must_use]
    pub fn beside(&self, place: Place) -> Self {
        Self { place, ..self.clone() }
    }

    /// Runs a command of the table for the person at this door.
    pub async fn call(&self, command: &str, request: Value) -> Result<Value, ApiError> {
        crate::api::call(self, command, request).await
    }

    /// Goes on with a session kept by an earlier `session.login` at a terminal. An unknown or ended token leaves the
    /// door without a person.
    pub async fn resume(&self, token: &str) -> Result<(), ApiError> {
        let actor = crate::staff::session::actor_of_token(&self.house, token, &self.station).await?;
        self.step_in(actor);
        Ok(())
    }

    pub(crate) fn step_in(&self, actor: Option<Actor>) {
        // Read again at the first command: between the look at this person and now, somebody may have taken a right away.
        *self.lock() = actor.map(|a| (a, u64::MAX));
    }

    /// Who stands here. Somebody whose rights changed, or who left, is looked at again first; so is somebody whose days for
    /// the certification, or whose login hours, have ended.
    pub(crate) async fn person(&self) -> Result<Option<Actor>, ApiError> {
        let seen = self.house.people_seen();
        let Some((actor, at)) = self.lock().clone() else { return Ok(None) };
        let now = self.house.now();
        let over = matches!(actor.standing, Standing::Until(t) if t <= now);
        let actor = if at == seen && !over {
            actor
        } else {
            let Some(fresh) = session::again(&self.house, &actor).await? else {
                self.step_out(&actor);
                return Ok(None);
            };
            let mut who = self.lock();
            // Somebody else may have stepped in meanwhile.
            if who.as_ref().is_some_and(|(a, _)| a.id == fresh.id) {
                *who = Some((fresh.clone(), seen));
            }
            fresh
        };
        if !hours::are_now(&actor.hours, now) {
            self.step_out(&actor);
            self.house.tell("session", "");
            return Ok(None);
        }
        Ok(Some(actor))
    }

    /// This person goes, if still here.
    fn step_out(&self, actor: &Actor) {
        let mut who = self.lock();
        if who.as_ref().is_some_and(|(a, _)| a.id == actor.id) {
            *who = None;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<(Actor, u64)>> {
        self.who.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn admit(&self, access: Access) -> Result<At<'_>, ApiError> {
        let actor = self.person().await?;
        let needs = match access {
            Access::Anyone => None,
            Access::LoggedIn => {
                actor.as_ref().ok_or_else(not_logged_in)?;
                None
            }
            Access::May(p) | Access::AtFirst(p) => Some(p),
            Access::NotInWebview(p) if self.place != Place::Window => Some(p),
            Access::NotInWebview(p) => {
                self.refuse(actor.as_ref(), p).await;
                return Err(not_allowed(p));
            }
        };
        if let Some(p) = needs {
            let person = actor.as_ref().ok_or_else(not_logged_in)?;
            if !person.may(p) {
                self.refuse(Some(person), p).await;
                return Err(if person.is_given(p) { not_certified(person, p) } else { not_allowed(p) });
            }
            if person.password_due.is_some_and(|t| t <= self.house.now()) {
                return Err(ApiError::new(Code::PasswordDue, "this password has served its time; nothing was done")
                    .hint("change the password, then go on"));
            }
            if person.must_prove(p) && !matches!(access, Access::AtFirst(_)) {
                return Err(ApiError::new(
                    Code::FirstUse,
                    "the first use of people asks once who you are; nothing was done",
                )
                .hint("prove it with a one-time code: `waybill people first-use`"));
            }
            self.house.right_used(person, p).await;
        }
        Ok(At { house: &self.house, door: self, actor })
    }

    /// A refusal leaves a line: who tried what.
    async fn refuse(&self, actor: Option<&Actor>, p: Permission) {
        let entry = match actor {
            Some(a) => self.house.entry(a, "refused", p.word(), ""),
            None => self.house.entry_of_desk("refused", p.word(), ""),
        };
        if let Err(e) = self.house.store.note(&entry).await {
            tracing::warn!(error = %e, "a refusal could not be logged");
        }
    }
}

/// The right is there, the certification is not (R90, R91).
fn not_certified(person: &Actor, p: Permission) -> ApiError {
    let overdue = person.standing == Standing::Overdue;
    ApiError::new(Code::NotCertified, format!("`{}` waits until this account is certified; nothing was done", p.word()))
        .detail(if overdue { "overdue" } else { "until" })
        .hint("certify with a code from the account's own QR code, or ask the owner to vouch")
}

fn not_allowed(p: Permission) -> ApiError {
    ApiError::new(Code::NotAllowed, format!("this needs the right `{}`", p.word()))
        .detail(p.word())
        .hint("ask the owner; nothing was done")
}
