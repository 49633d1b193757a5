//! What the desk knows of a platform: a connector describes itself as data ([`Profile`]) and does the platform's calls.
//! Implemented in the `platform` crate, one folder a platform.
//!
//! Every call has three ends ([`CallError`]): it certainly did nothing, the platform said no, or nobody knows.

use crate::clock::Millis;
use crate::contact::{Address, Contact, Goods};
use crate::ids::{CourierCode, ShopId, WaybillNo};
use crate::secret::Secret;
use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use url::Url;

/// A way for the platform's answer to come home (SECURITY: doors).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Door {
    /// `http://127.0.0.1:{port}/callback/{connector}`, and the same on `[::1]`.
    Loopback,
    /// `app.waybilldesk:/callback/{connector}`.
    Scheme,
    /// The address bar, or the code, pasted by a person.
    Paste,
}

/// Who holds the platform's app secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SecretMode {
    /// The seller's own key and secret, typed once by the owner.
    OwnApp,
    /// A public client: PKCE, no secret.
    Native,
}

/// How a grant ends on the platform's side.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeWay {
    /// We can tell the platform (RFC 7009 or its own call).
    Call,
    /// Only a person can, on this page.
    Page(String),
}

/// A connector described as data; notice pages, wizards and reminders are drawn from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// Stable id, also the last part of callback paths: `taobao`, `standard`.
    pub id: String,
    /// Shown only in trial folders and tests.
    pub trial_only: bool,
    /// Who holds the app secret.
    pub secret_mode: SecretMode,
    /// Doors this platform can lead to at all. Which are offered follows from the registered callback address.
    pub doors: Vec<Door>,
    /// The platform accepts only the callback address registered with the app (exact match).
    pub callback_registered: bool,
    /// PKCE S256 is sent.
    pub pkce: bool,
    /// The platform gives `state` back.
    pub state: bool,
    /// The answer carries `iss` (RFC 9207), and this is its value; a missing or other one is refused.
    pub issuer: Option<String>,
    /// How long a code lives from consent.
    pub code_life: Duration,
    /// What is asked for, as keys of scope words in the window's messages: `orders.read`, `waybill.issue` …
    pub scopes: Vec<String>,
    /// How a grant ends.
    pub revoke: RevokeWay,
    /// Grants of this connector bring couriers.
    pub couriers: bool,
}

/// The seller's own app on the platform, or the public client id.
#[derive(Clone, Debug)]
pub struct AppKey {
    /// App key / client id.
    pub key: String,
    /// App secret; empty for [`SecretMode::Native`].
    pub secret: Secret,
}

/// What the authorize address is made from. `state` and `verifier` never leave Rust except inside that address
/// (the verifier only as its hash).
pub struct AuthorizeRequest<'a> {
    /// The app.
    pub app: &'a AppKey,
    /// Where the platform shall send the browser.
    pub redirect: &'a str,
    /// One-time state, 256 bit.
    pub state: &'a Secret,
    /// PKCE verifier, if the profile says so.
    pub verifier: Option<&'a Secret>,
}

/// What a code is exchanged with.
pub struct ExchangeRequest<'a> {
    /// The app.
    pub app: &'a AppKey,
    /// The redirect that was in the authorize address, byte for byte.
    pub redirect: &'a str,
    /// The one-use code.
    pub code: &'a Secret,
    /// PKCE verifier.
    pub verifier: Option<&'a Secret>,
}

/// Tokens as the platform gave them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    /// Sent with calls.
    pub access: Secret,
    /// When `access` ends, if the platform said.
    pub access_expires: Option<Millis>,
    /// For renewal, if any.
    pub refresh: Option<Secret>,
    /// When `refresh` ends, if the platform said.
    pub refresh_expires: Option<Millis>,
    /// Who it is, when the token answer itself says so (TOP does).
    pub identity: Option<ShopIdentity>,
}

/// The shop as the *platform* names it. Hostile text: render as text only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShopIdentity {
    /// The platform's id.
    pub id: ShopId,
    /// The platform's name.
    pub name: String,
}

