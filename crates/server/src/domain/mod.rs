//! The rules: who may do what, and what may exist. It knows neither HTTP nor SQL.

pub mod access_keys;
pub(crate) mod access_log;
pub mod accounts;
mod addresses;
pub(crate) mod environments;
mod error;
pub mod fields;
pub(crate) mod listing;
pub(crate) mod maintenance;
pub mod projects;
pub(crate) mod secrets;
mod sign_in;
pub mod workspaces;

pub use addresses::{AddressError, AllowedAddresses};
pub use error::DomainError;

use crate::store::{ProjectWrite, Store};

/// Begins to change a project that the caller has already been admitted to.
async fn write(store: &Store, project_id: i64) -> Result<ProjectWrite, DomainError> {
    store.write(project_id).await?.ok_or(DomainError::NotFound("project"))
}

fn new_id() -> String {
    uuid::Uuid::new_v4().to_string()
}
