//! Secrets on the wire.

use std::sync::Arc;

use axum::{extract::State, http::StatusCode, response::Response};
use serde::Serialize;

use super::{
    App,
    body::{Fields, json},
    caller::Writer,
    date::Dates,
    error::ApiError,
    item_id::{ItemId, is_id},
    list::WireItem,
};
use crate::{
    domain::secrets::{self, Placement, SecretChange},
    store::{Secret, SecretFields},
};

/// A secret as the wire writes it. ALL is no environment.
#[derive(Serialize)]
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

/// `POST /v1/secrets`.
pub(super) async fn create(
    State(app): State<Arc<App>>,
    Writer(key): Writer,
    mut body: Fields,
) -> Result<Response, ApiError> {
    let fields = SecretFields {
        hash: body.hash()?,
        key: body.required_sealed("key")?,
        value: body.required_sealed("value")?,
        description: body.sealed("description")?.unwrap_or_default(),
        environment_id: placement(&mut body)?.and_then(Placement::into_id),
    };
    let secret = secrets::create(&app.store, key.project_id, &fields).await?;
    Ok(json(StatusCode::CREATED, &secret.into_wire()))
}

/// `PUT /v1/secrets/ID`.
pub(super) async fn change(
    State(app): State<Arc<App>>,
    Writer(key): Writer,
    ItemId(id): ItemId,
    mut body: Fields,
) -> Result<Response, ApiError> {
    let hash = body.hash()?;
    let change = SecretChange {
        key_and_hash: body.sealed("key")?.map(|key| (key, hash)),
        value: body.sealed("value")?,
        description: body.sealed("description")?,
        placement: placement(&mut body)?,
    };
    let secret = secrets::change(&app.store, key.project_id, &id, change).await?;
    Ok(json(StatusCode::OK, &secret.into_wire()))
}

/// Where the secret is to be. The name of the environment is checked and not kept: the environment has it.
fn placement(body: &mut Fields) -> Result<Option<Placement>, ApiError> {
    body.sealed("environment_name")?;
    match body.text("environment_id")? {
        None => Ok(None),
        Some(id) if id.is_empty() => Ok(Some(Placement::All)),
        Some(id) if is_id(&id) => Ok(Some(Placement::Environment(id))),
        Some(_) => Err(secrets::NO_ENVIRONMENT.into()),
    }
}
