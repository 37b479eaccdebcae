//! The time budget of one call.

use std::time::{Duration, Instant};

use futures_util::TryFutureExt;

use crate::error::{Error, ErrorKind};

/// When a call has to be over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline {
    at: Instant,
    budget: Duration,
}

impl Deadline {
    /// `budget` from now.
    pub(crate) fn after(budget: Duration) -> Self {
        Self { at: Instant::now() + budget, budget }
    }

    /// What is left of the budget.
    pub(crate) fn remaining(self) -> Duration {
        self.at.saturating_duration_since(Instant::now())
    }

    /// Runs `future` until the deadline.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`], when the future was dropped unfinished.
    pub(crate) fn limit<F: Future>(self, future: F) -> impl Future<Output = Result<F::Output, Error>> {
        let limited = tokio::time::timeout_at(self.at.into(), future);
        limited.map_err(move |_| {
            let text = format!(
                "no complete answer from the server within {} ms (timeoutMs)",
                self.budget.as_millis()
            );
            Error::new(ErrorKind::Timeout, text).retryable()
        })
    }
}
