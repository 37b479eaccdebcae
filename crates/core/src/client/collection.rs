//! Reading the items of one kind: from the vault while they are fresh, else from the server.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, atomic::Ordering},
    time::Duration,
};

use super::{
    Inner, Locker,
    crowd::Crowd,
    flights::Flights,
    pages::{self, Ahead},
    session::Session,
};
use crate::{
    clock::Past,
    config::CallSettings,
    crypto::NameHash,
    error::{Error, ErrorKind},
    transport::Deadline,
    vault::{Items, Listing, Query, Shelf},
    wire::{EnvironmentItem, Item, SecretItem},
};

const REVISION_DATE_PATH: &str = "/v1/sync/revision_date";
const DELETED_ITEM_DATE_PATH: &str = "/v1/sync/deleted_item_date";

/// When the project last changed, in seconds since the epoch.
#[derive(Clone, Copy, Debug)]
struct ProjectDates {
    /// In any way.
    revision: f64,
    /// By a deletion, or by the renaming of an environment; 0 if that has never been.
    deleted_item: f64,
}

/// The items of one kind, and the reads of them that are under way.
pub(super) struct Collection<T: Item> {
    shelf: Mutex<Shelf<T>>,
    /// Flights of an older generation began before a write, so a read after it must not join them.
    flights: Flights<(u64, Query, Duration), Items<T>>,
    /// The names that are being read.
    crowd: Crowd,
}

impl<T: Item> Default for Collection<T> {
    fn default() -> Self {
        Self { shelf: Mutex::default(), flights: Flights::default(), crowd: Crowd::default() }
    }
}

impl<T: Item> Collection<T> {
    pub(super) fn shelf(&self) -> MutexGuard<'_, Shelf<T>> {
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What `query` asks for, of the items that `flown` has brought.
    fn narrowed(&self, items: Items<T>, flown: &Query, query: &Query) -> Items<T> {
        match query {
            Query::Name(hash) if flown != query => {
                let shelf = self.shelf();
                // They are on the shelf, sorted, unless a write has forgotten them.
                let kept = shelf.whole().filter(|whole| Arc::ptr_eq(&whole.listing.items, &items));
                kept.map_or_else(|| of_name(&items, hash), |whole| whole.named(hash))
            }
            _ => items,
        }
    }

    /// Forgets what was read, because it may not be true any more.
    pub(super) fn forget(&self) {
        self.shelf().clear();
    }

    /// Forgets what was read as soon as a write is over, also if its caller gives it up or its answer is lost.
    pub(super) fn forget_afterwards(&self) -> ForgetGuard<'_, T> {
        ForgetGuard(self)
    }
}

/// Forgets when it is dropped.
pub(super) struct ForgetGuard<'a, T: Item>(&'a Collection<T>);

impl<T: Item> Drop for ForgetGuard<'_, T> {
    fn drop(&mut self) {
        self.0.forget();
    }
}

/// A kind of item, and where a client keeps it.
pub(super) trait Collected: Item {
    fn collection(inner: &Inner) -> &Collection<Self>
    where
        Self: Sized;
}

impl Collected for SecretItem {
    fn collection(inner: &Inner) -> &Collection<Self> {
        &inner.secrets
    }
}

impl Collected for EnvironmentItem {
    fn collection(inner: &Inner) -> &Collection<Self> {
        &inner.environments
    }
}

impl Locker {
    /// Reads the items of a name, or with `None` all, and opens them with `open`. If they do not open and the project key
    /// turns out to have been rotated, reads and opens them once more.
    pub(super) async fn read<T: Collected, R>(
        &self,
        name: Option<&str>,
        settings: CallSettings,
        deadline: Deadline,
        open: impl Fn(&Session, &Items<T>) -> Result<R, Error> + Send,
    ) -> Result<R, Error> {
        let _asking = name.map(|name| T::collection(&self.0).crowd.join(name));
        let query = |session: &Session| name.map_or(Query::All, |name| Query::Name(session.name_hash(name)));
        let session = self.session(deadline).await?;
        let items = self.items(&query(&session), settings, deadline, None).await?;
        let error = match open(&session, &items) {
            Err(error) if error.kind() == ErrorKind::Integrity => error,
            outcome => return outcome,
        };
        let renewed = self.session_after(&session, error, deadline).await?;
        open(&renewed, &self.items(&query(&renewed), settings, deadline, None).await?)
    }

