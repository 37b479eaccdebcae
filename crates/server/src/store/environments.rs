//! Environments.

use sqlx::{Any, Executor, FromRow};

use super::{
    Listed, ProjectWrite, Store, StoreError, Timestamp,
    listing::{Statements, in_order},
};

macro_rules! select {
    () => {
        "SELECT t.id, t.project_id, t.hash, t.name, t.external_url, t.description, t.creation_date, \
         t.revision_date FROM environments t "
    };
}

/// An environment.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct Environment {
    /// A UUID.
    pub(crate) id: String,
    /// The project that it belongs to.
    pub(crate) project_id: i64,
    /// What clients may set.
    #[sqlx(flatten)]
    pub(crate) fields: EnvironmentFields,
    /// When it was made.
    pub(crate) creation_date: Timestamp,
    /// When it last changed.
    pub(crate) revision_date: Timestamp,
}

/// What clients may set of an environment. The texts are sealed or empty.
#[derive(Clone, Debug, FromRow)]
pub(crate) struct EnvironmentFields {
    /// The hash of the name.
    pub(crate) hash: String,
    /// The sealed name.
    pub(crate) name: String,
    /// The sealed address of the service.
    pub(crate) external_url: String,
    /// The sealed description.
    pub(crate) description: String,
}

impl Listed for Environment {
    const STATEMENTS: Statements = Statements {
        rows: concat!(select!(), "WHERE t.project_id = $1 AND t.revision_date >= $2", in_order!()),
        rows_by_hash: concat!(
            select!(),
            "WHERE t.project_id = $1 AND t.revision_date >= $2 AND t.hash = $5",
            in_order!()
        ),
        count: "SELECT COUNT(*) FROM environments WHERE project_id = $1 AND revision_date >= $2",
        count_by_hash: "SELECT COUNT(*) FROM environments WHERE project_id = $1 AND revision_date >= $2 AND hash = $3",
    };
}

impl Store {
    /// The environment of the project with this id.
    pub(crate) async fn environment(
        &self,
        project_id: i64,
        id: &str,
    ) -> Result<Option<Environment>, StoreError> {
        find(&self.pool, project_id, id).await
    }
}

impl ProjectWrite {
    pub(crate) async fn environment(&mut self, id: &str) -> Result<Option<Environment>, StoreError> {
        let project_id = self.project_id();
        find(self.connection(), project_id, id).await
    }

    pub(crate) async fn insert_environment(
        &mut self,
        id: &str,
        fields: &EnvironmentFields,
        date: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "INSERT INTO environments (id, project_id, hash, name, external_url, description, creation_date, \
             revision_date) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(id)
        .bind(self.project_id())
        .bind(&fields.hash)
        .bind(&fields.name)
        .bind(&fields.external_url)
        .bind(&fields.description)
        .bind(date)
        .bind(date)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub(crate) async fn update_environment(
        &mut self,
        id: &str,
        fields: &EnvironmentFields,
        date: Timestamp,
    ) -> Result<(), StoreError> {
        sqlx::query(
            "UPDATE environments SET hash = $1, name = $2, external_url = $3, description = $4, \
             revision_date = $5 WHERE project_id = $6 AND id = $7",
        )
        .bind(&fields.hash)
        .bind(&fields.name)
        .bind(&fields.external_url)
        .bind(&fields.description)
        .bind(date)
        .bind(self.project_id())
        .bind(id)
        .execute(self.connection())
        .await?;
        Ok(())
    }

    pub(crate) async fn delete_environment(&mut self, id: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM environments WHERE project_id = $1 AND id = $2";
        sqlx::query(sql).bind(self.project_id()).bind(id).execute(self.connection()).await?;
        Ok(())
    }
}

async fn find<'e>(
    executor: impl Executor<'e, Database = Any>,
    project_id: i64,
    id: &str,
) -> Result<Option<Environment>, StoreError> {
    let sql = concat!(select!(), "WHERE t.project_id = $1 AND t.id = $2");
    Ok(sqlx::query_as(sql).bind(project_id).bind(id).fetch_optional(executor).await?)
}
