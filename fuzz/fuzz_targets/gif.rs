//! See `tests/fuzz`.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| (hostile_input::target("gif").expect("it is in the table").body)(bytes));
