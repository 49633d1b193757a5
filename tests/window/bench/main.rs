//! What the window costs: time from its start until its picture stays, and memory, beside an empty Tauri window's in the
//! same run. ≤ 1.5 × the time and ≤ 1.3 × the memory are promised.
//!
//! Measured is a daily start: the live folder is there (with no owner yet, so the first-run page comes), the key store is
//! unlocked, files are warm. Both windows start in turn on one display without a window manager, and are killed after.
//! A missed promise is said and is no error; a start that cannot be measured is.
//! Absent: a cold disk, a cold folder, the desk at work with its owner signed in.

mod memory;
mod process;
mod screen;
mod stage;

use process::Result;
use stage::{Stage, Start};
use std::{process::ExitCode, time::Duration};

const PRODUCT: &str = env!("CARGO_BIN_EXE_waybill-desk");
/// Built by `--features empty-window`.
const EMPTY: Option<&str> = option_env!("CARGO_BIN_EXE_empty-window");
const WARM_UPS: usize = 2;
const RUNS: usize = 7;
const TIME_PROMISED: f64 = 1.5;
const MEMORY_PROMISED: f64 = 1.3;

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: the window could not be measured: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<()> {
    let empty = EMPTY.ok_or("the empty window is not built; add `--features empty-window`")?;
    let build = if cfg!(debug_assertions) { "DEBUG BUILD, says little" } else { "release build" };
    let stage = Stage::set()?;
    println!("{build}; {RUNS} starts each, in turn, after {WARM_UPS} warm-up starts; Xvfb 1280×800, no window manager");
    println!("waybill-desk: live folder without an owner (first-run page), key store unlocked");
    let mut windows = [("empty", empty), ("waybill-desk", PRODUCT)].map(|(name, program)| Window {
        name,
        program,
        picture: None,
        starts: Vec::new(),
    });
    for run in 0..WARM_UPS + RUNS {
        for window in &mut windows {
            let known = window.picture.as_deref().filter(|_| run >= WARM_UPS);
            let (start, picture) = stage
                .measure(window.name, window.program, known)
                .map_err(|problem| format!("{}, start {run}: {problem}", window.name))?;
            println!("  {:<12} {start}{}", window.name, if run < WARM_UPS { " (warm-up)" } else { "" });
            if run < WARM_UPS {
                window.picture = Some(picture);
            } else {
                window.starts.push(start);
            }
        }
    }
    let [empty, product] = windows.map(|window| window.starts);
    println!("\n{:<44} {:>10} {:>12} {:>7}", "medians", "empty", "waybill-desk", "ratio");
    let line = |what: &str, unit: &str, of: fn(&Start) -> f64, promised: Option<f64>| {
        let (empty, product) = (median(&empty, of), median(&product, of));
        let ratio = product / empty;
        let verdict = match promised {
            None => String::new(),
            Some(most) if ratio <= most => format!("promised ≤ {most}: kept"),
            Some(most) => format!("promised ≤ {most}: MISSED !!!"),
        };
        println!("{what:<44} {empty:>7.1} {unit} {product:>9.1} {unit} {ratio:>7.2}  {verdict}");
    };
    line("start → the first change on the screen", "ms ", |s| ms(s.changed), None);
    line("start → the first two equal screenshots", "ms ", |s| ms(s.pair), None);
    line("start → two equal screenshots that stay", "ms ", |s| ms(s.stays), Some(TIME_PROMISED));
    line("PSS of the process tree", "MiB", |s| s.pss / 1024.0, Some(MEMORY_PROMISED));
    println!("what was on the screen: {}", screen::folder().join("bench-window-*.ppm").display());
    Ok(())
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn median(starts: &[Start], of: fn(&Start) -> f64) -> f64 {
    let mut values: Vec<f64> = starts.iter().map(of).collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

struct Window {
    name: &'static str,
    program: &'static str,
    /// What it shows in the end.
    picture: Option<Vec<u8>>,
    starts: Vec<Start>,
}
