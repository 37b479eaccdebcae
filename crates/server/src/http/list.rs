//! `GET /v1/secrets` and `GET /v1/environments`.

use std::sync::Arc;

use axum::extract::{RawQuery, State};
use serde::Serialize;
use url::form_urlencoded::{Serializer, parse};
use utoipa::{IntoParams, ToSchema};

use super::{
    App,
    answers::Question,
    body::encode,
    caller::Caller,
    date::Seconds,
    encoding::{Encoded, Encoding},
    error::ApiError,
};
use crate::{
    domain::{
        fields::Hash,
        listing::{self, ListQuery, MAX_SIZE},
    },
    store::{Listed, ProjectDates, Timestamp},
};

/// An item as the wire writes it.
pub(super) trait WireItem: Listed {
    /// Its list, relative to the API base.
    const PATH: &'static str;

    /// What is written.
    type Wire: Serialize + ToSchema;

    fn into_wire(self) -> Self::Wire;
}

/// A page of a list.
#[derive(Serialize, ToSchema)]
#[schema(as = Page)]
pub(super) struct Answer<T> {
    count: i64,
    next: Option<String>,
    previous: Option<String>,
    revision_date: Seconds,
    results: Vec<T>,
}

/// What a client may ask of a list. Read by [`read`], which takes one without a value as left out.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described")]
pub(super) struct Parameters {
    /// Counted from 1.
    #[param(minimum = 1)]
    page: Option<i64>,
    /// Items on a page.
    #[param(minimum = 1, maximum = 2000)]
    size: Option<i64>,
    /// Only the items with this name hash, in every environment.
    #[param(pattern = "^([A-Za-z0-9_-]{43})?$")]
    hash: Option<String>,
    /// Only what changed at or after this date, in seconds since the epoch.
    #[param(minimum = 0)]
    revision_date: Option<f64>,
}

/// Answers with a page of the items.
pub(super) async fn show<T: WireItem>(
    State(app): State<Arc<App>>,
    Caller(key): Caller,
    RawQuery(query): RawQuery,
    encoding: Encoding,
) -> Result<Encoded, ApiError> {
    let list = List { project_id: key.project_id, dates: key.project_dates, path: T::PATH };
    list.show::<T>(&app, &query.unwrap_or_default(), encoding).await
}

/// A list of a project that the caller may read.
#[derive(Debug)]
pub(super) struct List<'a> {
    pub(super) project_id: i64,
    /// Read before anything else of the call.
    pub(super) dates: ProjectDates,
    /// Where the list is, relative to the API base.
    pub(super) path: &'a str,
}

impl List<'_> {
    /// Answers with a page of the items.
    pub(super) async fn show<T: WireItem>(
        &self,
        app: &App,
        query: &str,
        encoding: Encoding,
    ) -> Result<Encoded, ApiError> {
        let &Self { project_id, dates, path } = self;
        let question = Question { project_id, dates, target: format!("{path}?{query}"), encoding };
        let read = async || Encoded::new(encode(&self.page::<T>(app, query).await?)?, encoding).await;
        app.answers.get(question, read).await
    }

    async fn page<T: WireItem>(&self, app: &App, query: &str) -> Result<Answer<T::Wire>, ApiError> {
        let asked = read(query)?;
        let number = asked.page;
        let page = listing::page::<T>(&app.store, self.project_id, self.dates, asked).await?;
        Ok(Answer {
            count: page.count,
            next: page.more.then(|| path_of_page(self.path, query, number + 1)),
            previous: (number > 1).then(|| path_of_page(self.path, query, number - 1)),
            // Older than the items if anything: what is missed now is asked for again next time.
            revision_date: Seconds(self.dates.revision_date),
            results: page.items.into_iter().map(T::into_wire).collect(),
        })
    }
}

/// Reads the parameters that matter. One without a value counts as left out; others are ignored.
fn read(query: &str) -> Result<ListQuery, ApiError> {
    let mut asked = ListQuery { hash: None, since: Timestamp::ZERO, page: 1, size: MAX_SIZE };
    for (name, value) in parse(query.as_bytes()).filter(|(_, value)| !value.is_empty()) {
        match &*name {
            "hash" => asked.hash = Some(hash(value.into_owned())?),
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

fn hash(value: String) -> Result<String, ApiError> {
    Hash::try_from(value).map(Into::into).map_err(|problem| ApiError::invalid(format!("hash: {problem}")))
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
