//! Workspaces.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::{
        App,
        body::{Json, Results, json},
        date::Seconds,
        error::ApiError,
    },
    open_api::Refusals,
    session::SignedIn,
};
use crate::{
    domain::{fields::Name, workspaces},
    store::Workspace,
};

#[derive(Deserialize, ToSchema)]
pub(super) struct NewWorkspace {
    name: Name,
}

#[derive(Serialize, ToSchema)]
#[schema(as = Workspace)]
struct Wire {
    object: &'static str,
    id: String,
    name: String,
    creation_date: Seconds,
}

impl From<Workspace> for Wire {
    fn from(workspace: Workspace) -> Self {
        let Workspace { id, name, creation_date } = workspace;
        Self { object: "workspace", id, name, creation_date: Seconds(creation_date) }
    }
}

/// The workspaces of the account, oldest first.
#[utoipa::path(
    get,
    path = "/v1/workspaces",
    operation_id = "list_workspaces",
    tag = "Workspaces",
    responses((status = 200, body = Results<Wire>), Refusals),
)]
pub(super) async fn list(State(app): State<Arc<App>>, session: SignedIn) -> Result<Response, ApiError> {
    let workspaces = workspaces::list(&app.store, &session.account_id).await?;
    Ok(json(StatusCode::OK, &Results::<Wire>::new(workspaces)))
}

/// Make a workspace.
#[utoipa::path(
    post,
    path = "/v1/workspaces",
    operation_id = "create_workspace",
    tag = "Workspaces",
    request_body = NewWorkspace,
    responses((status = 201, body = Wire), Refusals),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    session: SignedIn,
    Json(body): Json<NewWorkspace>,
) -> Result<Response, ApiError> {
    let workspace = workspaces::add(&app.store, &session.account_id, &body.name).await?;
    Ok(json(StatusCode::CREATED, &Wire::from(workspace)))
}
