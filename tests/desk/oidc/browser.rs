//! The person's browser at the server's pages: a client with a cookie jar and eyes for the ids of the forms.

use crate::oidc::server::Server;
use crate::world::http;
use std::collections::HashMap;
use url::Url;

/// Cookies as far as this server uses them (RFC 6265): name, path, value.
#[derive(Default)]
pub struct Jar(HashMap<(String, String), String>);

impl Jar {
    pub fn keep(&mut self, answer: &reqwest::Response) {
        for line in answer.headers().get_all("set-cookie") {
            let mut parts = line.to_str().unwrap().split("; ");
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let path = parts.find_map(|p| p.strip_prefix("path=")).unwrap_or("/");
            self.0.insert((name.into(), path.into()), value.into());
        }
        // An emptied cookie is one that was taken back.
        self.0.retain(|_, value| !value.is_empty());
    }

    pub fn header(&self, url: &Url) -> String {
        let sent = |path: &str| {
            url.path()
                .strip_prefix(path)
                .is_some_and(|rest| rest.is_empty() || path.ends_with('/') || rest.starts_with('/'))
        };
        let pairs =
            self.0.iter().filter(|((_, path), _)| sent(path)).map(|((name, _), value)| format!("{name}={value}"));
        pairs.collect::<Vec<_>>().join("; ")
    }
}

/// Where a press in the browser ends.
pub enum Seen {
    Page(Url, String),
    Away(String),
}

pub struct Browser<'s> {
    server: &'s Server,
    jar: Jar,
}

impl<'s> Browser<'s> {
    pub fn on(server: &'s Server) -> Self {
        Self { server, jar: Jar::default() }
    }

    /// Goes to an address and follows the server's redirects until a page, or out of the server.
    pub async fn go(&mut self, mut url: Url, mut form: Option<&[(&str, &str)]>) -> Seen {
        let client = http();
        for _ in 0..10 {
            let request = match form.take() {
                Some(form) => client.post(url.clone()).form(form),
                None => client.get(url.clone()),
            };
            let answer = request.header("cookie", self.jar.header(&url)).send().await.unwrap();
            self.jar.keep(&answer);
            let Some(location) = answer.headers().get("location") else {
                return Seen::Page(url, answer.text().await.unwrap());
            };
            let location = location.to_str().unwrap().to_owned();
            let next = url.join(&location).unwrap();
            if next.origin() != self.server.url("issuer").origin() {
                return Seen::Away(location);
            }
            url = next;
        }
        panic!("the server goes round in circles at {url}");
    }

    pub async fn press(&mut self, at: &Url, page: &str, form: &str, fields: &[(&str, &str)]) -> Seen {
        let (_, rest) = page.split_once(&format!("id=\"{form}\"")).unwrap_or_else(|| panic!("no {form} on {page}"));
        let action = rest.split_once("action=\"").and_then(|(_, r)| r.split_once('"')).unwrap().0;
        self.go(at.join(action).unwrap(), Some(fields)).await
    }

    /// Signs in and answers (`consent-form` or `abort-form`); the address the browser is sent home to.
    pub async fn walk(&mut self, link: Url, login: &str, answer: &str) -> String {
        let Seen::Page(at, page) = self.go(link, None).await else { panic!("a stranger is asked to sign in") };
        let Seen::Page(at, page) = self.press(&at, &page, "login-form", &[("login", login)]).await else {
            panic!("nothing is granted before a person was asked");
        };
        assert!(page.contains(login), "the consent page says whose account it is");
        match self.press(&at, &page, answer, &[]).await {
            Seen::Away(home) => home,
            Seen::Page(at, page) => panic!("still at {at}: {page}"),
        }
    }
}
