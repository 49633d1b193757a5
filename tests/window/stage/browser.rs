//! Real Chromium on the stage, for what only a real browser does: cookies, forms, redirects, the way back to us.

use super::{Stage, window::Page};
use serde_json::{Value, json};

impl Stage {
    /// Starts Chromium, fresh and signed in nowhere.
    pub async fn browser(&self) -> Page<'_> {
        self.browser_with(json!({})).await
    }

    /// The same with these preferences, as a person may have set them.
    pub async fn browser_with(&self, preferences: Value) -> Page<'_> {
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
                // No test asks the outside for anything.
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                format!("--user-data-dir={}", profile.display()),
            ],
            "prefs": preferences,
        });
        self.drive(self.command("chromedriver"), json!({ "goog:chromeOptions": options })).await
    }

    /// From now on links of this scheme go where web links go, whatever program has asked for them.
    pub fn write_down_links_of(&self, scheme: &str) {
        let choice = self.home.path().join("config/mimeapps.list");
        let line = format!("[Default Applications]\nx-scheme-handler/{scheme}=stage-browser.desktop\n");
        std::fs::write(choice, line).expect("the stage is ours");
    }
}
