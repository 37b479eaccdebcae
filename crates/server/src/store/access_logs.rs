//! The access log.

use std::sync::LazyLock;

use sqlx::{AssertSqlSafe, FromRow};

use super::{Store, StoreError, Timestamp, rows::parameters};

/// Entries per statement. To bind a parameter, sqlx asks SQLite for its name, and SQLite goes through those before it:
/// with a hundred entries that would take longer than to store them.
const ENTRIES_PER_STATEMENT: usize = 16;
const COLUMNS: usize = 9;

/// What a busy server needs again and again, and keeps prepared.
static INSERT_FULL: LazyLock<String> = LazyLock::new(|| insert(ENTRIES_PER_STATEMENT));

/// Who did what, when, from where, and with what result.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct AccessLogEntry {
    /// A UUID of version 7.
    pub(crate) id: String,
    /// Where it was done.
    pub(crate) project_id: i64,
    /// When.
    pub(crate) date: Timestamp,
    /// The access key that did it; `None` if it was an account.
    pub(crate) access_key_id: Option<String>,
    /// The account that did it; `None` if it was an access key.
    pub(crate) account_id: Option<String>,
    /// What was done, such as `secret.create`.
    pub(crate) action: String,
    /// To which item.
    pub(crate) item_id: Option<String>,
    /// From where.
    pub(crate) address: String,
    /// The status of the answer.
    pub(crate) status: i64,
}

impl Store {
    /// Adds entries, all or none.
    pub(crate) async fn insert_access_log(&self, entries: &[AccessLogEntry]) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        let mut transaction = self.pool.begin().await?;
        for entries in entries.chunks(ENTRIES_PER_STATEMENT) {
            let mut query = if entries.len() == ENTRIES_PER_STATEMENT {
                sqlx::query(INSERT_FULL.as_str())
            } else {
                sqlx::query(AssertSqlSafe(insert(entries.len()))).persistent(false)
            };
            for entry in entries {
                query = query
                    .bind(&entry.id)
                    .bind(entry.project_id)
                    .bind(entry.date)
                    .bind(&entry.access_key_id)
                    .bind(&entry.account_id)
                    .bind(&entry.action)
                    .bind(&entry.item_id)
                    .bind(&entry.address)
                    .bind(entry.status);
            }
            query.execute(&mut *transaction).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// The entries of a project before the one with the id `before`, newest first.
    pub(crate) async fn access_log(
        &self,
        project_id: i64,
        before: &str,
        limit: i64,
    ) -> Result<Vec<AccessLogEntry>, StoreError> {
        let sql = "SELECT id, project_id, date, access_key_id, account_id, action, item_id, address, status \
                   FROM access_logs WHERE project_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3";
        Ok(sqlx::query_as(sql).bind(project_id).bind(before).bind(limit).fetch_all(&self.pool).await?)
    }

    /// Forgets the entries that are older than `date`.
    pub(crate) async fn delete_access_log_before(&self, date: Timestamp) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        sqlx::query("DELETE FROM access_logs WHERE date < $1").bind(date).execute(&self.pool).await?;
        Ok(())
    }
}

/// The statement that adds so many entries.
fn insert(entries: usize) -> String {
    format!(
        "INSERT INTO access_logs (id, project_id, date, access_key_id, account_id, action, item_id, address, \
         status) VALUES {}",
        parameters(entries, COLUMNS)
    )
}
