//! The moves of the main job, as a person makes them: in the window, and on the practice market's pages in real Chromium.
//!
//! Parts are found by their handles (`data-test`, listed in ui/README.md), so that a move is the same in every language.

use crate::stage::{Stage, wait::holds_soon, wait::until, window::Page, window::key};
use domain::units::Dpi;
use fantoccini::{Locator, elements::Element, key::Key};
use sandbox::{Answers, PracticePrinter, PracticePrinterSettings};
use serde_json::{Value, json};
use std::{
    path::{Path, PathBuf},
    process::Command,
};

pub const SHOP: &str = "青禾生活馆";
pub const SHOP_ID: &str = "2206540012345";
pub const TRIAL: [(&str, &str); 1] = [("WAYBILL_TRIAL", "1")];

impl Page<'_> {
    /// The part with this handle.
    pub async fn part(&self, handle: &str) -> Element {
        self.css(&format!("[data-test=\"{handle}\"]")).await
    }

    /// Presses the part with this handle, once it can be pressed.
    pub async fn tap(&self, handle: &str) {
        self.tap_at(&format!("[data-test=\"{handle}\"]")).await;
    }

    /// Presses what matches a selector, once it can be pressed.
    pub async fn tap_at(&self, selector: &str) {
        let mut last = String::new();
        let mut pressed = async || {
            let enabled = format!("{selector}:not(:disabled)");
            let end = match self.client().find(Locator::Css(&enabled)).await {
                // A refused click has pressed nothing: the part was redrawn, or is covered for a moment.
                Ok(part) => part.click().await,
                Err(error) => Err(error),
            };
            last = end.as_ref().err().map(ToString::to_string).unwrap_or_default();
            end.is_ok()
        };
        let done = holds_soon(&mut pressed).await;
        assert!(done, "{selector} cannot be pressed: {last}. The page shows:\n{}", self.text().await);
    }

    /// Replaces what stands in a field.
    pub async fn enter(&self, handle: &str, text: &str) {
        let field = self.part(handle).await;
        field.clear().await.expect("the field can be emptied");
        field.send_keys(text).await.expect("the field takes keys");
    }

    /// What the part with this handle says.
    pub async fn says(&self, handle: &str) -> String {
        self.part(handle).await;
        // Not WebDriver's own reading: WebKit's leaves out what is cut off with an ellipsis.
        let text = "return document.querySelector(`[data-test=\"${arguments[0]}\"]`)?.innerText ?? ''";
        self.run(text, vec![json!(handle)]).await.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until the part with this handle says `text`.
    pub async fn hear(&self, handle: &str, text: &str) {
        let mut said = String::new();
        let heard = holds_soon(&mut async || {
            said = self.says(handle).await;
            said.contains(text)
        })
        .await;
        assert!(heard, "{handle} should say “{text}”, but says “{said}”. The page shows:\n{}", self.text().await);
    }

    /// How many parts have this handle now.
    pub async fn count(&self, handle: &str) -> usize {
        let parts = self.client().find_all(Locator::Css(&format!("[data-test=\"{handle}\"]"))).await;
        parts.expect("the page lives").len()
    }

    /// Waits until nothing has this handle any more.
    pub async fn gone(&self, handle: &str) {
        until(&format!("{handle} is gone"), async || self.count(handle).await == 0).await;
    }

    /// Presses a key wherever the focus is.
    pub async fn press_key(&self, which: Key) {
        self.keys(key(which)).await;
    }

    /// The window in this language and theme, chosen in the settings as a person does.
    pub async fn look(&self, language: &str, theme: &str) {
        self.tap("nav-settings").await;
        self.tap(&format!("language-{language}")).await;
        self.tap(&format!("theme-{theme}")).await;
    }

    /// The practice shop's login and consent, up to the press of 授权.
    pub async fn sign_in_and_authorise(&self, link: &str) {
        self.client().goto(link).await.expect("Chromium follows the link");
        self.css("#practice-login").await;
        for (field, text) in [("#account", SHOP), ("#password", "practice")] {
            self.css(field).await.send_keys(text).await.expect("the login takes keys");
        }
        self.picture("login").await;
        self.tap_at("#login").await;
        self.css("#practice-consent").await;
        assert_eq!(self.css("#shop").await.text().await.expect("shown"), SHOP, "the market names the shop");
        self.picture("consent").await;
        // Where this press leads may be an address that nobody serves; the driver may call that an error.
        let _ = self.css("#grant").await.click().await;
    }

    /// Confirms the shop that the window shows, and waits for its couriers.
    pub async fn confirm_the_shop(&self) {
        self.hear("attempt-shop", SHOP).await;
        self.hear("attempt-held", SHOP_ID).await;
        self.picture("held").await;
        self.tap("attempt-confirm").await;
        self.part("attempt-active").await;
        self.hear("grant-shop", SHOP).await;
        self.picture("active").await;
        self.tap("attempt-close").await;
        self.gone("attempt").await;
    }

    /// The seller's app answers at another address; typed into the app's settings.
    pub async fn register_callback(&self, callback: &str) {
        self.tap("nav-accounts").await;
        self.tap("app-settings-taobao").await;
        self.enter("app-secret", "practice-secret").await;
        self.enter("app-callback", callback).await;
        self.picture("app").await;
        self.tap("app-save").await;
        self.gone("app-settings").await;
    }

    /// Sets ZTO as default, by way of the settlement details that are asked for first.
    pub async fn make_zto_default(&self) {
        self.tap_at("[data-code=ZTO] [data-test=courier-set-default]").await;
        self.part("details-missing").await;
        self.picture("details-first").await;
        self.tap("details-go").await;
        self.css("[data-test=wizard][data-step=\"1\"]").await;
        self.enter("wizard-sender-name", "青禾仓库").await;
        self.enter("wizard-sender-phone", "0571-88123456").await;
        self.picture("wizard-1").await;
        self.tap("wizard-next").await;
        self.css("[data-test=wizard][data-step=\"2\"]").await;
        self.enter("wizard-payer", SHOP).await;
        self.enter("wizard-payer-contact", "王会计").await;
        self.enter("wizard-payer-phone", "13900001111").await;
        self.picture("wizard-2").await;
        self.tap("wizard-next").await;
        self.css("[data-test=wizard][data-step=\"3\"]").await;
        self.picture("wizard-3").await;
        self.tap("wizard-next").await;
        self.css("[data-code=ZTO] [data-test=courier-default]").await;
        assert_eq!(self.count("courier-default").await, 1, "one courier is the default");
        self.picture("default").await;
    }

    /// Types an order with nothing but the keyboard, from anywhere.
    pub async fn type_order(&self, name: &str) {
        self.press_key(Key::F2).await;
        let focus = "return document.activeElement?.dataset?.field ?? ''";
        until("the new order waits for the recipient's name", async || {
            self.run(focus, Vec::new()).await == json!("recipient.name")
        })
        .await;
        for (field, text) in [
            ("recipient.name", name),
            ("recipient.phone", "13812345678"),
            ("recipient.address.province", "四川省"),
            ("recipient.address.city", "成都市"),
            ("recipient.address.district", "武侯区"),
            ("recipient.address.town", ""),
            ("recipient.address.detail", "科华北路65号世外桃源广场3幢2单元1801室"),
            ("goods[0].name", "青瓷茶具"),
            ("goods[0].count", ""),
        ] {
            // The window hears a key later than the driver has sent it.
            until("Tab goes through the form as it reads", async || self.run(focus, Vec::new()).await == json!(field))
                .await;
            if !text.is_empty() {
                self.keys(text).await;
            }
            self.press_key(Key::Tab).await;
        }
    }

    /// A practice printer of the test's own, set up as the default one.
    pub async fn own_printer(&self) -> PracticePrinter {
        let settings = PracticePrinterSettings { port: 0, folder: None, dpi: Dpi::D203, answers: Answers::All };
        let printer = PracticePrinter::start(settings).await.expect("a practice printer");
        let mut own = self.ask("printers.list", json!({})).await[0].clone();
        for (field, value) in [("id", ""), ("name", "一号台"), ("address", printer.address().as_str())] {
            own[field] = json!(value);
        }
        own["default"] = json!(true);
        let saved = self.ask("printers.save", own).await;
        assert!(saved["error"].is_null(), "{saved}");
        printer
    }

    /// The parcels that the desk knows, newest first.
    pub async fn parcels(&self) -> Vec<Value> {
        let all = json!({ "before": null, "limit": 100, "filter": "all", "search": "" });
        self.ask("orders.list", all).await["rows"].as_array().cloned().expect("the desk lists its parcels")
    }
}

