//! Log records on their way to JavaScript.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use locker_core::{Record, Sink};
use napi_derive::napi;

use crate::wake::Bell;

/// How many records wait at most. JavaScript that does not run for so long loses the oldest.
const MAX_WAITING: usize = 10_000;

/// Records that JavaScript has not taken yet.
///
/// They wait here because a `Sync` call holds the JavaScript thread: `index.js` takes them when the call is over, and
/// whenever it is woken.
#[derive(Clone, Default)]
pub(crate) struct LogQueue(Arc<Mutex<VecDeque<Record>>>);

impl LogQueue {
    /// Where the core puts its records.
    pub(crate) fn sink(&self, bell: Bell) -> Sink {
        let queue = self.clone();
        Arc::new(move |record| {
            if queue.push(record) {
                bell.ring();
            }
        })
    }

    /// Puts a record in; whether it is the only one.
    fn push(&self, record: Record) -> bool {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.len() == MAX_WAITING {
            waiting.pop_front();
        }
        waiting.push_back(record);
        waiting.len() == 1
    }

    /// What waits; `None` if nothing does, which is cheaper than an empty array.
    pub(crate) fn take(&self) -> Option<Vec<LogRecord>> {
        let taken = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        (!taken.is_empty()).then(|| taken.into_iter().map(LogRecord::from).collect())
    }
}

/// A line of the log, for the `logger` option.
#[napi(object, object_from_js = false)]
pub struct LogRecord {
    pub level: String,
    pub message: String,
    pub code: Option<String>,
    pub method: Option<String>,
    pub path: Option<String>,
    pub status_code: Option<u16>,
    pub duration_ms: Option<f64>,
    pub attempt: Option<u32>,
    pub request_id: Option<String>,
}

impl From<Record> for LogRecord {
    fn from(record: Record) -> Self {
        let request = record.request;
        let of_request = request.as_ref();
        Self {
            level: record.severity.as_str().to_owned(),
            message: record.message,
            code: record.code.map(str::to_owned),
            status_code: of_request.and_then(|request| request.status),
            duration_ms: of_request.map(|request| request.duration.as_secs_f64() * 1000.0),
            attempt: of_request.map(|request| request.attempt),
            method: of_request.map(|request| request.method.clone()),
            path: of_request.map(|request| request.path.clone()),
            request_id: request.and_then(|request| request.request_id),
        }
    }
}
