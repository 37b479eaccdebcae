//! Work that takes long, off the thread that drives the calls.

use std::{num::NonZero, sync::LazyLock, thread};

use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::error::{Error, ErrorKind};

/// How much is done at a time, at most. More is not needed for JavaScript to have something to take.
pub(crate) const AT_ONCE: usize = 4;

/// Asking for the number of cores reads files. With more turns than cores, JavaScript would wait for its own.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    Semaphore::new(cores.min(AT_ONCE))
});

/// Does `work` on another thread, as soon as one is free.
///
/// # Errors
/// Only if the work panics, or if the runtime ends.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let _turn = TURNS.acquire().await;
    spawn_blocking(work).await.map_err(|panicked_or_shut_down| {
        Error::new(ErrorKind::Other, "work that was handed to another thread did not end")
            .with_source(panicked_or_shut_down)
    })
}
