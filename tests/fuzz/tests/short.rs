//! A short run of every fuzz target: its seeds, what once broke it, and some thousands of changes to them, the same each time.

#![expect(clippy::unwrap_used, reason = "a test's helpers may fail like the test; clippy excuses only test functions")]

use hostile_input::{Mutator, TARGETS, Target};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

/// An input that takes longer than this, in a debug build on a busy machine, hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// Inputs that broke a target once.
fn regressions(name: &str) -> Vec<Vec<u8>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions").join(name);
    let Ok(files) = std::fs::read_dir(dir) else { return Vec::new() };
    files.map(|f| std::fs::read(f.unwrap().path()).unwrap()).collect()
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("hostile-{name}"))
}

/// Runs inputs in a thread; one that panics or hangs is kept in a file and named.
fn run(target: &'static Target, inputs: impl Iterator<Item = Vec<u8>> + Send + 'static) {
    let (tell, hear) = mpsc::channel::<Vec<u8>>();
    let body = target.body;
    let worker = std::thread::Builder::new().stack_size(16 << 20).spawn(move || {
        for input in inputs {
            let _ = tell.send(input.clone());
            body(&input);
        }
    });
    let worker = worker.unwrap();
    let mut last = Vec::new();
    loop {
        match hear.recv_timeout(PATIENCE) {
            Ok(input) => last = input,
            Err(mpsc::RecvTimeoutError::Disconnected) => break,
            Err(mpsc::RecvTimeoutError::Timeout) => {
                std::fs::write(kept(target.name), &last).unwrap();
                panic!("{}: an input hangs, kept in {}", target.name, kept(target.name).display());
            }
        }
    }
    if worker.join().is_err() {
        std::fs::write(kept(target.name), &last).unwrap();
        panic!("{}: an input panics, kept in {}", target.name, kept(target.name).display());
    }
}

fn short(name: &str) {
    let target = hostile_input::target(name).unwrap();
    let seeds = (target.seeds)();
    assert!(!seeds.is_empty());
    run(target, seeds.clone().into_iter().chain(regressions(name)));
    let mut mutator = Mutator::new(seeds, 17_50, target.longest);
    run(target, (0..target.short).map(move |_| mutator.input()));
}

macro_rules! each {
    ($($name:ident),*) => {
        $(#[test]
        fn $name() {
            short(stringify!($name));
        })*

        #[test]
        fn no_target_is_forgotten() {
            assert_eq!(TARGETS.map(|t| t.name), [$(stringify!($name)),*]);
            for name in [$(stringify!($name)),*] {
                let file = format!("{}/../../fuzz/fuzz_targets/{name}.rs", env!("CARGO_MANIFEST_DIR"));
                let text = std::fs::read_to_string(&file).unwrap_or_else(|e| panic!("{file}: {e}"));
                assert!(text.contains(&format!("\"{name}\"")), "{file} runs another target");
            }
        }
    };
}
each!(template, data, status, component, zpl, png, gif, pdf);
