//! Codes by text message: six digits, five minutes, five tries, one use; bound to a person and a purpose. The next one a minute
//! later, five an hour. The owner enters the service that sends them; address and key are sealed and stay out of backups.
//!
//! What is under way lies in this folder's settings, with a keyed hash of the code, so that a restart forgives nothing.

use crate::api::{ApiError, Code, CodeSent, Nothing, SaveSms, SmsState};
use crate::door::At;
use crate::house::House;
use crate::rights::OWNER;
use crate::staff::people::field;
use crate::staff::session;
use crate::store::{App, Person};
use domain::clock::Millis;
use domain::secret::Secret;
use domain::sms::{SmsAccount, SmsError, SmsMessage};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use subtle::ConstantTimeEq;

/// The second factor of a login.
pub(crate) const LOGIN: &str = "login";
/// The first use of people.
pub(crate) const FIRST_USE: &str = "first_use";

/// How long a code is good.
const LIVES: Duration = Duration::from_secs(300);
/// How long until another may be asked for.
const AGAIN: Duration = Duration::from_secs(60);
/// How many go out in an hour.
const MOST: usize = 5;
const HOUR: Duration = Duration::from_secs(3600);
/// How often one may be typed.
const TRIES: u32 = 5;
/// Its row among the apps, whose secrets are sealed and never travel.
const APP: &str = "sms";

/// One person's codes of one purpose.
#[derive(Default, Serialize, Deserialize)]
struct Codes {
    /// Keyed hash of the one that is good now, hex; empty = none.
    hash: String,
    until: i64,
    tries: u32,
    /// When those of the last hour went out.
    sent: Vec<i64>,
}

impl Codes {
    fn is_good(&self, now: Millis) -> bool {
        // A clock that was set back must not make an old one good for longer than it ever was.
        let left = Millis(self.until).since(now);
        !self.hash.is_empty() && self.tries < TRIES && !left.is_zero() && left <= LIVES
    }
    /// Seconds until another may be asked for; 0 = now.
    fn again_s(&self, now: Millis) -> u64 {
        let last = self.sent.iter().copied().filter(|t| *t <= now.0).max();
        last.map_or(0, |t| AGAIN.saturating_sub(now.since(Millis(t))).as_millis().div_ceil(1000))
            .try_into()
            .unwrap_or(0)
    }
}

fn place(person: &Person, purpose: &str) -> String {
    format!("here.code.{purpose}.{}", person.id)
}

async fn codes(house: &House, person: &Person, purpose: &str) -> Result<Codes, ApiError> {
    let kept = house.store.setting(&place(person, purpose)).await?;
    Ok(kept.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

async fn keep(house: &House, person: &Person, purpose: &str, codes: &Codes, action: &str) -> Result<(), ApiError> {
    let text = serde_json::to_string(codes).map_err(ApiError::internal)?;
    let log = house.entry_of_desk(action, person.id.as_str(), format!("{purpose} tries={}", codes.tries));
    Ok(house.store.save_setting(&place(person, purpose), &text, &log).await?)
}

fn hash(house: &House, person: &Person, purpose: &str, code: &str) -> String {
    let all = format!("{}\n{purpose}\n{code}", person.id);
    house.vault.index("sms_code", &all).iter().map(|b| format!("{b:02x}")).collect()
}

/// Why this person cannot be given the login method; empty = can.
pub(super) async fn why_not(house: &House, person: &Person) -> Result<&'static str, ApiError> {
    // Nobody could let the owner in while the service is silent.
    if person.post == OWNER { Ok("not_for_owner") } else { why_not_phone(house, person).await }
}

/// Why no code can go to this person's phone; empty = it can.
pub(super) async fn why_not_phone(house: &House, person: &Person) -> Result<&'static str, ApiError> {
    Ok(match account(house).await? {
        None => "no_provider",
        Some(_) if person.card.phone.is_empty() => "no_phone",
        Some(_) => "",
    })
}

async fn account(house: &House) -> Result<Option<SmsAccount>, ApiError> {
    let app = house.store.app(APP).await?;
    let Some(app) = app.filter(|a| !a.secret.is_empty()) else { return Ok(None) };
    // One line each: addresses hold no line break.
    let (address, key) = app.secret.reveal().split_once('\n').unwrap_or_default();
    let address = url::Url::parse(address).map_err(ApiError::internal)?;
    Ok(Some(SmsAccount { address, key: Secret::new(key) }))
}

