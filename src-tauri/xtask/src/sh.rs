//! Starting programs: every start is announced, gets no stdin (CI has none), and fails in words.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// What went wrong and what to do about it, ready to print after `error: `.
pub type Problem = String;

/// The repository's top folder: two above this crate.
pub fn root() -> PathBuf {
    // `cargo run` sets the variable, so a moved checkout is found; the compiled-in path serves a bare start.
    let here = std::env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
    here.ancestors().nth(2).map_or_else(|| here.clone(), Path::to_path_buf)
}

/// The cargo that started us, so that a `+toolchain` choice holds for everything we start.
pub fn cargo() -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(root());
    cargo
}

/// A program started in `folder`, relative to the repository.
pub fn program(name: impl AsRef<OsStr>, folder: &str) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root().join(folder));
    command
}

/// The command as a person would type it.
pub fn shown(command: &Command) -> String {
    let name = Path::new(command.get_program()).file_name().unwrap_or(command.get_program());
    let mut line = name.to_string_lossy().into_owned();
    for arg in command.get_args() {
        line.push(' ');
        line.push_str(&arg.to_string_lossy());
    }
    line
}

/// Announces and runs `command`, its output passed through.
/// Errors: it could not be started, or ended with a code other than 0.
pub fn run(command: &mut Command) -> Result<(), Problem> {
    println!("$ {}", shown(command));
    let status = command.stdin(Stdio::null()).status().map_err(|e| not_started(command, &e))?;
    if status.success() { Ok(()) } else { Err(format!("`{}` ended with {status}", shown(command))) }
}

/// Runs `command` silently; its stdout when it succeeded.
pub fn answer(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// The sentence for a program that could not be started.
pub fn not_started(command: &Command, error: &std::io::Error) -> Problem {
    format!("`{}` could not be started ({error}); is it installed and on PATH?", shown(command))
}

/// Whether `name` is a program on PATH, or in the folders of administrators, which a plain user's PATH leaves out.
pub fn on_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .chain(["/usr/sbin", "/sbin"].map(PathBuf::from))
        .any(|folder| folder.join(name).is_file())
}

/// npm, which is a script with another name on Windows.
pub fn npm(folder: &str) -> Command {
    program(if cfg!(windows) { "npm.cmd" } else { "npm" }, folder)
}
