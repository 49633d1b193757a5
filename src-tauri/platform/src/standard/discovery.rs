//! A standard server's addresses from its issuer: `OpenID` Connect Discovery 1.0 §4, checked as RFC 8414 §3.3 asks.
//!
//! Invariants: the answer speaks for the very issuer that was asked; an endpoint in it is as acceptable as any other
//! address (`https`, or this computer by number); a server without S256, revocation or `UserInfo` is refused here, in
//! words, and not in the middle of a grant.

use crate::endpoints::{EndpointError, StandardServer, allowed};
use crate::http::{Http, Limits};
use domain::connector::CallError;
use serde_json::Value;
use url::Url;

/// Why an issuer cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum DiscoveryError {
    /// The issuer's own address, or one that it names, is not acceptable.
    #[error(transparent)]
    Address(#[from] EndpointError),
    /// The server did not answer, or not with its description.
    #[error("the server's description could not be read: {0}")]
    NoAnswer(String),
    /// The description speaks for somebody else (RFC 8414 §3.3: it must not be used).
    #[error("the description is of {said:?}, which was not asked")]
    OtherIssuer {
        /// As the description says.
        said: String,
    },
    /// Something the connector cannot do without.
    #[error("the server offers no {what}")]
    Lacks {
        /// The member of the description.
        what: &'static str,
    },
}

/// Asks `issuer` for its addresses; `client_id` is the public client registered there. One GET, 10 s at most.
pub async fn discover(issuer: &Url, client_id: &str) -> Result<StandardServer, DiscoveryError> {
    allowed("standard issuer", issuer, true)?;
    let limits = Limits { total: std::time::Duration::from_secs(10), answer_bytes: 1 << 20, ..Limits::default() };
    let http = Http::new(limits).map_err(|reason| EndpointError::Client { reason })?;
    let mut at = issuer.clone();
    at.set_path(&format!("{}/.well-known/openid-configuration", issuer.path().trim_end_matches('/')));
    let no_answer = |end: CallError| DiscoveryError::NoAnswer(end.to_string());
    let answer = http.get(&at).await.map_err(no_answer)?;
    if !answer.is_success() {
        return Err(DiscoveryError::NoAnswer(format!("HTTP {}", answer.status)));
    }
    let said =
        serde_json::from_slice(&answer.body).map_err(|_| DiscoveryError::NoAnswer("it is not JSON".to_owned()))?;
    read(&said, issuer, client_id)
}

fn read(said: &Value, asked: &Url, client_id: &str) -> Result<StandardServer, DiscoveryError> {
    let text = |what: &'static str| said.get(what).and_then(Value::as_str).ok_or(DiscoveryError::Lacks { what });
    let issuer = text("issuer")?;
    // `Url` writes an empty path as `/`; the server's own spelling is the one that `iss` will carry.
    if Url::parse(issuer).ok().as_ref() != Some(asked) {
        return Err(DiscoveryError::OtherIssuer { said: issuer.to_owned() });
    }
    let offers = |what: &'static str, value: &str| match said.get(what).and_then(Value::as_array) {
        Some(all) if all.iter().any(|v| v == value) => Ok(()),
        _ => Err(DiscoveryError::Lacks { what }),
    };
    offers("code_challenge_methods_supported", "S256")?;
    if said.get("authorization_response_iss_parameter_supported") != Some(&Value::Bool(true)) {
        return Err(DiscoveryError::Lacks { what: "authorization_response_iss_parameter_supported" });
    }
    let address = |what: &'static str| {
        let url = Url::parse(text(what)?).map_err(|_| DiscoveryError::Lacks { what })?;
        allowed(what, &url, true)?;
        Ok::<Url, DiscoveryError>(url)
    };
    Ok(StandardServer {
        issuer: issuer.to_owned(),
        authorize: address("authorization_endpoint")?,
        token: address("token_endpoint")?,
        revoke: address("revocation_endpoint")?,
        userinfo: address("userinfo_endpoint")?,
        client_id: client_id.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Act, Peer};
    use serde_json::json;

    fn described(base: &str) -> Value {
        json!({
            "issuer": base,
            "authorization_endpoint": format!("{base}/auth"),
            "token_endpoint": format!("{base}/token"),
            "revocation_endpoint": format!("{base}/revoke"),
            "userinfo_endpoint": format!("{base}/me"),
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        })
    }

    #[test]
    fn a_description_becomes_the_servers_addresses_in_its_own_spelling() {
        for base in ["https://sso.example", "https://sso.example/tenant", "http://127.0.0.1:4000", "http://[::1]:4000"]
        {
            let server = read(&described(base), &Url::parse(base).unwrap(), "desk").unwrap();
            assert_eq!((server.issuer.as_str(), server.client_id.as_str()), (base, "desk"));
            assert_eq!(server.userinfo.as_str(), format!("{base}/me"));
        }
    }

    #[test]
    fn what_is_missing_foreign_or_in_the_clear_is_refused_by_name() {
        let base = "https://sso.example";
        let asked = Url::parse(base).unwrap();
        for (member, value, want) in [
            ("issuer", json!("https://evil.example"), "which was not asked"),
            ("issuer", json!(7), "no issuer"),
            ("authorization_endpoint", json!("http://sso.example/auth"), "neither https"),
            ("token_endpoint", json!("http://localhost/token"), "neither https"),
            ("token_endpoint", json!("https://u:p@sso.example/token"), "user name or password"),
            ("revocation_endpoint", Value::Null, "no revocation_endpoint"),
            ("userinfo_endpoint", json!("not an address"), "no userinfo_endpoint"),
            ("code_challenge_methods_supported", json!(["plain"]), "no code_challenge_methods_supported"),
            ("authorization_response_iss_parameter_supported", json!("true"), "no authorization_response_iss"),
        ] {
            let mut said = described(base);
            said[member] = value;
            let error = read(&said, &asked, "desk").unwrap_err().to_string();
            assert!(error.contains(want), "{member}: {error}");
        }
    }

    #[tokio::test]
    async fn an_issuer_is_asked_once_at_its_well_known_place() {
        let peer = Peer::start(Act::answer(200, "{\"issuer\":\"https://elsewhere.example\"}")).await;
        let error = discover(&peer.url().join("tenant").unwrap(), "desk").await.unwrap_err();
        assert!(matches!(error, DiscoveryError::OtherIssuer { .. }), "{error}");
        assert!(peer.last_request().starts_with("GET /tenant/.well-known/openid-configuration HTTP/1.1"));
        assert_eq!(peer.requests(), 1);
        for act in [Act::answer(404, "{}"), Act::answer(200, "<html>"), Act::answer(500, "{}")] {
            let peer = Peer::start(act).await;
            let error = discover(&peer.url(), "desk").await.unwrap_err();
            assert!(matches!(error, DiscoveryError::NoAnswer(_)), "{error}");
        }
        let plain = Url::parse("http://sso.example").unwrap();
        assert!(
            matches!(discover(&plain, "desk").await, Err(DiscoveryError::Address(_))),
            "nothing is asked in the clear"
        );
    }
}
