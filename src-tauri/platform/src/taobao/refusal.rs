//! What TOP's errors mean: a table, and the one question that matters for a write: is it a *certain* no?
//!
//! Sources: platform facts §1.3 (TOP error codes; sub codes `isv.*` = caller side, `isp.*` = platform side; texts from
//! production code). What the gateway itself turns away (signature, session, limits, parameters) never reached the
//! service behind it: certain. What the service or the way to it reports as its own failure may come *after* it acted:
//! for a write, unknown. An error that nobody has described is unknown for a write as well: a wrong "unknown" costs a
//! look-up, a wrong "no" costs a second charge.

use super::shape;
use crate::grant_error::brief;
use domain::connector::{CallError, Refusal, RefusalKind};
use serde_json::Value;

/// Whether a call could have changed something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Asks only.
    Read,
    /// Takes or gives back something.
    Write,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// The gateway turned it away before anything could act on it.
    Certain(RefusalKind),
    /// The service's own answer: the sub code and the text decide.
    Service,
    /// The platform is unwell; nobody knows how far the call came.
    Unwell,
}

use Meaning::{Certain, Service, Unwell};
use RefusalKind as K;

/// Codes of TOP's gateway (facts §1.3).
const CODES: &[(i64, Meaning)] = &[
    (3, Certain(K::Other)),      // upload fail
    (4, Certain(K::Throttled)),  // user call limited
    (5, Certain(K::Throttled)),  // session call limited
    (6, Certain(K::Throttled)),  // partner call limited
    (7, Certain(K::Throttled)),  // app call limited, "This ban will last for 1 more seconds"
    (8, Certain(K::Throttled)),  // app frequency
    (9, Certain(K::Other)),      // http action not allowed
    (10, Unwell),                // service unavailable
    (11, Certain(K::App)),       // insufficient ISV permission
    (12, Certain(K::App)),       // user permission
    (13, Certain(K::App)),       // partner permission
    (15, Service),               // remote service error: business, read sub_*
    (21, Certain(K::Other)),     // missing method
    (22, Certain(K::App)),       // invalid method
    (23, Certain(K::Other)),     // invalid format
    (24, Certain(K::App)),       // missing signature
    (25, Certain(K::App)),       // invalid signature
    (26, Certain(K::GrantDead)), // missing session
    (27, Certain(K::GrantDead)), // invalid session: re-authorise
    (28, Certain(K::App)),       // missing app key
    (29, Certain(K::App)),       // invalid app key
    (30, Certain(K::Other)),     // missing timestamp
    (31, Certain(K::Other)),     // invalid timestamp: this computer's clock is more than 10 minutes off
    (32, Certain(K::Other)),     // missing version
    (33, Certain(K::Other)),     // invalid version
    (34, Certain(K::Other)),     // unsupported version
    (40, Certain(K::Other)),     // missing arguments
    (41, Certain(K::Other)),     // invalid arguments
    (42, Certain(K::App)),       // forbidden
    (43, Certain(K::Other)),     // parameter error
    (50, Service),               // remote service error, seen in old samples
];

/// Texts of the e-waybill service (facts §1.3: free text in `sub_msg`, once even in `sub_code`).
const TEXTS: &[(&str, RefusalKind)] = &[
    ("余额不足", K::Balance), // 电子面单余额不足
    ("账户余额为0", K::Balance),
    ("月结卡号冻结", K::Balance),
    ("waybill account not enough", K::Balance),
    ("超出服务范围", K::Unserved),
    ("停发", K::Unserved),
    ("未匹配到网点", K::Unserved),
    ("找不到发货地址", K::SenderAddress), // …对应的订购信息
    ("发货地址非法", K::SenderAddress),
    ("被揽收", K::TooLate), // 面单已经被揽收,签收或回收
    ("签收或回收", K::TooLate),
    ("地址/姓名过长", K::Recipient),
    ("地址过长", K::Recipient),
    ("姓名过长", K::Recipient),
    ("传入模版url有误", K::Other),
    ("非法的增值服务", K::Other),
    ("没有订购过", K::Other), // …服务
];

