//! One try to get a grant: the press, the link, the paste field, and a person's yes. What happens between an answer and
//! `held` is `exchange`.

use crate::api::{
    ApiError, AttemptLink, AttemptQr, AttemptView, ById, Code, ConfirmShop, Done, Nothing, PasteAnswer, StartAttempt,
};
use crate::door::At;
use crate::grant::answer::{self, Refused};
use crate::grant::grants;
use crate::grant::loopback::Listener;
use crate::grant::platforms::{self, Callback, door_word};
use crate::house::House;
use crate::kill;
use crate::store::{Attempt, AttemptChange, StoreError};
use domain::attempt::{AttemptEvent, AttemptState, next};
use domain::connector::{AuthorizeRequest, Connector, Door, Profile, Tokens};
use domain::ids::{AttemptId, GrantId};
use domain::secret::Secret;
use std::sync::{Arc, PoisonError};
use std::time::Duration;
use url::Url;

/// An attempt in this computer's own browser.
const LIFE_BROWSER: Duration = Duration::from_secs(10 * 60);
/// A copied link: sent by chat and opened later.
const LIFE_LINK: Duration = Duration::from_secs(24 * 3600);
/// A loopback port is never open longer, whatever the attempt's life.
const LIFE_PORT: Duration = LIFE_BROWSER;
const OPEN_A_PERSON: usize = 5;

/// Starts an attempt and, for `browser`, opens it.
pub(crate) async fn start(at: &At<'_>, req: StartAttempt) -> Result<AttemptView, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let life = match req.way.as_str() {
        "browser" => LIFE_BROWSER,
        "link" => LIFE_LINK,
        _ => return Err(ApiError::new(Code::InvalidInput, "way is `browser` or `link`")),
    };
    let connector = platforms::connector(house, &req.platform)?;
    let profile = connector.profile();
    platforms::app_key(house, &*connector).await?.ok_or_else(|| platforms::app_missing(&profile.id))?;
    let callback = platforms::callback(house, profile).await?;
    let _turn = house.turn(&format!("attempts:{}", actor.id)).await;
    let open = house.store.attempts_not_over().await?;
    if open.iter().filter(|a| a.state == AttemptState::Open && a.asked_by == actor.id).count() >= OPEN_A_PERSON {
        return Err(ApiError::new(
            Code::TooManyAttempts,
            format!("{OPEN_A_PERSON} attempts are open already; nothing was started"),
        )
        .detail(OPEN_A_PERSON.to_string())
        .hint("cancel one that is not needed"));
    }
    let id = AttemptId::fresh(&*house.chance);
    let (redirect, listener) = open_doors(&callback, profile).await;
    let now = house.now();
    let attempt = Attempt {
        id: id.clone(),
        platform: profile.id.clone(),
        way: req.way,
        state: AttemptState::Open,
        reason: String::new(),
        hint: String::new(),
        secret_state: Secret::new(house.chance.hex(32)),
        // RFC 7636: 43–128 unreserved characters; 64 hex digits carry 256 bits.
        verifier: if profile.pkce { Secret::new(house.chance.hex(32)) } else { Secret::default() },
        redirect,
        asked_by: actor.id.clone(),
        renews: Some(req.renew).filter(|r| !r.is_empty()).map(GrantId::from_stored),
        door: String::new(),
        created_at: now,
        expires_at: now.plus(life),
        shop: None,
        grant: None,
    };
    // The address is made once here so that a bad app setting is an error now, not in the browser.
    link_of(house, &attempt, &*connector).await?;
    let log =
        house.entry(actor, "attempt.start", id.as_str(), format!("platform={} way={}", attempt.platform, attempt.way));
    house.store.add_attempt(&attempt, &log).await?;
    kill::point("attempt.after_open");
    if let Some((mut door, sockets)) = listener {
        door.serve(sockets, house, id.as_str());
        listeners(house).insert(id.to_string(), door);
    }
    house.tell("attempt", id.as_str());
    let mut opened = false;
    if attempt.way == "browser" {
        opened = to_browser(house, &attempt, &*connector).await.is_ok();
    }
    view(house, &attempt, opened).await
}

