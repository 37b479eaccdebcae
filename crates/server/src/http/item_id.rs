//! The id of an item in a path.

use axum::{
    RequestPartsExt,
    extract::{FromRequestParts, Path},
    http::request::Parts,
};
use uuid::Uuid;

use super::error::ApiError;

/// The `{id}` of the route. One that is no UUID names nothing.
#[derive(Debug)]
pub(super) struct ItemId(pub(super) String);

impl<S: Sync> FromRequestParts<S> for ItemId {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, ApiError> {
        match parts.extract::<Path<String>>().await {
            Ok(Path(id)) if is_id(&id) => Ok(Self(id)),
            _ => Err(ApiError::not_found("there is nothing with the id in the path")),
        }
    }
}

/// Whether something could have this id. What clients make up instead need not reach the database.
pub(super) fn is_id(text: &str) -> bool {
    Uuid::try_parse(text).is_ok()
}
