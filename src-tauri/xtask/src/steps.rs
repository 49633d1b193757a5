//! Steps: run one after another, timed, counted, summed up.
//!
//! Invariant: the last line printed is `N passed, N failed`, whatever happened before it.

use crate::sh::{self, Problem};
use std::{
    io::{BufRead as _, BufReader, IsTerminal as _, Write as _},
    process::{Command, ExitCode, Stdio},
    time::{Duration, Instant},
};

/// How many tests passed and failed.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Count {
    pub passed: u64,
    pub failed: u64,
}

/// What became of a step.
struct Done {
    name: &'static str,
    count: Count,
    took: Duration,
    problem: Option<Problem>,
}

/// One step of `cargo xtask test`. `run` answers the tests it counted; a plain check counts as one.
pub struct Step {
    pub name: &'static str,
    pub what: &'static str,
    pub run: fn() -> Result<Count, Problem>,
}

/// A check that either holds or does not.
pub const HOLDS: Count = Count { passed: 1, failed: 0 };

/// Runs the steps; stops at the first that fails unless `keep_going`. Prints a table and the closing line.
pub fn run(steps: &[&Step], keep_going: bool) -> ExitCode {
    let mut done: Vec<Done> = Vec::new();
    for step in steps {
        println!("\n━━ {} ━━ {}", step.name, step.what);
        let start = Instant::now();
        let outcome = (step.run)();
        let took = start.elapsed();
        let (count, problem) = match outcome {
            Ok(count) if count.failed > 0 => (count, Some(format!("{} failed", count.failed))),
            Ok(count) => (count, None),
            Err(problem) => (Count { passed: 0, failed: 1 }, Some(problem)),
        };
        if let Some(problem) = &problem {
            println!("\nerror in step {}: {problem}", step.name);
        }
        let failed = problem.is_some();
        done.push(Done { name: step.name, count, took, problem });
        if failed && !keep_going {
            break;
        }
    }
    summary(&done, steps.len())
}

fn summary(done: &[Done], planned: usize) -> ExitCode {
    println!("\n{:<10} {:>8} {:>8} {:>9}", "step", "passed", "failed", "time");
    let mut all = Count::default();
    for step in done {
        let Count { passed, failed } = step.count;
        all = Count { passed: all.passed + passed, failed: all.failed + failed };
        println!("{:<10} {passed:>8} {failed:>8} {:>8.1}s", step.name, step.took.as_secs_f64());
    }
    if done.len() < planned {
        println!("{} of {planned} steps not run: stopped at the first failure", planned - done.len());
    }
    for step in done {
        if let Some(problem) = &step.problem {
            println!("\n{}: {problem}\n  again: cargo xtask test --only {}", step.name, step.name);
        }
    }
    println!("\n{} passed, {} failed", all.passed, all.failed);
    let _ = std::io::stdout().flush();
    if all.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs `command`, passing its output through while counting test results in it.
/// Errors: not started; ended badly without a failed test to show for it; ended well without having run a test.
pub fn counted(command: &mut Command) -> Result<Count, Problem> {
    println!("$ {}", sh::shown(command));
    if std::io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1");
    }
    let spawned = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn();
    let mut child = spawned.map_err(|error| sh::not_started(command, &error))?;
    let mut count = Count::default();
    let stdout = child.stdout.take().expect("stdout was asked to be piped");
    for line in BufReader::new(stdout).split(b'\n') {
        let line = line.map_err(|error| format!("cannot read the output of `{}`: {error}", sh::shown(command)))?;
        let line = String::from_utf8_lossy(&line);
        println!("{line}");
        if let Some(Count { passed, failed }) = result_line(&without_colour(&line)) {
            count = Count { passed: count.passed + passed, failed: count.failed + failed };
        }
    }
    let status = child.wait().map_err(|error| format!("`{}` was lost: {error}", sh::shown(command)))?;
    match (status.success(), count) {
        (true, Count { passed: 0, failed: 0 }) => Err(format!("`{}` ran no test at all", sh::shown(command))),
        (false, Count { failed: 0, .. }) => Err(format!("`{}` ended with {status}", sh::shown(command))),
        _ => Ok(count),
    }
}

/// Reads the closing line of a cargo test binary (`test result: ok. 5 passed; 0 failed; …`) or of Vitest
/// (`Tests  1 failed | 11 passed (12)`).
fn result_line(line: &str) -> Option<Count> {
    let line = line.trim();
    let words = line
        .strip_prefix("test result:")
        .or_else(|| line.strip_prefix("Tests ").filter(|rest| rest.ends_with(')') && rest.starts_with(' ')))?;
    let words: Vec<&str> = words.split([' ', ';', '|', '.']).filter(|word| !word.is_empty()).collect();
    let before =
        |unit: &str| words.windows(2).find(|pair| pair[1] == unit).and_then(|pair| pair[0].parse().ok()).unwrap_or(0);
    Some(Count { passed: before("passed"), failed: before("failed") })
}

fn without_colour(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        if c == '\u{1b}' {
            // A colour is ESC [ digits and semicolons m.
            while chars.next().is_some_and(|c| !c.is_ascii_alphabetic()) {}
        } else {
            plain.push(c);
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_cargo_and_vitest_are_counted_with_and_without_colour() {
        let cases = [
            ("test result: ok. 5 passed; 0 failed; 2 ignored; 0 measured; 0 filtered out; finished in 0.00s", 5, 0),
            ("test result: \u{1b}[31mFAILED\u{1b}[m. 3 passed; 2 failed; 0 ignored; 0 measured", 3, 2),
            ("\u{1b}[2m      Tests \u{1b}[22m \u{1b}[1m\u{1b}[32m12 passed\u{1b}[39m\u{1b}[22m (12)", 12, 0),
            ("      Tests  1 failed | 11 passed (12)", 11, 1),
        ];
        for (line, passed, failed) in cases {
            assert_eq!(result_line(&without_colour(line)), Some(Count { passed, failed }), "miscounted: {line}");
        }
    }

    #[test]
    fn ordinary_lines_are_not_counted() {
        for line in ["running 5 tests", "test a::b ... ok", " Test Files  3 passed (3)", "Tests of the desk passed"] {
            assert_eq!(result_line(line), None, "counted by mistake: {line}");
        }
    }
}
