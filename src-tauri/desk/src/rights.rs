//! Who may do what. Rights are asked once, at the door ([`crate::api`]); nothing behind it asks again.
//!
//! A person's rights are those of the post and those ticked for this person alone. What is there of them at a moment follows
//! from the certification ([`Standing`]). Deny by default: a word that is not known here gives nothing.

use crate::store::Hours;
use domain::clock::Millis;
use domain::ids::PersonId;
use std::sync::Arc;
use std::time::Duration;

macro_rules! permissions {
    ($($(#[$doc:meta])* $name:ident = $word:literal, $group:ident $(, $trait:ident)*;)*) => {
        /// A right.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Permission { $($(#[$doc])* $name),* }
        impl Permission {
            /// Every right there is.
            pub const ALL: &'static [Permission] = &[$(Permission::$name),*];
            /// The word used on the wire.
            pub fn word(self) -> &'static str {
                match self { $(Permission::$name => $word),* }
            }
            /// Where the page of rights lists it.
            pub fn group(self) -> Group {
                match self { $(Permission::$name => Group::$group),* }
            }
            fn traits(self) -> &'static [Trait] {
                match self { $(Permission::$name => &[$(Trait::$trait),*]),* }
            }
        }
    };
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Trait {
    /// Grants, revoking, exports, giving numbers back, refunds, people: asks for a long password.
    Weighty,
    /// Not before the person is certified: what acts on behalf of the shop towards platforms and people.
    Certified,
    /// Left to somebody whose certification is overdue: looking only.
    Looking,
    /// Done on the platform, or in a service of somebody else; noted here, and to be set up there too.
    Elsewhere,
}

permissions! {
    /// Create an order, take a number, print.
    SubmitOrder = "submit_order", Official;
    /// Give a number back.
    CancelWaybill = "cancel_waybill", Official, Weighty;
    /// Print a label again.
    Reprint = "reprint", Official;
    /// Print it again once more after it was printed again several times.
    ReprintMore = "reprint_more", Official;
    /// Decide on a number nobody could clear up.
    DecideUnknown = "decide_unknown", Official;
    /// See parcels and print jobs, masked.
    ViewHistory = "view_history", Official, Looking;
    /// See names and phones unmasked; logged.
    RevealPersonal = "reveal_personal", Official;
    /// 店铺红包: give red packets of the shop (R106).
    RedPackets = "red_packets", Official, Weighty, Certified, Elsewhere;
    /// 同意退款申请: agree to refund requests (R106).
    AgreeRefunds = "agree_refunds", Official, Weighty, Certified, Elsewhere;
    /// See grants, couriers, balances.
    ViewGrants = "view_grants", Services, Looking;
    /// Start an attempt, copy its link, paste its answer.
    StartGrant = "start_grant", Services, Weighty, Certified;
    /// Say that the shop is the right one.
    ConfirmGrant = "confirm_grant", Services, Weighty, Certified;
    /// Suspend, resume, revoke.
    RevokeGrant = "revoke_grant", Services, Weighty, Certified;
    /// Enter app keys and secrets.
    ManageApps = "manage_apps", Services, Weighty, Certified;
    /// Settlement details and the default courier: decides who is charged.
    SetDefaultCourier = "set_default_courier", Services;
    /// Set printers up.
    ManagePrinters = "manage_printers", BackOffice;
    /// Change and remove the shop's own label templates.
    ManageTemplates = "manage_templates", BackOffice;
    /// Add people, say what they may do, let them go.
    ManagePeople = "manage_people", BackOffice, Weighty, Certified;
    /// Read the action log.
    ViewLog = "view_log", BackOffice;
    /// Make backups, their card, and choose their folder.
    ManageBackups = "manage_backups", BackOffice, Weighty;
    /// How long people's data stays; find and erase one person's.
    ManageData = "manage_data", BackOffice, Weighty;
    /// Everything in an open form, masked.
    ExportData = "export_data", BackOffice, Weighty, Certified;
    /// Names and phones in clear in an export; logged.
    ExportPersonal = "export_personal", BackOffice, Weighty, Certified;
}

/// Rights are ticked in three groups (R102).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// 官方功能
    Official,
    /// 应用服务
    Services,
    /// 后台管理
    BackOffice,
}

