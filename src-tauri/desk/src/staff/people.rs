//! The owner, or whom the owner lets, adds people, says what they may do, and lets them go. Names cannot be changed later (R81)
//! and do not repeat, not even those of people who left (R82, R136).
//!
//! Nobody gives or takes a right that he does not have himself, and nobody changes the owner.

use crate::api::{
    AddPerson, ApiError, ById, ByName, Code, ConfigurePerson, DepartPerson, Done, FieldError, Holdings, HoursView,
    NameFound, Nothing, PersonRight, PersonView, SetPassword,
};
use crate::door::At;
use crate::house::House;
use crate::order::content;
use crate::rights::{CERTIFY_WITHIN, OWNER, Permission, Standing};
use crate::staff::{hours, password, posts, session, sms};
use crate::store::{Hours, LogQuery, Person, PersonCard, PersonChange, Post, StoreError, fold_name};
use domain::clock::Millis;
use domain::ids::PersonId;
use domain::secret::Secret;

/// A right that nobody used for so long is one to take back.
const UNUSED: i64 = 30 * 24 * 3600 * 1000;

/// Everybody, those who left too.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<Vec<PersonView>, ApiError> {
    let posts = posts::all(at.house).await?;
    let mut rows = Vec::new();
    for person in at.house.store.people().await? {
        rows.push(view(at.house, &posts, &person).await?);
    }
    Ok(rows)
}

/// One.
pub(crate) async fn show(at: &At<'_>, id: &PersonId) -> Result<PersonView, ApiError> {
    let person = at.house.store.person(id).await?.ok_or_else(|| ApiError::not_found("person"))?;
    view(at.house, &posts::all(at.house).await?, &person).await
}

/// Somebody new. Uncertified (R89): what to do about it is on the person's own page.
pub(crate) async fn add(at: &At<'_>, req: AddPerson) -> Result<PersonView, ApiError> {
    let house = at.house;
    let _turn = house.turn("people").await;
    let all = posts::all(house).await?;
    let extra = posts::read(&req.extra)?;
    check_post(&all, &req.post)?;
    let given: Vec<Permission> = posts::given(&all, &req.post).into_iter().chain(extra.iter().copied()).collect();
    posts::has_all(at.actor()?, &given)?;
    let card = card(&req.real_name, &req.phone)?;
    let weighty = given.iter().any(|p| p.is_weighty());
    same_twice(&req.password, &req.again)?;
    let mut person = new_person(at, &req.name, &req.post, Secret::new(req.password), weighty).await?;
    (person.extra, person.card) = (extra, card);
    let log = house.entry(at.actor()?, "people.add", person.id.as_str(), rights_detail(&person));
    add_or_taken(at, &person, &log).await?;
    house.people_changed();
    view(house, &all, &person).await
}

/// Whether a name is free, and who has it (R83, R84).
pub(crate) async fn find_name(at: &At<'_>, req: ByName) -> Result<NameFound, ApiError> {
    let name = strip_shop(&req.name);
    Ok(match at.house.store.person_named(name).await? {
        None => NameFound { state: "free".into(), id: String::new(), name: name.to_owned() },
        Some(p) => NameFound {
            state: if p.departed_at.is_some() { "departed" } else { "employee" }.into(),
            id: p.id.to_string(),
            name: p.name,
        },
    })
}

