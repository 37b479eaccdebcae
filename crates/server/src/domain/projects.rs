//! Projects.

use super::{
    DomainError,
    fields::{Name, SealedKey},
};
use crate::store::{Project, Store, Timestamp};

/// Makes a project in a workspace of the account, and returns its number.
///
/// # Errors
/// [`DomainError::NotFound`] if the account has no such workspace.
pub async fn create(
    store: &Store,
    account_id: &str,
    workspace_id: &str,
    name: &Name,
    sealed_project_key: &SealedKey,
) -> Result<i64, DomainError> {
    let (key, now) = (sealed_project_key.to_string(), Timestamp::now());
    let id = store.insert_project(account_id, workspace_id, name.as_str(), &key, now).await?;
    id.ok_or(DomainError::NotFound("workspace (workspace_id)"))
}

/// A project of the account.
pub(crate) async fn find(store: &Store, account_id: &str, id: i64) -> Result<Project, DomainError> {
    store.project(account_id, id).await?.ok_or(DomainError::NotFound("project"))
}

/// The projects of an account in the order of their numbers.
pub(crate) async fn list(store: &Store, account_id: &str) -> Result<Vec<Project>, DomainError> {
    Ok(store.projects(account_id).await?)
}
