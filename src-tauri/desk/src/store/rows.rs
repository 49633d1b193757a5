//! What the store takes and gives, in the words of the trade.

use crate::rights::Role;
use domain::attempt::AttemptState;
use domain::clock::Millis;
use domain::connector::{PrintData, ShopIdentity, Tokens};
use domain::contact::{Address, Contact, Goods};
use domain::evidence::Evidence;
use domain::ids::{
    AttemptId, CourierCode, CourierId, GrantId, ParcelId, PersonId, PrintJobId, PrinterId, ShopId, WaybillId, WaybillNo,
};
use domain::journal::PrintState;
use domain::printer::Language;
use domain::secret::Secret;
use domain::units::Dpi;
use domain::waybill::WaybillState;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One row of the action log, before it is chained.
#[derive(Clone, Debug)]
pub struct LogEntry {
    /// Wall time.
    pub at: Millis,
    /// Monotonic time of this process.
    pub mono: Duration,
    /// Person id; `desk` for what the program does by itself.
    pub person: String,
    /// Window, terminal, worker.
    pub station: String,
    /// What was done: `order.submit`, `waybill.issued`, `refused` …
    pub action: String,
    /// Id of what it was done to.
    pub object: String,
    /// More, without personal data and secrets.
    pub detail: String,
}

/// A row as read.
#[derive(Clone, Debug)]
pub struct LogLine {
    /// Number in the chain, from 1.
    pub seq: i64,
    /// Wall time.
    pub at: Millis,
    /// Person id or `desk`.
    pub person: String,
    /// Station.
    pub station: String,
    /// What.
    pub action: String,
    /// To what.
    pub object: String,
    /// More.
    pub detail: String,
}

/// A person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Id.
    pub id: PersonId,
    /// As typed at creation; never changed (R81).
    pub name: String,
    /// Post.
    pub role: Role,
    /// Argon2id PHC string.
    pub password_phc: String,
    /// When.
    pub created_at: Millis,
    /// Last login.
    pub last_login_at: Option<Millis>,
}

/// The owner's own app on a platform.
#[derive(Clone, Debug)]
pub struct App {
    /// Connector id.
    pub platform: String,
    /// App key.
    pub key: String,
    /// App secret.
    pub secret: Secret,
    /// Registered callback address.
    pub callback: String,
    /// Who entered it.
    pub entered_by: PersonId,
    /// When.
    pub entered_at: Millis,
}

/// One try to get a grant.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Id.
    pub id: AttemptId,
    /// Connector id.
    pub platform: String,
    /// `browser` or `link`.
    pub way: String,
    /// State.
    pub state: AttemptState,
    /// Why it ended.
    pub reason: String,
    /// The platform's words.
    pub hint: String,
    /// One-time state.
    pub secret_state: Secret,
    /// PKCE verifier; empty if the connector uses none.
    pub verifier: Secret,
    /// Redirect address, byte for byte as in the link.
    pub redirect: String,
    /// Who asked.
    pub asked_by: PersonId,
    /// Grant to renew.
    pub renews: Option<GrantId>,
    /// Which door it came in by.
    pub door: String,
    /// When.
    pub created_at: Millis,
    /// Until when.
    pub expires_at: Millis,
    /// The shop the platform named.
    pub shop: Option<ShopIdentity>,
    /// The grant it became.
    pub grant: Option<GrantId>,
}

/// What is written with a move of an attempt; `None` leaves the field.
#[derive(Clone, Debug, Default)]
pub struct AttemptChange {
    /// Why.
    pub reason: Option<String>,
    /// The platform's words.
    pub hint: Option<String>,
    /// Door.
    pub door: Option<String>,
    /// Tokens and whose they are.
    pub tokens: Option<(Tokens, ShopIdentity)>,
}

/// State of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GrantState {
    /// Works.
    Active,
    /// Stopped by a person; undoable.
    Suspended,
    /// The platform says it is dead, or it expired.
    NeedsRenewal,
    /// Erased here.
    Revoked,
}

impl GrantState {
    /// The word in storage and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::NeedsRenewal => "needs_renewal",
            Self::Revoked => "revoked",
        }
    }
    /// The state of a word.
    pub fn from_word(w: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::NeedsRenewal, Self::Revoked].into_iter().find(|s| s.word() == w)
    }
}

