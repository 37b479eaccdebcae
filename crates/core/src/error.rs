//! The one error type of the SDK.

use std::{error::Error as StdError, sync::Arc, time::Duration};

use crate::crypto::CryptoError;

/// What kind of failure an [`Error`] is. Its [`code`](ErrorKind::code) is a contract; texts are not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// A refusal that no other kind describes, such as a status 400.
    Other,
    /// The access key is unknown, inactive, malformed, or cannot open the project.
    Authentication,
    /// The access key may not do this, or not from this address.
    PermissionDenied,
    /// Too many calls.
    RateLimit,
    /// The named secret or environment does not exist.
    ResourceNotFound,
    /// The server failed, or its answer does not follow the protocol.
    ApiServer,
    /// No answer: refused, reset, DNS, TLS.
    ApiConnection,
    /// No complete answer in time.
    Timeout,
    /// Encryption or decryption failed on this side.
    Crypto,
    /// Data was altered, or is not what the protocol requires: its MAC does not match, or it is no ciphertext.
    Integrity,
    /// The (key, environment) or the environment exists.
    AlreadyExists,
    /// What the caller passed is unusable.
    Validation,
    /// The cache folder cannot be used, and the call needed it.
    Cache,
}

impl ErrorKind {
    /// The stable code of this kind.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Other => "locker_error",
            Self::Authentication => "unauthorized",
            Self::PermissionDenied => "permission_denied",
            Self::RateLimit => "rate_limit",
            Self::ResourceNotFound => "not_found",
            Self::ApiServer => "server_error",
            Self::ApiConnection | Self::Timeout => "http_error",
            Self::Crypto | Self::Integrity => "cli_error",
            Self::AlreadyExists => "already_exists",
            Self::Validation => "validation_error",
            Self::Cache => "cache_error",
        }
    }
}

/// A failure of a call. Cheap to clone, because callers that share a request share its error.
///
/// Neither its texts nor its fields hold a secret value, an access key secret or a key.
#[derive(Clone, Debug, thiserror::Error)]
#[error(transparent)]
pub struct Error(Box<Details>);

/// Boxed, so that a `Result` stays small.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{text}{}", answer.request_id.as_ref().map(|id| format!(" (request {id})")).unwrap_or_default())]
struct Details {
    kind: ErrorKind,
    text: String,
    field: Option<&'static str>,
    answer: Answer,
    retryable: bool,
    #[source]
    source: Option<Arc<dyn StdError + Send + Sync>>,
}

/// What the server said, as far as it helps.
#[derive(Clone, Debug, Default)]
pub(crate) struct Answer {
    pub(crate) status: Option<u16>,
    pub(crate) body: Option<String>,
    pub(crate) request_id: Option<String>,
    pub(crate) retry_after: Option<Duration>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind, text: impl Into<String>) -> Self {
        let details = Details {
            kind,
            text: text.into(),
            field: None,
            answer: Answer::default(),
            retryable: false,
            source: None,
        };
        Self(Box::new(details))
    }

    /// A [`ErrorKind::Validation`] error about `field`.
    pub(crate) fn validation(field: &'static str, problem: impl std::fmt::Display) -> Self {
        Self::new(ErrorKind::Validation, format!("{field}: {problem}")).with_field(field)
    }

    pub(crate) fn with_field(mut self, field: &'static str) -> Self {
        self.0.field = Some(field);
        self
    }

    pub(crate) fn with_answer(mut self, answer: Answer) -> Self {
        self.0.answer = answer;
        self
    }

    pub(crate) fn with_source(mut self, source: impl StdError + Send + Sync + 'static) -> Self {
        self.0.source = Some(Arc::new(source));
        self
    }

    pub(crate) fn retryable(mut self) -> Self {
        self.0.retryable = true;
        self
    }

    /// Replaces the text, where the caller knows better than the server what it means.
    pub(crate) fn with_text(mut self, text: String) -> Self {
        self.0.text = text;
        self
    }

    /// Adds a sentence to the text.
    pub(crate) fn with_note(mut self, note: &str) -> Self {
        self.0.text.push_str(". ");
        self.0.text.push_str(note);
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The text without the server's id of the request, which `Display` adds; fit to be shown to a user.
    #[must_use]
    pub fn user_message(&self) -> &str {
        &self.0.text
    }

    /// The option or argument that has to change, in the words of the public API.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        self.0.field
    }

    /// The HTTP status of the server's answer, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.answer.status
    }

    /// The beginning of the server's answer, if there was one. At most 4 KiB.
    #[must_use]
    pub fn body(&self) -> Option<&str> {
        self.0.answer.body.as_deref()
    }

    /// The server's id of the request, if it sent one.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.answer.request_id.as_deref()
    }

    /// How long the server asks to wait, if it said so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.answer.retry_after
    }

    /// Whether the same call may succeed later without any change.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        self.0.retryable
    }
}

impl From<CryptoError> for Error {
    fn from(source: CryptoError) -> Self {
        let kind = match source {
            CryptoError::NoRandomness | CryptoError::OutOfMemory => ErrorKind::Crypto,
            CryptoError::UnusableMasterPassword(_) => ErrorKind::Validation,
            _ => ErrorKind::Integrity,
        };
        Self::new(kind, source.to_string()).with_source(source)
    }
}

const _: () = {
    const fn is_error<T: StdError + Send + Sync + 'static>() {}
    is_error::<Error>();
};
