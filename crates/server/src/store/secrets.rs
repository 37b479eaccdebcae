//! Secrets.

use sqlx::{Any, Executor, FromRow};

use super::{
    Listed, ProjectWrite, Store, StoreError, Timestamp,
    listing::{Statements, in_order},
};

/// A secret joins the name and the hash of its environment, so that a rename needs to touch one row only.
macro_rules! select {
    () => {
        "SELECT t.id, t.project_id, t.environment_id, t.hash, t.key, t.value, t.description, t.creation_date, \
         t.revision_date, e.name AS environment_name, e.hash AS environment_hash \
         FROM secrets t LEFT JOIN environments e ON e.id = t.environment_id "
    };
}

/// A secret.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Secret {
    /// A UUID.
    pub(crate) id: String,
    /// The project that it belongs to.
    pub(crate) project_id: i64,
    /// What clients may set.
    #[sqlx(flatten)]
    pub(crate) fields: SecretFields,
    /// The sealed name of its environment; `None` in ALL.
    pub(crate) environment_name: Option<String>,
    /// The name hash of its environment; `None` in ALL.
    pub(crate) environment_hash: Option<String>,
    /// When it was made.
    pub(crate) creation_date: Timestamp,
    /// When it last changed.
    pub(crate) revision_date: Timestamp,
}

/// What clients may set of a secret. The texts are sealed or empty.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct SecretFields {
    /// The hash of the key.
    pub(crate) hash: String,
    /// The sealed key.
    pub(crate) key: String,
    /// The sealed value.
    pub(crate) value: String,
    /// The sealed description.
    pub(crate) description: String,
    /// Its environment; `None` is ALL.
    pub(crate) environment_id: Option<String>,
}

impl Listed for Secret {
    const STATEMENTS: Statements = Statements {
        rows: concat!(select!(), "WHERE t.project_id = $1 AND t.revision_date >= $2", in_order!()),
        rows_by_hash: concat!(
            select!(),
            "WHERE t.project_id = $1 AND t.revision_date >= $2 AND t.hash = $5",
            in_order!()
        ),
        count: "SELECT COUNT(*) FROM secrets WHERE project_id = $1 AND revision_date >= $2",
        count_by_hash: "SELECT COUNT(*) FROM secrets WHERE project_id = $1 AND revision_date >= $2 AND hash = $3",
    };
}

impl Store {
    /// The secret of the project with this id.
    pub(crate) async fn secret(&self, project_id: i64, id: &str) -> Result<Option<Secret>, StoreError> {
        find(&self.pool, project_id, id).await
    }
}

impl ProjectWrite {
    pub(crate) async fn secret(&mut self, id: &str) -> Result<Option<Secret>, StoreError> {
        let project_id = self.project_id();
        find(self.connection(), project_id, id).await
    }

    pub(crate) async fn insert_secret(
        &mut self,
        id: &str,
        fields: &SecretFields,
        date: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO secrets (id, project_id, environment_id, hash, key, value, description, \
             creation_date, revision_date) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(id)
        .bind(self.project_id())
        .bind(&fields.environment_id)
        .bind(&fields.hash)
        .bind(&fields.key)
        .bind(&fields.value)
        .bind(&fields.description)
        .bind(date)
        .bind(date)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub(crate) async fn update_secret(
        &mut self,
        id: &str,
        fields: &SecretFields,
        date: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE secrets SET environment_id = $1, hash = $2, key = $3, value = $4, description = $5, \
             revision_date = $6 WHERE project_id = $7 AND id = $8",
        )
        .bind(&fields.environment_id)
        .bind(&fields.hash)
        .bind(&fields.key)
        .bind(&fields.value)
        .bind(&fields.description)
        .bind(date)
        .bind(self.project_id())
        .bind(id)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub(crate) async fn delete_secret(&mut self, id: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM secrets WHERE project_id = $1 AND id = $2";
        sqlx::query(sql).bind(self.project_id()).bind(id).execute(self.connection()).await?;
        Ok(())
    }
}

async fn find<'e>(
    executor: impl Executor<'e, Database = Any>,
    project_id: i64,
    id: &str,
) -> Result<Option<Secret>, StoreError> {
    let sql = concat!(select!(), "WHERE t.project_id = $1 AND t.id = $2");
    Ok(sqlx::query_as(sql).bind(project_id).bind(id).fetch_optional(executor).await?)
}
