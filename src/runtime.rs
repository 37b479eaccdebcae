//! What calls run on: one runtime for all environments of the process, started by the first call. A program that only imports
//! the package does not wait for threads, and has no memory taken by them.

use std::{
    io,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use napi::{Env, bindgen_prelude::Object};
use napi_derive::napi;

use crate::driving::Driving;

/// How long the end of the last environment waits for what is being done at that moment, such as the writing of a file.
const ENDING: Duration = Duration::from_millis(100);

static RUNTIME: Mutex<Option<Driving>> = Mutex::new(None);
/// How many environments have loaded this addon: Node.js has one, and one more for each worker thread.
static ENVIRONMENTS: AtomicUsize = AtomicUsize::new(0);

/// The runtime, for a call that blocks.
///
/// # Errors
/// If the operating system does not give what it needs.
pub(crate) fn for_waiting() -> napi::Result<Driving> {
    let running = running()?;
    // Such a call does without the thread.
    _ = running.start_thread();
    Ok(running)
}

/// The runtime, for a call that does not.
///
/// # Errors
/// If the operating system gives no threads.
pub(crate) fn for_calls() -> napi::Result<Driving> {
    let running = running()?;
    running.start_thread().map_err(|problem| unusable(&problem))?;
    Ok(running)
}

/// The runtime, made if there is none.
fn running() -> napi::Result<Driving> {
    let mut runtime = runtime();
    if let Some(running) = &*runtime {
        return Ok(running.clone());
    }
    let made = Driving::new().map_err(|problem| unusable(&problem))?;
    Ok(runtime.insert(made).clone())
}

fn unusable(problem: &io::Error) -> napi::Error {
    napi::Error::from_reason(format!("lockerpm cannot start the threads that it needs: {problem}"))
}

/// Ends the runtime with the last environment. Its threads must not outlive those who can wait for them.
#[napi(module_exports)]
pub(crate) fn follow_environment(_exports: Object, env: Env) -> napi::Result<()> {
    ENVIRONMENTS.fetch_add(1, Ordering::AcqRel);
    let leave = |()| {
        if ENVIRONMENTS.fetch_sub(1, Ordering::AcqRel) == 1
            && let Some(ending) = runtime().take()
        {
            ending.end(ENDING);
        }
    };
    env.add_env_cleanup_hook((), leave).map(drop)
}

fn runtime() -> MutexGuard<'static, Option<Driving>> {
    RUNTIME.lock().unwrap_or_else(PoisonError::into_inner)
}
