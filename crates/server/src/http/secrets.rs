//! Secrets on the wire.

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
    item_id::{ItemId, canonical_id},
    list::WireItem,
};
use crate::{
    domain::{
        fields::{Hash, Sealed},
        secrets::{self, Placement, SecretChange},
    },
    store::{Secret, SecretFields},
};

/// A secret as the wire writes it. ALL is no environment.
#[derive(Serialize, ToSchema)]
#[schema(as = Secret)]
pub(super) struct Wire {
    object: &'static str,
    id: String,
    #[serde(flatten)]
    dates: Dates,
    project_id: i64,
    environment_id: Option<String>,
    environment_name: Option<String>,
    environment_hash: Option<String>,
    key: String,
    secret_hash: String,
    value: String,
    description: String,
}

impl WireItem for Secret {
    const PATH: &'static str = "/v1/secrets";

    type Wire = Wire;

    fn into_wire(self) -> Wire {
        Wire {
            object: "secret",
            id: self.id,
            dates: Dates::new(self.creation_date, self.revision_date),
            project_id: self.project_id,
            environment_id: self.fields.environment_id,
            environment_name: self.environment_name,
            environment_hash: self.environment_hash,
            key: self.fields.key,
            secret_hash: self.fields.hash,
            value: self.fields.value,
            description: self.fields.description,
        }
    }
}

/// What a client sends to create a secret.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct NewSecret {
    hash: Hash,
    key: Sealed,
    value: Sealed,
    description: Option<Sealed>,
    /// The id of its environment; left out or empty for ALL.
    environment_id: Option<String>,
    /// Checked and not kept: the environment has its name.
    #[serde(rename = "environment_name")]
    _environment_name: Option<Sealed>,
}

/// What a client sends to change a secret. What is left out stays; a hash without its key changes nothing.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct ChangedSecret {
    hash: Hash,
    key: Option<Sealed>,
    value: Option<Sealed>,
    description: Option<Sealed>,
    /// The id of its environment; empty for ALL.
    environment_id: Option<String>,
    /// Checked and not kept: the environment has its name.
    #[serde(rename = "environment_name")]
    _environment_name: Option<Sealed>,
}

/// `POST /v1/secrets`.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Writer(key): Writer,
    Json(body): Json<NewSecret>,
) -> Result<Response, ApiError> {
    create_in(&app, key.project_id, body).await
}

/// `PUT /v1/secrets/ID`.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Writer(key): Writer,
    ItemId(id): ItemId,
    Json(body): Json<ChangedSecret>,
) -> Result<Response, ApiError> {
    change_in(&app, key.project_id, &id, body).await
}

/// Creates a secret in a project that the caller may write to.
pub(super) async fn create_in(app: &App, project_id: i64, body: NewSecret) -> Result<Response, ApiError> {
    let fields = SecretFields {
        hash: body.hash.into(),
        key: body.key.into(),
        value: body.value.into(),
        description: body.description.unwrap_or_default().into(),
        environment_id: placement(body.environment_id)?.and_then(Placement::into_id),
    };
    let secret = secrets::create(&app.store, project_id, &fields).await?;
    Ok(created(&secret.id.clone(), &secret.into_wire()))
}

/// Changes a secret of a project that the caller may write to.
pub(super) async fn change_in(
    app: &App,
    project_id: i64,
    id: &str,
    body: ChangedSecret,
) -> Result<Response, ApiError> {
    let change = SecretChange {
        key_and_hash: body.key.map(|key| (key.into(), body.hash.into())),
        value: body.value.map(Into::into),
        description: body.description.map(Into::into),
        placement: placement(body.environment_id)?,
    };
    let secret = secrets::change(&app.store, project_id, id, change).await?;
    Ok(json(StatusCode::OK, &secret.into_wire()))
}

/// Where the secret is to be.
fn placement(environment_id: Option<String>) -> Result<Option<Placement>, ApiError> {
    match environment_id {
        None => Ok(None),
        Some(id) if id.is_empty() => Ok(Some(Placement::All)),
        Some(id) => match canonical_id(&id) {
            Some(id) => Ok(Some(Placement::Environment(id))),
            None => Err(secrets::NO_ENVIRONMENT.into()),
        },
    }
}
