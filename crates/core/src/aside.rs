//! Work that takes long, off the thread that drives the calls.

use std::{
    collections::VecDeque,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
};

use futures_util::future::Either;
use tokio::{
    sync::{Semaphore, SemaphorePermit, oneshot},
    task::{JoinHandle, spawn_blocking},
};

use crate::error::{Error, ErrorKind};

/// How much is done at a time, at most. More is not needed for JavaScript to have something to take.
pub(crate) const AT_ONCE: usize = 4;

/// Asking for the number of cores reads files. With more turns than cores, JavaScript would wait for its own.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    Semaphore::new(cores.min(AT_ONCE))
});

/// What waits for a turn. Whoever has one takes the next work from here: the thread that drives the calls may be busy
/// reading, and would leave the cores idle until then.
static WAITING: Mutex<VecDeque<Work>> = Mutex::new(VecDeque::new());

type Work = Box<dyn FnOnce() + Send>;

/// Does `work` on another thread, as soon as one is free. If nobody waits for it any more by then, it is not done.
///
/// # Errors
/// Only if the work panics, or if the runtime ends.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    let (done, outcome) = oneshot::channel();
    waiting().push_back(Box::new(move || {
        if !done.is_closed() {
            _ = done.send(work());
        }
    }));
    if let Ok(turn) = TURNS.try_acquire() {
        hand_over(|| work_off(turn));
    }
    outcome.await.map_err(|panicked_or_shut_down| lost().with_source(panicked_or_shut_down))
}

/// Does `work` on another thread; on this one, if the operating system gives no other.
///
/// # Errors
/// Only if the work panics, or if the runtime ends.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Error> {
    let done = match hand_over(work) {
        Either::Left(task) => {
            task.await.map_err(|panicked_or_shut_down| lost().with_source(panicked_or_shut_down))?
        }
        Either::Right(done) => done,
    };
    done.ok_or_else(lost)
}

/// Gives `work` to another thread, or does it here if the operating system gives none. There is nothing of it only if it was
/// begun before.
fn hand_over<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Either<JoinHandle<Option<T>>, Option<T>> {
    let work = Arc::new(Mutex::new(Some(work)));
    let handed_over = Arc::clone(&work);
    // Where it can start no thread, tokio panics, and keeps what it was given.
    match catch_unwind(AssertUnwindSafe(|| spawn_blocking(move || begin(&handed_over)))) {
        Ok(task) => Either::Left(task),
        Err(_no_thread) => Either::Right(begin(&work)),
    }
}

/// Does the work, unless somebody has begun with it.
fn begin<T>(work: &Mutex<Option<impl FnOnce() -> T>>) -> Option<T> {
    let work = work.lock().unwrap_or_else(PoisonError::into_inner).take();
    work.map(|work| work())
}

fn lost() -> Error {
    Error::new(ErrorKind::Other, "work that was handed to another thread did not end")
}

/// Does what waits until nothing does.
fn work_off(mut turn: SemaphorePermit<'static>) {
    loop {
        while let Some(work) = next() {
            // Whoever waits for it learns of a panic, for nothing comes.
            _ = catch_unwind(AssertUnwindSafe(work));
        }
        drop(turn);
        // What came after the last look has found no turn.
        if waiting().is_empty() {
            return;
        }
        let Ok(another) = TURNS.try_acquire() else { return };
        turn = another;
    }
}

fn next() -> Option<Work> {
    waiting().pop_front()
}

fn waiting() -> MutexGuard<'static, VecDeque<Work>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::{
            Arc,
            atomic::{AtomicUsize, Ordering},
        },
        time::Duration,
    };

    use futures_util::future::join_all;
    use tokio::runtime::Builder;

    use super::*;

    #[tokio::test]
    async fn all_that_waits_is_done_and_not_too_much_at_once() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let works = (0..1000).map(|number| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            aside(move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::yield_now();
                now.fetch_sub(1, Ordering::SeqCst);
                number
            })
        });
        let done = join_all(works).await;
        assert!(done.into_iter().map(Result::unwrap).eq(0..1000));
        assert!(most.load(Ordering::SeqCst) <= AT_ONCE);
    }

    #[tokio::test]
    async fn a_panic_is_told_and_the_rest_is_done() {
        let works = (0..20).map(|number| aside(move || assert!(number % 4 != 3, "on purpose")));
        let failed: Vec<_> = join_all(works).await.iter().map(Result::is_err).collect();
        assert_eq!(failed, (0..20).map(|number| number % 4 == 3).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn a_thread_that_is_busy_with_calls_keeps_no_work_waiting() {
        let (told, telling) = std::sync::mpsc::channel();
        let works: Vec<_> = (0..16)
            .map(|_| {
                let told = told.clone();
                tokio::spawn(aside(move || told.send(())))
            })
            .collect();
        tokio::task::yield_now().await;
        // From here on this thread, which drives all calls, only waits.
        for _ in &works {
            telling.recv_timeout(Duration::from_secs(20)).unwrap();
        }
        for work in works {
            work.await.unwrap().unwrap().unwrap();
        }
    }

    #[test]
    fn where_no_thread_can_be_started_the_work_is_done_on_the_calling_one() {
        let no_memory_has_room_for_it = usize::MAX / 4;
        let runtime =
            Builder::new_current_thread().thread_stack_size(no_memory_has_room_for_it).build().unwrap();
        let here = thread::current().id();
        let done = || runtime.block_on(off_thread(|| thread::current().id()));
        assert_eq!(done().unwrap(), here);
        assert_eq!(done().unwrap(), here);
        // Those of other tests may do it, who have threads.
        assert_eq!(runtime.block_on(aside(|| 7)).unwrap(), 7);
    }

    #[test]
    fn work_that_panics_is_an_error() {
        let runtime = Builder::new_current_thread().build().unwrap();
        let ended: Result<(), Error> = runtime.block_on(off_thread(|| panic!("on purpose")));
        let problem = ended.unwrap_err();
        assert_eq!(problem.to_string(), "work that was handed to another thread did not end");
    }
}
