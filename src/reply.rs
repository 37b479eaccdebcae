//! What a call of the core gives JavaScript, and the waiting for it.

use std::panic::AssertUnwindSafe;

use futures_util::{FutureExt, future::BoxFuture};
use locker_core::Error;
use napi::{Env, Status, bindgen_prelude::ToNapiValue, sys};
use tokio_util::sync::CancellationToken;

use crate::{error, runtime};

/// What a core call gives, unless the call cannot begin. Becomes a JavaScript value, or is thrown as an error with
/// properties.
pub struct Reply<T>(napi::Result<Result<T, Error>>);

impl<T> From<napi::Error> for Reply<T> {
    fn from(error: napi::Error) -> Self {
        Self(Err(error))
    }
}

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

impl<T> Reply<T> {
    /// What a call gives, unless it is cancelled before, or panics.
    pub(crate) async fn of(cancel: Option<CancellationToken>, call: Call<T>) -> Self {
        let call = AssertUnwindSafe(call).catch_unwind();
        let ended = match cancel {
            None => Some(call.await),
            Some(token) => token.run_until_cancelled_owned(call).await,
        };
        Self(match ended {
            Some(ended) => ended.map_err(|_panic| panicked()),
            None => Err(napi::Error::from_status(Status::Cancelled)),
        })
    }

    pub(crate) fn map<U>(self, change: impl FnOnce(T) -> U) -> Reply<U> {
        Reply(self.0.map(|outcome| outcome.map(change)))
    }
}

/// What is said when native code has panicked. The panic's own text is on stderr, where Rust writes it.
pub(crate) fn panicked() -> napi::Error {
    napi::Error::from_reason("native code panicked. This is a bug in lockerpm: please report it")
}

/// A call of the core. Boxed, so that what runs it is compiled for each kind of reply only, and not for each call.
pub(crate) type Call<T> = BoxFuture<'static, Result<T, Error>>;

/// Waits for the end of a call.
pub(crate) fn wait<T: Send + 'static>(
    call: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Reply<T> {
    Reply(runtime::for_waiting().and_then(|runtime| runtime.wait(call.boxed()).map_err(|_panic| panicked())))
}
