//! Who the grant belongs to, and the errors of the endpoints that the crate `oauth2` does not read. Pure.

use crate::grant_error;
use crate::http::Answer;
use domain::connector::{CallError, Refusal, RefusalKind, ShopIdentity};
use domain::ids::ShopId;
use serde_json::Value;

/// `UserInfo` (`OpenID` Connect Core §5.3.2): `sub`, and the best name there is.
pub(crate) fn identity(answer: &Answer) -> Result<ShopIdentity, CallError> {
    if !answer.is_success() {
        return Err(refusal(answer));
    }
    let unreadable = || CallError::Unknown("the userinfo answer cannot be read".into());
    let v: Value = serde_json::from_slice(&answer.body).map_err(|_| unreadable())?;
    let claim = |key: &str| v.get(key).and_then(Value::as_str).filter(|s| !s.trim().is_empty());
    let id = claim("sub").ok_or_else(unreadable)?;
    let name = ["name", "preferred_username", "email"].into_iter().find_map(claim).unwrap_or(id);
    Ok(ShopIdentity { id: ShopId(id.to_owned()), name: name.to_owned() })
}

/// A 4xx of `UserInfo` or of revocation. 401 is a dead token whatever the body says (RFC 6750 §3.1); any other without
/// a readable error is nobody's word.
pub(crate) fn refusal(answer: &Answer) -> CallError {
    let v: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = |key: &str| v.get(key).and_then(Value::as_str).unwrap_or_default();
    match (said("error"), answer.status) {
        ("", 401) => {
            CallError::Refused(Refusal { kind: RefusalKind::GrantDead, code: "401".into(), message: String::new() })
        }
        ("", status) => CallError::Unknown(format!("HTTP {status} without a readable error")),
        (error, _) => grant_error::read(error, said("error_description")),
    }
}
