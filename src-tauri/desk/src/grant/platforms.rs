//! Platforms that can be granted, the owner's own app on each, and which doors its registered callback address leaves.

use crate::api::{ApiError, Code, FieldError, Nothing, PlatformView, SetApp};
use crate::door::At;
use crate::house::House;
use crate::order::plan::wrong_fields;
use crate::store::App;
use domain::connector::{AppKey, Connector, Door, Profile, RevokeWay, SecretMode};
use domain::secret::Secret;
use url::{Host, Url};

/// Our link scheme. Fixed: installed links must keep working.
pub(crate) const SCHEME: &str = "app.waybilldesk";

/// Where the platform will send the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Callback {
    /// Our loopback listener; `None` = any port.
    Loopback { v6: bool, port: Option<u16> },
    /// Our link scheme.
    Scheme,
    /// A page that is not ours: its address comes back by paste.
    Elsewhere(String),
}

impl Callback {
    /// Reads a registered callback address. `""` means nothing is registered: loopback, any port.
    pub fn read(text: &str, connector: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(Self::Loopback { v6: false, port: None });
        }
        let path = format!("/callback/{connector}");
        if text == format!("{SCHEME}:{path}") {
            return Ok(Self::Scheme);
        }
        let url = Url::parse(text).map_err(|_| "not an address")?;
        if url.fragment().is_some() || !url.username().is_empty() || url.password().is_some() {
            return Err("no fragment and no user name belong in it");
        }
        match (url.scheme(), url.host()) {
            ("http", Some(Host::Ipv4(ip))) if ip.is_loopback() => Self::loopback(&url, &path, false),
            ("http", Some(Host::Ipv6(ip))) if ip.is_loopback() => Self::loopback(&url, &path, true),
            ("http" | "https", Some(_)) => Ok(Self::Elsewhere(text.to_owned())),
            _ => Err("neither http(s) nor our own link scheme"),
        }
    }

    fn loopback(url: &Url, path: &str, v6: bool) -> Result<Self, &'static str> {
        if url.path() != path || url.query().is_some() {
            // Registered long ago for another program: it can still come home by paste.
            return Ok(Self::Elsewhere(url.as_str().to_owned()));
        }
        Ok(Self::Loopback { v6, port: url.port() })
    }

    /// Doors that can open with it, those of the profile only.
    pub fn doors(&self, profile: &Profile, has_scheme: bool) -> Vec<Door> {
        let mut doors = match self {
            Self::Loopback { .. } => vec![Door::Loopback],
            Self::Scheme if has_scheme => vec![Door::Scheme],
            Self::Scheme | Self::Elsewhere(_) => vec![],
        };
        doors.push(Door::Paste);
        doors.retain(|d| profile.doors.contains(d));
        doors
    }
}

/// All platforms this desk can talk to; those for trial only in a trial folder.
pub(crate) async fn list(at: &At<'_>, _: Nothing) -> Result<Vec<PlatformView>, ApiError> {
    let mut all = Vec::new();
    for c in at.house.connectors.values() {
        if !c.profile().trial_only || at.house.trial {
            all.push(view(at.house, &**c).await?);
        }
    }
    Ok(all)
}

/// The owner enters the app once (R41). The secret is sealed and never shown again.
pub(crate) async fn set_app(at: &At<'_>, req: SetApp) -> Result<PlatformView, ApiError> {
    let house = at.house;
    let connector = connector(house, &req.platform)?;
    let profile = connector.profile();
    let mut wrong = Vec::new();
    let mut field = |f: &str, code: &str, detail: &str| {
        wrong.push(FieldError { field: f.into(), code: code.into(), detail: detail.into(), fault: None });
    };
    let known = house.store.app(&req.platform).await?;
    let (key, callback) = (req.key.trim().to_owned(), req.callback.trim().to_owned());
    let secret = Secret::new(req.secret.trim());
    // An empty secret with the same key keeps the sealed one: the owner changes the callback without typing it again.
    let secret = match &known {
        Some(a) if secret.is_empty() && a.key == key => a.secret.clone(),
        _ => secret,
    };
    if profile.secret_mode == SecretMode::OwnApp {
        for (name, text) in [("key", key.as_str()), ("secret", secret.reveal())] {
            if text.is_empty() {
                field(name, "required", "");
            } else if text.len() > 512 || !text.bytes().all(|b| b.is_ascii_graphic()) {
                field(name, "out_of_range", "1–512 ASCII");
            }
        }
    }
    if profile.callback_registered && callback.is_empty() {
        field("callback", "required", "");
    }
    if let Err(why) = Callback::read(&callback, &profile.id) {
        field("callback", "bad_address", why);
    }
    if !wrong.is_empty() {
        return Err(wrong_fields(wrong));
    }
    let actor = at.actor()?;
    let app = App {
        platform: req.platform.clone(),
        key,
        secret,
        callback: callback.clone(),
        entered_by: actor.id.clone(),
        entered_at: house.now(),
    };
    let log = house.entry(actor, "app.set", &req.platform, format!("callback={callback}"));
    house.store.set_app(&app, &log).await?;
    house.tell("grants", "");
    view(house, &*connector).await
}

