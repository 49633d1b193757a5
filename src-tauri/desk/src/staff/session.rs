//! Coming in and going out: first run, login, lock. Wrong name and wrong password get the same answer after the same work.

use crate::api::{ApiError, AppState, Code, Done, Login, LoginDone, Me, Nothing, SetupOwner};
use crate::door::{At, Place};
use crate::house::House;
use crate::rights::{Actor, Role};
use crate::staff::{password, people};
use crate::store::Person;
use crate::vault::KeyPlace;
use domain::secret::Secret;
use std::time::Duration;

/// How long a terminal's session lasts.
const TERMINAL_SESSION: Duration = Duration::from_secs(12 * 3600);

/// What a face needs before login. Safe for anyone: names only, as on any shared PC's login page.
pub(crate) async fn state(at: &At<'_>, _: Nothing) -> Result<AppState, ApiError> {
    let people = at.house.store.people().await?;
    Ok(AppState {
        version: env!("CARGO_PKG_VERSION").into(),
        trial: at.house.trial,
        trial_password: if at.house.trial { crate::trial::PASSWORD.into() } else { String::new() },
        first_run: people.is_empty(),
        me: at.maybe_actor().map(me),
        people: people.into_iter().map(|p| p.name).collect(),
        key_place: match at.house.vault.place() {
            KeyPlace::OsStore { .. } => "os_store".into(),
            KeyPlace::Passphrase => "passphrase".into(),
        },
        folder: at.house.folder.display().to_string(),
    })
}

/// First run. Safe for anyone: works only while there is no person at all, and the store has one place for an owner.
pub(crate) async fn setup_owner(at: &At<'_>, req: SetupOwner) -> Result<Me, ApiError> {
    if !at.house.store.people().await?.is_empty() {
        return Err(ApiError::new(Code::WrongState, "this desk has an owner already; nobody was added").hint("log in"));
    }
    let person = people::new_person(at, &req.name, Role::Owner, Secret::new(req.password)).await?;
    let actor = actor_of(&person, &at.door.station);
    let log = at.house.entry(&actor, "setup.owner", person.id.as_str(), "");
    people::add_or_taken(at, &person, &log).await?;
    at.door.step_in(Some(actor.clone()));
    at.house.tell("session", "");
    Ok(me(&actor))
}

/// Login, and unlock. Safe for anyone: it is how a person becomes one.
pub(crate) async fn login(at: &At<'_>, req: Login) -> Result<LoginDone, ApiError> {
    let house = at.house;
    // One try at a time under one name: parallel guesses must not slip past the count.
    let _turn = house.turn(&format!("login:{}", crate::store::fold_name(&req.name))).await;
    let now = house.now();
    let (failures, wait_until) = house.store.login_tries(&req.name).await?;
    if wait_until > now {
        return Err(wait_error(wait_until.since(now)));
    }
    let given = Secret::new(req.password);
    let person = house.store.person_named(&req.name).await?;
    let phc = person.as_ref().map(|p| p.password_phc.clone());
    let chance = house.chance.clone();
    let (verdict, renewed) = tokio::task::spawn_blocking(move || match phc {
        Some(phc) => {
            let v = password::verify(&given, &phc);
            let renewed = (v == password::Verdict::RightButOld).then(|| password::hash(&given, &*chance));
            (v, renewed)
        }
        None => {
            password::burn(&given);
            (password::Verdict::Wrong, None)
        }
    })
    .await
    .map_err(ApiError::internal)?;

    let Some(person) = person.filter(|_| verdict != password::Verdict::Wrong) else {
        let failures = failures.saturating_add(1);
        let wait = wait_after(failures);
        let log = house.entry_of_desk("login.failed", "", format!("failures={failures}"));
        house.store.login_failed(&req.name, failures, now.plus(wait), &log).await?;
        return Err(if wait.is_zero() {
            ApiError::new(Code::LoginWrong, "name or password is wrong").hint("check the name that is chosen")
        } else {
            wait_error(wait)
        });
    };

    let actor = actor_of(&person, &at.door.station);
    let log = house.entry(&actor, "login", person.id.as_str(), "");
    house.store.logged_in(&person.id, now, renewed.as_deref(), &log).await?;
    let (token, expires) = match at.door.place {
        Place::Window | Place::Face => (String::new(), now),
        Place::Terminal => {
            let token = house.chance.hex(32);
            let expires = now.plus(TERMINAL_SESSION);
            house.store.add_session(&token, &person.id, expires).await?;
            (token, expires)
        }
    };
    at.door.step_in(Some(actor.clone()));
    house.tell("session", "");
    Ok(LoginDone { me: me(&actor), token, expires_at: expires.0 })
}

/// Locks this place. Safe for anyone: it only takes rights away.
pub(crate) async fn lock(at: &At<'_>, _: Nothing) -> Result<Done, ApiError> {
    if let Some(actor) = at.maybe_actor() {
        at.house.store.note(&at.house.entry(actor, "lock", actor.id.as_str(), "")).await?;
    }
    at.door.step_in(None);
    at.house.tell("session", "");
    Ok(Done {})
}

/// Ends this person's session here and at terminals. Safe for anyone: it only takes rights away.
pub(crate) async fn logout(at: &At<'_>, _: Nothing) -> Result<Done, ApiError> {
    if let Some(actor) = at.maybe_actor() {
        let log = at.house.entry(actor, "logout", actor.id.as_str(), "");
        at.house.store.end_sessions(&actor.id, &log).await?;
    }
    at.door.step_in(None);
    at.house.tell("session", "");
    Ok(Done {})
}

/// The person of a terminal session; `None` for an unknown or ended one.
pub(crate) async fn actor_of_token(house: &House, token: &str, station: &str) -> Result<Option<Actor>, ApiError> {
    Ok(house.store.session(token, house.now()).await?.map(|p| actor_of(&p, station)))
}

/// Five tries are free, then 1, 2, 4 … 1024 s: about a hundred guesses a day.
fn wait_after(failures: u32) -> Duration {
    match failures {
        0..=5 => Duration::ZERO,
        n => Duration::from_secs(1 << (n - 6).min(10)),
    }
}

fn wait_error(wait: Duration) -> ApiError {
    let s = wait.as_secs().max(1);
    ApiError::new(Code::LoginWait, format!("too many wrong passwords: wait {s} s")).detail(s.to_string())
}

fn actor_of(p: &Person, station: &str) -> Actor {
    Actor { id: p.id.clone(), name: p.name.clone(), role: p.role, station: station.to_owned() }
}

fn me(a: &Actor) -> Me {
    Me {
        id: a.id.to_string(),
        name: a.name.clone(),
        role: a.role.word().into(),
        rights: a.role.rights().iter().map(|p| p.word().to_owned()).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guessing_gets_slower_and_stays_slow() {
        assert_eq!(wait_after(5), Duration::ZERO);
        assert_eq!([6, 7, 8].map(|n| wait_after(n).as_secs()), [1, 2, 4]);
        assert_eq!(wait_after(1000).as_secs(), 1024, "the wait has a ceiling");
        // A day of guesses: 5 free ones, the climb, then one every 1024 s.
        let (mut t, mut n) = (0, 0);
        while t < 86_400 {
            n += 1;
            t += wait_after(n).as_secs();
        }
        assert!(n <= 100, "{n} guesses fit into a day");
    }
}
