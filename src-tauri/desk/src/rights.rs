//! Who may do what. Rights are asked once, at the door ([`crate::api`]); nothing behind it asks again.
//! Three posts with fixed rights for now; posts that an owner edits come on this base.

use domain::ids::PersonId;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal),* $(,)?) => {
        /// A right.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Permission { $($(#[$doc])* $name),* }
        impl Permission {
            /// Every right there is.
            pub const ALL: &'static [Permission] = &[$(Permission::$name),*];
            /// The word used on the wire.
            pub fn word(self) -> &'static str {
                match self { $(Permission::$name => $word),* }
            }
        }
    };
}

permissions! {
    /// Add people.
    ManagePeople = "manage_people",
    /// Enter app keys and secrets.
    ManageApps = "manage_apps",
    /// Start an attempt, copy its link, paste its answer.
    StartGrant = "start_grant",
    /// Say that the shop is the right one.
    ConfirmGrant = "confirm_grant",
    /// Suspend, resume, revoke.
    RevokeGrant = "revoke_grant",
    /// See grants, couriers, balances.
    ViewGrants = "view_grants",
    /// Settlement details and the default courier: decides who is charged.
    SetDefaultCourier = "set_default_courier",
    /// Create an order, take a number, print.
    SubmitOrder = "submit_order",
    /// Give a number back.
    CancelWaybill = "cancel_waybill",
    /// Print a label again.
    Reprint = "reprint",
    /// Print it again once more after it was printed again several times.
    ReprintMore = "reprint_more",
    /// Decide on a number nobody could clear up.
    DecideUnknown = "decide_unknown",
    /// See parcels and print jobs, masked.
    ViewHistory = "view_history",
    /// See names and phones unmasked; logged.
    RevealPersonal = "reveal_personal",
    /// Set printers up.
    ManagePrinters = "manage_printers",
    /// Change and remove the shop's own label templates.
    ManageTemplates = "manage_templates",
    /// Read the action log.
    ViewLog = "view_log",
}

/// A post.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// 店主: everything.
    Owner,
    /// 打单员: orders, numbers, labels.
    Clerk,
    /// 授权专员: authorization links.
    Staff,
}

impl Role {
    /// The word used in storage and on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Owner => "owner",
            Self::Clerk => "clerk",
            Self::Staff => "staff",
        }
    }
    /// The role of a word.
    pub fn from_word(w: &str) -> Option<Self> {
        [Self::Owner, Self::Clerk, Self::Staff].into_iter().find(|r| r.word() == w)
    }
    /// Its fixed rights.
    pub fn rights(self) -> &'static [Permission] {
        use Permission as P;
        match self {
            Self::Owner => P::ALL,
            Self::Clerk => {
                &[P::ViewGrants, P::SubmitOrder, P::CancelWaybill, P::Reprint, P::ViewHistory, P::RevealPersonal]
            }
            Self::Staff => &[P::StartGrant, P::ViewGrants],
        }
    }
}

/// Who acts, and from where. Only the door makes one.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub id: PersonId,
    /// Name, as in the log.
    pub name: String,
    /// Post.
    pub role: Role,
    /// Window, terminal, or the desk's own worker.
    pub station: String,
}

impl Actor {
    /// Whether this person has the right.
    pub fn may(&self, p: Permission) -> bool {
        self.role.rights().contains(&p)
    }
}

/// Who may call a command.
#[derive(Clone, Copy, Debug)]
pub enum Access {
    /// Before login too. Each such command says in its handler why that is safe.
    Anyone,
    /// Any person who is logged in.
    LoggedIn,
    /// A person with this right.
    May(Permission),
    /// A person with this right, anywhere but at a webview: the answer must not enter one.
    NotInWebview(Permission),
}
