//! Projects.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::{
        App,
        access_log::Trail,
        body::{Json, Results, json},
        date::Seconds,
        error::ApiError,
    },
    open_api::Refusals,
    owner::Owned,
    session::SignedIn,
};
use crate::{
    domain::{
        access_log::Actor,
        fields::{Id, Name, SealedKey},
        projects,
    },
    store::Project,
};

#[derive(Deserialize, ToSchema)]
pub(super) struct NewProject {
    workspace_id: Id,
    name: Name,
    sealed_project_key: SealedKey,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Project)]
struct Wire {
    object: &'static str,
    id: i64,
    workspace_id: String,
    name: String,
    /// The project key, as only the account key opens it.
    sealed_project_key: String,
    creation_date: Seconds,
}

impl From<Project> for Wire {
    fn from(project: Project) -> Self {
        let Project { id, workspace_id, name, sealed_project_key, creation_date, .. } = project;
        let creation_date = Seconds(creation_date);
        Self { object: "project", id, workspace_id, name, sealed_project_key, creation_date }
    }
}

/// The projects of the account, in all its workspaces.
#[utoipa::path(
    get,
    path = "/v1/projects",
    operation_id = "list_projects",
    tag = "Projects",
    responses((status = 200, body = Results<Wire>), Refusals),
)]
pub(super) async fn list(State(app): State<Arc<App>>, session: SignedIn) -> Result<Response, ApiError> {
    let projects = projects::list(&app.store, &session.account_id).await?;
    Ok(json(StatusCode::OK, &Results::<Wire>::new(projects)))
}

/// Make a project.
#[utoipa::path(
    post,
    path = "/v1/projects",
    operation_id = "create_project",
    tag = "Projects",
    request_body = NewProject,
    responses((status = 201, body = Wire), Refusals),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    session: SignedIn,
    axum::Extension(trail): axum::Extension<Trail>,
    Json(body): Json<NewProject>,
) -> Result<Response, ApiError> {
    let (account, workspace) = (session.account_id, String::from(body.workspace_id));
    let id = projects::create(&app.store, &account, &workspace, &body.name, &body.sealed_project_key).await?;
    let project = projects::find(&app.store, &account, id).await?;
    trail.set(id, Actor::Account(account));
    Ok(json(StatusCode::CREATED, &Wire::from(project)))
}

/// One project.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}",
    operation_id = "show_project",
    tag = "Projects",
    params(("id" = i64, Path, minimum = 1, example = 1)),
    responses((status = 200, body = Wire), Refusals),
)]
pub(super) async fn show(Owned(project): Owned) -> Response {
    json(StatusCode::OK, &Wire::from(project))
}
