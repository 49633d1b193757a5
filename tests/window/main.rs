//! Tests through the real window: the product's own binary, driven by WebKitWebDriver, on a display of its own.
//!
//! A handful, for what only the whole can show; rules are tested nearer to where they live. Run them with
//! `cargo xtask test --only window`, or `cargo test --test window NAME`; pictures land in `target/screens/`.

mod backup;
mod carrier_labels;
mod doctor;
mod doors;
mod figures;
mod hardening;
mod job;
mod looks;
mod main_job;
mod morning;
mod people;
mod scan;
mod stage;
mod standard;
mod start;
mod templates;
