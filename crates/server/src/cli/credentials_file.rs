//! The access keys that `dev --data-dir` keeps beside its database.

use std::{fs, io, path::Path};

use locker_core::crypto::AccessKeySecret;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};

use crate::{
    domain::{DomainError, access_keys::Credentials},
    private_fs,
};

/// The access keys of the project that `dev` serves.
#[derive(Clone, Debug)]
pub(super) struct DevCredentials {
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

/// Both access keys, as the file and the ready line hold them.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ShownBoth {
    #[serde(flatten)]
    read_write: Shown,
    read_only: Shown,
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
    pub(super) fn make() -> Result<Self, DomainError> {
        Ok(Self { read_write: Credentials::make()?, read_only: Credentials::make()? })
    }

    pub(super) fn show(&self) -> ShownBoth {
        ShownBoth { read_write: (&self.read_write).into(), read_only: (&self.read_only).into() }
    }

    /// Reads the file; `None` if there is none.
    pub(super) fn load(path: &Path) -> Result<Option<Self>, String> {
        let text = match fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("cannot read {}: {error}", path.display())),
        };
        let both: Option<ShownBoth> = serde_json::from_str(&text).ok();
        both.and_then(|both| {
            Some(Self { read_write: both.read_write.read()?, read_only: both.read_only.read()? })
        })
        .map(Some)
        .ok_or_else(|| format!("{} does not hold two access keys", path.display()))
    }

    /// Writes the file, readable for its owner only.
    pub(super) fn save(&self, path: &Path) -> Result<(), String> {
        let failed = |error: &dyn std::fmt::Display| format!("cannot write {}: {error}", path.display());
        let text = serde_json::to_vec_pretty(&self.show()).map_err(|e| failed(&e))?;
        private_fs::write_atomically(path, &text).map_err(|e| failed(&e))
    }
}
