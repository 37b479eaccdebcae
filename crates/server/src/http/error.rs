//! Refusals, as the wire writes them.

use std::time::Duration;

use axum::{
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::body::json;
use crate::{domain::DomainError, store::StoreError};

/// An answer other than success: a status, and a code and a message in the body.
#[derive(Debug)]
pub(super) struct ApiError {
    status: StatusCode,
    code: &'static str,
    message: String,
    retry_after: Option<Duration>,
}

/// The body of a refusal.
#[derive(Serialize, ToSchema)]
#[schema(as = Error)]
pub(super) struct Body<'a> {
    /// What is wrong, for programs.
    code: &'a str,
    /// What is wrong and what to change, for people.
    message: &'a str,
}

impl ApiError {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), retry_after: None }
    }

    /// The request is wrong; `message` begins with the name of the field.
    pub(super) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "validation_error", message)
    }

    pub(super) fn not_found(message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", message)
    }

    pub(super) fn method_not_allowed() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "this path has no such method")
    }

    pub(super) fn too_large(limit: usize) -> Self {
        let message = format!("the body is larger than {limit} bytes");
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "payload_too_large", message)
    }

    pub(super) fn too_slow() -> Self {
        Self::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", "the body took too long to arrive")
    }

    /// There is no session, or it has ended.
    pub(super) fn no_session() -> Self {
        let message = "there is no session, or it has ended; sign in";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", message)
    }

    /// The request may come from another site's page.
    pub(super) fn csrf(message: &'static str) -> Self {
        Self::new(StatusCode::FORBIDDEN, "csrf", message)
    }

    /// Something failed that is not the client's to mend. The log has it.
    pub(super) fn server_error() -> Self {
        let message = "the server failed; its log says more";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "server_error", message)
    }

    pub(super) fn too_many(retry_after: Duration) -> Self {
        let message = "too many calls; wait as long as Retry-After says";
        let error = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limit", message);
        Self { retry_after: Some(retry_after), ..error }
    }
}

impl From<DomainError> for ApiError {
    fn from(error: DomainError) -> Self {
        let (status, code) = match &error {
            DomainError::Unauthorized | DomainError::WrongSignIn => {
                (StatusCode::UNAUTHORIZED, "unauthorized")
            }
            DomainError::SignUpClosed => (StatusCode::FORBIDDEN, "sign_up_closed"),
            DomainError::ReadOnly | DomainError::AddressNotAllowed(_) => {
                (StatusCode::FORBIDDEN, "permission_denied")
            }
            DomainError::NotFound(_) => (StatusCode::NOT_FOUND, "not_found"),
            DomainError::Duplicate(_) => (StatusCode::CONFLICT, "already_exists"),
            DomainError::TooManyActiveKeys => (StatusCode::CONFLICT, "too_many_active_keys"),
            DomainError::NotEmpty => (StatusCode::CONFLICT, "not_empty"),
            DomainError::Store(StoreError::Character) => (StatusCode::BAD_REQUEST, "validation_error"),
            DomainError::Store(_) | DomainError::Failed(_) => {
                tracing::error!(%error, "the request failed");
                return Self::server_error();
            }
        };
        Self::new(status, code, error.to_string())
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = json(self.status, &Body { code: self.code, message: &self.message });
        let headers = response.headers_mut();
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(wait) = self.retry_after {
            // Whole seconds are all that the header can say.
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            headers.insert(header::RETRY_AFTER, seconds.max(1).into());
        }
        response
    }
}
