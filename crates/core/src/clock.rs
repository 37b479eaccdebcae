//! How long ago something happened, within a process and from one process to the next.

use std::time::{Duration, Instant};

/// A moment in the past, which may be before this process began.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Past {
    since: Instant,
    before: Duration,
}

impl Past {
    pub(crate) fn now() -> Self {
        Self::ago(Duration::ZERO)
    }

    pub(crate) fn ago(age: Duration) -> Self {
        Self { since: Instant::now(), before: age }
    }

    pub(crate) fn age(self) -> Duration {
        self.since.elapsed() + self.before
    }
}