/// Whether messages go to this address.
pub(crate) async fn is_at(house: &House, address: &url::Url) -> Result<bool, ApiError> {
    Ok(account(house).await?.is_some_and(|a| a.address == *address))
}

/// Sends a new code; the one before it is void. Errors: [`Code::SmsNotSent`].
pub(super) async fn send(house: &House, person: &Person, purpose: &str) -> Result<CodeSent, ApiError> {
    let _turn = house.turn(&format!("sms:{}", person.id)).await;
    let why = why_not_phone(house, person).await?;
    let Some(account) = account(house).await?.filter(|_| why.is_empty()) else { return Err(not_sent(why)) };
    let now = house.now();
    let mut codes = codes(house, person, purpose).await?;
    let wait = codes.again_s(now);
    if wait > 0 {
        return Err(not_sent(&format!("wait {wait}")));
    }
    // What lies ahead of the clock was noted before somebody set it back.
    codes.sent.retain(|t| *t <= now.0 && now.since(Millis(*t)) < HOUR);
    if codes.sent.len() >= MOST {
        let first = codes.sent.iter().copied().min().unwrap_or(now.0);
        let left = HOUR.saturating_sub(now.since(Millis(first)));
        return Err(not_sent(&format!("limit {}", left.as_secs().max(1))));
    }
    let code = six_digits(house);
    codes.hash = hash(house, person, purpose, &code);
    codes.until = now.plus(LIVES).0;
    codes.tries = 0;
    codes.sent.push(now.0);
    // On disk before it leaves: it counts whatever becomes of it.
    keep(house, person, purpose, &codes, "sms.code").await?;
    let minutes = u32::try_from(LIVES.as_secs() / 60).unwrap_or(5);
    let message = SmsMessage { to: person.card.phone.clone(), code: Secret::new(code), minutes };
    match house.sms.send(&account, &message).await {
        Ok(()) => Ok(CodeSent {
            phone: domain::mask::phone(&person.card.phone),
            lives_s: LIVES.as_secs(),
            again_s: AGAIN.as_secs(),
        }),
        Err(e) => {
            tracing::warn!(error = %e, "a text message did not go out");
            if !matches!(e, SmsError::Unknown(_)) {
                // It is nowhere: the next press need not wait for it. It still counts for the hour.
                codes.hash.clear();
                if let Some(last) = codes.sent.last_mut() {
                    *last -= i64::try_from(AGAIN.as_millis()).unwrap_or(0);
                }
                keep(house, person, purpose, &codes, "sms.not_sent").await?;
            }
            Err(not_sent(e.word()))
        }
    }
}

/// Each of a million as likely as the others.
fn six_digits(house: &House) -> String {
    loop {
        let mut bytes = [0; 4];
        house.chance.fill(&mut bytes);
        let n = u32::from_be_bytes(bytes);
        if n < u32::MAX - u32::MAX % 1_000_000 {
            return format!("{:06}", n % 1_000_000);
        }
    }
}

/// What a login that was right so far is told: where its code went, and when another may be asked for.
pub(super) async fn asked_at_login(at: &At<'_>, person: &Person) -> Result<ApiError, ApiError> {
    let (house, now) = (at.house, at.house.now());
    let there = codes(house, person, LOGIN).await?;
    // A second press within the minute means the code that is under way.
    let again_s = if there.is_good(now) && there.again_s(now) > 0 {
        there.again_s(now)
    } else {
        send(house, person, LOGIN).await?.again_s
    };
    Ok(ApiError::new(Code::CodeNeeded, "a one-time code is needed as well; it was sent to the phone of this account")
        .detail(format!("sms {} {again_s}", domain::mask::phone(&person.card.phone)))
        .hint("log in with the code of the text message"))
}

