//! Who drives the calls: whoever waits for one.
//!
//! A call that is handed to another thread has to wake that, and to be woken by it. Where a processor sleeps in between, this
//! takes longer than all else that is done for a small answer. So a call that blocks drives itself. One that does not is sent
//! off by the thread that makes it, and then taken over by a thread of our own, which drives until no such call is left. That
//! thread also drives when nobody has called for a while: connections that end are closed, and what was put off is done.

use std::{
    io, mem,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{self, Receiver, RecvTimeoutError},
    },
    task::{Context, Poll, Waker},
    thread,
    time::{Duration, Instant},
};

use futures_util::future::{BoxFuture, poll_fn};
use tokio::{
    runtime::{Builder, Runtime},
    task::{JoinError, yield_now},
};

use crate::outlook::Outlook;

/// After so long without a call, the thread drives. A call that comes then has to wake it.
const QUIET: Duration = Duration::from_millis(20);
/// How far ahead there is a timer while calls are made. The runtime wakes itself for one that is due before all others, which
/// that of each call would be.
const BEAT: Duration = Duration::from_secs(1);

/// A runtime, and the thread that drives it while nobody else does.
#[derive(Clone)]
pub(crate) struct Driving {
    runtime: Arc<Runtime>,
    work: Arc<Work>,
    outlook: Arc<Outlook>,
}

impl Driving {
    pub(crate) fn new() -> io::Result<Self> {
        let runtime = Builder::new_current_thread().thread_name("lockerpm").enable_all().build()?;
        Ok(Self { runtime: Arc::new(runtime), work: Arc::default(), outlook: Arc::default() })
    }

    /// Makes sure that there is a thread.
    ///
    /// # Errors
    /// If the operating system gives none.
    pub(crate) fn start_thread(&self) -> io::Result<()> {
        let mut state = self.work.state();
        if state.thread.is_none() {
            let (driving, (ended, end)) = (self.clone(), mpsc::channel());
            thread::Builder::new().name("lockerpm".to_owned()).spawn(move || {
                driving.drive();
                drop(driving);
                drop(ended);
            })?;
            state.thread = Some(end);
        }
        Ok(())
    }

    /// Drives until `call` has ended. The thread is not needed for that.
    pub(crate) fn wait<T: Send + 'static>(
        &self,
        call: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, JoinError> {
        let _waiting = self.work.wait();
        self.runtime.block_on(async {
            settle().await;
            self.work.keep_beat();
            let call = tokio::spawn(call);
            if self.work.is_driven() { call.await } else { self.outlook.wait(call).await }
        })
    }

    /// Sends off a call that nobody waits for. There has to be a thread.
    pub(crate) fn begin(&self, call: impl Future<Output = ()> + Send + 'static) {
        let (call, is_driven) = self.work.count(call);
        if is_driven {
            return self.work.hand_over(call);
        }
        self.runtime.block_on(async {
            settle().await;
            self.work.keep_beat();
            tokio::spawn(call);
            yield_now().await;
        });
        self.work.changed.notify_one();
    }

    /// Begins what goes on beside the calls, and may begin a little later. There has to be a thread.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(work);
    }

    /// Ends all calls, and the thread, waiting for what is being done at this moment only, and no longer than `patience`.
    pub(crate) fn end(self, patience: Duration) {
        let Self { runtime, work, .. } = self;
        let is_busy = |thread: Receiver<()>| thread.recv_timeout(patience) == Err(RecvTimeoutError::Timeout);
        if work.end().is_some_and(is_busy) {
            return;
        }
        if let Some(runtime) = Arc::into_inner(runtime) {
            runtime.shutdown_timeout(patience);
        }
    }

    fn drive(&self) {
        while let Some(reason) = self.work.reason_to_drive() {
            let mut reason = reason;
            self.runtime.block_on(poll_fn(|context| self.work.poll_left(context, &mut reason)));
        }
    }
}

/// Lets happen what nobody has waited for: a connection that its server has closed is not used again. The first turn takes
/// what the operating system has to tell, and the second acts on it.
async fn settle() {
    yield_now().await;
    yield_now().await;
}

type Task = BoxFuture<'static, ()>;

/// Why the thread drives.
#[derive(Clone, Copy, PartialEq)]
enum Reason {
    /// Calls are under way.
    Calls,
    /// Nobody else does.
    Quiet,
}