    /// The session in which to read again what did not open: another one if the project key was rotated, else it is an error.
    pub(super) async fn session_after(
        &self,
        session: &Session,
        error: Error,
        deadline: Deadline,
    ) -> Result<Arc<Session>, Error> {
        let renewed = self.renew_session(deadline).await?;
        if renewed.key == session.key {
            return Err(error);
        }
        self.0.forget();
        Ok(renewed)
    }

    /// The items that `query` asks for, as the cache settings of the call allow. If the server is asked for them, and not by
    /// another call, they go `ahead` page by page.
    pub(super) async fn items<T: Collected>(
        &self,
        query: &Query,
        settings: CallSettings,
        deadline: Deadline,
        ahead: Option<&Ahead<T>>,
    ) -> Result<Items<T>, Error> {
        let CallSettings { cache, timeout } = settings;
        if cache.fetch {
            // What is under way began before this call, so it could miss a change that the caller knows of.
            let items = self.0.fetch(query.clone(), ahead, deadline).await?;
            self.0.save_within(deadline).await;
            return Ok(items);
        }
        let collection = T::collection(&self.0);
        let look = || {
            let shelf = collection.shelf();
            shelf.find(query, cache.rest_time).ok_or((shelf.generation(), shelf.whole().is_some()))
        };
        let (generation, has_whole) = match look() {
            Ok(items) => return Ok(items),
            Err(state @ (_, has_whole)) if has_whole || *query == Query::All => state,
            Err(_) => {
                collection.crowd.gather().await;
                match look() {
                    Ok(items) => return Ok(items),
                    Err(state) => state,
                }
            }
        };
        // Where everything is known, finding out what changed answers for every name at once.
        let flown = if has_whole || collection.crowd.is_large() { &Query::All } else { query };
        let flight = || {
            let (inner, query, ahead) = (Arc::clone(&self.0), flown.clone(), ahead.cloned());
            async move { inner.refresh(query, ahead.as_ref(), cache.rest_time, deadline).await }
        };
        let outcome = collection.flights.join(&(generation, flown.clone(), timeout), deadline, flight).await;
        outcome.map(|items| collection.narrowed(items, flown, query)).or_else(|error| {
            let stale =
                is_outage(&error).then(|| collection.shelf().find(query, cache.stale_if_error)).flatten();
            match stale {
                Some(items) => {
                    self.0.tell_outage(&error);
                    Ok(items)
                }
                None => Err(error),
            }
        })
    }
}

impl Inner {
    /// Asks the server, unless another process has just done so, and keeps the answer for others.
    async fn refresh<T: Collected>(
        self: &Arc<Self>,
        query: Query,
        ahead: Option<&Ahead<T>>,
        rest_time: Duration,
        deadline: Deadline,
    ) -> Result<Items<T>, Error> {
        let turn = self.turn(deadline).await;
        if turn.as_ref().is_some_and(|turn| turn.brought_news)
            && let Some(items) = T::collection(self).shelf().find(&query, rest_time)
        {
            return Ok(items);
        }
        let items = match query {
            Query::All => self.update(ahead, deadline).await,
            Query::Name(_) => self.fetch(query, ahead, deadline).await,
        }?;
        self.save_within(deadline).await;
        Ok(items)
    }

    /// Asks the server for what `query` asks for, and keeps the answer.
    async fn fetch<T: Collected>(
        &self,
        query: Query,
        ahead: Option<&Ahead<T>>,
        deadline: Deadline,
    ) -> Result<Items<T>, Error> {
        let generation = T::collection(self).shelf().generation();
        let read_at = Past::now();
        let listing = pages::fetch(&self.transport, &query, None, ahead, deadline).await;
        let listing: Listing<T> = listing.inspect_err(|error| self.note_read(error))?;
        self.is_outage_told.store(false, Ordering::Relaxed);
        let items = Arc::clone(&listing.items);
        let mut shelf = T::collection(self).shelf();
        match query {
            Query::All => shelf.keep_whole(listing, None, generation, read_at),
            Query::Name(hash) => shelf.keep_named(hash, listing.items, generation, read_at),
        }
        Ok(items)
    }

