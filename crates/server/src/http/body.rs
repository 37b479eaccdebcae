//! JSON bodies, in and out.

use std::time::Duration;

use axum::{
    body::Body,
    extract::{FromRequest, Request},
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::StreamExt;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;
use utoipa::ToSchema;

use super::error::ApiError;

const LIMIT: usize = 1024 * 1024;
/// A client that is still sending does not read: up to here the rest is thrown away first, so that the answer
/// arrives.
const DRAIN_LIMIT: usize = 16 * LIMIT;
const TIME_LIMIT: Duration = Duration::from_secs(30);

/// A JSON object that a client sent. Fields that nobody asks for are ignored; null counts as left out.
#[derive(Debug)]
pub(super) struct Json<T>(pub(super) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, _: &S) -> Result<Self, ApiError> {
        let bytes = tokio::time::timeout(TIME_LIMIT, read(request.into_body()))
            .await
            .map_err(|_| ApiError::too_slow())??;
        // First as any JSON, so that what is no JSON at all is told apart from a wrong field.
        let mut value: Value = serde_json::from_slice(&bytes).map_err(|error| {
            // Only the place: the text around it may be a secret that somebody forgot to seal.
            ApiError::invalid(format!(
                "the body is not JSON: see line {}, column {}",
                error.line(),
                error.column()
            ))
        })?;
        let Value::Object(fields) = &mut value else {
            return Err(ApiError::invalid("the body must be a JSON object"));
        };
        fields.retain(|_, value| !value.is_null());
        serde_path_to_error::deserialize(value).map(Self).map_err(|error| wrong_field(&error))
    }
}

/// Says which field is wrong and what it should be, without its content, which may be a secret.
fn wrong_field(error: &serde_path_to_error::Error<serde_json::Error>) -> ApiError {
    let (path, problem) = (error.path().to_string(), error.inner().to_string());
    if let Some((_, name)) = problem.split_once("missing field `") {
        let name = name.trim_end_matches('`');
        let parent = if path == "." { String::new() } else { format!("{path}.") };
        return ApiError::invalid(format!("{parent}{name}: is missing"));
    }
    // serde's own refusals quote the content, then say what was expected. Ours are sentences without content.
    match problem.rsplit_once(", expected ") {
        Some((_, "i64" | "u32")) => ApiError::invalid(format!("{path}: must be a whole number")),
        Some((_, "a sequence")) => ApiError::invalid(format!("{path}: must be a list")),
        Some((_, expected)) => ApiError::invalid(format!("{path}: must be {expected}")),
        None => ApiError::invalid(format!("{path}: {problem}")),
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

/// All of a few things.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Results<T> {
    results: Vec<T>,
}

impl<T> Results<T> {
    pub(super) fn new(results: Vec<impl Into<T>>) -> Self {
        Self { results: results.into_iter().map(Into::into).collect() }
    }
}

/// What says that an answer is JSON.
pub(super) const JSON: (HeaderName, HeaderValue) =
    (header::CONTENT_TYPE, HeaderValue::from_static("application/json"));

/// An answer in JSON.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Response {
    match encode(body) {
        Ok(bytes) => (status, [JSON], bytes).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The text of an answer in JSON.
pub(super) fn encode(body: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(body).map_err(|error| {
        tracing::error!(%error, "the answer cannot be written");
        ApiError::server_error()
    })
}

#[cfg(test)]
mod tests {
    use axum::body::Bytes;
    use futures_util::stream;

    use super::*;
    use crate::domain::fields::{Hash, Name};

    async fn status(chunks: impl stream::Stream<Item = Result<Bytes, &'static str>> + Send + 'static) -> u16 {
        let request = Request::new(Body::from_stream(chunks));
        match Json::<Value>::from_request(request, &()).await {
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

    #[derive(serde::Deserialize)]
    #[expect(dead_code, reason = "only whether it can be read matters")]
    struct Wanted {
        name: Name,
        size: Option<i64>,
        places: Option<Vec<Hash>>,
    }

    async fn refusal(body: &'static str) -> String {
        let request = Request::new(Body::from(body));
        let Err(refusal) = Json::<Wanted>::from_request(request, &()).await else { return "none".to_owned() };
        let body = axum::body::to_bytes(refusal.into_response().into_body(), LIMIT).await.unwrap();
        serde_json::from_slice::<Value>(&body).unwrap()["message"].as_str().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_refusal_names_the_field_and_not_its_content() {
        assert_eq!(refusal(r#"{"name": "a", "size": null, "else": 1}"#).await, "none");
        assert_eq!(refusal(r#"{"size": 1}"#).await, "name: is missing");
        assert_eq!(refusal(r#"{"name": null}"#).await, "name: is missing");
        assert_eq!(refusal(r#"{"name": 5}"#).await, "name: must be a string");
        assert_eq!(refusal(r#"{"name": ""}"#).await, "name: must not be empty");
        assert_eq!(
            refusal(r#"{"name": "a", "size": "hunter2, expected"}"#).await,
            "size: must be a whole number"
        );
        let hash = "places[0]: must be 43 characters of base64url";
        assert_eq!(refusal(r#"{"name": "a", "places": ["hunter2"]}"#).await, hash);
        assert_eq!(refusal("[1]").await, "the body must be a JSON object");
        assert_eq!(refusal("{hunter2").await, "the body is not JSON: see line 1, column 2");
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
