//! Lists of items: the same questions for secrets and environments.

use sqlx::{Any, FromRow, any::AnyRow};

use super::{Store, StoreError, Timestamp};

/// Which items of a project are wanted.
#[derive(Clone, Debug)]
pub(crate) struct Filter {
    /// Only those with this name hash, in every environment.
    pub(crate) hash: Option<String>,
    /// Only those that changed at or after this date.
    pub(crate) since: Timestamp,
}

/// Which part of a list is wanted.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    /// How many items at most.
    pub(crate) limit: i64,
    /// How many to pass over.
    pub(crate) offset: i64,
}

/// The statements about one kind of item. `$1` is the project, `$2` the date, the hash comes last.
#[derive(Debug)]
pub(crate) struct Statements {
    pub(super) rows: &'static str,
    pub(super) rows_by_hash: &'static str,
    pub(super) count: &'static str,
    pub(super) count_by_hash: &'static str,
}

/// The order of a list. Nothing that exists ever moves forward in it, so that a page that is fetched while
/// others write repeats an item at worst and never skips one.
macro_rules! in_order {
    () => {
        " ORDER BY t.creation_date, t.id LIMIT $3 OFFSET $4"
    };
}
pub(super) use in_order;

/// A kind of item that can be listed.
pub(crate) trait Listed: for<'r> FromRow<'r, AnyRow> + Send + Unpin {
    /// How to ask for it.
    const STATEMENTS: Statements;
}

impl Store {
    /// The items in the order of their creation.
    pub(crate) async fn rows<T: Listed>(
        &self,
        project_id: i64,
        filter: &Filter,
        window: Window,
    ) -> Result<Vec<T>, StoreError> {
        let sql = if filter.hash.is_some() { T::STATEMENTS.rows_by_hash } else { T::STATEMENTS.rows };
        let mut query = sqlx::query_as::<Any, T>(sql)
            .bind(project_id)
            .bind(filter.since)
            .bind(window.limit)
            .bind(window.offset);
        if let Some(hash) = &filter.hash {
            query = query.bind(hash);
        }
        Ok(query.fetch_all(&self.pool).await?)
    }

    /// How many items there are.
    pub(crate) async fn count<T: Listed>(&self, project_id: i64, filter: &Filter) -> Result<i64, StoreError> {
        let sql = if filter.hash.is_some() { T::STATEMENTS.count_by_hash } else { T::STATEMENTS.count };
        let mut query = sqlx::query_scalar::<Any, i64>(sql).bind(project_id).bind(filter.since);
        if let Some(hash) = &filter.hash {
            query = query.bind(hash);
        }
        Ok(query.fetch_one(&self.pool).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::{Database, Environment, Secret};

    /// How SQLite goes about a statement.
    async fn plan(store: &Store, sql: &str) -> String {
        let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(&store.pool).await.unwrap();
        steps.into_iter().map(|(.., step)| step + "\n").collect()
    }

    async fn lists_are_searched_and_not_sorted<T: Listed>(store: &Store) {
        for (sql, column) in [
            (T::STATEMENTS.rows, "(project_id=?"),
            (T::STATEMENTS.count, "(project_id=?"),
            (T::STATEMENTS.rows_by_hash, "(project_id=? AND hash=?"),
            (T::STATEMENTS.count_by_hash, "(project_id=? AND hash=?"),
        ] {
            let plan = plan(store, sql).await;
            assert!(plan.contains(column), "{sql}:\n{plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{sql}:\n{plan}");
        }
    }

    #[tokio::test]
    async fn indexes_serve_every_list() {
        let store = Store::open(&Database::SqliteMemory).await.unwrap();
        lists_are_searched_and_not_sorted::<Secret>(&store).await;
        lists_are_searched_and_not_sorted::<Environment>(&store).await;
    }
}
