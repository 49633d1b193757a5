//! Builds Tauri's context: the embedded UI, the capability, the icons.
//!
//! A fresh clone has no `ui/dist` yet; a page that says so takes its place, and a rebuilt UI is embedded again.

use std::{fs, io, path::Path};

const NOT_BUILT: &str = "<!doctype html><meta charset=\"utf-8\"><title>面单台</title>\
<p>The UI is not built. Run <code>cargo xtask run</code>, or <code>npm ci && npm run build</code> in <code>ui/</code>.</p>\n";

fn main() {
    println!("cargo:rerun-if-changed=ui/dist");
    println!("cargo:rerun-if-changed=ui/isolation");
    println!("cargo:rerun-if-changed=src-tauri/permissions");
    place_page(Path::new("ui/dist")).expect("ui/dist can be written");
    // By hand, because the generated ones would land in a folder of their own at the top of the repository.
    let commands = tauri_build::AppManifest::new().permissions_path_pattern("src-tauri/permissions/*.toml");
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands)).expect("tauri.conf.json is valid");
}

fn place_page(dist: &Path) -> io::Result<()> {
    fs::create_dir_all(dist)?;
    let page = dist.join("index.html");
    if page.exists() { Ok(()) } else { fs::write(page, NOT_BUILT) }
}