impl Group {
    /// The word used on the wire.
    pub fn word(self) -> &'static str {
        match self {
            Self::Official => "official",
            Self::Services => "services",
            Self::BackOffice => "back_office",
        }
    }
}

impl Permission {
    /// The right of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|p| p.word() == word)
    }
    /// Whoever has it needs a password of twelve characters.
    pub fn is_weighty(self) -> bool {
        self.traits().contains(&Trait::Weighty)
    }
    /// Set up on the platform, or in a service of somebody else, too.
    pub fn is_elsewhere(self) -> bool {
        self.traits().contains(&Trait::Elsewhere)
    }
}

/// The post of the one owner. It is not among [`BUILT_IN`]: nobody is given it, and nobody changes it.
pub const OWNER: &str = "owner";

/// The posts that every desk begins with, and what each may do until the owner changes it.
pub const BUILT_IN: &[(&str, &[Permission])] = {
    use Permission as P;
    &[
        // 打单员
        ("clerk", &[P::ViewGrants, P::SubmitOrder, P::CancelWaybill, P::Reprint, P::ViewHistory, P::RevealPersonal]),
        // 授权专员
        ("staff", &[P::StartGrant, P::ViewGrants]),
        // 客服
        ("customer_service", &[P::ViewHistory]),
        // 客服主管
        ("supervisor", &[P::ViewHistory, P::RevealPersonal, P::Reprint, P::AgreeRefunds]),
        // 运营
        ("operations", &[P::ViewHistory, P::ViewGrants, P::SetDefaultCourier, P::ManageTemplates, P::RedPackets]),
        // 财务
        ("finance", &[P::ViewHistory, P::ViewGrants, P::ViewLog]),
        // 其他: each right is ticked.
        ("other", &[]),
    ]
};

/// How long a new person may work uncertified (R91): seven whole days.
pub const CERTIFY_WITHIN: Duration = Duration::from_secs(7 * 24 * 3600);

/// How far a person has come with the certification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Certified, or the owner.
    Certified,
    /// Not yet: until then there is the daily work.
    Until(Millis),
    /// Too late: there is looking only.
    Overdue,
}

/// Who acts, and from where. Only the door makes one.
#[derive(Clone, Debug)]
pub struct Actor {
    /// Who.
    pub id: PersonId,
    /// Name, as in the log.
    pub name: String,
    /// Post.
    pub post: String,
    /// Window, terminal, or the desk's own worker.
    pub station: String,
    /// What the post and the ticks give.
    pub rights: Arc<[Permission]>,
    /// And how much of it there is now.
    pub standing: Standing,
    /// From when on the password must be another one before anything else is done.
    pub password_due: Option<Millis>,
    /// When this person may be here; empty = always.
    pub hours: Arc<[Hours]>,
    /// Proved at the first use of the people page who it is (R126).
    pub checked: bool,
}

impl Actor {
    /// Whether this person has the right at this moment.
    pub fn may(&self, p: Permission) -> bool {
        self.is_given(p)
            && match self.standing {
                Standing::Certified => true,
                Standing::Until(_) => !p.traits().contains(&Trait::Certified),
                Standing::Overdue => p.traits().contains(&Trait::Looking),
            }
    }
    /// Whether the use of this right waits for the person's proof, asked for once.
    pub fn must_prove(&self, p: Permission) -> bool {
        p == Permission::ManagePeople && !self.checked
    }
    /// Whether the right was given, certified or not.
    pub fn is_given(&self, p: Permission) -> bool {
        self.rights.contains(&p)
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
    /// A person with this right, who need not have proved himself at the first use yet: it is how he does.
    AtFirst(Permission),
    /// A person with this right, anywhere but at a webview: the answer must not enter one.
    NotInWebview(Permission),
}
