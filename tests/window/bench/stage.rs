//! Where windows are measured: a display, a session bus and a key store of our own. Nothing of the machine's user is
//! touched, and nothing but what is put here answers.

use crate::{
    memory, ms,
    process::{Group, PATIENCE, Result, SHUTTER, until},
    screen::{self, Screen},
};
use std::{
    fmt, fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A picture that stays for so long in the last warm-up start is the one that the measured starts wait for: the first two
/// equal screenshots are of a bare window.
const LONG_REST: Duration = Duration::from_secs(5);
/// How long a measured start must then keep it.
const REST: Duration = Duration::from_secs(1);

/// One start, as measured. Times are from just before the program was started.
pub struct Start {
    /// The screen was no longer empty.
    pub changed: Duration,
    /// The second of the first two equal screenshots.
    pub pair: Duration,
    /// The second of the first two equal screenshots of what it shows in the end.
    pub stays: Duration,
    /// KiB, summed over the process tree once the picture stayed: what is shared counts in parts.
    pub pss: f64,
    pub processes: Vec<String>,
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { changed, pair, stays, pss, processes } = self;
        write!(f, "changed {:>6.0} ms, equal {:>6.0} ms, stays {:>6.0} ms; ", ms(*changed), ms(*pair), ms(*stays))?;
        write!(f, "PSS {:>6.1} MiB ({})", pss / 1024.0, processes.join(", "))
    }
}

/// See the module.
pub struct Stage {
    screen: Screen,
    environment: Vec<(&'static str, String)>,
    // Ended in this order.
    _keyring: Group,
    _bus: Group,
    _display: Group,
    home: TempDir,
}

impl Stage {
    /// Sets it up. Errors: a program is missing or does not get ready.
    pub fn set() -> Result<Self> {
        let home = tempfile::Builder::new().prefix("waybill-bench-").tempdir().map_err(|e| e.to_string())?;
        // The frame buffer in a file: a screenshot is a read, and costs the measured programs next to nothing.
        let mut xvfb = Command::new("Xvfb");
        xvfb.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp", "-noreset", "-nocursor"]);
        let (display, number) = Group::answering(xvfb.arg("-fbdir").arg(home.path()))?;
        let screen = Screen::open(&home.path().join("Xvfb_screen0"))?;
        let mut environment = vec![
            ("PATH", std::env::var("PATH").unwrap_or_default()),
            ("LANG", "C.UTF-8".to_owned()),
            ("DISPLAY", format!(":{number}")),
            ("GDK_BACKEND", "x11".to_owned()),
            ("NO_AT_BRIDGE", "1".to_owned()),
            ("XDG_CURRENT_DESKTOP", "GNOME".to_owned()),
        ];
        let config = home.path().join("bus.conf");
        fs::write(&config, BUS).map_err(|e| e.to_string())?;
        let mut bus = Command::new("dbus-daemon");
        bus.arg(format!("--config-file={}", config.display())).args(["--nofork", "--print-address=1"]);
        let (bus, address) = Group::answering(&mut bus)?;
        environment.push(("DBUS_SESSION_BUS_ADDRESS", address));
        let mut keyring = Command::new("gnome-keyring-daemon");
        keyring.args(["--foreground", "--unlock", "--components=secrets"]);
        keyring.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut keyring = Group::start(in_home(&mut keyring, &home.path().join("keyring"), &environment)?)?;
        keyring.write_and_close("stage")?;
        let stage = Self { screen, environment, _keyring: keyring, _bus: bus, _display: display, home };
        until("the key store answers", || Ok(stage.has_key_store()))?;
        Ok(stage)
    }

    fn has_key_store(&self) -> bool {
        let mut ask = Command::new("dbus-send");
        ask.args(["--session", "--print-reply", "--dest=org.freedesktop.DBus", "/"]);
        ask.args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"]);
        ask.envs(self.environment.iter().map(|(name, value)| (name, value)));
        ask.output().is_ok_and(|answer| String::from_utf8_lossy(&answer.stdout).contains("boolean true"))
    }

