//! How a server finds a name that it cannot read.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// The hash of a name within a project: base64url without padding of SHA-256(decimal project id, then the
/// UTF-8 bytes of the name). No separator, no Unicode normalisation; case matters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct NameHash(String);

impl NameHash {
    /// The hash of `name` in the project `project_id`.
    #[must_use]
    pub fn derive(project_id: i64, name: &str) -> Self {
        NameHasher::new(project_id).hash(name)
    }

    /// The hash as the wire writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is the same in the hashes of all names of a project.
pub(crate) struct NameHasher(Sha256);

impl NameHasher {
    pub(crate) fn new(project_id: i64) -> Self {
        Self(Sha256::new().chain_update(project_id.to_string()))
    }

    pub(crate) fn hash(&self, name: &str) -> NameHash {
        NameHash(URL_SAFE_NO_PAD.encode(self.0.clone().chain_update(name).finalize()))
    }
}

impl fmt::Display for NameHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
