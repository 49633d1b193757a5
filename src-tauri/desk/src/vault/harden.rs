//! Keeps the process's memory out of core files.
//!
//! Absent: Windows Error Reporting exclusion and macOS `PT_DENY_ATTACH` (both need unsafe calls; on Windows full dumps
//! are off unless an administrator turns them on).

/// No core dumps, and on Linux no reading of this process's memory by other programs of the same user (ptrace,
/// /proc/pid/mem). Call it first thing in `main`. A program started from here gets the core limit but is dumpable
/// again after exec.
///
/// Side effect on Linux: /proc/self becomes root's for others, so services that look there to recognise a program
/// (xdg-desktop-portal) may not.
///
/// Errors: what the system said; the caller logs it and goes on.
pub fn harden_process() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    }
    Ok(())
}
