//! Certification (R89–R99) as far as a desk can hold it: whether the person who uses the account is who it was made for. By
//! one-time codes from the account's own QR code, or by the owner, who vouches in person; with the true name, and, where the
//! owner wants it, the number of an identity card, of which only a keyed hash is kept.
//!
//! Absent: a face scan, and anything a state office would have to answer.

use crate::api::{ApiError, ById, Certify, Code, Enrolment, Me, Vouch};
use crate::door::At;
use crate::staff::people::{self, field};
use crate::staff::{id_card, rules, session, totp};
use crate::store::{Person, PersonChange, StoreError};
use domain::clock::Millis;
use domain::secret::Secret;

/// A new QR code for a person's authenticator app; the one before it is void. Never for a webview's scripts.
pub(crate) async fn enrol(at: &At<'_>, req: ById) -> Result<Enrolment, ApiError> {
    let house = at.house;
    let person = people::employee(at, &req.id).await?;
    people::may_change(at, &person).await?;
    let secret = totp::fresh(&*house.chance);
    let uri = totp::uri(&secret, "面单台", &person.name);
    let svg = crate::grant::attempts::svg_of(uri.reveal())?;
    let log = house.entry(at.actor()?, "people.enrol", person.id.as_str(), "");
    let change = PersonChange { totp: Some(secret), ..PersonChange::default() };
    house.store.change_person(&person.id, &change, &log).await?;
    house.people_changed();
    Ok(Enrolment { svg, uri: uri.reveal().to_owned() })
}

/// The person proves it with a code from the app.
pub(crate) async fn certify(at: &At<'_>, req: Certify) -> Result<Me, ApiError> {
    let house = at.house;
    let id = at.actor()?.id.clone();
    let person = people::employee(at, id.as_str()).await?;
    let _turn = house.turn(&format!("certify:{id}")).await;
    if person.certified.is_some() {
        return Err(ApiError::new(Code::WrongState, "you are certified already").detail("certified"));
    }
    let number = id_number(at, &req.id_number).await?;
    check_code(at, &person, &req.code).await?;
    finish(at, &person, "totp", number).await?;
    session::who_is_here(at).await
}

/// The owner stands beside the person and says so.
pub(crate) async fn vouch(at: &At<'_>, req: Vouch) -> Result<crate::api::PersonView, ApiError> {
    let person = people::employee(at, &req.id).await?;
    people::may_change(at, &person).await?;
    if person.id == at.actor()?.id {
        return Err(ApiError::new(Code::WrongState, "nobody vouches for himself").detail("vouch_self"));
    }
    let number = id_number(at, &req.id_number).await?;
    finish(at, &person, "vouched", number).await?;
    people::show(at, &person.id).await
}

/// The number, where the owner asks for it. Errors: it is none, or it is missing.
async fn id_number(at: &At<'_>, given: &str) -> Result<Option<Secret>, ApiError> {
    if !rules::of(at.house).await?.id_card {
        return Ok(None);
    }
    if given.trim().is_empty() {
        return Err(field("id_number", "required", ""));
    }
    // R99: only cards of the mainland.
    id_card::read(given).map(|n| Some(Secret::new(n))).ok_or_else(|| field("id_number", "bad_id_card", ""))
}

async fn finish(at: &At<'_>, person: &Person, how: &str, number: Option<Secret>) -> Result<(), ApiError> {
    let house = at.house;
    if person.card.real_name.is_empty() {
        return Err(field("real_name", "required", ""));
    }
    let change = PersonChange { certified: Some((house.now(), how.to_owned(), number)), ..PersonChange::default() };
    let log = house.entry(at.actor()?, "people.certified", person.id.as_str(), how);
    match house.store.change_person(&person.id, &change, &log).await {
        // R96: one card, one account.
        Err(StoreError::Taken { .. }) => return Err(field("id_number", "id_taken", "")),
        other => other?,
    };
    house.people_changed();
    Ok(())
}

/// Whether this is the person's code of now; each counts once, and five wrong ones make the next wait as wrong passwords do.
pub(super) async fn check_code(at: &At<'_>, person: &Person, code: &str) -> Result<(), ApiError> {
    let house = at.house;
    // Not the name's own count: whoever guesses codes must not keep the person from logging in by password.
    let key = format!("\u{0}code:{}", person.id);
    let (failures, wait_until) = house.store.login_tries(&key).await?;
    let now = house.now();
    if wait_until > now {
        return Err(session::wait_error(wait_until.since(now)));
    }
    let keys = house.store.person_keys(&person.id).await?;
    let Some(secret) = keys.totp else {
        return Err(ApiError::new(Code::WrongState, "there is no one-time code for this account yet")
            .detail("no_totp")
            .hint("ask the owner for the account's QR code, or to vouch for you"));
    };
    let step = totp::step_of(&secret, code, now);
    let taken = match step {
        Some(step) => house.store.totp_used(&person.id, step).await?,
        None => false,
    };
    if taken {
        if failures > 0 {
            let log = house.entry_of_desk("login.code_right", person.id.as_str(), "");
            house.store.login_failed(&key, 0, Millis(0), &log).await?;
        }
        return Ok(());
    }
    let failures = failures.saturating_add(1);
    let wait = session::wait_after(failures);
    let log = house.entry_of_desk("login.failed", person.id.as_str(), format!("code failures={failures}"));
    house.store.login_failed(&key, failures, now.plus(wait), &log).await?;
    let why = if step.is_some() { "code_used" } else { "bad_code" };
    Err(field("code", why, ""))
}
