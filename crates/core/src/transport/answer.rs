//! An HTTP answer, read within limits, and what it means.

use std::{error::Error as StdError, io, iter, sync::Arc, time::Duration};

use futures_util::FutureExt;
use http::{HeaderMap, Response, StatusCode, header};
use hyper::body::Incoming;
use hyper_util::client::legacy;
use serde::de::DeserializeOwned;

use super::{
    Refusals, body,
    buffers::{Buffer, Buffers},
};
use crate::{
    aside::aside,
    error::{Answer, Error, ErrorKind},
    wire::Refusal,
};

/// The largest answer that is read. A full page of 2,000 secrets of ordinary size is 1.6 MB.
const MAX_BODY: usize = 64 * 1024 * 1024;
/// An answer that is larger than this takes longer to parse than to hand to another thread.
const LARGE_BODY: usize = 128 * 1024;
/// The largest refusal that is read; what is behind it is left unread.
const MAX_REFUSAL: usize = 64 * 1024;
/// How much of an answer an error carries.
const MAX_SHOWN: usize = 4 * 1024;
/// How much of a server's message a text repeats.
const MAX_MESSAGE: usize = 500;

/// A complete answer.
pub(super) struct Answered {
    status: StatusCode,
    headers: HeaderMap,
    body: Buffer,
    refusals: &'static Refusals,
}

/// Why there is no complete answer.
pub(super) struct NoAnswer {
    pub(super) error: Error,
    /// Whether the request may have reached the server.
    pub(super) may_have_arrived: bool,
}

impl NoAnswer {
    pub(super) fn not_sent(error: Error) -> Self {
        Self { error, may_have_arrived: false }
    }

    pub(super) fn interrupted(error: Error) -> Self {
        Self { error, may_have_arrived: true }
    }
}

impl Answered {
    /// Reads an answer to its end, into one of the buffers.
    pub(super) async fn receive(
        response: Response<Incoming>,
        refusals: &'static Refusals,
        buffers: &Arc<Buffers>,
    ) -> Result<Self, NoAnswer> {
        let (head, body) = response.into_parts();
        let (status, headers) = (head.status, head.headers);
        let limit = if status.is_success() { MAX_BODY } else { MAX_REFUSAL };
        let content = if headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip") {
            body::read_gzip(body, limit).boxed().await?
        } else {
            body::read(body, limit, buffers).await?
        };
        if content.is_cut && status.is_success() {
            return Err(NoAnswer::interrupted(too_large()));
        }
        Ok(Self { status, headers, body: content.bytes, refusals })
    }

    pub(super) fn is_success(&self) -> bool {
        self.status.is_success()
    }

    pub(super) fn is_failure(&self) -> bool {
        self.status.is_server_error()
    }

    pub(super) fn status(&self) -> Option<u16> {
        Some(self.status.as_u16())
    }

    pub(super) fn request_id(&self) -> Option<&str> {
        self.headers.get("x-request-id").and_then(|value| value.to_str().ok())
    }

    /// As [`Answered::parse`], off the thread that drives other calls if that takes long: so the pages of a list are parsed
    /// while others arrive.
    pub(super) async fn parse_aside<T: Send + 'static>(
        self,
        parse: impl FnOnce(&str) -> serde_json::Result<T> + Send + 'static,
    ) -> Result<T, Error> {
        if self.body.len() < LARGE_BODY {
            return self.parse(parse);
        }
        aside(move || self.parse(parse)).await?
    }

    /// The content of a success, or the error that the answer means.
    pub(super) fn into_json<T: DeserializeOwned>(self) -> Result<T, Error> {
        self.parse(|json| serde_json::from_str(json))
    }

    /// What `parse` makes of the content of a success, or the error that the answer means.
    fn parse<T>(self, parse: impl FnOnce(&str) -> serde_json::Result<T>) -> Result<T, Error> {
        if !self.is_success() {
            return Err(self.into_refusal());
        }
        // Checked at once, which is faster than text by text.
        let Ok(body) = str::from_utf8(&self.body) else {
            return Err(Error::new(ErrorKind::ApiServer, "the server's answer is not UTF-8")
                .with_answer(self.details()));
        };
        parse(body).map_err(|source| {
            // The text of a parse error can repeat content, so only its kind and place are told.
            let problem = match source.classify() {
                serde_json::error::Category::Eof => "ends too early",
                serde_json::error::Category::Data => "is JSON of another form than the protocol's",
                _ => "is not JSON",
            };
            let text = format!(
                "the server's answer {problem} (line {}, column {}). Check that apiBase is the address of a Locker API",
                source.line(),
                source.column()
            );
            Error::new(ErrorKind::ApiServer, text).with_answer(self.details())
        })
    }

    /// A success without content, or the error that the answer means.
    pub(super) fn into_nothing(self) -> Result<(), Error> {
        if self.is_success() { Ok(()) } else { Err(self.into_refusal()) }
    }

    fn into_refusal(self) -> Error {
        let said = serde_json::from_slice::<Refusal>(&self.body).unwrap_or_default().message;
        let said = said.map(|message| one_line(&message, MAX_MESSAGE)).filter(|message| !message.is_empty());
        let (kind, meaning) = meaning(self.status, said.as_deref(), self.refusals);
        let text = match said {
            Some(said) => format!("{meaning}: {said}"),
            None => format!("{meaning} (status {})", self.status.as_u16()),
        };
        let error = Error::new(kind, text).with_answer(self.details());
        let error = if self.status.is_redirection() { error.with_field("apiBase") } else { error };
        let passing = matches!(kind, ErrorKind::RateLimit) || self.status.is_server_error();
        if passing { error.retryable() } else { error }
    }

    fn details(&self) -> Answer {
        Answer {
            status: self.status(),
            body: self.shown(),
            request_id: self.request_id().map(|id| one_line(id, 128)),
            retry_after: self
                .headers
                .get(header::RETRY_AFTER)
                .and_then(|value| retry_after(value.to_str().ok()?)),
        }
    }

    fn shown(&self) -> Option<String> {
        let mut shown = String::from_utf8_lossy(&self.body[..self.body.len().min(MAX_SHOWN)]).into_owned();
        // A byte that is no text has become a character of three.
        shown.truncate(shown.floor_char_boundary(MAX_SHOWN));
        (!shown.is_empty()).then_some(shown)
    }
}

