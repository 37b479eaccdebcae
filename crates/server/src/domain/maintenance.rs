//! What a server does now and then without being asked.

use std::time::Duration;

use tokio::time;

use super::DomainError;
use crate::store::{Store, Timestamp};

const INTERVAL: Duration = Duration::from_secs(3600);
const SECONDS_PER_DAY: i64 = 24 * 60 * 60;

/// Forgets what is over, now and every hour: ended sessions, limits that nobody is near, and access log entries
/// older than so many days.
pub(crate) async fn run(store: Store, access_log_days: u32) {
    let mut interval = time::interval(INTERVAL);
    loop {
        interval.tick().await;
        if let Err(error) = forget(&store, access_log_days).await {
            tracing::warn!(%error, "what is out of date could not be forgotten; trying again in an hour");
        }
    }
}

async fn forget(store: &Store, access_log_days: u32) -> Result<(), DomainError> {
    let now = Timestamp::now();
    store.delete_ended_sessions(now).await?;
    store.sweep_rate_limits(now).await?;
    let kept = i64::from(access_log_days).saturating_mul(SECONDS_PER_DAY);
    Ok(store.delete_access_log_before(now.seconds_before(kept)).await?)
}
