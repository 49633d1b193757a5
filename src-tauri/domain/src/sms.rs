//! One-time codes by text message: what the desk asks of the service that sends them.

use crate::secret::Secret;
use async_trait::async_trait;
use url::Url;

/// The owner's account at a service.
#[derive(Clone)]
pub struct SmsAccount {
    /// Where messages are handed in.
    pub address: Url,
    /// Proves whose they are.
    pub key: Secret,
}

/// A message. The words around the code are the service's: most countries want them registered there.
#[derive(Clone)]
pub struct SmsMessage {
    /// Phone number as the person typed it.
    pub to: String,
    /// Six digits.
    pub code: Secret,
    /// How long it is good.
    pub minutes: u32,
}

/// Why a message was not taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SmsError {
    /// Nothing left this computer.
    #[error("the service could not be reached: {0}")]
    Unreachable(String),
    /// Nobody knows: it may arrive.
    #[error("the service did not answer: {0}")]
    Unknown(String),
    /// There is no such phone.
    #[error("the service does not know this number")]
    UnknownNumber,
    /// The key is wrong, or has ended.
    #[error("the service does not take the key")]
    BadKey,
    /// The account is empty.
    #[error("the account at the service is empty")]
    NoCredit,
    /// Another reason of the service's own.
    #[error("the service refused: {0}")]
    Refused(String),
}

impl SmsError {
    /// The word on the wire.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Unreachable(_) => "unreachable",
            Self::Unknown(_) => "unknown",
            Self::UnknownNumber => "unknown_number",
            Self::BadKey => "bad_key",
            Self::NoCredit => "no_credit",
            Self::Refused(_) => "refused",
        }
    }
}

/// A kind of service.
#[async_trait]
pub trait SmsProvider: Send + Sync {
    /// Whether messages may go to this address at all.
    fn takes(&self, address: &Url) -> bool;
    /// Hands a message in, once; never repeats it.
    async fn send(&self, account: &SmsAccount, message: &SmsMessage) -> Result<(), SmsError>;
}
