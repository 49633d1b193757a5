//! Where the platforms live, and the connectors built on those addresses.
//!
//! Invariant: an address is `https`, or it is `http` on `127.0.0.1` or `[::1]` *and* was given by [`Endpoints::practice`]
//! or [`Endpoints::with_standard`]. `localhost` is a name, and names can be made to point elsewhere: refused.

use crate::http::{Http, Limits};
use crate::standard::Standard;
use crate::taobao::Taobao;
use domain::clock::Clock;
use domain::connector::Connector;
use std::sync::Arc;
use url::Url;

/// The addresses of all platforms.
#[derive(Clone, Debug)]
pub struct Endpoints {
    pub(crate) taobao: TaobaoPlaces,
    pub(crate) standard: Option<StandardServer>,
    taobao_is_practice: bool,
}

/// Taobao's four doors.
#[derive(Clone, Debug)]
pub(crate) struct TaobaoPlaces {
    pub authorize: Url,
    pub token: Url,
    pub router: Url,
    /// The seller's page that lists, and ends, what apps may do.
    pub revoke_page: Url,
}

/// A standard OAuth 2 server with a public client.
#[derive(Clone, Debug)]
pub struct StandardServer {
    /// The issuer, exactly as the server writes it in `iss` (RFC 9207).
    pub issuer: String,
    /// Authorization endpoint (RFC 6749 §3.1).
    pub authorize: Url,
    /// Token endpoint (RFC 6749 §3.2).
    pub token: Url,
    /// Revocation endpoint (RFC 7009).
    pub revoke: Url,
    /// `UserInfo` endpoint (`OpenID` Connect Core §5.3).
    pub userinfo: Url,
    /// The public client's id; used where the desk has no own app key for this connector.
    pub client_id: String,
}

/// Why a set of addresses cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum EndpointError {
    /// Tokens or numbers would travel in the clear.
    #[error("{place}: {url} is neither https nor the practice market on this computer")]
    Plain {
        /// Which address.
        place: &'static str,
        /// The address.
        url: Url,
    },
    /// A user name or password stands in the address.
    #[error("{place}: the address carries a user name or password")]
    Credentials {
        /// Which address.
        place: &'static str,
    },
    /// The issuer is not an address.
    #[error("the issuer {issuer:?} is not an address")]
    Issuer {
        /// As it was given.
        issuer: String,
    },
    /// The HTTP client could not be built.
    #[error("the HTTP client cannot be built: {reason}")]
    Client {
        /// The library's words.
        reason: String,
    },
}

impl Endpoints {
    /// The real platforms; no standard server.
    pub fn live() -> Self {
        // FACTS: TOP §1.1. The revoke page is 服务市场「我的服务」, where sellers see the apps they opened their shop to;
        // no published text names a page for own apps, so this one is the nearest and a person's report may better it.
        Self {
            taobao: TaobaoPlaces {
                authorize: fixed("https://oauth.taobao.com/authorize"),
                token: fixed("https://oauth.taobao.com/token"),
                router: fixed("https://eco.taobao.com/router/rest"),
                revoke_page: fixed("https://fuwu.taobao.com/ser/my_service.htm"),
            },
            standard: None,
            taobao_is_practice: false,
        }
    }

    /// The practice market at `market_base`, for example `http://127.0.0.1:4100/`: both connectors.
    pub fn practice(market_base: &Url) -> Self {
        let at = |path: &str| {
            let mut url = market_base.clone();
            let base = market_base.path().trim_end_matches('/').to_owned();
            url.set_path(&format!("{base}/{path}"));
            url
        };
        Self {
            taobao: TaobaoPlaces {
                authorize: at("taobao/authorize"),
                token: at("taobao/token"),
                router: at("taobao/router/rest"),
                revoke_page: at(""),
            },
            standard: Some(StandardServer {
                issuer: at("standard").to_string(),
                authorize: at("standard/authorize"),
                token: at("standard/token"),
                revoke: at("standard/revoke"),
                userinfo: at("standard/userinfo"),
                client_id: "waybill-desk".into(),
            }),
            taobao_is_practice: true,
        }
    }

    /// The same with this standard server.
    #[must_use]
    pub fn with_standard(mut self, server: StandardServer) -> Self {
        self.standard = Some(server);
        self
    }

    fn check(&self) -> Result<(), EndpointError> {
        let t = &self.taobao;
        for (place, url) in [
            ("taobao authorize", &t.authorize),
            ("taobao token", &t.token),
            ("taobao router", &t.router),
            ("taobao revoke page", &t.revoke_page),
        ] {
            allowed(place, url, self.taobao_is_practice)?;
        }
        if let Some(s) = &self.standard {
            let issuer = Url::parse(&s.issuer).map_err(|_| EndpointError::Issuer { issuer: s.issuer.clone() })?;
            for (place, url) in [
                ("standard issuer", &issuer),
                ("standard authorize", &s.authorize),
                ("standard token", &s.token),
                ("standard revoke", &s.revoke),
                ("standard userinfo", &s.userinfo),
            ] {
                // A standard server only ever comes from practice() or with_standard().
                allowed(place, url, true)?;
            }
        }
        Ok(())
    }
}

