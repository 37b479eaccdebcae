//! What opens the project that `dev` serves, and the file in which `dev --data-dir` keeps it.

use std::{fs, io, path::Path};

use locker_core::{
    account::Credentials,
    crypto::{AccessKeySecret, CryptoError},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use crate::private_fs;

/// The same each time, so that whoever develops can remember it.
const EMAIL: &str = "dev@localhost";

/// The account and the access keys of the project that `dev` serves.
#[derive(Clone, Debug)]
pub(super) struct DevCredentials {
    pub(super) email: String,
    pub(super) master_password: SecretString,
    pub(super) read_write: Credentials,
    pub(super) read_only: Credentials,
}

/// An access key as its owner sees it.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown {
    access_key_id: String,
    access_key_secret: String,
}

/// An account as its owner sees it.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct ShownAccount {
    email: String,
    master_password: String,
}

/// Everything, as the file and the ready line hold it.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownAll {
    #[serde(flatten)]
    read_write: Shown,
    read_only: Shown,
    account: ShownAccount,
}

impl From<&Credentials> for Shown {
    fn from(credentials: &Credentials) -> Self {
        Self {
            access_key_id: credentials.id.clone(),
            access_key_secret: credentials.secret.to_base64().expose_secret().to_owned(),
        }
    }
}

impl Shown {
    fn read(&self) -> Option<Credentials> {
        let secret = self.access_key_secret.parse::<AccessKeySecret>().ok()?;
        Some(Credentials { id: self.access_key_id.clone(), secret })
    }
}

impl DevCredentials {
    pub(super) fn make() -> Result<Self, CryptoError> {
        Ok(Self {
            email: EMAIL.to_owned(),
            // As random as the secret of an access key.
            master_password: AccessKeySecret::make()?.to_base64(),
            read_write: Credentials::make()?,
            read_only: Credentials::make()?,
        })
    }

    pub(super) fn show(&self) -> ShownAll {
        ShownAll {
            read_write: (&self.read_write).into(),
            read_only: (&self.read_only).into(),
            account: ShownAccount {
                email: self.email.clone(),
                master_password: self.master_password.expose_secret().to_owned(),
            },
        }
    }

    /// Reads the file; `None` if there is none.
    pub(super) fn load(path: &Path) -> Result<Option<Self>, String> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        };
        let shown: Option<ShownAll> = serde_json::from_str(&text).ok();
        shown
            .and_then(|shown| {
                Some(Self {
                    read_write: shown.read_write.read()?,
                    read_only: shown.read_only.read()?,
                    email: shown.account.email,
                    master_password: shown.account.master_password.into(),
                })
            })
            .map(Some)
            .ok_or_else(|| format!("{} does not hold an account and two access keys", path.display()))
    }

    /// Writes the file, readable for its owner only.
    pub(super) fn save(&self, path: &Path) -> Result<(), String> {
        let failed = |error: &dyn std::fmt::Display| format!("cannot write {}: {error}", path.display());
        let text = serde_json::to_vec_pretty(&self.show()).map_err(|e| failed(&e))?;
        private_fs::write_atomically(path, &text).map_err(|e| failed(&e))
    }
}
