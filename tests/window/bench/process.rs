//! Programs that end with the bench, and waiting for what they do.

use std::{
    io::{self, BufRead as _, BufReader, Write as _},
    os::unix::process::CommandExt as _,
    process::{Child, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Between two looks, at the screen or at anything else.
pub const SHUTTER: Duration = Duration::from_millis(10);
/// Longer than any start takes on two busy cores.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What went wrong, in words.
pub type Result<T, E = String> = std::result::Result<T, E>;

/// Waits until `holds`. Errors: it does not in time; the text says `what` should have happened.
pub fn until(what: &str, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
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
pub struct Group {
    child: Child,
}

impl Group {
    /// Starts `command` in a group of its own.
    pub fn start(command: &mut Command) -> Result<Self> {
        let child = command.process_group(0).spawn();
        let name = command.get_program().to_string_lossy().into_owned();
        let child =
            child.map_err(|error| format!("{name} does not start ({error}); `cargo xtask test` installs it"))?;
        Ok(Self { child })
    }

    /// Starts a program that says one line when it is ready; answers that line.
    pub fn answering(command: &mut Command) -> Result<(Self, String)> {
        let mut group = Self::start(command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let mut line = String::new();
        let stdout = group.child.stdout.take().ok_or("stdout was asked to be piped")?;
        BufReader::new(stdout).read_line(&mut line).map_err(|e| e.to_string())?;
        match line.trim() {
            "" => Err(format!("{} ended before it was ready", command.get_program().to_string_lossy())),
            line => Ok((group, line.to_owned())),
        }
    }

    /// Gives the program its standard input.
    pub fn write_and_close(&mut self, text: &str) -> Result<()> {
        let mut stdin = self.child.stdin.take().ok_or("stdin was not asked to be piped")?;
        stdin.write_all(text.as_bytes()).map_err(|error| format!("its standard input: {error}"))
    }

    /// The program's process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// How it ended, if it has.
    pub fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.child.try_wait()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let group = format!("-{}", self.child.id());
        let _ = Command::new("kill").args(["-KILL", "--", &group]).stderr(Stdio::null()).status();
        let _ = self.child.wait();
    }
}
