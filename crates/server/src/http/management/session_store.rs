//! Sessions in the database, for `tower-sessions`.

use async_trait::async_trait;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;
use tower_sessions::{
    SessionStore,
    session::{Id, Record},
    session_store::{Error, Result},
};

use crate::store::{Store, StoreError, Timestamp};

/// When the id of a session is changed, requests that are under way still have the old one.
const HANDOVER_SECONDS: i64 = 30;
const MICROS_PER_SECOND: i64 = 1_000_000;

/// Finds sessions by the hash of their id, so that nobody who reads the database can use one.
#[derive(Clone, Debug)]
pub(super) struct Sessions(pub(super) Store);

impl Sessions {
    /// Gives a session new data; `false` and nothing done if its data is no longer `old`.
    pub(super) async fn replace(
        &self,
        id: &Id,
        old: &str,
        new: &str,
    ) -> std::result::Result<bool, StoreError> {
        self.0.replace_session(&hash(id), old, new).await
    }

    /// Ends a session at once.
    pub(super) async fn end(&self, id: &Id) -> std::result::Result<(), StoreError> {
        self.0.end_session(&hash(id), Timestamp::ZERO).await
    }
}

#[async_trait]
impl SessionStore for Sessions {
    async fn create(&self, record: &mut Record) -> Result<()> {
        // 128 random bits do not collide.
        self.save(record).await
    }

    async fn save(&self, record: &Record) -> Result<()> {
        let data = serde_json::to_string(&record.data).map_err(|error| Error::Encode(error.to_string()))?;
        let micros = record.expiry_date.unix_timestamp().saturating_mul(MICROS_PER_SECOND);
        let saved = self.0.save_session(&hash(&record.id), &data, Timestamp::from_micros(micros)).await;
        saved.map_err(|error| backend(&error))
    }

    async fn load(&self, id: &Id) -> Result<Option<Record>> {
        let found = self.0.session(&hash(id), Timestamp::now()).await.map_err(|error| backend(&error))?;
        let Some((data, end)) = found else { return Ok(None) };
        let expiry_date = OffsetDateTime::from_unix_timestamp(end.as_micros() / MICROS_PER_SECOND)
            .map_err(|error| Error::Decode(error.to_string()))?;
        let data = serde_json::from_str(&data).map_err(|error| Error::Decode(error.to_string()))?;
        Ok(Some(Record { id: *id, data, expiry_date }))
    }

    /// Called when the id is changed: the old one ends a moment later.
    async fn delete(&self, id: &Id) -> Result<()> {
        let end = Timestamp::now().seconds_before(-HANDOVER_SECONDS);
        self.0.end_session(&hash(id), end).await.map_err(|error| backend(&error))
    }
}

fn hash(id: &Id) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(id.0.to_be_bytes()))
}

fn backend(error: &StoreError) -> Error {
    tracing::error!(%error, "a session cannot be stored or found");
    Error::Backend(error.to_string())
}
