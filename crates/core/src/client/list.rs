//! Listing secrets: while some of them still come, those that are here are opened, on all cores, and given away.

use std::{iter, ops::Range, sync::Arc};

use futures_util::{
    FutureExt, Stream, StreamExt, TryStreamExt,
    future::{self, BoxFuture, Either},
    join, stream,
};
use tokio::sync::mpsc::{self, UnboundedReceiver};

use super::{Locker, named, opening::Opening, read::is_in, session::Session};
use crate::{
    aside::{self, aside},
    config::{CallOptions, CallSettings},
    crypto::NameHash,
    error::{Error, ErrorKind},
    model::Secret,
    secrets::Secrets,
    shared::Shared,
    transport::Deadline,
    vault::{Items, Query},
    wire::SecretItem,
};

/// How many secrets are opened in one go, and so how many are given away at once: about a millisecond's work.
const PART: usize = 500;
/// So few are opened at once, because handing them to another thread takes as long.
const FEW: usize = 50;

/// Some of the secrets of a list.
#[derive(Debug)]
#[non_exhaustive]
pub struct Part {
    /// Whether the list begins with this part, because it has changed since the parts before.
    pub is_anew: bool,
    /// The secrets, in the order of the list.
    pub secrets: Secrets,
}

impl Locker {
    /// Every secret of the project, or those of one environment only.
    ///
    /// # Errors
    /// Any kind but [`ErrorKind::ResourceNotFound`] of a secret: an environment that does not exist has no secrets.
    pub async fn list(&self, environment: Option<&str>, options: &CallOptions) -> Result<Vec<Secret>, Error> {
        let mut secrets = Vec::new();
        let take = |part: Part| {
            if part.is_anew {
                secrets.clear();
            }
            secrets.extend(part.secrets.to_vec());
            future::ready(()).boxed()
        };
        self.list_in_parts(environment, options, take).await?;
        Ok(secrets)
    }

    /// What [`Locker::list`] gives, part by part as it comes. Only if there is no error in the end, the parts are the list.
    /// The next part waits until `give` is done with the one before.
    ///
    /// # Errors
    /// As [`Locker::list`].
    pub async fn list_in_parts(
        &self,
        environment: Option<&str>,
        options: &CallOptions,
        mut give: impl FnMut(Part) -> BoxFuture<'static, ()> + Send,
    ) -> Result<(), Error> {
        let (environment, give) = (named(environment), &mut give);
        self.call("list", options, |settings, deadline| self.give_list(environment, settings, deadline, give))
            .await
    }

    async fn give_list(
        &self,
        environment: Option<&str>,
        settings: CallSettings,
        deadline: Deadline,
        give: Give<'_>,
    ) -> Result<(), Error> {
        let session = self.session(deadline).await?;
        let wanted = Wanted::new(session, environment);
        let (ahead, coming) = mpsc::unbounded_channel();
        let reading = async {
            // What is ahead ends with this reading: a flight that goes on for others only knows it.
            let ahead = ahead;
            self.items(&Query::All, settings, deadline, Some(&ahead.downgrade())).await
        };
        let (items, given) = join!(reading, wanted.give_coming(coming, give));
        let items = items?;
        if given.is(&items) {
            return Ok(());
        }
        let error = match wanted.give_all(&items, given.is_any(), give).await {
            Err(error) if error.kind() == ErrorKind::Integrity => error,
            outcome => return outcome,
        };
        let renewed = self.session_after(&wanted.session, error, deadline).await?;
        let items = self.items(&Query::All, settings, deadline, None).await?;
        Wanted::new(renewed, environment).give_all(&items, true, give).await
    }
}

