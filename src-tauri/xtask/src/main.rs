//! The two commands of this repository and their smaller siblings: `cargo xtask run|test|bench|fuzz|windows|package|help`.
//!
//! Job: say what is being done, do it, and where it cannot be done say what would help. Standard library and JSON only, so
//! that it builds in seconds on a cold machine.
//! Absent: product code. xtask depends on no other crate of the workspace; it starts programs and reads exit codes.

mod bench;
mod deps;
mod fuzz;
mod licence;
mod package;
mod packages;
mod policy;
mod run;
mod setup;
mod sh;
mod steps;
mod test;
mod windows;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask COMMAND

  run                 Set the machine up, build, and open the window on the practice market with its owner signed in.
                      With no display: do the same job through the command line and name the label's PNG.
  test [--keep-going] [--only STEP[,STEP…]]
                      Set up what the tests need, then run all of them. Stops at the first step that fails, unless
                      --keep-going. The last line printed is `N passed, N failed`.
  bench [NAME…]       Run the benchmarks, or only those named.
  fuzz [NAME…] [--runs N] [--seconds N]
                      Let libFuzzer invent inputs for everything that reads what others made; 1,000,000 each, or as many
                      as fit into so many seconds.
  windows [--app]     Build for Windows here and run under Wine what runs there: the printer crate's tests, a job through
                      the spooler, the command line. With --app build the window, too. Debian 12 only.
  package [--built] [--check]
                      Make a Debian package of the window and the command line, in target/package. --built takes the
                      programs in target/release as they are. --check installs it in a clean Debian 12, starts it, opens
                      a link of ours, removes it (as root; takes minutes).
  help                This text, and the steps of `test`.

run and test install missing system packages through apt (as root or by `sudo -n`); on other systems they print what
to install. Everything else stays in this folder: ui/node_modules, ui/dist, tests/*/node_modules,
tests/oracles/.venv, target, .setup.
";

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Some((command, rest)) = args.split_first() else {
        print!("{HELP}");
        return ExitCode::from(2);
    };
    let outcome = match command.as_str() {
        "run" => run::run(rest),
        "test" => return test::test(rest),
        "bench" => bench::bench(rest),
        "fuzz" => fuzz::fuzz(rest),
        "windows" => windows::windows(rest),
        "package" => package::package(rest),
        "help" | "--help" | "-h" => {
            print!("{HELP}\n{}", test::steps_help());
            Ok(())
        }
        other => {
            eprintln!("error: there is no command `{other}`; `cargo xtask help` lists them");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("\nerror: {problem}");
            ExitCode::FAILURE
        }
    }
}
