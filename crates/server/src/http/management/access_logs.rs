//! The access log of a project.

use std::sync::Arc;

use axum::{
    body::{Body, Bytes},
    extract::{RawQuery, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use url::form_urlencoded;
use utoipa::ToSchema;

use super::{
    super::{App, body::json, date::Seconds, error::ApiError, item_id::canonical_id},
    open_api::Refusals,
    owner::Owned,
};
use crate::{
    domain::{DomainError, access_log},
    store::{AccessLogEntry, Store},
};

const DEFAULT_SIZE: i64 = 50;
const MAX_SIZE: i64 = 500;

/// Who did what, when, from where, and with what result.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessLogEntry)]
struct Wire {
    object: &'static str,
    id: String,
    date: Seconds,
    access_key_id: Option<String>,
    account_id: Option<String>,
    /// Such as `secret.create`.
    action: String,
    item_id: Option<String>,
    address: String,
    /// The status of the answer.
    status: i64,
}

impl From<AccessLogEntry> for Wire {
    fn from(entry: AccessLogEntry) -> Self {
        Self {
            object: "access_log",
            id: entry.id,
            date: Seconds(entry.date),
            access_key_id: entry.access_key_id,
            account_id: entry.account_id,
            action: entry.action,
            item_id: entry.item_id,
            address: entry.address,
            status: entry.status,
        }
    }
}

/// A page of the access log.
#[derive(Serialize, ToSchema)]
#[schema(as = AccessLogPage)]
struct Page {
    results: Vec<Wire>,
    /// Where the entries before these are, relative to the API base.
    next: Option<String>,
}

struct Window {
    before: Option<String>,
    size: i64,
}

/// One without a value counts as left out; others are ignored.
fn window(query: &str) -> Result<Window, ApiError> {
    let mut window = Window { before: None, size: DEFAULT_SIZE };
    for (name, value) in form_urlencoded::parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
        match &*name {
            "before" => {
                let id = canonical_id(&value);
                window.before =
                    Some(id.ok_or_else(|| ApiError::invalid("before: must be the id of an entry"))?);
            }
            "size" => {
                let size = value.parse().ok().filter(|size| (1..=MAX_SIZE).contains(size));
                window.size = size.ok_or_else(|| {
                    ApiError::invalid(format!("size: must be a whole number from 1 to {MAX_SIZE}"))
                })?;
            }
            _ => {}
        }
    }
    Ok(window)
}

/// The access log of a project, newest first.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/access_logs",
    operation_id = "list_access_log",
    tag = "Access log",
    params(
        ("id" = i64, Path, minimum = 1, example = 1),
        ("before" = Option<String>, Query, description = "The id of an entry: only those before it."),
        ("size" = Option<i64>, Query, minimum = 1, maximum = 500),
    ),
    responses((status = 200, body = Page), Refusals),
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    Owned(project): Owned,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let Window { before, size } = window(&query.unwrap_or_default())?;
    // What the reader did before must be there.
    app.recorder.flush().await;
    let entries = access_log::page(&app.store, project.id, before.as_deref(), size).await?;
    let more = i64::try_from(entries.len()).is_ok_and(|length| length == size);
    let next = entries
        .last()
        .filter(|_| more)
        .map(|last| format!("/v1/projects/{}/access_logs?size={size}&before={}", project.id, last.id));
    Ok(json(StatusCode::OK, &Page { results: entries.into_iter().map(Wire::from).collect(), next }))
}

/// The whole access log of a project as JSON lines, newest first.
#[utoipa::path(
    get,
    path = "/v1/projects/{id}/access_logs/export",
    operation_id = "export_access_log",
    tag = "Access log",
    params(("id" = i64, Path, minimum = 1, example = 1)),
    responses(
        (status = 200, description = "An entry on each line.", body = String, content_type = "application/jsonl"),
        Refusals,
    ),
)]
pub(super) async fn export(State(app): State<Arc<App>>, Owned(project): Owned) -> Response {
    app.recorder.flush().await;
    let pages = stream::try_unfold(Some(None), move |before: Option<Option<String>>| {
        next_page(app.store.clone(), project.id, before)
    });
    let lines = pages.map_ok(lines).map(|page| {
        page.inspect_err(|error| tracing::error!(%error, "the export of an access log broke off"))
    });
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/jsonl")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"access-log.jsonl\"")),
    ];
    (headers, Body::from_stream(lines)).into_response()
}

type NextPage = Option<(Vec<AccessLogEntry>, Option<Option<String>>)>;

/// The page before an entry, and the entry before which the next one is; the inner `None` is the beginning, the
/// outer one the end.
async fn next_page(
    store: Store,
    project_id: i64,
    before: Option<Option<String>>,
) -> Result<NextPage, DomainError> {
    let Some(before) = before else { return Ok(None) };
    let entries = access_log::page(&store, project_id, before.as_deref(), MAX_SIZE).await?;
    let next = entries.last().map(|last| Some(last.id.clone()));
    Ok(Some((entries, next)))
}

fn lines(entries: Vec<AccessLogEntry>) -> Bytes {
    let lines = entries.into_iter().filter_map(|entry| serde_json::to_string(&Wire::from(entry)).ok());
    lines.fold(String::new(), |text, line| text + &line + "\n").into()
}
