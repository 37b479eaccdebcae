//! Watching a project without keeping the process alive.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use locker_core::{CallOptions, Changes, Error, Place, Watcher};
use napi::threadsafe_function::ThreadsafeFunctionCallMode::NonBlocking;
use napi_derive::napi;
use tokio_util::sync::CancellationToken;

use crate::{reply::Reply, runtime, wake::Wake};

/// Where a secret is.
#[napi(object, object_from_js = false)]
pub struct PlaceRecord {
    pub key: String,
    pub environment_name: Option<String>,
}

/// What has changed from one look to the next.
#[napi(object, object_from_js = false)]
pub struct ChangesRecord {
    pub added: Vec<PlaceRecord>,
    pub changed: Vec<PlaceRecord>,
    pub removed: Vec<PlaceRecord>,
}

/// A watch that goes on until it is stopped.
#[napi]
pub struct NativeWatch {
    events: Events,
    stop: CancellationToken,
}

/// What the watch has seen and JavaScript has not taken yet. An error ends the watch.
#[derive(Clone, Default)]
struct Events(Arc<Mutex<VecDeque<Result<Changes, Error>>>>);

impl Events {
    fn push(&self, event: Result<Changes, Error>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(event);
    }

    fn pop(&self) -> Option<Result<Changes, Error>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

#[napi]
impl NativeWatch {
    /// The next changes, or null; throws the error that has ended the watch.
    #[napi(catch_unwind, ts_return_type = "ChangesRecord | null")]
    pub fn take(&self) -> Reply<Option<ChangesRecord>> {
        Reply::from(self.events.pop().transpose().map(|changes| changes.map(ChangesRecord::from)))
    }

    /// Ends the watch.
    #[napi]
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

impl NativeWatch {
    /// Begins to look every `interval`, and wakes JavaScript when there is something to take. The task belongs to the
    /// runtime, so that no promise keeps the process alive.
    pub(crate) fn start(
        watcher: Watcher,
        interval: Duration,
        options: CallOptions,
        wake: Wake,
    ) -> napi::Result<Self> {
        let (events, stop) = (Events::default(), CancellationToken::new());
        let (sink, stopped) = (events.clone(), stop.clone());
        let looking = async move {
            loop {
                let event = watcher.look(&options).await;
                let is_over = matches!(&event, Err(error) if !error.is_retryable());
                if is_over || matches!(&event, Ok(changes) if !changes.is_empty()) {
                    sink.push(event);
                    wake.call((), NonBlocking);
                }
                if is_over {
                    return;
                }
                tokio::time::sleep(interval).await;
            }
        };
        runtime::for_calls()?.spawn(async move {
            stopped.run_until_cancelled(looking).await;
        });
        Ok(Self { events, stop })
    }
}

impl From<Changes> for ChangesRecord {
    fn from(changes: Changes) -> Self {
        let records = |places: Vec<Place>| {
            let record = |Place { key, environment_name }| PlaceRecord { key, environment_name };
            places.into_iter().map(record).collect()
        };
        Self {
            added: records(changes.added),
            changed: records(changes.changed),
            removed: records(changes.removed),
        }
    }
}
