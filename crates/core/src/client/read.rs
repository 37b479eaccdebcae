//! Reading secrets.

use secrecy::SecretString;

use super::{
    Locker, named, not_empty,
    opening::{Opening, check_name},
    session::Session,
};
use crate::{
    config::{CallOptions, CallSettings},
    crypto::NameHash,
    error::{Error, ErrorKind},
    model::Secret,
    transport::Deadline,
    vault::Items,
    wire::{Item, SecretItem},
};

impl Locker {
    /// The value of a secret in `environment`, else in ALL; `None` if there is neither.
    ///
    /// # Errors
    /// Whatever keeps the answer from being known. A failure is never `None`.
    pub async fn get(
        &self,
        key: &str,
        environment: Option<&str>,
        options: &CallOptions,
    ) -> Result<Option<SecretString>, Error> {
        let environment = named(environment);
        let work = |settings, deadline| async move {
            not_empty("key", key)?;
            let open = |session: &Session, items: &_| session.find_value(items, key, environment);
            self.read(Some(key), settings, deadline, open).await
        };
        self.call("get", options, work).await
    }

    /// What [`Locker::get`] gives, if it would ask nobody: what was read is in memory, and fresh. `None` if it would have to
    /// wait, or would fail.
    #[must_use]
    pub fn get_kept(
        &self,
        key: &str,
        environment: Option<&str>,
        options: &CallOptions,
    ) -> Option<Option<SecretString>> {
        let CallSettings { cache, .. } = self.0.config.call_settings(options).ok()?;
        let session = self.0.session.get().filter(|_| !cache.fetch && !key.is_empty())?;
        let items = self.0.secrets.shelf().find_at_once(&session.name_hash(key), cache.rest_time)?;
        session.find_value(&items, key, named(environment)).ok()
    }

    /// A secret in `environment`, else in ALL.
    ///
    /// # Errors
    /// [`ErrorKind::ResourceNotFound`] if there is neither, and whatever keeps the answer from being known.
    pub async fn retrieve(
        &self,
        key: &str,
        environment: Option<&str>,
        options: &CallOptions,
    ) -> Result<Secret, Error> {
        let secret = self.call("retrieve", options, |settings, deadline| {
            self.find_secret(key, named(environment), settings, deadline)
        });
        secret.await?.ok_or_else(|| no_such_secret(key, named(environment), true))
    }

    async fn find_secret(
        &self,
        key: &str,
        environment: Option<&str>,
        settings: CallSettings,
        deadline: Deadline,
    ) -> Result<Option<Secret>, Error> {
        not_empty("key", key)?;
        self.read(Some(key), settings, deadline, |session, items| {
            let found = session.find(items, environment);
            found.map(|(item, environment)| session.open_named_secret(item, key, environment)).transpose()
        })
        .await
    }
}

/// The item in exactly this environment; `None` is ALL.
pub(super) fn pick<'a>(
    items: &'a Items<SecretItem>,
    environment: Option<&NameHash>,
) -> Option<&'a SecretItem> {
    items.iter().find(|item| is_in(item, environment)).map(|item| &**item)
}

pub(super) fn is_in(item: &SecretItem, environment: Option<&NameHash>) -> bool {
    match environment {
        None => item.environment_id().is_none() && item.environment_hash().is_none(),
        Some(hash) => item.environment_hash() == Some(hash.as_str()),
    }
}

impl Session {
    /// The item in `environment`, else in ALL, and where it is.
    fn find<'a, 'name>(
        &self,
        items: &'a Items<SecretItem>,
        environment: Option<&'name str>,
    ) -> Option<(&'a SecretItem, Option<&'name str>)> {
        let own = environment.map(|name| self.name_hash(name));
        let found = pick(items, own.as_ref()).map(|item| (item, environment));
        found.or_else(|| pick(items, None).map(|item| (item, None)))
    }

    /// Opens the value of the secret `key` in `environment`, else in ALL, and checks that it is the one that was asked for.
    fn find_value(
        &self,
        items: &Items<SecretItem>,
        key: &str,
        environment: Option<&str>,
    ) -> Result<Option<SecretString>, Error> {
        let Some((item, environment)) = self.find(items, environment) else { return Ok(None) };
        Opening::new(self).value(item, key, environment).map(Some)
    }

    /// Opens a secret, and checks that it is the one that was asked for.
    pub(super) fn open_named_secret(
        &self,
        item: &SecretItem,
        key: &str,
        environment: Option<&str>,
    ) -> Result<Secret, Error> {
        let secret = Opening::new(self).secret_in(item, environment)?;
        check_name("secret", item.id(), &secret.key, key)?;
        Ok(secret)
    }
}

pub(super) fn no_such_secret(key: &str, environment: Option<&str>, also_in_all: bool) -> Error {
    let place = match (environment, also_in_all) {
        (None, _) => "ALL".to_owned(),
        (Some(name), false) => format!("the environment {name:?}"),
        (Some(name), true) => format!("the environment {name:?} or in ALL"),
    };
    Error::new(ErrorKind::ResourceNotFound, format!("there is no secret {key:?} in {place}"))
}
