//! The time budget of one call.

use std::time::{Duration, Instant};

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
    pub(crate) async fn limit<F: Future>(self, future: F) -> Result<F::Output, Error> {
        tokio::time::timeout_at(self.at.into(), future).await.map_err(|_| {
            let text = format!(
                "no complete answer from the server within {} ms (timeoutMs)",
                self.budget.as_millis()
            );
            Error::new(ErrorKind::Timeout, text).retryable()
        })
    }
}
