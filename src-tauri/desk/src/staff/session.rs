//! Coming in and going out: first run, login, lock. Wrong name and wrong password get the same answer after the same work.

use crate::api::{
    ApiError, AppState, Code, Done, Login, LoginDone, LoginWithCode, Me, Nothing, OwnPassword, SetPin, SetupOwner,
    SwitchPerson,
};
use crate::door::{At, Place};
use crate::house::House;
use crate::rights::{Actor, OWNER, Permission, Standing};
use crate::staff::{certify, hours, password, people, posts, rules, sms};
use crate::store::{Person, PersonChange};
use crate::vault::KeyPlace;
use domain::clock::Millis;
use domain::secret::Secret;
use std::time::Duration;

/// Wrong PINs after which only the password helps.
const MOST_PINS: u32 = 5;
/// Wrong passwords at one station, whatever the names, that are free beside those of each name.
const FREE_AT_STATION: u32 = 15;
/// The longest wait after a wrong password.
const LONGEST_WAIT: Duration = Duration::from_secs(1024);

/// How long a terminal's session lasts.
const TERMINAL_SESSION: Duration = Duration::from_secs(12 * 3600);

/// What a face needs before login. Safe for anyone: names only, as on any shared PC's login page.
pub(crate) async fn state(at: &At<'_>, _: Nothing) -> Result<AppState, ApiError> {
    let people = at.house.store.people().await?;
    let rules = rules::of(at.house).await?;
    Ok(AppState {
        version: env!("CARGO_PKG_VERSION").into(),
        trial: at.house.trial,
        trial_password: if at.house.trial { crate::trial::PASSWORD.into() } else { String::new() },
        first_run: people.is_empty(),
        me: match at.maybe_actor() {
            Some(actor) => Some(me(at.house, actor).await?),
            None => None,
        },
        pins: people.iter().filter(|p| p.departed_at.is_none() && comes_by_pin(p)).map(|p| p.name.clone()).collect(),
        people: people.into_iter().filter(|p| p.departed_at.is_none()).map(|p| p.name).collect(),
        lock_minutes: rules.lock_minutes,
        key_place: match at.house.vault.place() {
            KeyPlace::OsStore { .. } => "os_store".into(),
            KeyPlace::Passphrase => "passphrase".into(),
        },
        folder: at.house.folder.display().to_string(),
        backup_trouble: match at.maybe_actor() {
            Some(actor) if actor.may(Permission::ManageBackups) => crate::backup::trouble_now(at.house).await?,
            _ => String::new(),
        },
        grants_end_in: match at.maybe_actor() {
            Some(actor) if actor.may(Permission::ViewGrants) => crate::grant::refresh::soonest_end(at.house).await?,
            _ => None,
        },
    })
}

/// First run. Safe for anyone: works only while there is no person at all, and the store has one place for an owner.
pub(crate) async fn setup_owner(at: &At<'_>, req: SetupOwner) -> Result<Me, ApiError> {
    if !at.house.store.people().await?.is_empty() {
        return Err(ApiError::new(Code::WrongState, "this desk has an owner already; nobody was added").hint("log in"));
    }
    let person = people::new_person(at, &req.name, OWNER, Secret::new(req.password), true).await?;
    let actor = actor_of(at.house, &person, &at.door.station).await?;
    let log = at.house.entry(&actor, "setup.owner", person.id.as_str(), "");
    people::add_or_taken(at, &person, &log).await?;
    at.door.step_in(Some(actor.clone()));
    at.house.tell("session", "");
    me(at.house, &actor).await
}

/// Login, and unlock. Safe for anyone: it is how a person becomes one.
pub(crate) async fn login(at: &At<'_>, req: Login) -> Result<LoginDone, ApiError> {
    login_with_code(at, LoginWithCode { name: req.name, password: req.password, code: String::new() }).await
}

