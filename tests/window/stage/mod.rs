//! A stage for one test: its own display, session bus, key store, home and data folder. Nothing of the machine's user is
//! touched, and tests run side by side.
//!
//! The bus starts nothing by itself: what is not put on this stage does not answer. The browser that the system opens is a
//! script that writes links down ([`Stage::next_link`]); a test then opens them in real Chromium ([`browser`]).

pub mod browser;
mod itself;
pub mod process;
mod roles;
pub mod wait;
pub mod window;

use process::Group;
use std::{
    ffi::OsStr,
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicUsize, Ordering},
};
use tempfile::TempDir;
use wait::until;

/// The product, as cargo just built it.
const PROGRAM: &str = env!("CARGO_BIN_EXE_waybill-desk");

/// Whether the system's key store answers.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum KeyStore {
    /// gnome-keyring, unlocked.
    Unlocked,
    /// None at all.
    None,
}

/// See the module.
pub struct Stage {
    name: &'static str,
    environment: Vec<(&'static str, String)>,
    links_taken: AtomicUsize,
    pictures: AtomicUsize,
    // Ended in this order.
    _keyring: Option<Group>,
    _window_manager: Group,
    _bus: Group,
    _display: Group,
    home: TempDir,
}

impl Stage {
    /// Sets a stage up. `name` names the test's pictures.
    pub async fn set(name: &'static str, keys: KeyStore) -> Self {
        let home = tempfile::Builder::new().prefix("waybill-stage-").tempdir().expect("a temporary folder");
        let (display, number) = Group::answering(
            Command::new("Xvfb")
                .args(["-displayfd", "1", "-screen", "0", "2000x1200x24", "-nolisten", "tcp", "-noreset"])
                .stdin(Stdio::null()),
        );
        let path = |below: &str| {
            let folder = home.path().join(below);
            fs::create_dir_all(&folder).expect("the stage's folders can be made");
            fs::set_permissions(&folder, fs::Permissions::from_mode(0o700)).expect("ours to change");
            folder.display().to_string()
        };
        let mut environment = vec![
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("HOME", home.path().display().to_string()),
            ("XDG_CONFIG_HOME", path("config")),
            ("XDG_DATA_HOME", path("data")),
            ("XDG_CACHE_HOME", path("cache")),
            ("XDG_STATE_HOME", path("state")),
            ("XDG_RUNTIME_DIR", path("run")),
            ("TMPDIR", path("tmp")),
            ("LANG", "C.UTF-8".to_owned()),
            ("DISPLAY", format!(":{number}")),
            ("GDK_BACKEND", "x11".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            // Links go through GIO, as on most desktops. Debian 12's own fallback cannot read a quoted Exec line.
            ("XDG_CURRENT_DESKTOP", "GNOME".to_owned()),
            ("WAYBILL_DATA", home.path().join("desk").display().to_string()),
        ];
        let config = home.path().join("bus.conf");
        fs::write(&config, BUS).expect("the stage is ours");
        let (bus, address) = Group::answering(
            Command::new("dbus-daemon")
                .arg(format!("--config-file={}", config.display()))
                .args(["--nofork", "--print-address=1"])
                .env_clear()
                .envs(environment.iter().map(|(name, value)| (name, value)))
                .stdin(Stdio::null()),
        );
        environment.push(("DBUS_SESSION_BUS_ADDRESS", address));
        hang_browser(home.path());
        let start = |program: &str, args: &[&str], stdin: Stdio| {
            let mut command = Command::new(program);
            command.args(args).env_clear().envs(environment.iter().map(|(n, v)| (n, v))).stdin(stdin);
            Group::start(command.stdout(Stdio::null()).stderr(Stdio::null()))
        };
        let window_manager = start("openbox", &["--sm-disable"], Stdio::null());
        let keyring = (keys == KeyStore::Unlocked).then(|| {
            let mut keyring =
                start("gnome-keyring-daemon", &["--foreground", "--unlock", "--components=secrets"], Stdio::piped());
            keyring.write_and_close("stage");
            keyring
        });
        let stage = Self {
            name,
            environment,
            links_taken: AtomicUsize::new(0),
            pictures: AtomicUsize::new(0),
            _keyring: keyring,
            _window_manager: window_manager,
            _bus: bus,
            _display: display,
            home,
        };
        if keys == KeyStore::Unlocked {
            until("the key store answers on the bus", async || stage.on_bus("org.freedesktop.secrets")).await;
        }
        stage
    }

    /// The data folder of the live desk.
    pub fn data(&self) -> PathBuf {
        self.home.path().join("desk")
    }

    /// The data folder of the desk on the practice market.
    pub fn practice(&self) -> PathBuf {
        self.home.path().join("desk-trial")
    }

    /// A command that runs on this stage and sees nothing of the machine's user.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(self.environment.iter().map(|(name, value)| (name, value))).stdin(Stdio::null());
        command
    }

