//! The desk against the practice market and the practice printer: real servers, a real database, a virtual clock.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says where")]

mod away;
mod backups;
mod bad_input;
mod badges;
mod batch_faults;
mod batches;
mod callbacks;
mod canary;
mod carrier_labels;
mod closing;
mod codes;
mod component;
mod custom_areas;
mod data;
mod doctor;
mod faults;
mod flow;
mod grant_kills;
mod kills;
mod log;
mod oidc;
mod people;
mod plug;
mod printers;
mod refresh;
mod reprints;
mod rights;
mod rules;
mod templates;
mod world;
