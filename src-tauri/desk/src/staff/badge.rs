//! Badges: scanned at the locked screen, they bring their person in. Made here (80 random bits, printed as a label), or the
//! shop's own, scanned in once. A keyed hash is kept and nothing else; the code is on paper only.
//!
//! A badge alone is for people without rights that weigh; the others type their PIN as well, and so does whoever has a badge
//! that was not made here, because its number may stand in a row with others. Who is to show a code at each login goes on
//! with the password.

use crate::api::{ApiError, BadgePrinted, ById, Code, LoginDone, PersonView, PrintBadge, SetBadge, UseBadge};
use crate::door::{At, Place};
use crate::printing::{draw, printers};
use crate::rights::OWNER;
use crate::staff::people::{self, field};
use crate::staff::{posts, session};
use crate::store::{Badge, Person, PersonChange, StoreError};
use domain::chance::Chance;
use domain::printer::SendOutcome;
use domain::secret::Secret;

/// What a badge made here begins with.
const MARK: &str = "WDB";
/// Letters that no scanner and no keyboard layout takes for others: no lower case, no 0, 1, 8, 9.
const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
/// How many of them.
const LENGTH: usize = 16;
/// Unknown badges at one station that are free: labels are scanned at a locked screen, too.
const FREE_AT_STATION: u32 = 15;

fn fresh(chance: &dyn Chance) -> Secret {
    let mut bytes = [0; LENGTH];
    chance.fill(&mut bytes);
    let letters = bytes.iter().map(|b| char::from(LETTERS[usize::from(b & 31)]));
    Secret::new(MARK.chars().chain(letters).collect::<String>())
}

/// A scan as it is compared: full-width forms of a Chinese keyboard mended, no blanks.
fn read(text: &str) -> String {
    let half = |c: char| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        c => c,
    };
    text.chars().map(half).filter(|c| !c.is_whitespace() && !c.is_control()).collect()
}

/// A badge at the locked screen. Safe for anyone: it is a login, for windows only; unknown ones make the next wait.
pub(crate) async fn enter(at: &At<'_>, req: UseBadge) -> Result<LoginDone, ApiError> {
    let house = at.house;
    if at.door.place == Place::Terminal {
        return Err(ApiError::new(Code::WrongState, "a badge is for the window of this station")
            .detail("pin_place")
            .hint("log in with the password"));
    }
    let station = format!("\u{0}badge:{}", at.door.station);
    let _turn = house.turn(&format!("login:{station}")).await;
    let now = house.now();
    let failures = session::tries(house, &station, now).await?;
    let code = Secret::new(read(&req.code));
    let person = if code.is_empty() { None } else { house.store.person_of_badge(code.reveal()).await? };
    let Some((person, badge)) = person.and_then(|p| p.badge.map(|b| (p, b))) else {
        let failures = failures.saturating_add(1);
        let wait = session::wait_after(failures.saturating_sub(FREE_AT_STATION));
        let log = house.entry_of_desk("login.failed", "", format!("badge failures={failures}"));
        house.store.login_failed(&station, failures, now.plus(wait), &log).await?;
        return Err(if wait.is_zero() {
            ApiError::new(Code::LoginWrong, "this badge is nobody's here")
                .detail("badge")
                .hint("scan your own, or log in with the password; a label that was scanned was not counted")
        } else {
            session::wait_error(wait)
        });
    };
    let rights = posts::rights(&posts::all(house).await?, &person);
    let wants = |what: &str| {
        ApiError::new(Code::CodeNeeded, format!("the badge is right; the {what} is needed as well"))
            .detail(format!("{what} {}", person.name))
            .hint(format!("type the {what}"))
    };
    if person.login_method != "password" {
        return Err(wants("password"));
    }
    if badge.own || rights.iter().any(|p| p.is_weighty()) {
        if !session::comes_by_pin(&person) {
            return Err(wants("password"));
        }
        if req.pin.is_empty() {
            return Err(wants("pin"));
        }
        let _turn = house.turn(&format!("login:{}", crate::store::fold_name(&person.name))).await;
        session::tries(house, &person.name, now).await?;
        if !session::pin_is(house, Some(&person), req.pin).await? {
            return Err(session::wrong_pin());
        }
        return session::step_over(at, &person, "badge pin").await;
    }
    session::step_over(at, &person, "badge").await
}

