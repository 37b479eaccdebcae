//! Admission: who calls, and what for.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};

use axum::{
    extract::{ConnectInfo, FromRequestParts},
    http::{header, request::Parts},
};
use uuid::Uuid;

use super::{App, client_address::client_address, error::ApiError};
use crate::domain::{
    DomainError,
    access_keys::{self, Admitted},
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
        // `serve` always knows the peer. The unspecified address is on nobody's list.
        let peer = parts.extensions.get::<ConnectInfo<SocketAddr>>();
        let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
        let address = client_address(peer, &parts.headers, &app.trusted_proxies);
        let admitted = match bearer(parts) {
            Some(id) => access_keys::admit(&app.store, &id, address).await,
            None => Err(DomainError::Unauthorized),
        };
        match admitted {
            Ok(caller) => {
                tracing::Span::current().record("access_key", caller.id.as_str());
                app.limits.count_call(&caller.id)?;
                Ok(Self(caller))
            }
            Err(refusal @ (DomainError::Unauthorized | DomainError::AddressNotAllowed(_))) => {
                app.limits.count_refusal(address)?;
                Err(refusal.into())
            }
            Err(failure) => Err(failure.into()),
        }
    }
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
