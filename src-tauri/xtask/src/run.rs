//! `cargo xtask run`: the product on the practice market, in a window, or on the command line where there is no display.

use crate::{
    setup::{self, For},
    sh::{self, Problem},
};
use std::time::Instant;

/// Runs `cargo xtask run`. It takes no arguments.
pub fn run(args: &[String]) -> Result<(), Problem> {
    if let Some(arg) = args.first() {
        return Err(format!("`run` takes no arguments, but got `{arg}`"));
    }
    let start = Instant::now();
    if has_display() {
        println!("Opening Waybill Desk on the practice market. First the set-up:");
        setup::set_up(For::Window)?;
        sh::run(sh::cargo().args(["build", "--locked", "--bin", "waybill-desk"]))?;
        println!("built in {:.0} s; close the window to end", start.elapsed().as_secs_f64());
        sh::run(sh::cargo().args(["run", "--quiet", "--locked", "--bin", "waybill-desk"]).env("WAYBILL_TRIAL", "1"))
    } else {
        println!("No display here (neither DISPLAY nor WAYLAND_DISPLAY is set).");
        println!("Doing the same job on the command line instead: authorise, submit an order, print its label.");
        sh::run(sh::cargo().args(["build", "--locked", "--package", "waybill-cli"]))?;
        let label = sh::root().join("target/trial-label.png");
        let _ = std::fs::remove_file(&label);
        sh::run(
            sh::cargo()
                .args(["run", "--quiet", "--locked", "--package", "waybill-cli", "--bin", "waybill", "--"])
                .args(["trial", "--png"])
                .arg(&label),
        )?;
        if !label.is_file() {
            return Err(format!("the trial ended well but left no label at {}", label.display()));
        }
        println!("\nThe label that came out of the practice printer: {}", label.display());
        println!("With a display, `cargo xtask run` opens the window.");
        Ok(())
    }
}

fn has_display() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    !cfg!(target_os = "linux") || set("DISPLAY") || set("WAYLAND_DISPLAY")
}