/// The connector, if it may be used in this folder.
pub(crate) fn connector(house: &House, platform: &str) -> Result<std::sync::Arc<dyn Connector>, ApiError> {
    house
        .connectors
        .get(platform)
        .filter(|c| !c.profile().trial_only || house.trial)
        .cloned()
        .ok_or_else(|| ApiError::not_found("platform"))
}

/// The app to call with; `None` while the owner has not entered one.
pub(crate) async fn app_key(house: &House, c: &dyn Connector) -> Result<Option<AppKey>, ApiError> {
    let stored = house.store.app(&c.profile().id).await?;
    Ok(match (stored, c.profile().secret_mode) {
        (Some(a), SecretMode::OwnApp) => Some(AppKey { key: a.key, secret: a.secret }),
        (None, SecretMode::OwnApp) => None,
        // A public client has no secret; its id is the connector's own.
        (_, SecretMode::Native) => Some(AppKey { key: String::new(), secret: Secret::default() }),
    })
}

/// The registered callback of a platform.
pub(crate) async fn callback(house: &House, profile: &Profile) -> Result<Callback, ApiError> {
    let text = house.store.app(&profile.id).await?.map(|a| a.callback).unwrap_or_default();
    if text.is_empty() && profile.callback_registered {
        return Err(app_missing(&profile.id));
    }
    Callback::read(&text, &profile.id).map_err(|why| ApiError::internal(format!("the stored callback is {why}")))
}

/// The owner must enter the app first.
pub(crate) fn app_missing(platform: &str) -> ApiError {
    ApiError::new(
        Code::AppMissing,
        format!("the app key and secret for {platform} have not been entered; nothing was done"),
    )
    .hint("the owner enters them once under e-waybill accounts")
    .detail(platform)
}

/// The word of a door.
pub(crate) fn door_word(d: Door) -> &'static str {
    match d {
        Door::Loopback => "loopback",
        Door::Scheme => "scheme",
        Door::Paste => "paste",
    }
}

async fn view(house: &House, c: &dyn Connector) -> Result<PlatformView, ApiError> {
    let p = c.profile();
    let app = house.store.app(&p.id).await?;
    let text = app.as_ref().map(|a| a.callback.clone()).unwrap_or_default();
    let doors = match Callback::read(&text, &p.id) {
        Ok(cb) if !(text.is_empty() && p.callback_registered) => cb.doors(p, house.host.has_link_scheme()),
        _ => vec![],
    };
    Ok(PlatformView {
        id: p.id.clone(),
        trial_only: p.trial_only,
        secret_mode: match p.secret_mode {
            SecretMode::OwnApp => "own_app".into(),
            SecretMode::Native => "native".into(),
        },
        app_set: p.secret_mode == SecretMode::Native || app.is_some(),
        app_key: app.map(|a| a.key).unwrap_or_default(),
        callback: text,
        doors: doors.into_iter().map(|d| door_word(d).to_owned()).collect(),
        scopes: p.scopes.clone(),
        couriers: p.couriers,
        revoke_page: revoke_page(p),
    })
}

/// The page where a person ends the grant; empty where we can tell the platform.
pub(crate) fn revoke_page(p: &Profile) -> String {
    match &p.revoke {
        RevokeWay::Page(page) => page.clone(),
        RevokeWay::Call => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_registered_callback_decides_the_doors() {
        let read = |t: &str| Callback::read(t, "taobao");
        assert_eq!(read(""), Ok(Callback::Loopback { v6: false, port: None }));
        assert_eq!(read("http://127.0.0.1/callback/taobao"), Ok(Callback::Loopback { v6: false, port: None }));
        assert_eq!(
            read("http://127.0.0.1:8082/callback/taobao"),
            Ok(Callback::Loopback { v6: false, port: Some(8082) })
        );
        assert_eq!(read("http://[::1]:8082/callback/taobao"), Ok(Callback::Loopback { v6: true, port: Some(8082) }));
        assert_eq!(read("app.waybilldesk:/callback/taobao"), Ok(Callback::Scheme));
        for elsewhere in
            ["https://shop.example/cb", "http://www.sz56t.com:8082/callBackSMT.htm", "http://localhost/callback/taobao"]
        {
            assert_eq!(read(elsewhere), Ok(Callback::Elsewhere(elsewhere.into())), "{elsewhere} comes home by paste");
        }
        for wrong in
            ["ftp://x/", "javascript:alert(1)", "app.waybilldesk:/callback/pdd", "nonsense", "http://u:p@shop.example/"]
        {
            assert!(read(wrong).is_err(), "{wrong} is no callback address");
        }
    }
}
