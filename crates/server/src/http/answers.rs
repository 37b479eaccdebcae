//! Answers to lists, kept as they were sent.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt, mem,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::sync::OnceCell;

use super::encoding::{Encoded, Encoding};
use crate::store::ProjectDates;

/// A question with everything that its answer depends on.
///
/// The dates stand for the content of the project: every change of an item gives the project a later revision date, in
/// the same transaction, whichever server makes it. A call reads them from the database before it asks, so once
/// something has changed, no call asks an old question again.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Question {
    pub(super) project_id: i64,
    pub(super) dates: ProjectDates,
    /// Path and parameters, as the client wrote them.
    pub(super) target: String,
    pub(super) encoding: Encoding,
}

/// The answers that were given last, in a bounded amount of memory. They are ciphertext, as everything here.
pub(super) struct Answers {
    kept: Mutex<Generations>,
    limit: usize,
    awaited: Mutex<HashMap<Question, Arc<OnceCell<Encoded>>>>,
}

/// Answers come into the young generation, also when they are found in the old one. When it is full, it becomes the
/// old one, and what nobody has asked for since the last time is forgotten.
#[derive(Default)]
struct Generations {
    young: HashMap<Question, Encoded>,
    young_size: usize,
    old: HashMap<Question, Encoded>,
}

impl Answers {
    /// Keeps up to so many bytes.
    pub(super) fn new(limit: usize) -> Self {
        Self { kept: Mutex::default(), limit, awaited: Mutex::default() }
    }

    /// The answer to this very question. If nobody knows it, `read` finds it out, for all who ask the same meanwhile:
    /// when a project has changed, all its clients ask at once.
    pub(super) async fn get<E>(
        &self,
        question: Question,
        read: impl AsyncFnOnce() -> Result<Encoded, E>,
    ) -> Result<Encoded, E> {
        if let Some(answer) = self.find(&question) {
            return Ok(answer);
        }
        let awaited = Awaited::join(self, &question);
        let answer = awaited.answer.get_or_try_init(|| read()).await?.clone();
        self.keep(question, answer.clone());
        Ok(answer)
    }

    fn find(&self, question: &Question) -> Option<Encoded> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = kept.young.get(question) {
            return Some(answer.clone());
        }
        let (question, answer) = kept.old.remove_entry(question)?;
        kept.add(question, answer.clone(), self.limit / 2);
        Some(answer)
    }

    fn keep(&self, question: Question, answer: Encoded) {
        // One that fills a generation would drive out all others.
        if size(&question, &answer) <= self.limit / 8 {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            kept.add(question, answer, self.limit / 2);
        }
    }
}

/// A call that waits for an answer. The last one takes the question away, also when it is given up.
struct Awaited<'a> {
    answers: &'a Answers,
    question: Question,
    answer: Arc<OnceCell<Encoded>>,
}

impl<'a> Awaited<'a> {
    fn join(answers: &'a Answers, question: &Question) -> Self {
        let mut awaited = answers.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = Arc::clone(awaited.entry(question.clone()).or_default());
        Self { answers, question: question.clone(), answer }
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        let mut awaited = self.answers.awaited.lock().unwrap_or_else(PoisonError::into_inner);
        // Given back under the lock, so that of two calls that leave at once one is the last.
        drop(mem::take(&mut self.answer));
        if awaited.get(&self.question).is_some_and(|answer| Arc::strong_count(answer) == 1) {
            awaited.remove(&self.question);
        }
    }
}

impl Generations {
    fn add(&mut self, question: Question, answer: Encoded, limit: usize) {
        let size = size(&question, &answer);
        if self.young_size + size > limit {
            self.old = mem::take(&mut self.young);
            self.young_size = 0;
        }
        // Whoever asked the same at the same time has the same answer.
        if let Entry::Vacant(place) = self.young.entry(question) {
            place.insert(answer);
            self.young_size += size;
        }
    }
}