    /// Starts the program once more, as a person or a browser would, and waits for its end.
    pub async fn start_again(&self, args: &[&str]) -> std::process::ExitStatus {
        let mut command = self.command(PROGRAM);
        command.args(args);
        process::end_of(command, "a second start ends by itself").await
    }

    /// The next link that the program asked the system's browser to open.
    pub async fn next_link(&self) -> String {
        let taken = self.links_taken.fetch_add(1, Ordering::SeqCst);
        let mut link = None;
        until("the program opens a link in the browser", async || {
            let list = fs::read_to_string(self.home.path().join("links")).unwrap_or_default();
            // A line without its end is still being written.
            link = list.split_inclusive('\n').filter(|line| line.ends_with('\n')).nth(taken).map(str::to_owned);
            link.is_some()
        })
        .await;
        link.expect("waited for").trim_end().to_owned()
    }

    /// Numbers enough for any day, with every shop and courier of the practice market, whose address is in a link that the
    /// program has opened.
    pub fn recharge(&self) {
        let links = fs::read_to_string(self.home.path().join("links")).expect("a link was opened");
        let host = links.split("://").nth(1).and_then(|l| l.split('/').next()).expect("a link names its host");
        let say = |line: &str, body: &str| {
            let mut market = TcpStream::connect(host).expect("the market answers");
            let head = format!(
                "{line} HTTP/1.1\r\nHost: {host}\r\nX-Practice-Control: 1\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            let mut answer = String::new();
            market.write_all(head.as_bytes()).and_then(|()| market.read_to_string(&mut answer)).expect("it answers");
            assert!(answer.starts_with("HTTP/1.1 200"), "{line}: {answer}");
            answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default()
        };
        let ledger: serde_json::Value =
            serde_json::from_str(&say("GET /control/ledger", "")).expect("the ledger is JSON");
        for b in ledger["balances"].as_array().into_iter().flatten().filter(|b| b["cp_code"] == "ZTO") {
            let body = serde_json::json!({ "shop_id": b["shop_id"], "cp_code": b["cp_code"], "quantity": 100_000 });
            say("POST /control/balance", &body.to_string());
        }
    }

    /// The system's own lock screen comes up, as GNOME's says it on the session bus.
    pub fn system_locks_its_screen(&self) {
        let sent = self
            .command("dbus-send")
            .args(["--session", "--type=signal", "/org/gnome/ScreenSaver"])
            .args(["org.gnome.ScreenSaver.ActiveChanged", "boolean:true"])
            .status();
        assert!(sent.is_ok_and(|status| status.success()), "dbus-send speaks on the bus");
    }

    fn on_bus(&self, name: &str) -> bool {
        let output = self
            .command("dbus-send")
            .args([
                "--session",
                "--print-reply",
                "--dest=org.freedesktop.DBus",
                "/",
                "org.freedesktop.DBus.NameHasOwner",
            ])
            .arg(format!("string:{name}"))
            .output();
        output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("boolean true"))
    }

    /// Where a picture goes: `target/screens/TEST-NN-WHAT.png`.
    fn picture(&self, what: &str) -> PathBuf {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screens");
        fs::create_dir_all(&folder).expect("target can be written");
        let number = self.pictures.fetch_add(1, Ordering::SeqCst);
        folder.join(format!("{}-{number:02}-{what}.png", self.name))
    }
}

/// A browser that only writes links down, and the system's choice of it. Real Chromium cannot be that browser: as root it
/// starts only with options, and a test has to hold its reins.
fn hang_browser(home: &Path) {
    let script = home.join("browser.sh");
    fs::write(&script, format!("#!/bin/sh\nprintf '%s\\n' \"$1\" >> '{}'\n", home.join("links").display()))
        .expect("the stage is ours");
    fs::set_permissions(&script, fs::Permissions::from_mode(0o755)).expect("the stage is ours");
    let applications = home.join("data/applications");
    fs::create_dir_all(&applications).expect("the stage is ours");
    let entry = format!(
        "[Desktop Entry]\nType=Application\nName=Stage browser\nExec={} %u\n\
         MimeType=x-scheme-handler/http;x-scheme-handler/https;\n",
        script.display()
    );
    fs::write(applications.join("stage-browser.desktop"), entry).expect("the stage is ours");
    let choice = "[Default Applications]\nx-scheme-handler/http=stage-browser.desktop\n\
                  x-scheme-handler/https=stage-browser.desktop\n";
    fs::write(home.join("config/mimeapps.list"), choice).expect("the stage is ours");
}

/// A session bus without service folders.
const BUS: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;