/// The same with a one-time code, for who needs one. Safe for anyone.
pub(crate) async fn login_with_code(at: &At<'_>, req: LoginWithCode) -> Result<LoginDone, ApiError> {
    let house = at.house;
    let name = people::strip_shop(&req.name).to_owned();
    // One try at a time under one name: parallel guesses must not slip past the count.
    let _turn = house.turn(&format!("login:{}", crate::store::fold_name(&name))).await;
    let now = house.now();
    let failures = tries(house, &name, now).await?;
    let station = format!("\u{0}station:{}", at.door.station);
    let at_station = tries(house, &station, now).await?;
    let given = Secret::new(req.password);
    let person = house.store.person_named(&name).await?;
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
        // Whoever tries name after name at one place is slowed down too; people who mistype are not.
        let failed_here = at_station.saturating_add(1);
        let log = house.entry_of_desk("login.failed", "", format!("station failures={failed_here}"));
        let rest = wait_after(failed_here.saturating_sub(FREE_AT_STATION));
        house.store.login_failed(&station, failed_here, now.plus(rest), &log).await?;
        let failures = failures.saturating_add(1);
        let wait = wait_after(failures);
        let log = house.entry_of_desk("login.failed", "", format!("failures={failures}"));
        house.store.login_failed(&name, failures, now.plus(wait), &log).await?;
        return Err(if wait.is_zero() {
            ApiError::new(Code::LoginWrong, "name or password is wrong").hint("check the name that is chosen")
        } else {
            wait_error(wait)
        });
    };
    let actor = may_come_in(at, &person, now).await?;
    if person.login_method == "sms" {
        if req.code.trim().is_empty() {
            return Err(sms::asked_at_login(at, &person).await?);
        }
        sms::check(house, &person, sms::LOGIN, &req.code).await?;
    }
    if person.login_method == "totp" {
        if req.code.trim().is_empty() {
            return Err(ApiError::new(Code::CodeNeeded, "a one-time code is needed as well")
                .hint("open the authenticator app, and log in with its code"));
        }
        certify::check_code(at, &person, &req.code).await?;
    }
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
    Ok(LoginDone { me: me(house, &actor).await?, token, expires_at: expires.0 })
}

/// Whether a person whose password or PIN was right may be here now; told why not only to who knows it.
async fn may_come_in(at: &At<'_>, person: &Person, now: Millis) -> Result<Actor, ApiError> {
    let closed =
        |why: &str, message: &str, hint: &str| Err(ApiError::new(Code::LoginClosed, message).detail(why).hint(hint));
    // The row keeps the time too: somebody who then sets the clock back is found out by it.
    let house = at.house;
    let note = async |why: &str| house.store.note(&house.entry_of_desk("login.closed", person.id.as_str(), why)).await;
    if person.departed_at.is_some() {
        note("departed").await?;
        return closed(
            "departed",
            "this account is closed: its person has left",
            "ask the owner to take the person back",
        );
    }
    let actor = actor_of(at.house, person, &at.door.station).await?;
    if actor.rights.is_empty() {
        // R114
        note("no_rights").await?;
        return closed("no_rights", "this account has no right yet", "ask the owner for a post or for rights");
    }
    if !person.hours.is_empty() {
        if at.house.clock_went_back(now).await? {
            note("clock").await?;
            return closed("clock", "this computer's clock was set back", "set it right, or ask the owner to log in");
        }
        if !hours::are_now(&person.hours, now) {
            note("hours").await?;
            return closed("hours", "this account may not log in at this time", "ask the owner about the login hours");
        }
    }
    Ok(actor)
}

/// Another person steps in at a shared place, by PIN. Safe for anyone: it is a login, for windows only, and five wrong ones
/// leave the password as the only way.
pub(crate) async fn switch(at: &At<'_>, req: SwitchPerson) -> Result<LoginDone, ApiError> {
    let house = at.house;
    if at.door.place == Place::Terminal {
        return Err(ApiError::new(Code::WrongState, "a PIN is for the window of this station")
            .detail("pin_place")
            .hint("log in with the password"));
    }
    let name = people::strip_shop(&req.name).to_owned();
    let _turn = house.turn(&format!("login:{}", crate::store::fold_name(&name))).await;
    let now = house.now();
    tries(house, &name, now).await?;
    let person = house.store.person_named(&name).await?;
    let right = pin_is(house, person.as_ref(), req.pin).await?;
    let Some(person) = person.filter(|_| right) else {
        return Err(wrong_pin());
    };
    step_over(at, &person, "pin").await
}

