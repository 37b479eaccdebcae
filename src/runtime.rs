//! The threads that calls run on: one runtime for all environments of the process, started by the first call. A program
//! that only imports the package does not wait for threads, and has no memory taken by them.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use napi::{Env, bindgen_prelude::Object};
use napi_derive::napi;
use tokio::runtime::{Builder, Handle, Runtime};

/// It waits for the network, and hands over what takes longer. A second one would cost each call a few system calls more.
const WORKER_THREADS: usize = 1;
/// How long the end of the last environment waits for what is being done at that moment, such as the writing of a file.
const ENDING: Duration = Duration::from_millis(100);

static RUNTIME: Mutex<Option<Runtime>> = Mutex::new(None);
/// How many environments have loaded this addon: Node.js has one, and one more for each worker thread.
static ENVIRONMENTS: AtomicUsize = AtomicUsize::new(0);

/// The runtime, started if it is not running.
///
/// # Errors
/// If the operating system gives no threads.
pub(crate) fn handle() -> napi::Result<Handle> {
    let mut runtime = runtime();
    if let Some(running) = &*runtime {
        return Ok(running.handle().clone());
    }
    let started = Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .thread_name("lockerpm")
        .enable_all()
        .build();
    let started = started.map_err(|problem| {
        napi::Error::from_reason(format!("lockerpm cannot start the threads that it needs: {problem}"))
    })?;
    Ok(runtime.insert(started).handle().clone())
}

/// Ends the runtime with the last environment. Its threads must not outlive those who can wait for them.
#[napi(module_exports)]
pub(crate) fn follow_environment(_exports: Object, env: Env) -> napi::Result<()> {
    ENVIRONMENTS.fetch_add(1, Ordering::AcqRel);
    let leave = |()| {
        if ENVIRONMENTS.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(ending) = runtime().take()
        {
            ending.shutdown_timeout(ENDING);
        }
    };
    env.add_env_cleanup_hook((), leave).map(drop)
}

fn runtime() -> MutexGuard<'static, Option<Runtime>> {
    RUNTIME.lock().unwrap_or_else(PoisonError::into_inner)
}
