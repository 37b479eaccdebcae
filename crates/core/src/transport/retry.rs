//! Whether and when a read is tried again.

use std::time::Duration;

use crate::error::Error;

const FIRST_BACKOFF: Duration = Duration::from_millis(100);
const LONGEST_BACKOFF: Duration = Duration::from_secs(5);

/// How often a read is tried again.
#[derive(Clone, Copy, Debug)]
pub(super) struct RetryPolicy {
    pub(super) max_retries: u32,
}

impl RetryPolicy {
    /// How long to wait after the `attempt`th try (from 1) failed with `error`; `None` to give up.
    ///
    /// The server's `Retry-After` is honoured. Without it the wait doubles from 100 ms to 5 s, and a random half is
    /// taken off so that many clients do not come back at once. A wait that would outlast the budget is not begun:
    /// the caller learns at once what is wrong.
    pub(super) fn delay(self, attempt: u32, error: &Error, remaining: Duration) -> Option<Duration> {
        if !error.is_retryable() || attempt > self.max_retries {
            return None;
        }
        let delay = error.retry_after().unwrap_or_else(|| backoff(attempt));
        (delay < remaining).then_some(delay)
    }
}

fn backoff(attempt: u32) -> Duration {
    let doubled = 2_u32.saturating_pow(attempt.saturating_sub(1));
    let longest = FIRST_BACKOFF.saturating_mul(doubled).min(LONGEST_BACKOFF);
    longest.mul_f64(0.5 + 0.5 * fastrand::f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Answer, ErrorKind};

    const POLICY: RetryPolicy = RetryPolicy { max_retries: 2 };
    const AMPLE: Duration = Duration::from_secs(60);

    fn unavailable() -> Error {
        Error::new(ErrorKind::ApiServer, "unavailable").retryable()
    }

    fn limited(retry_after: Duration) -> Error {
        let answer = Answer { retry_after: Some(retry_after), ..Answer::default() };
        Error::new(ErrorKind::RateLimit, "slow down").with_answer(answer).retryable()
    }

    #[test]
    fn gives_up_after_the_retries_and_on_what_repeating_cannot_mend() {
        assert!(POLICY.delay(1, &unavailable(), AMPLE).is_some());
        assert!(POLICY.delay(2, &unavailable(), AMPLE).is_some());
        assert_eq!(POLICY.delay(3, &unavailable(), AMPLE), None);
        assert_eq!(POLICY.delay(1, &Error::new(ErrorKind::Authentication, "no"), AMPLE), None);
    }

    #[test]
    fn waits_longer_each_time_and_never_over_the_limit() {
        for (attempt, longest) in [(1, 100), (2, 200), (3, 400), (30, 5000), (u32::MAX, 5000)] {
            for _ in 0..100 {
                let delay = backoff(attempt).as_millis();
                assert!((longest / 2..=longest).contains(&delay), "attempt {attempt}: {delay} ms");
            }
        }
    }

    #[test]
    fn jitters() {
        assert!((0..100).any(|_| backoff(5) != backoff(5)));
    }

    #[test]
    fn honours_retry_after_within_the_budget() {
        let asked = Duration::from_secs(7);
        assert_eq!(POLICY.delay(1, &limited(asked), AMPLE), Some(asked));
        assert_eq!(POLICY.delay(1, &limited(asked), asked), None);
    }
}
