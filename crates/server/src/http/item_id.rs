//! The id of an item in a path.

use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, RawPathParams},
    http::request::Parts,
};
use uuid::Uuid;

use super::error::ApiError;

/// The `{item_id}` of the route, in its usual form. One that is no UUID names nothing.
#[derive(Debug)]
pub(super) struct ItemId(pub(super) String);

impl<S: Sync> FromRequestParts<S> for ItemId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        let id = path_parameter(parts, "item_id").await.and_then(|id| canonical_id(&id));
        id.map(Self).ok_or_else(|| ApiError::not_found("there is nothing with the id in the path"))
    }
}

/// A parameter of the route.
pub(super) async fn path_parameter(parts: &mut Parts, name: &str) -> Option<String> {
    let parameters = parts.extract::<RawPathParams>().await.ok()?;
    parameters.iter().find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
}

/// An id as it would be stored; `None` if nothing could have it. What clients make up need not reach the database.
pub(super) fn canonical_id(text: &str) -> Option<String> {
    Uuid::try_parse(text).ok().map(|id| id.to_string())
}
