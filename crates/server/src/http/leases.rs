//! Permits that a server takes from the database by the block, and gives out itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::sync::Mutex as AsyncMutex;

use super::rate_limit;
use crate::store::{Quota, Take, Timestamp};

/// A block is spent or lost within this time, so that nobody saves permits up.
const LIFE: Duration = Duration::from_secs(1);

/// Sweeping costs as much as there are subjects, so it waits for as many calls.
const SWEEP_EVERY: u32 = 4096;

/// What a server has of the permits that it shares with others.
///
/// A block is a twentieth of a burst: all servers together let nobody through more often than the quota says, and
/// each asks the database at most about twenty times in the time that it takes to use up a burst.
#[derive(Debug)]
pub(super) struct Leases {
    kind: &'static str,
    quota: Quota,
    block: u32,
    subjects: Mutex<Subjects>,
}

#[derive(Debug, Default)]
struct Subjects {
    leases: HashMap<String, Arc<AsyncMutex<Lease>>>,
    asked: u32,
}

/// What the database said about a subject last.
#[derive(Clone, Copy, Debug, Default)]
enum Lease {
    #[default]
    None,
    Granted {
        left: u32,
        until: Timestamp,
    },
    Refused {
        until: Timestamp,
    },
}

impl Leases {
    /// `kind` keeps the subjects apart from those of other limits.
    pub(super) fn new(kind: &'static str, quota: Quota) -> Self {
        Self { kind, quota, block: (quota.burst / 20).max(1), subjects: Mutex::default() }
    }

    /// Takes a permit, or says how long to wait for one. `take` asks the database.
    pub(super) async fn take<E>(
        &self,
        subject: &str,
        now: impl Fn() -> Timestamp,
        take: impl AsyncFnOnce(Take) -> Result<Result<(), Duration>, E>,
    ) -> Result<Result<(), Duration>, E> {
        let lease = self.lease(subject, now());
        // Held while the database is asked: the other calls of the subject wait for its answer.
        let mut lease = lease.lock().await;
        if !lease.holds(now()) {
            let subject = rate_limit::subject(self.kind, subject);
            let wish = Take { subject, permits: self.block, quota: self.quota };
            *lease = match take(wish).await? {
                Ok(()) => Lease::Granted { left: self.block, until: now().after(LIFE) },
                Err(wait) => Lease::Refused { until: now().after(wait.min(LIFE)) },
            };
        }
        Ok(lease.spend(now()))
    }

    /// What is known of a subject.
    fn lease(&self, subject: &str, now: Timestamp) -> Arc<AsyncMutex<Lease>> {
        let mut subjects = self.subjects.lock().unwrap_or_else(PoisonError::into_inner);
        subjects.asked += 1;
        if subjects.asked == SWEEP_EVERY {
            subjects.asked = 0;
            subjects.leases.retain(|_, lease| lease.try_lock().map_or(true, |lease| lease.holds(now)));
            subjects.leases.shrink_to_fit();
        }
        Arc::clone(subjects.leases.entry(subject.to_owned()).or_default())
    }
}

impl Lease {
    /// Whether the database need not be asked again. An end in the far future was reckoned with another clock.
    fn holds(self, now: Timestamp) -> bool {
        match self {
            Self::None | Self::Granted { left: 0, .. } => false,
            Self::Granted { until, .. } | Self::Refused { until } => now < until && until <= now.after(LIFE),
        }
    }

    fn spend(&mut self, now: Timestamp) -> Result<(), Duration> {
        match self {
            Self::Granted { left, .. } => {
                *left = left.saturating_sub(1);
                Ok(())
            }
            Self::Refused { until } => Err(until.since(now)),
            Self::None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use super::*;
    use crate::store::{Database, Store};

    const QUOTA: Quota = Quota { burst: 40, interval: Duration::from_millis(25) };

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(1_000_000_000_000_000 + millis * 1000)
    }

    async fn take(server: &Leases, store: &Store, subject: &str, millis: i64) -> Result<(), Duration> {
        let ask = async |take| store.take_at(&[take], Some(at(millis))).await;
        server.take(subject, || at(millis), ask).await.unwrap()
    }

    /// How many of the calls are let through that come in turn to each of the servers.
    async fn granted(servers: &[Leases], store: &Store, millis: i64, calls: usize) -> usize {
        let mut granted = 0;
        for call in 0..calls {
            let taken = take(&servers[call % servers.len()], store, "a", millis).await;
            granted += usize::from(taken.is_ok());
        }
        granted
    }

    #[tokio::test]
    async fn servers_share_what_there_is() {
        let store = Store::open(&Database::SqliteMemory).await.unwrap();
        let servers = [(); 3].map(|()| Leases::new("test", QUOTA));
        assert_eq!(granted(&servers, &store, 0, 200).await, 40);
        assert_eq!(granted(&servers, &store, 49, 200).await, 0);
        assert_eq!(granted(&servers, &store, 50, 200).await, 2);
        assert_eq!(granted(&servers, &store, 500, 200).await, 18);
        assert_eq!(take(&servers[0], &store, "b", 500).await, Ok(()), "another subject");
        let other = Leases::new("other", QUOTA);
        assert_eq!(take(&other, &store, "a", 500).await, Ok(()), "another limit");
    }

    #[tokio::test]
    async fn a_block_is_not_saved_up() {
        let store = Store::open(&Database::SqliteMemory).await.unwrap();
        let server = Leases::new("test", QUOTA);
        let mut granted = 0;
        for millis in [0, 1000] {
            granted += usize::from(take(&server, &store, "a", millis).await.is_ok());
        }
        assert_eq!(granted, 2);
        let lease = *server.lease("a", at(1000)).lock().await;
        assert!(matches!(lease, Lease::Granted { left: 1, until } if until == at(2000)), "{lease:?}");
    }

    #[tokio::test]
    async fn a_clock_that_was_set_back_locks_nobody_out() {
        let store = Store::open(&Database::SqliteMemory).await.unwrap();
        let servers = [Leases::new("test", QUOTA)];
        assert_eq!(granted(&servers, &store, 0, 100).await, 40);
        assert_eq!(granted(&servers, &store, -3_600_000, 100).await, 40);
    }

    #[tokio::test]
    async fn waiting_is_not_coming_early() {
        let store = Store::open(&Database::SqliteMemory).await.unwrap();
        let [busy, other] = [(); 2].map(|()| Leases::new("test", QUOTA));
        let moment = AtomicI64::new(0);
        let lease = busy.lease("a", at(0));
        let held = lease.lock().await;
        let late = async |take| store.take_at(&[take], Some(at(moment.load(Ordering::Relaxed)))).await;
        let waiting = busy.take("a", || at(moment.load(Ordering::Relaxed)), late);
        let others = async {
            moment.store(5000, Ordering::Relaxed);
            assert_eq!(take(&other, &store, "a", 5000).await, Ok(()));
            drop(held);
        };
        assert_eq!(tokio::join!(waiting, others).0.unwrap(), Ok(()));
    }

    #[test]
    fn forgets_who_is_quiet() {
        let server = Leases::new("test", QUOTA);
        for subject in 0..SWEEP_EVERY {
            // Seconds apart, so that all of them but the last are quiet.
            drop(server.lease(&subject.to_string(), at(i64::from(subject) * 2000)));
        }
        assert_eq!(server.subjects.lock().unwrap().leases.len(), 1);
    }
}
