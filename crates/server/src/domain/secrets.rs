//! Secrets: created and changed, unique by name hash and environment.

use super::{DomainError, new_id, write};
use crate::store::{ProjectWrite, Secret, SecretFields, Store, StoreError};

const NO_SECRET: DomainError = DomainError::NotFound("secret");

/// What a secret is to be in does not exist, or belongs to another project.
pub(crate) const NO_ENVIRONMENT: DomainError = DomainError::NotFound("environment (environment_id)");

/// Where a secret is.
#[derive(Clone, Debug)]
pub(crate) enum Placement {
    /// In no environment, visible to all of them.
    All,
    /// In the environment with this id.
    Environment(String),
}

impl Placement {
    /// The id of the environment.
    pub(crate) fn into_id(self) -> Option<String> {
        match self {
            Self::All => None,
            Self::Environment(id) => Some(id),
        }
    }
}

/// A change of a secret. What is `None` stays.
#[derive(Debug, Default)]
pub(crate) struct SecretChange {
    /// The key and its hash, which change together only: a hash without its key would name something else.
    pub(crate) key_and_hash: Option<(String, String)>,
    pub(crate) value: Option<String>,
    pub(crate) description: Option<String>,
    pub(crate) placement: Option<Placement>,
}

impl SecretChange {
    fn is_empty(&self) -> bool {
        let Self { key_and_hash, value, description, placement } = self;
        key_and_hash.is_none() && value.is_none() && description.is_none() && placement.is_none()
    }

    fn apply(self, fields: &mut SecretFields) {
        if let Some((key, hash)) = self.key_and_hash {
            (fields.key, fields.hash) = (key, hash);
        }
        if let Some(value) = self.value {
            fields.value = value;
        }
        if let Some(description) = self.description {
            fields.description = description;
        }
        if let Some(placement) = self.placement {
            fields.environment_id = placement.into_id();
        }
    }
}

/// Adds a secret.
pub(crate) async fn create(
    store: &Store,
    project_id: i64,
    fields: &SecretFields,
) -> Result<Secret, DomainError> {
    let mut write = write(store, project_id).await?;
    let (id, date) = (new_id(), write.stamp().await?);
    write.insert_secret(&id, fields, date).await.map_err(refusal("This secret hash already exists"))?;
    finish(write, &id).await
}

/// Changes a secret; a change of nothing leaves its dates alone.
pub(crate) async fn change(
    store: &Store,
    project_id: i64,
    id: &str,
    change: SecretChange,
) -> Result<Secret, DomainError> {
    let mut write = write(store, project_id).await?;
    let mut secret = found(&mut write, id).await?;
    if change.is_empty() {
        return Ok(secret);
    }
    change.apply(&mut secret.fields);
    let date = write.stamp().await?;
    let stored = write.update_secret(id, &secret.fields, date).await;
    stored.map_err(refusal("This hash value already existed"))?;
    finish(write, id).await
}

/// A secret of the project.
pub(crate) async fn find(store: &Store, project_id: i64, id: &str) -> Result<Secret, DomainError> {
    store.secret(project_id, id).await?.ok_or(NO_SECRET)
}

/// Deletes a secret.
pub(crate) async fn delete(store: &Store, project_id: i64, id: &str) -> Result<(), DomainError> {
    let mut write = write(store, project_id).await?;
    found(&mut write, id).await?;
    let date = write.stamp().await?;
    write.delete_secret(id).await?;
    write.stamp_deleted_item(date).await?;
    Ok(write.commit().await?)
}

async fn finish(mut write: ProjectWrite, id: &str) -> Result<Secret, DomainError> {
    let secret = found(&mut write, id).await?;
    write.commit().await?;
    Ok(secret)
}

async fn found(write: &mut ProjectWrite, id: &str) -> Result<Secret, DomainError> {
    write.secret(id).await?.ok_or(NO_SECRET)
}

/// A foreign key holds a secret to an environment of its own project.
fn refusal(taken: &'static str) -> impl FnOnce(StoreError) -> DomainError {
    move |error| match error {
        StoreError::Dangling => NO_ENVIRONMENT,
        other => DomainError::or_duplicate(taken)(other),
    }
}
