//! JSON bodies, in and out.

use std::{str::FromStr, time::Duration};

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use locker_core::crypto::EncString;
use serde::Serialize;
use serde_json::{Map, Value};

use super::error::ApiError;

const LIMIT: usize = 1024 * 1024;
/// A client that is still sending does not read: up to here the rest is thrown away first, so that the answer
/// arrives.
const DRAIN_LIMIT: usize = 16 * LIMIT;
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// A SHA-256 in base64url without padding.
const HASH_LEN: usize = 43;

/// The fields of a JSON object that a client sent. Those that nobody asks for are ignored.
#[derive(Debug)]
pub(super) struct Fields(Map<String, Value>);

impl<S: Sync> FromRequest<S> for Fields {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = tokio::time::timeout(TIME_LIMIT, read(request.into_body()))
            .await
            .map_err(|_| ApiError::too_slow())??;
        match serde_json::from_slice(&bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(ApiError::invalid("the body must be a JSON object")),
            // Only the place: the text around it may be a secret that somebody forgot to seal.
            Err(error) => Err(ApiError::invalid(format!(
                "the body is not JSON: see line {}, column {}",
                error.line(),
                error.column()
            ))),
        }
    }
}

async fn read(body: Body) -> Result<Vec<u8>, ApiError> {
    let mut chunks = body.into_data_stream();
    let (mut bytes, mut received) = (Vec::new(), 0_usize);
    while received <= DRAIN_LIMIT
        && let Some(chunk) = chunks.next().await
    {
        let chunk = chunk.map_err(|_| ApiError::invalid("the body ended too early"))?;
        received = received.saturating_add(chunk.len());
        if received <= LIMIT {
            bytes.extend_from_slice(&chunk);
        }
    }
    if received > LIMIT { Err(ApiError::too_large(LIMIT)) } else { Ok(bytes) }
}

impl Fields {
    /// A text; `None` if it is left out or null.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        match self.0.remove(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(ApiError::invalid(format!("{name}: must be a string"))),
        }
    }

    /// A sealed text, or the empty one. Only its form can be checked here, which is enough to refuse plaintext.
    pub(super) fn sealed(&mut self, name: &str) -> Result<Option<String>, ApiError> {
        let text = self.text(name)?;
        match text.as_deref() {
            None | Some("") => Ok(text),
            Some(sealed) if EncString::from_str(sealed).is_ok() => Ok(text),
            Some(_) => Err(ApiError::invalid(format!("{name}: must be an EncString"))),
        }
    }

    /// As [`Fields::sealed`], and it must be there.
    pub(super) fn required_sealed(&mut self, name: &str) -> Result<String, ApiError> {
        self.sealed(name)?.ok_or_else(|| ApiError::invalid(format!("{name}: is missing")))
    }

    /// The name hash, which every write carries.
    pub(super) fn hash(&mut self) -> Result<String, ApiError> {
        let hash = self.text("hash")?.ok_or_else(|| ApiError::invalid("hash: is missing"))?;
        checked_hash(hash)
    }
}

/// Refuses what cannot be a name hash.
pub(super) fn checked_hash(hash: String) -> Result<String, ApiError> {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if hash.len() == HASH_LEN && hash.bytes().all(is_base64url) {
        Ok(hash)
    } else {
        Err(ApiError::invalid(format!("hash: must be {HASH_LEN} characters of base64url")))
    }
}

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let kind = (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            (status, [kind], bytes).into_response()
        }
        Err(error) => {
            tracing::error!(%error, "the answer cannot be written");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use futures_util::stream;

    use super::*;

    async fn status(chunks: impl stream::Stream<Item = Result<Bytes, &'static str>> + Send + 'static) -> u16 {
        let request = Request::new(Body::from_stream(chunks));
        match Fields::from_request(request, &()).await {
            Ok(_) => 200,
            Err(refusal) => refusal.into_response().status().as_u16(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_never_ends_is_given_up() {
        let started = tokio::time::Instant::now();
        let begun = stream::iter([Ok(Bytes::from_static(b"{"))]);
        assert_eq!(status(begun.chain(stream::pending())).await, 408);
        assert!(started.elapsed() < 2 * TIME_LIMIT);
        let spaces = stream::repeat_with(|| Ok(Bytes::from_static(&[b' '; 4096])));
        assert_eq!(status(spaces).await, 413);
    }

    #[tokio::test]
    async fn a_body_that_breaks_off_is_refused() {
        assert_eq!(status(stream::iter([Ok(Bytes::from_static(b"{}")), Err("reset")])).await, 400);
        assert_eq!(
            status(stream::iter([Ok(Bytes::from_static(b"{")), Ok(Bytes::from_static(b"}"))])).await,
            200
        );
    }
}
