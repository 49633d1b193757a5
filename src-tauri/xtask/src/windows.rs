//! `cargo xtask windows`: the program built for Windows here, and as much of it run as runs under Wine.
//!
//! Job: cross-build with the compiler of Debian that brings its own sources (rustup's has no std for this target
//! without a download), run the printer crate's own tests and the command line under Wine, and pass a job through
//! Wine's spooler to a queue of a private cupsd, compared byte for byte at its end. With `--app`, cross-build the
//! window, too. Absent: the window under Wine (it has no webview), installers, anything of `cargo xtask test`.

use crate::{
    packages,
    sh::{self, Problem},
};
use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

const TARGET: &str = "x86_64-pc-windows-gnu";
/// Everything of this command: builds, Wine's prefix, the spooler.
const FOLDER: &str = "target/windows";
/// Debian's own, beside whatever rustup put on PATH.
const CARGO: &str = "/usr/bin/cargo";
const RUSTC: &str = "/usr/bin/rustc";
const WINE: &str = "/usr/lib/wine/wine64";
/// The queue that Wine sees as a printer of Windows.
const QUEUE: &str = "label";

/// Built for being seen to work, in a third of the time; but for the key's hash, which would take minutes.
const PROFILE: [&str; 4] = [
    "profile.dev.package.\"*\".opt-level=0",
    "profile.dev.debug=false",
    "profile.dev.package.argon2.opt-level=1",
    "profile.dev.package.blake2.opt-level=1",
];

/// Runs `cargo xtask windows [--app]`.
pub fn windows(args: &[String]) -> Result<(), Problem> {
    let app = match args {
        [] => false,
        [only] if only == "--app" => true,
        _ => return Err(format!("`windows` takes `--app` or nothing, but got `{}`", args.join(" "))),
    };
    packages::ensure_windows()?;
    let folder = sh::root().join(FOLDER);
    let programs = folder.join(TARGET).join("debug");
    make_random_library(&programs)?;

    said("printer", "the printer crate's own tests, under Wine");
    sh::run(cargo("test", &["--package", "printer", "--lib"]).env_remove("CUPS_SERVER"))?;

    said("spooler", "a raw job through Windows's spooler, byte for byte");
    let port = free_port()?;
    let spooler = Spooler::start(&folder.join("cups"), port)?;
    sh::run(
        cargo("test", &["--package", "printer", "--test", "printers", "--", "winspool::"])
            .env("CUPS_SERVER", &spooler.server)
            .env("WAYBILL_TEST_WINSPOOL", format!("{QUEUE},{port}")),
    )?;

    said("waybill", "the command line, under Wine: lists that printer and prints on it");
    sh::run(&mut cargo("build", &["--package", "waybill-cli"]))?;
    command_line(&programs.join("waybill.exe"), &folder, &spooler)?;

    if app {
        said("window", "the whole window, built and not run");
        if !sh::root().join("ui/dist/index.html").is_file() {
            return Err("ui/dist is not built; run `cargo xtask run` or `npm run build` in ui first".to_owned());
        }
        sh::run(&mut cargo("build", &["--package", "waybill-desk", "--bin", "waybill-desk"]))?;
        println!("built: {}", programs.join("waybill-desk.exe").display());
    }
    Ok(())
}

fn said(name: &str, what: &str) {
    println!("\n━━ {name} ━━ {what}");
}

/// The other cargo, for the other system.
fn cargo(command: &str, args: &[&str]) -> Command {
    let mut cargo = sh::program(CARGO, ".");
    cargo.args([command, "--locked", "-Zbuild-std=std,panic_unwind", "--target", TARGET]);
    for setting in PROFILE {
        cargo.args(["--config", setting]);
    }
    cargo.args(args);
    wine(&mut cargo)
        // The choice of the cargo that started us is not for this one.
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("RUSTC", RUSTC)
        // Building std is for nightly compilers, and for those who know what they do.
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", sh::root().join(FOLDER))
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER", "x86_64-w64-mingw32-gcc")
        // A crate that is also built as a DLL (printpdf) would export more symbols than a DLL can number.
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS", "-Zshare-generics=no")
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", WINE);
    cargo
}

/// Wine in a world of its own: no display, no home of the user's.
fn wine(command: &mut Command) -> &mut Command {
    command.env("WINEPREFIX", sh::root().join(FOLDER).join("wine")).env("WINEDEBUG", "-all").env_remove("DISPLAY")
}

