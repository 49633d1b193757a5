//! What the window may do, as `tauri.conf.json` says it, held to what was decided.
//!
//! Written out here a second time on purpose: a line that is loosened there must be loosened here, too, by someone who
//! reads why. That the running window obeys is seen by `tests/window/hardening.rs`.

use crate::{
    sh::{self, Problem},
    steps::{Count, HOLDS},
};
use serde_json::{Value, json};
use std::fs;

/// The step: every line that differs, or that there is none.
pub fn check() -> Result<Count, Problem> {
    let read =
        |file: &str| fs::read_to_string(sh::root().join(file)).map_err(|error| format!("cannot read {file}: {error}"));
    let config = read("tauri.conf.json")?;
    let config = serde_json::from_str(&config).map_err(|error| format!("tauri.conf.json is not JSON: {error}"))?;
    let mut problems = of_config(&config);
    problems.extend(of_manifest(&read("Cargo.toml")?));
    // A file in here is taken for a capability beside the one in tauri.conf.json.
    if sh::root().join("capabilities").exists() {
        problems.push("the folder capabilities: the one capability is in tauri.conf.json".to_owned());
    }
    if problems.is_empty() { Ok(HOLDS) } else { Err(format!("the window may do more:\n  {}", problems.join("\n  "))) }
}

/// Where the configuration is not what was decided, a line each.
fn of_config(config: &Value) -> Vec<String> {
    // Without `frame-src`: any would cut off the isolation frame and with it every command.
    let policy = json!({
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data: blob: waybill-qr: http://waybill-qr.localhost",
        "font-src": "'self'",
        "connect-src": "ipc: http://ipc.localhost",
        "form-action": "'none'",
        "base-uri": "'none'",
        "object-src": "'none'",
    });
    let permissions = json!(["allow-desk", "core:event:allow-listen", "core:event:allow-unlisten"]);
    let mut problems = Vec::new();
    for (at, decided) in [
        ("/app/withGlobalTauri", json!(false)),
        ("/app/security/csp", policy),
        ("/app/security/freezePrototype", json!(true)),
        ("/app/security/pattern/use", json!("isolation")),
        // Each would loosen what stands above it: no policy in development builds, files by address, unchanged policy.
        ("/app/security/devCsp", Value::Null),
        ("/app/security/assetProtocol", Value::Null),
        ("/app/security/dangerousDisableAssetCspModification", Value::Null),
        ("/app/windows/0/label", json!("main")),
        // Built by window.rs, which adds the handlers that refuse navigation.
        ("/app/windows/0/create", json!(false)),
        ("/app/windows/0/dragDropEnabled", json!(false)),
        ("/app/windows/0/devtools", Value::Null),
        ("/app/windows/0/url", Value::Null),
        ("/app/windows/0/proxyUrl", json!("http://127.0.0.1:1")),
        ("/app/windows/1", Value::Null),
        ("/app/security/capabilities/0/windows", json!(["main"])),
        ("/app/security/capabilities/0/permissions", permissions),
        ("/app/security/capabilities/0/webviews", Value::Null),
        ("/app/security/capabilities/0/remote", Value::Null),
        ("/app/security/capabilities/1", Value::Null),
        ("/plugins", json!({ "deep-link": { "desktop": { "schemes": ["app.waybilldesk"] } } })),
    ] {
        let found = config.pointer(at).unwrap_or(&Value::Null);
        if *found != decided {
            problems.push(format!("{at} is {found}; decided was {decided}"));
        }
    }
    problems
}

/// Tauri opens its developer tools wherever debug assertions are on, so a release must not have them.
fn of_manifest(manifest: &str) -> Option<String> {
    let mut lines = manifest.lines().map(|line| line.split('#').next().unwrap_or_default());
    lines.any(|line| line.contains("debug-assertions")).then(|| "Cargo.toml sets debug-assertions".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config() -> Value {
        let text = fs::read_to_string(sh::root().join("tauri.conf.json")).expect("tauri.conf.json is there");
        serde_json::from_str(&text).expect("tauri.conf.json is JSON")
    }

    #[test]
    fn the_window_is_as_decided() {
        assert_eq!(of_config(&config()), [] as [&str; 0]);
    }

    #[test]
    fn each_loosened_line_is_told() {
        for (parent, key, value) in [
            ("/app", "withGlobalTauri", json!(true)),
            ("/app/security", "csp", Value::Null),
            ("/app/security/csp", "script-src", json!("'self' 'unsafe-inline'")),
            ("/app/security/csp", "frame-src", json!("https:")),
            ("/app/security/csp", "connect-src", json!("*")),
            ("/app/security", "devCsp", json!("default-src *")),
            ("/app/security", "freezePrototype", json!(false)),
            ("/app/security", "pattern", json!({ "use": "brownfield" })),
            ("/app/security", "assetProtocol", json!({ "enable": true, "scope": ["**"] })),
            ("/app/security", "dangerousDisableAssetCspModification", json!(true)),
            ("/app/windows/0", "dragDropEnabled", json!(true)),
            ("/app/windows/0", "devtools", json!(true)),
            ("/app/windows/0", "create", json!(true)),
            ("/app/windows/0", "proxyUrl", Value::Null),
            ("/app/windows/0", "url", json!("https://example.com")),
            ("/app/security/capabilities/0", "windows", json!(["*"])),
            ("/app/security/capabilities/0", "permissions", json!(["core:default"])),
            ("/app/security/capabilities/0", "remote", json!({ "urls": ["https://*"] })),
            ("/plugins/deep-link/desktop", "schemes", json!(["app.waybilldesk", "http"])),
            ("/plugins", "updater", json!({})),
        ] {
            let mut config = config();
            config.pointer_mut(parent).expect("the parent is there")[key] = value;
            assert_eq!(of_config(&config).len(), 1, "{parent}/{key}");
        }
        for list in ["/app/windows", "/app/security/capabilities"] {
            let mut config = config();
            let list = config.pointer_mut(list).and_then(Value::as_array_mut).expect("the list is there");
            list.push(json!({ "label": "second" }));
            assert_eq!(of_config(&config).len(), 1);
        }
    }

    #[test]
    fn a_release_with_debug_assertions_is_told() {
        assert_eq!(of_manifest("[profile.release]\ndebug = 1 # no debug-assertions\n"), None);
        assert!(of_manifest("[profile.release]\ndebug-assertions = true\n").is_some());
    }
}