/// What is known of the calls.
#[derive(Default)]
struct Work {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// How many calls have begun.
    begun: u64,
    /// How many of them that nobody waits for have not ended.
    under_way: usize,
    /// Those that the thread has still to take.
    handed_over: Vec<Task>,
    /// How many threads wait for calls.
    waiting: usize,
    /// Wakes the thread while it drives.
    driver: Option<Waker>,
    /// When the timer is due that is there while calls are made.
    beat: Option<Instant>,
    /// Tells the end of the thread, by being closed.
    thread: Option<Receiver<()>>,
    is_over: bool,
}

impl Work {
    /// Counts a call that is waited for, until what this gives is dropped. The thread does not drive for itself meanwhile.
    fn wait(&self) -> impl Drop + '_ {
        let mut state = self.state();
        state.begun += 1;
        state.waiting += 1;
        let driver = state.driver.clone().filter(|_| state.under_way == 0);
        drop(state);
        if let Some(driver) = driver {
            driver.wake();
        }
        Waiting(self)
    }

    /// Counts a call that nobody waits for, until it ends or is dropped; and tells whether the thread drives, or is about to.
    fn count(self: &Arc<Self>, call: impl Future<Output = ()> + Send + 'static) -> (Task, bool) {
        let mut state = self.state();
        let is_driven = state.driver.is_some() || state.under_way > 0;
        state.begun += 1;
        state.under_way += 1;
        drop(state);
        let under_way = UnderWay(Arc::clone(self));
        let call = async move {
            let _under_way = under_way;
            call.await;
        };
        (Box::pin(call), is_driven)
    }

    /// Makes sure that there is a timer that is due before those of calls.
    fn keep_beat(&self) {
        let now = Instant::now();
        let mut state = self.state();
        if state.beat.is_none_or(|beat| beat <= now) {
            state.beat = Some(now + BEAT);
            drop(state);
            tokio::spawn(tokio::time::sleep(BEAT));
        }
    }

    /// Whether the thread drives.
    fn is_driven(&self) -> bool {
        self.state().driver.is_some()
    }

    /// Gives a call to the thread, which drives from now on if it does not.
    fn hand_over(&self, call: Task) {
        let mut state = self.state();
        // Who is awake looks again before it sleeps.
        let driver = state.driver.clone().filter(|_| state.handed_over.is_empty());
        state.handed_over.push(call);
        drop(state);
        match driver {
            Some(driver) => driver.wake(),
            None => self.changed.notify_one(),
        }
    }

    /// Waits until the thread has a reason to drive; `None` in the end.
    fn reason_to_drive(&self) -> Option<Reason> {
        let mut state = self.state();
        loop {
            let begun = state.begun;
            if state.is_over {
                return None;
            }
            if state.under_way > 0 {
                return Some(Reason::Calls);
            }
            let (waited, timeout) =
                self.changed.wait_timeout(state, QUIET).unwrap_or_else(PoisonError::into_inner);
            state = waited;
            if timeout.timed_out() && state.begun == begun && state.waiting == 0 && !state.is_over {
                return Some(Reason::Quiet);
            }
        }
    }

    /// Takes what is handed over, until the thread leaves the driving to others.
    fn poll_left(&self, context: &mut Context<'_>, reason: &mut Reason) -> Poll<()> {
        let mut state = self.state();
        if state.under_way > 0 {
            *reason = Reason::Calls;
        }
        if state.is_over || (state.under_way == 0 && (*reason == Reason::Calls || state.waiting > 0)) {
            state.driver = None;
            return Poll::Ready(());
        }
        if !state.driver.as_ref().is_some_and(|driver| driver.will_wake(context.waker())) {
            state.driver = Some(context.waker().clone());
        }
        let calls = mem::take(&mut state.handed_over);
        drop(state);
        if !calls.is_empty() {
            self.keep_beat();
        }
        for call in calls {
            tokio::spawn(call);
        }
        Poll::Pending
    }

    fn end(&self) -> Option<Receiver<()>> {
        let mut state = self.state();
        state.is_over = true;
        let never_begun = mem::take(&mut state.handed_over);
        let (driver, thread) = (state.driver.take(), state.thread.take());
        drop(state);
        drop(never_begun);
        self.changed.notify_all();
        if let Some(driver) = driver {
            driver.wake();
        }
        thread
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A thread that waits for a call.
struct Waiting<'a>(&'a Work);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().waiting -= 1;
    }
}

/// A call that nobody waits for.
struct UnderWay(Arc<Work>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way -= 1;
        let driver = state.driver.clone().filter(|_| state.under_way == 0);
        drop(state);
        if let Some(driver) = driver {
            driver.wake();
        }
    }
}