/// What a status that is no success means. The status decides; of the message only a duplicate's is looked at.
fn meaning(status: StatusCode, said: Option<&str>, refusals: &Refusals) -> (ErrorKind, &'static str) {
    let duplicate = || said.is_some_and(|said| said.to_ascii_lowercase().contains("already exist"));
    match status {
        StatusCode::UNAUTHORIZED => (ErrorKind::Authentication, refusals.unauthorized),
        StatusCode::FORBIDDEN => (ErrorKind::PermissionDenied, refusals.forbidden),
        StatusCode::TOO_MANY_REQUESTS => (ErrorKind::RateLimit, "too many calls"),
        StatusCode::CONFLICT => (ErrorKind::AlreadyExists, refusals.conflict),
        _ if status.is_client_error() && duplicate() => (ErrorKind::AlreadyExists, refusals.conflict),
        StatusCode::NOT_FOUND => (ErrorKind::ResourceNotFound, "the server does not know what was asked for"),
        _ if status.is_server_error() => (ErrorKind::ApiServer, "the server failed"),
        _ if status.is_redirection() => (
            ErrorKind::ApiServer,
            "the server answers with a redirect, and none is followed. Set apiBase to the final address",
        ),
        _ => (ErrorKind::Other, "the server refused the call"),
    }
}

fn too_large() -> Error {
    let text =
        format!("the server's answer is larger than {} MiB and was not read to its end", MAX_BODY >> 20);
    Error::new(ErrorKind::ApiServer, text)
}

/// `Retry-After`, as seconds or as a date (RFC 9110, section 10.2.3).
fn retry_after(value: &str) -> Option<Duration> {
    if let Ok(seconds) = value.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(std::time::SystemTime::now()).unwrap_or_default())
}

/// A foreign text, made fit for a line of a log.
fn one_line(text: &str, longest: usize) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(longest).collect()
}

impl From<legacy::Error> for NoAnswer {
    fn from(error: legacy::Error) -> Self {
        let is_connect = error.is_connect();
        no_answer(error, is_connect)
    }
}

impl From<hyper::Error> for NoAnswer {
    fn from(error: hyper::Error) -> Self {
        no_answer(error, false)
    }
}