/// Another person is at this window from now on, if he may be.
pub(super) async fn step_over(at: &At<'_>, person: &Person, how: &str) -> Result<LoginDone, ApiError> {
    let (house, now) = (at.house, at.house.now());
    let actor = may_come_in(at, person, now).await?;
    let log = house.entry(&actor, "login", person.id.as_str(), how);
    house.store.logged_in(&person.id, now, None, &log).await?;
    at.door.step_in(Some(actor.clone()));
    house.tell("session", "");
    Ok(LoginDone { me: me(house, &actor).await?, token: String::new(), expires_at: now.0 })
}

/// Whether this is the PIN of somebody who may come in by one; a wrong one counts, and five leave the password.
pub(super) async fn pin_is(house: &House, person: Option<&Person>, pin: String) -> Result<bool, ApiError> {
    let keys = match person {
        Some(p) => house.store.person_keys(&p.id).await?,
        None => crate::store::PersonKeys::default(),
    };
    let open = person.is_some_and(comes_by_pin) && keys.pin_failures < MOST_PINS;
    let given = Secret::new(pin);
    let phc = open.then_some(keys.pin_phc);
    let right = tokio::task::spawn_blocking(move || match phc {
        Some(phc) => password::verify(&given, &phc) != password::Verdict::Wrong,
        None => {
            password::burn(&given);
            false
        }
    })
    .await
    .map_err(ApiError::internal)?;
    if let (false, true, Some(p)) = (right, open, person) {
        let log = house.entry_of_desk("login.failed", "", format!("pin failures={}", keys.pin_failures + 1));
        house.store.pin_failed(&p.id, &log).await?;
    }
    Ok(right)
}

/// Has a PIN, and is not to show a code at each login: nobody comes past that by six digits.
pub(super) fn comes_by_pin(p: &Person) -> bool {
    p.has_pin && p.login_method == "password"
}

pub(super) fn wrong_pin() -> ApiError {
    ApiError::new(Code::LoginWrong, "name or PIN is wrong, or the PIN is used up")
        .detail("pin")
        .hint("after five wrong ones only the password helps")
}

/// A PIN for this station; empty takes it away.
pub(crate) async fn set_pin(at: &At<'_>, req: SetPin) -> Result<Me, ApiError> {
    let house = at.house;
    let person = people::employee(at, at.actor()?.id.as_str()).await?;
    prove(at, &person, req.password).await?;
    let phc = if req.pin.is_empty() {
        String::new()
    } else {
        let digits = req.pin.chars().all(|c| c.is_ascii_digit());
        if !digits || !(6..=12).contains(&req.pin.len()) {
            return Err(people::field("pin", "bad_pin", "6–12"));
        }
        if password::is_pattern(&req.pin) {
            return Err(people::field("pin", "too_common", ""));
        }
        let (pin, chance) = (Secret::new(req.pin), house.chance.clone());
        tokio::task::spawn_blocking(move || password::hash(&pin, &*chance)).await.map_err(ApiError::internal)?
    };
    let log = house.entry(at.actor()?, "session.set_pin", person.id.as_str(), if phc.is_empty() { "none" } else { "" });
    let change = PersonChange { pin_phc: Some(phc), ..PersonChange::default() };
    house.store.change_person(&person.id, &change, &log).await?;
    house.people_changed();
    who_is_here(at).await
}

/// The person's own new password.
pub(crate) async fn set_password(at: &At<'_>, req: OwnPassword) -> Result<Me, ApiError> {
    let person = people::employee(at, at.actor()?.id.as_str()).await?;
    if req.old == req.password {
        return Err(people::field("password", "same_as_old", ""));
    }
    if req.password != req.again {
        return Err(people::field("again", "not_the_same", ""));
    }
    prove(at, &person, req.old).await?;
    people::replace_password(at, &person, req.password, "session.set_password").await?;
    who_is_here(at).await
}

/// The person at this place knows the password: a screen left open is not enough to change it. Wrong ones count as at login.
pub(super) async fn prove(at: &At<'_>, person: &Person, given: String) -> Result<(), ApiError> {
    let house = at.house;
    let _turn = house.turn(&format!("login:{}", crate::store::fold_name(&person.name))).await;
    let now = house.now();
    let failures = tries(house, &person.name, now).await?;
    let (given, phc) = (Secret::new(given), person.password_phc.clone());
    let verdict =
        tokio::task::spawn_blocking(move || password::verify(&given, &phc)).await.map_err(ApiError::internal)?;
    if verdict != password::Verdict::Wrong {
        return Ok(());
    }
    let failures = failures.saturating_add(1);
    let log = house.entry_of_desk("login.failed", "", format!("failures={failures}"));
    house.store.login_failed(&person.name, failures, now.plus(wait_after(failures)), &log).await?;
    Err(people::field("old", "wrong_password", ""))
}

