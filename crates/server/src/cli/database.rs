//! `--database`.

use std::ffi::OsStr;

use clap::{
    Arg, Command,
    builder::TypedValueParser,
    error::{Error, ErrorKind},
};

use crate::store::{Database, DatabaseUrlError};

/// Reads a [`Database`]. Where clap would repeat what was given, with the password in it, this only says what is
/// wrong.
#[derive(Clone, Copy, Debug)]
pub(super) struct DatabaseParser;

impl TypedValueParser for DatabaseParser {
    type Value = Database;

    fn parse_ref(&self, command: &Command, _: Option<&Arg>, value: &OsStr) -> Result<Database, Error> {
        value
            .to_str()
            .ok_or(DatabaseUrlError::Path)
            .and_then(str::parse)
            .map_err(|error| Error::raw(ErrorKind::ValueValidation, format!("{error}\n")).with_cmd(command))
    }
}