/// What a person may do, when, how; and who it is.
pub(crate) async fn configure(at: &At<'_>, req: ConfigurePerson) -> Result<PersonView, ApiError> {
    let house = at.house;
    let _turn = house.turn("people").await;
    let person = employee(at, &req.id).await?;
    may_change(at, &person).await?;
    let all = posts::all(house).await?;
    // The one owner stays it; everything else about the account may change.
    if person.post != OWNER {
        check_post(&all, &req.post)?;
    } else if req.post != OWNER {
        return Err(field("post", "out_of_range", &req.post));
    }
    let extra = posts::read(&req.extra)?;
    let (before, after) = (
        posts::rights(&all, &person),
        posts::rights(&all, &Person { post: req.post.clone(), extra: extra.clone(), ..person.clone() }),
    );
    let changed: Vec<Permission> =
        Permission::ALL.iter().copied().filter(|p| before.contains(p) != after.contains(p)).collect();
    posts::has_all(at.actor()?, &changed)?;
    if changed.iter().any(|p| p.is_weighty() && after.contains(p)) && !person.password_strong {
        return Err(field("post", "needs_long_password", "12"));
    }
    let spans: Vec<Hours> = req.hours.iter().map(|h| Hours { days: h.days, from: h.from, to: h.to }).collect();
    if !hours::are_sound(&spans) {
        return Err(field("hours", "out_of_range", ""));
    }
    if !["password", "totp", "sms"].contains(&req.login_method.as_str()) {
        return Err(field("login_method", "out_of_range", &req.login_method));
    }
    if req.login_method == "totp" && !person.has_totp {
        return Err(field("login_method", "no_totp", ""));
    }
    let mut card = card(&req.real_name, &req.phone)?;
    if card.phone.is_empty() {
        // It is shown masked, so what is not typed anew stays.
        card.phone.clone_from(&person.card.phone);
    }
    // Who has it already keeps it: a service that is gone must not keep the owner from changing something else.
    if req.login_method == "sms" && person.login_method != "sms" {
        let why = sms::why_not(house, &Person { card: card.clone(), ..person.clone() }).await?;
        if !why.is_empty() {
            return Err(field("login_method", why, ""));
        }
    }
    // The certification is that of a person, not of an account.
    let other =
        person.certified.is_some() && card.real_name != person.card.real_name && !person.card.real_name.is_empty();
    let change = PersonChange {
        place: Some((req.post.clone(), extra.clone())),
        card: Some(card),
        hours: Some(spans),
        login_method: Some(req.login_method),
        certify_from: other.then(|| house.now()),
        ..PersonChange::default()
    };
    let after = Person { post: req.post, extra, ..person };
    let log = house.entry(at.actor()?, "people.configure", after.id.as_str(), rights_detail(&after));
    house.store.change_person(&after.id, &change, &log).await?;
    house.people_changed();
    show(at, &after.id).await
}

/// Another password (R135). What this person had open at terminals ends.
pub(crate) async fn set_password(at: &At<'_>, req: SetPassword) -> Result<Done, ApiError> {
    let person = employee(at, &req.id).await?;
    may_change(at, &person).await?;
    same_twice(&req.password, &req.again)?;
    replace_password(at, &person, req.password, "people.set_password").await?;
    Ok(Done {})
}

/// Checks, hashes and keeps another password of somebody.
pub(super) async fn replace_password(
    at: &At<'_>,
    person: &Person,
    password: String,
    action: &str,
) -> Result<(), ApiError> {
    let house = at.house;
    let weighty = posts::rights(&posts::all(house).await?, person).iter().any(|p| p.is_weighty());
    let (phc, strong) = hashed(at, &person.name, Secret::new(password), weighty).await?;
    let log = house.entry(at.actor()?, action, person.id.as_str(), "");
    let change = PersonChange { password: Some((phc, house.now(), strong)), ..PersonChange::default() };
    house.store.change_person(&person.id, &change, &log).await?;
    house.people_changed();
    Ok(())
}

/// What somebody still has in hand: shown before the person leaves.
pub(crate) async fn holdings(at: &At<'_>, req: ById) -> Result<Holdings, ApiError> {
    let person = employee(at, &req.id).await?;
    held_by(at.house, &person.id).await
}

async fn held_by(house: &House, id: &PersonId) -> Result<Holdings, ApiError> {
    let store = &house.store;
    let attempts = store.attempts_not_over().await?.iter().filter(|a| a.asked_by == *id).count();
    let batches = store.recent_batches(200).await?;
    let batches = batches.iter().filter(|b| b.run_by == *id && b.state != domain::batch::BatchState::Done);
    let grants = store.grants().await?;
    let grants = grants.iter().filter(|g| g.granted_by == *id && g.state != crate::store::GrantState::Revoked);
    Ok(Holdings {
        attempts: u32::try_from(attempts).unwrap_or(u32::MAX),
        batches: batches.map(|b| b.number.to_string()).collect(),
        grants: grants.map(|g| g.shop_name.clone()).collect(),
        draft: store.draft(id).await?.is_some_and(|d| !d.is_empty()),
    })
}