/// The connectors on these addresses, `taobao` first; `standard` only where a server is configured.
/// Errors: an address that would send secrets in the clear.
pub fn connectors(endpoints: &Endpoints, clock: Arc<dyn Clock>) -> Result<Vec<Arc<dyn Connector>>, EndpointError> {
    connectors_within(endpoints, clock, Limits::default())
}

/// The same with other limits on time and size; tests shorten the waits.
pub fn connectors_within(
    endpoints: &Endpoints,
    clock: Arc<dyn Clock>,
    limits: Limits,
) -> Result<Vec<Arc<dyn Connector>>, EndpointError> {
    endpoints.check()?;
    let http = Arc::new(Http::new(limits).map_err(|reason| EndpointError::Client { reason })?);
    let mut all: Vec<Arc<dyn Connector>> =
        vec![Arc::new(Taobao::new(endpoints.taobao.clone(), http.clone(), clock.clone()))];
    if let Some(server) = &endpoints.standard {
        all.push(Arc::new(Standard::new(server.clone(), http, clock)));
    }
    Ok(all)
}

/// Whether the address is this computer by number, not by name.
pub(crate) fn is_loopback(url: &Url) -> bool {
    matches!(url.host_str(), Some("127.0.0.1" | "[::1]"))
}

pub(crate) fn allowed(place: &'static str, url: &Url, plain_loopback: bool) -> Result<(), EndpointError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(EndpointError::Credentials { place });
    }
    match url.scheme() {
        "https" if url.has_host() => Ok(()),
        "http" if plain_loopback && is_loopback(url) => Ok(()),
        _ => Err(EndpointError::Plain { place, url: url.clone() }),
    }
}

fn fixed(address: &str) -> Url {
    Url::parse(address).expect("an address written in this file parses")
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::clock::SystemClock;

    fn server(address: &str) -> StandardServer {
        let at = |p: &str| Url::parse(&format!("{address}{p}")).unwrap();
        StandardServer {
            issuer: address.into(),
            authorize: at("/auth"),
            token: at("/token"),
            revoke: at("/revoke"),
            userinfo: at("/me"),
            client_id: "c".into(),
        }
    }
    fn build(e: &Endpoints) -> Result<Vec<String>, EndpointError> {
        connectors(e, Arc::new(SystemClock::default())).map(|all| all.iter().map(|c| c.profile().id.clone()).collect())
    }

    #[test]
    fn plain_http_is_refused_unless_it_is_this_computer_and_meant_for_practice() {
        assert_eq!(build(&Endpoints::live()).unwrap(), ["taobao"], "no standard connector unless configured");
        for good in ["http://127.0.0.1:81/", "http://[::1]:81/x", "https://market.example/"] {
            let e = Endpoints::practice(&Url::parse(good).unwrap());
            assert_eq!(build(&e).unwrap(), ["taobao", "standard"], "{good}");
        }
        for bad in [
            "http://localhost:81/",
            "http://127.0.0.1.example/",
            "http://127.0.0.2/",
            "http://market.example/",
            "ftp://127.0.0.1/",
            "http://[::ffff:127.0.0.1]/",
        ] {
            assert!(
                matches!(build(&Endpoints::practice(&Url::parse(bad).unwrap())), Err(EndpointError::Plain { .. })),
                "{bad} must not be talked to in the clear"
            );
            let e = Endpoints::live().with_standard(server(bad.trim_end_matches('/')));
            assert!(matches!(build(&e), Err(EndpointError::Plain { .. })), "{bad} as standard server");
        }
        let mut e = Endpoints::live();
        e.taobao.router = Url::parse("http://127.0.0.1:81/router/rest").unwrap();
        assert!(build(&e).is_err(), "loopback is no excuse for endpoints that are not practice()");
        let e = Endpoints::live().with_standard(server("https://user:pass@sso.example"));
        assert!(matches!(build(&e), Err(EndpointError::Credentials { .. })));
        let mut odd = server("https://sso.example");
        odd.issuer = "sso".into();
        assert!(matches!(build(&Endpoints::live().with_standard(odd)), Err(EndpointError::Issuer { .. })));
    }

    #[test]
    fn the_practice_addresses_stand_under_the_markets_base() {
        for base in ["http://127.0.0.1:81", "http://127.0.0.1:81/"] {
            let e = Endpoints::practice(&Url::parse(base).unwrap());
            assert_eq!(e.taobao.router.as_str(), "http://127.0.0.1:81/taobao/router/rest");
            let s = e.standard.unwrap();
            assert_eq!(s.issuer, "http://127.0.0.1:81/standard");
            assert_eq!(s.authorize.as_str(), "http://127.0.0.1:81/standard/authorize");
        }
    }
}
