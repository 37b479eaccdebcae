//! Projects.

use locker_core::crypto::SymmetricKey;

use super::{
    AllowedAddresses, DomainError,
    access_keys::{Credentials, NewAccessKey, Permission},
};
use crate::store::{Project, Store, Timestamp};

/// Makes a project with a new project key and its first access keys, two at most, and returns its number.
///
/// The project key lives in this call only: the database gets it wrapped for each access key.
///
/// # Errors
/// [`DomainError`] if there are no random bytes, or the database fails.
pub async fn create(
    store: &Store,
    name: &str,
    access_keys: &[(&Credentials, Permission)],
) -> Result<i64, DomainError> {
    let project_key = SymmetricKey::make()?;
    let now = Timestamp::now();
    let keys = access_keys
        .iter()
        .map(|(credentials, permission)| {
            Ok(NewAccessKey {
                id: credentials.id.clone(),
                sealed_project_key: credentials.wrap(&project_key)?,
                permission: *permission,
                allowed_addresses: AllowedAddresses::default(),
                expiration_date: None,
            })
        })
        .collect::<Result<Vec<_>, DomainError>>()?;
    let rows = |id| keys.into_iter().zip(1..).map(|(key, slot)| key.into_row(id, slot, now)).collect();
    Ok(store.insert_project(name, now, rows).await?)
}

/// All projects in the order of their numbers.
pub(crate) async fn list(store: &Store) -> Result<Vec<Project>, DomainError> {
    Ok(store.projects().await?)
}