/// Somebody leaves (R136): no login, no session, no PIN, no badge; the name stays taken, the history stays. What was open is another's
/// from now on, or, without one, attempts are called off and batches pause.
pub(crate) async fn depart(at: &At<'_>, req: DepartPerson) -> Result<PersonView, ApiError> {
    let house = at.house;
    let _turn = house.turn("people").await;
    let person = employee(at, &req.id).await?;
    may_change(at, &person).await?;
    if person.id == at.actor()?.id {
        return Err(ApiError::new(Code::WrongState, "nobody can let himself go").detail("depart_self"));
    }
    let to = match req.to.as_str() {
        "" => None,
        to => Some(employee(at, to).await?.id),
    };
    let held = held_by(house, &person.id).await?;
    if to.is_none() && (held.attempts > 0 || !held.batches.is_empty()) {
        return Err(ApiError::new(
            Code::WrongState,
            "what this person still has in hand needs somebody; nothing was changed",
        )
        .detail("hand_over")
        .hint("name who takes it over"));
    }
    let change = PersonChange {
        departed_at: Some(Some(house.now())),
        pin_phc: Some(String::new()),
        badge: Some(None),
        hand_over_to: to.clone(),
        ..PersonChange::default()
    };
    let detail = to.map(|t| format!("to={t}")).unwrap_or_default();
    let log = house.entry(at.actor()?, "people.depart", person.id.as_str(), detail);
    house.store.change_person(&person.id, &change, &log).await?;
    house.people_changed();
    house.tell("session", "");
    show(at, &person.id).await
}

/// Somebody comes back (R83): the same account and history; a new password; certification from the start.
pub(crate) async fn restore(at: &At<'_>, req: SetPassword) -> Result<PersonView, ApiError> {
    let house = at.house;
    let _turn = house.turn("people").await;
    let id = PersonId::from_stored(req.id);
    let person = house.store.person(&id).await?.ok_or_else(|| ApiError::not_found("person"))?;
    if person.departed_at.is_none() {
        return Err(ApiError::new(Code::WrongState, "this person has not left").detail("not_departed"));
    }
    let rights = posts::rights(&posts::all(house).await?, &person);
    posts::has_all(at.actor()?, &rights)?;
    same_twice(&req.password, &req.again)?;
    let weighty = rights.iter().any(|p| p.is_weighty());
    let (phc, strong) = hashed(at, &person.name, Secret::new(req.password), weighty).await?;
    let change = PersonChange {
        departed_at: Some(None),
        password: Some((phc, house.now(), strong)),
        certify_from: Some(house.now()),
        login_method: Some("password".into()),
        checked_at: Some(None),
        ..PersonChange::default()
    };
    let log = house.entry(at.actor()?, "people.restore", id.as_str(), rights_detail(&person));
    house.store.change_person(&id, &change, &log).await?;
    house.people_changed();
    show(at, &id).await
}

/// Lets a person try again at once after too many wrong passwords.
pub(crate) async fn lift(at: &At<'_>, req: ById) -> Result<PersonView, ApiError> {
    let person = employee(at, &req.id).await?;
    let log = at.house.entry(at.actor()?, "people.lift", person.id.as_str(), "");
    at.house.store.login_failed(&person.name, 0, Millis(0), &log).await?;
    show(at, &person.id).await
}

/// A person who works here. Errors: there is none, or the person has left.
pub(super) async fn employee(at: &At<'_>, id: &str) -> Result<Person, ApiError> {
    let person = at.house.store.person(&PersonId::from_stored(id)).await?;
    person.filter(|p| p.departed_at.is_none()).ok_or_else(|| ApiError::not_found("person"))
}

/// Nobody changes the owner but the owner, and nobody changes somebody who may more.
pub(super) async fn may_change(at: &At<'_>, person: &Person) -> Result<(), ApiError> {
    let actor = at.actor()?;
    if person.post == OWNER && actor.id != person.id {
        return Err(ApiError::new(Code::NotAllowed, "only the owner changes the owner's account")
            .detail(Permission::ManagePeople.word())
            .hint("ask the owner; nothing was done"));
    }
    posts::has_all(actor, &posts::rights(&posts::all(at.house).await?, person))
}

/// Checks name and password, hashes the password. `weighty`: has rights that ask for a long one.
pub(crate) async fn new_person(
    at: &At<'_>,
    name: &str,
    post: &str,
    pass: Secret,
    weighty: bool,
) -> Result<Person, ApiError> {
    let name = strip_shop(name).to_owned();
    check_name(&name)?;
    let (phc, strong) = hashed(at, &name, pass, weighty).await?;
    let now = at.house.now();
    Ok(Person {
        id: PersonId::fresh(&*at.house.chance),
        name,
        post: post.to_owned(),
        extra: Vec::new(),
        card: PersonCard::default(),
        password_phc: phc,
        password_at: now,
        password_strong: strong,
        created_at: now,
        last_login_at: None,
        departed_at: None,
        certify_from: now,
        certified: (post == OWNER).then(|| (now, "owner".to_owned())),
        has_totp: false,
        hours: Vec::new(),
        login_method: "password".into(),
        has_pin: false,
        badge: None,
        checked_at: None,
    })
}

