//! What goes into the access log: every call with a known access key or account on a project.

use std::sync::{Arc, OnceLock};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode, request::Parts},
    middleware::Next,
    response::Response,
};
use serde::Serialize;

use super::{API_BASE, App, body::json, client_address::address_of, item_id::path_parameter};
use crate::domain::access_log::{Actor, Event};

/// Who calls, and which project: filled in by whatever admits the call.
#[derive(Clone, Debug, Default)]
pub(super) struct Trail(Arc<OnceLock<(i64, Actor)>>);

impl Trail {
    /// Notes who calls. The first word counts.
    pub(super) fn set(&self, project_id: i64, actor: Actor) {
        let _ = self.0.set((project_id, actor));
    }
}

/// What only the handler knows of an action; it travels with the answer.
#[derive(Clone, Debug)]
struct CreatedItem(String);

/// See [`name_action`].
#[derive(Clone, Copy, Debug)]
struct ActionName(&'static str);

/// The answer of a call that created the item with this id.
pub(super) fn created(id: &str, body: &impl Serialize) -> Response {
    let mut response = json(StatusCode::CREATED, body);
    response.extensions_mut().insert(CreatedItem(id.to_owned()));
    response
}

/// Names the action of a call where method and path do not tell.
pub(super) fn name_action(mut response: Response, action: &'static str) -> Response {
    response.extensions_mut().insert(ActionName(action));
    response
}

/// Records a call when it has been answered.
pub(super) async fn record(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    let trail = Trail::default();
    parts.extensions.insert(trail.clone());
    let action = action(&parts);
    let address = address_of(&parts, &app);
    let item_id = match path_parameter(&mut parts, "item_id").await {
        Some(id) => Some(id),
        None => path_parameter(&mut parts, "key_id").await,
    };
    let response = next.run(Request::from_parts(parts, body)).await;

    let status = response.status();
    if let (Some((project_id, actor)), Some(action)) = (trail.0.get(), action)
        && is_worth_keeping(action, status)
    {
        let extensions = response.extensions();
        let created = extensions.get::<CreatedItem>().map(|created| created.0.clone());
        app.recorder
            .record(Event {
                project_id: *project_id,
                actor: actor.clone(),
                action: extensions.get::<ActionName>().map_or(action, |named| named.0),
                item_id: created.or(item_id),
                address: address.to_string(),
                status: status.as_u16(),
            })
            .await;
    }
    response
}

/// Clients ask all the time whether anything changed, which tells nothing of a project; and whoever calls too often
/// must not fill the log as well.
fn is_worth_keeping(action: &str, status: StatusCode) -> bool {
    status != StatusCode::TOO_MANY_REQUESTS && (action != "sync.read" || !status.is_success())
}

/// What a call is about to do, by its method and route.
fn action(parts: &Parts) -> Option<&'static str> {
    let route = parts.extensions.get::<MatchedPath>()?.as_str().strip_prefix(API_BASE)?;
    let route = route.strip_prefix("/v1/projects/{id}").filter(|rest| !rest.is_empty()).unwrap_or(route);
    let route = route.strip_prefix("/v1").unwrap_or(route);
    let verbs: [&'static str; 5] = match route.split('/').nth(1)? {
        "secrets" => ["secret.list", "secret.read", "secret.create", "secret.update", "secret.delete"],
        "environments" => [
            "environment.list",
            "environment.read",
            "environment.create",
            "environment.update",
            "environment.delete",
        ],
        "access_keys" if route.ends_with("/rotate_key") => return Some("access_key.rotate"),
        "access_keys" if route.ends_with("/activated") => return Some("access_key.activate"),
        "access_keys" => [
            "access_key.list",
            "access_key.read",
            "access_key.create",
            "access_key.update",
            "access_key.delete",
        ],
        "access_logs" if route.ends_with("/export") => return Some("access_log.export"),
        "access_logs" => return Some("access_log.read"),
        "profile" => return Some("profile.read"),
        "sync" => return Some("sync.read"),
        "projects" if parts.method == Method::POST => return Some("project.create"),
        "projects" => return Some("project.read"),
        _ => return None,
    };
    let [list, read, create, update, delete] = verbs;
    match parts.method {
        Method::GET if route.ends_with('}') => Some(read),
        Method::GET => Some(list),
        Method::POST => Some(create),
        Method::PUT => Some(update),
        Method::DELETE => Some(delete),
        _ => None,
    }
}
