//! Answers in the encoding that the client wants.

use std::{
    convert::Infallible,
    io::{self, Write},
};

use axum::{
    body::Bytes,
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use flate2::{Compression, write::GzEncoder};
use tokio::task;

use super::{body::JSON, error::ApiError};

/// What is smaller fits into one packet either way.
pub(super) const WORTH_COMPRESSING: u16 = 1400;

/// How an answer is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Encoding {
    Identity,
    Gzip,
}

impl<S: Sync> FromRequestParts<S> for Encoding {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(wanted(&parts.headers))
    }
}

/// Gzip for those who simply take it. Who has more to say about it is served by the layer that compresses whatever is
/// not compressed yet.
fn wanted(headers: &HeaderMap) -> Encoding {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut names = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    if names.any(|name| name.trim().eq_ignore_ascii_case("gzip")) {
        Encoding::Gzip
    } else {
        Encoding::Identity
    }
}

/// JSON, ready to be sent any number of times.
#[derive(Clone, Debug)]
pub(super) struct Encoded {
    bytes: Bytes,
    encoding: Encoding,
}

impl Encoded {
    /// Writes it as `wanted`, unless it is too small to gain by it.
    pub(super) async fn new(json: Vec<u8>, wanted: Encoding) -> Result<Self, ApiError> {
        if wanted == Encoding::Identity || json.len() < WORTH_COMPRESSING.into() {
            return Ok(Self { bytes: json.into(), encoding: Encoding::Identity });
        }
        // A full page takes long enough to hold up whatever else its thread has to do.
        let bytes = task::spawn_blocking(move || gzip(&json)).await.map_err(io::Error::other).flatten();
        let bytes = bytes.map_err(|error| {
            tracing::error!(%error, "the answer cannot be compressed");
            ApiError::server_error()
        })?;
        Ok(Self { bytes: bytes.into(), encoding: Encoding::Gzip })
    }

    /// How much memory it takes.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }
}

/// Ciphertext hardly shrinks; more effort would only cost time.
fn gzip(json: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(json.len()), Compression::fast());
    encoder.write_all(json)?;
    let mut bytes = encoder.finish()?;
    bytes.shrink_to_fit();
    Ok(bytes)
}

impl IntoResponse for Encoded {
    fn into_response(self) -> Response {
        let mut response = (StatusCode::OK, [JSON], self.bytes).into_response();
        if self.encoding == Encoding::Gzip {
            let headers = response.headers_mut();
            headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
        }
        response
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_for_those_who_simply_take_it() {
        for (values, expected) in [
            (&[][..], Encoding::Identity),
            (&["identity"], Encoding::Identity),
            (&["gzip"], Encoding::Gzip),
            (&["br, GZIP , deflate"], Encoding::Gzip),
            (&["br", "gzip"], Encoding::Gzip),
            (&["gzip;q=0"], Encoding::Identity),
            (&["identity, gzip;q=0.5"], Encoding::Identity),
            (&["gzip2"], Encoding::Identity),
        ] {
            let mut headers = HeaderMap::new();
            for value in values {
                headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(wanted(&headers), expected, "{values:?}");
        }
    }
}
