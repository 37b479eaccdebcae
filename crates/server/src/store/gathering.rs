//! Questions that are asked for several calls at once.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::{Mutex as AsyncMutex, OnceCell};

use super::StoreError;

/// What was found, by id.
pub(super) type Found<V> = HashMap<String, Arc<V>>;

/// Looks up rows by their ids, for all calls together that come while the database is busy with the calls before.
///
/// A call never joins a question that has begun, so what it is told was true after it came: nothing is remembered, and
/// there is nothing to invalidate. The busier the server, the more calls share a question.
pub(super) struct Gathering<V> {
    /// The round that calls still join.
    open: Mutex<Arc<Round<V>>>,
    /// Held while a round is asked; the next one grows meanwhile.
    turn: AsyncMutex<()>,
}

struct Round<V> {
    ids: Mutex<BTreeSet<String>>,
    answer: OnceCell<Result<Found<V>, Arc<StoreError>>>,
}

impl<V> Gathering<V> {
    /// The row with this id. `ask` asks the database for several; it may be the `ask` of another call that does it.
    pub(super) async fn find(
        &self,
        id: &str,
        ask: impl AsyncFnOnce(Vec<String>) -> Result<Found<V>, StoreError>,
    ) -> Result<Option<Arc<V>>, StoreError> {
        let round = self.join(id);
        // When the call that asks is given up, another one of its round asks again.
        let answer = round.answer.get_or_init(async || {
            let _turn = self.turn.lock().await;
            ask(self.close(&round)).await.map_err(Arc::new)
        });
        match answer.await {
            Ok(found) => Ok(found.get(id).cloned()),
            Err(error) => Err(StoreError::Together(Arc::clone(error))),
        }
    }

    fn join(&self, id: &str) -> Arc<Round<V>> {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.ids.lock().unwrap_or_else(PoisonError::into_inner).insert(id.to_owned());
        Arc::clone(&open)
    }

    /// From now on nobody joins the round. The ids that it is about.
    fn close(&self, round: &Arc<Round<V>>) -> Vec<String> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if Arc::ptr_eq(&open, round) {
            *open = Arc::default();
        }
        round.ids.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

impl<V> Default for Gathering<V> {
    fn default() -> Self {
        Self { open: Mutex::default(), turn: AsyncMutex::default() }
    }
}

impl<V> Default for Round<V> {
    fn default() -> Self {
        Self { ids: Mutex::default(), answer: OnceCell::new() }
    }
}

impl<V> fmt::Debug for Gathering<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gathering").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use futures_util::{FutureExt, future::join_all};
    use tokio::sync::Notify;

    use super::*;

    /// A database whose rows are the number of the question that found them.
    #[derive(Default)]
    struct Database {
        gathering: Gathering<usize>,
        questions: AtomicUsize,
        answering: Notify,
    }

    impl Database {
        async fn find(&self, id: &str) -> Option<usize> {
            let found = self.gathering.find(id, async |ids: Vec<String>| {
                let question = self.questions.fetch_add(1, Ordering::Relaxed);
                self.answering.notified().await;
                Ok(ids.into_iter().filter(|id| id != "none").map(|id| (id, Arc::new(question))).collect())
            });
            found.await.unwrap().map(|question| *question)
        }
    }

    #[tokio::test]
    async fn a_call_shares_a_question_that_begins_after_it_came() {
        let database = Database::default();
        let mut first = Box::pin(database.find("a"));
        assert!(first.as_mut().now_or_never().is_none());
        // The first question has begun, so these share the second.
        let mut others = Box::pin(join_all(["a", "b", "a", "none"].map(|id| database.find(id))));
        assert!(others.as_mut().now_or_never().is_none());
        assert_eq!(database.questions.load(Ordering::Relaxed), 1);
        database.answering.notify_one();
        assert_eq!(first.await, Some(0));
        assert!(others.as_mut().now_or_never().is_none());
        database.answering.notify_one();
        assert_eq!(others.await, [Some(1), Some(1), Some(1), None]);
        assert_eq!(database.questions.load(Ordering::Relaxed), 2);
    }

    #[tokio::test]
    async fn a_call_that_is_given_up_takes_nobody_along() {
        let database = Database::default();
        let mut first = Box::pin(database.find("a"));
        assert!(first.as_mut().now_or_never().is_none());
        let mut asking = Box::pin(database.find("b"));
        let mut waiting = Box::pin(database.find("c"));
        assert!(asking.as_mut().now_or_never().is_none());
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(first);
        assert!(asking.as_mut().now_or_never().is_none());
        drop(asking);
        database.answering.notify_one();
        assert_eq!(waiting.await, Some(2));
    }

    #[tokio::test]
    async fn a_failure_is_everybodys() {
        let database = Database::default();
        let find = async |id: &str| {
            let ask = async |_: Vec<String>| {
                database.questions.fetch_add(1, Ordering::Relaxed);
                Err(StoreError::Duplicate)
            };
            database.gathering.find(id, ask).await
        };
        let turn = database.gathering.turn.lock().await;
        let mut both = Box::pin(join_all(["a", "b"].map(find)));
        assert!(both.as_mut().now_or_never().is_none());
        drop(turn);
        for found in both.await {
            assert!(
                matches!(found, Err(StoreError::Together(error)) if matches!(*error, StoreError::Duplicate))
            );
        }
        assert_eq!(database.questions.load(Ordering::Relaxed), 1);
    }
}
