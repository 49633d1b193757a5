//! The one HTTP client: bounded in time and size, never repeats, never follows, and says how a call ended.
//!
//! The ends (SECURITY: "a write with an unknown end is asked about, not repeated"):
//! no connection (refused, name not found, TLS handshake) → `NotSent`; anything after the request may have left →
//! `Unknown`, and so are 1xx, 3xx and 5xx; 2xx and 4xx come back as an [`Answer`] for the platform's own reading.

use crate::endpoints::is_loopback;
use domain::connector::CallError;
use std::error::Error as _;
use std::fmt::Write as _;
use std::sync::OnceLock;
use std::time::Duration;
use url::Url;

/// Bounds of one call.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Until the connection (with TLS) stands.
    pub connect: Duration,
    /// Until the last byte of the answer.
    pub total: Duration,
    /// Longest answer that is read.
    pub answer_bytes: usize,
}

impl Default for Limits {
    /// 10 s, 30 s, 4 MiB.
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), total: Duration::from_secs(30), answer_bytes: 4 << 20 }
    }
}

/// A whole answer with status 2xx or 4xx.
pub(crate) struct Answer {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// The client. Cheap calls, no connection is kept.
pub(crate) struct Http {
    limits: Limits,
    /// For this computer: no proxy, and no look into the system's certificates (there may be none, and it costs time).
    loopback: reqwest::Client,
    /// For the world: system proxy, system certificates. Made at the first call; an error is told at each call.
    world: OnceLock<Result<reqwest::Client, String>>,
}

impl Http {
    /// Errors: the library's words.
    pub fn new(limits: Limits) -> Result<Self, String> {
        // Fails only if a provider was installed before us, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let loopback = builder(limits).no_proxy().tls_certs_only([]).build().map_err(|e| reason(&e))?;
        Ok(Self { limits, loopback, world: OnceLock::new() })
    }

