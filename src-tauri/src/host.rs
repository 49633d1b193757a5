//! What the desk may ask of the window's system: open the person's own browser, put a text on the clipboard.

use std::sync::atomic::{AtomicBool, Ordering};
use tauri::{AppHandle, Url};
use tauri_plugin_clipboard_manager::ClipboardExt as _;
use tauri_plugin_opener::OpenerExt as _;

/// The window's side of [`desk::Host`].
pub struct WindowHost {
    app: AppHandle,
    link_scheme: AtomicBool,
}

impl WindowHost {
    /// A host whose link door is closed until [`Self::link_scheme_works`].
    pub fn new(app: AppHandle) -> Self {
        Self { app, link_scheme: AtomicBool::new(false) }
    }

    /// The system sends `app.waybilldesk:` links to us.
    pub fn link_scheme_works(&self) {
        self.link_scheme.store(true, Ordering::Relaxed);
    }
}

impl desk::Host for WindowHost {
    /// The desk has checked the address against its connector; this is the second look: `https`, or `http` to this
    /// machine's loopback address (practice market, tests). The error never contains the address.
    fn open_browser(&self, url: &Url) -> Result<(), String> {
        if !may_open(url) {
            return Err("only https and loopback addresses are opened".to_owned());
        }
        self.app.opener().open_url(url.as_str(), None::<&str>).map_err(|error| match error {
            // The opener repeats the address in some of its errors; the kind of error is enough.
            tauri_plugin_opener::Error::Io(io) => io.kind().to_string(),
            _ => "the system could not open a browser".to_owned(),
        })
    }

    fn copy_text(&self, text: &str) -> Result<(), String> {
        self.app.clipboard().write_text(text).map_err(|error| error.to_string())
    }

    fn has_link_scheme(&self) -> bool {
        self.link_scheme.load(Ordering::Relaxed)
    }
}

fn may_open(url: &Url) -> bool {
    match url.scheme() {
        "https" => url.host_str().is_some_and(|host| !host.is_empty()),
        "http" => matches!(url.host_str(), Some("127.0.0.1" | "[::1]")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_https_and_loopback_addresses_reach_a_browser() {
        for (url, may) in [
            ("https://oauth.taobao.com/authorize?client_id=1", true),
            ("http://127.0.0.1:8080/authorize", true),
            ("http://[::1]:8080/authorize", true),
            ("http://localhost:8080/authorize", false),
            ("http://127.0.0.1.evil.com/", false),
            ("http://oauth.taobao.com/", false),
            ("file:///etc/passwd", false),
            ("javascript:alert(1)", false),
            ("app.waybilldesk:/callback/taobao", false),
        ] {
            assert_eq!(may_open(&Url::parse(url).unwrap()), may, "wrong verdict on {url}");
        }
    }
}
