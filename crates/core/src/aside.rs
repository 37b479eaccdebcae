//! Work that takes long, off the thread that drives the calls.

use std::{
    collections::VecDeque,
    num::NonZero,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{LazyLock, Mutex, MutexGuard, PoisonError},
    thread,
};

use tokio::{
    sync::{Semaphore, SemaphorePermit, oneshot},
    task::spawn_blocking,
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
        spawn_blocking(|| work_off(turn));
    }
    outcome.await.map_err(|panicked_or_shut_down| {
        Error::new(ErrorKind::Other, "work that was handed to another thread did not end")
            .with_source(panicked_or_shut_down)
    })
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

    use super::*;

    #[tokio::test]
    async fn all_that_waits_is_done_and_not_too_much_at_once() {
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let works = (0..1000).map(|number| {
            let (now, most) = (Arc::clone(&now), Arc::clone(&most));
            aside(move || {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                thread::sleep(Duration::from_micros(10));
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
}