impl Stage {
    /// From a window with the app's settings entered to a confirmed account, through the browser and back by loopback.
    pub async fn add_account(&self, window: &Page<'_>) {
        window.tap("nav-accounts").await;
        window.picture("accounts").await;
        window.tap("add-account-taobao").await;
        let link = self.next_link().await;
        window.css("[data-test=attempt][data-state=open]").await;
        window.part("attempt-qr").await;
        window.picture("waiting").await;
        let browser = self.browser().await;
        browser.sign_in_and_authorise(&link).await;
        window.part("attempt-held").await;
        browser.picture("home").await;
        window.confirm_the_shop().await;
    }

    /// The labels that came out of the practice printer, oldest first.
    pub fn labels(&self) -> Vec<PathBuf> {
        let folder = std::fs::read_dir(self.practice().join("practice/printer"));
        let files = folder.into_iter().flatten().filter_map(|entry| entry.ok().map(|entry| entry.path()));
        let mut labels: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "png")).collect();
        labels.sort();
        labels
    }
}

/// Reads the symbols in a picture with zxing-cpp, which shares no code with the product's encoder; `words` must be one of
/// them.
pub fn assert_picture_says(picture: &Path, words: &str) {
    let said = read_symbols(picture);
    assert!(said.iter().any(|s| s == words), "{} should say {words}, but it says {said:?}", picture.display());
}

/// What the symbols in a picture say, read by zxing-cpp.
pub fn read_symbols(picture: &Path) -> Vec<String> {
    let oracles = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/oracles");
    let python =
        std::env::var_os("WAYBILL_ORACLE_PYTHON").map_or_else(|| oracles.join(".venv/bin/python"), PathBuf::from);
    let mut decode = Command::new(&python);
    decode.arg(oracles.join("decode.py")).arg(picture).arg("--json");
    let read =
        decode.output().unwrap_or_else(|error| panic!("{}: {error}; `cargo xtask test` sets up", python.display()));
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    let found: Vec<Value> = serde_json::from_slice(&read.stdout).expect("the reader answers a list");
    found.iter().filter_map(|symbol| symbol["text"].as_str().map(str::to_owned)).collect()
}
