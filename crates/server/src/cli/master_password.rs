//! Where the master password comes from: never from the arguments, which every user of the machine can see.

use std::{
    env,
    io::{self, IsTerminal},
};

use secrecy::{ExposeSecret, SecretString};

const VARIABLE: &str = "LOCKER_MASTER_PASSWORD";

/// The master password of an account that exists.
pub(super) fn ask() -> Result<SecretString, String> {
    match from_environment()? {
        Some(password) => Ok(password),
        None => prompt("Master password: "),
    }
}

/// A master password for a new account; a person types it twice.
pub(super) fn choose() -> Result<SecretString, String> {
    if let Some(password) = from_environment()? {
        return Ok(password);
    }
    let password = prompt("New master password: ")?;
    if password.expose_secret() != prompt("The same again: ")?.expose_secret() {
        return Err("the two master passwords are not the same".to_owned());
    }
    Ok(password)
}

fn from_environment() -> Result<Option<SecretString>, String> {
    match env::var(VARIABLE) {
        Ok(password) => {
            Ok(Some(password.into()).filter(|text: &SecretString| !text.expose_secret().is_empty()))
        }
        Err(env::VarError::NotPresent) => Ok(None),
        Err(env::VarError::NotUnicode(_)) => Err(format!("{VARIABLE} is not valid UTF-8")),
    }
}

fn prompt(text: &str) -> Result<SecretString, String> {
    if !io::stdin().is_terminal() {
        return Err(format!("there is no master password: set {VARIABLE}, or run this on a terminal"));
    }
    rpassword::prompt_password(text)
        .map(SecretString::from)
        .map_err(|error| format!("the master password cannot be read from the terminal: {error}"))
}
