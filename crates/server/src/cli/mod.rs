//! The command line: one file per command.

mod dev;
mod dev_credentials;
mod dev_project;
mod listen;
mod log;
mod serve;

use std::{
    error::Error,
    io::{self, Write},
    process::ExitCode,
};

use clap::{Parser, Subcommand};
use serde::Serialize;

/// A failed command. Its text says what to change.
type CommandResult = Result<(), Box<dyn Error>>;

#[derive(Debug, Parser)]
#[command(name = "locker-server", version, about = "A self-hostable server for Locker Secrets clients.")]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve a throw-away project; prints how to reach it as one line of JSON.
    Dev(dev::Args),
    /// Serve a database.
    Serve(serve::Args),
}

/// Runs the program.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nothing better can be done if even this fails.
            let _ = writeln!(io::stderr(), "locker-server: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> CommandResult {
    log::init(match command {
        Command::Serve(_) => "info",
        Command::Dev(_) => "warn",
    })?;
    tokio::runtime::Runtime::new()?.block_on(async {
        match command {
            Command::Dev(args) => dev::run(args).await,
            Command::Serve(args) => serve::run(args).await,
        }
    })
}

/// Prints one line of JSON on stdout, where nothing else ever goes.
fn print(line: &impl Serialize) -> CommandResult {
    let mut text = serde_json::to_string(line)?;
    text.push('\n');
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}
