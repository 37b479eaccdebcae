//! Answers to lists, kept as they were sent.

use std::{
    collections::{HashMap, hash_map::Entry},
    fmt, mem,
    sync::{Mutex, PoisonError},
};

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
    generations: Mutex<Generations>,
    limit: usize,
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
        Self { generations: Mutex::default(), limit }
    }

    /// The answer to this very question.
    pub(super) fn find(&self, question: &Question) -> Option<Encoded> {
        let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(answer) = generations.young.get(question) {
            return Some(answer.clone());
        }
        let (question, answer) = generations.old.remove_entry(question)?;
        generations.add(question, answer.clone(), self.limit / 2);
        Some(answer)
    }

    /// Keeps an answer that was read from the database after the dates of the question.
    pub(super) fn keep(&self, question: Question, answer: Encoded) {
        // One that fills a generation would drive out all others.
        if size(&question, &answer) <= self.limit / 8 {
            let mut generations = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
            generations.add(question, answer, self.limit / 2);
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
    use super::*;
    use crate::store::Timestamp;

    const LIMIT: usize = 64 * 1024;

    fn question(target: &str, date: i64) -> Question {
        let date = Timestamp::from_micros(date);
        let dates = ProjectDates { revision_date: date, deleted_item_date: Timestamp::ZERO };
        Question { project_id: 1, dates, target: target.to_owned(), encoding: Encoding::Identity }
    }

    async fn answer(size: usize) -> Encoded {
        Encoded::new(vec![b' '; size], Encoding::Identity).await.unwrap()
    }

    #[tokio::test]
    async fn an_answer_is_to_its_question_only() {
        let answers = Answers::new(LIMIT);
        answers.keep(question("a", 1), answer(7).await);
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
        answers.keep(question("asked for", 0), answer(100).await);
        for n in 0..1000 {
            answers.keep(question(&n.to_string(), 0), answer(1000).await);
            assert!(answers.find(&question("asked for", 0)).is_some(), "after {n}");
        }
        let kept = |n: &usize| answers.find(&question(&n.to_string(), 0)).is_some();
        let (count, newest) = ((0..1000).filter(kept).count(), kept(&999));
        assert!((LIMIT / 4 / 1000..LIMIT / 1000).contains(&count), "{count}");
        assert!(newest);
    }

    #[tokio::test]
    async fn what_is_kept_twice_counts_once() {
        let answers = Answers::new(LIMIT);
        answers.keep(question("a", 0), answer(1000).await);
        for _ in 0..1000 {
            answers.keep(question("b", 0), answer(1000).await);
        }
        assert!(answers.find(&question("a", 0)).is_some());
    }

    #[tokio::test]
    async fn a_giant_is_not_kept() {
        let answers = Answers::new(LIMIT);
        answers.keep(question("a", 0), answer(LIMIT / 8).await);
        assert!(answers.find(&question("a", 0)).is_none());
    }
}
