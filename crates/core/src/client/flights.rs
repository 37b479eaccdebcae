//! Single flight: equal reads under way share one request.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use futures_util::{
    FutureExt,
    future::{BoxFuture, Shared, WeakShared},
};

use crate::{
    error::{Error, ErrorKind},
    transport::Deadline,
};

type Outcome<V> = Result<V, Error>;
type Flight<V> = BoxFuture<'static, Outcome<V>>;

/// The reads under way, by what they ask for.
///
/// A flight lives as long as somebody waits for it: a caller that gives up takes nothing from the others, and when
/// the last one has given up, the request is cancelled.
pub(super) struct Flights<K, V: Clone>(Arc<Mutex<HashMap<K, WeakShared<Flight<V>>>>>);

impl<K, V: Clone> Default for Flights<K, V> {
    fn default() -> Self {
        Self(Arc::default())
    }
}

impl<K, V> Flights<K, V>
where
    K: Clone + Eq + Hash + Send + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Joins the flight of `key`, or starts it.
    pub(super) async fn join<F>(&self, key: &K, deadline: Deadline, start: impl Fn() -> F) -> Outcome<V>
    where
        F: Future<Output = Outcome<V>> + Send + 'static,
    {
        loop {
            let (flight, is_leader) = self.board(key, &start);
            match deadline.limit(flight).await? {
                // The flight had the leader's deadline; this call has time left for a flight of its own.
                Err(error) if error.kind() == ErrorKind::Timeout && !is_leader => {}
                outcome => return outcome,
            }
        }
    }

    fn board<F>(&self, key: &K, start: impl Fn() -> F) -> (Shared<Flight<V>>, bool)
    where
        F: Future<Output = Outcome<V>> + Send + 'static,
    {
        let mut under_way = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = under_way.get(key).and_then(WeakShared::upgrade) {
            return (flight, false);
        }
        // Cancelled flights stay behind. Looking for them only as the map doubles keeps a start cheap.
        if under_way.len().is_power_of_two() {
            under_way.retain(|_, flight| flight.upgrade().is_some());
        }
        let (flights, landed, work) = (Arc::clone(&self.0), key.clone(), start());
        let flight = async move {
            let outcome = work.await;
            flights.lock().unwrap_or_else(PoisonError::into_inner).remove(&landed);
            outcome
        }
        .boxed()
        .shared();
        if let Some(weak) = flight.downgrade() {
            under_way.insert(key.clone(), weak);
        }
        (flight, true)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicU32, Ordering::SeqCst},
        time::Duration,
    };

    use tokio::sync::Notify;

    use super::*;

    /// Work that ends when it is told to, and counts how often it was begun and ended.
    #[derive(Clone, Default)]
    struct Work(Arc<(AtomicU32, AtomicU32, Notify)>);

    impl Work {
        fn start(&self) -> impl Future<Output = Outcome<u32>> + Send + use<> {
            let work = self.clone();
            let number = work.0.0.fetch_add(1, SeqCst) + 1;
            async move {
                work.0.2.notified().await;
                work.0.1.fetch_add(1, SeqCst);
                Ok(number)
            }
        }

        fn finish(&self) {
            self.0.2.notify_one();
        }

        fn counts(&self) -> (u32, u32) {
            (self.0.0.load(SeqCst), self.0.1.load(SeqCst))
        }
    }

    fn ample() -> Deadline {
        Deadline::after(Duration::from_secs(60))
    }

    #[tokio::test]
    async fn equal_reads_share_a_flight_and_later_ones_start_anew() {
        let (flights, work) = (Flights::<u8, u32>::default(), Work::default());
        let join = || flights.join(&1, ample(), || work.start());
        let (first, second, ()) = tokio::join!(join(), join(), async { work.finish() });
        assert_eq!((first.unwrap(), second.unwrap(), work.counts()), (1, 1, (1, 1)));
        work.finish();
        assert_eq!(join().await.unwrap(), 2);
    }

    #[tokio::test]
    async fn other_reads_fly_on_their_own() {
        let (flights, work) = (Flights::<u8, u32>::default(), Work::default());
        let join = |key| {
            let (flights, work) = (&flights, &work);
            async move { flights.join(&key, ample(), || work.start()).await }
        };
        let (first, second, ()) = tokio::join!(join(1), join(2), async {
            work.finish();
            tokio::task::yield_now().await;
            work.finish();
        });
        assert_ne!(first.unwrap(), second.unwrap());
    }

    #[tokio::test]
    async fn one_caller_giving_up_takes_nothing_from_the_others() {
        let (flights, work) = (Flights::<u8, u32>::default(), Work::default());
        let join = || Box::pin(flights.join(&1, ample(), || work.start()));
        let (mut leader, mut follower) = (join(), join());
        assert!(futures_util::poll!(&mut leader).is_pending());
        assert!(futures_util::poll!(&mut follower).is_pending());
        drop(leader);
        work.finish();
        assert_eq!(follower.await.unwrap(), 1);
    }

    #[tokio::test]
    async fn the_last_caller_giving_up_cancels_the_work() {
        let (flights, work) = (Flights::<u8, u32>::default(), Work::default());
        let mut only = Box::pin(flights.join(&1, ample(), || work.start()));
        assert!(futures_util::poll!(&mut only).is_pending());
        drop(only);
        work.finish();
        assert_eq!(flights.join(&1, ample(), || work.start()).await.unwrap(), 2);
        assert_eq!(work.counts(), (2, 1));
    }

    #[tokio::test]
    async fn a_follower_outlives_the_deadline_of_its_leader() {
        let flights = Flights::<u8, u32>::default();
        let timeout = || async { Err(Error::new(ErrorKind::Timeout, "the leader's time is over")) };
        let work = Work::default();
        let slow = || {
            let work = work.start();
            async move { work.await.and_then(|_| Err(Error::new(ErrorKind::Timeout, "over"))) }
        };
        let mut leader = Box::pin(flights.join(&1, ample(), slow));
        assert!(futures_util::poll!(&mut leader).is_pending());
        let mut follower = Box::pin(flights.join(&1, ample(), || async { Ok(7) }));
        assert!(futures_util::poll!(&mut follower).is_pending());
        work.finish();
        assert_eq!(leader.await.unwrap_err().kind(), ErrorKind::Timeout);
        assert_eq!(follower.await.unwrap(), 7);
        assert_eq!(flights.join(&1, ample(), timeout).await.unwrap_err().kind(), ErrorKind::Timeout);
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_waits_no_longer_than_its_deadline() {
        let (flights, work) = (Flights::<u8, u32>::default(), Work::default());
        let deadline = Deadline::after(Duration::from_millis(1));
        let outcome = flights.join(&1, deadline, || work.start()).await;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
    }
}
