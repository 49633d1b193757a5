//! Labels as a scanner, a printer and a person see them. Pictures of a failing run: `<target>/tmp/labels/`.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail like the test; clippy excuses only test functions")]

mod flaws;
mod kinds;
mod oracle;
mod random;
mod references;
mod samples;
mod symbols;
mod waybills;