/// The person at this place as the desk knows it now.
pub(super) async fn who_is_here(at: &At<'_>) -> Result<Me, ApiError> {
    let person = people::employee(at, at.actor()?.id.as_str()).await?;
    me(at.house, &actor_of(at.house, &person, &at.door.station).await?).await
}

/// Failures under a name, if it need not wait. Errors: it has to. An hour after the wait they are forgotten at stations.
pub(super) async fn tries(house: &House, name: &str, now: Millis) -> Result<u32, ApiError> {
    let (failures, wait_until) = house.store.login_tries(name).await?;
    match wait_left(wait_until, now) {
        0 if name.starts_with('\u{0}') && now.since(wait_until) > Duration::from_secs(3600) => Ok(0),
        0 => Ok(failures),
        s => Err(wait_error(Duration::from_secs(s))),
    }
}

/// Seconds to wait; never longer than the longest wait, however the clock was set meanwhile.
pub(super) fn wait_left(wait_until: Millis, now: Millis) -> u64 {
    wait_until.since(now).min(LONGEST_WAIT).as_millis().div_ceil(1000).try_into().unwrap_or(0)
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
    match house.store.session(token, house.now()).await? {
        Some(person) => actor_of(house, &person, station).await.map(Some),
        None => Ok(None),
    }
}

/// The same person as the store knows him now; `None`: he may not be here any more.
pub(crate) async fn again(house: &House, old: &Actor) -> Result<Option<Actor>, ApiError> {
    match house.store.person(&old.id).await? {
        Some(person) if person.departed_at.is_none() => actor_of(house, &person, &old.station).await.map(Some),
        _ => Ok(None),
    }
}

/// Five tries are free, then 1, 2, 4 … 1024 s: about a hundred guesses a day.
pub(super) fn wait_after(failures: u32) -> Duration {
    match failures {
        0..=5 => Duration::ZERO,
        n => Duration::from_secs(1 << (n - 6).min(10)),
    }
}

pub(super) fn wait_error(wait: Duration) -> ApiError {
    let s = wait.as_secs().max(1);
    ApiError::new(Code::LoginWait, format!("too many wrong passwords: wait {s} s")).detail(s.to_string())
}

async fn actor_of(house: &House, p: &Person, station: &str) -> Result<Actor, ApiError> {
    let rules = rules::of(house).await?;
    let rights = posts::rights(&posts::all(house).await?, p);
    let due = Duration::from_secs(u64::from(rules.rotation_days) * 24 * 3600);
    let rotates = rules.rotation_days > 0 && rights.iter().any(|r| r.is_weighty());
    Ok(Actor {
        id: p.id.clone(),
        name: p.name.clone(),
        post: p.post.clone(),
        station: station.to_owned(),
        rights: rights.into(),
        standing: people::standing(p, house.now()),
        password_due: rotates.then(|| p.password_at.plus(due)),
        hours: p.hours.clone().into(),
        checked: p.checked_at.is_some(),
    })
}

async fn me(house: &House, a: &Actor) -> Result<Me, ApiError> {
    let person = house.store.person(&a.id).await?;
    let (standing, certify_by) = match a.standing {
        Standing::Certified => ("certified", 0),
        Standing::Until(t) => ("until", t.0),
        Standing::Overdue => ("overdue", 0),
    };
    Ok(Me {
        id: a.id.to_string(),
        name: a.name.clone(),
        post: a.post.clone(),
        post_name: posts::all(house).await?.into_iter().find(|p| p.id == a.post).map(|p| p.name).unwrap_or_default(),
        rights: a.rights.iter().filter(|p| a.may(**p)).map(|p| p.word().to_owned()).collect(),
        standing: standing.into(),
        certify_by,
        password_due: a.password_due.is_some_and(|t| t <= house.now()),
        has_pin: person.as_ref().is_some_and(|p| p.has_pin),
        has_totp: person.as_ref().is_some_and(|p| p.has_totp),
    })
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