/// Works the redirect address out and binds the port where one is needed. A port that is taken closes that door only.
async fn open_doors(
    callback: &Callback,
    profile: &Profile,
) -> (String, Option<(Listener, Vec<tokio::net::TcpListener>)>) {
    let path = format!("/callback/{}", profile.id);
    match callback {
        Callback::Loopback { v6, port } => {
            let host = if *v6 { "[::1]" } else { "127.0.0.1" };
            match Listener::open(*port).await {
                Ok((door, sockets)) => (format!("http://{host}:{}{path}", door.port()), Some((door, sockets))),
                Err(e) => {
                    tracing::warn!(error = %e, "the loopback port could not be opened; the answer comes home by paste");
                    let port = port.map(|p| format!(":{p}")).unwrap_or_default();
                    (format!("http://{host}{port}{path}"), None)
                }
            }
        }
        Callback::Scheme => (format!("{}:{path}", platforms::SCHEME), None),
        Callback::Elsewhere(page) => (page.clone(), None),
    }
}

/// Doors an attempt may come home by: those of its redirect, and paste.
pub(crate) fn doors(a: &Attempt, profile: &Profile) -> Vec<Door> {
    // The redirect was made from a callback that read well; `true`: an answer that did come by the scheme is no guess.
    let base = strip_port(&a.redirect);
    Callback::read(&base, &a.platform).map(|c| c.doors(profile, true)).unwrap_or_else(|_| vec![Door::Paste])
}

fn strip_port(redirect: &str) -> String {
    let Ok(mut url) = Url::parse(redirect) else { return redirect.to_owned() };
    if url.scheme() == "http" && url.set_port(None).is_ok() { url.into() } else { redirect.to_owned() }
}

/// Those that are not over, newest first.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<Vec<AttemptView>, ApiError> {
    let mut all = at.house.store.attempts_not_over().await?;
    all.sort_by_key(|a| std::cmp::Reverse(a.created_at));
    let mut views = Vec::with_capacity(all.len());
    for a in &all {
        views.push(view(at.house, a, false).await?);
    }
    Ok(views)
}

/// One.
pub(crate) async fn show(at: &At<'_>, req: ById) -> Result<AttemptView, ApiError> {
    let a = get(at.house, &req.id).await?;
    view(at.house, &a, false).await
}

/// Opens the browser (again).
pub(crate) async fn open_browser(at: &At<'_>, req: ById) -> Result<AttemptView, ApiError> {
    let a = open_one(at.house, &req.id).await?;
    let connector = platforms::connector(at.house, &a.platform)?;
    to_browser(at.house, &a, &*connector).await.map_err(|why| {
        ApiError::new(
            Code::BrowserFailed,
            format!("the browser could not be opened ({why}); the attempt is still open"),
        )
        .hint("copy the link and open it in any browser")
    })?;
    view(at.house, &a, true).await
}

async fn to_browser(house: &House, a: &Attempt, connector: &dyn Connector) -> Result<(), String> {
    let link = link_of(house, a, connector).await.map_err(|e| e.message)?;
    let host = link.host_str().unwrap_or_default().to_owned();
    if !connector.browser_hosts().contains(&host) {
        return Err("this address is not one of the platform's".into());
    }
    house.host.open_browser(&link)
}

/// Puts the link on the clipboard, from Rust: it carries the state and does not enter the webview.
pub(crate) async fn copy_link(at: &At<'_>, req: ById) -> Result<Done, ApiError> {
    let a = open_one(at.house, &req.id).await?;
    let link = link_of(at.house, &a, &*platforms::connector(at.house, &a.platform)?).await?;
    at.house.host.copy_text(link.as_str()).map_err(|why| {
        ApiError::new(
            Code::BrowserFailed,
            format!("the clipboard could not be written ({why}); the attempt is still open"),
        )
        .hint("scan the QR code, or open the browser here")
    })?;
    let log = at.house.entry(at.actor()?, "attempt.copy_link", a.id.as_str(), "");
    at.house.store.note(&log).await?;
    Ok(Done {})
}

