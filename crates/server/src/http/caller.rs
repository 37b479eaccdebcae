//! Admission: who calls, and what for.

use std::{net::IpAddr, sync::Arc};

use axum::{
    extract::FromRequestParts,
    http::{header, request::Parts},
};
use uuid::Uuid;

use super::{App, access_log::Trail, client_address::address_of, error::ApiError};
use crate::domain::{
    DomainError,
    access_keys::{self, Admitted},
    access_log::Actor,
};

/// The access key of a call that has been admitted.
#[derive(Debug)]
pub(super) struct Caller(pub(super) Admitted);

/// A [`Caller`] that may write. A handler that takes one cannot forget to ask.
#[derive(Debug)]
pub(super) struct Writer(pub(super) Admitted);

impl FromRequestParts<Arc<App>> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let address = address_of(parts, app);
        match admit(parts, app, address).await {
            Ok(caller) => {
                tracing::Span::current().record("access_key", caller.id.as_str());
                app.limits.count_call(&caller.id).await?;
                if caller.is_use_news {
                    app.recorder.note_use(&caller.id);
                }
                Ok(Self(caller))
            }
            Err(refusal @ (DomainError::Unauthorized | DomainError::AddressNotAllowed(_))) => {
                app.limits.count_refusal(address).await?;
                Err(refusal.into())
            }
            Err(failure) => Err(failure.into()),
        }
    }
}

async fn admit(parts: &Parts, app: &App, address: IpAddr) -> Result<Admitted, DomainError> {
    let id = bearer(parts).ok_or(DomainError::Unauthorized)?;
    let known = access_keys::find_known(&app.store, &id).await?;
    if let Some(trail) = parts.extensions.get::<Trail>() {
        trail.set(known.project_id(), Actor::AccessKey(known.id().to_owned()));
    }
    known.admit(address)
}

impl FromRequestParts<Arc<App>> for Writer {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, ApiError> {
        let Caller(caller) = Caller::from_request_parts(parts, app).await?;
        caller.may_write()?;
        Ok(Self(caller))
    }
}

/// The access key id in the form in which it is stored; `None` if there is none.
fn bearer(parts: &Parts) -> Option<String> {
    let header = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, id) = header.split_once(' ')?;
    let id = scheme.eq_ignore_ascii_case("bearer").then(|| id.trim())?;
    Uuid::try_parse(id).ok().map(|id| id.to_string())
}