/// How a platform call ended without a plain answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    /// Not one byte of the request can have been acted on (refused connection, name not found, bad local input).
    #[error("not sent: {0}")]
    NotSent(String),
    /// The platform understood and said no. Nothing was charged.
    #[error("refused ({}): {}", .0.code, .0.message)]
    Refused(Refusal),
    /// The request may have been acted on: time-out, cut line, 5xx, an answer nobody can read.
    #[error("outcome unknown: {0}")]
    Unknown(String),
}

/// The platform's no.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// What kind of no; decides whose turn it is.
    pub kind: RefusalKind,
    /// The platform's own code(s), for evidence: `27`, `15/isv.invalid-parameter`.
    pub code: String,
    /// The platform's own words, untranslated.
    pub message: String,
}

/// Whose turn it is after a no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefusalKind {
    /// The grant is dead or expired: authorise again.
    GrantDead,
    /// The account is out of numbers or money: recharge.
    Balance,
    /// The courier does not serve the address, or the branch stopped: other courier.
    Unserved,
    /// The sender address is not one the courier knows: reload addresses.
    SenderAddress,
    /// Something about the recipient or the goods: mend the order.
    Recipient,
    /// Too many calls: wait, nothing was done.
    Throttled,
    /// The number is picked up, signed or already gone: cannot be cancelled.
    TooLate,
    /// The app key, signature or rights of the app are wrong: the owner must look at the app settings.
    App,
    /// The platform is unwell and says nothing was done.
    Platform,
    /// Anything else; the words say it.
    Other,
}

/// How telling the platform to end a grant went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RevokeOutcome {
    /// The platform acknowledged.
    Acknowledged,
    /// It has no such call: a person does it on its page.
    ByHand(String),
}

/// A courier (one branch of it) that a grant may take numbers from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourierOffer {
    /// The courier.
    pub code: CourierCode,
    /// 1 直营, 2 加盟, 3 落地配, 4 直营带网点; 0 if the platform did not say.
    pub kind: u8,
    /// 网点 code; empty for couriers without branches.
    pub branch_code: String,
    /// 网点 name.
    pub branch_name: String,
    /// Numbers left on this branch's account; `None` where the courier is billed monthly.
    pub balance: Option<i64>,
    /// Addresses the courier accepts as sender, exactly these.
    pub senders: Vec<Address>,
    /// Settlement customer codes the platform lists, if any.
    pub customer_codes: Vec<String>,
}

/// One number wanted. One call, one parcel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssueRequest {
    /// Pairs lines of one call only; says nothing about idempotency.
    pub object_id: String,
    /// The courier.
    pub courier: CourierCode,
    /// Branch-bound settlement code, if the wizard asked for one.
    pub customer_code: Option<String>,
    /// What the platform knows the order by: its own order numbers, or our parcel id for typed orders.
    pub trade_orders: Vec<String>,
    /// `parcel id` + `-` + attempt number: same id, same number.
    pub package_id: String,
    /// `OTHERS` for typed orders, `TB` for Taobao …
    pub channel: String,
    /// The seller's numeric user id on the platform.
    pub user_id: String,
    /// Must equal one of [`CourierOffer::senders`] in its address.
    pub sender: Contact,
    /// To whom.
    pub recipient: Contact,
    /// What is inside, ≥ 1 line.
    pub goods: Vec<Goods>,
    /// Grams, if known.
    pub weight_g: Option<u32>,
}

/// A number taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    /// The number.
    pub number: WaybillNo,
    /// What to print.
    pub print: PrintData,
    /// The whole answer, for evidence; personal data, stored sealed.
    pub raw: String,
}

/// What the platform gave for printing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrintData {
    /// Plain data: our own template draws it.
    Plain(Routing),
    /// Sealed for the platform's own print component; kept untouched, nothing is drawn by guess.
    Encrypted {
        /// The component that can open it: `cainiao`.
        component: String,
        /// The platform's print data, byte for byte.
        data: String,
    },
    /// The number is there, the print data is not (yet).
    Missing,
}