/// The words by which a refusal tells that the order *has* a number: a no that is none. On a write the number may be
/// the one that an earlier, lost answer carried: unknown, to be looked up.
const HAS_NUMBER: &[&str] = &["已经取过号", "已取过号", "已经获取", "重复获取", "重复取号"];

/// The words by which a look-up says that there is no such number, or no more. Only read inside a look-up's own answer
/// line. None is published: whatever says something else counts as a failed look-up, which is asked again.
const NOT_FOUND: &[&str] = &[
    "不存在",
    "未找到",
    "未查询到",
    "找不到",
    "查询不到",
    "查不到",
    "已取消",
    "已回收",
    "not found",
    "not exist",
    "NOT_FOUND",
    "NOT_EXIST",
];

/// Reads an `error_response` object.
pub(crate) fn read(error: &Value, act: Act) -> CallError {
    let (code, msg) = (shape::text(error, "code"), shape::text(error, "msg"));
    let (sub_code, sub_msg) = (shape::text(error, "sub_code"), shape::text(error, "sub_msg"));
    let evidence = if sub_code.is_empty() { code.clone() } else { format!("{code}/{sub_code}") };
    let message = if sub_msg.is_empty() { msg.clone() } else { sub_msg.clone() };
    let by_text = by_text(&[&sub_msg, &sub_code, &msg]);
    let meaning = code.parse().ok().and_then(|n: i64| CODES.iter().find(|(c, _)| *c == n)).map(|(_, m)| *m);

    let has_number = HAS_NUMBER.iter().any(|w| sub_msg.contains(w) || msg.contains(w));
    let kind = match (meaning, by_text) {
        _ if has_number && act == Act::Write => None,
        (Some(Certain(K::Other)), Some(kind)) => Some(kind),
        (Some(Certain(kind)), _) => Some(kind),
        // Its own failure: a text does not make it more certain.
        (Some(Service), _) if sub_code.starts_with("isp.") => None,
        (Some(Service), Some(kind)) => Some(kind),
        (Some(Service), None) if sub_code.starts_with("isv.") => Some(K::Other),
        (Some(Service | Unwell) | None, _) => None,
    };
    match (kind, act) {
        (Some(kind), _) => refused(kind, &evidence, &message),
        (None, Act::Read) => refused(K::Platform, &evidence, &message),
        (None, Act::Write) => CallError::Unknown(format!("no certain no ({}): {}", brief(&evidence), brief(&message))),
    }
}

/// A refusal that stands inside an answer, not in an `error_response`.
pub(crate) fn inside(code: &str, message: &str) -> CallError {
    refused(by_text(&[message, code]).unwrap_or(K::Other), code, message)
}

/// Whether a look-up's own line says that there is no such number.
pub(crate) fn says_not_found(code: &str, message: &str) -> bool {
    NOT_FOUND.iter().any(|w| message.contains(w) || code.contains(w))
}

fn by_text(texts: &[&str]) -> Option<RefusalKind> {
    TEXTS.iter().find(|(w, _)| texts.iter().any(|t| t.contains(w))).map(|(_, kind)| *kind)
}