/// A grant, without its tokens.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Id.
    pub id: GrantId,
    /// Connector id.
    pub platform: String,
    /// The platform's shop id.
    pub shop_id: ShopId,
    /// The platform's shop name.
    pub shop_name: String,
    /// State.
    pub state: GrantState,
    /// Why it needs renewal.
    pub reason: String,
    /// When the access token ends.
    pub expires_at: Option<Millis>,
    /// Who confirmed it.
    pub granted_by: PersonId,
    /// When.
    pub granted_at: Millis,
    /// Last good call.
    pub last_used_at: Option<Millis>,
    /// When couriers were read.
    pub couriers_at: Option<Millis>,
}

/// A courier of a grant (one branch).
#[derive(Clone, Debug)]
pub struct Courier {
    /// Id.
    pub id: CourierId,
    /// Its grant.
    pub grant: GrantId,
    /// Courier code.
    pub code: CourierCode,
    /// 1 直营, 2 加盟 …
    pub kind: u8,
    /// 网点 code.
    pub branch_code: String,
    /// 网点 name.
    pub branch_name: String,
    /// Numbers left when last read.
    pub balance: Option<i64>,
    /// Accepted sender addresses.
    pub senders: Vec<Address>,
    /// Listed customer codes.
    pub customer_codes: Vec<String>,
    /// In the platform's last list.
    pub present: bool,
    /// Wizard.
    pub details: Details,
}

/// Settlement details (R13–R15).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Next step, 1–3; 0 = never begun.
    pub step: u8,
    /// Step 3 confirmed.
    pub done: bool,
    /// Who sends.
    pub sender_name: String,
    /// Their phone.
    pub sender_phone: String,
    /// The chosen one of the courier's addresses; kept whole, so that a reordered list can't move it.
    pub sender_address: Address,
    /// 结算主体
    pub payer: String,
    /// Whom to call.
    pub payer_contact: String,
    /// Their phone.
    pub payer_phone: String,
    /// 结算客户编码
    pub customer_code: String,
}

/// A printer as set up here.
#[derive(Clone, Debug, PartialEq)]
pub struct Printer {
    /// Id.
    pub id: PrinterId,
    /// Name.
    pub name: String,
    /// `tcp://…`, `cups://…`, `file://…`.
    pub address: String,
    /// Language.
    pub language: Language,
    /// Resolution.
    pub dpi: Dpi,
    /// Label width.
    pub width_mm: f64,
    /// Label height.
    pub height_mm: f64,
    /// Gap.
    pub gap_mm: f64,
    /// Inch a second.
    pub speed: u8,
    /// 0–15.
    pub darkness: u8,
    /// The default printer.
    pub default: bool,
    /// Removed from lists.
    pub removed: bool,
}

/// What a person typed, whole; sealed at rest.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// 寄件人
    pub sender: Contact,
    /// 收件人
    pub recipient: Contact,
    /// 内件
    pub goods: Vec<Goods>,
    /// 备注
    pub remark: String,
    /// Grams.
    pub weight_g: Option<u32>,
}

/// A parcel to be written.
#[derive(Clone, Debug)]
pub struct NewParcel {
    /// Id.
    pub id: ParcelId,
    /// The press.
    pub submit_key: String,
    /// When.
    pub created_at: Millis,
    /// Who.
    pub created_by: PersonId,
    /// Template id.
    pub template: String,
    /// Printer chosen at the press.
    pub printer: PrinterId,
    /// What was typed.
    pub order: Order,
}

/// A parcel as read.
#[derive(Clone, Debug)]
pub struct Parcel {
    /// Id.
    pub id: ParcelId,
    /// Running number.
    pub seq: i64,
    /// When.
    pub created_at: Millis,
    /// Who.
    pub created_by: PersonId,
    /// Template id.
    pub template: String,
    /// Printer.
    pub printer: PrinterId,
    /// What was typed.
    pub order: Order,
}

/// Which parcels.
#[derive(Clone, Debug, Default)]
pub struct WantParcels {
    /// `seq` below this.
    pub before: Option<i64>,
    /// At most.
    pub limit: u32,
    /// Created at or after.
    pub since: Option<Millis>,
    /// Only those that want a person.
    pub attention: bool,
    /// Prefix of a waybill number or of the parcel id.
    pub search: String,
}

/// An attempt to be written, in `intent`.
#[derive(Clone, Debug)]
pub struct NewWaybill {
    /// Id.
    pub id: WaybillId,
    /// Parcel.
    pub parcel: ParcelId,
    /// 1, 2, 3 …
    pub attempt: u32,
    /// The press (or retry) that asked for it.
    pub submit_key: String,
    /// Grant that will be charged.
    pub grant: GrantId,
    /// Courier that will be charged.
    pub courier: CourierId,
    /// Its code.
    pub courier_code: CourierCode,
    /// The shop's name at that moment.
    pub shop_name: String,
    /// Who.
    pub asked_by: PersonId,
    /// The exact request, as it will be sent; sealed.
    pub request: domain::connector::IssueRequest,
    /// When.
    pub created_at: Millis,
}

