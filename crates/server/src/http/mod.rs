//! The wire: routes, what they accept and what they answer.

mod body;
mod caller;
mod client_address;
mod date;
mod environments;
mod error;
mod item_id;
mod list;
mod observe;
mod profile;
mod rate_limit;
mod secrets;
mod serve;
mod sync;
pub mod tls;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    middleware,
    routing::{get, put},
};
use tower_http::{CompressionLevel, compression::CompressionLayer};

use self::{error::ApiError, rate_limit::RateLimits};
pub use self::{
    rate_limit::{Rate, RateError},
    serve::serve,
};
use crate::{
    domain::AllowedAddresses,
    store::{Environment, Secret, Store},
};

/// The path below which the protocol lives.
pub const API_BASE: &str = "/locker_secrets";

/// What a server is made of.
#[derive(Debug)]
pub struct App {
    store: Store,
    limits: RateLimits,
    trusted_proxies: AllowedAddresses,
}

impl App {
    /// A server of what is in `store`.
    ///
    /// `rate` limits each access key, and each address whose calls are refused. `trusted_proxies` are the peers
    /// whose `X-Forwarded-For` is believed.
    #[must_use]
    pub fn new(store: Store, rate: Option<Rate>, trusted_proxies: AllowedAddresses) -> Self {
        Self { store, limits: RateLimits::new(rate), trusted_proxies }
    }

    /// All routes.
    pub fn router(self) -> Router {
        let api = Router::new()
            .route("/v1/profile", get(profile::show))
            .route("/v1/sync/revision_date", get(sync::revision_date))
            .route("/v1/sync/deleted_item_date", get(sync::deleted_item_date))
            .route("/v1/sync/secrets/count", get(sync::count::<Secret>))
            .route("/v1/sync/environments/count", get(sync::count::<Environment>))
            .route("/v1/secrets", get(list::show::<Secret>).post(secrets::create))
            .route("/v1/secrets/{id}", put(secrets::change))
            .route("/v1/environments", get(list::show::<Environment>).post(environments::create))
            .route("/v1/environments/{id}", put(environments::change));
        Router::new()
            .nest(API_BASE, api)
            .route("/healthz", get(async || "ok"))
            .fallback(async || ApiError::not_found("there is nothing at this path"))
            .method_not_allowed_fallback(async || ApiError::method_not_allowed())
            // The body reader has a limit of its own, with an answer of its own.
            .layer(DefaultBodyLimit::disable())
            // Ciphertext hardly shrinks; more effort would only cost time.
            .layer(CompressionLayer::new().quality(CompressionLevel::Fastest))
            .layer(middleware::from_fn(observe::observe))
            .with_state(Arc::new(self))
    }
}
