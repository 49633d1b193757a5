//! What the window costs: time from its start until its picture stays, and memory, beside an empty Tauri window's in the
//! same run. ≤ 1.5 × the time and ≤ 1.3 × the memory are promised.
//!
//! Measured is a daily start: the live folder is there (with no owner yet, so the first-run page comes), the key store is
//! unlocked, files are warm. Both windows start in turn on one display without a window manager, and are killed after.
//! A missed promise is said and is no error; a start that cannot be measured is.
//! Absent: a cold disk, a cold folder, the desk at work with its owner signed in.

use std::{
    fmt, fs,
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::{fs::FileExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitCode, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

const PRODUCT: &str = env!("CARGO_BIN_EXE_waybill-desk");
/// Built by `--features empty-window`.
const EMPTY: Option<&str> = option_env!("CARGO_BIN_EXE_empty-window");
const WARM_UPS: usize = 2;
const RUNS: usize = 7;
/// Between two screenshots.
const SHUTTER: Duration = Duration::from_millis(10);
/// A picture that stays for so long in the last warm-up start is the one that the measured starts wait for: the first two
/// equal screenshots are of a bare window.
const LONG_REST: Duration = Duration::from_secs(5);
/// How long a measured start must then keep it.
const REST: Duration = Duration::from_secs(1);
/// Longer than any start takes on two busy cores.
const PATIENCE: Duration = Duration::from_secs(60);
const TIME_PROMISED: f64 = 1.5;
const MEMORY_PROMISED: f64 = 1.3;

type Result<T, E = String> = std::result::Result<T, E>;

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: the window could not be measured: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<()> {
    let empty = EMPTY.ok_or("the empty window is not built; add `--features empty-window`")?;
    let build = if cfg!(debug_assertions) { "DEBUG BUILD, says little" } else { "release build" };
    let stage = Stage::set()?;
    println!("{build}; {RUNS} starts each, in turn, after {WARM_UPS} warm-up starts; Xvfb 1280×800, no window manager");
    println!("waybill-desk: live folder without an owner (first-run page), key store unlocked");
    let mut windows = [("empty", empty), ("waybill-desk", PRODUCT)].map(|(name, program)| Window {
        name,
        program,
        picture: None,
        starts: Vec::new(),
    });
    for run in 0..WARM_UPS + RUNS {
        for window in &mut windows {
            let known = window.picture.as_deref().filter(|_| run >= WARM_UPS);
            let (start, picture) = stage
                .measure(window.name, window.program, known)
                .map_err(|problem| format!("{}, start {run}: {problem}", window.name))?;
            println!("  {:<12} {start}{}", window.name, if run < WARM_UPS { " (warm-up)" } else { "" });
            if run < WARM_UPS {
                window.picture = Some(picture);
            } else {
                window.starts.push(start);
            }
        }
    }
    let [empty, product] = windows.map(|window| window.starts);
    println!("\n{:<44} {:>10} {:>12} {:>7}", "medians", "empty", "waybill-desk", "ratio");
    let line = |what: &str, unit: &str, of: fn(&Start) -> f64, promised: Option<f64>| {
        let (empty, product) = (median(&empty, of), median(&product, of));
        let ratio = product / empty;
        let verdict = match promised {
            None => String::new(),
            Some(most) if ratio <= most => format!("promised ≤ {most}: kept"),
            Some(most) => format!("promised ≤ {most}: MISSED !!!"),
        };
        println!("{what:<44} {empty:>7.1} {unit} {product:>9.1} {unit} {ratio:>7.2}  {verdict}");
    };
    line("start → the first change on the screen", "ms ", |s| ms(s.changed), None);
    line("start → the first two equal screenshots", "ms ", |s| ms(s.pair), None);
    line("start → two equal screenshots that stay", "ms ", |s| ms(s.stays), Some(TIME_PROMISED));
    line("PSS of the process tree", "MiB", |s| s.pss / 1024.0, Some(MEMORY_PROMISED));
    println!("what was on the screen: {}", screens().join("bench-window-*.ppm").display());
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(starts: &[Start], of: fn(&Start) -> f64) -> f64 {
    let mut values: Vec<f64> = starts.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn screens() -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("screens")
}

struct Window {
    name: &'static str,
    program: &'static str,
    /// What it shows in the end.
    picture: Option<Vec<u8>>,
    starts: Vec<Start>,
}

/// One start, as measured. Times are from just before the program was started.
struct Start {
    /// The screen was no longer empty.
    changed: Duration,
    /// The second of the first two equal screenshots.
    pair: Duration,
    /// The second of the first two equal screenshots of what it shows in the end.
    stays: Duration,
    /// KiB, summed over the process tree once the picture stayed: what is shared counts in parts.
    pss: f64,
    processes: Vec<String>,
}

impl fmt::Display for Start {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { changed, pair, stays, pss, processes } = self;
        write!(f, "changed {:>6.0} ms, equal {:>6.0} ms, stays {:>6.0} ms; ", ms(*changed), ms(*pair), ms(*stays))?;
        write!(f, "PSS {:>6.1} MiB ({})", pss / 1024.0, processes.join(", "))
    }
}

/// A display, a session bus and a key store of our own. Nothing of the machine's user is touched.
struct Stage {
    screen: Screen,
    environment: Vec<(&'static str, String)>,
    // Ended in this order.
    _keyring: Group,
    _bus: Group,
    _display: Group,
    home: TempDir,
}

impl Stage {
    fn set() -> Result<Self> {
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
        let mut stdin = keyring.child.stdin.take().ok_or("gnome-keyring-daemon reads no password")?;
        stdin.write_all(b"stage").map_err(|e| e.to_string())?;
        drop(stdin);
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
    fn measure(&self, name: &str, program: &str, known: Option<&[u8]>) -> Result<(Start, Vec<u8>)> {
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
            if now != before || now == screen.empty || known.is_some_and(|known| now != known) {
                stays = None;
            } else {
                stays.get_or_insert(at);
            }
            if let (Some(changed), Some(pair), Some(stays)) = (changed, pair, stays)
                && at - stays >= rest
            {
                break (changed, pair, stays);
            }
            if let Ok(Some(end)) = group.child.try_wait() {
                return Err(format!("it ended by itself with {end}"));
            }
            if at > PATIENCE {
                save(&now, name).map_err(|error| format!("its picture: {error}"))?;
                let others = if known.is_some() { " on what its warm-up start showed" } else { "" };
                return Err(format!(
                    "its picture did not come to rest{others} in {} s; the last one is in {}",
                    PATIENCE.as_secs(),
                    screens().display()
                ));
            }
            std::mem::swap(&mut before, &mut now);
        };
        let tree = tree(group.child.id());
        let mut pss = 0.0;
        for (id, name) in &tree {
            pss += pss_of(*id).map_err(|error| format!("the memory of {name}: {error}"))?;
        }
        let processes: Vec<String> = tree.iter().map(|(_, name)| name.clone()).collect();
        if !processes.iter().any(|name| name.starts_with("WebKitWeb")) {
            return Err(format!("its webview is not in the process tree: {}", processes.join(", ")));
        }
        save(&now, name).map_err(|error| format!("its picture: {error}"))?;
        drop(group);
        until("everything it started has ended", || {
            Ok(tree.iter().all(|(id, _)| !Path::new(&format!("/proc/{id}")).exists()))
        })?;
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

/// Xvfb's frame buffer: an XWD file that Xvfb keeps mapped.
struct Screen {
    file: fs::File,
    /// The screen with nothing on it.
    empty: Vec<u8>,
}

impl Screen {
    fn open(path: &Path) -> Result<Self> {
        let file = fs::File::open(path).map_err(|error| format!("Xvfb's frame buffer {}: {error}", path.display()))?;
        let length = file.metadata().map_err(|e| e.to_string())?.len();
        let length = usize::try_from(length).map_err(|e| e.to_string())?;
        let mut screen = Self { file, empty: vec![0; length] };
        screen.empty = screen.picture()?;
        Ok(screen)
    }

    fn picture(&self) -> Result<Vec<u8>> {
        let mut picture = vec![0; self.empty.len()];
        self.shoot(&mut picture)?;
        Ok(picture)
    }

    fn shoot(&self, picture: &mut [u8]) -> Result<()> {
        self.file.read_exact_at(picture, 0).map_err(|error| format!("Xvfb's frame buffer: {error}"))
    }
}

/// Writes a frame buffer down as PPM. The fields of the XWD header are in the X11 sources, `XWDFile.h`.
fn save(picture: &[u8], name: &str) -> io::Result<()> {
    let field = |n: usize| {
        let bytes: [u8; 4] = std::array::from_fn(|byte| picture[4 * n + byte]);
        u32::from_be_bytes(bytes) as usize
    };
    let (header, width, height, line, colours) = (field(0), field(4), field(5), field(12), field(19));
    let mut ppm = format!("P6 {width} {height} 255\n").into_bytes();
    for row in picture[header + 12 * colours..].chunks_exact(line).take(height) {
        ppm.extend(row[..4 * width].chunks_exact(4).flat_map(|bgrx| [bgrx[2], bgrx[1], bgrx[0]]));
    }
    fs::create_dir_all(screens())?;
    fs::write(screens().join(format!("bench-window-{name}.ppm")), ppm)
}

/// Process `root` and everything below it, with their names.
fn tree(root: u32) -> Vec<(u32, String)> {
    let processes: Vec<(u32, u32, String)> = fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .filter_map(|entry| {
            let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            // `ID (NAME) STATE PARENT …`, where NAME may hold anything.
            let (name, rest) = (stat.split_once('(')?.1).rsplit_once(')')?;
            Some((id, rest.split_whitespace().nth(1)?.parse().ok()?, name.to_owned()))
        })
        .collect();
    let mut tree: Vec<(u32, String)> = Vec::new();
    tree.extend(processes.iter().find(|(id, ..)| *id == root).map(|(id, _, name)| (*id, name.clone())));
    let mut seen = 0;
    while seen < tree.len() {
        let parent = tree[seen].0;
        tree.extend(processes.iter().filter(|(_, of, _)| *of == parent).map(|(id, _, name)| (*id, name.clone())));
        seen += 1;
    }
    tree
}

/// The PSS of one process in KiB.
fn pss_of(id: u32) -> io::Result<f64> {
    let rollup = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
    let line =
        rollup.lines().find_map(|line| line.strip_prefix("Pss:")?.trim().strip_suffix("kB")?.trim().parse().ok());
    line.ok_or_else(|| io::Error::other("smaps_rollup has no Pss line"))
}

fn until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let start = Instant::now();
    while !holds()? {
        if start.elapsed() > PATIENCE {
            return Err(format!("waited {} s in vain until {what}", PATIENCE.as_secs()));
        }
        thread::sleep(SHUTTER);
    }
    Ok(())
}

/// A running program and everything it started; ends when dropped.
struct Group {
    child: Child,
}

impl Group {
    fn start(command: &mut Command) -> Result<Self> {
        let child = command.process_group(0).spawn();
        let name = command.get_program().to_string_lossy().into_owned();
        let child =
            child.map_err(|error| format!("{name} does not start ({error}); `cargo xtask test` installs it"))?;
        Ok(Self { child })
    }

    /// Starts a program that says one line when it is ready; answers that line.
    fn answering(command: &mut Command) -> Result<(Self, String)> {
        let mut group = Self::start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let mut line = String::new();
        let stdout = group.child.stdout.take().ok_or("stdout was asked to be piped")?;
        BufReader::new(stdout).read_line(&mut line).map_err(|e| e.to_string())?;
        match line.trim() {
            "" => Err(format!("{} ended before it was ready", command.get_program().to_string_lossy())),
            line => Ok((group, line.to_owned())),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
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
