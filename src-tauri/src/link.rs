//! Answers that a browser sends through the link scheme `app.waybilldesk:`, cold (our first argument) and warm (a second
//! start's argument, handed over by single-instance).
//!
//! Invariant: a URL goes to the desk and nowhere else; it is not logged, not shown, not sent to the webview (which has no
//! `deep-link` permission, and the isolation frame lets it hear no event but ours).

use crate::{front::Front, host::WindowHost, window};
use std::{path::Path, process::Command, sync::Arc};
use tauri::{AppHandle, Manager as _};
use tauri_plugin_deep_link::DeepLinkExt as _;

/// As in `tauri.conf.json`; fixed, so that installed links keep working.
const SCHEME: &str = "app.waybilldesk";

/// Where the package puts the program, and the name of its desktop entry (`src-tauri/xtask/src/package.rs`).
const INSTALLED: &str = "/usr/bin/waybill-desk";
const ENTRY: &str = "waybill-desk.desktop";

/// From an open desk to a window that has drawn itself, with room to spare.
const FIRST_PICTURE: std::time::Duration = std::time::Duration::from_secs(1);

/// Hands every answer to the desk, once that is open, and registers the scheme with the system.
pub fn listen(app: &AppHandle, host: &Arc<WindowHost>) {
    let links = app.deep_link();
    let handle = app.clone();
    links.on_open_url(move |event| {
        window::to_front(&handle);
        for url in event.urls() {
            deliver(&handle, url.into());
        }
    });
    // The plugin read our own arguments before anyone could listen.
    for url in links.get_current().ok().flatten().unwrap_or_default() {
        deliver(app, url.into());
    }
    // Registering starts a dozen shell tools (`xdg-mime`), which take the processor from the window's first picture.
    let (handle, host) = (app.clone(), host.clone());
    tauri::async_runtime::spawn(async move {
        handle.state::<Front>().opened().await;
        tokio::time::sleep(FIRST_PICTURE).await;
        let registered = tauri::async_runtime::spawn_blocking(move || register(&handle)).await;
        match registered {
            Ok(Ok(true)) => host.link_scheme_works(),
            Ok(Ok(false)) => tracing::warn!("another program answers our links; the link door stays closed"),
            // This door stays closed; loopback and paste are open.
            Ok(Err(error)) => tracing::warn!(%error, "our links could not be registered with this system"),
            Err(error) => tracing::warn!(%error, "registering our links broke off"),
        }
    });
}

/// Registers the scheme where that is done at run time, and asks the system whether links reach us.
fn register(app: &AppHandle) -> tauri_plugin_deep_link::Result<bool> {
    if cfg!(target_os = "macos") {
        // Registered by the bundle, or not at all; the system does not tell.
        return Ok(!tauri::is_dev());
    }
    if cfg!(target_os = "linux") && answered_by_package() {
        return Ok(true);
    }
    app.deep_link().register_all()?;
    app.deep_link().is_registered(SCHEME)
}

/// Whether this is the installed program and the package's own desktop entry answers our links. Then nothing is written
/// into the person's home: an entry there would outlive the package.
fn answered_by_package() -> bool {
    if !std::env::current_exe().is_ok_and(|program| program == Path::new(INSTALLED)) {
        return false;
    }
    let asked = Command::new("xdg-mime").args(["query", "default", &format!("x-scheme-handler/{SCHEME}")]).output();
    asked.is_ok_and(|answer| answer.status.success() && answer.stdout.trim_ascii() == ENTRY.as_bytes())
}

fn deliver(app: &AppHandle, url: String) {
    let app = app.clone();
    tauri::async_runtime::spawn(async move {
        let desk = app.state::<Front>().opened().await;
        desk.deliver_callback(&url).await;
    });
}
