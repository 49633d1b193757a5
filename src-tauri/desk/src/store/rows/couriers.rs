//! Couriers and their settlement details.

use domain::contact::Address;
use domain::ids::{CourierCode, CourierId, GrantId};
use serde::{Deserialize, Serialize};

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
