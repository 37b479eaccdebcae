//! Projects.

use sqlx::FromRow;

use super::{Store, StoreError, Timestamp};

macro_rules! select {
    () => {
        "SELECT p.id, p.workspace_id, p.name, p.sealed_project_key, p.creation_date, p.revision_date, \
         p.deleted_item_date FROM projects p JOIN workspaces w ON w.id = p.workspace_id "
    };
}

/// A project as its account sees it.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Project {
    /// Its number, which is part of every name hash.
    pub(crate) id: i64,
    /// The workspace that it is in.
    pub(crate) workspace_id: String,
    /// What its owner calls it.
    pub(crate) name: String,
    /// The project key, sealed for the account key.
    pub(crate) sealed_project_key: String,
    /// When it was made.
    pub(crate) creation_date: Timestamp,
    /// Its dates for clients.
    #[sqlx(flatten)]
    pub(crate) dates: ProjectDates,
}

/// What clients of a project ask for to know whether what they hold is still right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, FromRow)]
pub(crate) struct ProjectDates {
    /// When an item last changed.
    pub(crate) revision_date: Timestamp,
    /// When what clients hold last became wrong as a whole.
    pub(crate) deleted_item_date: Timestamp,
}

impl Store {
    /// The projects of an account in the order of their numbers.
    pub(crate) async fn projects(&self, account_id: &str) -> Result<Vec<Project>, StoreError> {
        let sql = concat!(select!(), "WHERE w.account_id = $1 ORDER BY p.id");
        Ok(sqlx::query_as(sql).bind(account_id).fetch_all(&self.pool).await?)
    }

    /// A project, if it is the account's.
    pub(crate) async fn project(&self, account_id: &str, id: i64) -> Result<Option<Project>, StoreError> {
        let sql = concat!(select!(), "WHERE w.account_id = $1 AND p.id = $2");
        Ok(sqlx::query_as(sql).bind(account_id).bind(id).fetch_optional(&self.pool).await?)
    }

    /// Adds a project to a workspace of the account, and gives its number; `None` if there is no such workspace.
    pub(crate) async fn insert_project(
        &self,
        account_id: &str,
        workspace_id: &str,
        name: &str,
        sealed_project_key: &str,
        date: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let _turn = self.turn().await;
        let mut transaction = self.pool.begin().await?;
        // The row of the counter is locked until the commit, so that numbers are never given twice.
        let next = "UPDATE counters SET value = value + 1 WHERE name = 'projects' RETURNING value";
        let id: i64 = sqlx::query_scalar(next).fetch_one(&mut *transaction).await?;
        let inserted = sqlx::query(
            "INSERT INTO projects (id, workspace_id, name, sealed_project_key, creation_date, revision_date) \
             SELECT $1, w.id, $2, $3, $4, $5 FROM workspaces w WHERE w.id = $6 AND w.account_id = $7",
        )
        .bind(id)
        .bind(name)
        .bind(sealed_project_key)
        .bind(date)
        .bind(date)
        .bind(workspace_id)
        .bind(account_id)
        .execute(&mut *transaction)
        .await?;
        if inserted.rows_affected() == 0 {
            return Ok(None);
        }
        transaction.commit().await?;
        Ok(Some(id))
    }
}
