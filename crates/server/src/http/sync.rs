//! `GET /v1/sync/…`: each answer is a number alone.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};

use super::{App, body::json, caller::Caller, date::Seconds, error::ApiError};
use crate::{domain::listing, store::Listed};

/// When an item of the project last changed.
pub(super) async fn revision_date(Caller(key): Caller) -> Response {
    json(StatusCode::OK, &Seconds(key.project_dates.revision_date))
}

/// When what clients hold last became wrong as a whole.
pub(super) async fn deleted_item_date(Caller(key): Caller) -> Response {
    json(StatusCode::OK, &Seconds(key.project_dates.deleted_item_date))
}

/// How many items of a kind the project has.
pub(super) async fn count<T: Listed>(
    State(app): State<Arc<App>>,
    Caller(key): Caller,
) -> Result<Response, ApiError> {
    Ok(json(StatusCode::OK, &listing::count::<T>(&app.store, key.project_id).await?))
}
