//! One call through TOP's router: public parameters, signature, envelope.
//!
//! Invariants: the form that is signed is the form that is sent, serialised once; empty keys and values are dropped
//! before signing; the answer is either the asked method's own envelope or an error, never both.

use super::refusal::{self, Act};
use super::shape::unreadable;
use super::sign::{SignMethod, sign};
use crate::http::{Answer, Http};
use domain::clock::{Clock, Millis};
use domain::connector::{AppKey, CallError};
use domain::secret::Secret;
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// The way to TOP.
pub(crate) struct Router {
    http: Arc<Http>,
    url: Url,
    clock: Arc<dyn Clock>,
}

/// What a call brought.
pub(crate) struct Reply {
    /// Inside the envelope.
    pub body: Value,
    /// The whole answer, for evidence.
    pub raw: String,
}

impl Router {
    pub fn new(http: Arc<Http>, url: Url, clock: Arc<dyn Clock>) -> Self {
        Self { http, url, clock }
    }

    /// Calls `method` once.
    pub async fn call(
        &self,
        app: &AppKey,
        access: &Secret,
        act: Act,
        method: &str,
        business: &[(&str, String)],
    ) -> Result<Reply, CallError> {
        let form = self.form(app, access, method, business)?;
        let end = self.http.post_form(&self.url, form).await.and_then(|answer| open(method, act, &answer));
        // No parameter, no body, no platform text: only which call ended how.
        tracing::debug!(method, end = end_word(&end), "platform call");
        end
    }

    fn form(
        &self,
        app: &AppKey,
        access: &Secret,
        method: &str,
        business: &[(&str, String)],
    ) -> Result<String, CallError> {
        if app.key.is_empty() || app.secret.is_empty() {
            return Err(CallError::NotSent("the app key or secret is missing".into()));
        }
        let how = SignMethod::HmacSha256;
        let timestamp = timestamp(self.clock.wall())
            .ok_or_else(|| CallError::NotSent("this computer's clock shows no possible date".into()))?;
        let public = [
            ("method", method),
            ("app_key", &app.key),
            ("session", access.reveal()),
            ("timestamp", &timestamp),
            ("v", "2.0"),
            ("format", "json"),
            // `simplify` is not sent: with it the envelope changes too, and both list forms are read anyway.
            ("sign_method", how.word()),
        ];
        let mut params: BTreeMap<String, String> = business.iter().map(|(k, v)| ((*k).to_owned(), v.clone())).collect();
        params.extend(public.map(|(k, v)| (k.to_owned(), v.to_owned())));
        params.retain(|k, v| !k.is_empty() && !v.is_empty());
        params.insert("sign".into(), sign(how, app.secret.reveal(), &params));
        Ok(url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&params).finish())
    }
}

/// Opens an answer's envelope. Pure.
pub(crate) fn open(method: &str, act: Act, answer: &Answer) -> Result<Reply, CallError> {
    let mut whole: Value = serde_json::from_slice(&answer.body)
        .map_err(|_| CallError::Unknown(format!("HTTP {} with an answer that is not JSON", answer.status)))?;
    let envelopes = [envelope(method.strip_prefix("taobao.").unwrap_or(method)), envelope(method)];
    let inner = envelopes.iter().find_map(|name| whole.get_mut(name).map(Value::take));
    match (whole.get("error_response"), inner) {
        (Some(error @ Value::Object(_)), None) => Err(refusal::read(error, act)),
        (None, Some(body @ Value::Object(_))) if answer.is_success() => {
            // The text of the answer was JSON, so it is UTF-8.
            Ok(Reply { body, raw: String::from_utf8_lossy(&answer.body).into_owned() })
        }
        (Some(_), Some(_)) => Err(CallError::Unknown("the answer says yes and no at once".into())),
        _ => Err(unreadable("envelope")),
    }
}

/// Facts §13: the leading `taobao.` is dropped in the reply's wrapper; `cainiao_…` stays.
fn envelope(method: &str) -> String {
    format!("{}_response", method.replace('.', "_"))
}

/// `yyyy-MM-dd HH:mm:ss` in GMT+8, whatever this computer's zone is.
fn timestamp(now: Millis) -> Option<String> {
    let there = jiff::tz::Offset::constant(8);
    Some(jiff::Timestamp::from_millisecond(now.0).ok()?.to_zoned(there.to_time_zone()).strftime("%F %T").to_string())
}

