//! The opened project: what the profile gives, and the opening of items with it.

use std::sync::{Arc, Mutex, PoisonError};

use super::{Inner, Locker, flights::Flights, opening::Opening};
use crate::{
    crypto::{CryptoError, EncString, NameHash, NameHasher, SymmetricKey},
    error::{Error, ErrorKind},
    model::{Environment, Secret},
    transport::Deadline,
    wire::{EnvironmentItem, Profile, ProfileAnswer, SecretItem},
};

const PROFILE_PATH: &str = "/v1/profile";

/// A project that an access key has opened.
pub(crate) struct Session {
    /// As the server sent it, with the project key sealed.
    pub(crate) profile: Profile,
    pub(crate) key: SymmetricKey,
    names: NameHasher,
}

/// The session, once the profile has been read.
#[derive(Default)]
pub(super) struct SessionCell {
    opened: Mutex<Option<Arc<Session>>>,
    flights: Flights<(), Arc<Session>>,
}

impl SessionCell {
    pub(super) fn get(&self) -> Option<Arc<Session>> {
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set(&self, session: Option<Arc<Session>>) {
        *self.opened.lock().unwrap_or_else(PoisonError::into_inner) = session;
    }
}

impl Locker {
    /// The session; reads the profile if that has not been done.
    pub(super) async fn session(&self, deadline: Deadline) -> Result<Arc<Session>, Error> {
        deadline.limit(self.0.load_once()).await?;
        match self.0.session.get() {
            Some(session) => Ok(session),
            None => self.renew_session(deadline).await,
        }
    }

    /// Reads the profile, whether or not that has been done.
    pub(super) async fn renew_session(&self, deadline: Deadline) -> Result<Arc<Session>, Error> {
        let flight = || {
            let inner = Arc::clone(&self.0);
            async move { inner.open_session(deadline).await }
        };
        self.0.session.flights.join(&(), deadline, flight).await
    }
}

impl Inner {
    async fn open_session(self: &Arc<Self>, deadline: Deadline) -> Result<Arc<Session>, Error> {
        let is_first = self.session.get().is_none();
        let _turn = self.turn(deadline).await;
        if let Some(session) = self.session.get().filter(|_| is_first) {
            return Ok(session);
        }
        let answer: Result<ProfileAnswer, _> = self.transport.read(PROFILE_PATH, deadline).await;
        let answer = answer.inspect_err(|error| self.note_read(error))?;
        // A secret that does not open the project says nothing against those who have the right one.
        let session = self.open_project(answer.profile)?;
        self.save_within(deadline).await;
        Ok(session)
    }

    /// Takes over a profile that another process has read.
    pub(super) fn adopt_profile(&self, profile: Profile) {
        if self.session.get().is_none()
            && let Err(problem) = self.open_project(profile)
        {
            self.log.debug(format_args!("the profile in the cache file is ignored: {problem}"));
        }
    }

    fn open_project(&self, profile: Profile) -> Result<Arc<Session>, Error> {
        let key = open_project_key(&self.config.access_key_secret.derive_key(), &profile.key)?;
        let session = Arc::new(Session::new(profile, key));
        self.session.set(Some(Arc::clone(&session)));
        Ok(session)
    }
}

fn open_project_key(access_key: &SymmetricKey, sealed: &str) -> Result<SymmetricKey, Error> {
    let opened = sealed.parse::<EncString>().and_then(|sealed| access_key.open_key(&sealed));
    opened.map_err(|problem| match problem {
        CryptoError::MacMismatch => Error::new(
            ErrorKind::Authentication,
            "accessKeySecret: it does not open the project. It is not the secret of this accessKeyId, or it was regenerated",
        )
        .with_field("accessKeySecret")
        .with_source(problem),
        _ => Error::new(ErrorKind::Integrity, format!("the project key in the profile: {problem}"))
            .with_source(problem),
    })
}

impl Session {
    pub(crate) fn new(profile: Profile, key: SymmetricKey) -> Self {
        let names = NameHasher::new(profile.project_id);
        Self { profile, key, names }
    }

    pub(crate) fn name_hash(&self, name: &str) -> NameHash {
        self.names.hash(name)
    }

    pub(crate) fn open_secret(&self, item: &SecretItem) -> Result<Secret, Error> {
        Opening::new(self).secret(item)
    }

    pub(super) fn open_environment(&self, item: &EnvironmentItem) -> Result<Environment, Error> {
        Opening::new(self).environment(item)
    }
}
