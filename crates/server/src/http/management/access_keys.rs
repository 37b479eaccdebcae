//! Access keys, point by point.

use std::sync::Arc;

use axum::{
    extract::{FromRequestParts, Query, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use locker_core::account::Permission;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    super::{
        App,
        access_log::{created, name_action},
        body::{Json, Results, json},
        date::Seconds,
        error::ApiError,
        item_id::{canonical_id, path_parameter},
    },
    open_api::Refusals,
    owner::Owned,
};
use crate::domain::{
    AllowedAddresses, DomainError,
    access_keys::{self, AccessKey, NewAccessKey},
    fields::{Id, SealedKey},
};

/// More entries than anybody reviews, in one access key.
const MAX_ADDRESSES: usize = 100;

/// What an access key allows: to retrieve secrets, or to create and update them too.
#[derive(ToSchema)]
#[schema(as = Permission, rename_all = "kebab-case")]
#[expect(dead_code, reason = "only described")]
enum PermissionSchema {
    Read,
    ReadWrite,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct NewAccessKeyBody {
    id: Id,
    /// The project key, as only the secret of the new access key opens it.
    key: SealedKey,
    #[schema(value_type = PermissionSchema)]
    permission: Permission,
    /// Addresses and CIDR networks from which it may be used; none for everywhere.
    #[schema(max_items = 100)]
    restrict_ip: Option<Vec<String>>,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct EditedAccessKey {
    /// Left out to keep it.
    #[schema(value_type = Option<PermissionSchema>)]
    permission: Option<Permission>,
    /// Left out to keep it; none for everywhere.
    #[schema(max_items = 100)]
    restrict_ip: Option<Vec<String>>,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct Activated {
    activated: bool,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct RotatedKey {
    /// The project key, as only the new secret opens it.
    key: SealedKey,
}

#[derive(Deserialize, IntoParams)]
pub(super) struct Confirmation {
    /// The id of the access key once more.
    confirm: Option<String>,
}

#[derive(Serialize, ToSchema)]
#[schema(as = AccessKey)]
struct Wire {
    object: &'static str,
    id: String,
    #[schema(value_type = PermissionSchema)]
    permission: Permission,
    /// Addresses and CIDR networks from which it may be used; none for everywhere.
    restrict_ip: Vec<String>,
    activated: bool,
    creation_date: Seconds,
    revision_date: Seconds,
    /// Give or take a minute.
    last_use_date: Option<Seconds>,
    expiration_date: Option<Seconds>,
}

impl From<AccessKey> for Wire {
    fn from(key: AccessKey) -> Self {
        Self {
            object: "access_key",
            id: key.id,
            permission: key.permission,
            restrict_ip: key.restrict_ip,
            activated: key.activated,
            creation_date: Seconds(key.creation_date),
            revision_date: Seconds(key.revision_date),
            last_use_date: key.last_use_date.map(Seconds),
            expiration_date: key.expiration_date.map(Seconds),
        }
    }
}

/// The `{key_id}` of the route, in its usual form.
pub(super) struct KeyId(String);

impl<S: Sync> FromRequestParts<S> for KeyId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let id = path_parameter(parts, "key_id").await.and_then(|id| canonical_id(&id));
        Ok(Self(id.ok_or(DomainError::NotFound("access key"))?))
    }
}

fn addresses(texts: &[String]) -> Result<AllowedAddresses, ApiError> {
    if texts.len() > MAX_ADDRESSES {
        return Err(ApiError::invalid(format!(
            "restrict_ip: must not have more than {MAX_ADDRESSES} entries"
        )));
    }
    AllowedAddresses::parse(texts).map_err(|problem| ApiError::invalid(format!("restrict_ip: {problem}")))
}

fn answer(key: AccessKey) -> Response {
    json(StatusCode::OK, &Wire::from(key))
}

/// The access keys of a project, oldest first.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/access_keys",
    operation_id = "list_access_keys",
    tag = "Access keys",
    params(("id" = i64, Path, minimum = 1, example = 1)),
    responses((status = 200, body = Results<Wire>), Refusals),
)]
pub(super) async fn list(State(app): State<Arc<App>>, Owned(project): Owned) -> Result<Response, ApiError> {
    let keys = access_keys::list(&app.store, project.id).await?;
    Ok(json(StatusCode::OK, &Results::<Wire>::new(keys)))
}

/// Create an access key. Two of a project can be active.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/access_keys",
    operation_id = "create_access_key",
    tag = "Access keys",
    params(("id" = i64, Path, minimum = 1, example = 1)),
    request_body = NewAccessKeyBody,
    responses((status = 201, body = Wire), Refusals),
)]
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    Json(body): Json<NewAccessKeyBody>,
) -> Result<Response, ApiError> {
    let new = NewAccessKey {
        id: body.id.into(),
        sealed_project_key: body.key,
        permission: body.permission,
        allowed_addresses: addresses(&body.restrict_ip.unwrap_or_default())?,
        expiration_date: None,
    };
    let key = access_keys::create(&app.store, project.id, new).await?;
    Ok(created(&key.id.clone(), &Wire::from(key)))
}

