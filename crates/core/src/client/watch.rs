//! Watching: what has changed since one looked last.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{Locker, session::Session};
use crate::{
    config::{CachePolicy, CallOptions, CallSettings},
    error::Error,
    transport::Deadline,
    vault::Items,
    wire::{Item, SecretItem},
};

/// Where a secret is: its key, and its environment or `None` for ALL.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The name of the secret.
    pub key: String,
    /// The environment that it is in; `None` for ALL.
    pub environment_name: Option<String>,
}

/// What has changed from one look to the next. A secret that moved was removed here and added there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Secrets that are new.
    pub added: Vec<Place>,
    /// Secrets with another value or description.
    pub changed: Vec<Place>,
    /// Secrets that are gone.
    pub removed: Vec<Place>,
}

impl Changes {
    /// Whether nothing has changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }
}

/// Looks at a project again and again. It keeps ciphertext only.
#[derive(Debug)]
pub struct Watcher {
    locker: Locker,
    seen: Mutex<Option<Items<SecretItem>>>,
    /// Whether the last look failed. An outage is logged once, not at each look.
    is_failing: AtomicBool,
}

impl Locker {
    /// A watcher, which has not looked yet.
    #[must_use]
    pub fn watcher(&self) -> Watcher {
        Watcher { locker: self.clone(), seen: Mutex::default(), is_failing: AtomicBool::default() }
    }
}

impl Watcher {
    /// What has changed since the last look that succeeded; nothing the first time. Costs two small calls while the
    /// project stays as it is.
    ///
    /// # Errors
    /// Whatever keeps the answer from being known. The next look tells what this one missed.
    pub async fn look(&self, options: &CallOptions) -> Result<Changes, Error> {
        let CallSettings { timeout, .. } = self.locker.0.config.call_settings(options)?;
        let cache = CachePolicy { fetch: false, rest_time: Duration::ZERO, stale_if_error: Duration::ZERO };
        let open = |session: &Session, items: &Items<SecretItem>| self.compare(session, items);
        let look = self.locker.read(None, CallSettings { cache, timeout }, Deadline::after(timeout), open);
        let outcome = look.await;
        let was_failing = self.is_failing.swap(outcome.is_err(), Ordering::Relaxed);
        outcome.inspect_err(|error| {
            if !was_failing {
                self.locker.report("watch", error);
            }
        })
    }

    fn compare(&self, session: &Session, items: &Items<SecretItem>) -> Result<Changes, Error> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let changes = match seen.as_ref() {
            Some(before) if !Arc::ptr_eq(before, items) => differences(session, before, items)?,
            _ => Changes::default(),
        };
        *seen = Some(Arc::clone(items));
        Ok(changes)
    }
}

/// Compares two states of a project. Only what differs is opened.
fn differences(
    session: &Session,
    before: &Items<SecretItem>,
    after: &Items<SecretItem>,
) -> Result<Changes, Error> {
    let place = |item: &SecretItem| {
        let secret = session.open_secret(item)?;
        Ok::<_, Error>(Place {
            key: secret.key,
            environment_name: secret.environment_name.map(|name| name.as_ref().to_owned()),
        })
    };
    let mut old: HashMap<_, &SecretItem> = before.iter().map(|item| (position(item), &**item)).collect();
    let mut changes = Changes::default();
    for item in after.iter() {
        match old.remove(&position(item)) {
            None => changes.added.push(place(item)?),
            Some(old) if old.id() != item.id() || old.revision_date() != item.revision_date() => {
                changes.changed.push(place(item)?);
            }
            Some(_) => {}
        }
    }
    for item in old.into_values() {
        changes.removed.push(place(item)?);
    }
    changes.removed.sort();
    Ok(changes)
}

/// Which (key, environment) an item is.
fn position(item: &SecretItem) -> (&str, Option<&str>) {
    (item.name_hash(), item.environment_hash())
}