/// Whether this is the code that was sent. It counts once; wrong ones make the next wait as wrong passwords do.
pub(super) async fn check(house: &House, person: &Person, purpose: &str, code: &str) -> Result<(), ApiError> {
    let _turn = house.turn(&format!("sms:{}", person.id)).await;
    let now = house.now();
    let key = format!("\u{0}sms:{}", person.id);
    let (failures, wait_until) = house.store.login_tries(&key).await?;
    match session::wait_left(wait_until, now) {
        0 => {}
        s => return Err(session::wait_error(Duration::from_secs(s))),
    }
    let mut codes = codes(house, person, purpose).await?;
    if !codes.is_good(now) {
        return Err(field("code", "code_over", ""));
    }
    let given: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    let right = hash(house, person, purpose, &given).as_bytes().ct_eq(codes.hash.as_bytes());
    if bool::from(right) {
        codes.hash.clear();
        keep(house, person, purpose, &codes, "login.code_right").await?;
        if failures > 0 {
            let log = house.entry_of_desk("login.code_right", person.id.as_str(), "");
            house.store.login_failed(&key, 0, Millis(0), &log).await?;
        }
        return Ok(());
    }
    codes.tries += 1;
    keep(house, person, purpose, &codes, "login.failed").await?;
    let failures = failures.saturating_add(1);
    let log = house.entry_of_desk("login.failed", person.id.as_str(), format!("sms failures={failures}"));
    house.store.login_failed(&key, failures, now.plus(session::wait_after(failures)), &log).await?;
    Err(field("code", if codes.tries < TRIES { "bad_sms_code" } else { "code_over" }, ""))
}

/// No message went out.
pub(super) fn not_sent(why: &str) -> ApiError {
    let hint = match why.split(' ').next().unwrap_or_default() {
        "no_provider" => "ask the owner to enter the text message service, or for another login method",
        "no_phone" => "ask the owner to enter the phone of this account",
        "wait" | "limit" => "wait; a code that came already is still good for five minutes",
        "unknown_number" => "ask the owner to look at the phone of this account",
        "bad_key" | "no_credit" => "ask the owner to look at the text message service",
        _ => "try again in a minute",
    };
    ApiError::new(Code::SmsNotSent, format!("no text message was sent ({why})")).detail(why).hint(hint)
}

/// What is set up.
pub(crate) async fn state(at: &At<'_>, _: Nothing) -> Result<SmsState, ApiError> {
    let house = at.house;
    let there = account(house).await?;
    let entered = house.store.app(APP).await?.map(|a| a.entered_at.0);
    let by = house.store.people().await?;
    let by = by.iter().filter(|p| p.departed_at.is_none() && p.login_method == "sms").count();
    Ok(SmsState {
        set: there.is_some(),
        entered_at: there.is_some().then_some(entered).flatten(),
        host: there.and_then(|a| a.address.host_str().map(str::to_owned)).unwrap_or_default(),
        people: u32::try_from(by).unwrap_or(u32::MAX),
    })
}

/// Enters another one, or takes it away.
pub(crate) async fn save(at: &At<'_>, req: SaveSms) -> Result<SmsState, ApiError> {
    let house = at.house;
    let (address, key) = (req.address.trim(), req.key.trim());
    let secret = if address.is_empty() && key.is_empty() {
        let users = state(at, Nothing {}).await?.people;
        if users > 0 {
            return Err(ApiError::new(
                Code::WrongState,
                format!("{users} people log in by its codes; the service was not taken away"),
            )
            .detail("sms_in_use")
            .hint("give them another login method first"));
        }
        Secret::new("")
    } else {
        let url = url::Url::parse(address).map_err(|_| field("address", "bad_web_address", address))?;
        if !house.sms.takes(&url) {
            return Err(field("address", "bad_web_address", address));
        }
        let known = account(house).await?.filter(|a| a.address == url && key.is_empty());
        let key = known.map_or_else(|| Secret::new(key), |a| a.key);
        if key.is_empty() {
            return Err(field("key", "required", ""));
        }
        if key.reveal().chars().any(|c| c.is_control() || !c.is_ascii()) {
            return Err(field("key", "missing_glyph", ""));
        }
        Secret::new(format!("{url}\n{}", key.reveal()))
    };
    let app = App {
        platform: APP.into(),
        key: String::new(),
        callback: String::new(),
        entered_by: at.actor()?.id.clone(),
        entered_at: house.now(),
        secret,
    };
    let detail = if app.secret.is_empty() { "none" } else { "" };
    let log = house.entry(at.actor()?, "sms.save", APP, detail);
    house.store.set_app(&app, &log).await?;
    house.people_changed();
    state(at, Nothing {}).await
}