/// The link as a QR picture.
pub(crate) async fn qr(at: &At<'_>, req: ById) -> Result<AttemptQr, ApiError> {
    let a = open_one(at.house, &req.id).await?;
    let link = link_of(at.house, &a, &*platforms::connector(at.house, &a.platform)?).await?;
    Ok(AttemptQr { svg: svg_of(link.as_str())? })
}

/// A text as a QR picture.
pub(crate) fn svg_of(text: &str) -> Result<String, ApiError> {
    let code = qrcodegen::QrCode::encode_text(text, qrcodegen::QrCodeEcc::Low)
        .map_err(|_| ApiError::internal("the text is too long for a QR code"))?;
    let n = code.size();
    let mut path = String::new();
    for y in 0..n {
        for x in 0..n {
            if code.get_module(x, y) {
                path += &format!("M{} {}h1v1h-1z", x + 4, y + 4);
            }
        }
    }
    let side = n + 8;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <rect width=\"{side}\" height=\"{side}\" fill=\"#fff\"/><path d=\"{path}\"/></svg>"
    ))
}

/// The link as text, for terminals.
pub(crate) async fn link(at: &At<'_>, req: ById) -> Result<AttemptLink, ApiError> {
    let a = open_one(at.house, &req.id).await?;
    let link = link_of(at.house, &a, &*platforms::connector(at.house, &a.platform)?).await?;
    let log = at.house.entry(at.actor()?, "attempt.copy_link", a.id.as_str(), "");
    at.house.store.note(&log).await?;
    Ok(AttemptLink { link: link.into() })
}

async fn link_of(house: &House, a: &Attempt, connector: &dyn Connector) -> Result<Url, ApiError> {
    let app = platforms::app_key(house, connector).await?.ok_or_else(|| platforms::app_missing(&a.platform))?;
    let verifier = Some(&a.verifier).filter(|v| !v.is_empty());
    connector
        .authorize_url(&AuthorizeRequest { app: &app, redirect: &a.redirect, state: &a.secret_state, verifier })
        .map_err(|e| crate::trouble::call_failed(&e, "nothing was started"))
}

/// A person brings the answer by hand.
pub(crate) async fn paste(at: &At<'_>, req: PasteAnswer) -> Result<AttemptView, ApiError> {
    let house = at.house;
    let a = get(house, &req.id).await?;
    let read = answer::read_paste(&req.text, &a);
    let end = match read {
        Ok(given) => answer::take(house, Door::Paste, None, Some(&a), given).await,
        Err(why) => Err(why),
    };
    if let Err(why) = end {
        answer::log_refused(house, Door::Paste, a.id.as_str(), why).await;
        let hint = match why {
            Refused::AttemptOver => "this attempt is over; start a new one",
            Refused::Expired => "time is up; start a new attempt",
            Refused::OtherAttempt | Refused::UnknownState => {
                "this address belongs to another attempt; start again from this page"
            }
            _ => "copy the whole address from the browser's address bar, from http to the end",
        };
        return Err(ApiError::new(
            Code::AnswerRefused,
            format!("this is not an answer to this attempt ({why}); the attempt is kept"),
        )
        .detail(why.to_string())
        .hint(hint));
    }
    // The exchange goes on by itself; a person at the paste field wants its end.
    settled(house, &a.id).await;
    let a = get(house, &req.id).await?;
    view(house, &a, false).await
}

/// Waits while the code is being exchanged.
async fn settled(house: &House, id: &AttemptId) {
    drop(house.turn(&format!("attempt:{id}")).await);
}

