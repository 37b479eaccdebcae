//! The log.

use std::{
    env::{self, VarError},
    io::{self, IsTerminal},
};

use tracing_subscriber::EnvFilter;

/// Says which events are logged, in the syntax of `RUST_LOG`.
const VARIABLE: &str = "LOCKER_SERVER_LOG";

/// Sends the log to stderr, from the level `default` up unless the environment says otherwise.
pub(super) fn init(default: &str) -> Result<(), String> {
    let wanted = match env::var(VARIABLE) {
        Ok(wanted) if !wanted.is_empty() => wanted,
        Ok(_) | Err(VarError::NotPresent) => default.to_owned(),
        Err(VarError::NotUnicode(_)) => return Err(format!("{VARIABLE} is not valid UTF-8")),
    };
    let filter = EnvFilter::try_new(wanted).map_err(|error| format!("{VARIABLE}: {error}"))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .try_init()
        .map_err(|error| error.to_string())
}
