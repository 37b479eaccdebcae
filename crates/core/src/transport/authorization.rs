//! What shows the server who calls.

use std::sync::OnceLock;

use http::{HeaderMap, HeaderValue, header};

use crate::error::{Error, ErrorKind};

/// Whoever calls: an access key, or the session of an account.
pub(crate) trait Authorization: Send + Sync + 'static {
    /// How a refusal of this caller is told.
    const REFUSALS: &'static Refusals;

    /// The headers that show the server who calls.
    fn headers(&self) -> Result<HeaderMap, Error>;

    /// Takes over what an answer changes.
    fn note(&self, answer: &HeaderMap);
}

/// What the refusals of a caller mean.
pub(crate) struct Refusals {
    /// Status 401.
    pub(crate) unauthorized: &'static str,
    /// Status 403.
    pub(crate) forbidden: &'static str,
    /// Status 409.
    pub(crate) conflict: &'static str,
}

/// The id of an access key, as a bearer token.
pub(crate) struct AccessKeyId {
    id: String,
    /// Made for the first request.
    headers: OnceLock<HeaderMap>,
}

impl AccessKeyId {
    pub(crate) fn new(id: String) -> Self {
        Self { id, headers: OnceLock::new() }
    }
}

impl Authorization for AccessKeyId {
    const REFUSALS: &'static Refusals = &Refusals {
        unauthorized: "the server does not accept the access key",
        forbidden: "the access key may not do this",
        conflict: "it exists already",
    };

    fn headers(&self) -> Result<HeaderMap, Error> {
        if let Some(headers) = self.headers.get() {
            return Ok(headers.clone());
        }
        let token = sensitive(&format!("Bearer {}", self.id)).map_err(|source| {
            Error::new(ErrorKind::Authentication, "accessKeyId: cannot be sent in a header")
                .with_source(source)
        })?;
        Ok(self.headers.get_or_init(|| HeaderMap::from_iter([(header::AUTHORIZATION, token)])).clone())
    }

    fn note(&self, _: &HeaderMap) {}
}

/// A value that no log of the HTTP library shows.
pub(crate) fn sensitive(value: &str) -> Result<HeaderValue, http::header::InvalidHeaderValue> {
    let mut value = HeaderValue::from_str(value)?;
    value.set_sensitive(true);
    Ok(value)
}
