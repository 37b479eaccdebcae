//! A list that comes part by part.

use std::sync::Arc;

use futures_util::FutureExt;
use locker_core::{Error, Part};
use napi::{Env, bindgen_prelude::PromiseRaw};
use napi_derive::napi;
use tokio::sync::{
    Mutex,
    mpsc::{self, UnboundedReceiver, UnboundedSender},
};

use crate::{
    batch::SecretBatch,
    cancel::CancelHandle,
    reply::{Reply, panicked, promise_of},
    runtime,
};

/// The parts of a list, which JavaScript asks for one by one while the rest is still read and opened.
#[napi]
pub struct SecretParts(Arc<Mutex<UnboundedReceiver<Reply<Option<SecretBatch>>>>>);

/// Where the parts go to.
pub(crate) struct Parts(UnboundedSender<Reply<Option<SecretBatch>>>);

impl Parts {
    pub(crate) fn give(&self, part: Part) {
        // Whoever asked may have gone.
        _ = self.0.send(Ok(Some(SecretBatch::from(part))).into());
    }
}

impl SecretParts {
    /// Begins to list.
    pub(crate) fn start<F>(cancel: Option<&CancelHandle>, list: impl FnOnce(Parts) -> F) -> napi::Result<Self>
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::unbounded_channel();
        let list = Reply::of(cancel.map(CancelHandle::token), list(Parts(sender.clone())).boxed());
        runtime::handle()?.spawn(async move { sender.send(list.await.map(|()| None)) });
        Ok(Self(Arc::new(Mutex::new(receiver))))
    }
}

#[napi]
impl SecretParts {
    /// The next part, or null after the last one.
    ///
    /// # Errors
    /// Only if the promise itself cannot be made.
    #[napi(ts_return_type = "Promise<SecretBatch | null>")]
    pub fn next<'env>(&self, env: &'env Env) -> napi::Result<PromiseRaw<'env, Reply<Option<SecretBatch>>>> {
        let parts = Arc::clone(&self.0);
        // A list that ended says so before nothing more comes.
        promise_of(env, async move { parts.lock().await.recv().await.unwrap_or_else(|| panicked().into()) })
    }
}
