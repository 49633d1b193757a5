//! A practice market with its printer, a data folder, and the program run as a script would run it.

use crate::walk;
use sandbox::{PRACTICE_PASSWORD, Serving};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::process::Command;

pub const OWNER: &str = "周店主";
pub const PASSWORD: &str = "three-unrelated-words";
pub const SHOP: &str = "青禾生活馆";
/// Far longer than anything takes; only a hang meets it.
pub const PATIENCE: Duration = Duration::from_secs(120);

pub struct Stage {
    pub home: tempfile::TempDir,
    pub practice: Serving,
}

/// What a run left.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Run {
    /// stdout of a run that must have gone well.
    #[track_caller]
    pub fn ok(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        assert!(self.err.is_empty(), "a good run is silent on stderr: {self:?}");
        self.out
    }
    /// The one JSON value of a run that must have gone well.
    #[track_caller]
    pub fn json(self) -> Value {
        let out = self.ok();
        serde_json::from_str(&out).unwrap_or_else(|e| panic!("{e}: {out}"))
    }
    /// The error of a run that must have ended with `code`, and that it says what to do.
    #[track_caller]
    pub fn refused(self, code: i32) -> String {
        assert_eq!(self.code, code, "{self:?}");
        assert!(self.err.starts_with("error: ") && self.err.contains("; "), "what happened; what to do: {self:?}");
        self.err
    }
}

impl Stage {
    pub async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let practice = sandbox::serve(0, 7, None).await.unwrap();
        Self { home, practice }
    }

    pub fn data(&self) -> PathBuf {
        self.home.path().join("data")
    }

    /// The program with nothing of this machine's desks, sessions and key stores in reach.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut c = Command::new(env!("CARGO_BIN_EXE_waybill"));
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("WAYBILL_") {
                c.env_remove(name);
            }
        }
        c.args(args)
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env("HOME", self.home.path())
            .env("WAYBILL_DATA", self.data())
            .env("WAYBILL_KEY_STORE", "off")
            .env("WAYBILL_TEST_CHEAP_KEY", "1")
            .env("WAYBILL_PASSWORD", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        c
    }

    pub async fn run(&self, args: &[&str]) -> Run {
        finish(self.command(args), b"").await
    }

    pub async fn run_with(&self, args: &[&str], stdin: impl AsRef<[u8]>) -> Run {
        finish(self.command(args), stdin.as_ref()).await
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        let path = self.home.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    }

    /// An owner, the practice app, the practice printer.
    pub async fn set_up() -> Self {
        let s = Self::new().await;
        let market = s.practice.market.base();
        s.run(&["--practice", market.as_str(), "setup", "--owner", OWNER]).await.ok();
        let app = ["accounts", "app", "taobao", "--key", "practice-app", "--secret-stdin"];
        let app = [&app[..], &["--callback", "http://127.0.0.1/callback/taobao"]].concat();
        s.run_with(&app, "practice-secret\n").await.ok();
        let printer = s.practice.printer.address();
        s.run(&["printers", "add", "--name", "P1", "--address", &printer, "--default"]).await.ok();
        s
    }

    /// `accounts add`, the person at the link, `accounts confirm`: the attempt as it became active.
    pub async fn authorize(&self, shop: &str) -> Value {
        let (mut child, link, _) = self.add().await;
        walk::authorize(&link, shop, PRACTICE_PASSWORD).await.unwrap();
        let held = child.rest().await.json();
        assert_eq!(held["state"], "held", "{held}");
        assert_eq!(held["shop_name"], shop, "the shop the platform named");
        let id = held["id"].as_str().unwrap();
        self.run(&["--json", "accounts", "confirm", &id[..6]]).await.json()
    }

    /// A waiting `accounts add taobao`, its link, and the attempt's id.
    pub async fn add(&self) -> (Waiting, String, String) {
        let mut child = self.command(&["--json", "accounts", "add", "taobao", "--wait", "60"]).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut first = String::new();
        tokio::time::timeout(PATIENCE, lines.read_line(&mut first)).await.unwrap().unwrap();
        let said: Value = serde_json::from_str(&first).unwrap_or_else(|e| panic!("{e}: {first:?}"));
        let text = |v: &Value| v.as_str().unwrap().to_owned();
        (Waiting { child, lines }, text(&said["link"]), text(&said["attempt"]["id"]))
    }

    /// A desk that can print: grant, settlement details, default courier.
    pub async fn ready() -> Self {
        let s = Self::set_up().await;
        s.authorize(SHOP).await;
        let details = s.write("details.json", details().to_string());
        s.run(&["accounts", "details", "ZTO", &details]).await.ok();
        s.run(&["accounts", "default", "ZTO"]).await.ok();
        s
    }

    /// How many numbers the market has charged.
    pub fn charged(&self) -> usize {
        self.practice.market.ledger().charged.len()
    }
}

/// A program that is still running.
pub struct Waiting {
    child: tokio::process::Child,
    lines: BufReader<tokio::process::ChildStdout>,
}

impl Waiting {
    #[cfg(unix)]
    pub fn pid(&self) -> u32 {
        self.child.id().expect("it is running")
    }
    /// Its end, and what it printed since.
    pub async fn rest(&mut self) -> Run {
        let (mut out, mut err) = (String::new(), String::new());
        let mut stderr = self.child.stderr.take().unwrap();
        let all = async {
            self.lines.read_to_string(&mut out).await.unwrap();
            stderr.read_to_string(&mut err).await.unwrap();
            self.child.wait().await.unwrap()
        };
        let status = tokio::time::timeout(PATIENCE, all).await.expect("the program ends");
        Run { code: status.code().unwrap_or(-1), out, err }
    }
}

/// Runs to the end.
pub async fn finish(mut command: Command, stdin: &[u8]) -> Run {
    if !stdin.is_empty() {
        command.stdin(Stdio::piped());
    }
    let mut child = command.spawn().unwrap();
    if let Some(mut pipe) = child.stdin.take() {
        // The program may end without reading all of it.
        let _ = pipe.write_all(stdin).await;
    }
    let end = tokio::time::timeout(PATIENCE, child.wait_with_output()).await.expect("the program ends").unwrap();
    let text = |b: Vec<u8>| String::from_utf8(b).expect("output is UTF-8");
    Run { code: end.status.code().unwrap_or(-1), out: text(end.stdout), err: text(end.stderr) }
}

pub fn details() -> Value {
    json!({
        "sender_name": "青禾仓库", "sender_phone": "13800001750", "sender_address": 0,
        "payer": "青禾生活馆", "payer_contact": "周小禾", "payer_phone": "13800001751",
    })
}

pub fn order() -> Value {
    json!({
        "recipient": {
            "name": "林晓雨", "phone": "13700138421",
            "address": { "province": "江苏省", "city": "苏州市", "district": "姑苏区", "detail": "观前街88号3栋502室" },
        },
        "goods": [{ "name": "棉麻衬衫", "count": 1 }],
        "weight_g": 850,
    })
}

/// The order with one thing in it changed.
pub fn order_with(path: &str, value: Value) -> Value {
    let mut o = order();
    *o.pointer_mut(path).expect("the order has this") = value;
    o
}
