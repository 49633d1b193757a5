//! Text messages through a gateway: one POST of JSON.
//!
//! `POST ADDRESS`, `Authorization: Bearer KEY`, `{"to":"13800000000","code":"123456","minutes":5}` → 2xx: taken. 4xx: not taken,
//! `{"error":"unknown_number" | "no_credit" | …}`; 401 and 403: the key. A shop's own few lines in front of its provider's
//! (Aliyun, Tencent …) speak it; there is no common protocol among those.

use crate::endpoints::allowed;
use crate::http::{Http, Limits};
use async_trait::async_trait;
use domain::connector::CallError;
use domain::sms::{SmsAccount, SmsError, SmsMessage, SmsProvider};
use std::time::Duration;
use url::Url;

/// The gateway.
pub struct SmsGateway {
    http: Http,
    /// `http` on this computer is taken: the practice market's.
    practice: bool,
}

impl SmsGateway {
    /// `practice`: this folder belongs to the practice market. Errors: the HTTP library's words.
    pub fn new(practice: bool) -> Result<Self, String> {
        // A person waits for it in front of a login.
        let limits = Limits { connect: Duration::from_secs(5), total: Duration::from_secs(10), answer_bytes: 64 << 10 };
        Ok(Self { http: Http::new(limits)?, practice })
    }
}

#[async_trait]
impl SmsProvider for SmsGateway {
    fn takes(&self, address: &Url) -> bool {
        allowed("sms", address, self.practice).is_ok()
    }

    async fn send(&self, account: &SmsAccount, message: &SmsMessage) -> Result<(), SmsError> {
        if !self.takes(&account.address) {
            return Err(SmsError::Unreachable("the address is not https".into()));
        }
        let body = serde_json::json!({ "to": message.to, "code": message.code.reveal(), "minutes": message.minutes });
        let answer = match self.http.post_json(&account.address, account.key.reveal(), body.to_string()).await {
            Ok(answer) => answer,
            Err(CallError::NotSent(why)) => return Err(SmsError::Unreachable(why)),
            Err(CallError::Unknown(why)) => return Err(SmsError::Unknown(why)),
            Err(other) => return Err(SmsError::Unknown(format!("{other:?}"))),
        };
        if answer.is_success() {
            return Ok(());
        }
        let said: serde_json::Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        Err(match (answer.status, said["error"].as_str().unwrap_or_default()) {
            (401 | 403, _) => SmsError::BadKey,
            (_, "unknown_number") => SmsError::UnknownNumber,
            (_, "no_credit") => SmsError::NoCredit,
            (status, why) => SmsError::Refused(format!("{status} {}", why.chars().take(80).collect::<String>())),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{Act, Peer};
    use domain::secret::Secret;

    #[tokio::test]
    async fn a_message_is_handed_in_once_and_its_end_is_told_in_words() {
        let gateway = SmsGateway::new(true).unwrap();
        let message = SmsMessage { to: "13800000000".into(), code: Secret::new("123456"), minutes: 5 };
        for (status, body, end) in [
            (200, "{}", Ok(())),
            (401, "{}", Err("bad_key")),
            (400, "{\"error\":\"unknown_number\"}", Err("unknown_number")),
            (402, "{\"error\":\"no_credit\"}", Err("no_credit")),
            (400, "not JSON", Err("refused")),
            (500, "{}", Err("unknown")),
        ] {
            let peer = Peer::start(Act::answer(status, body)).await;
            let account = SmsAccount { address: peer.url(), key: Secret::new("key-1") };
            let sent = gateway.send(&account, &message).await;
            assert_eq!(sent.map_err(|e| e.word()), end, "{status} {body}");
            assert_eq!(peer.requests(), 1);
            assert!(peer.last_request().ends_with("{\"code\":\"123456\",\"minutes\":5,\"to\":\"13800000000\"}"));
            assert!(peer.last_request().to_lowercase().contains("authorization: bearer key-1"));
        }
        let closed = SmsAccount { address: Peer::closed_port().await, key: Secret::new("k") };
        assert_eq!(gateway.send(&closed, &message).await.unwrap_err().word(), "unreachable");
    }

    #[test]
    fn messages_leave_in_the_clear_for_practice_only() {
        let takes = |practice: bool, address: &str| SmsGateway::new(practice).unwrap().takes(&address.parse().unwrap());
        assert!(takes(false, "https://sms.example.com/send") && takes(true, "http://127.0.0.1:81/sms/send"));
        for address in
            ["http://127.0.0.1:81/sms/send", "http://sms.example.com/", "https://me:pw@sms.example.com/", "ftp://a.b/"]
        {
            assert!(!takes(false, address), "{address}");
        }
    }
}
