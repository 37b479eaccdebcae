//! Reading secrets.

use std::sync::Arc;

use secrecy::SecretString;

use super::{Locker, named, not_empty, session::Session};
use crate::{
    config::{CallOptions, CallSettings},
    crypto::NameHash,
    error::{Error, ErrorKind},
    model::Secret,
    transport::Deadline,
    vault::{Items, Query},
    wire::SecretItem,
};

impl Locker {
    /// Every secret of the project, or those of one environment only.
    ///
    /// # Errors
    /// Any kind but [`ErrorKind::ResourceNotFound`] of a secret: an environment that does not exist has no secrets.
    pub async fn list(&self, environment: Option<&str>, options: &CallOptions) -> Result<Vec<Secret>, Error> {
        let environment = named(environment);
        let open = |session: &Session, items: &Items<SecretItem>| {
            let only = environment.map(|name| session.name_hash(name));
            let wanted = items.iter().filter(|item| only.as_ref().is_none_or(|hash| is_in(item, Some(hash))));
            wanted
                .map(|item| match environment {
                    Some(name) => session.open_secret_in(item, Some(name)),
                    None => session.open_secret(item),
                })
                .collect()
        };
        let work = |settings, deadline| self.read(|_| Query::All, settings, deadline, open);
        self.call("list", options, work).await
    }

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
        let secret = self.call("get", options, |settings, deadline| {
            self.find_secret(key, named(environment), settings, deadline)
        });
        Ok(secret.await?.map(|secret| secret.value))
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
        let query = |session: &Session| Query::Name(session.name_hash(key));
        self.read(query, settings, deadline, |session, items| {
            let own = environment.map(|name| session.name_hash(name));
            let found = pick(items, own.as_ref()).map(|item| (item, environment));
            let found = found.or_else(|| pick(items, None).map(|item| (item, None)));
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
    items.iter().find(|item| is_in(item, environment)).map(Arc::as_ref)
}

fn is_in(item: &SecretItem, environment: Option<&NameHash>) -> bool {
    match environment {
        None => item.environment_id.is_none() && item.environment_hash.is_none(),
        Some(hash) => item.environment_hash.as_deref() == Some(hash.as_str()),
    }
}

impl Session {
    /// Opens a secret, and checks that it is the one that was asked for.
    pub(super) fn open_named_secret(
        &self,
        item: &SecretItem,
        key: &str,
        environment: Option<&str>,
    ) -> Result<Secret, Error> {
        let secret = self.open_secret_in(item, environment)?;
        self.check_name("secret", &item.id, &secret.key, key)?;
        Ok(secret)
    }

    /// Opens a secret, and checks that it is in the environment that was asked for.
    fn open_secret_in(&self, item: &SecretItem, environment: Option<&str>) -> Result<Secret, Error> {
        let secret = self.open_secret(item)?;
        let opened = secret.environment_name.as_deref().unwrap_or_default();
        self.check_name("secret", &item.id, opened, environment.unwrap_or_default())?;
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