/// What takes the parts. Not generic, or all that is here would be compiled for each taker.
type Give<'a> = &'a mut (dyn FnMut(Part) -> BoxFuture<'static, ()> + Send);

/// Which secrets are asked for, and what opens them.
struct Wanted {
    session: Arc<Session>,
    environment: Option<(String, NameHash)>,
}

/// What came while the list was read, and whose secrets were given away.
struct Given {
    pages: Vec<Items<SecretItem>>,
    /// Whether all of it was.
    is_complete: bool,
}

impl Given {
    fn is_any(&self) -> bool {
        !self.pages.is_empty()
    }

    /// Whether these are the very items.
    fn is(&self, items: &Items<SecretItem>) -> bool {
        let count: usize = self.pages.iter().map(|page| page.len()).sum();
        let given = self.pages.iter().flat_map(|page| page.iter());
        let is_same = given.zip(items.iter()).all(|(one, other)| one.is(other));
        self.is_any() && self.is_complete && is_same && count == items.len()
    }
}

impl Wanted {
    fn new(session: Arc<Session>, environment: Option<&str>) -> Arc<Self> {
        let environment = environment.map(|name| (name.to_owned(), session.name_hash(name)));
        Arc::new(Self { session, environment })
    }

    /// Gives away the secrets of the pages that come, until no more do, or until one does not open. That is no error yet:
    /// the list may be another one in the end.
    async fn give_coming(
        self: &Arc<Self>,
        mut coming: UnboundedReceiver<Items<SecretItem>>,
        give: Give<'_>,
    ) -> Given {
        let mut pages = Vec::new();
        let outcome = {
            let coming = stream::poll_fn(|context| coming.poll_recv(context));
            let opened = self.open(coming.inspect(|page| pages.push(Arc::clone(page))));
            opened.try_for_each(|secrets| give(Part { is_anew: false, secrets }).map(Ok)).await
        };
        Given { pages, is_complete: outcome.is_ok() }
    }

    /// Gives away the secrets of these items, after others if `is_anew`.
    async fn give_all(
        self: &Arc<Self>,
        items: &Items<SecretItem>,
        mut is_anew: bool,
        give: Give<'_>,
    ) -> Result<(), Error> {
        if items.is_empty() && is_anew {
            give(Part { is_anew, secrets: Secrets::default() }).await;
        }
        let opened = self.open(stream::iter(iter::once(Arc::clone(items))));
        let given = opened.try_for_each(|secrets| {
            let part = Part { is_anew, secrets };
            is_anew = false;
            give(part).map(Ok)
        });
        given.await
    }

    /// The secrets of the items of some pages, in their order.
    fn open(
        self: &Arc<Self>,
        pages: impl Stream<Item = Items<SecretItem>> + Send,
    ) -> impl Stream<Item = Result<Secrets, Error>> + Send {
        let parts = pages.flat_map(|page| stream::iter(parts_of(&page)));
        parts.map(|(page, part)| Arc::clone(self).open_aside(page, part)).buffered(aside::AT_ONCE)
    }

    /// Opens a part of a page, off the thread that drives other calls if that takes long.
    fn open_aside(
        self: Arc<Self>,
        page: Items<SecretItem>,
        part: Range<usize>,
    ) -> impl Future<Output = Result<Secrets, Error>> + Send {
        if part.len() <= FEW {
            return Either::Left(future::ready(self.secrets(&page[part])));
        }
        Either::Right(async { aside(move || self.secrets(&page[part])).await? })
    }

    fn secrets(&self, items: &[Shared<SecretItem>]) -> Result<Secrets, Error> {
        let (mut opening, items) = (Opening::new(&self.session), items.iter().map(|item| &**item));
        match &self.environment {
            None => opening.secrets(items, None),
            Some((name, hash)) => opening.secrets(items.filter(|item| is_in(item, Some(hash))), Some(name)),
        }
    }
}

/// The parts of a page, each with the page that it is of.
fn parts_of(page: &Items<SecretItem>) -> Vec<(Items<SecretItem>, Range<usize>)> {
    let part = |start| (Arc::clone(page), start..page.len().min(start + PART));
    (0..page.len()).step_by(PART).map(part).collect()
}
