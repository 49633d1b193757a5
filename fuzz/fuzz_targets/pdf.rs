//! See `tests/fuzz`. The reader of PDF may panic in its guarded thread: that is a broken file, not a crash.
#![no_main]

libfuzzer_sys::fuzz_target!(
    init: {
        std::panic::set_hook(Box::new(|_| {}));
    },
    |bytes: &[u8]| (hostile_input::target("pdf").expect("it is in the table").body)(bytes)
);
