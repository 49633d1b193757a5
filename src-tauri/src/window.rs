//! The one window: it shows the embedded UI and goes nowhere else.
//!
//! The content policy and the handlers below refuse every way out, but a webview may still connect ahead of an answer (to
//! the host of a link that is pressed, say). So it is given a proxy that nobody can be behind: `proxyUrl`, port 1.

use tauri::{AppHandle, Manager as _, Runtime, Url, WebviewWindowBuilder, webview::NewWindowResponse};

/// Its label, as in `tauri.conf.json`.
pub const LABEL: &str = "main";

/// Opens it as `tauri.conf.json` describes it.
/// Errors: the system gives no window (no display, no webview).
pub fn open<R: Runtime>(app: &AppHandle<R>) -> tauri::Result<()> {
    let config = app.config().app.windows.iter().find(|window| window.label == LABEL);
    let config = config.expect("tauri.conf.json describes the main window");
    let dev = if tauri::is_dev() { app.config().build.dev_url.clone() } else { None };
    // What the webview keeps (the look a person chose, its cache) is nobody's data: not in the desk's folder.
    let scratch = app.path().app_config_dir()?.join("webview");
    WebviewWindowBuilder::from_config(app, config)?
        .data_directory(scratch)
        .on_navigation(move |url| is_local(url, dev.as_ref()))
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_download(|_, _| false)
        .build()?;
    Ok(())
}

/// Brings the window before the person: a second start was meant to.
pub fn to_front<R: Runtime>(app: &AppHandle<R>) {
    if let Some(window) = app.get_webview_window(LABEL) {
        // None of these can fail in a way the person could do something about.
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

/// Whether `url` is the embedded UI itself (Tauri lets its own isolation frame through before asking). On Windows the
/// whole host must match: `http://tauri.localhost.evil.com` was once taken for local (CVE-2026-42184).
fn is_local(url: &Url, dev: Option<&Url>) -> bool {
    let embedded = if cfg!(windows) {
        url.scheme() == "http" && url.host_str() == Some("tauri.localhost")
    } else {
        url.scheme() == "tauri" && url.host_str() == Some("localhost")
    };
    let plain = url.port().is_none() && url.username().is_empty() && url.password().is_none();
    (embedded && plain) || dev.is_some_and(|dev| dev.origin() == url.origin())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(not(windows))]
    fn only_the_embedded_ui_may_be_navigated_to() {
        for (url, local) in [
            ("tauri://localhost", true),
            ("tauri://localhost/index.html#/station", true),
            ("tauri://localhost.evil.com/", false),
            ("tauri://evil@localhost/", false),
            ("tauri://localhost:8080/", false),
            ("http://tauri.localhost/", false),
            ("http://localhost:1420/", false),
            ("http://127.0.0.1/", false),
            ("https://oauth.taobao.com/authorize", false),
            ("file:///etc/passwd", false),
            ("data:text/html,hi", false),
            ("about:blank", false),
            ("app.waybilldesk:/callback/taobao?code=1", false),
        ] {
            assert_eq!(is_local(&Url::parse(url).unwrap(), None), local, "wrong verdict on {url}");
        }
    }
}
