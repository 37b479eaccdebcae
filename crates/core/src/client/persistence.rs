//! Keeping what was read for other processes, and taking over what they have read.

use std::{
    fs::File,
    io,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tokio::sync::{Mutex as AsyncMutex, OnceCell, OwnedMutexGuard};

use super::{Inner, Locker};
use crate::{
    aside::off_thread,
    cache::{CacheFile, Contents, Edition, Purpose},
    clock::{Past, Stamp},
    config::Config,
    error::{Error, ErrorKind},
    transport::Deadline,
};

/// A program that reads many names one by one saves them together: so often, in the long run.
const SAVE_INTERVAL: Duration = Duration::from_secs(1);
/// So much of that may be used ahead. A short program saves each read, because it will not live to save it later.
const SAVES_AHEAD: Duration = Duration::from_secs(8);
/// How long a save waits for those of other processes.
const MAX_SAVE_WAIT: Duration = Duration::from_secs(1);
/// How long a read waits for another process that is asking the server, before it asks as well.
const MAX_TURN_WAIT: Duration = Duration::from_millis(500);
const LOCK_POLL: Duration = Duration::from_millis(5);

/// The cache file of a client, if it has one.
#[derive(Default)]
pub(super) struct Persistence {
    file: Option<CacheFile>,
    /// What came of looking at the file for the first time.
    loaded: OnceCell<Option<bool>>,
    state: Mutex<State>,
    asking: Arc<AsyncMutex<()>>,
}

#[derive(Default)]
struct State {
    /// The writing of the file that is known here.
    edition: Option<Edition>,
    /// Whether it holds any items.
    holds_items: bool,
    /// When the next save is due, if saves come as often as they may in the long run.
    next_save: Option<Instant>,
    is_save_planned: bool,
    has_warned: bool,
}

/// The right of this process to ask the server while others wait for what it learns. Ends when it is dropped.
pub(super) struct Turn {
    _file: Option<File>,
    _own: OwnedMutexGuard<()>,
    /// Whether another process has saved something in the meantime.
    pub(super) brought_news: bool,
}

impl Persistence {
    pub(super) fn new(config: &Config) -> Self {
        let file = config.cache_folder.as_ref().map(|folder| CacheFile::new(folder, config));
        Self { file, ..Self::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Locker {
    /// Forgets everything that was read, in memory and on disk.
    ///
    /// # Errors
    /// [`ErrorKind::Cache`] if the file cannot be removed.
    pub async fn clear_cache(&self) -> Result<(), Error> {
        let inner = Arc::clone(&self.0);
        inner.session.set(None);
        inner.forget();
        let Some(removed) = blocking(move || inner.remove_file()).await else { return Ok(()) };
        removed.map_err(|source| {
            let text = format!("the cache file cannot be removed: {source}. Check cacheOptions.dir");
            Error::new(ErrorKind::Cache, text).with_field("cacheOptions.dir").with_source(source)
        })
    }
}

impl Inner {
    /// Takes over what the file holds, the first time.
    pub(super) async fn load_once(self: &Arc<Self>) {
        if self.persistence.file.is_some() {
            let inner = Arc::clone(self);
            let load = || async move { blocking(move || inner.reload()).await };
            self.persistence.loaded.get_or_init(load).await;
        }
    }

    /// Waits until no other process is asking the server, or until that takes too long, so that processes that start at
    /// once ask once. `None` if there is no file, or if this process is asking already.
    pub(super) async fn turn(self: &Arc<Self>, deadline: Deadline) -> Option<Turn> {
        let file = self.persistence.file.as_ref()?;
        let own = Arc::clone(&self.persistence.asking).try_lock_owned().ok()?;
        let patience = Deadline::after(MAX_TURN_WAIT.min(deadline.remaining() / 2));
        let lock = loop {
            match file.try_lock(Purpose::Refresh) {
                Ok(Some(lock)) => break Some(lock),
                Ok(None) if !patience.remaining().is_zero() => tokio::time::sleep(LOCK_POLL).await,
                Ok(None) => break None,
                Err(problem) => {
                    self.complain(&problem);
                    return None;
                }
            }
        };
        let inner = Arc::clone(self);
        let brought_news = file.edition() != self.persistence.state().edition
            && blocking(move || inner.reload()).await.unwrap_or_default();
        Some(Turn { _file: lock, _own: own, brought_news })
    }

    /// Saves what a call has read, within half of the time that the call has left: a slow disk must not cost its answer.
    pub(super) async fn save_within(self: &Arc<Self>, deadline: Deadline) {
        if self.persistence.file.is_some() {
            // What is not saved in time goes on in the background.
            let _ = tokio::time::timeout(deadline.remaining() / 2, self.save()).await;
        }
    }

    /// Saves what was read, at once or, if that was done often of late, together with what comes next.
    async fn save(self: &Arc<Self>) {
        let delay = {
            let mut state = self.persistence.state();
            let now = Instant::now();
            let due = state.next_save.map_or(now, |due| due.max(now));
            let delay = (due - now).saturating_sub(SAVES_AHEAD);
            if !delay.is_zero() && std::mem::replace(&mut state.is_save_planned, true) {
                return;
            }
            state.next_save = Some(due + SAVE_INTERVAL);
            delay
        };
        if delay.is_zero() {
            return self.save_now().await;
        }
        // A client that is dropped meanwhile has nothing left to save.
        let inner = Arc::downgrade(self);
        tokio::spawn(async move {
            tokio::time::sleep(delay).await;
            if let Some(inner) = inner.upgrade() {
                inner.persistence.state().is_save_planned = false;
                inner.save_now().await;
            }
        });
    }

    /// Takes out of the file what a write has made untrue.
    pub(super) async fn save_forgetting(self: &Arc<Self>) {
        if self.persistence.file.is_some() && self.persistence.state().holds_items {
            self.save_now().await;
        }
    }

    async fn save_now(self: &Arc<Self>) {
        let inner = Arc::clone(self);
        if let Some(Err(problem)) = blocking(move || inner.replace_file()).await {
            self.complain(&problem);
        }
    }

    /// Removes the file, so that nobody reads from it any more.
    pub(super) fn remove_file(&self) -> io::Result<()> {
        self.persistence.state().edition = None;
        self.persistence.file.as_ref().map_or(Ok(()), CacheFile::remove)
    }

    /// Takes over what another process has saved; whether there was anything.
    fn reload(&self) -> bool {
        let Some(file) = &self.persistence.file else { return false };
        let edition = file.edition();
        if edition == self.persistence.state().edition {
            return false;
        }
        let loaded = file.load();
        self.persistence.state().edition = edition;
        match loaded {
            Ok(Some((contents, saved_at))) => {
                self.adopt(contents, saved_at);
                true
            }
            Ok(None) => false,
            Err(problem) => {
                self.log.debug(format_args!("the cache file is ignored: {problem}"));
                false
            }
        }
    }

    fn adopt(&self, contents: Contents, saved_at: Past) {
        if let Some(profile) = contents.profile {
            self.adopt_profile(profile);
        }
        let (mut secrets, mut environments) = (self.secrets.shelf(), self.environments.shelf());
        secrets.adopt(contents.secrets, saved_at);
        environments.adopt(contents.environments, saved_at);
        self.persistence.state().holds_items |= !secrets.is_empty() || !environments.is_empty();
    }

    /// Writes what is known here, and what others have saved since it was looked at, into a new file.
    fn replace_file(&self) -> io::Result<()> {
        let Some(file) = &self.persistence.file else { return Ok(()) };
        let started = Instant::now();
        let lock = loop {
            match file.try_lock(Purpose::Save)? {
                Some(lock) => break lock,
                None if started.elapsed() < MAX_SAVE_WAIT => thread::sleep(LOCK_POLL),
                // Somebody else keeps the file up to date.
                None => return Ok(()),
            }
        };
        self.reload();
        let saved_at = Stamp::now();
        let contents = {
            let (secrets, environments) = (self.secrets.shelf(), self.environments.shelf());
            self.persistence.state().holds_items = !secrets.is_empty() || !environments.is_empty();
            Contents {
                profile: self.session.get().map(|session| session.profile.clone()),
                secrets: secrets.save(),
                environments: environments.save(),
            }
        };
        file.store(&contents, saved_at)?;
        self.persistence.state().edition = file.edition();
        drop(lock);
        Ok(())
    }

    /// Says once that nothing is kept on disk. Without a folder of the owner's choice that is no fault.
    fn complain(&self, problem: &io::Error) {
        if std::mem::replace(&mut self.persistence.state().has_warned, true) {
            return;
        }
        let folder = self.config.cache_folder.as_deref().unwrap_or(Path::new("")).display();
        let text = format_args!(
            "the cache folder cannot be used, so nothing is kept on disk: {folder}: {problem}; \
             cacheOptions.dir or LOCKER_CACHE_DIR names another"
        );
        if self.config.is_cache_folder_chosen { self.log.warn(text) } else { self.log.debug(text) }
    }
}

/// Runs file operations off the threads that drive other calls; `None` if the runtime is ending.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    off_thread(work).await.ok()
}
