//! The window program. Its one argument, if any, is an answer that a browser passes on.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() -> std::process::ExitCode {
    shell::run()
}
