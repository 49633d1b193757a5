//! Labels that others made, read to dots. Pictures of a run: `<target>/tmp/carrier-labels/`.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail like the test; clippy excuses only test functions")]

mod hostile;
mod pdf;
mod pictures;
mod support;
mod zpl;