/// Calls an attempt off.
pub(crate) async fn cancel(at: &At<'_>, req: ById) -> Result<AttemptView, ApiError> {
    let a = get(at.house, &req.id).await?;
    let log = at.house.entry(at.actor()?, "attempt.cancel", a.id.as_str(), "");
    let moved = go(at.house, &a, AttemptEvent::Cancel, AttemptChange::default(), &log).await?;
    if !moved {
        return Err(over(&a));
    }
    let a = get(at.house, &req.id).await?;
    view(at.house, &a, false).await
}

/// A person says whether this is the shop they meant.
pub(crate) async fn confirm(at: &At<'_>, req: ConfirmShop) -> Result<AttemptView, ApiError> {
    let (house, actor) = (at.house, at.actor()?);
    let a = get(house, &req.id).await?;
    if a.state != AttemptState::Held {
        return Err(over(&a));
    }
    if req.right_shop {
        let log = house.entry(actor, "grant.activate", a.id.as_str(), shop_detail(&a));
        let fresh = GrantId::fresh(&*house.chance);
        kill::point("confirm.before_active");
        let grant = house.store.activate(&a.id, &fresh, &actor.id, house.now(), &log).await?.ok_or_else(|| over(&a))?;
        kill::point("confirm.after_active");
        house.tell("grants", grant.as_str());
        house.tell("attempt", a.id.as_str());
        // The grant stands; couriers that cannot be read now are read again by hand.
        if let Err(e) = grants::load_couriers(house, &grant).await {
            tracing::warn!(code = ?e.code, error = %e, "couriers could not be read right after the grant");
        }
    } else {
        let tokens = house.store.attempt_tokens(&a.id).await?;
        let log = house.entry(actor, "attempt.wrong_shop", a.id.as_str(), shop_detail(&a));
        let change = AttemptChange { reason: Some("wrong_shop".into()), ..AttemptChange::default() };
        if !go(house, &a, AttemptEvent::Reject, change, &log).await? {
            return Err(over(&a));
        }
        give_back(house, &a, tokens);
    }
    let a = get(house, &req.id).await?;
    view(house, &a, false).await
}

/// Tokens of the wrong shop are not ours to keep: told to the platform where it listens, forgotten here already.
fn give_back(house: &Arc<House>, a: &Attempt, tokens: Option<Tokens>) {
    let (house, platform) = (house.clone(), a.platform.clone());
    let Some(tokens) = tokens else { return };
    tokio::spawn(async move {
        let Ok(connector) = platforms::connector(&house, &platform) else { return };
        if let Ok(Some(app)) = platforms::app_key(&house, &*connector).await
            && let Err(e) = connector.revoke(&app, &tokens).await
        {
            tracing::warn!(error = %e, "a refused shop's tokens could not be revoked at the platform");
        }
    });
}

fn shop_detail(a: &Attempt) -> String {
    a.shop.as_ref().map(|s| format!("platform={} shop={}", a.platform, s.id)).unwrap_or_default()
}

fn over(a: &Attempt) -> ApiError {
    ApiError::new(Code::WrongState, format!("this attempt is `{}`; nothing was changed", a.state.word()))
        .detail(a.state.word())
}

async fn get(house: &House, id: &str) -> Result<Attempt, ApiError> {
    house.store.attempt(&AttemptId::from_stored(id)).await?.ok_or_else(|| ApiError::not_found("attempt"))
}

async fn open_one(house: &House, id: &str) -> Result<Attempt, ApiError> {
    let a = get(house, id).await?;
    if a.state == AttemptState::Open && a.expires_at > house.now() { Ok(a) } else { Err(over(&a)) }
}

/// Moves an attempt and closes its loopback door once nothing more is awaited.
pub(crate) async fn go(
    house: &House,
    a: &Attempt,
    event: AttemptEvent,
    change: AttemptChange,
    log: &crate::store::LogEntry,
) -> Result<bool, StoreError> {
    let Some(to) = next(a.state, event) else { return Ok(false) };
    let moved = house.store.move_attempt(&a.id, a.state, to, &change, log).await?;
    if moved {
        if to != AttemptState::Open {
            close_door(house, &a.id);
        }
        house.tell("attempt", a.id.as_str());
    }
    Ok(moved)
}

