//! Environments on the wire.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    App,
    access_log::created,
    body::{Json, json},
    caller::Writer,
    date::Dates,
    error::ApiError,
    item_id::ItemId,
    list::WireItem,
};
use crate::{
    domain::{
        environments::{self, EnvironmentChange},
        fields::{Hash, Sealed},
    },
    store::{Environment, EnvironmentFields},
};

/// An environment as the wire writes it.
#[derive(Serialize, ToSchema)]
#[schema(as = Environment)]
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

/// What a client sends to create an environment.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewEnvironment {
    hash: Hash,
    name: Sealed,
    external_url: Option<Sealed>,
    description: Option<Sealed>,
}

/// What a client sends to change an environment. What is left out stays; a hash without its name changes nothing.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ChangedEnvironment {
    hash: Hash,
    name: Option<Sealed>,
    external_url: Option<Sealed>,
    description: Option<Sealed>,
}

/// `POST /v1/environments`.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Writer(key): Writer,
    Json(body): Json<NewEnvironment>,
) -> Result<Response, ApiError> {
    create_in(&app, key.project_id, body).await
}

/// `PUT /v1/environments/ID`.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Writer(key): Writer,
    ItemId(id): ItemId,
    Json(body): Json<ChangedEnvironment>,
) -> Result<Response, ApiError> {
    change_in(&app, key.project_id, &id, body).await
}

/// Creates an environment in a project that the caller may write to.
pub(super) async fn create_in(
    app: &App,
    project_id: i64,
    body: NewEnvironment,
) -> Result<Response, ApiError> {
    let fields = EnvironmentFields {
        hash: body.hash.into(),
        name: body.name.into(),
        external_url: body.external_url.unwrap_or_default().into(),
        description: body.description.unwrap_or_default().into(),
    };
    let environment = environments::create(&app.store, project_id, &fields).await?;
    Ok(created(&environment.id.clone(), &environment.into_wire()))
}

/// Changes an environment of a project that the caller may write to.
pub(super) async fn change_in(
    app: &App,
    project_id: i64,
    id: &str,
    body: ChangedEnvironment,
) -> Result<Response, ApiError> {
    let change = EnvironmentChange {
        name_and_hash: body.name.map(|name| (name.into(), body.hash.into())),
        external_url: body.external_url.map(Into::into),
        description: body.description.map(Into::into),
    };
    let environment = environments::change(&app.store, project_id, id, change).await?;
    Ok(json(StatusCode::OK, &environment.into_wire()))
}
