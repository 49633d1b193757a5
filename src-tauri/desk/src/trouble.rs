//! Folds what can go wrong below into the one error that leaves the desk.

use crate::api::{ApiError, Code};
use crate::store::StoreError;
use domain::connector::{CallError, RefusalKind};

impl From<StoreError> for ApiError {
    fn from(e: StoreError) -> Self {
        match &e {
            StoreError::DiskFull => {
                ApiError::new(Code::DiskFull, "the disk is full; nothing was written, nothing was sent")
                    .hint("free some space, then do it again; what was typed is kept")
            }
            StoreError::ReadOnly => {
                ApiError::new(Code::FolderReadOnly, "the data folder cannot be written; nothing was done")
                    .hint("make the folder writable, then do it again")
            }
            StoreError::Damaged => {
                tracing::error!("the database file is damaged");
                ApiError::new(Code::DataDamaged, "the database file is damaged; nothing was done, it was left as it is")
                    .hint(
                        "restore the newest backup with the words of the recovery card into another folder (--data, \
                         `waybill backup restore`), and have the disk looked at",
                    )
            }
            StoreError::Taken { rule } => ApiError::new(Code::WrongState, format!("there is already one ({rule})")),
            StoreError::Unreadable { .. } | StoreError::Sealed { .. } | StoreError::Database { .. } => {
                tracing::error!(error = %e, source = ?std::error::Error::source(&e).map(ToString::to_string), "the store failed");
                ApiError::internal(e)
            }
        }
    }
}

/// The word of a refusal kind: what the window translates.
pub(crate) fn refusal_word(kind: RefusalKind) -> &'static str {
    match kind {
        RefusalKind::GrantDead => "grant_dead",
        RefusalKind::Balance => "balance",
        RefusalKind::Unserved => "unserved",
        RefusalKind::SenderAddress => "sender_address",
        RefusalKind::Recipient => "recipient",
        RefusalKind::Throttled => "throttled",
        RefusalKind::TooLate => "too_late",
        RefusalKind::App => "app",
        RefusalKind::Platform => "platform",
        RefusalKind::Other => "other",
    }
}

/// A platform call that a person waits for went wrong. `kept` says what was kept.
pub(crate) fn call_failed(e: &CallError, kept: &str) -> ApiError {
    match e {
        CallError::NotSent(why) => {
            ApiError::new(Code::PlatformUnreachable, format!("the platform could not be reached ({why}); {kept}"))
                .hint("check the network, then do it again")
        }
        CallError::Refused(r) if r.kind == RefusalKind::GrantDead => {
            ApiError::new(Code::GrantDead, format!("the platform no longer accepts this grant; {kept}"))
                .hint(format!("{} {}", r.code, r.message))
                .detail(refusal_word(r.kind))
        }
        CallError::Refused(r) => ApiError::new(Code::PlatformRefused, format!("the platform refused; {kept}"))
            .hint(format!("{} {}", r.code, r.message))
            .detail(refusal_word(r.kind)),
        CallError::Unknown(why) => {
            ApiError::new(Code::OutcomeUnknown, format!("the platform did not answer clearly ({why}); {kept}"))
        }
    }
}
