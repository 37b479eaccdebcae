//! What an access key allows.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// What an access key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Permission {
    /// To retrieve the secrets of the project.
    Read,
    /// To retrieve, create and update them.
    ReadWrite,
}

/// A text is not a [`Permission`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a permission is read or read-write")]
pub struct UnknownPermission;

impl Permission {
    /// As the wire and the command line write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadWrite => "read-write",
        }
    }
}

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, UnknownPermission> {
        [Self::Read, Self::ReadWrite]
            .into_iter()
            .find(|permission| permission.as_str() == text)
            .ok_or(UnknownPermission)
    }
}

/// In the product's words.
impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Read => "Read",
            Self::ReadWrite => "Read & Write",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_written_as_it_is_read() {
        for permission in [Permission::Read, Permission::ReadWrite] {
            assert_eq!(permission.as_str().parse(), Ok(permission));
            assert_eq!(serde_json::to_value(permission).unwrap(), permission.as_str());
        }
        for other in ["", "Read", "write", "readwrite"] {
            assert_eq!(other.parse::<Permission>(), Err(UnknownPermission), "{other}");
        }
    }
}
