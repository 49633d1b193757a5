//! Programs on the stage. Each gets a process group of its own, which ends with the stage.

use super::wait::until;
use std::{
    io::{BufRead as _, BufReader, Write as _},
    net::TcpListener,
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus, Stdio},
};

/// A running program and everything it started.
pub struct Group {
    child: Child,
}

impl Group {
    /// Starts `command` in a group of its own.
    pub fn start(command: &mut Command) -> Self {
        let child = command.process_group(0).spawn();
        let name = command.get_program().to_string_lossy().into_owned();
        Self {
            child: child.unwrap_or_else(|error| panic!("{name} does not start ({error}); `cargo xtask test` sets up")),
        }
    }

    /// Starts a program that says one line when it is ready; answers that line.
    pub fn answering(command: &mut Command) -> (Self, String) {
        let mut group = Self::start(command.stdout(Stdio::piped()).stderr(Stdio::null()));
        let mut line = String::new();
        let mut stdout = BufReader::new(group.child.stdout.take().expect("asked to be piped"));
        stdout.read_line(&mut line).expect("it says when it is ready");
        // A program that goes on talking must not find its listener gone.
        std::thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        assert!(!line.trim().is_empty(), "{} ended before it was ready", command.get_program().to_string_lossy());
        (group, line.trim().to_owned())
    }

    /// Gives the program its standard input.
    pub fn write_and_close(&mut self, text: &str) {
        let mut stdin = self.child.stdin.take().expect("asked to be piped");
        stdin.write_all(text.as_bytes()).expect("it reads its input");
    }

    /// The program's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}

/// Runs `command` to its end.
pub async fn end_of(mut command: Command, what: &str) -> ExitStatus {
    let mut group = Group::start(&mut command);
    let mut end = None;
    until(what, async || {
        end = group.child.try_wait().expect("our own child");
        end.is_some()
    })
    .await;
    end.expect("waited for")
}

/// A port that was free a moment ago.
pub fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).and_then(|listener| listener.local_addr()).expect("a free port").port()
}

/// The children of process `parent`.
pub fn children(parent: u32) -> Vec<u32> {
    std::fs::read_to_string(format!("/proc/{parent}/task/{parent}/children"))
        .unwrap_or_default()
        .split_whitespace()
        .filter_map(|id| id.parse().ok())
        .collect()
}
