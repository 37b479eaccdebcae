//! The management API, for a signed-in account: sessions, workspaces, projects, access keys, items, the access log.

mod access_keys;
mod access_logs;
mod accounts;
mod environments;
mod open_api;
mod owner;
mod projects;
mod same_site;
mod secrets;
mod session;
mod session_store;
mod workspaces;

use std::sync::Arc;

use axum::Router;
use utoipa_axum::{router::OpenApiRouter, routes};

use super::App;

/// The routes with their document, in JSON.
pub(super) fn router(app: &App) -> (Router<Arc<App>>, String) {
    let (router, document) = OpenApiRouter::with_openapi(open_api::document())
        .routes(routes!(accounts::sign_up,))
        .routes(routes!(accounts::create))
        .routes(routes!(accounts::kdf))
        .routes(routes!(accounts::sign_in, accounts::show, accounts::sign_out))
        .routes(routes!(workspaces::list, workspaces::create))
        .routes(routes!(projects::list, projects::create))
        .routes(routes!(projects::show))
        .routes(routes!(access_keys::list, access_keys::create))
        .routes(routes!(access_keys::show, access_keys::edit, access_keys::delete))
        .routes(routes!(access_keys::set_activated))
        .routes(routes!(access_keys::rotate))
        .routes(routes!(access_logs::list))
        .routes(routes!(access_logs::export))
        .routes(routes!(secrets::list, secrets::create))
        .routes(routes!(secrets::show, secrets::change, secrets::delete))
        .routes(routes!(environments::list, environments::create))
        .routes(routes!(environments::show, environments::change, environments::delete))
        .split_for_parts();
    let document = open_api::written(document);
    (router.layer(session::layer(app)), document)
}