/// Which of the ends a call had, as a word for the log.
fn end_word<T>(end: &Result<T, CallError>) -> &'static str {
    match end {
        Ok(_) => "answered",
        Err(CallError::NotSent(_)) => "not sent",
        Err(CallError::Refused(_)) => "refused",
        Err(CallError::Unknown(_)) => "unknown",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::clock::VirtualClock;

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, content_type: None, body: body.as_bytes().to_vec() }
    }
    fn router() -> Router {
        // 2016-01-01 12:00:00 in Beijing.
        let clock = Arc::new(VirtualClock::at(Millis(1_451_620_800_000)));
        let http = Arc::new(Http::new(crate::Limits::default()).unwrap());
        Router::new(http, Url::parse("http://127.0.0.1:1/").unwrap(), clock)
    }
    fn app(key: &str, secret: &str) -> AppKey {
        AppKey { key: key.into(), secret: Secret::new(secret) }
    }

    #[test]
    fn the_sent_set_is_the_signed_set_and_time_is_beijings() {
        let business = [("b", "一 &=".to_owned()), ("empty", String::new()), ("", "x".to_owned())];
        let form = router().form(&app("12345678", "helloworld"), &Secret::new("tok"), "a.b", &business).unwrap();
        let mut sent: BTreeMap<String, String> = url::form_urlencoded::parse(form.as_bytes()).into_owned().collect();
        let signature = sent.remove("sign").unwrap();
        assert_eq!(signature, sign(SignMethod::HmacSha256, "helloworld", &sent), "signed = sent minus sign");
        assert_eq!(sent["timestamp"], "2016-01-01 12:00:00");
        assert_eq!(sent["b"], "一 &=");
        assert!(!sent.contains_key("empty") && !sent.contains_key(""), "empty keys and values are not sent");
        let keys: Vec<_> = sent.keys().map(String::as_str).collect();
        assert_eq!(keys, ["app_key", "b", "format", "method", "session", "sign_method", "timestamp", "v"]);
    }

    #[test]
    fn a_business_parameter_cannot_replace_a_public_one() {
        let form = router().form(&app("k", "s"), &Secret::new("t"), "a.b", &[("session", "evil".into())]).unwrap();
        assert!(form.contains("session=t&"), "{form}");
    }

    #[test]
    fn without_key_secret_or_possible_date_nothing_is_sent() {
        for bad in [app("", "s"), app("k", "")] {
            let end = router().form(&bad, &Secret::new("t"), "a.b", &[]);
            assert!(matches!(end, Err(CallError::NotSent(_))));
        }
        assert_eq!(timestamp(Millis(i64::MAX)), None);
        assert_eq!(timestamp(Millis(0)).as_deref(), Some("1970-01-01 08:00:00"));
    }

    #[test]
    fn only_the_asked_methods_envelope_opens() {
        let m = "taobao.user.seller.get";
        for good in [r#"{"user_seller_get_response":{"x":1}}"#, r#"{"taobao_user_seller_get_response":{"x":1}}"#] {
            assert_eq!(open(m, Act::Read, &answer(200, good)).ok().unwrap().body["x"], 1);
        }
        let yes = r#"{"user_seller_get_response":{"x":1}}"#;
        for (status, unknown) in [
            (200, "not json"),
            (200, ""),
            (200, "{}"),
            (200, "[]"),
            (200, r#"{"other_response":{}}"#),
            (200, r#"{"user_seller_get_response":null}"#),
            (200, r#"{"error_response":"no"}"#),
            (200, r#"{"user_seller_get_response":{},"error_response":{"code":27}}"#),
            (400, yes),
            (403, "<html>forbidden</html>"),
        ] {
            let end = open(m, Act::Read, &answer(status, unknown)).err();
            assert!(matches!(end, Some(CallError::Unknown(_))), "{status} {unknown}: {end:?}");
        }
        for status in [200, 400, 401] {
            let end = open(m, Act::Write, &answer(status, r#"{"error_response":{"code":27,"msg":"Invalid session"}}"#));
            assert!(matches!(end, Err(CallError::Refused(_))), "a readable no is a no with status {status}");
        }
    }
}
