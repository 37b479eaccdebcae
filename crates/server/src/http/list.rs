//! `GET /v1/secrets` and `GET /v1/environments`.

use std::sync::Arc;

use axum::{
    extract::{RawQuery, State},
    http::StatusCode,
    response::Response,
};
use serde::Serialize;
use url::form_urlencoded::{Serializer, parse};

use super::{
    App,
    body::{checked_hash, json},
    caller::Caller,
    date::Seconds,
    error::ApiError,
};
use crate::{
    domain::listing::{self, ListQuery, MAX_SIZE},
    store::{Listed, Timestamp},
};

/// An item as the wire writes it.
pub(super) trait WireItem: Listed {
    /// Its list, relative to the API base.
    const PATH: &'static str;

    /// What is written.
    type Wire: Serialize;

    fn into_wire(self) -> Self::Wire;
}

#[derive(Serialize)]
struct Answer<T> {
    count: i64,
    next: Option<String>,
    previous: Option<String>,
    revision_date: Seconds,
    results: Vec<T>,
}

/// Answers with a page of the items.
pub(super) async fn show<T: WireItem>(
    State(app): State<Arc<App>>,
    Caller(key): Caller,
    RawQuery(query): RawQuery,
) -> Result<Response, ApiError> {
    let query = query.unwrap_or_default();
    let asked = read(&query)?;
    let number = asked.page;
    let page = listing::page::<T>(&app.store, &key, asked).await?;
    let answer = Answer {
        count: page.count,
        next: page.more.then(|| path_of_page(T::PATH, &query, number + 1)),
        previous: (number > 1).then(|| path_of_page(T::PATH, &query, number - 1)),
        // Older than the items if anything: what is missed now is asked for again next time.
        revision_date: Seconds(key.project_revision_date),
        results: page.items.into_iter().map(T::into_wire).collect(),
    };
    Ok(json(StatusCode::OK, &answer))
}

/// Reads the parameters that matter. One without a value counts as left out; others are ignored.
fn read(query: &str) -> Result<ListQuery, ApiError> {
    let mut asked = ListQuery { hash: None, since: Timestamp::ZERO, page: 1, size: MAX_SIZE };
    for (name, value) in parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
        match &*name {
            "hash" => asked.hash = Some(checked_hash(value.into_owned())?),
            "page" => asked.page = whole_number("page", &value, u32::MAX.into())?,
            "size" => asked.size = whole_number("size", &value, MAX_SIZE)?,
            "revision_date" => {
                asked.since = Seconds::parse(&value).ok_or_else(|| {
                    ApiError::invalid(
                        "revision_date: must be seconds since the epoch, such as 0 or 1700000000.25",
                    )
                })?;
            }
            _ => {}
        }
    }
    Ok(asked)
}

fn whole_number(name: &str, value: &str, max: i64) -> Result<i64, ApiError> {
    value
        .parse()
        .ok()
        .filter(|number| (1..=max).contains(number))
        .ok_or_else(|| ApiError::invalid(format!("{name}: must be a whole number from 1 to {max}")))
}

/// The client's own question for another page.
fn path_of_page(path: &str, query: &str, page: i64) -> String {
    let others = parse(query.as_bytes()).filter(|(name, _)| name != "page");
    let query =
        Serializer::new(String::new()).extend_pairs(others).append_pair("page", &page.to_string()).finish();
    format!("{path}?{query}")
}
