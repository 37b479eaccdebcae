//! Reading, creating and changing environments.

use http::Method;

use super::{
    Locker, not_empty,
    opening::{Opening, check_name},
    session::Session,
    write::item_path,
};
use crate::{
    config::{CallOptions, CallSettings},
    error::{Error, ErrorKind},
    model::Environment,
    transport::Deadline,
    vault::Items,
    wire::{EnvironmentBody, EnvironmentItem, Item},
};

/// An environment to be created.
#[derive(Clone, Debug)]
pub struct NewEnvironment {
    /// The name by which it is read; not empty.
    pub name: String,
    /// Where the environment can be reached.
    pub external_url: String,
    /// A note.
    pub description: Option<String>,
}

/// What shall be different about an environment. What is `None` stays as it is.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentChange {
    /// Where the environment can be reached.
    pub external_url: Option<String>,
    /// A note.
    pub description: Option<String>,
}

impl Locker {
    /// Every environment of the project.
    ///
    /// # Errors
    /// Whatever keeps the answer from being known.
    pub async fn list_environments(&self, options: &CallOptions) -> Result<Vec<Environment>, Error> {
        let open = |session: &Session, items: &Items<EnvironmentItem>| {
            let mut opening = Opening::new(session);
            items.iter().map(|item| opening.environment(item)).collect()
        };
        let work = |settings, deadline| self.read(None, settings, deadline, open);
        self.call("listEnvironments", options, work).await
    }

    /// The environment of this name; `None` if there is none.
    ///
    /// # Errors
    /// Whatever keeps the answer from being known. A failure is never `None`.
    pub async fn get_environment(
        &self,
        name: &str,
        options: &CallOptions,
    ) -> Result<Option<Environment>, Error> {
        self.call("getEnvironment", options, |settings, deadline| {
            self.find_environment(name, settings, deadline)
        })
        .await
    }

    /// Creates an environment, and gives it as the server has it.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`] if the name exists. If no answer came, the text says that the outcome is unknown.
    pub async fn create_environment(
        &self,
        environment: &NewEnvironment,
        options: &CallOptions,
    ) -> Result<Environment, Error> {
        let NewEnvironment { name, external_url, description } = environment;
        self.call("createEnvironment", options, |_, deadline| async move {
            not_empty("name", name)?;
            let session = self.session(deadline).await?;
            let seal = |text: &str| session.key.seal_text(text).map(|sealed| sealed.to_string());
            let body = EnvironmentBody {
                name: Some(seal(name)?),
                hash: session.name_hash(name).to_string(),
                external_url: Some(seal(external_url)?),
                description: description.as_deref().map(seal).transpose()?,
            };
            self.write_environment(&session, name, Method::POST, EnvironmentItem::PATH, &body, deadline).await
        })
        .await
    }

    /// Changes an environment, and gives it as the server has it.
    ///
    /// # Errors
    /// [`ErrorKind::ResourceNotFound`] if there is no such environment. If no answer came, the text says that the
    /// outcome is unknown.
    pub async fn modify_environment(
        &self,
        name: &str,
        change: &EnvironmentChange,
        options: &CallOptions,
    ) -> Result<Environment, Error> {
        self.call("modifyEnvironment", options, |settings, deadline| async move {
            let current = self.find_environment(name, settings.uncached(), deadline).await?;
            let current = current.ok_or_else(|| no_such_environment(name))?;
            let session = self.session(deadline).await?;
            let seal = |text: &str| session.key.seal_text(text).map(|sealed| sealed.to_string());
            let body = EnvironmentBody {
                name: None,
                hash: session.name_hash(name).to_string(),
                external_url: change.external_url.as_deref().map(seal).transpose()?,
                description: change.description.as_deref().map(seal).transpose()?,
            };
            let path = item_path::<EnvironmentItem>(&current.id)?;
            self.write_environment(&session, name, Method::PUT, &path, &body, deadline).await
        })
        .await
    }

    /// The id of an environment that a secret shall be put in, asked of the server.
    pub(super) async fn environment_id(&self, name: &str, deadline: Deadline) -> Result<String, Error> {
        let settings = self.0.config.default_settings().uncached();
        let environment = self.find_environment(name, settings, deadline).await?;
        environment.map(|found| found.id).ok_or_else(|| no_such_environment(name))
    }

    async fn find_environment(
        &self,
        name: &str,
        settings: CallSettings,
        deadline: Deadline,
    ) -> Result<Option<Environment>, Error> {
        not_empty("name", name)?;
        self.read(Some(name), settings, deadline, |session, items: &Items<EnvironmentItem>| {
            items.first().map(|item| session.open_named_environment(item, name)).transpose()
        })
        .await
    }

    async fn write_environment(
        &self,
        session: &Session,
        name: &str,
        method: Method,
        path: &str,
        body: &EnvironmentBody,
        deadline: Deadline,
    ) -> Result<Environment, Error> {
        let forgetting = self.0.environments.forget_afterwards();
        let outcome = self.0.transport.write::<EnvironmentItem>(method, path, body, deadline).await;
        drop(forgetting);
        self.0.save_forgetting().await;
        let outcome = outcome.inspect_err(|error| self.0.note_write(error));
        let item = outcome.map_err(|error| already_exists(error, name))?;
        session.open_named_environment(&item, name)
    }
}

impl Session {
    /// Opens an environment, and checks that it is the one that was asked for.
    fn open_named_environment(&self, item: &EnvironmentItem, name: &str) -> Result<Environment, Error> {
        let environment = self.open_environment(item)?;
        check_name("environment", &item.id, &environment.name, name)?;
        Ok(environment)
    }
}

fn no_such_environment(name: &str) -> Error {
    Error::new(ErrorKind::ResourceNotFound, format!("there is no environment {name:?}"))
}

fn already_exists(error: Error, name: &str) -> Error {
    if error.kind() != ErrorKind::AlreadyExists {
        return error;
    }
    error.with_text(format!("an environment {name:?} exists already"))
}