/// The hash of a new password, and whether it is long enough for weighty rights.
async fn hashed(at: &At<'_>, name: &str, pass: Secret, weighty: bool) -> Result<(String, bool), ApiError> {
    use password::Strength::{Everyday, Owner};
    let least = if weighty { Owner } else { Everyday };
    let grants = at.house.store.grants().await?;
    let names: Vec<&str> = [name].into_iter().chain(grants.iter().map(|g| g.shop_name.as_str())).collect();
    if let Err(e) = password::check(&pass, least, &names) {
        let (code, detail) = match e {
            password::WeakPassword::TooShort { least, .. } => ("too_short", least.to_string()),
            password::WeakPassword::TooLong { most } => ("too_long", most.to_string()),
            password::WeakPassword::VeryCommon | password::WeakPassword::Pattern => ("too_common", String::new()),
            password::WeakPassword::HasName => ("has_name", String::new()),
        };
        return Err(field("password", code, &detail));
    }
    let strong = password::check(&pass, Owner, &names).is_ok();
    let chance = at.house.chance.clone();
    let phc = tokio::task::spawn_blocking(move || password::hash(&pass, &*chance)).await.map_err(ApiError::internal)?;
    Ok((phc, strong))
}

fn same_twice(password: &str, again: &str) -> Result<(), ApiError> {
    if password == again { Ok(()) } else { Err(field("again", "not_the_same", "")) }
}

/// Writes the person; a taken name is the person's turn, not a bug.
pub(crate) async fn add_or_taken(at: &At<'_>, person: &Person, log: &crate::store::LogEntry) -> Result<(), ApiError> {
    match at.house.store.add_person(person, log).await {
        Err(StoreError::Taken { .. }) => {
            let gone = at.house.store.person_named(&person.name).await?.is_some_and(|p| p.departed_at.is_some());
            let hint = if gone {
                "it is that of somebody who left: search the departed staff, and take the person back"
            } else {
                "choose another name, or search the employees for it"
            };
            Err(ApiError::new(Code::NameTaken, "this name is taken; nobody was added")
                .detail(if gone { "departed" } else { "employee" })
                .hint(hint)
                .fields(vec![FieldError {
                    field: "name".into(),
                    code: "taken".into(),
                    detail: person.name.clone(),
                    fault: None,
                }]))
        }
        other => Ok(other?),
    }
}

/// `shop:person` (R87): people are used to it from their platform. The colon may be the full-width one.
pub(super) fn strip_shop(name: &str) -> &str {
    name.rsplit([':', '：']).next().unwrap_or(name).trim()
}

fn check_name(name: &str) -> Result<(), ApiError> {
    check_words("name", name, 40)?;
    if ["desk", OWNER].contains(&fold_name(name).as_str()) {
        return Err(field("name", "taken", name));
    }
    Ok(())
}

