//! `waybill`: the desk on the command line, for scripts, other systems and checks.
//!
//! Invariants: a subcommand is a translation of commands of the desk's table ([`talk`]) and holds no rule of its own; what
//! it answers goes to stdout, what went wrong to stderr, how it ended into the exit code ([`exit`]).
//! Absent: use cases, rights, SQL, platforms. `label` needs no desk at all: it is a function of its data.

mod accounts;
mod args;
mod backup;
mod batch;
mod carrier_labels;
mod couriers;
mod data;
mod exit;
mod files;
mod find;
mod label;
mod order;
mod order_end;
mod order_file;
mod order_words;
mod out;
mod people;
mod print;
mod printers;
mod rules;
mod sandbox;
mod session;
mod stop;
mod talk;
mod templates;
mod text;
mod trial;
mod walk;

use args::{Args, Command};
use clap::Parser;
use exit::Failure;
use out::Out;
use std::process::ExitCode;
use std::time::Duration;
use talk::Talk;

fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(e) => return exit::usage(&e),
    };
    log_to_stderr();
    let mut out = Out::new(args.json);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(e) => return exit::report(&mut out, Err(Failure::other(format!("the program cannot start: {e}")))),
    };
    let end = runtime.block_on(run(args, &mut out));
    runtime.shutdown_timeout(Duration::from_secs(2));
    exit::report(&mut out, end)
}

async fn run(args: Args, out: &mut Out) -> Result<(), Failure> {
    match args.command {
        Command::Label(command) => label::run(command, out),
        Command::Sandbox(command) => sandbox::run(command, out).await,
        Command::Trial(trial) => trial::run(trial, args.data, out).await,
        command => {
            let mut talk = Talk::new(args.data, args.practice.as_deref())?;
            let end = at_the_desk(command, &mut talk, out).await;
            talk.close().await;
            end
        }
    }
}

async fn at_the_desk(command: Command, talk: &mut Talk, out: &mut Out) -> Result<(), Failure> {
    match command {
        Command::Setup { owner, password_stdin } => session::setup(talk, out, owner, password_stdin).await,
        Command::Login { name, code, password_stdin } => session::login(talk, out, name, code, password_stdin).await,
        Command::Certify { code, id_number } => session::certify(talk, out, code, id_number).await,
        Command::Password => session::change_password(talk, out).await,
        Command::Logout => session::logout(talk, out).await,
        Command::Whoami => session::whoami(talk, out).await,
        Command::People(command) => people::run(command, talk, out).await,
        Command::Accounts(command) => accounts::run(command, talk, out).await,
        Command::Order(command) => order::run(command, talk, out).await,
        Command::Cancel { id } => order::cancel(&id, talk, out).await,
        Command::Print(command) => print::run(command, talk, out).await,
        Command::Printers(command) => printers::run(command, talk, out).await,
        Command::CarrierLabels(command) => carrier_labels::run(command, talk, out).await,
        Command::Templates(command) => templates::run(command, talk, out).await,
        Command::Rules(command) => rules::run(command, talk, out).await,
        Command::Data(command) => data::run(command, talk, out).await,
        Command::Backup(command) => backup::run(command, talk, out).await,
        Command::Log(command) => people::log(command, talk, out).await,
        Command::Label(_) | Command::Sandbox(_) | Command::Trial(_) => {
            Err(Failure::other("this command needs no desk; it was sent to one by mistake"))
        }
    }
}

/// Silent unless `WAYBILL_LOG` asks: stderr belongs to the one error that a script reads.
fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env("WAYBILL_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    // Fails only if somebody was first, and then there is a log.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).try_init();
}