    /// Posts a form that was serialised once, by the caller, so that what was signed is what is sent.
    pub async fn post_form(&self, url: &Url, form: String) -> Result<Answer, CallError> {
        let request = self
            .client(url)?
            .post(url.clone())
            .header(reqwest::header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8")
            .header(reqwest::header::ACCEPT, "application/json")
            .body(form);
        self.finish(request).await
    }

    /// Posts JSON with a bearer token.
    pub async fn post_json(&self, url: &Url, token: &str, json: String) -> Result<Answer, CallError> {
        let request = self
            .client(url)?
            .post(url.clone())
            .bearer_auth(token)
            .header(reqwest::header::CONTENT_TYPE, "application/json")
            .header(reqwest::header::ACCEPT, "application/json")
            .body(json);
        self.finish(request).await
    }

    /// Gets what anybody may read.
    pub async fn get(&self, url: &Url) -> Result<Answer, CallError> {
        let request = self.client(url)?.get(url.clone()).header(reqwest::header::ACCEPT, "application/json");
        self.finish(request).await
    }

    /// Gets with a bearer token (RFC 6750 §2.1).
    pub async fn get_bearer(&self, url: &Url, token: &str) -> Result<Answer, CallError> {
        let request =
            self.client(url)?.get(url.clone()).bearer_auth(token).header(reqwest::header::ACCEPT, "application/json");
        self.finish(request).await
    }

    /// Carries a request of the crate `oauth2`.
    pub async fn carry(&self, request: oauth2::HttpRequest) -> Result<Answer, CallError> {
        let url = Url::parse(&request.uri().to_string()).map_err(|e| CallError::NotSent(e.to_string()))?;
        let (parts, body) = request.into_parts();
        let request = self.client(&url)?.request(parts.method, url).headers(parts.headers).body(body);
        self.finish(request).await
    }

    fn client(&self, url: &Url) -> Result<&reqwest::Client, CallError> {
        if is_loopback(url) {
            return Ok(&self.loopback);
        }
        self.world
            .get_or_init(|| builder(self.limits).build().map_err(|e| reason(&e)))
            .as_ref()
            .map_err(|why| CallError::NotSent(why.clone()))
    }

    async fn finish(&self, request: reqwest::RequestBuilder) -> Result<Answer, CallError> {
        let mut answer = request.send().await.map_err(|e| {
            // A builder error is a bad local input; a connect error means that no request byte has left.
            if e.is_builder() || e.is_connect() {
                CallError::NotSent(reason(&e))
            } else {
                CallError::Unknown(reason(&e))
            }
        })?;
        let status = answer.status();
        if !(status.is_success() || status.is_client_error()) {
            return Err(CallError::Unknown(format!("HTTP {}", status.as_u16())));
        }
        let too_long = || CallError::Unknown(format!("the answer is longer than {} bytes", self.limits.answer_bytes));
        if answer.content_length().is_some_and(|n| n > self.limits.answer_bytes as u64) {
            return Err(too_long());
        }
        let content_type =
            answer.headers().get(reqwest::header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(|e| CallError::Unknown(reason(&e)))? {
            if body.len() + part.len() > self.limits.answer_bytes {
                return Err(too_long());
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer { status: status.as_u16(), content_type, body })
    }
}

fn builder(limits: Limits) -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("waybill-desk/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(limits.connect)
        .timeout(limits.total)
        // hyper sends a request again when it dies on a *reused* connection before it was taken, and cannot be told
        // not to from here. No idle connection is kept, so none is ever reused: a POST leaves at most once.
        .pool_max_idle_per_host(0)
        .retry(reqwest::retry::never())
        .http1_only()
}

/// The library's words down to the cause, without the address (which may carry a code).
fn reason(e: &reqwest::Error) -> String {
    let mut words = if e.is_timeout() { "timed out".to_owned() } else { String::new() };
    let mut next = e.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if !words.contains(&text) {
            let _ = write!(words, "{}{text}", if words.is_empty() { "" } else { ": " });
        }
        next = cause.source();
    }
    if words.is_empty() { "the request could not be made".into() } else { words }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Act, Peer};

    fn short() -> Http {
        let ms = Duration::from_millis;
        Http::new(Limits { connect: ms(2000), total: ms(300), answer_bytes: 1 << 20 }).unwrap()
    }
    async fn post(http: &Http, url: &Url) -> Result<Answer, CallError> {
        http.post_form(url, "a=1".into()).await
    }

    #[tokio::test]
    async fn a_refused_connection_and_a_failed_handshake_are_not_sent() {
        let closed = Peer::closed_port().await;
        assert!(matches!(post(&short(), &closed).await, Err(CallError::NotSent(_))), "nobody listens");

        let peer = Peer::start(Act::Raw(b"this is not TLS at all\r\n".to_vec())).await;
        let mut https = peer.url();
        https.set_scheme("https").unwrap();
        let end = post(&short(), &https).await.err();
        assert!(matches!(end, Some(CallError::NotSent(_))), "no TLS, no request: {end:?}");
    }

    #[tokio::test]
    async fn a_name_that_does_not_exist_is_not_sent() {
        let mut http = short();
        // The loopback client stands in for the world's: this test wants no certificates of the machine.
        http.world = OnceLock::from(Ok(http.loopback.clone()));
        let url = Url::parse("https://no-such-host.invalid/").unwrap();
        let end = post(&http, &url).await.err();
        // A resolver that hangs runs into the total limit: then nobody knows, which is the safe side.
        match end {
            Some(CallError::NotSent(_)) => {}
            Some(CallError::Unknown(w)) => assert!(w.contains("timed out"), "{w}"),
            other => panic!("{other:?}"),
        }
    }

    #[tokio::test]
    async fn whatever_breaks_after_the_request_may_have_left_is_unknown() {
        let big = |n: usize| format!("HTTP/1.1 200 OK\r\nContent-Length: {n}\r\n\r\n").into_bytes();
        let endless = [b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'x'; 10 << 20]].concat();
        for (what, act) in [
            ("no answer at all", Act::Hang),
            ("closed without an answer", Act::Raw(vec![])),
            ("cut after the headers", Act::Raw(big(100))),
            ("garbage", Act::Raw(b"\x00\x01garbage\r\n\r\n".to_vec())),
            ("500", Act::answer(500, "{}")),
            ("502", Act::answer(502, "<html>")),
            ("302", Act::Raw(b"HTTP/1.1 302 Found\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n".to_vec())),
            ("a length over the cap", Act::Raw(big(10 << 20))),
            ("10 MB without a length", Act::Raw(endless)),
        ] {
            let peer = Peer::start(act).await;
            let end = post(&short(), &peer.url()).await.err();
            assert!(matches!(end, Some(CallError::Unknown(_))), "{what}: {end:?}");
            assert_eq!(peer.requests(), 1, "{what}: asked once, never again and nowhere else");
        }
    }

    #[tokio::test]
    async fn answers_come_back_whole_with_their_status() {
        for status in [200, 400, 401, 403] {
            let peer = Peer::start(Act::answer(status, "{\"a\":1}")).await;
            let a = post(&short(), &peer.url()).await.ok().unwrap();
            assert_eq!((a.status, a.body.as_slice()), (status, b"{\"a\":1}".as_slice()));
            assert_eq!(a.is_success(), status == 200);
            assert!(peer.last_request().ends_with("\r\n\r\na=1"), "the form goes as it was serialised");
        }
    }

    #[tokio::test]
    async fn no_connection_is_ever_used_twice() {
        let peer = Peer::start(Act::answer(200, "{}")).await;
        let http = short();
        for _ in 0..3 {
            assert!(post(&http, &peer.url()).await.is_ok());
        }
        assert_eq!(peer.connections(), 3, "a reused connection would let hyper repeat a POST");
    }
}
