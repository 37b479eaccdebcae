//! The two ways in which a core future is run: as a promise, and to its end.

use locker_core::Error;
use napi::{
    Env, Status,
    bindgen_prelude::{PromiseRaw, ToNapiValue, block_on},
    sys,
};

use crate::{cancel::CancelHandle, error};

/// What a core call gives. Becomes a JavaScript value, or is thrown as an error with properties.
pub struct Reply<T>(Result<T, Error>);

impl<T> From<Result<T, Error>> for Reply<T> {
    fn from(outcome: Result<T, Error>) -> Self {
        Self(outcome)
    }
}

impl<T: ToNapiValue> ToNapiValue for Reply<T> {
    #[allow(unsafe_code)]
    unsafe fn to_napi_value(env: sys::napi_env, reply: Self) -> napi::Result<sys::napi_value> {
        match reply.0 {
            // SAFETY: `env` is the one that napi passed in, on its own thread.
            Ok(value) => unsafe { T::to_napi_value(env, value) },
            Err(error) => Err(error::to_js(&Env::from_raw(env), &error)),
        }
    }
}

/// Runs a call on the runtime, and gives its promise at once.
pub(crate) fn promise<'env, T: ToNapiValue + Send + 'static>(
    env: &'env Env,
    cancel: Option<&CancelHandle>,
    call: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> napi::Result<PromiseRaw<'env, Reply<T>>> {
    let cancelled = cancel.map(CancelHandle::token);
    env.spawn_future(async move {
        let Some(cancelled) = cancelled else { return Ok(Reply(call.await)) };
        tokio::select! {
            biased;
            () = cancelled.cancelled() => Err(napi::Error::from_status(Status::Cancelled)),
            outcome = call => Ok(Reply(outcome)),
        }
    })
}

/// Runs the very same call to its end on this thread. Only for the `Sync` twins: on a thread of the runtime it would
/// panic.
pub(crate) fn wait<T>(call: impl Future<Output = Result<T, Error>>) -> Reply<T> {
    Reply(block_on(call))
}
