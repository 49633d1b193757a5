//! Where the oracles are, a printer process that misbehaves on request, and waiting for conditions.

use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, io};

/// `tests/oracles`.
pub fn oracles() -> PathBuf {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/oracles");
    assert!(dir.is_dir(), "{} is missing: the printer oracles are part of the repository", dir.display());
    dir.canonicalize().expect("a folder that exists")
}

/// The Python in which the oracles' requirements are installed.
pub fn python() -> PathBuf {
    let venv = if cfg!(windows) { ".venv/Scripts/python.exe" } else { ".venv/bin/python" };
    let python = std::env::var_os("WAYBILL_ORACLE_PYTHON").map_or_else(|| oracles().join(venv), PathBuf::from);
    assert!(
        python.exists(),
        "{} is missing: `cargo xtask test` sets the oracles up (or point WAYBILL_ORACLE_PYTHON at a Python that has \
         tests/oracles/requirements.txt)",
        python.display()
    );
    python
}

/// A child that does not outlive its test.
pub struct Running(pub Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Waits until `look` finds something; fails after 30 s with `what`.
pub async fn eventually<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(start.elapsed() < Duration::from_secs(30), "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A port on which nobody listens.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).and_then(|l| l.local_addr()).expect("a free port on loopback").port()
}

/// Bytes that look like nothing in particular and hold every value.
pub fn noise(len: usize) -> Vec<u8> {
    let chance = domain::chance::SeededChance::new(len as u64);
    let mut bytes = vec![0; len];
    domain::chance::Chance::fill(&chance, &mut bytes);
    bytes
}

/// `fakeprinter.py`.
pub struct FakePrinter {
    pub address: SocketAddr,
    folder: tempfile::TempDir,
    _process: Running,
}

impl FakePrinter {
    /// Starts it on a free port. `options` as its own help says.
    pub fn start(options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder for the jobs");
        let mut process = Command::new(python())
            .arg(oracles().join("fakeprinter.py"))
            .arg(folder.path())
            .args(["--port", "0"])
            .args(options)
            .stdout(Stdio::piped())
            // After a fault its threads complain about the socket they closed themselves.
            .stderr(Stdio::null())
            .spawn()
            .expect("Python starts");
        let mut line = String::new();
        let stdout = process.stdout.take().expect("piped");
        io::BufRead::read_line(&mut io::BufReader::new(stdout), &mut line).expect("the printer says where it listens");
        let address = line.trim().parse().unwrap_or_else(|e| panic!("{line:?} is no address: {e}"));
        Self { address, folder, _process: Running(process) }
    }

    /// What arrived on each connection that has ended, in the order of connecting.
    pub fn connections(&self) -> Vec<Vec<u8>> {
        let log = fs::read_to_string(self.folder.path().join("log.jsonl")).unwrap_or_default();
        let mut names: Vec<String> = log
            .lines()
            .filter_map(|l| serde_json::from_str::<serde_json::Value>(l).ok()?["job"].as_str().map(str::to_owned))
            .collect();
        names.sort();
        names.iter().map(|n| fs::read(self.folder.path().join(n)).expect("each log line has its file")).collect()
    }

    /// Waits until so many connections have ended.
    pub async fn ended(&self, count: usize) -> Vec<Vec<u8>> {
        eventually(&format!("{count} ended connections"), || {
            let all = self.connections();
            (all.len() >= count).then_some(all)
        })
        .await
    }
}
