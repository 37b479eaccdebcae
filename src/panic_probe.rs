//! Ways to panic on purpose, in debug builds only: the tests use them to see that a panic becomes an error.

use napi::Env;
use napi_derive::napi;

use crate::{
    locker::NativeLocker,
    reply::{Reply, wait},
};

async fn panicking() -> Result<bool, locker_core::Error> {
    tokio::task::yield_now().await;
    unreachable!("a panic on purpose")
}

#[napi]
impl NativeLocker {
    /// Panics as an asynchronous method would.
    ///
    /// # Errors
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn panic(&self, env: &Env) -> napi::Result<u32> {
        self.calls.begin(env, None, panicking())
    }
}

/// Panics as a `Sync` method would.
#[napi(catch_unwind, ts_return_type = "never")]
pub fn panic_sync() -> Reply<bool> {
    wait(panicking())
}
