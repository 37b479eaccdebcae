//! The door to Node.js: JavaScript values in, JavaScript values out.
//!
//! Nothing here knows the protocol, the cryptography or HTTP. Each method converts its arguments, calls `locker-core`
//! and converts the answer; `index.js` gives it the face that users see.

mod batch;
mod cancel;
mod convert;
mod error;
mod locker;
mod log;
mod options;
#[cfg(debug_assertions)]
pub mod panic_probe;
mod reply;
mod watch;

use napi::bindgen_prelude::create_custom_tokio_runtime;
use napi_derive::{module_init, napi};

/// Enough threads for a client of the network, on a machine with any number of cores.
const WORKER_THREADS: usize = 2;

#[module_init]
fn start_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKER_THREADS)
        .thread_name("lockerpm")
        .enable_all()
        .build();
    // Without it napi makes a runtime of its own, which works as well with more threads.
    if let Ok(runtime) = runtime {
        create_custom_tokio_runtime(runtime);
    }
}

/// The version of this binary. JavaScript of another version refuses it.
#[napi]
pub const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The environment variables that `new Locker` looks at. JavaScript reads them, because `process.env` of a worker
/// thread is not the environment that native code sees.
#[napi]
pub fn environment_variables() -> Vec<&'static str> {
    locker_core::ENVIRONMENT_VARIABLES.to_vec()
}
