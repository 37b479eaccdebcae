//! How native code tells JavaScript that something waits for it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::{
    Env, Status,
    threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode::NonBlocking},
};

/// A function of JavaScript that any thread may call. It does not keep the process alive.
pub(crate) type Wake = ThreadsafeFunction<(), (), (), Status, false, true>;

/// Such a function that several have.
#[derive(Clone)]
pub(crate) struct Bell(Arc<Mutex<Wake>>);

impl From<Wake> for Bell {
    fn from(wake: Wake) -> Self {
        Self(Arc::new(Mutex::new(wake)))
    }
}

impl Bell {
    /// Has JavaScript look, soon.
    pub(crate) fn ring(&self) {
        self.wake().call((), NonBlocking);
    }

    /// Keeps the process alive from now on, or no longer. On the thread of JavaScript only.
    #[allow(deprecated, reason = "clones would keep it alive at all times")]
    pub(crate) fn keep_alive(&self, env: &Env, is_needed: bool) -> napi::Result<()> {
        let mut wake = self.wake();
        if is_needed { wake.refer(env) } else { wake.unref(env) }
    }

    fn wake(&self) -> MutexGuard<'_, Wake> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
