//! Accounts.

use sqlx::FromRow;

use super::{Store, StoreError, Timestamp};

/// The setting that names the account that was made first.
const FIRST_ACCOUNT: &str = "first_account";

/// An account as it is stored.
#[derive(Clone, FromRow)]
pub(crate) struct AccountRow {
    /// A UUID.
    pub(crate) id: String,
    /// In lower case.
    pub(crate) email: String,
    /// How the master password is stretched, as JSON.
    pub(crate) kdf: String,
    /// A PHC string: the hash of the sign-in key.
    pub(crate) sign_in_hash: String,
    /// The account key, sealed for the master password.
    pub(crate) sealed_account_key: String,
    /// When it was made.
    pub(crate) creation_date: Timestamp,
}

const BY_EMAIL: &str = "SELECT id, email, kdf, sign_in_hash, sealed_account_key, creation_date FROM accounts \
                        WHERE email = $1";
const BY_ID: &str = "SELECT id, email, kdf, sign_in_hash, sealed_account_key, creation_date FROM accounts \
                     WHERE id = $1";

impl Store {
    pub(crate) async fn account_by_email(&self, email: &str) -> Result<Option<AccountRow>, StoreError> {
        Ok(sqlx::query_as(BY_EMAIL).bind(email).fetch_optional(&self.pool).await?)
    }

    pub(crate) async fn account(&self, id: &str) -> Result<Option<AccountRow>, StoreError> {
        Ok(sqlx::query_as(BY_ID).bind(id).fetch_optional(&self.pool).await?)
    }

    /// Whether the first account is still to be made.
    pub(crate) async fn has_no_account(&self) -> Result<bool, StoreError> {
        let sql = "SELECT COUNT(*) FROM settings WHERE name = $1";
        let count: i64 = sqlx::query_scalar(sql).bind(FIRST_ACCOUNT).fetch_one(&self.pool).await?;
        Ok(count == 0)
    }

    /// Adds an account; with `only_first`, `false` and nothing done if there is one already. The first account is
    /// a row that only one writer can insert.
    pub(crate) async fn insert_account(
        &self,
        account: &AccountRow,
        only_first: bool,
    ) -> Result<bool, StoreError> {
        let _turn = self.turn().await;
        let mut transaction = self.pool.begin().await?;
        let sql = "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT (name) DO NOTHING";
        let first = sqlx::query(sql).bind(FIRST_ACCOUNT).bind(&account.id).execute(&mut *transaction).await?;
        if only_first && first.rows_affected() == 0 {
            return Ok(false);
        }
        sqlx::query(
            "INSERT INTO accounts (id, email, kdf, sign_in_hash, sealed_account_key, creation_date) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&account.id)
        .bind(&account.email)
        .bind(&account.kdf)
        .bind(&account.sign_in_hash)
        .bind(&account.sealed_account_key)
        .bind(account.creation_date)
        .execute(&mut *transaction)
        .await?;
        transaction.commit().await?;
        Ok(true)
    }
}
