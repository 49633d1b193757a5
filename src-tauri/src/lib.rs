//! The shell: a window around the desk, and the only Rust here that knows Tauri.
//!
//! Invariants: one window, one command ([`front`]), one event; nothing the webview asks for reaches the network, a file
//! or a browser except through the desk. Answers from browsers ([`link`]) go to the desk and to nobody else.
//! Absent: use cases, rights, SQL, words for people (the UI has those).

mod front;
mod host;
mod link;
mod picture;
mod trial;
mod window;

use front::Front;
use host::WindowHost;
use std::{process::ExitCode, sync::Arc};
use tauri::{Manager as _, RunEvent};

/// Runs the window until it is closed. The folder comes from the environment (`WAYBILL_DATA`, `WAYBILL_TRIAL`), never
/// from the arguments: those carry one callback URL at most.
pub fn run() -> ExitCode {
    log_to_stderr();
    // The link plugin reads the arguments as text and would panic.
    if std::env::args_os().any(|arg| arg.into_string().is_err()) {
        eprintln!("error: an argument is not valid Unicode; the only argument this program takes is a link to itself");
        return ExitCode::from(2);
    }
    // A second start must be noticed before anything else is set up, so single-instance comes first.
    // The plugins serve this Rust only: the capability gives the window none of their commands.
    let app = tauri::Builder::default()
        .plugin(tauri_plugin_single_instance::init(|app, _args, _folder| window::to_front(app)))
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_opener::Builder::new().open_js_links_on_click(false).build())
        .plugin(tauri_plugin_clipboard_manager::init())
        .invoke_handler(tauri::generate_handler![front::desk])
        .register_asynchronous_uri_scheme_protocol(picture::SCHEME, |context, request, responder| {
            let app = context.app_handle().clone();
            tauri::async_runtime::spawn(async move { responder.respond(picture::answer(app, request).await) });
        })
        .setup(|app| {
            let host = Arc::new(WindowHost::new(app.handle().clone()));
            app.manage(Front::new(host.clone()));
            window::open(app.handle())?;
            Front::open_in_background(app.handle());
            link::listen(app.handle(), &host);
            Ok(())
        })
        .build(tauri::generate_context!());
    match app {
        Ok(app) => {
            let code = app.run_return(|app, event| {
                if matches!(event, RunEvent::Exit) {
                    tauri::async_runtime::block_on(app.state::<Front>().close());
                }
            });
            u8::try_from(code).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Err(error) => {
            eprintln!("error: the window could not be opened: {error}; `waybill` does the same work without a window");
            ExitCode::FAILURE
        }
    }
}

/// Warnings to stderr; more by `WAYBILL_LOG`. The link plugin logs whole URLs, which may hold codes: it stays silent.
fn log_to_stderr() {
    use tracing_subscriber::EnvFilter;
    let wanted = std::env::var("WAYBILL_LOG").unwrap_or_else(|_| "warn".to_owned());
    let filter = EnvFilter::try_new(format!("{wanted},tauri_plugin_deep_link=off"))
        .unwrap_or_else(|_| EnvFilter::new("warn,tauri_plugin_deep_link=off"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