/// One access key.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/access_keys/{key_id}",
    operation_id = "show_access_key",
    tag = "Access keys",
    params(("id" = i64, Path, minimum = 1, example = 1), ("key_id" = Id, Path)),
    responses((status = 200, body = Wire), Refusals),
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    KeyId(id): KeyId,
) -> Result<Response, ApiError> {
    Ok(answer(access_keys::find(&app.store, project.id, &id).await?))
}

/// Change the permission and the IP restriction of an access key.
#[utoipa::path(
    put,
    path = "/v1/projects/{id}/access_keys/{key_id}",
    operation_id = "edit_access_key",
    tag = "Access keys",
    params(("id" = i64, Path, minimum = 1, example = 1), ("key_id" = Id, Path)),
    request_body = EditedAccessKey,
    responses((status = 200, body = Wire), Refusals),
)]
pub(super) async fn edit(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    KeyId(id): KeyId,
    Json(body): Json<EditedAccessKey>,
) -> Result<Response, ApiError> {
    let addresses = body.restrict_ip.as_deref().map(addresses).transpose()?;
    let edited = access_keys::edit(&app.store, project.id, &id, body.permission, addresses.as_ref()).await?;
    Ok(answer(edited))
}

/// Activate or deactivate an access key. It acts at once.
#[utoipa::path(
    put,
    path = "/v1/projects/{id}/access_keys/{key_id}/activated",
    operation_id = "activate_access_key",
    tag = "Access keys",
    params(("id" = i64, Path, minimum = 1, example = 1), ("key_id" = Id, Path)),
    request_body = Activated,
    responses((status = 200, body = Wire), Refusals),
)]
pub(super) async fn set_activated(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    KeyId(id): KeyId,
    Json(body): Json<Activated>,
) -> Response {
    let (action, outcome) = if body.activated {
        ("access_key.activate", access_keys::activate(&app.store, project.id, &id).await)
    } else {
        ("access_key.deactivate", access_keys::deactivate(&app.store, project.id, &id).await)
    };
    name_action(outcome.map(answer).map_err(ApiError::from).into_response(), action)
}

/// Give an access key a new secret. The old one no longer opens the project.
#[utoipa::path(
    post,
    path = "/v1/projects/{id}/access_keys/{key_id}/rotate_key",
    operation_id = "rotate_access_key",
    tag = "Access keys",
    params(("id" = i64, Path, minimum = 1, example = 1), ("key_id" = Id, Path)),
    request_body = RotatedKey,
    responses((status = 200, body = Wire), Refusals),
)]
pub(super) async fn rotate(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    KeyId(id): KeyId,
    Json(body): Json<RotatedKey>,
) -> Result<Response, ApiError> {
    Ok(answer(access_keys::rotate(&app.store, project.id, &id, &body.key).await?))
}

/// Delete an access key. What clients have fetched with it stays with them.
#[utoipa::path(
    delete,
    path = "/v1/projects/{id}/access_keys/{key_id}",
    operation_id = "delete_access_key",
    tag = "Access keys",
    params(("id" = i64, Path, minimum = 1, example = 1), ("key_id" = Id, Path), Confirmation),
    responses((status = 204), Refusals),
)]
pub(super) async fn delete(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    KeyId(id): KeyId,
    Query(confirmation): Query<Confirmation>,
) -> Result<Response, ApiError> {
    if confirmation.confirm.as_deref().and_then(canonical_id).as_ref() != Some(&id) {
        return Err(ApiError::invalid("confirm: must be the id of the access key"));
    }
    access_keys::delete(&app.store, project.id, &id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
