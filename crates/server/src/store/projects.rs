//! Projects.

use sqlx::FromRow;

use super::{AccessKeyRow, Store, StoreError, Timestamp, access_keys};

/// A project.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Project {
    /// Its number, which is part of every name hash.
    pub(crate) id: i64,
    /// What its owner calls it.
    pub(crate) name: String,
}

impl Store {
    /// All projects in the order of their numbers.
    pub(crate) async fn projects(&self) -> Result<Vec<Project>, StoreError> {
        let sql = "SELECT id, name FROM projects ORDER BY id";
        Ok(sqlx::query_as(sql).fetch_all(&self.pool).await?)
    }

    /// Makes a project together with its first access keys; `keys` is given the number of the project.
    pub(crate) async fn insert_project(
        &self,
        name: &str,
        date: Timestamp,
        keys: impl FnOnce(i64) -> Vec<AccessKeyRow> + Send,
    ) -> Result<i64, StoreError> {
        let _turn = self.turn().await;
        let mut transaction = self.pool.begin().await?;
        let id = sqlx::query_scalar(
            "INSERT INTO projects (id, name, creation_date, revision_date) \
             SELECT COALESCE(MAX(id), 0) + 1, $1, $2, $3 FROM projects RETURNING id",
        )
        .bind(name)
        .bind(date)
        .bind(date)
        .fetch_one(&mut *transaction)
        .await?;
        for key in keys(id) {
            access_keys::insert(&mut transaction, &key).await?;
        }
        transaction.commit().await?;
        Ok(id)
    }
}
