//! Being asked to end: Ctrl-C, SIGTERM.
//!
//! Invariant: whoever says something that a person or script may answer by ending us listens first. Unheard, the signal
//! kills the process where it stands, and a run that should have said how things are says nothing.

use crate::exit::Failure;

/// Hears the wish from the moment it is made.
pub struct Stop {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(windows)]
    ctrl_c: tokio::signal::windows::CtrlC,
}

impl Stop {
    /// Errors: the system gives no signal handler.
    pub fn listen() -> Result<Self, Failure> {
        Self::handlers()
            .map_err(|e| Failure::other(format!("the system lets no signal be heard ({e}); nothing was done")))
    }

    #[cfg(unix)]
    fn handlers() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    #[cfg(windows)]
    fn handlers() -> std::io::Result<Self> {
        Ok(Self { ctrl_c: tokio::signal::windows::ctrl_c()? })
    }

    /// Returns when the program is, or was, asked to end.
    pub async fn asked(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
        #[cfg(windows)]
        let _ = self.ctrl_c.recv().await;
    }
}
