//! A list that comes part by part.

use std::sync::Arc;

use futures_util::FutureExt;
use locker_core::{Error, Part};
use napi::Env;
use napi_derive::napi;
use tokio::sync::{
    Mutex,
    mpsc::{self, Receiver, Sender},
};

use crate::{
    batch::SecretBatch,
    calls::Calls,
    cancel::CancelHandle,
    reply::{Reply, panicked},
    runtime,
};

/// How many parts wait for JavaScript at most. They are plaintext, and it has enough to do with one.
const MOST_WAITING: usize = 2;

/// The parts of a list, which JavaScript asks for one by one while the rest is still read and opened.
#[napi]
pub struct SecretParts {
    calls: Calls,
    coming: Arc<Mutex<Receiver<Reply<Option<SecretBatch>>>>>,
}

/// Where the parts go to.
#[derive(Clone)]
pub(crate) struct Parts(Sender<Reply<Option<SecretBatch>>>);

impl Parts {
    /// Gives a part, as soon as there is room for it.
    pub(crate) async fn give(self, part: Part) {
        // Whoever asked may have gone.
        _ = self.0.send(Ok(Some(SecretBatch::from(part))).into()).await;
    }
}

impl SecretParts {
    /// Begins to list.
    pub(crate) fn start<F>(
        calls: Calls,
        cancel: Option<&CancelHandle>,
        list: impl FnOnce(Parts) -> F,
    ) -> napi::Result<Self>
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let (sender, receiver) = mpsc::channel(MOST_WAITING);
        let list = Reply::of(cancel.map(CancelHandle::token), list(Parts(sender.clone())).boxed());
        runtime::for_calls()?.begin(async move {
            // Whoever asked may have gone.
            _ = sender.send(list.await.map(|()| None)).await;
        });
        Ok(Self { calls, coming: Arc::new(Mutex::new(receiver)) })
    }
}

#[napi]
impl SecretParts {
    /// Asks for the next part, or for the null after the last one, and gives the number of that call.
    ///
    /// # Errors
    /// If the operating system gives no threads.
    #[napi(catch_unwind)]
    pub fn next(&self, env: &Env) -> napi::Result<u32> {
        let coming = Arc::clone(&self.coming);
        // A list that ended says so before nothing more comes.
        self.calls.begin_reply(env, async move {
            coming.lock().await.recv().await.unwrap_or_else(|| panicked().into())
        })
    }
}
