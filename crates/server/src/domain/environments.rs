//! Environments: created, changed and renamed, unique by name hash.

use super::{DomainError, new_id, write};
use crate::store::{Environment, EnvironmentFields, ProjectWrite, Store, StoreError};

const NO_ENVIRONMENT: DomainError = DomainError::NotFound("environment");

/// A change of an environment. What is `None` stays.
#[derive(Debug, Default)]
pub(crate) struct EnvironmentChange {
    /// The name and its hash, which change together only: a hash without its name would name something else.
    pub(crate) name_and_hash: Option<(String, String)>,
    pub(crate) external_url: Option<String>,
    pub(crate) description: Option<String>,
}

impl EnvironmentChange {
    fn is_empty(&self) -> bool {
        let Self { name_and_hash, external_url, description } = self;
        name_and_hash.is_none() && external_url.is_none() && description.is_none()
    }

    fn apply(self, fields: &mut EnvironmentFields) {
        if let Some((name, hash)) = self.name_and_hash {
            (fields.name, fields.hash) = (name, hash);
        }
        if let Some(external_url) = self.external_url {
            fields.external_url = external_url;
        }
        if let Some(description) = self.description {
            fields.description = description;
        }
    }
}

/// Adds an environment.
pub(crate) async fn create(
    store: &Store,
    project_id: i64,
    fields: &EnvironmentFields,
) -> Result<Environment, DomainError> {
    let mut write = write(store, project_id).await?;
    let (id, date) = (new_id(), write.stamp().await?);
    let stored = write.insert_environment(&id, fields, date).await;
    stored.map_err(DomainError::or_duplicate("This environment hash already exists"))?;
    finish(write, &id).await
}

/// Changes an environment; a change of nothing leaves its dates alone.
///
/// A rename makes what clients hold of its secrets wrong, so it counts as a deletion.
pub(crate) async fn change(
    store: &Store,
    project_id: i64,
    id: &str,
    change: EnvironmentChange,
) -> Result<Environment, DomainError> {
    let mut write = write(store, project_id).await?;
    let mut environment = found(&mut write, id).await?;
    if change.is_empty() {
        return Ok(environment);
    }
    let old_hash = environment.fields.hash.clone();
    change.apply(&mut environment.fields);
    let date = write.stamp().await?;
    let stored = write.update_environment(id, &environment.fields, date).await;
    stored.map_err(DomainError::or_duplicate("The environment hash already existed"))?;
    if environment.fields.hash != old_hash {
        write.stamp_deleted_item(date).await?;
    }
    finish(write, id).await
}

/// An environment of the project.
pub(crate) async fn find(store: &Store, project_id: i64, id: &str) -> Result<Environment, DomainError> {
    store.environment(project_id, id).await?.ok_or(NO_ENVIRONMENT)
}

/// Deletes an environment that has no secrets: a foreign key makes sure.
pub(crate) async fn delete(store: &Store, project_id: i64, id: &str) -> Result<(), DomainError> {
    let mut write = write(store, project_id).await?;
    found(&mut write, id).await?;
    let date = write.stamp().await?;
    write.delete_environment(id).await.map_err(|error| match error {
        StoreError::Dangling => DomainError::NotEmpty,
        other => other.into(),
    })?;
    write.stamp_deleted_item(date).await?;
    Ok(write.commit().await?)
}

async fn finish(mut write: ProjectWrite, id: &str) -> Result<Environment, DomainError> {
    let environment = found(&mut write, id).await?;
    write.commit().await?;
    Ok(environment)
}

async fn found(write: &mut ProjectWrite, id: &str) -> Result<Environment, DomainError> {
    write.environment(id).await?.ok_or(NO_ENVIRONMENT)
}
