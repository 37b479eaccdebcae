//! Ways to panic on purpose, in debug builds only: the tests use them to see that a panic becomes an error.

use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;

use crate::reply::{Reply, promise, wait};

async fn panicking() -> Result<bool, locker_core::Error> {
    tokio::task::yield_now().await;
    unreachable!("a panic on purpose")
}

/// Panics as an asynchronous method would.
///
/// # Errors
/// Always, by way of the panic.
#[napi(ts_return_type = "Promise<never>")]
pub fn panic_async(env: &Env) -> napi::Result<PromiseRaw<'_, Reply<bool>>> {
    promise(env, None, panicking())
}

/// Panics as a `Sync` method would.
#[napi(catch_unwind, ts_return_type = "never")]
pub fn panic_sync() -> Reply<bool> {
    wait(panicking())
}
