//! Which items a list holds.

use super::DomainError;
use crate::store::{Filter, Listed, ProjectDates, Store, Timestamp, Window};

/// A client never gets more items at once.
pub(crate) const MAX_SIZE: i64 = 2000;

/// A client's question.
#[derive(Clone, Debug)]
pub(crate) struct ListQuery {
    /// Only the items with this name hash, in every environment.
    pub(crate) hash: Option<String>,
    /// Only what changed at or after this date.
    pub(crate) since: Timestamp,
    /// Counted from 1.
    pub(crate) page: i64,
    pub(crate) size: i64,
}

/// A part of a list.
#[derive(Debug)]
pub(crate) struct Page<T> {
    /// How many items match on all pages.
    pub(crate) count: i64,
    pub(crate) items: Vec<T>,
    /// Whether another page follows.
    pub(crate) more: bool,
}

/// One page of the items that match. `dates` were read before anything else of the call.
pub(crate) async fn page<T: Listed>(
    store: &Store,
    project_id: i64,
    dates: ProjectDates,
    query: ListQuery,
) -> Result<Page<T>, DomainError> {
    // Who holds anything that is older than the last deletion or rename gets everything again.
    let since = if query.since <= dates.deleted_item_date { Timestamp::ZERO } else { query.since };
    let filter = Filter { hash: query.hash, since };
    let offset = (query.page - 1).saturating_mul(query.size);
    let items: Vec<T> = store.rows(project_id, &filter, Window { limit: query.size, offset }).await?;
    let seen = i64::try_from(items.len()).unwrap_or(i64::MAX);
    // A page that has items and is not full ends the list, so count and items agree although others write.
    let count = if seen < query.size && (seen > 0 || query.page == 1) {
        offset.saturating_add(seen)
    } else {
        store.count::<T>(project_id, &filter).await?
    };
    Ok(Page { count, more: seen > 0 && offset.saturating_add(seen) < count, items })
}

/// How many items of a kind the project has.
pub(crate) async fn count<T: Listed>(store: &Store, project_id: i64) -> Result<i64, DomainError> {
    let all = Filter { hash: None, since: Timestamp::ZERO };
    Ok(store.count::<T>(project_id, &all).await?)
}