fn listeners(house: &House) -> std::sync::MutexGuard<'_, std::collections::HashMap<String, Listener>> {
    house.loopback.lock().unwrap_or_else(PoisonError::into_inner)
}

fn close_door(house: &House, id: &AttemptId) {
    // Dropped outside the lock; requests being answered run on their own and finish.
    let door = listeners(house).remove(id.as_str());
    drop(door);
}

/// Attempts whose time is up, and loopback doors that were open long enough.
pub(crate) async fn expire_due(house: &Arc<House>) -> Result<(), ApiError> {
    let now = house.now();
    for a in house.store.attempts_not_over().await? {
        if a.state == AttemptState::Open && a.expires_at <= now {
            let log = house.entry_of_desk("attempt.expired", a.id.as_str(), "");
            go(house, &a, AttemptEvent::Expire, AttemptChange::default(), &log).await?;
        } else if now.since(a.created_at) > LIFE_PORT {
            close_door(house, &a.id);
        }
    }
    Ok(())
}

/// After a start: an exchange under way was lost with its code; open attempts get their loopback door back where the port
/// is still free.
pub(crate) async fn mend_after_restart(house: &Arc<House>) -> Result<(), StoreError> {
    for a in house.store.attempts_not_over().await? {
        match a.state {
            AttemptState::Received | AttemptState::Exchanging => {
                let change = AttemptChange { reason: Some("exchange_lost".into()), ..AttemptChange::default() };
                let log = house.entry_of_desk("attempt.exchange_lost", a.id.as_str(), "restart");
                go(house, &a, AttemptEvent::ExchangeLost, change, &log).await?;
            }
            AttemptState::Open if house.now().since(a.created_at) < LIFE_PORT && a.expires_at > house.now() => {
                let port = Url::parse(&a.redirect).ok().filter(|u| u.scheme() == "http").and_then(|u| u.port());
                if let Some(port) = port
                    && let Ok((mut door, sockets)) = Listener::open(Some(port)).await
                {
                    door.serve(sockets, house, a.id.as_str());
                    listeners(house).insert(a.id.to_string(), door);
                }
            }
            _ => {}
        }
    }
    Ok(())
}

async fn view(house: &House, a: &Attempt, opened: bool) -> Result<AttemptView, ApiError> {
    let asked_by = house.store.person(&a.asked_by).await?.map(|p| p.name).unwrap_or_default();
    let offered = match house.connectors.get(&a.platform) {
        Some(c) => {
            let mut d = doors(a, c.profile());
            d.retain(|d| *d != Door::Scheme || house.host.has_link_scheme());
            d.retain(|d| *d != Door::Loopback || listeners(house).contains_key(a.id.as_str()));
            d
        }
        None => vec![],
    };
    let renews = match &a.shop {
        Some(shop) => house.store.grant_of_shop(&a.platform, shop).await?.is_some(),
        None => false,
    };
    let left = a.expires_at.since(house.now());
    Ok(AttemptView {
        id: a.id.to_string(),
        platform: a.platform.clone(),
        way: a.way.clone(),
        state: a.state.word().into(),
        reason: a.reason.clone(),
        hint: a.hint.clone(),
        asked_by,
        created_at: a.created_at.0,
        expires_at: a.expires_at.0,
        seconds_left: i64::try_from(left.as_secs()).unwrap_or(0),
        doors: offered.into_iter().map(|d| door_word(d).to_owned()).collect(),
        shop_name: a.shop.as_ref().map(|s| s.name.clone()).unwrap_or_default(),
        shop_id: a.shop.as_ref().map(|s| s.id.0.clone()).unwrap_or_default(),
        renews,
        grant: a.grant.as_ref().map(ToString::to_string).unwrap_or_default(),
        browser_opened: opened,
    })
}
