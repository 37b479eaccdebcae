//! The operations, in the words of the public API.

mod collection;
mod crowd;
mod environments;
mod flights;
mod list;
mod opening;
mod pages;
mod persistence;
mod read;
mod session;
mod watch;
mod write;

use std::{
    fmt,
    sync::{Arc, atomic::AtomicBool},
};

use self::{collection::Collection, persistence::Persistence, session::SessionCell};
pub use self::{
    environments::{EnvironmentChange, NewEnvironment},
    list::Part,
    watch::{Changes, Place, Watcher},
    write::{NewSecret, SecretChange},
};
#[cfg(any(test, feature = "bench"))]
pub(crate) use self::{opening::Opening, session::Session};
use crate::{
    config::{CallOptions, CallSettings, Config},
    error::{Error, ErrorKind},
    log::Log,
    transport::{AccessKeyId, Deadline, Transport},
    wire::{EnvironmentItem, SecretItem},
};

/// A client of one project. Cheap to clone; clones share connections and what was read.
///
/// In every operation an environment of `None` or of the empty name is ALL. Dropping the future of a call cancels it.
#[derive(Clone)]
pub struct Locker(Arc<Inner>);

struct Inner {
    config: Arc<Config>,
    log: Log,
    transport: Transport<AccessKeyId>,
    session: SessionCell,
    persistence: Persistence,
    secrets: Collection<SecretItem>,
    environments: Collection<EnvironmentItem>,
    /// Whether it was logged that older answers are used while the server cannot be reached.
    is_outage_told: AtomicBool,
}

impl Locker {
    /// A client with these options. Does no input or output; the first call does.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let config = Arc::new(config);
        let transport =
            Transport::new(config.connection.clone(), AccessKeyId::new(config.access_key_id.clone()));
        Self(Arc::new(Inner {
            persistence: Persistence::new(&config),
            log: config.connection.log.clone(),
            config,
            transport,
            session: SessionCell::default(),
            secrets: Collection::default(),
            environments: Collection::default(),
            is_outage_told: AtomicBool::default(),
        }))
    }

    /// Runs one operation with its settings, within its deadline, and logs its failure.
    async fn call<T, F>(
        &self,
        operation: &'static str,
        options: &CallOptions,
        work: impl FnOnce(CallSettings, Deadline) -> F,
    ) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let settings = self.0.config.call_settings(options)?;
        let outcome = work(settings, Deadline::after(settings.timeout)).await;
        outcome.inspect_err(|error| self.report(operation, error))
    }

    /// Logs an error that says that something is wrong, rather than answering the question that was asked.
    fn report(&self, operation: &str, error: &Error) {
        use ErrorKind::{AlreadyExists, ResourceNotFound, Validation};
        if !matches!(error.kind(), ResourceNotFound | AlreadyExists | Validation) {
            self.0.log.error(format_args!("{operation}: {error}"), error.kind().code());
        }
    }
}

impl Inner {
    /// Forgets what was read.
    fn forget(&self) {
        self.secrets.forget();
        self.environments.forget();
    }
}

/// The environment that a name means; `None` is ALL.
fn named(environment: Option<&str>) -> Option<&str> {
    environment.filter(|name| !name.is_empty())
}

fn not_empty(field: &'static str, text: &str) -> Result<(), Error> {
    if text.is_empty() { Err(Error::validation(field, "must not be empty")) } else { Ok(()) }
}

impl fmt::Debug for Locker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Locker").field(&self.0.config).finish()
    }
}
