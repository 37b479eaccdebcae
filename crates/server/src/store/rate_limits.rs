//! Limits that hold for all servers of a database together.
//!
//! The generic cell rate algorithm: of each subject only the moment is kept at which what was taken will have been
//! paid for. Each permit moves it on by an interval, and it may be a burst of them ahead of the clock.

use std::time::Duration;

use sqlx::AnyConnection;

use super::{Store, StoreError, Timestamp};

/// By how much the clock of a server may be wrong. A moment that is further beyond all that could have been taken
/// is not believed.
const CLOCK_TOLERANCE: i64 = 60_000_000;

/// How much of something there is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Quota {
    /// How many permits there are after a rest.
    pub(crate) burst: u32,
    /// The time after which there is one more.
    pub(crate) interval: Duration,
}

/// A wish for permits.
#[derive(Clone, Debug)]
pub(crate) struct Take {
    /// Whose they are. Different quotas have different subjects.
    pub(crate) subject: String,
    /// How many.
    pub(crate) permits: u32,
    /// How many there are.
    pub(crate) quota: Quota,
}

impl Take {
    fn cost(&self) -> i64 {
        self.micros(self.permits)
    }

    fn limit(&self) -> i64 {
        self.micros(self.quota.burst)
    }

    fn micros(&self, permits: u32) -> i64 {
        let interval = i64::try_from(self.quota.interval.as_micros()).unwrap_or(i64::MAX);
        interval.saturating_mul(permits.into()).min(i64::MAX / 4)
    }
}

impl Store {
    /// Takes the permits of all `takes`, or none of them and says how long to wait.
    pub(crate) async fn take(&self, takes: &[Take]) -> Result<Result<(), Duration>, StoreError> {
        self.take_at(takes, None).await
    }

    /// `now` stands for the clock.
    pub(crate) async fn take_at(
        &self,
        takes: &[Take],
        now: Option<Timestamp>,
    ) -> Result<Result<(), Duration>, StoreError> {
        let _turn = self.turn().await;
        let mut transaction = self.pool.begin().await?;
        // Only now, because to have waited for a connection is not to have come early.
        let now = match now {
            Some(now) => now,
            None => self.clock(&mut transaction).await?,
        };
        for take in takes {
            if !granted(&mut transaction, take, now).await? {
                // Without a commit, nothing was taken.
                return Ok(Err(wait(&mut transaction, take, now).await?));
            }
        }
        transaction.commit().await?;
        Ok(Ok(()))
    }

    /// The time that all servers of the database have in common: a difference of a second would be a whole burst.
    async fn clock(&self, connection: &mut AnyConnection) -> Result<Timestamp, StoreError> {
        if !self.is_shared() {
            return Ok(Timestamp::now());
        }
        let sql = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)";
        Ok(sqlx::query_scalar(sql).fetch_one(connection).await?)
    }

    /// Undoes a [`Store::take`] that was granted.
    pub(crate) async fn give_back(&self, takes: &[Take]) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        let mut transaction = self.pool.begin().await?;
        for take in takes {
            sqlx::query("UPDATE rate_limits SET arrival = arrival - $1 WHERE subject = $2")
                .bind(take.cost())
                .bind(&take.subject)
                .execute(&mut *transaction)
                .await?;
        }
        Ok(transaction.commit().await?)
    }

    /// Forgets the subjects that have been paid for, which changes no answer.
    pub(crate) async fn sweep_rate_limits(&self, now: Timestamp) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        let paid = now.as_micros().saturating_sub(CLOCK_TOLERANCE);
        sqlx::query("DELETE FROM rate_limits WHERE arrival <= $1").bind(paid).execute(&self.pool).await?;
        Ok(())
    }
}

/// One statement, so that no server comes in between.
async fn granted(connection: &mut AnyConnection, take: &Take, now: Timestamp) -> Result<bool, StoreError> {
    let row: Option<i64> = sqlx::query_scalar(
        "INSERT INTO rate_limits (subject, arrival) VALUES ($1, $2 + $3) ON CONFLICT (subject) DO UPDATE \
         SET arrival = $3 + CASE WHEN rate_limits.arrival > $2 AND rate_limits.arrival <= $5 \
         THEN rate_limits.arrival ELSE $2 END \
         WHERE rate_limits.arrival + $3 <= $4 OR rate_limits.arrival > $5 RETURNING arrival",
    )
    .bind(&take.subject)
    .bind(now)
    .bind(take.cost())
    .bind(now.as_micros().saturating_add(take.limit()))
    .bind(now.as_micros().saturating_add(take.limit()).saturating_add(CLOCK_TOLERANCE))
    .fetch_optional(connection)
    .await?;
    Ok(row.is_some())
}