/// How much memory an answer takes, with its place.
fn size(question: &Question, answer: &Encoded) -> usize {
    2 * mem::size_of::<(Question, Encoded)>() + question.target.capacity() + answer.len()
}

impl fmt::Debug for Answers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answers").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, future::join_all};
    use tokio::sync::Notify;

    use super::*;
    use crate::store::Timestamp;

    const LIMIT: usize = 64 * 1024;

    fn question(target: &str, date: i64) -> Question {
        let date = Timestamp::from_micros(date);
        let dates = ProjectDates { revision_date: date, deleted_item_date: Timestamp::ZERO };
        Question { project_id: 1, dates, target: target.to_owned(), encoding: Encoding::Identity }
    }

    async fn encoded(size: usize) -> Encoded {
        Encoded::new(vec![b' '; size], Encoding::Identity).await.unwrap()
    }

    /// Has an answer of this size kept.
    async fn keep(answers: &Answers, question: Question, size: usize) {
        let read = async || Ok::<_, ()>(encoded(size).await);
        answers.get(question, read).await.unwrap();
    }

    #[tokio::test]
    async fn an_answer_is_to_its_question_only() {
        let answers = Answers::new(LIMIT);
        keep(&answers, question("a", 1), 7).await;
        assert_eq!(answers.find(&question("a", 1)).unwrap().len(), 7);
        for other in [
            question("b", 1),
            question("a", 2),
            Question { project_id: 2, ..question("a", 1) },
            Question { encoding: Encoding::Gzip, ..question("a", 1) },
        ] {
            assert!(answers.find(&other).is_none(), "{other:?}");
        }
    }

    #[tokio::test]
    async fn there_is_an_end_to_memory() {
        let answers = Answers::new(LIMIT);
        keep(&answers, question("asked for", 0), 100).await;
        for n in 0..1000 {
            keep(&answers, question(&n.to_string(), 0), 1000).await;
            assert!(answers.find(&question("asked for", 0)).is_some(), "after {n}");
        }
        assert!(answers.find(&question("999", 0)).is_some());
        let kept = answers.kept.lock().unwrap();
        let bytes: usize = kept.young.values().chain(kept.old.values()).map(Encoded::len).sum();
        assert!((LIMIT / 4..=LIMIT).contains(&bytes), "{bytes}");
    }

    #[tokio::test]
    async fn a_giant_is_not_kept() {
        let answers = Answers::new(LIMIT);
        keep(&answers, question("a", 0), LIMIT / 8).await;
        assert!(answers.find(&question("a", 0)).is_none());
    }

    #[tokio::test]
    async fn who_asks_the_same_at_once_is_answered_at_once() {
        let (answers, reading) = (Answers::new(LIMIT), Notify::new());
        let read = async || {
            reading.notified().await;
            Ok::<_, ()>(encoded(7).await)
        };
        let mut calls = Box::pin(join_all([(); 3].map(|()| answers.get(question("a", 0), &read))));
        assert!(calls.as_mut().now_or_never().is_none());
        reading.notify_one();
        assert!(calls.as_mut().now_or_never().is_some());
        assert!(answers.awaited.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn a_question_that_was_given_up_can_be_asked_again() {
        let answers = Answers::new(LIMIT);
        let never = async || std::future::pending::<Result<Encoded, ()>>().await;
        let mut calls = [(); 2].map(|()| Box::pin(answers.get(question("a", 0), never)));
        assert!(calls.iter_mut().all(|call| call.as_mut().now_or_never().is_none()));
        assert_eq!(answers.awaited.lock().unwrap().len(), 1);
        drop(calls);
        assert!(answers.awaited.lock().unwrap().is_empty());
        assert!(answers.get(question("a", 0), async || Err::<Encoded, _>(())).await.is_err());
        assert!(answers.awaited.lock().unwrap().is_empty());
        keep(&answers, question("a", 0), 7).await;
        assert!(answers.find(&question("a", 0)).is_some());
    }
}