    /// Starts `program` and ends it again. It has arrived with the picture `known`, or else with any that stays long.
    pub fn measure(&self, name: &str, program: &str, known: Option<&[u8]>) -> Result<(Start, Vec<u8>)> {
        let rest = if known.is_some() { REST } else { LONG_REST };
        let screen = &self.screen;
        let home = self.home.path().join(name);
        let mut command = Command::new(program);
        in_home(&mut command, &home, &self.environment)?.env("WAYBILL_DATA", home.join("desk"));
        let (mut before, mut now) = (screen.picture()?, screen.picture()?);
        let start = Instant::now();
        let mut group = Group::start(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))?;
        let (mut changed, mut pair, mut stays) = (None, None, None::<Duration>);
        let (changed, pair, stays) = loop {
            thread::sleep(SHUTTER);
            screen.shoot(&mut now)?;
            let at = start.elapsed();
            if now != screen.empty {
                changed.get_or_insert(at);
                if now == before {
                    pair.get_or_insert(at);
                }
            }
            if now != before || now == screen.empty {
                stays = None;
            } else if stays.is_none() && known.is_none_or(|known| screen::alike(&now, known)) {
                stays = Some(at);
            }
            if let (Some(changed), Some(pair), Some(stays)) = (changed, pair, stays)
                && at - stays >= rest
            {
                break (changed, pair, stays);
            }
            if let Ok(Some(end)) = group.ended() {
                return Err(format!("it ended by itself with {end}"));
            }
            if at > PATIENCE {
                screen::save(&now, name).map_err(|error| format!("its picture: {error}"))?;
                let others = if known.is_some() { " on what its warm-up start showed" } else { "" };
                return Err(format!(
                    "its picture did not come to rest{others} in {} s; the last one is in {}",
                    PATIENCE.as_secs(),
                    screen::folder().display()
                ));
            }
            std::mem::swap(&mut before, &mut now);
        };
        let tree = memory::tree(group.id());
        let (mut pss, mut processes) = (0.0, Vec::new());
        for process in &tree {
            let its = memory::pss_of(process).map_err(|error| format!("the memory of {}: {error}", process.name))?;
            pss += its;
            processes.push(format!("{} {:.0}", process.name, its / 1024.0));
        }
        if !processes.iter().any(|name| name.starts_with("WebKitWeb")) {
            return Err(format!("its webview is not in the process tree: {}", processes.join(", ")));
        }
        screen::save(&now, name).map_err(|error| format!("its picture: {error}"))?;
        drop(group);
        until("everything it started has ended", || Ok(tree.iter().all(|process| !memory::runs(process.id))))?;
        until("the screen is empty again", || Ok(screen.picture()? == screen.empty))?;
        Ok((Start { changed, pair, stays, pss, processes }, now))
    }
}

/// Gives `command` a home below `home` and nothing of the machine's user.
fn in_home<'c>(command: &'c mut Command, home: &Path, environment: &[(&str, String)]) -> Result<&'c mut Command> {
    command.env_clear().envs(environment.iter().map(|(name, value)| (name, value))).env("HOME", home);
    for (name, below) in [
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_DATA_HOME", "data"),
        ("XDG_CACHE_HOME", "cache"),
        ("XDG_STATE_HOME", "state"),
        ("XDG_RUNTIME_DIR", "run"),
        ("TMPDIR", "tmp"),
    ] {
        let folder = home.join(below);
        fs::create_dir_all(folder.join("gtk-3.0")).map_err(|e| e.to_string())?;
        command.env(name, folder);
    }
    // A blinking caret never comes to rest.
    fs::write(home.join("config/gtk-3.0/settings.ini"), "[Settings]\ngtk-cursor-blink=false\n")
        .map_err(|e| e.to_string())?;
    Ok(command)
}

/// A session bus without service folders: it starts nothing by itself.
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
