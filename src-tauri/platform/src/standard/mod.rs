//! Any OAuth 2 server that keeps to the standards: RFC 6749 code flow by the crate `oauth2`, PKCE S256 (RFC 7636), a
//! public client, `iss` required (RFC 9207, checked by the desk), identity from `UserInfo`, revocation by RFC 7009.
//!
//! Shown only in trial folders and tests; ends at an active grant, without couriers.

mod discovery;
mod userinfo;

pub use discovery::{DiscoveryError, discover};

use crate::endpoints::StandardServer;
use crate::grant_error;
use crate::http::{Answer, Http};
use async_trait::async_trait;
use domain::clock::{Clock, Millis};
use domain::connector::{
    AppKey, AuthorizeRequest, CallError, Connector, Door, ExchangeRequest, Profile, RevokeOutcome, RevokeWay,
    SecretMode, ShopIdentity, Tokens, WaybillService,
};
use domain::secret::Secret;
use oauth2::basic::{BasicClient, BasicErrorResponse, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AsyncHttpClient, AuthUrl, AuthorizationCode, ClientId, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    TokenResponse, TokenUrl,
};
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

/// The connector `standard`.
pub(crate) struct Standard {
    profile: Profile,
    server: StandardServer,
    http: Arc<Http>,
    clock: Arc<dyn Clock>,
}

impl Standard {
    pub fn new(server: StandardServer, http: Arc<Http>, clock: Arc<dyn Clock>) -> Self {
        let profile = Profile {
            id: "standard".into(),
            trial_only: true,
            secret_mode: SecretMode::Native,
            doors: vec![Door::Loopback, Door::Scheme, Door::Paste],
            callback_registered: false,
            pkce: true,
            state: true,
            issuer: Some(server.issuer.clone()),
            // RFC 6749 §4.1.2: ten minutes at most.
            code_life: Duration::from_secs(600),
            scopes: vec!["shop.read".into()],
            revoke: RevokeWay::Call,
            couriers: false,
        };
        Self { profile, server, http, clock }
    }

    /// The desk's own key for this connector, or the server's public client.
    fn client_id(&self, app: &AppKey) -> String {
        if app.key.is_empty() { self.server.client_id.clone() } else { app.key.clone() }
    }

    fn client(&self, app: &AppKey, redirect: &str) -> Result<Client, CallError> {
        let redirect = RedirectUrl::new(redirect.to_owned())
            .map_err(|e| CallError::NotSent(format!("the callback address cannot be used: {e}")))?;
        Ok(BasicClient::new(ClientId::new(self.client_id(app)))
            .set_auth_uri(AuthUrl::from_url(self.server.authorize.clone()))
            .set_token_uri(TokenUrl::from_url(self.server.token.clone()))
            .set_redirect_uri(redirect))
    }

    /// RFC 7009 by hand: the crate's own refuses plain http, which the practice market on this computer speaks.
    async fn revoke_one(&self, app: &AppKey, token: &Secret, hint: &str) -> Result<(), CallError> {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("token", token.reveal())
            .append_pair("token_type_hint", hint)
            .append_pair("client_id", &self.client_id(app))
            .finish();
        let answer = self.http.post_form(&self.server.revoke, form).await?;
        if answer.is_success() { Ok(()) } else { Err(userinfo::refusal(&answer)) }
    }
}

#[async_trait]
impl Connector for Standard {
    fn profile(&self) -> &Profile {
        &self.profile
    }

    fn browser_hosts(&self) -> Vec<String> {
        self.server.authorize.host_str().map(str::to_owned).into_iter().collect()
    }

