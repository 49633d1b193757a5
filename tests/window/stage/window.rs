//! The product's window under WebKitWebDriver.

use super::{
    PROGRAM, Stage,
    process::{Group, children, end_of, free_port},
    roles,
    wait::{holds_soon, until},
};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element, elements::ElementRef, key::Key};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Map, Value, json};
use std::{fs, path::PathBuf};

/// The key under which WebDriver answers with an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// An open page: the product's window, or one of a real browser.
pub struct Page<'s> {
    pub(super) stage: &'s Stage,
    pub(super) driver: Group,
    pub(super) client: Client,
}

impl Stage {
    /// Opens the product's window. `args`: at most one link, as a browser would pass it.
    pub async fn open(&self, args: &[&str], environment: &[(&str, &str)]) -> Page<'_> {
        let mut driver = self.command("WebKitWebDriver");
        driver.env("TAURI_WEBVIEW_AUTOMATION", "true").envs(environment.iter().copied());
        self.drive(driver, json!({ "webkitgtk:browserOptions": { "binary": PROGRAM, "args": args } })).await
    }

    /// Starts a driver on a port of its own and a session with it.
    pub(super) async fn drive(&self, mut driver: std::process::Command, capabilities: Value) -> Page<'_> {
        let port = free_port();
        driver.arg(format!("--port={port}")).stdout(std::process::Stdio::null());
        let driver = Group::start(&mut driver);
        until("the WebDriver listens", async || tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_ok())
            .await;
        let capabilities: Map<String, Value> = capabilities.as_object().expect("capabilities are an object").clone();
        let client = ClientBuilder::new(HttpConnector::new())
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{port}"))
            .await
            .unwrap_or_else(|error| panic!("no session with the window: {error}"));
        Page { stage: self, driver, client }
    }
}

impl Page<'_> {
    /// The one element of this role with this name (or, failing that, the one whose name contains it).
    pub async fn find(&self, role: &str, name: &str) -> Element {
        let mut found = Vec::new();
        let mut one = async || {
            let answer = self.run(roles::FIND, vec![json!(role), json!(name)]).await;
            found = answer.as_array().cloned().unwrap_or_default();
            found.len() == 1
        };
        if !holds_soon(&mut one).await {
            let many = found.len();
            self.fail(&format!("there should be one {role} “{name}”, but there are {many}")).await;
        }
        self.element(&found[0])
    }

    /// The first element that matches a CSS selector. For what has no role and name: pictures, decorations.
    pub async fn css(&self, selector: &str) -> Element {
        let mut found = None;
        let mut one = async || {
            found = self.client.find(Locator::Css(selector)).await.ok();
            found.is_some()
        };
        if !holds_soon(&mut one).await {
            self.fail(&format!("there should be something that matches {selector}")).await;
        }
        found.expect("waited for")
    }

    /// Presses a button, link, tab, row … by role and name.
    pub async fn press(&self, role: &str, name: &str) {
        let element = self.find(role, name).await;
        if let Err(error) = element.click().await {
            self.fail(&format!("the {role} “{name}” cannot be pressed: {error}")).await;
        }
    }

    /// Replaces what stands in the text field called `name`.
    pub async fn fill(&self, name: &str, text: &str) {
        let field = self.find("textbox", name).await;
        let typed = async {
            field.click().await?;
            field.clear().await?;
            field.send_keys(text).await
        };
        if let Err(error) = typed.await {
            self.fail(&format!("“{name}” cannot be filled: {error}")).await;
        }
    }

    /// Types into whatever has the focus; `Key`s work too.
    pub async fn keys(&self, keys: impl Into<String>) {
        let focus = self.client.active_element().await.expect("something has the focus");
        focus.send_keys(&keys.into()).await.expect("the focus takes keys");
    }

    /// Waits until the page shows `text`.
    pub async fn see(&self, text: &str) {
        if !holds_soon(&mut async || self.text().await.contains(text)).await {
            self.fail(&format!("the page should show “{text}”")).await;
        }
    }

    /// Everything the page shows now.
    pub async fn text(&self) -> String {
        let text = self.run("return document.body ? document.body.innerText : ''", Vec::new()).await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Runs JavaScript in the page, as an attacker's script would run; `return` answers, a promise is waited for.
    pub async fn run(&self, script: &str, arguments: Vec<Value>) -> Value {
        self.client.execute(script, arguments).await.unwrap_or_else(|error| json!({ "error": error.to_string() }))
    }

    /// Calls a command of the desk as the window's own code does. The answer, or the desk's error under `error`.
    pub async fn ask(&self, command: &str, request: Value) -> Value {
        let invoke = "return window.__TAURI_INTERNALS__.invoke('desk', { name: arguments[0], request: arguments[1] })\
                      .catch((error) => ({ error }))";
        self.run(invoke, vec![json!(command), request]).await
    }

    /// Saves what the window shows to `target/screens/`, once it stands still.
    pub async fn picture(&self, what: &str) -> PathBuf {
        let mut png = Vec::new();
        until("two pictures of the window are equal", async || {
            // What a script sees in the page may not be painted yet.
            self.run(
                "return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))",
                Vec::new(),
            )
            .await;
            let now = self.client.screenshot().await.expect("the window can be pictured");
            let still = now == png;
            png = now;
            still
        })
        .await;
        let file = self.stage.picture(what);
        fs::write(&file, png).expect("target can be written");
        file
    }

    /// The driver's session, for what is not covered here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The process ids of the program that shows the page.
    pub fn processes(&self) -> Vec<u32> {
        children(self.driver.id())
    }

    /// Closes the product's window as a person does and waits until the program has ended by itself. (WebDriver's own way
    /// kills the program.)
    pub async fn close(self) {
        let program = self.processes();
        let mut alt_f4 = self.stage.command("xdotool");
        alt_f4.args(["search", "--name", "面单台", "windowfocus", "--sync", "key", "--clearmodifiers", "alt+F4"]);
        // Its end says nothing: the window may be gone before the keys are let go, and then xdotool fails at that.
        end_of(alt_f4, "the window has the focus").await;
        until("the program ends after its window", async || {
            // A zombie of the driver's is an ended program.
            program.iter().all(|id| {
                let status = fs::read_to_string(format!("/proc/{id}/status")).unwrap_or_default();
                status.is_empty() || status.contains("State:\tZ")
            })
        })
        .await;
    }

    fn element(&self, answer: &Value) -> Element {
        let id = answer[ELEMENT].as_str().unwrap_or_else(|| panic!("not an element: {answer}")).to_owned();
        Element::from_element_id(self.client.clone(), ElementRef::from(id))
    }

    /// Pictures the window, prints its text and fails the test.
    async fn fail(&self, why: &str) -> ! {
        if let Ok(png) = self.client.screenshot().await {
            let file = self.stage.picture("FAILED");
            let _ = fs::write(&file, png);
            eprintln!("picture: {}", file.display());
        }
        panic!("{why}. The page shows:\n{}", self.text().await);
    }
}

/// A key by name, for [`Page::keys`]: `key(Key::F4)`.
pub fn key(key: Key) -> String {
    char::from(key).to_string()
}
