//! Core errors, as the plain records from which `index.js` makes the public classes.

use locker_core::{Error, ErrorKind};
use napi::{Env, JsValue};

/// The name of the public class that an error of this kind becomes.
fn class_name(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Authentication => "AuthenticationError",
        ErrorKind::PermissionDenied => "PermissionDeniedError",
        ErrorKind::RateLimit => "RateLimitError",
        ErrorKind::ResourceNotFound => "ResourceNotFoundError",
        ErrorKind::ApiServer => "APIServerError",
        ErrorKind::ApiConnection => "APIConnectionError",
        ErrorKind::Timeout => "TimeoutError",
        ErrorKind::Crypto => "CliRunError",
        ErrorKind::Integrity => "IntegrityError",
        ErrorKind::AlreadyExists => "AlreadyExistsError",
        ErrorKind::Validation => "ValidationError",
        ErrorKind::Cache => "CacheError",
        _ => "LockerError",
    }
}

/// An error whose properties carry the data across. It must be made on the thread of `env`.
pub(crate) fn to_js(env: &Env, error: &Error) -> napi::Error {
    make(env, error).unwrap_or_else(|failure| failure)
}

fn make(env: &Env, error: &Error) -> napi::Result<napi::Error> {
    let mut record = env.create_error(napi::Error::from_reason(error.to_string()))?;
    record.set("lockerError", class_name(error.kind()))?;
    record.set("code", error.kind().code())?;
    record.set("userMessage", error.user_message())?;
    record.set("field", error.field())?;
    record.set("statusCode", error.status())?;
    record.set("httpBody", error.body())?;
    record.set("requestId", error.request_id())?;
    record.set("retryable", error.is_retryable())?;
    record.set("retryAfter", error.retry_after().map(|wait| wait.as_secs_f64()))?;
    record.set("causes", causes(error))?;
    Ok(napi::Error::from_unknown_without_coercion(record.to_unknown()))
}

/// The texts of the errors behind this one, the nearest first.
fn causes(error: &Error) -> Vec<String> {
    let first = std::error::Error::source(error);
    std::iter::successors(first, |cause| cause.source()).map(ToString::to_string).collect()
}
