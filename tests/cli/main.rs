//! The real `waybill` program against the practice market, which runs in this process. What the desk decides is tested at
//! the desk; here is what only the program shows: the whole job from a script, what it prints, how it exits.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod backup;
mod carrier_labels;
mod component;
mod endings;
mod grants;
mod hostile;
mod job;
mod kills;
mod label;
mod owner;
mod stage;
#[path = "../../src-tauri/cli/src/walk.rs"]
mod walk;
