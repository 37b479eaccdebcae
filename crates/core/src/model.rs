//! What an application reads: secrets and environments, decrypted.

use std::sync::Arc;

use secrecy::SecretString;

/// A secret, decrypted. Its `Debug` output redacts the value.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Secret {
    /// The server's id of the secret.
    pub id: String,
    /// The name by which it is read.
    pub key: String,
    /// What it is kept for.
    pub value: SecretString,
    /// A note; empty if there is none.
    pub description: String,
    /// The environment that it is in; `None` for ALL. The secrets of one answer share it.
    pub environment_name: Option<Arc<str>>,
    /// The server's id of that environment.
    pub environment_id: Option<Arc<str>>,
    /// The project that it belongs to.
    pub project_id: i64,
    /// When it was what.
    pub dates: Dates,
}

/// An environment, decrypted.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Environment {
    /// The server's id of the environment.
    pub id: String,
    /// The name by which it is read.
    pub name: String,
    /// Where the environment can be reached.
    pub external_url: String,
    /// A note; empty if there is none.
    pub description: String,
    /// The project that it belongs to.
    pub project_id: i64,
    /// When it was what.
    pub dates: Dates,
}

/// When an item was created and changed, in seconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Dates {
    /// When it was created.
    pub creation: Option<f64>,
    /// When it last changed in any way.
    pub revision: Option<f64>,
    /// When its content was last updated.
    pub updated: Option<f64>,
}