impl From<io::Error> for NoAnswer {
    fn from(error: io::Error) -> Self {
        no_answer(error, false)
    }
}

/// The library's own text hides the cause, so the cause is told instead.
fn no_answer(error: impl StdError + Send + Sync + 'static, is_connect: bool) -> NoAnswer {
    let is_timeout = causes(&error)
        .filter_map(|cause| cause.downcast_ref::<io::Error>())
        .any(|cause| cause.kind() == io::ErrorKind::TimedOut);
    let kind = if is_timeout { ErrorKind::Timeout } else { ErrorKind::ApiConnection };
    let cause = causes(&error).last().unwrap_or(&error);
    let untrusted = cause.downcast_ref::<rustls::Error>();
    let text = match untrusted {
        Some(rustls::Error::InvalidCertificate(problem)) => format!(
            "the server's certificate is not accepted: {problem}. If it comes from your own authority, set caCert or NODE_EXTRA_CA_CERTS"
        ),
        Some(problem) => format!("no TLS connection to the server: {problem}"),
        None if is_connect => format!("cannot connect to the server: {cause}"),
        None => format!("the connection broke before the answer was complete: {cause}"),
    };
    let passing = untrusted.is_none();
    let error = Error::new(kind, text).with_source(error);
    NoAnswer { error: if passing { error.retryable() } else { error }, may_have_arrived: !is_connect }
}

/// An error and what is behind it. An `io::Error` hides the error that it wraps from `source`, so it is unwrapped by hand.
fn causes<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    iter::successors(Some(error), |&cause| {
        let wrapped = cause
            .downcast_ref::<io::Error>()
            .and_then(io::Error::get_ref)
            .map(|inner| inner as &(dyn StdError + 'static));
        wrapped.or_else(|| cause.source())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::{AccessKeyId, Authorization};

    fn refusal(status: u16, body: &str) -> Error {
        let status = StatusCode::from_u16(status).unwrap();
        let refusals = AccessKeyId::REFUSALS;
        Answered { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec().into(), refusals }
            .into_refusal()
    }

    #[test]
    fn the_status_decides() {
        let html = "<html><body>Bad gateway</body></html>";
        for (status, kind, retryable) in [
            (400, ErrorKind::Other, false),
            (401, ErrorKind::Authentication, false),
            (403, ErrorKind::PermissionDenied, false),
            (404, ErrorKind::ResourceNotFound, false),
            (409, ErrorKind::AlreadyExists, false),
            (429, ErrorKind::RateLimit, true),
            (302, ErrorKind::ApiServer, false),
            (500, ErrorKind::ApiServer, true),
            (503, ErrorKind::ApiServer, true),
        ] {
            for body in [html, "", r#"{"detail": "x"}"#, r#"{"code": "c", "message": "m"}"#, "[1]", "null"] {
                let error = refusal(status, body);
                assert_eq!((error.kind(), error.is_retryable()), (kind, retryable), "{status} {body}");
                assert_eq!(error.status(), Some(status));
            }
        }
    }

    #[test]
    fn duplicates_are_known_by_their_message_too() {
        for message in [
            "This secret hash already exists",
            "This hash value already existed",
            "This environment hash already exists",
            "The environment hash already existed",
        ] {
            let body = format!(r#"{{"code": "0004", "message": "{message}"}}"#);
            assert_eq!(refusal(400, &body).kind(), ErrorKind::AlreadyExists);
            assert_eq!(refusal(500, &body).kind(), ErrorKind::ApiServer);
            assert_eq!(refusal(401, &body).kind(), ErrorKind::Authentication);
        }
    }

    #[test]
    fn a_message_cannot_forge_a_line_of_the_log() {
        let error = refusal(403, r#"{"message": "no\nERROR forged\u001b[31m"}"#);
        assert!(!error.to_string().contains(char::is_control));
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        assert_eq!(retry_after("120"), Some(Duration::from_secs(120)));
        assert_eq!(retry_after("Wed, 21 Oct 2015 07:28:00 GMT"), Some(Duration::ZERO));
        let later = std::time::SystemTime::now() + Duration::from_secs(3600);
        assert!(retry_after(&httpdate::fmt_http_date(later)).unwrap() > Duration::from_secs(3500));
        assert_eq!(retry_after("soon"), None);
        assert_eq!(retry_after("-1"), None);
    }
}
