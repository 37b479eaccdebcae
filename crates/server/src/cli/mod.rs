//! The command line: one file per command.

mod access_key;
mod account;
mod ago;
mod backup;
mod database;
mod dev;
mod dev_credentials;
mod dev_project;
mod listen;
mod log;
mod master_password;
mod new_account;
mod project;
mod restore;
mod serve;
mod signing_in;
mod table;

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
    /// Make accounts.
    #[command(subcommand)]
    Account(account::Command),
    /// Make and list the projects of an account.
    #[command(subcommand)]
    Project(project::Command),
    /// Manage the access keys of a project.
    #[command(subcommand)]
    AccessKey(access_key::Command),
    /// Copy a database, also one that is being served, into a file.
    Backup(backup::Args),
    /// Copy a backup into an empty database, of either kind.
    Restore(restore::Args),
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
        _ => "warn",
    })?;
    tokio::runtime::Runtime::new()?.block_on(async {
        match command {
            Command::Dev(args) => dev::run(args).await,
            Command::Serve(args) => serve::run(args).await,
            Command::Account(command) => account::run(command).await,
            Command::Project(command) => project::run(command).await,
            Command::AccessKey(command) => access_key::run(command).await,
            Command::Backup(args) => backup::run(args).await,
            Command::Restore(args) => restore::run(args).await,
        }
    })
}

/// Prints one line of JSON on stdout.
fn print(line: &impl Serialize) -> CommandResult {
    print_text(&(serde_json::to_string(line)? + "\n"))
}

/// Prints a command's answer on stdout, where nothing else ever goes.
fn print_text(text: &str) -> CommandResult {
    let mut stdout = io::stdout().lock();
    stdout.write_all(text.as_bytes())?;
    Ok(stdout.flush()?)
}

/// Tells a person something beside the answer. That it cannot be told fails no command.
fn tell(text: impl std::fmt::Display) {
    let _ = writeln!(io::stderr(), "{text}");
}
