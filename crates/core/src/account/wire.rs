//! The JSON of accounts and sessions.

use secrecy::SecretString;
use serde::{Deserialize, Deserializer, Serialize};

use super::Permission;
use crate::crypto::Kdf;

/// The body of `POST v1/accounts`.
#[derive(Serialize)]
pub(super) struct AccountBody<'a> {
    pub(super) email: &'a str,
    pub(super) kdf: &'a Kdf,
    pub(super) sign_in_key: &'a str,
    pub(super) sealed_account_key: &'a str,
}

/// The body of `POST v1/kdf`.
#[derive(Serialize)]
pub(super) struct Email<'a> {
    pub(super) email: &'a str,
}

/// The body of `POST v1/session`.
#[derive(Serialize)]
pub(super) struct SignInBody<'a> {
    pub(super) email: &'a str,
    pub(super) sign_in_key: &'a str,
}

/// A session, as the server describes it to whoever has signed in.
#[derive(Deserialize)]
pub(super) struct SessionAnswer {
    pub(super) account: AccountAnswer,
    pub(super) sealed_account_key: String,
    #[serde(deserialize_with = "secret")]
    pub(super) csrf_token: SecretString,
}

#[derive(Deserialize)]
pub(super) struct AccountAnswer {
    pub(super) id: String,
    pub(super) email: String,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

/// A list that comes in one piece.
#[derive(Deserialize)]
pub(super) struct Results<T> {
    pub(super) results: Vec<T>,
}

/// The body of `POST v1/workspaces`.
#[derive(Serialize)]
pub(super) struct WorkspaceBody<'a> {
    pub(super) name: &'a str,
}

/// The body of `POST v1/projects`.
#[derive(Serialize)]
pub(super) struct ProjectBody<'a> {
    pub(super) workspace_id: &'a str,
    pub(super) name: &'a str,
    pub(super) sealed_project_key: &'a str,
}

/// The body of `POST v1/projects/ID/access_keys`.
#[derive(Serialize)]
pub(super) struct AccessKeyBody<'a> {
    pub(super) id: &'a str,
    pub(super) key: &'a str,
    pub(super) permission: Permission,
    pub(super) restrict_ip: &'a [String],
}

/// The body of `PUT v1/projects/ID/access_keys/KEY_ID`. What is `None` is left out, and stays.
#[derive(Serialize)]
pub(super) struct AccessKeyChangeBody<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) permission: Option<Permission>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) restrict_ip: Option<&'a [String]>,
}

/// The body of `PUT …/activated`.
#[derive(Serialize)]
pub(super) struct ActivatedBody {
    pub(super) activated: bool,
}

/// The body of `POST …/rotate_key`.
#[derive(Serialize)]
pub(super) struct RotateBody<'a> {
    pub(super) key: &'a str,
}
