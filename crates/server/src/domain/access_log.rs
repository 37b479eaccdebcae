//! The access log: written behind the calls, read by the owner of the project. The date of an access key's last use
//! goes the same way.

use std::{collections::HashMap, time::Duration};

use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
};
use uuid::Uuid;

use super::DomainError;
use crate::store::{AccessLogEntry, Store, Timestamp};

/// Entries that wait to be stored. When there are more, calls wait with them: an entry is never dropped for speed.
const WAITING: usize = 10_000;
/// A write takes up to so many. Each write costs a sync of the disk, and makes SQLite's readers read again what they
/// had in memory.
const BATCH: usize = 2000;
/// Between two writes, unless a batch waits already.
const PAUSE: Duration = Duration::from_millis(100);
/// How often a batch is tried that the database refuses.
const ATTEMPTS: u32 = 5;

/// Who did something.
#[derive(Clone, Debug)]
pub(crate) enum Actor {
    /// The access key with this id.
    AccessKey(String),
    /// The account with this id.
    Account(String),
}

/// What happened.
#[derive(Clone, Debug)]
pub(crate) struct Event {
    pub(crate) project_id: i64,
    pub(crate) actor: Actor,
    pub(crate) action: &'static str,
    pub(crate) item_id: Option<String>,
    pub(crate) address: String,
    pub(crate) status: u16,
}

impl Event {
    fn into_entry(self) -> AccessLogEntry {
        let (access_key_id, account_id) = match self.actor {
            Actor::AccessKey(id) => (Some(id), None),
            Actor::Account(id) => (None, Some(id)),
        };
        AccessLogEntry {
            id: Uuid::now_v7().to_string(),
            project_id: self.project_id,
            date: Timestamp::now(),
            access_key_id,
            account_id,
            action: self.action.to_owned(),
            item_id: self.item_id,
            address: self.address,
            status: self.status.into(),
        }
    }
}

enum Message {
    Entry(AccessLogEntry),
    /// The access key with this id was used.
    Use(String, Timestamp),
    Flush(oneshot::Sender<()>),
}

/// Takes events and stores them a moment later.
#[derive(Clone, Debug)]
pub(crate) struct Recorder(mpsc::Sender<Message>);

impl Recorder {
    /// Starts to record. The task ends when all clones of the recorder are gone and everything is stored.
    pub(crate) fn start(store: Store) -> (Self, JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), tokio::spawn(store_all(store, receiver)))
    }

    /// Adds an event.
    pub(crate) async fn record(&self, event: Event) {
        // It fails only if the task is gone, which has said so in the log.
        let _ = self.0.send(Message::Entry(event.into_entry())).await;
    }

    /// Notes that an access key was used. A server that is behind with its records leaves it to the next call.
    pub(crate) fn note_use(&self, access_key_id: &str) {
        let _ = self.0.try_send(Message::Use(access_key_id.to_owned(), Timestamp::now()));
    }

    /// Waits until everything that was recorded before is stored.
    pub(crate) async fn flush(&self) {
        let (done, wait) = oneshot::channel();
        if self.0.send(Message::Flush(done)).await.is_ok() {
            let _ = wait.await;
        }
    }
}

async fn store_all(store: Store, mut receiver: mpsc::Receiver<Message>) {
    let mut messages = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut messages, BATCH).await > 0 {
        let (mut entries, mut uses, mut waiting) = (Vec::new(), HashMap::new(), Vec::new());
        for message in messages.drain(..) {
            match message {
                Message::Entry(entry) => entries.push(entry),
                Message::Use(access_key_id, date) => drop(uses.insert(access_key_id, date)),
                Message::Flush(done) => waiting.push(done),
            }
        }
        if !entries.is_empty() {
            insert(&store, &entries).await;
        }
        for (access_key_id, date) in uses {
            if let Err(error) = store.note_use(&access_key_id, date).await {
                tracing::debug!(%error, "the date of last use was not stored");
            }
        }
        for done in waiting {
            let _ = done.send(());
        }
        if !receiver.is_closed() && receiver.len() < BATCH {
            tokio::time::sleep(PAUSE).await;
        }
    }
}

async fn insert(store: &Store, entries: &[AccessLogEntry]) {
    for attempt in 1..=ATTEMPTS {
        match store.insert_access_log(entries).await {
            Ok(()) => return,
            Err(error) if attempt == ATTEMPTS => {
                tracing::error!(%error, entries = entries.len(), "the access log lost entries");
            }
            Err(_) => tokio::time::sleep(PAUSE * attempt).await,
        }
    }
}

/// The entries of a project before the one with the id `before`, newest first.
pub(crate) async fn page(
    store: &Store,
    project_id: i64,
    before: Option<&str>,
    size: i64,
) -> Result<Vec<AccessLogEntry>, DomainError> {
    // No UUID is greater.
    let newest = Uuid::max().to_string();
    Ok(store.access_log(project_id, before.unwrap_or(&newest), size).await?)
}
