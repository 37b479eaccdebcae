//! Sessions, found by the hash of their id.

use super::{Store, StoreError, Timestamp};

impl Store {
    /// Adds a session, or gives it new data and a new end.
    pub(crate) async fn save_session(
        &self,
        id_hash: &str,
        data: &str,
        end: Timestamp,
    ) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        sqlx::query(
            "INSERT INTO sessions (id_hash, data, expiration_date) VALUES ($1, $2, $3) \
             ON CONFLICT (id_hash) DO UPDATE SET data = excluded.data, expiration_date = excluded.expiration_date",
        )
        .bind(id_hash)
        .bind(data)
        .bind(end)
        .execute(&self.pool)
        .await?;
        Ok(())
    }

    /// The data and the end of a session that has not ended.
    pub(crate) async fn session(
        &self,
        id_hash: &str,
        now: Timestamp,
    ) -> Result<Option<(String, Timestamp)>, StoreError> {
        let sql = "SELECT data, expiration_date FROM sessions WHERE id_hash = $1 AND expiration_date > $2";
        Ok(sqlx::query_as(sql).bind(id_hash).bind(now).fetch_optional(&self.pool).await?)
    }

    /// Gives a session new data; `false` and nothing done if its data is no longer `old`.
    pub(crate) async fn replace_session(
        &self,
        id_hash: &str,
        old: &str,
        new: &str,
    ) -> Result<bool, StoreError> {
        let _turn = self.turn().await;
        let sql = "UPDATE sessions SET data = $1 WHERE id_hash = $2 AND data = $3";
        let replaced = sqlx::query(sql).bind(new).bind(id_hash).bind(old).execute(&self.pool).await?;
        Ok(replaced.rows_affected() > 0)
    }

    /// Ends a session at `end`, unless it ends before.
    pub(crate) async fn end_session(&self, id_hash: &str, end: Timestamp) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        let sql = "UPDATE sessions SET expiration_date = $1 WHERE id_hash = $2 AND expiration_date > $1";
        sqlx::query(sql).bind(end).bind(id_hash).execute(&self.pool).await?;
        Ok(())
    }

    /// Forgets the sessions that have ended.
    pub(crate) async fn delete_ended_sessions(&self, now: Timestamp) -> Result<(), StoreError> {
        let _turn = self.turn().await;
        let sql = "DELETE FROM sessions WHERE expiration_date <= $1";
        sqlx::query(sql).bind(now).execute(&self.pool).await?;
        Ok(())
    }
}
