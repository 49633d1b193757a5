//! Real Chromium on the stage, for what only a real browser does: cookies, forms, redirects, the way back to us.

use super::{Stage, window::Page};
use serde_json::json;

impl Stage {
    /// Starts Chromium, fresh and signed in nowhere.
    pub async fn browser(&self) -> Page<'_> {
        let profile = self.home.path().join("chromium");
        let options = json!({
            "binary": "/usr/bin/chromium",
            "args": [
                "--headless=new",
                // As root Chromium refuses to start otherwise.
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                format!("--user-data-dir={}", profile.display()),
            ],
        });
        self.drive(self.command("chromedriver"), json!({ "goog:chromeOptions": options })).await
    }
}