    fn authorize_url(&self, req: &AuthorizeRequest<'_>) -> Result<Url, CallError> {
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&verifier(req.verifier)?);
        if req.state.is_empty() {
            return Err(CallError::NotSent("the state is missing".into()));
        }
        let (url, _) = self
            .client(req.app, req.redirect)?
            .authorize_url(|| CsrfToken::new(req.state.reveal().to_owned()))
            .set_pkce_challenge(challenge)
            .add_scope(Scope::new("openid".into()))
            .add_scope(Scope::new("profile".into()))
            .url();
        Ok(url)
    }

    async fn exchange(&self, req: &ExchangeRequest<'_>) -> Result<Tokens, CallError> {
        let verifier = verifier(req.verifier)?;
        let asked = self.clock.wall();
        let answer = self
            .client(req.app, req.redirect)?
            .exchange_code(AuthorizationCode::new(req.code.reveal().to_owned()))
            .set_pkce_verifier(verifier)
            .request_async(&Carrier(self.http.clone()))
            .await;
        tokens(answer, asked)
    }

    async fn refresh(&self, app: &AppKey, refresh: &Secret) -> Result<Tokens, CallError> {
        let asked = self.clock.wall();
        // A renewal carries no callback address; the crate's client wants one all the same and does not send it.
        let answer = self
            .client(app, "http://127.0.0.1/")?
            .exchange_refresh_token(&RefreshToken::new(refresh.reveal().to_owned()))
            .request_async(&Carrier(self.http.clone()))
            .await;
        tokens(answer, asked)
    }

    async fn identify(&self, _app: &AppKey, tokens: &Tokens) -> Result<ShopIdentity, CallError> {
        if let Some(known) = &tokens.identity {
            return Ok(known.clone());
        }
        let answer = self.http.get_bearer(&self.server.userinfo, tokens.access.reveal()).await?;
        userinfo::identity(&answer)
    }

    /// Both tokens, the refresh token first: it is the one that could make new ones.
    async fn revoke(&self, app: &AppKey, tokens: &Tokens) -> Result<RevokeOutcome, CallError> {
        if let Some(refresh) = &tokens.refresh {
            self.revoke_one(app, refresh, "refresh_token").await?;
        }
        match self.revoke_one(app, &tokens.access, "access_token").await {
            // RFC 7009 §2: a server must be able to revoke refresh tokens, and only should access tokens.
            Err(CallError::Refused(r)) if r.code == "unsupported_token_type" && tokens.refresh.is_some() => {}
            end => end?,
        }
        Ok(RevokeOutcome::Acknowledged)
    }

    fn waybills(&self) -> Option<&dyn WaybillService> {
        None
    }
}

/// A token answer as the crate read it; `asked` is when the request left.
fn tokens(
    answer: Result<BasicTokenResponse, RequestTokenError<CallError, BasicErrorResponse>>,
    asked: Millis,
) -> Result<Tokens, CallError> {
    let token = answer.map_err(|e| match e {
        RequestTokenError::Request(end) => end,
        RequestTokenError::ServerResponse(no) => {
            grant_error::read(word(no.error()), no.error_description().map(String::as_str).unwrap_or_default())
        }
        // Not formatted: a parse error of the crate carries the body, and with it the tokens.
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            CallError::Unknown("the token answer cannot be read".into())
        }
    })?;
    if token.access_token().secret().is_empty() {
        return Err(CallError::Unknown("the token answer holds an empty token".into()));
    }
    Ok(Tokens {
        access: Secret::new(token.access_token().secret().clone()),
        access_expires: token.expires_in().map(|life| asked.plus(life)),
        refresh: token.refresh_token().map(|t| Secret::new(t.secret().clone())),
        refresh_expires: None,
        identity: None,
    })
}

/// Our client in the crate's shape. A struct and a boxed future, because the future of a borrowing closure is not
/// provably `Send` here.
struct Carrier(Arc<Http>);

impl<'c> AsyncHttpClient<'c> for Carrier {
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, CallError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move { carried(self.0.carry(request).await?) })
    }
}

/// Our answer in the crate's shape.
fn carried(answer: Answer) -> Result<HttpResponse, CallError> {
    let mut builder = oauth2::http::Response::builder().status(answer.status);
    if let Some(content_type) = answer.content_type {
        builder = builder.header(oauth2::http::header::CONTENT_TYPE, content_type);
    }
    builder.body(answer.body).map_err(|e| CallError::Unknown(e.to_string()))
}

/// RFC 7636 §4.1: 43 to 128 unreserved characters. The crate would panic at another length.
fn verifier(given: Option<&Secret>) -> Result<PkceCodeVerifier, CallError> {
    let text = given.map(Secret::reveal).unwrap_or_default();
    let fits =
        (43..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    if fits {
        Ok(PkceCodeVerifier::new(text.to_owned()))
    } else {
        Err(CallError::NotSent("the PKCE verifier is missing or malformed".into()))
    }
}

fn word(error: &BasicErrorResponseType) -> &str {
    error.as_ref()
}

/// For the shared test on hostile bytes.
#[cfg(test)]
pub(crate) fn read_identity(answer: &Answer) -> Result<ShopIdentity, CallError> {
    userinfo::identity(answer)
}

#[cfg(test)]
mod tests;