/// The practical half of the job by the real program: an owner, the printers of Windows, one of them set up, and its
/// test label compared with the same label in a file.
fn command_line(waybill: &Path, folder: &Path, spooler: &Spooler) -> Result<(), Problem> {
    let data = folder.join("data");
    let labels = folder.join("labels");
    for fresh in [&data, &labels] {
        let _ = fs::remove_dir_all(fresh);
        fs::create_dir_all(fresh).map_err(|e| format!("cannot make {}: {e}", fresh.display()))?;
    }
    let sink = TcpListener::bind((Ipv4Addr::LOCALHOST, spooler.device)).map_err(|e| format!("the sink: {e}"))?;
    let run = |args: &[&str]| -> Result<String, Problem> {
        let mut command = sh::program(WINE, ".");
        wine(&mut command)
            .arg(waybill)
            .args(args)
            .env("WAYBILL_DATA", windows_path(&data))
            .env("WAYBILL_KEY_STORE", "off")
            .env("WAYBILL_PASSPHRASE", "a long passphrase for Wine")
            .env("WAYBILL_PASSWORD", "quiet-lantern-4242")
            .env("CUPS_SERVER", &spooler.server);
        println!("$ waybill {}", args.join(" "));
        let text = sh::answer(command.stderr(Stdio::inherit()))
            .ok_or_else(|| format!("`waybill {}` failed under Wine", args.join(" ")))?;
        print!("{text}");
        Ok(text)
    };
    run(&["setup", "--owner", "店主"])?;
    run(&["login", "店主"])?;
    let address = format!("winspool:{QUEUE}");
    // Not `find`: Wine 8 lacks the call by which Windows tells of USB devices, and ends a program that makes it.
    if !run(&["printers", "queues"])?.contains(&address) {
        return Err(format!("{address} is not among the printers of Windows"));
    }
    let files = format!("file:///{}", windows_path(&labels).replace('\\', "/"));
    for (name, address) in [("spooled", &address), ("filed", &files)] {
        run(&["printers", "add", "--name", name, "--address", address])?;
    }
    run(&["printers", "test", "filed"])?;
    let printed = std::thread::spawn(move || receive(&sink));
    run(&["printers", "test", "spooled"])?;
    let printed = printed.join().map_err(|_| "the sink broke")??;
    let filed = fs::read(labels.join("job-000001.prn")).map_err(|e| format!("the label in the file: {e}"))?;
    if printed != filed {
        return Err(format!("the spooler printed {} bytes, the file has {}", printed.len(), filed.len()));
    }
    println!("the test label came out of the spooler byte for byte: {} bytes", printed.len());
    Ok(())
}

/// The first job that comes.
fn receive(sink: &TcpListener) -> Result<Vec<u8>, Problem> {
    let mut job = Vec::new();
    let (mut connection, _) = sink.accept().map_err(|e| format!("nothing was printed: {e}"))?;
    std::io::Read::read_to_end(&mut connection, &mut job).map_err(|e| format!("the job broke off: {e}"))?;
    Ok(job)
}

/// How Wine sees a path of this system.
fn windows_path(path: &Path) -> String {
    format!("Z:{}", path.display()).replace('/', "\\")
}

/// Wine 8 has no `bcryptprimitives.dll`, from which Rust's std takes its randomness.
fn make_random_library(programs: &Path) -> Result<(), Problem> {
    let source = programs.join("bcryptprimitives.c");
    let made = |e: std::io::Error| format!("cannot write below {}: {e}", programs.display());
    fs::create_dir_all(programs.join("deps")).map_err(made)?;
    fs::write(&source, include_str!("windows_random.c")).map_err(made)?;
    let library = programs.join("bcryptprimitives.dll");
    let mut compile = sh::program("x86_64-w64-mingw32-gcc", ".");
    sh::run(compile.args(["-shared", "-o"]).arg(&library).arg(&source).arg("-ladvapi32"))?;
    // A program looks beside itself, and tests lie one folder further down.
    fs::copy(&library, programs.join("deps/bcryptprimitives.dll")).map(|_| ()).map_err(made)
}

/// A private cupsd with one raw queue, which ends with this value.
struct Spooler {
    server: String,
    /// Port at which the queue's printer listens.
    device: u16,
    process: Child,
}

impl Spooler {
    fn start(folder: &Path, device: u16) -> Result<Self, Problem> {
        let _ = fs::remove_dir_all(folder);
        let port = free_port()?;
        let mut command = sh::program("bash", "tests/oracles");
        command.arg("cups_sandbox.sh").arg(folder).arg(port.to_string()).stdin(Stdio::null()).stderr(Stdio::null());
        println!("$ {}", sh::shown(&command));
        let process = command.spawn().map_err(|e| sh::not_started(&command, &e))?;
        let spooler = Self { server: format!("127.0.0.1:{port}"), device, process };
        let start = Instant::now();
        while TcpStream::connect(&spooler.server).is_err() {
            if start.elapsed() > Duration::from_secs(20) {
                return Err(format!("cupsd does not listen at {}; see {}", spooler.server, folder.display()));
            }
            sleep(Duration::from_millis(50));
        }
        let uri = format!("socket://127.0.0.1:{device}");
        sh::run(
            sh::program(administrators("lpadmin"), ".")
                .args(["-p", QUEUE, "-E", "-v", &uri, "-m", "raw", "-o", "printer-error-policy=stop-printer"])
                .env("CUPS_SERVER", &spooler.server),
        )?;
        Ok(spooler)
    }
}

impl Drop for Spooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Programs that a plain user's PATH leaves out.
fn administrators(name: &str) -> PathBuf {
    Path::new("/usr/sbin").join(name)
}

fn free_port() -> Result<u16, Problem> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr());
    listener.map(|a| a.port()).map_err(|e| format!("no free port on loopback: {e}"))
}