/// Something is typed, not too long, and shows what it is.
pub(super) fn check_words(of: &str, text: &str, most: usize) -> Result<(), ApiError> {
    if text.is_empty() {
        return Err(field(of, "required", ""));
    }
    if text.chars().count() > most {
        return Err(field(of, "too_long", &most.to_string()));
    }
    // Control and invisible direction marks would make two people look alike in the log.
    if let Some(c) =
        text.chars().find(|c| c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'))
    {
        return Err(field(of, "missing_glyph", &format!("U+{:04X}", c as u32)));
    }
    Ok(())
}

fn card(real_name: &str, phone: &str) -> Result<PersonCard, ApiError> {
    let (real_name, phone) = (real_name.trim().to_owned(), phone.trim().to_owned());
    if !real_name.is_empty() {
        check_words("real_name", &real_name, 40)?;
    }
    let mut wrong = Vec::new();
    let phone = if phone.is_empty() { phone } else { content::phone("phone", &phone, &mut wrong) };
    if !wrong.is_empty() {
        return Err(crate::order::plan::wrong_fields(wrong));
    }
    Ok(PersonCard { real_name, phone })
}

/// A post that is there; empty = own ticks only.
fn check_post(all: &[Post], post: &str) -> Result<(), ApiError> {
    if post.is_empty() || all.iter().any(|p| p.id == post) {
        return Ok(());
    }
    Err(field("post", "out_of_range", post))
}

/// One field is wrong.
pub(super) fn field(field: &str, code: &str, detail: &str) -> ApiError {
    ApiError::new(Code::InvalidInput, format!("{field}: {code}"))
        .hint("mend the field; nothing was done")
        .fields(vec![FieldError { field: field.into(), code: code.into(), detail: detail.into(), fault: None }])
}

fn rights_detail(person: &Person) -> String {
    let extra: Vec<&str> = person.extra.iter().map(|p| p.word()).collect();
    format!("post={} extra={}", person.post, extra.join(" ")).trim_end().to_owned()
}

/// Where somebody stands with the certification. Day 7 counts whole, in China's time.
pub(super) fn standing(person: &Person, now: Millis) -> Standing {
    if person.post == OWNER || person.certified.is_some() {
        return Standing::Certified;
    }
    let until = certify_until(person.certify_from);
    if now < until { Standing::Until(until) } else { Standing::Overdue }
}

/// The end of the seventh day after the day of `from`.
fn certify_until(from: Millis) -> Millis {
    const DAY: i64 = 24 * 3600 * 1000;
    const CHINA: i64 = 8 * 3600 * 1000;
    let midnight = (from.0 + CHINA).div_euclid(DAY) * DAY - CHINA;
    Millis(midnight + DAY).plus(CERTIFY_WITHIN)
}

async fn view(house: &House, posts: &[Post], p: &Person) -> Result<PersonView, ApiError> {
    let now = house.now();
    let uses = house.store.right_uses(&p.id).await?;
    let of_post = posts::given(posts, &p.post);
    let rights = posts::rights(posts, p)
        .into_iter()
        .map(|r| {
            let used = uses.iter().find(|u| u.0 == r).map(|u| u.1.0);
            let from = if p.post == OWNER {
                "owner"
            } else if of_post.contains(&r) {
                "post"
            } else {
                "extra"
            };
            PersonRight {
                word: r.word().into(),
                from: from.into(),
                used_at: used,
                // What is younger than that could not be used yet.
                unused: !r.is_elsewhere() && used.unwrap_or(p.created_at.0) < now.0 - UNUSED,
            }
        })
        .collect();
    let (standing, certify_by) = match standing(p, now) {
        Standing::Certified => ("certified", 0),
        Standing::Until(t) => ("until", t.0),
        Standing::Overdue => ("overdue", 0),
    };
    let (failures, wait_until) = house.store.login_tries(&p.name).await?;
    let last = house.store.log_page(&LogQuery { person: p.id.to_string(), limit: 1, ..LogQuery::default() }).await?;
    Ok(PersonView {
        id: p.id.to_string(),
        name: p.name.clone(),
        real_name: p.card.real_name.clone(),
        phone: domain::mask::phone(&p.card.phone),
        post: p.post.clone(),
        post_name: posts.iter().find(|x| x.id == p.post).map(|x| x.name.clone()).unwrap_or_default(),
        extra: p.extra.iter().map(|r| r.word().to_owned()).collect(),
        rights,
        standing: standing.into(),
        certify_by,
        certified_how: p.certified.as_ref().map(|c| c.1.clone()).unwrap_or_default(),
        departed_at: p.departed_at.map(|t| t.0),
        created_at: p.created_at.0,
        last_login_at: p.last_login_at.map(|t| t.0),
        last_act_at: last.first().map(|l| l.at.0),
        last_act: last.first().map(|l| l.action.clone()).unwrap_or_default(),
        hours: p.hours.iter().map(|h| HoursView { days: h.days, from: h.from, to: h.to }).collect(),
        login_method: p.login_method.clone(),
        has_totp: p.has_totp,
        has_pin: p.has_pin,
        sms_why_not: sms::why_not(house, p).await?.into(),
        badge_at: p.badge.map(|b| b.at.0),
        badge_own: p.badge.is_some_and(|b| b.own),
        wrong_logins: failures,
        waits_s: session::wait_left(wait_until, now),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seventh_day_counts_whole() {
        let at = |text: &str| Millis(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
        for made in ["2026-11-20T00:00+08:00", "2026-11-20T23:59:59+08:00"] {
            assert_eq!(certify_until(at(made)), at("2026-11-28T00:00+08:00"), "made {made}");
        }
    }

    #[test]
    fn a_name_may_be_typed_with_its_shop_in_front() {
        assert_eq!(strip_shop("淘宝网:张三"), "张三");
        assert_eq!(strip_shop("淘宝网：张三 "), "张三");
        assert_eq!(strip_shop(" 张三"), "张三");
    }
}
