//! Environments on the wire.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Serialize;

use super::{
    App,
    body::{Fields, json},
    caller::Writer,
    date::Dates,
    error::ApiError,
    item_id::ItemId,
    list::WireItem,
};
use crate::{
    domain::environments::{self, EnvironmentChange},
    store::{Environment, EnvironmentFields},
};

/// An environment as the wire writes it.
#[derive(Serialize)]
pub(super) struct Wire {
    object: &'static str,
    id: String,
    #[serde(flatten)]
    dates: Dates,
    project_id: i64,
    name: String,
    hash: String,
    external_url: String,
    description: String,
}

impl WireItem for Environment {
    const PATH: &'static str = "/v1/environments";

    type Wire = Wire;

    fn into_wire(self) -> Wire {
        Wire {
            object: "environment",
            id: self.id,
            dates: Dates::new(self.creation_date, self.revision_date),
            project_id: self.project_id,
            name: self.fields.name,
            hash: self.fields.hash,
            external_url: self.fields.external_url,
            description: self.fields.description,
        }
    }
}

/// `POST /v1/environments`.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Writer(key): Writer,
    mut body: Fields,
) -> Result<Response, ApiError> {
    let fields = EnvironmentFields {
        hash: body.hash()?,
        name: body.required_sealed("name")?,
        external_url: body.sealed("external_url")?.unwrap_or_default(),
        description: body.sealed("description")?.unwrap_or_default(),
    };
    let environment = environments::create(&app.store, key.project_id, &fields).await?;
    Ok(json(StatusCode::CREATED, &environment.into_wire()))
}

/// `PUT /v1/environments/ID`.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Writer(key): Writer,
    ItemId(id): ItemId,
    mut body: Fields,
) -> Result<Response, ApiError> {
    let hash = body.hash()?;
    let change = EnvironmentChange {
        name_and_hash: body.sealed("name")?.map(|name| (name, hash)),
        external_url: body.sealed("external_url")?,
        description: body.sealed("description")?,
    };
    let environment = environments::change(&app.store, key.project_id, &id, change).await?;
    Ok(json(StatusCode::OK, &environment.into_wire()))
}
