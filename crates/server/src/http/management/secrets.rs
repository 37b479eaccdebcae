//! The secrets of a project.

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
        error::ApiError,
        item_id::ItemId,
        list::{self, List, WireItem},
        secrets::{ChangedSecret, NewSecret, Wire, change_in, create_in},
    },
    open_api::Refusals,
    owner::Owned,
};
use crate::{
    domain::{fields::Id, secrets},
    store::Secret,
};

/// The secrets of a project, page by page.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/secrets",
    operation_id = "list_secrets",
    tag = "Secrets",
    params(("id" = i64, Path, minimum = 1, example = 1), list::Parameters),
    responses((status = 200, body = list::Answer<Wire>), Refusals),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    RawQuery(query): RawQuery,
    encoding: Encoding,
) -> Result<Encoded, ApiError> {
    let path = format!("/v1/projects/{}/secrets", project.id);
    let list = List { project_id: project.id, dates: project.dates, path: &path };
    list.show::<Secret>(&app, &query.unwrap_or_default(), encoding).await
}

/// Create a secret.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/secrets",
    operation_id = "create_secret",
    tag = "Secrets",
    params(("id" = i64, Path, minimum = 1, example = 1)),
    request_body = NewSecret,
    responses((status = 201, body = Wire), Refusals),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    Json(body): Json<NewSecret>,
) -> Result<Response, ApiError> {
    create_in(&app, project.id, body).await
}

/// One secret.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/secrets/{item_id}",
    operation_id = "show_secret",
    tag = "Secrets",
    params(("id" = i64, Path, minimum = 1, example = 1), ("item_id" = Id, Path)),
    responses((status = 200, body = Wire), Refusals),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    ItemId(id): ItemId,
) -> Result<Response, ApiError> {
    Ok(json(StatusCode::OK, &secrets::find(&app.store, project.id, &id).await?.into_wire()))
}

/// Change a secret. What is left out stays.
#[utoipa::path(
    put,
    path = "/v1/projects/{id}/secrets/{item_id}",
    operation_id = "change_secret",
    tag = "Secrets",
    params(("id" = i64, Path, minimum = 1, example = 1), ("item_id" = Id, Path)),
    request_body = ChangedSecret,
    responses((status = 200, body = Wire), Refusals),
)]
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    ItemId(id): ItemId,
    Json(body): Json<ChangedSecret>,
) -> Result<Response, ApiError> {
    change_in(&app, project.id, &id, body).await
}

/// Delete a secret.
#[utoipa::path(
    delete,
    path = "/v1/projects/{id}/secrets/{item_id}",
    operation_id = "delete_secret",
    tag = "Secrets",
    params(("id" = i64, Path, minimum = 1, example = 1), ("item_id" = Id, Path)),
    responses((status = 204), Refusals),
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    ItemId(id): ItemId,
) -> Result<Response, ApiError> {
    secrets::delete(&app.store, project.id, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
