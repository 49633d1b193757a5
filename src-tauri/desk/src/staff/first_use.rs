//! The first use of people asks once for a one-time code (R126, R127): by text message where a service is set up, else of the
//! authenticator app; where there is neither, the owner says so with the owner's password. There is no fixed code.

use crate::api::{ApiError, Code, CodeSent, FirstUse, Nothing, ProofWay, ProveFirstUse, SendCode};
use crate::door::At;
use crate::rights::OWNER;
use crate::staff::people::{self, field};
use crate::staff::{certify, session, sms};
use crate::store::{Person, PersonChange};

/// Which ways there are for the person at this place.
pub(crate) async fn show(at: &At<'_>, _: Nothing) -> Result<FirstUse, ApiError> {
    let person = people::employee(at, at.actor()?.id.as_str()).await?;
    view(at, &person).await
}

/// Sends a code to the phone that is tied to the account, if it is the one that was typed.
pub(crate) async fn send(at: &At<'_>, req: SendCode) -> Result<CodeSent, ApiError> {
    let person = people::employee(at, at.actor()?.id.as_str()).await?;
    not_yet(&person)?;
    let why = sms::why_not_phone(at.house, &person).await?;
    if !why.is_empty() {
        return Err(sms::not_sent(why));
    }
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    if digits(&req.phone) != digits(&person.card.phone) {
        return Err(field("phone", "other_phone", ""));
    }
    sms::send(at.house, &person, sms::FIRST_USE).await
}

/// Proves it, once and for all.
pub(crate) async fn prove(at: &At<'_>, req: ProveFirstUse) -> Result<FirstUse, ApiError> {
    let house = at.house;
    let person = people::employee(at, at.actor()?.id.as_str()).await?;
    not_yet(&person)?;
    let ways = ways(at, &person).await?;
    let Some(way) = ways.iter().find(|w| w.way == req.way) else {
        return Err(field("way", "unknown_name", &req.way));
    };
    if !way.why_not.is_empty() {
        return Err(ApiError::new(Code::WrongState, "this way is not open; nothing was done")
            .detail(way.why_not.clone())
            .hint("take one that `people.first_use` lists as open"));
    }
    match req.way.as_str() {
        "sms" => sms::check(house, &person, sms::FIRST_USE, &req.proof).await?,
        "totp" => certify::check_code(at, &person, &req.proof).await?,
        _ => {
            let all = house.store.people().await?;
            let owner = all.into_iter().find(|p| p.post == OWNER).ok_or_else(|| ApiError::not_found("person"))?;
            session::prove(at, &owner, req.proof).await?;
        }
    }
    let log = house.entry(at.actor()?, "people.first_use", person.id.as_str(), &req.way);
    let change = PersonChange { checked_at: Some(Some(house.now())), ..PersonChange::default() };
    house.store.change_person(&person.id, &change, &log).await?;
    house.people_changed();
    let person = people::employee(at, person.id.as_str()).await?;
    view(at, &person).await
}

fn not_yet(person: &Person) -> Result<(), ApiError> {
    if person.checked_at.is_none() {
        return Ok(());
    }
    Err(ApiError::new(Code::WrongState, "it was proved already; nothing is asked any more").detail("first_use_done"))
}

async fn view(at: &At<'_>, person: &Person) -> Result<FirstUse, ApiError> {
    let mut ways = ways(at, person).await?;
    ways.sort_by_key(|w| !w.why_not.is_empty());
    Ok(FirstUse { done: person.checked_at.is_some(), ways, phone: domain::mask::phone(&person.card.phone) })
}

async fn ways(at: &At<'_>, person: &Person) -> Result<Vec<ProofWay>, ApiError> {
    let sms = sms::why_not_phone(at.house, person).await?;
    let totp = if person.has_totp { "" } else { "no_totp" };
    // A password that is known already proves less than a code: only where there is none.
    let owner = if sms.is_empty() || totp.is_empty() { "has_code" } else { "" };
    let way = |way: &str, why_not: &str| ProofWay { way: way.into(), why_not: why_not.into() };
    Ok(vec![way("sms", sms), way("totp", totp), way("owner", owner)])
}