    /// Brings every item up to date: asks whether anything changed, and fetches only what did.
    async fn update<T: Collected>(
        &self,
        ahead: Option<&Ahead<T>>,
        deadline: Deadline,
    ) -> Result<Items<T>, Error> {
        let (generation, known) = {
            let shelf = T::collection(self).shelf();
            let known = shelf.whole().and_then(|whole| {
                Some((whole.listing.clone(), whole.listing.revision_date?, whole.deleted_item_date))
            });
            (shelf.generation(), known)
        };
        let Some((listing, known_revision, known_deletion)) = known else {
            return self.fetch(Query::All, ahead, deadline).await;
        };
        let read_at = Past::now();
        let dates = self.project_dates(deadline).await.inspect_err(|error| self.note_read(error))?;
        self.is_outage_told.store(false, Ordering::Relaxed);
        // A list says when the project last changed, not when something was last deleted.
        let is_whole =
            known_deletion.map_or(dates.deleted_item <= known_revision, |known| known == dates.deleted_item);
        let listing = if !is_whole {
            pages::fetch(&self.transport, &Query::All, None, ahead, deadline).await
        } else if dates.revision == known_revision {
            Ok(listing)
        } else {
            let changed =
                pages::fetch(&self.transport, &Query::All, Some(known_revision), None, deadline).await;
            changed.map(|changed| listing.with_changes(changed))
        };
        let listing = listing.inspect_err(|error| self.note_read(error))?;
        let items = Arc::clone(&listing.items);
        T::collection(self).shelf().keep_whole(listing, Some(dates.deleted_item), generation, read_at);
        Ok(items)
    }

    /// Two small calls at once, which tell whether anything changed.
    async fn project_dates(&self, deadline: Deadline) -> Result<ProjectDates, Error> {
        let (revision, deleted_item) = futures_util::join!(
            self.transport.read(REVISION_DATE_PATH, deadline),
            self.transport.read(DELETED_ITEM_DATE_PATH, deadline),
        );
        match (revision, deleted_item) {
            (Ok(revision), Ok(deleted_item)) => Ok(ProjectDates { revision, deleted_item }),
            // A refusal of one call counts for more than an outage that the other met.
            (Err(error), Err(refusal)) if is_outage(&error) => Err(refusal),
            (Err(error), _) | (_, Err(error)) => Err(error),
        }
    }

    /// Warns that older answers are used, once until the server answers again.
    fn tell_outage(&self, error: &Error) {
        let text = format_args!("the server cannot be reached, so an older answer is used: {error}");
        if self.is_outage_told.swap(true, Ordering::Relaxed) {
            self.log.debug(text);
        } else {
            self.log.warn(text);
        }
    }

    /// Takes the consequence of a read that failed: an access key that may not read must not read from memory.
    pub(super) fn note_read(&self, error: &Error) {
        if matches!(error.kind(), ErrorKind::Authentication | ErrorKind::PermissionDenied) {
            self.lock_out();
        }
    }

    /// Takes the consequence of a write that failed: a key that may not write may still read, one that is not accepted
    /// may do neither.
    pub(super) fn note_write(&self, error: &Error) {
        if error.kind() == ErrorKind::Authentication {
            self.lock_out();
        }
    }

    fn lock_out(&self) {
        self.session.set(None);
        self.forget();
        if let Err(problem) = self.remove_file() {
            self.log.warn(format_args!("the cache file cannot be removed: {problem}"));
        }
    }
}

fn of_name<T: Item>(items: &Items<T>, hash: &NameHash) -> Items<T> {
    items.iter().filter(|item| item.name_hash() == hash.as_str()).cloned().collect()
}

/// Whether the server could not be reached or failed, so that an older answer may stand in.
fn is_outage(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::ApiConnection | ErrorKind::Timeout => true,
        ErrorKind::ApiServer => error.status().is_some_and(|status| status >= 500),
        _ => false,
    }
}