/// An attempt as read.
#[derive(Clone, Debug)]
pub struct Waybill {
    /// Id.
    pub id: WaybillId,
    /// Parcel.
    pub parcel: ParcelId,
    /// 1, 2, 3 …
    pub attempt: u32,
    /// State.
    pub state: WaybillState,
    /// Grant.
    pub grant: GrantId,
    /// Courier.
    pub courier: CourierId,
    /// Courier code.
    pub courier_code: CourierCode,
    /// Shop name.
    pub shop_name: String,
    /// Who asked.
    pub asked_by: PersonId,
    /// The request.
    pub request: domain::connector::IssueRequest,
    /// The number, once known.
    pub number: Option<WaybillNo>,
    /// `plain`, `encrypted`, `missing`, empty.
    pub print_kind: String,
    /// Component for encrypted data.
    pub component: String,
    /// Why.
    pub reason: String,
    /// The platform's words.
    pub hint: String,
    /// Look-ups so far.
    pub asked: u32,
    /// "Not found" answers that counted.
    pub not_found: u32,
    /// When the call left.
    pub sent_at: Option<Millis>,
    /// Next look-up.
    pub next_ask_at: Option<Millis>,
    /// When.
    pub created_at: Millis,
    /// When it came to rest.
    pub ended_at: Option<Millis>,
}

/// The platform's answer, kept sealed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What to print.
    pub print: PrintData,
    /// The whole answer.
    pub raw: String,
}

/// What is written with a move of an attempt to get a number; `None` leaves the field.
#[derive(Clone, Debug, Default)]
pub struct WaybillChange {
    /// The number and the answer.
    pub issued: Option<(WaybillNo, Answer)>,
    /// Why.
    pub reason: Option<String>,
    /// The platform's words.
    pub hint: Option<String>,
    /// When the call left.
    pub sent_at: Option<Millis>,
    /// Next look-up; `Some(None)` = none.
    pub next_ask_at: Option<Option<Millis>>,
    /// When it came to rest; `Some(None)` = it has not.
    pub ended_at: Option<Option<Millis>>,
    /// A print job that is to be queued in the same transaction.
    pub queue: Option<NewPrint>,
}

/// A label wanted.
#[derive(Clone, Debug)]
pub struct NewPrint {
    /// Id.
    pub id: PrintJobId,
    /// Parcel.
    pub parcel: ParcelId,
    /// Whose number.
    pub waybill: WaybillId,
    /// The press.
    pub submit_key: String,
    /// 0 = first, 1 = 补打 1 …
    pub copy: u32,
    /// Reason code of a reprint.
    pub reason: String,
    /// Free text of a reprint.
    pub note: String,
    /// Who.
    pub asked_by: PersonId,
    /// Printer.
    pub printer: PrinterId,
    /// Template id.
    pub template: String,
    /// When.
    pub created_at: Millis,
}

/// A label as journalled.
#[derive(Clone, Debug)]
pub struct Print {
    /// Id.
    pub id: PrintJobId,
    /// Parcel.
    pub parcel: ParcelId,
    /// Whose number.
    pub waybill: WaybillId,
    /// 0 = first, 1 = 补打 1 …
    pub copy: u32,
    /// Reason code.
    pub reason: String,
    /// Free text.
    pub note: String,
    /// Who.
    pub asked_by: PersonId,
    /// Printer.
    pub printer: PrinterId,
    /// Template id.
    pub template: String,
    /// State.
    pub state: PrintState,
    /// Evidence.
    pub evidence: Option<Evidence>,
    /// What is in the way: a code or the system's words.
    pub trouble: String,
    /// Length of the job.
    pub bytes: i64,
    /// Bytes that may have left.
    pub accepted: i64,
    /// When asked for.
    pub created_at: Millis,
    /// When it came to rest.
    pub ended_at: Option<Millis>,
}

/// What is written with a move of a job; `None` leaves the field.
#[derive(Clone, Debug, Default)]
pub struct PrintChange {
    /// SHA-256 and length of the bytes.
    pub drawn: Option<([u8; 32], i64)>,
    /// Evidence.
    pub evidence: Option<Evidence>,
    /// Trouble.
    pub trouble: Option<String>,
    /// Bytes that may have left.
    pub accepted: Option<i64>,
    /// When it came to rest.
    pub ended_at: Option<Millis>,
}
