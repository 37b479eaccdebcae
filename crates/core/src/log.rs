//! Log records and where they go.

use std::{fmt, sync::Arc, time::Duration};

/// How much is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum LogLevel {
    /// Nothing.
    None = 0,
    /// Failures and warnings.
    #[default]
    Error = 1,
    /// Every request as well.
    Debug = 2,
}

/// How serious a [`Record`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// A call failed.
    Error,
    /// Something the owner of the program should change.
    Warning,
    /// What the SDK does.
    Debug,
}

impl Severity {
    /// The name that loggers use: `error`, `warn` or `debug`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warn",
            Self::Debug => "debug",
        }
    }

    fn least_level(self) -> LogLevel {
        match self {
            Self::Error | Self::Warning => LogLevel::Error,
            Self::Debug => LogLevel::Debug,
        }
    }
}

/// One line of the log. It never holds a secret value, an access key secret or a key.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Record {
    /// How serious it is.
    pub severity: Severity,
    /// What happened, in one line.
    pub message: String,
    /// The code of the error that it reports.
    pub code: Option<&'static str>,
    /// The request that it reports.
    pub request: Option<RequestRecord>,
}

/// One attempt of one request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RequestRecord {
    /// The HTTP method.
    pub method: String,
    /// The path below the API base, without the query.
    pub path: String,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// From sending to the end of the answer.
    pub duration: Duration,
    /// 1 for the first attempt.
    pub attempt: u32,
    /// The server's id of the request, if it sent one.
    pub request_id: Option<String>,
}

/// Receives [`Record`]s. Called from any thread; it must not block.
pub type Sink = Arc<dyn Fn(Record) + Send + Sync>;

/// Passes on the records that the level asks for.
#[derive(Clone)]
pub(crate) struct Log {
    level: LogLevel,
    sink: Option<Sink>,
}

impl Log {
    pub(crate) fn new(level: LogLevel, sink: Option<Sink>) -> Self {
        Self { level, sink }
    }

    pub(crate) fn error(&self, message: impl fmt::Display, code: &'static str) {
        self.write(Severity::Error, || (message.to_string(), Some(code), None));
    }

    pub(crate) fn warn(&self, message: impl fmt::Display) {
        self.write(Severity::Warning, || (message.to_string(), None, None));
    }

    pub(crate) fn debug(&self, message: impl fmt::Display) {
        self.write(Severity::Debug, || (message.to_string(), None, None));
    }

    pub(crate) fn request(&self, record: impl FnOnce() -> RequestRecord) {
        self.write(Severity::Debug, || {
            let request = record();
            let outcome = request.status.map_or("no answer".to_owned(), |status| status.to_string());
            let message = format!("{} {}: {outcome}", request.method, request.path);
            (message, None, Some(request))
        });
    }

    fn write(
        &self,
        severity: Severity,
        content: impl FnOnce() -> (String, Option<&'static str>, Option<RequestRecord>),
    ) {
        if let Some(sink) = self.sink.as_ref().filter(|_| self.level >= severity.least_level()) {
            let (message, code, request) = content();
            sink(Record { severity, message, code, request });
        }
    }
}

impl fmt::Debug for Log {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Log({:?})", self.level)
    }
}
