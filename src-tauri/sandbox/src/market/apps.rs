//! Registered apps and their callback addresses: an address is accepted only if it is registered, byte for byte;
//! `:*` in a registered one stands for any port.

use super::ledger::App;
use super::shops::{PRACTICE_APP_KEY, PRACTICE_APP_SECRET};

/// The app that is registered from the start.
pub(crate) fn practice_app() -> App {
    App {
        key: PRACTICE_APP_KEY.into(),
        secret: PRACTICE_APP_SECRET.into(),
        callbacks: [
            "http://127.0.0.1:*/callback/taobao",
            "http://[::1]:*/callback/taobao",
            "app.waybilldesk:/callback/taobao",
            "https://practice.example/taobao-callback",
        ]
        .map(String::from)
        .to_vec(),
        may_refresh: true,
    }
}

/// Callbacks of the standard server's public client.
pub(crate) const STANDARD_CALLBACKS: [&str; 3] =
    ["http://127.0.0.1:*/callback/standard", "http://[::1]:*/callback/standard", "app.waybilldesk:/callback/standard"];

/// Whether `asked` is one of the registered addresses.
pub(crate) fn is_registered<S: AsRef<str>>(registered: &[S], asked: &str) -> bool {
    registered.iter().any(|r| {
        let r = r.as_ref();
        match r.split_once(":*") {
            None => r == asked,
            Some((head, tail)) => asked
                .strip_prefix(head)
                .and_then(|x| x.strip_prefix(':'))
                .and_then(|x| x.strip_suffix(tail))
                .is_some_and(|port| {
                    port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|p| p != 0)
                }),
        }
    })
}

/// Puts answer parameters behind a redirect address without touching the address itself.
pub(crate) fn with_params(redirect: &str, params: &[(&str, &str)]) -> String {
    let query: String = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
    format!("{redirect}{}{query}", if redirect.contains('?') { '&' } else { '?' })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_registered_callbacks_pass_and_the_port_is_free_on_loopback() {
        let app = practice_app();
        for (asked, yes) in [
            ("http://127.0.0.1:5123/callback/taobao", true),
            ("http://[::1]:80/callback/taobao", true),
            ("app.waybilldesk:/callback/taobao", true),
            ("https://practice.example/taobao-callback", true),
            ("http://localhost:5123/callback/taobao", false),
            ("http://127.0.0.1/callback/taobao", false),
            ("http://127.0.0.1:/callback/taobao", false),
            ("http://127.0.0.1:99999/callback/taobao", false),
            ("http://127.0.0.1:5123/callback/taobao/", false),
            ("http://127.0.0.1:5123/callback/taobao?x=1", false),
            ("http://127.0.0.1:5123@evil.example:80/callback/taobao", false),
            ("http://127.0.0.1:5123/evil/callback/taobao", false),
            ("http://127.0.0.1.evil.example:80/callback/taobao", false),
            ("app.waybilldesk:/callback/standard", false),
            ("https://practice.example/taobao-callback#x", false),
            ("HTTP://127.0.0.1:5123/callback/taobao", false),
        ] {
            assert_eq!(is_registered(&app.callbacks, asked), yes, "{asked}");
        }
    }

    #[test]
    fn answer_parameters_are_appended_and_escaped() {
        assert_eq!(with_params("app.waybilldesk:/cb", &[("code", "a b&c")]), "app.waybilldesk:/cb?code=a+b%26c");
        assert_eq!(with_params("https://x/y?z=1", &[("state", "s")]), "https://x/y?z=1&state=s");
    }
}
