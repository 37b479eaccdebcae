//! Creating and changing secrets. A write is sent exactly once.

use http::Method;
use secrecy::{ExposeSecret, SecretString};

use super::{
    Locker, named, not_empty,
    read::{no_such_secret, pick},
};
use crate::{
    config::{CallOptions, CallSettings},
    error::{Error, ErrorKind},
    model::Secret,
    transport::Deadline,
    wire::{Item, SecretBody, SecretItem},
};

/// A secret to be created.
#[derive(Clone, Debug)]
pub struct NewSecret {
    /// The name by which it is read; not empty.
    pub key: String,
    /// What it is kept for.
    pub value: SecretString,
    /// The environment that it shall be in; `None` or empty for ALL.
    pub environment_name: Option<String>,
    /// A note.
    pub description: Option<String>,
}

/// What shall be different about a secret.
#[derive(Clone, Debug, Default)]
pub struct SecretChange {
    /// The new value; `None` keeps the old one.
    pub value: Option<SecretString>,
    /// The environment that the secret shall be in afterwards; `None` or empty **moves it to ALL**.
    pub environment_name: Option<String>,
    /// The new note; `None` keeps the old one.
    pub description: Option<String>,
}

impl Locker {
    /// Creates a secret, and gives it as the server has it.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] if the key exists in that environment, [`ErrorKind::ResourceNotFound`] if the
    /// environment does not exist. If no answer came, the text says that the outcome is unknown.
    pub async fn create(&self, secret: &NewSecret, options: &CallOptions) -> Result<Secret, Error> {
        self.call("create", options, |_, deadline| self.create_within(secret, deadline)).await
    }

    /// Changes the secret in exactly this environment, and gives it as the server has it.
    ///
    /// # Errors
    /// [`ErrorKind::ResourceNotFound`] if there is no such secret or no such environment to move to,
    /// [`ErrorKind::AlreadyExists`] if the key exists there. If no answer came, the text says that the outcome is
    /// unknown.
    pub async fn modify(
        &self,
        key: &str,
        environment: Option<&str>,
        change: &SecretChange,
        options: &CallOptions,
    ) -> Result<Secret, Error> {
        self.call("modify", options, |settings, deadline| {
            self.modify_within(key, named(environment), change, settings, deadline)
        })
        .await
    }

    async fn create_within(&self, secret: &NewSecret, deadline: Deadline) -> Result<Secret, Error> {
        not_empty("key", &secret.key)?;
        let target = named(secret.environment_name.as_deref());
        let session = self.session(deadline).await?;
        let environment_id = match target {
            Some(name) => Some(self.environment_id(name, deadline).await?),
            None => None,
        };
        let seal = |text: &str| session.key.seal_text(text).map(|sealed| sealed.to_string());
        let body = SecretBody {
            key: Some(seal(&secret.key)?),
            hash: session.name_hash(&secret.key).to_string(),
            value: Some(seal(secret.value.expose_secret())?),
            description: secret.description.as_deref().map(seal).transpose()?,
            environment_id,
            environment_name: target.map(seal).transpose()?,
        };
        let item = self.write_secret(Method::POST, SecretItem::PATH, &body, deadline).await;
        let item = item.map_err(|error| already_exists(error, &secret.key, target))?;
        session.open_named_secret(&item, &secret.key, target)
    }

    async fn modify_within(
        &self,
        key: &str,
        environment: Option<&str>,
        change: &SecretChange,
        settings: CallSettings,
        deadline: Deadline,
    ) -> Result<Secret, Error> {
        not_empty("key", key)?;
        let current = self.current_secret(key, environment, settings, deadline).await?;
        let session = self.session(deadline).await?;
        let target = named(change.environment_name.as_deref());
        let seal = |text: &str| session.key.seal_text(text).map(|sealed| sealed.to_string());
        let (environment_id, environment_name) = match target {
            _ if target == environment => (None, None),
            Some(name) => (Some(self.environment_id(name, deadline).await?), Some(seal(name)?)),
            None => (Some(String::new()), Some(seal("")?)),
        };
        let body = SecretBody {
            key: None,
            hash: session.name_hash(key).to_string(),
            value: change.value.as_ref().map(|value| seal(value.expose_secret())).transpose()?,
            description: change.description.as_deref().map(seal).transpose()?,
            environment_id,
            environment_name,
        };
        let path = item_path::<SecretItem>(&current.id)?;
        let item = self.write_secret(Method::PUT, &path, &body, deadline).await;
        let item = item.map_err(|error| already_exists(error, key, target))?;
        session.open_named_secret(&item, key, target)
    }

    /// The secret as the server has it now, opened to make sure that it is the right one.
    async fn current_secret(
        &self,
        key: &str,
        environment: Option<&str>,
        settings: CallSettings,
        deadline: Deadline,
    ) -> Result<Secret, Error> {
        self.read(Some(key), settings.uncached(), deadline, |session, items| {
            let hash = environment.map(|name| session.name_hash(name));
            let item = pick(items, hash.as_ref()).ok_or_else(|| no_such_secret(key, environment, false))?;
            session.open_named_secret(item, key, environment)
        })
        .await
    }

    async fn write_secret(
        &self,
        method: Method,
        path: &str,
        body: &SecretBody,
        deadline: Deadline,
    ) -> Result<SecretItem, Error> {
        let forgetting = self.0.secrets.forget_afterwards();
        let outcome = self.0.transport.write::<SecretItem>(method, path, body, deadline).await;
        drop(forgetting);
        self.0.save_forgetting().await;
        outcome.inspect_err(|error| self.0.note_write(error))
    }
}

/// The path of one item. The id is the server's, so it is not trusted to be one segment.
pub(super) fn item_path<T: Item>(id: &str) -> Result<String, Error> {
    let is_segment =
        !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    if is_segment {
        return Ok(format!("{}/{id}", T::PATH));
    }
    Err(Error::new(ErrorKind::ApiServer, "the server sent an item whose id cannot be part of an address"))
}

fn already_exists(error: Error, key: &str, environment: Option<&str>) -> Error {
    if error.kind() != ErrorKind::AlreadyExists {
        return error;
    }
    error.with_text(match environment {
        Some(name) => format!("a secret {key:?} exists already in the environment {name:?}"),
        None => format!("a secret {key:?} exists already in ALL"),
    })
}
