//! Orders typed here: what was typed, what it will cost whom, submit, history.

pub(crate) mod content;
pub(crate) mod form;
pub(crate) mod history;
pub(crate) mod plan;
pub(crate) mod ready;
pub(crate) mod submit;
