//! Workspaces.

use sqlx::FromRow;

use super::{Store, StoreError, Timestamp};

/// A workspace: the projects of an account that belong together.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Workspace {
    /// A UUID.
    pub(crate) id: String,
    /// What its owner calls it.
    pub(crate) name: String,
    /// When it was made.
    pub(crate) creation_date: Timestamp,
}

impl Store {
    /// The workspaces of an account, oldest first.
    pub(crate) async fn workspaces(&self, account_id: &str) -> Result<Vec<Workspace>, StoreError> {
        let sql = "SELECT id, name, creation_date FROM workspaces WHERE account_id = $1 \
                   ORDER BY creation_date, id";
        Ok(sqlx::query_as(sql).bind(account_id).fetch_all(&self.pool).await?)
    }

    pub(crate) async fn insert_workspace(
        &self,
        account_id: &str,
        workspace: &Workspace,
    ) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        sqlx::query("INSERT INTO workspaces (id, account_id, name, creation_date) VALUES ($1, $2, $3, $4)")
            .bind(&workspace.id)
            .bind(account_id)
            .bind(&workspace.name)
            .bind(workspace.creation_date)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
