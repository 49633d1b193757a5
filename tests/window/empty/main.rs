//! What the bench `window` measures the product against: a Tauri window with one blank local page and nothing else.
//!
//! Built from the same Tauri, with the same features, as the product. Absent: plugins, commands, a content policy.
//! Its feature, `empty-window`, is off by default, so no other build pays for it.

fn main() -> tauri::Result<()> {
    tauri::Builder::default().run(tauri::generate_context!("tests/window/empty/tauri.conf.json"))
}
