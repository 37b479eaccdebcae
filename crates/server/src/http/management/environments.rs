//! The environments of a project.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};

use super::{
    super::{
        App,
        body::{Json, json},
        encoding::{Encoded, Encoding},
        environments::{ChangedEnvironment, NewEnvironment, Wire, change_in, create_in},
        error::ApiError,
        item_id::ItemId,
        list::{self, List, WireItem},
    },
    open_api::Refusals,
    owner::Owned,
};
use crate::{
    domain::{environments, fields::Id},
    store::Environment,
};

/// The environments of a project, page by page.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/environments",
    operation_id = "list_environments",
    tag = "Environments",
    params(("id" = i64, Path, minimum = 1, example = 1), list::Parameters),
    responses((status = 200, body = list::Answer<Wire>), Refusals),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    RawQuery(query): RawQuery,
    encoding: Encoding,
) -> Result<Encoded, ApiError> {
    let path = format!("/v1/projects/{}/environments", project.id);
    let list = List { project_id: project.id, dates: project.dates, path: &path };
    list.show::<Environment>(&app, &query.unwrap_or_default(), encoding).await
}

/// Create a environment.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/environments",
    operation_id = "create_environment",
    tag = "Environments",
    params(("id" = i64, Path, minimum = 1, example = 1)),
    request_body = NewEnvironment,
    responses((status = 201, body = Wire), Refusals),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    Json(body): Json<NewEnvironment>,
) -> Result<Response, ApiError> {
    create_in(&app, project.id, body).await
}

/// One environment.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/environments/{item_id}",
    operation_id = "show_environment",
    tag = "Environments",
    params(("id" = i64, Path, minimum = 1, example = 1), ("item_id" = Id, Path)),
    responses((status = 200, body = Wire), Refusals),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    ItemId(id): ItemId,
) -> Result<Response, ApiError> {
    Ok(json(StatusCode::OK, &environments::find(&app.store, project.id, &id).await?.into_wire()))
}

/// Change a environment. What is left out stays.
#[utoipa::path(
    put,
    path = "/v1/projects/{id}/environments/{item_id}",
    operation_id = "change_environment",
    tag = "Environments",
    params(("id" = i64, Path, minimum = 1, example = 1), ("item_id" = Id, Path)),
    request_body = ChangedEnvironment,
    responses((status = 200, body = Wire), Refusals),
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    ItemId(id): ItemId,
    Json(body): Json<ChangedEnvironment>,
) -> Result<Response, ApiError> {
    change_in(&app, project.id, &id, body).await
}

/// Delete a environment.
#[utoipa::path(
    delete,
    path = "/v1/projects/{id}/environments/{item_id}",
    operation_id = "delete_environment",
    tag = "Environments",
    params(("id" = i64, Path, minimum = 1, example = 1), ("item_id" = Id, Path)),
    responses((status = 204), Refusals),
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    ItemId(id): ItemId,
) -> Result<Response, ApiError> {
    environments::delete(&app.store, project.id, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
