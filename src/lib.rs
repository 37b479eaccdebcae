//! The door to Node.js: JavaScript values in, JavaScript values out.
//!
//! Nothing here knows the protocol, the cryptography or HTTP. Each method converts its arguments, calls `locker-core`
//! and converts the answer; `index.js` gives it the face that users see.

mod batch;
mod calls;
mod cancel;
mod convert;
mod driving;
mod error;
mod locker;
mod log;
mod options;
mod outlook;
#[cfg(debug_assertions)]
pub mod panic_probe;
mod parts;
mod reply;
mod runtime;
mod wake;
mod watch;

use napi_derive::napi;

/// The version of this binary. JavaScript of another version refuses it.
#[napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The environment variables that `new Locker` looks at. JavaScript reads them, because `process.env` of a worker
/// thread is not the environment that native code sees.
#[napi]
pub fn environment_variables() -> Vec<&'static str> {
    locker_core::ENVIRONMENT_VARIABLES.to_vec()
}