fn refused(kind: RefusalKind, code: &str, message: &str) -> CallError {
    CallError::Refused(Refusal { kind, code: brief(code), message: brief(message) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn end(code: i64, sub_code: &str, sub_msg: &str, act: Act) -> Result<RefusalKind, &'static str> {
        match read(&json!({"code": code, "msg": "m", "sub_code": sub_code, "sub_msg": sub_msg}), act) {
            CallError::Refused(r) => Ok(r.kind),
            CallError::Unknown(_) => Err("unknown"),
            CallError::NotSent(_) => Err("not sent"),
        }
    }

    #[test]
    fn each_error_has_the_end_it_deserves() {
        use Act::{Read, Write};
        let unknown = Err("unknown");
        let bad = "isv.invalid-parameter";
        for (code, sub, text, on_read, on_write) in [
            (27, "", "", Ok(K::GrantDead), Ok(K::GrantDead)),
            (26, "", "", Ok(K::GrantDead), Ok(K::GrantDead)),
            (7, "accesscontrol.limited", "This ban will last for 1 more seconds", Ok(K::Throttled), Ok(K::Throttled)),
            (4, "", "", Ok(K::Throttled), Ok(K::Throttled)),
            (5, "", "", Ok(K::Throttled), Ok(K::Throttled)),
            (6, "", "", Ok(K::Throttled), Ok(K::Throttled)),
            (8, "", "", Ok(K::Throttled), Ok(K::Throttled)),
            (25, "", "", Ok(K::App), Ok(K::App)),
            (28, "", "", Ok(K::App), Ok(K::App)),
            (29, "", "", Ok(K::App), Ok(K::App)),
            (11, "", "", Ok(K::App), Ok(K::App)),
            (12, "", "", Ok(K::App), Ok(K::App)),
            (13, "", "", Ok(K::App), Ok(K::App)),
            (22, "", "", Ok(K::App), Ok(K::App)),
            (31, "", "", Ok(K::Other), Ok(K::Other)),
            (41, "", "收件人地址过长", Ok(K::Recipient), Ok(K::Recipient)),
            (10, "", "", Ok(K::Platform), unknown),
            (15, "isp.remote-service-timeout", "", Ok(K::Platform), unknown),
            (15, "isp.service-error", "电子面单余额不足", Ok(K::Platform), unknown),
            (15, "", "", Ok(K::Platform), unknown),
            (15, "something-new", "新的错误", Ok(K::Platform), unknown),
            (50, "", "", Ok(K::Platform), unknown),
            (999, "", "", Ok(K::Platform), unknown),
            (999, "isv.whatever", "余额不足", Ok(K::Platform), unknown),
            (15, bad, "电子面单余额不足", Ok(K::Balance), Ok(K::Balance)),
            (15, "waybill account not enough", "", Ok(K::Balance), Ok(K::Balance)),
            (15, bad, "账户余额为0", Ok(K::Balance), Ok(K::Balance)),
            (15, bad, "月结卡号冻结", Ok(K::Balance), Ok(K::Balance)),
            (15, bad, "超出服务范围", Ok(K::Unserved), Ok(K::Unserved)),
            (15, bad, "该地区停发", Ok(K::Unserved), Ok(K::Unserved)),
            (15, bad, "未匹配到网点", Ok(K::Unserved), Ok(K::Unserved)),
            (15, bad, "找不到发货地址对应的订购信息", Ok(K::SenderAddress), Ok(K::SenderAddress)),
            (15, bad, "发货地址非法", Ok(K::SenderAddress), Ok(K::SenderAddress)),
            (15, bad, "面单已经被揽收,签收或回收", Ok(K::TooLate), Ok(K::TooLate)),
            (15, bad, "面单已被揽收", Ok(K::TooLate), Ok(K::TooLate)),
            (15, bad, "地址/姓名过长", Ok(K::Recipient), Ok(K::Recipient)),
            (15, bad, "收件人姓名过长", Ok(K::Recipient), Ok(K::Recipient)),
            (15, bad, "传入模版url有误", Ok(K::Other), Ok(K::Other)),
            (15, bad, "该订单已经取过号,请勿重复获取", Ok(K::Other), unknown),
            (15, bad, "some words", Ok(K::Other), Ok(K::Other)),
        ] {
            assert_eq!(end(code, sub, text, Read), on_read, "read {code} {sub} {text}");
            assert_eq!(end(code, sub, text, Write), on_write, "write {code} {sub} {text}");
        }
    }

    #[test]
    fn a_refusal_keeps_the_platforms_codes_and_words_but_not_more_than_a_person_reads() {
        let long = "长".repeat(5000);
        let CallError::Refused(r) =
            read(&json!({"code": "15", "sub_code": "isv.x", "sub_msg": format!("a\u{0}\n{long}")}), Act::Write)
        else {
            panic!("isv is a no");
        };
        assert_eq!(r.code, "15/isv.x", "code as text is read like the number");
        assert!(r.message.starts_with("a长") && r.message.chars().count() == 300);
    }
}
