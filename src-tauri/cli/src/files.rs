//! Files that a command names: `-` is stdin or stdout.

use crate::exit::Failure;
use std::io::{self, ErrorKind, IsTerminal, Read, Write};
use std::path::Path;

fn is_dash(path: &Path) -> bool {
    path == Path::new("-")
}

/// A text file. Errors: it is not there (not found), or not UTF-8 (invalid).
pub fn read(path: &Path) -> Result<String, Failure> {
    let text = String::from_utf8(bytes(path)?).map_err(|_| {
        Failure::invalid(format!("{} is not UTF-8 text; nothing was done", path.display()), "save it as UTF-8")
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

/// A file of any bytes. Errors: it is not there (not found), or cannot be read.
pub fn bytes(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = if is_dash(path) { stdin() } else { std::fs::read(path) };
    bytes.map_err(|e| cannot_read(path, &e))
}

fn stdin() -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn cannot_read(path: &Path, e: &io::Error) -> Failure {
    let message = format!("{} cannot be read: {e}; nothing was done", path.display());
    if e.kind() == ErrorKind::NotFound {
        return Failure::Api(desk::ApiError::new(desk::Code::NotFound, message).hint("check the file's name"));
    }
    Failure::invalid(message, "check the file")
}

/// The first line of stdin, for secrets.
pub fn first_line() -> Result<String, Failure> {
    let mut line = String::new();
    io::stdin().read_line(&mut line).map_err(|e| cannot_read(Path::new("-"), &e))?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

/// Whether `-` would pour bytes into a terminal.
pub fn check_output(path: &Path) -> Result<(), Failure> {
    if is_dash(path) && io::stdout().is_terminal() {
        return Err(Failure::usage("these bytes are not for a terminal", "name a file with -o, or pipe stdout"));
    }
    Ok(())
}

/// Writes all of it: beside a temporary name first, so that whoever sees the file sees the whole.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    if is_dash(path) {
        return match io::stdout().lock().write_all(bytes) {
            Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Failure::other(format!("stdout: {e}"))),
            _ => Ok(()),
        };
    }
    let mut part = path.as_os_str().to_owned();
    part.push(format!(".{}.part", std::process::id()));
    std::fs::write(&part, bytes).and_then(|()| std::fs::rename(&part, path)).map_err(|e| {
        // It may never have come to be.
        let _ = std::fs::remove_file(&part);
        Failure::invalid(format!("{} cannot be written: {e}", path.display()), "choose another place with -o")
    })
}
