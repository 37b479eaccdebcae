//! Waiting for an answer that is expected soon.

use std::{
    num::NonZero,
    sync::{
        LazyLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use tokio::task::{JoinError, JoinHandle, yield_now};

/// An answer that took no longer lets the next one be expected soon. A server on another machine mostly takes longer.
const SOON: Duration = Duration::from_micros(200);
/// So long a thread stays awake for an answer. To fall asleep and to be woken takes tens of microseconds on many machines.
const AWAKE: Duration = Duration::from_micros(100);

/// Where there is one core only, nobody can answer while somebody stays awake.
static HAS_CORES: LazyLock<bool> =
    LazyLock::new(|| thread::available_parallelism().is_ok_and(|cores| cores > NonZero::<usize>::MIN));

/// How many nanoseconds the last answer took.
pub(crate) struct Outlook(AtomicU64);

impl Default for Outlook {
    fn default() -> Self {
        Self(AtomicU64::new(u64::MAX))
    }
}

impl Outlook {
    /// Waits for a call, on a thread that drives it and can do nothing else. If the answer is expected soon, the thread stays
    /// awake for it a while.
    pub(crate) async fn wait<T>(&self, call: JoinHandle<T>) -> Result<T, JoinError> {
        let since = Instant::now();
        if self.is_good() {
            while !call.is_finished() && since.elapsed() < AWAKE {
                yield_now().await;
            }
        }
        let outcome = call.await;
        let taken = u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.0.store(taken, Ordering::Relaxed);
        outcome
    }

    fn is_good(&self) -> bool {
        Duration::from_nanos(self.0.load(Ordering::Relaxed)) <= SOON && *HAS_CORES
    }
}