/// Where the courier's sorting machines send it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Routing {
    /// 三段码, for example `028-W16-03 12`.
    pub route_code: String,
    /// 大头笔
    pub sortation: String,
    /// 集包地
    pub consolidation: String,
    /// 揽收网点
    pub origin: String,
}

/// What a look-up by order or number found. "Not found" is only as good as the platform's settle time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// This number stands under that order and package.
    Yes(Issued),
    /// The platform knows of none.
    No,
}

/// A connected platform.
#[async_trait]
pub trait Connector: Send + Sync {
    /// Its description.
    fn profile(&self) -> &Profile;
    /// Hosts (exact) the system browser may be sent to.
    fn browser_hosts(&self) -> Vec<String>;
    /// The address the person opens to authorise.
    fn authorize_url(&self, req: &AuthorizeRequest<'_>) -> Result<Url, CallError>;
    /// Exchanges a code, once: never retried by the connector.
    async fn exchange(&self, req: &ExchangeRequest<'_>) -> Result<Tokens, CallError>;
    /// Renews the tokens, by one showing of the refresh token: never retried by the connector. A platform that leaves the
    /// refresh token as it is answers none.
    async fn refresh(&self, app: &AppKey, refresh: &Secret) -> Result<Tokens, CallError>;
    /// Asks the platform whose grant this is.
    async fn identify(&self, app: &AppKey, tokens: &Tokens) -> Result<ShopIdentity, CallError>;
    /// Ends the grant on the platform's side, where it has a call.
    async fn revoke(&self, app: &AppKey, tokens: &Tokens) -> Result<RevokeOutcome, CallError>;
    /// E-waybills, where the platform has them.
    fn waybills(&self) -> Option<&dyn WaybillService>;
}

/// A platform's e-waybill calls. Writes (`issue`, `cancel`) are never retried by the connector.
#[async_trait]
pub trait WaybillService: Send + Sync {
    /// How long after an answer was lost a "not found" may still be wrong; "not found" counts only after this.
    fn settle_time(&self) -> Duration;
    /// The couriers this grant may use, with balances.
    async fn couriers(&self, app: &AppKey, access: &Secret) -> Result<Vec<CourierOffer>, CallError>;
    /// Takes a number. Charges the account.
    async fn issue(&self, app: &AppKey, access: &Secret, req: &IssueRequest) -> Result<Issued, CallError>;
    /// Most numbers that one call of [`Self::issue_many`] may ask for; at least 1.
    fn most_per_call(&self) -> usize {
        1
    }
    /// Takes several numbers of one courier for one sender, in one call where the platform has one. Charges the account.
    /// `reqs`: at most [`Self::most_per_call`], all with the same courier, customer code and sender, each
    /// with an `object_id` of its own. One end for each, in the order asked; partial answers are normal.
    async fn issue_many(&self, app: &AppKey, access: &Secret, reqs: &[IssueRequest]) -> Vec<Result<Issued, CallError>> {
        let mut ends = Vec::with_capacity(reqs.len());
        for req in reqs {
            ends.push(self.issue(app, access, req).await);
        }
        ends
    }
    /// Looks a number up by the order it was asked for (`trade_orders[0]`) and package id, without charging.
    async fn find(&self, app: &AppKey, access: &Secret, req: &IssueRequest) -> Result<Found, CallError>;
    /// Looks a number up by itself: print data again, or proof that it still lives.
    async fn look_up(
        &self,
        app: &AppKey,
        access: &Secret,
        courier: &CourierCode,
        number: &WaybillNo,
    ) -> Result<Found, CallError>;
    /// Gives a number back. `Ok(())` = the platform acknowledged.
    async fn cancel(
        &self,
        app: &AppKey,
        access: &Secret,
        courier: &CourierCode,
        number: &WaybillNo,
    ) -> Result<(), CallError>;
}
