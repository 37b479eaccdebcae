//! What every request gets: a line in the log, an id, and an answer that nobody caches unless its handler says so.

use std::time::Instant;

use axum::{
    extract::{MatchedPath, Request},
    http::{HeaderMap, HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};
use tracing::{Instrument, error_span, field::Empty, info};
use uuid::Builder;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// A longer one would only fill the log.
const MAX_ID_LEN: usize = 64;

/// Logs the route and not the path, which is the client's text: no query, no hash, no id of an item.
pub(super) async fn observe(request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = request_id(request.headers());
    let route = request.extensions().get::<MatchedPath>().map_or("unknown", MatchedPath::as_str);
    // Of the highest level, so that it also says where a warning comes from when requests are not logged.
    let span = error_span!(
        "request",
        id = id.to_str().unwrap_or_default(),
        method = request.method().as_str(),
        route,
        access_key = Empty
    );
    let mut response = next.run(request).instrument(span.clone()).await;
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id);
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let status = response.status().as_u16();
    span.in_scope(|| info!(status, duration = ?started.elapsed(), "answered"));
    response
}

/// The client's id if it is short and plain, else a new one.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    let given = headers
        .get(REQUEST_ID)
        .filter(|id| (1..=MAX_ID_LEN).contains(&id.len()) && id.as_bytes().iter().all(plain));
    // No secret, so it need not come from the operating system.
    let made = || Builder::from_random_bytes(fastrand::u128(..).to_ne_bytes()).into_uuid().to_string();
    given
        .cloned()
        .unwrap_or_else(|| HeaderValue::from_str(&made()).unwrap_or(HeaderValue::from_static("none")))
}
