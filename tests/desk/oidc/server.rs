//! The process `tests/oauth/server.mjs`: its addresses, what it says happened, and what it answers when asked itself.

use crate::world::http;
use platform::StandardServer;
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};
use url::Url;

/// The running server. Dropping it ends the process.
pub struct Server {
    addresses: Value,
    events: Arc<Mutex<Vec<Value>>>,
    _process: Child,
}

impl Server {
    pub async fn start() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oauth");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "tests/oauth/node_modules is missing: `cargo xtask test` sets it up (or `npm ci` in tests/oauth)"
        );
        let mut process = Command::new("node")
            .args(["server.mjs", "--with-stdin"])
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let first = tokio::time::timeout(Duration::from_secs(60), lines.next_line()).await;
        let first = first.expect("the server says its addresses within a minute").unwrap();
        let first = first.expect("the server ended at once; run `node tests/oauth/server.mjs` to see why");
        let events = Arc::new(Mutex::new(Vec::new()));
        let heard = events.clone();
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                heard.lock().unwrap().push(serde_json::from_str(&line).expect("each line is JSON"));
            }
        });
        Self { addresses: serde_json::from_str(&first).unwrap(), events, _process: process }
    }

    pub fn word(&self, key: &str) -> &str {
        self.addresses[key].as_str().unwrap_or_else(|| panic!("no {key} in {}", self.addresses))
    }

    pub fn url(&self, key: &str) -> Url {
        self.word(key).parse().unwrap()
    }

    pub fn as_endpoint(&self) -> StandardServer {
        StandardServer {
            issuer: self.word("issuer").into(),
            authorize: self.url("authorize"),
            token: self.url("token"),
            revoke: self.url("revoke"),
            userinfo: self.url("userinfo"),
            client_id: self.word("client_id").into(),
        }
    }

    pub fn heard(&self, name: &str) -> bool {
        self.events.lock().unwrap().iter().any(|e| e["event"] == name)
    }

    /// Waits for the latest event of this name.
    pub async fn event(&self, name: &str) -> Value {
        for _ in 0..2_000 {
            if let Some(e) = self.events.lock().unwrap().iter().rev().find(|e| e["event"] == name) {
                return e.clone();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        panic!("no {name} among {:?}", self.events.lock().unwrap());
    }

    /// The opaque token of the latest event of this name.
    pub async fn token(&self, event: &str) -> String {
        self.event(event).await["id"].as_str().unwrap().to_owned()
    }

    pub async fn userinfo(&self, token: &str) -> (u16, Value) {
        let answer = http().get(self.url("userinfo")).bearer_auth(token).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap_or_default())
    }

    /// Introspection (RFC 7662): whether the server still honours this token.
    pub async fn lives(&self, token: &str) -> bool {
        let form = [("token", token), ("client_id", self.word("client_id"))];
        let answer = http().post(self.url("introspect")).form(&form).send().await.unwrap();
        let said: Value = answer.json().await.unwrap();
        said["active"].as_bool().unwrap_or_else(|| panic!("introspection (RFC 7662) says {said}"))
    }

    /// What anybody can post who came by a code.
    pub async fn exchange(&self, code: &str, verifier: &str, redirect: &str) -> (u16, Value) {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", self.word("client_id")),
            ("code", code),
            ("code_verifier", verifier),
            ("redirect_uri", redirect),
        ];
        let answer = http().post(self.url("token")).form(&form).send().await.unwrap();
        (answer.status().as_u16(), answer.json().await.unwrap())
    }
}
