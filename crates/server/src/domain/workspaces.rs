//! Workspaces.

use super::{DomainError, fields::Name, new_id};
use crate::store::{Store, Timestamp, Workspace};

/// Makes a workspace and returns its id.
///
/// # Errors
/// [`DomainError`] if the database fails.
pub async fn create(store: &Store, account_id: &str, name: &Name) -> Result<String, DomainError> {
    Ok(add(store, account_id, name).await?.id)
}

/// Makes a workspace.
pub(crate) async fn add(store: &Store, account_id: &str, name: &Name) -> Result<Workspace, DomainError> {
    let name = name.as_str().to_owned();
    let workspace = Workspace { id: new_id(), name, creation_date: Timestamp::now() };
    store.insert_workspace(account_id, &workspace).await?;
    Ok(workspace)
}

/// The workspaces of an account, oldest first.
pub(crate) async fn list(store: &Store, account_id: &str) -> Result<Vec<Workspace>, DomainError> {
    Ok(store.workspaces(account_id).await?)
}
