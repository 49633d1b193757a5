//! Labels to paper: drawing, the journal at work, printers.

pub(crate) mod custom_area;
pub(crate) mod doctor;
pub(crate) mod draw;
pub(crate) mod find;
pub(crate) mod jobs;
pub(crate) mod printers;
pub(crate) mod rules;
pub(crate) mod run;
