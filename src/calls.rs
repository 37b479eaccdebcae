//! Calls under way, and what JavaScript has to learn of those that have ended.
//!
//! A promise of Node-API has a handle of its own in the event loop, made and closed for each call, which takes longer than
//! all else that is done for it here. So JavaScript makes the promises, and the calls of a client share one handle.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use napi::{
    Env, Unknown,
    bindgen_prelude::{Array, FromNapiValue, ToNapiValue},
};

use crate::{cancel::CancelHandle, reply::Reply, runtime, wake::Bell};

/// The calls of one client.
#[derive(Clone)]
pub(crate) struct Calls {
    state: Arc<Mutex<State>>,
    bell: Bell,
}

#[derive(Default)]
struct State {
    /// How many have not been taken yet. Only the thread of JavaScript changes it.
    under_way: usize,
    /// The number of the last one. It begins anew long after the calls of the same numbers have ended.
    last: u32,
    ended: Vec<Ended>,
}

/// A call that has ended.
struct Ended {
    number: u32,
    outcome: Outcome,
}

/// Makes of a reply what JavaScript gets for it, on its thread.
type Outcome = Box<dyn FnOnce(&Env) -> napi::Result<Unknown<'_>> + Send>;

impl Calls {
    pub(crate) fn new(bell: Bell) -> Self {
        Self { state: Arc::default(), bell }
    }

    /// Begins a call of the core, and gives its number.
    ///
    /// # Errors
    /// If the operating system gives no threads.
    pub(crate) fn begin<T: ToNapiValue + Send + 'static>(
        &self,
        env: &Env,
        cancel: Option<&CancelHandle>,
        call: impl Future<Output = Result<T, locker_core::Error>> + Send + 'static,
    ) -> napi::Result<u32> {
        self.begin_reply(env, Reply::of(cancel.map(CancelHandle::token), Box::pin(call)))
    }

    /// Begins what gives a reply, and gives its number.
    ///
    /// # Errors
    /// As [`Calls::begin`].
    pub(crate) fn begin_reply<T: ToNapiValue + Send + 'static>(
        &self,
        env: &Env,
        reply: impl Future<Output = Reply<T>> + Send + 'static,
    ) -> napi::Result<u32> {
        let runtime = runtime::for_calls()?;
        let mut state = self.state();
        if state.under_way == 0 {
            self.bell.keep_alive(env, true)?;
        }
        state.under_way += 1;
        state.last = state.last.wrapping_add(1);
        let number = state.last;
        drop(state);
        let calls = self.clone();
        runtime.begin(async move {
            let reply = reply.await;
            calls.end(Ended { number, outcome: Box::new(move |env| value_of(env, reply)) });
        });
        Ok(number)
    }

    /// The calls that have ended since the last time: for each its number, whether it failed, and its value or its error.
    ///
    /// # Errors
    /// If JavaScript has no memory for them.
    pub(crate) fn take<'env>(&self, env: &'env Env) -> napi::Result<Option<Array<'env>>> {
        let ended = {
            let mut state = self.state();
            state.under_way -= state.ended.len();
            if state.under_way == 0 && !state.ended.is_empty() {
                self.bell.keep_alive(env, false)?;
            }
            std::mem::take(&mut state.ended)
        };
        if ended.is_empty() {
            return Ok(None);
        }
        let mut taken = env.create_array(0)?;
        for Ended { number, outcome } in ended {
            let outcome = outcome(env);
            taken.insert(number)?;
            taken.insert(outcome.is_err())?;
            match outcome {
                Ok(value) => taken.insert(value)?,
                Err(error) => taken.insert(error)?,
            }
        }
        Ok(Some(taken))
    }

    fn end(&self, ended: Ended) {
        let mut state = self.state();
        state.ended.push(ended);
        let is_first = state.ended.len() == 1;
        drop(state);
        if is_first {
            self.bell.ring();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[allow(unsafe_code)]
fn value_of<T: ToNapiValue>(env: &Env, reply: Reply<T>) -> napi::Result<Unknown<'_>> {
    // SAFETY: `env` is the one that napi passed in, on its own thread, and the value is made in it.
    unsafe {
        let value = Reply::to_napi_value(env.raw(), reply)?;
        Unknown::from_napi_value(env.raw(), value)
    }
}
