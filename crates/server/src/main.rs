//! The `locker-server` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    locker_server::cli::main()
}
