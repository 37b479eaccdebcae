//! The wire: routes, what they accept and what they answer.

mod access_log;
mod answers;
mod body;
mod caller;
mod client_address;
mod date;
mod encoding;
mod environments;
mod error;
mod item_id;
mod leases;
mod list;
mod management;
mod observe;
mod page;
mod profile;
mod rate_limit;
mod schema;
mod secrets;
mod serve;
mod sign_in_limit;
mod sync;
pub mod tls;

use std::sync::Arc;

use axum::{
    Router,
    extract::DefaultBodyLimit,
    http::header,
    middleware,
    routing::{get, put},
};
use tower_http::{
    CompressionLevel,
    compression::{CompressionLayer, DefaultPredicate, Predicate, predicate::SizeAbove},
};

use self::{answers::Answers, encoding::WORTH_COMPRESSING, error::ApiError, rate_limit::RateLimits};
pub use self::{
    rate_limit::{Rate, RateError},
    serve::serve,
};
use crate::{
    domain::{AllowedAddresses, access_log::Recorder, accounts::SignUp},
    store::{Environment, Secret, Store},
};

/// The path below which the protocol lives.
pub const API_BASE: &str = "/locker_secrets";

/// How a server behaves.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Limits each access key, and each address whose calls are refused; `None` for no limit.
    pub rate: Option<Rate>,
    /// The peers whose `X-Forwarded-For` is believed.
    pub trusted_proxies: AllowedAddresses,
    /// Who may make an account.
    pub sign_up: SignUp,
    /// For how many days the access log is kept.
    pub access_log_days: u32,
    /// Whether browsers reach this server over TLS only, its own or a proxy's.
    pub secure_cookies: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            rate: None,
            trusted_proxies: AllowedAddresses::default(),
            sign_up: SignUp::OnlyFirst,
            access_log_days: 90,
            secure_cookies: false,
        }
    }
}

/// What a server is made of.
#[derive(Debug)]
pub(crate) struct App {
    store: Store,
    answers: Answers,
    limits: RateLimits,
    recorder: Recorder,
    trusted_proxies: AllowedAddresses,
    sign_up: SignUp,
    secure_cookies: bool,
}

/// All routes.
fn router(app: App) -> Router {
    let app = Arc::new(app);
    let (management, document) = management::router(&app);
    let api = Router::new()
        .route("/v1/profile", get(profile::show))
        .route("/v1/sync/revision_date", get(sync::revision_date))
        .route("/v1/sync/deleted_item_date", get(sync::deleted_item_date))
        .route("/v1/sync/secrets/count", get(sync::count::<Secret>))
        .route("/v1/sync/environments/count", get(sync::count::<Environment>))
        .route("/v1/secrets", get(list::show::<Secret>).post(secrets::create))
        .route("/v1/secrets/{item_id}", put(secrets::change))
        .route("/v1/environments", get(list::show::<Environment>).post(environments::create))
        .route("/v1/environments/{item_id}", put(environments::change))
        .merge(management)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), access_log::record));
    Router::new()
        .nest(API_BASE, api)
        .merge(page::routes())
        .route("/healthz", get(async || "ok"))
        .route("/openapi.json", get(async || ([(header::CONTENT_TYPE, "application/json")], document)))
        .fallback(async || ApiError::not_found("there is nothing at this path"))
        .method_not_allowed_fallback(async || ApiError::method_not_allowed())
        // The body reader has a limit of its own, with an answer of its own.
        .layer(DefaultBodyLimit::disable())
        .layer(
            CompressionLayer::new()
                .quality(CompressionLevel::Fastest)
                .compress_when(DefaultPredicate::new().and(SizeAbove::new(WORTH_COMPRESSING.into()))),
        )
        .layer(middleware::from_fn(observe::observe))
        .with_state(app)
}
