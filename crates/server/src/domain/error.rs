//! What the rules refuse.

use std::net::IpAddr;

use crate::store::StoreError;

/// A refusal, or a failure of what the rules rest on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DomainError {
    /// Deliberately the same for an access key that is unknown, inactive or expired.
    #[error("the access key is unknown, inactive or expired")]
    Unauthorized,
    /// Deliberately the same for an e-mail address without an account and for a wrong master password.
    #[error("the e-mail address or the master password is wrong")]
    WrongSignIn,
    /// Strangers cannot make accounts here.
    #[error("sign-up is closed: this server has an account already; its operator can add others")]
    SignUpClosed,
    /// A write with a Read access key.
    #[error("this access key has the Read permission; a write needs Read & Write")]
    ReadOnly,
    /// The access key may not be used from this address.
    #[error("this access key may not be used from {0}")]
    AddressNotAllowed(IpAddr),
    /// There is no such thing in the project.
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// A name is taken. Other clients look for these very messages.
    #[error("{0}")]
    Duplicate(&'static str),
    /// A project has two active access keys at most.
    #[error("the project has two active access keys already; deactivate or delete one of them first")]
    TooManyActiveKeys,
    /// An environment holds secrets.
    #[error("the environment has secrets; move or delete them first")]
    NotEmpty,
    /// Something that should never fail did.
    #[error("{0}")]
    Failed(&'static str),
    /// The database failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for DomainError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl DomainError {
    /// Turns a broken uniqueness rule into the refusal `taken`.
    pub(super) fn or_duplicate(taken: &'static str) -> impl FnOnce(StoreError) -> Self {
        move |error| match error {
            StoreError::Duplicate => Self::Duplicate(taken),
            other => other.into(),
        }
    }
}