/// The shop's own badge of somebody.
pub(crate) async fn set(at: &At<'_>, req: SetBadge) -> Result<PersonView, ApiError> {
    let person = bearer(at, &req.id).await?;
    let code = Secret::new(read(&req.code));
    // What a window takes for a scan and not for typing.
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || "-./".contains(c);
    if !code.reveal().chars().all(plain) || !(8..=64).contains(&code.reveal().len()) {
        return Err(field("badge", "bad_badge", "8–64"));
    }
    // Whoever has the paper of one made here has the person, so it is not given to another by hand.
    if code.reveal().starts_with(MARK) {
        return Err(field("badge", "badge_made_here", ""));
    }
    give(at, &person, Some(code), true, "own").await?;
    people::show(at, &person.id).await
}

/// No badge any more.
pub(crate) async fn remove(at: &At<'_>, req: ById) -> Result<PersonView, ApiError> {
    let person = bearer(at, &req.id).await?;
    give(at, &person, None, false, "none").await?;
    people::show(at, &person.id).await
}

/// A new badge on a label. The one before it is void once the new one was sent.
pub(crate) async fn print(at: &At<'_>, req: PrintBadge) -> Result<BadgePrinted, ApiError> {
    let house = at.house;
    let person = bearer(at, &req.id).await?;
    let printer = match req.printer.as_str() {
        "" => house.store.printers().await?.into_iter().find(|p| p.default).ok_or_else(|| {
            ApiError::new(Code::NoPrinter, "no printer is set up; the badge is as it was").hint("set one up first")
        })?,
        id => printers::get(house, id.to_owned()).await?,
    };
    let code = fresh(&*house.chance);
    let media = printers::media(&printer);
    let label = label::badge(media.size, printer.dpi, &person.name, &draw::shop_time(house.now()), code.reveal())
        .map_err(|e| draw::wrong_label(&e))?;
    let bytes = printers::encode(&printer, &label)?;
    let _turn = house.turn(&format!("printer:{}", printer.id)).await;
    crate::batch::free_printer(house, &printer.id, None).await?;
    let (printed, reason) = match printers::link(&printer)?.send(&bytes).await {
        SendOutcome::Sent(_) => ("sent", String::new()),
        SendOutcome::NothingSent(why) => ("nothing_sent", why),
        SendOutcome::BrokenOff { reason, .. } => ("doubtful", reason),
    };
    // What may be on paper counts.
    if printed != "nothing_sent" {
        give(at, &person, Some(code), false, "made").await?;
    }
    Ok(BadgePrinted { person: people::show(at, &person.id).await?, printed: printed.into(), reason })
}

/// Somebody whose badge the person at this place may decide on.
async fn bearer(at: &At<'_>, id: &str) -> Result<Person, ApiError> {
    let person = people::employee(at, id).await?;
    people::may_change(at, &person).await?;
    debug_assert!(person.post != OWNER || at.actor()?.id == person.id, "only the owner changes the owner");
    Ok(person)
}

async fn give(at: &At<'_>, person: &Person, code: Option<Secret>, own: bool, how: &str) -> Result<(), ApiError> {
    let house = at.house;
    let badge = code.map(|c| (c, Badge { at: house.now(), own }));
    let change = PersonChange { badge: Some(badge), ..PersonChange::default() };
    let log = house.entry(at.actor()?, "people.badge", person.id.as_str(), how);
    match house.store.change_person(&person.id, &change, &log).await {
        Err(StoreError::Taken { .. }) => return Err(field("badge", "badge_taken", "")),
        other => other?,
    };
    house.people_changed();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::chance::SeededChance;

    #[test]
    fn each_badge_is_its_own_and_survives_a_chinese_keyboard() {
        let (one, two) = (fresh(&SeededChance::new(1)), fresh(&SeededChance::new(2)));
        assert_ne!(one.reveal(), two.reveal());
        assert_eq!(one.reveal().len(), MARK.len() + LENGTH);
        let wide: String = one.reveal().chars().map(|c| char::from_u32(c as u32 + 0xfee0).unwrap()).collect();
        assert_eq!(read(&format!(" {wide}\r\n")), one.reveal());
    }
}
