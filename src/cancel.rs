//! How JavaScript gives up a call.

use napi_derive::napi;
use tokio_util::sync::CancellationToken;

/// A handle with which `index.js` cancels one call when its `AbortSignal` fires. napi's own `AbortSignal` replaces the
/// user's `onabort` and cannot be used inside a future.
#[napi]
#[derive(Default)]
pub struct CancelHandle(CancellationToken);

#[napi]
impl CancelHandle {
    /// A handle for one call.
    #[napi(constructor)]
    pub fn new() -> Self {
        Self::default()
    }

    /// Gives up the call.
    #[napi]
    pub fn cancel(&self) {
        self.0.cancel();
    }

    pub(crate) fn token(&self) -> CancellationToken {
        self.0.clone()
    }
}
