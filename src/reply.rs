//! The two ways in which a core future is run: as a promise, and to its end.

use locker_core::Error;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use napi::{
    Env, JsValue, Status,
    bindgen_prelude::{PromiseRaw, ToNapiValue},
    sys,
};
use tokio_util::sync::CancellationToken;

use crate::{cancel::CancelHandle, error, runtime};

/// What is said when native code has panicked. The panic's own text is on stderr, as Rust writes it.
const PANICKED: &str = "native code panicked. This is a bug in lockerpm: please report it";

/// What a core call gives, unless the call cannot begin. Becomes a JavaScript value, or is thrown as an error with
/// properties.
pub struct Reply<T>(napi::Result<Result<T, Error>>);

impl<T> From<Result<T, Error>> for Reply<T> {
    fn from(outcome: Result<T, Error>) -> Self {
        Self(Ok(outcome))
    }
}

impl<T: ToNapiValue> ToNapiValue for Reply<T> {
    #[allow(unsafe_code)]
    unsafe fn to_napi_value(env: sys::napi_env, reply: Self) -> napi::Result<sys::napi_value> {
        match reply.0? {
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
    let runtime = runtime::handle()?;
    let (deferred, promise) = env.create_deferred()?;
    let call = AssertUnwindSafe(unless_cancelled(cancel.map(CancelHandle::token), call)).catch_unwind();
    runtime.spawn(async move {
        match call.await {
            Ok(Ok(outcome)) => deferred.resolve(move |_| Ok(Reply::from(outcome))),
            Ok(Err(cancelled)) => deferred.reject(cancelled),
            Err(_panic) => deferred.reject(napi::Error::from_reason(PANICKED)),
        }
    });
    Ok(PromiseRaw::new(env.raw(), promise.raw()))
}

/// The outcome of a call, or that it was given up before there was one.
async fn unless_cancelled<T>(
    cancelled: Option<CancellationToken>,
    call: impl Future<Output = T>,
) -> napi::Result<T> {
    let Some(cancelled) = cancelled else { return Ok(call.await) };
    tokio::select! {
        biased;
        () = cancelled.cancelled() => Err(napi::Error::from_status(Status::Cancelled)),
        outcome = call => Ok(outcome),
    }
}

/// Runs the very same call on the runtime, and waits for its end. This thread only sleeps: it would have to be woken, and
/// to wake the runtime, at each step of the call.
pub(crate) fn wait<T: Send + 'static>(
    call: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Reply<T> {
    let outcome = runtime::handle().and_then(|runtime| {
        let ended = runtime.block_on(runtime.spawn(call));
        ended.map_err(|_panic| napi::Error::from_reason(PANICKED))
    });
    Reply(outcome)
}
