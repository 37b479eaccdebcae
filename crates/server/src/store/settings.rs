//! What all servers of a database must agree on.

use super::{Store, StoreError};

impl Store {
    /// The setting with this name; `proposed`, if this is the first server to ask.
    pub(crate) async fn setting_or(&self, name: &str, proposed: &str) -> Result<String, StoreError> {
        let select = "SELECT value FROM settings WHERE name = $1";
        if let Some(value) = sqlx::query_scalar(select).bind(name).fetch_optional(&self.pool).await? {
            return Ok(value);
        }
        let _turn = self.turn().await;
        let insert = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        sqlx::query(insert).bind(name).bind(proposed).execute(&self.pool).await?;
        Ok(sqlx::query_scalar(select).bind(name).fetch_one(&self.pool).await?)
    }
}
