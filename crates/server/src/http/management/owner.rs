//! The account of a project, and the project.

use std::sync::Arc;

use axum::{extract::FromRequestParts, http::request::Parts};

use super::{
    super::{App, access_log::Trail, error::ApiError, item_id::path_parameter},
    session::SignedIn,
};
use crate::{
    domain::{DomainError, access_log::Actor, projects},
    store::Project,
};

/// The project `{id}` of the route, which is the signed-in account's. Another account's is not found.
pub(super) struct Owned(pub(super) Project);

impl FromRequestParts<Arc<App>> for Owned {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let account_id = SignedIn::from_request_parts(parts, app).await?.account_id;
        let id = path_parameter(parts, "id").await.and_then(|id| id.parse().ok());
        let id = id.ok_or(DomainError::NotFound("project"))?;
        let project = projects::find(&app.store, &account_id, id).await?;
        if let Some(trail) = parts.extensions.get::<Trail>() {
            trail.set(project.id, Actor::Account(account_id));
        }
        Ok(Self(project))
    }
}
