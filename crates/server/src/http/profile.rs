//! `GET /v1/profile`.

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};
use locker_core::account::Permission;
use serde::Serialize;

use super::{body::json, caller::Caller, date::Seconds};

#[derive(Serialize)]
struct Answer {
    object: &'static str,
    profile: Profile,
}

#[derive(Serialize)]
struct Profile {
    object: &'static str,
    id: String,
    client_id: String,
    /// The project key, as only the secret of the access key opens it.
    key: String,
    activated: bool,
    editable: bool,
    restrict_ip: Vec<String>,
    creation_date: Seconds,
    revision_date: Seconds,
    expiration_date: Option<Seconds>,
    project_id: i64,
    projects: [String; 1],
}

/// Tells an access key what it is.
pub(super) async fn show(Caller(key): Caller) -> Response {
    let answer = Answer {
        object: "access_key",
        profile: Profile {
            object: "profile",
            id: key.id.clone(),
            client_id: key.id,
            key: key.sealed_project_key,
            activated: true,
            editable: key.permission == Permission::ReadWrite,
            restrict_ip: key.allowed_addresses.iter().collect(),
            creation_date: Seconds(key.creation_date),
            revision_date: Seconds(key.revision_date),
            expiration_date: key.expiration_date.map(Seconds),
            project_id: key.project_id,
            projects: [key.project_id.to_string()],
        },
    };
    json(StatusCode::OK, &answer).into_response()
}
