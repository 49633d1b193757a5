//! Errors of OAuth token, revocation and userinfo endpoints (RFC 6749 §5.2, RFC 7009 §2.2.1, RFC 6750 §3.1).

use domain::connector::{CallError, Refusal, RefusalKind};

/// What an OAuth `error` word means. `server_error` and `temporarily_unavailable` are the server's own failure: whether
/// the one-use code was used up, nobody knows.
pub(crate) fn read(error: &str, description: &str) -> CallError {
    let kind = match error {
        "server_error" | "temporarily_unavailable" => {
            return CallError::Unknown(format!("the server's own failure: {error}"));
        }
        "invalid_grant" | "invalid_token" => RefusalKind::GrantDead,
        "invalid_client" | "unauthorized_client" | "insufficient_scope" | "unsupported_grant_type" => RefusalKind::App,
        _ => RefusalKind::Other,
    };
    CallError::Refused(Refusal { kind, code: brief(error), message: brief(description) })
}

/// A stranger's words, not longer than a person reads.
pub(crate) fn brief(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
}