async fn wait(connection: &mut AnyConnection, take: &Take, now: Timestamp) -> Result<Duration, StoreError> {
    let arrival: Option<i64> = sqlx::query_scalar("SELECT arrival FROM rate_limits WHERE subject = $1")
        .bind(&take.subject)
        .fetch_optional(connection)
        .await?;
    let free = arrival.map_or(0, |arrival| arrival + take.cost() - take.limit());
    let micros = u64::try_from(free.saturating_sub(now.as_micros())).unwrap_or_default();
    Ok(Duration::from_micros(micros.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Database;

    const NOON: i64 = 1_000_000_000_000_000;

    fn take(subject: &str, permits: u32) -> Take {
        let quota = Quota { burst: 10, interval: Duration::from_secs(6) };
        Take { subject: subject.to_owned(), permits, quota }
    }

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_micros(NOON + seconds * 1_000_000)
    }

    async fn store() -> Store {
        Store::open(&Database::SqliteMemory).await.unwrap()
    }

    async fn ask(store: &Store, take: Take, seconds: i64) -> Result<(), Duration> {
        store.take_at(&[take], Some(at(seconds))).await.unwrap()
    }

    async fn subjects(store: &Store) -> i64 {
        sqlx::query_scalar("SELECT COUNT(*) FROM rate_limits").fetch_one(&store.pool).await.unwrap()
    }

    #[tokio::test]
    async fn a_burst_then_one_for_each_interval() {
        let store = store().await;
        for _ in 0..10 {
            assert_eq!(ask(&store, take("a", 1), 0).await, Ok(()));
        }
        assert_eq!(ask(&store, take("a", 1), 0).await, Err(Duration::from_secs(6)));
        assert_eq!(ask(&store, take("a", 1), 4).await, Err(Duration::from_secs(2)));
        assert_eq!(ask(&store, take("a", 1), 6).await, Ok(()));
        assert_eq!(ask(&store, take("a", 1), 6).await, Err(Duration::from_secs(6)));
        assert_eq!(ask(&store, take("a", 3), 6).await, Err(Duration::from_secs(18)));
        assert_eq!(ask(&store, take("b", 10), 6).await, Ok(()), "another subject");
        // After a rest there is a burst again, and no more than that.
        assert_eq!(ask(&store, take("a", 10), 1000).await, Ok(()));
        assert_eq!(ask(&store, take("a", 1), 1000).await, Err(Duration::from_secs(6)));
    }

    #[tokio::test]
    async fn all_or_nothing() {
        let store = store().await;
        let both = [take("a", 1), take("b", 6)];
        assert_eq!(store.take_at(&both, Some(at(0))).await.unwrap(), Ok(()));
        assert_eq!(store.take_at(&both, Some(at(0))).await.unwrap(), Err(Duration::from_secs(12)));
        assert_eq!(ask(&store, take("a", 9), 0).await, Ok(()), "the refused take took nothing");
        store.give_back(&both).await.unwrap();
        assert_eq!(store.take_at(&both, Some(at(0))).await.unwrap(), Ok(()));
        assert_eq!(ask(&store, take("a", 1), 0).await, Err(Duration::from_secs(6)));
    }

    #[tokio::test]
    async fn what_is_given_back_late_is_no_gift() {
        let store = store().await;
        assert_eq!(ask(&store, take("a", 10), 0).await, Ok(()));
        store.give_back(&[take("a", 10)]).await.unwrap();
        assert_eq!(ask(&store, take("a", 10), 600).await, Ok(()));
        assert_eq!(ask(&store, take("a", 1), 600).await, Err(Duration::from_secs(6)));
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_locks_nobody_out() {
        let store = store().await;
        assert_eq!(ask(&store, take("a", 10), 0).await, Ok(()));
        assert!(ask(&store, take("a", 1), -59).await.is_err());
        assert_eq!(ask(&store, take("a", 1), -3600).await, Ok(()));
    }

    #[tokio::test]
    async fn a_sweep_forgets_what_is_paid_for() {
        let store = store().await;
        ask(&store, take("a", 1), 0).await.unwrap();
        ask(&store, take("b", 2), 0).await.unwrap();
        store.sweep_rate_limits(at(67)).await.unwrap();
        assert_eq!(subjects(&store).await, 1);
        assert_eq!(ask(&store, take("b", 10), 7).await, Err(Duration::from_secs(5)));
        store.sweep_rate_limits(at(72)).await.unwrap();
        assert_eq!(subjects(&store).await, 0);
    }
}
