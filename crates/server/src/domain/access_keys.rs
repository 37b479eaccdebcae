//! Access keys: what they allow, and how many there may be.

use std::net::IpAddr;

use locker_core::crypto::{AccessKeySecret, EncString, SymmetricKey};

use super::{AllowedAddresses, DomainError, new_id, write};
use crate::store::{AccessKeyRow, ProjectWrite, Store, StoreError, Timestamp};

/// Only so many access keys of a project are active at a time: each of them holds a slot.
const SLOTS: [i64; 2] = [1, 2];

/// The date of last use is exact to this many seconds, so that reading does not mean writing each time.
const LAST_USE_SECONDS: i64 = 60;

/// What an access key allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// To retrieve the secrets of the project.
    Read,
    /// To retrieve, create and update them.
    ReadWrite,
}

impl Permission {
    /// As the database and the command line write it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::ReadWrite => "read-write",
        }
    }

    /// A permission that this version does not know allows the least.
    fn from_row(text: &str) -> Self {
        if text == Self::ReadWrite.as_str() { Self::ReadWrite } else { Self::Read }
    }
}

/// What the owner of an access key holds. The server keeps nothing of the secret.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The id, a UUID: the part that is sent.
    pub id: String,
    /// The secret, which never is.
    pub secret: AccessKeySecret,
}

impl Credentials {
    /// New credentials.
    ///
    /// # Errors
    /// [`DomainError::Crypto`] if the operating system gives no random bytes.
    pub fn make() -> Result<Self, DomainError> {
        Ok(Self { id: new_id(), secret: AccessKeySecret::make()? })
    }

    /// The project key as only these credentials open it.
    ///
    /// # Errors
    /// [`DomainError::Crypto`] if the operating system gives no random bytes.
    pub fn wrap(&self, project_key: &SymmetricKey) -> Result<EncString, DomainError> {
        Ok(self.secret.derive_key().seal_key(project_key)?)
    }
}

/// An access key that is yet to be stored.
#[derive(Clone, Debug)]
pub struct NewAccessKey {
    /// A UUID that its owner knows.
    pub id: String,
    /// The project key, wrapped for its secret.
    pub sealed_project_key: EncString,
    /// What it allows.
    pub permission: Permission,
    /// From where.
    pub allowed_addresses: AllowedAddresses,
    /// Until when.
    pub expiration_date: Option<Timestamp>,
}

impl NewAccessKey {
    pub(super) fn into_row(self, project_id: i64, slot: i64, now: Timestamp) -> AccessKeyRow {
        AccessKeyRow {
            id: self.id,
            project_id,
            sealed_project_key: self.sealed_project_key.to_string(),
            permission: self.permission.as_str().to_owned(),
            allowed_addresses: self.allowed_addresses.to_string(),
            slot: Some(slot),
            expiration_date: self.expiration_date,
            creation_date: now,
            revision_date: now,
            last_use_date: None,
        }
    }
}

/// An access key that may call, at the moment of its call.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub(crate) id: String,
    pub(crate) project_id: i64,
    pub(crate) sealed_project_key: String,
    pub(crate) permission: Permission,
    pub(crate) allowed_addresses: AllowedAddresses,
    pub(crate) expiration_date: Option<Timestamp>,
    pub(crate) creation_date: Timestamp,
    pub(crate) revision_date: Timestamp,
    /// Read before anything else of the call, so that what the call finds is never older.
    pub(crate) project_revision_date: Timestamp,
    pub(crate) deleted_item_date: Timestamp,
}

impl Admitted {
    /// Refuses an access key that may only read.
    pub(crate) fn may_write(&self) -> Result<(), DomainError> {
        match self.permission {
            Permission::ReadWrite => Ok(()),
            Permission::Read => Err(DomainError::ReadOnly),
        }
    }
}

/// Decides whether the access key `id` may call from `address` now. Asks the database each time, so that a
/// deactivation acts at once.
pub(crate) async fn admit(store: &Store, id: &str, address: IpAddr) -> Result<Admitted, DomainError> {
    let now = Timestamp::now();
    let found = store.access_key_in_use(id).await?.ok_or(DomainError::Unauthorized)?;
    let key = found.key;
    if key.slot.is_none() || key.expiration_date.is_some_and(|end| end <= now) {
        return Err(DomainError::Unauthorized);
    }
    // A list that cannot be read must not become "everywhere".
    let Ok(allowed_addresses) = key.allowed_addresses.parse::<AllowedAddresses>() else {
        return Err(DomainError::AddressNotAllowed(address));
    };
    if !allowed_addresses.allow(address) {
        return Err(DomainError::AddressNotAllowed(address));
    }
    if key.last_use_date.is_none_or(|last| last <= now.seconds_before(LAST_USE_SECONDS)) {
        note_use(store, &key.id, now);
    }
    Ok(Admitted {
        permission: Permission::from_row(&key.permission),
        id: key.id,
        project_id: key.project_id,
        sealed_project_key: key.sealed_project_key,
        allowed_addresses,
        expiration_date: key.expiration_date,
        creation_date: key.creation_date,
        revision_date: key.revision_date,
        project_revision_date: found.project_revision_date,
        deleted_item_date: found.deleted_item_date,
    })
}

/// In the background and without a guarantee: a call neither waits for it nor fails with it.
fn note_use(store: &Store, id: &str, now: Timestamp) {
    let (store, id) = (store.clone(), id.to_owned());
    tokio::spawn(async move {
        if let Err(error) = store.note_use(&id, now).await {
            tracing::debug!(%error, "the date of last use was not stored");
        }
    });
}

/// Adds an active access key to a project.
///
/// # Errors
/// [`DomainError::TooManyActiveKeys`] if two are active already; [`DomainError::NotFound`] without the project.
pub async fn create(store: &Store, project_id: i64, key: NewAccessKey) -> Result<(), DomainError> {
    let mut write = write(store, project_id).await?;
    let slot = free_slot(&mut write).await?;
    let row = key.into_row(project_id, slot, Timestamp::now());
    write.insert_access_key(&row).await.map_err(too_many)?;
    Ok(write.commit().await?)
}

/// Changes the permission and the allowed addresses of an access key, and nothing else.
///
/// # Errors
/// [`DomainError::NotFound`] if the project has no such access key.
pub async fn edit(
    store: &Store,
    project_id: i64,
    id: &str,
    permission: Permission,
    allowed_addresses: &AllowedAddresses,
) -> Result<(), DomainError> {
    let (mut write, mut row) = find(store, project_id, id).await?;
    permission.as_str().clone_into(&mut row.permission);
    row.allowed_addresses = allowed_addresses.to_string();
    update(&mut write, row).await?;
    Ok(write.commit().await?)
}

/// Makes an access key active again.
///
/// # Errors
/// [`DomainError::TooManyActiveKeys`] if two others are active; [`DomainError::NotFound`].
pub async fn activate(store: &Store, project_id: i64, id: &str) -> Result<(), DomainError> {
    let (mut write, mut row) = find(store, project_id, id).await?;
    if row.slot.is_none() {
        row.slot = Some(free_slot(&mut write).await?);
        update(&mut write, row).await?;
    }
    Ok(write.commit().await?)
}

/// Makes an access key inactive, at once, also for clients that have called before.
///
/// # Errors
/// [`DomainError::NotFound`] if the project has no such access key.
pub async fn deactivate(store: &Store, project_id: i64, id: &str) -> Result<(), DomainError> {
    let (mut write, mut row) = find(store, project_id, id).await?;
    row.slot = None;
    update(&mut write, row).await?;
    Ok(write.commit().await?)
}

/// Deletes an access key. What clients have fetched with it stays with them.
///
/// # Errors
/// [`DomainError::NotFound`] if the project has no such access key.
pub async fn delete(store: &Store, project_id: i64, id: &str) -> Result<(), DomainError> {
    let (mut write, row) = find(store, project_id, id).await?;
    write.delete_access_key(&row.id).await?;
    Ok(write.commit().await?)
}

async fn find(store: &Store, project_id: i64, id: &str) -> Result<(ProjectWrite, AccessKeyRow), DomainError> {
    let mut write = write(store, project_id).await?;
    let row = write.access_keys().await?.into_iter().find(|key| key.id == id);
    Ok((write, row.ok_or(DomainError::NotFound("access key"))?))
}

async fn update(write: &mut ProjectWrite, mut row: AccessKeyRow) -> Result<(), DomainError> {
    row.revision_date = Timestamp::now();
    write.update_access_key(&row).await.map_err(too_many)
}

async fn free_slot(write: &mut ProjectWrite) -> Result<i64, DomainError> {
    let taken: Vec<i64> = write.access_keys().await?.into_iter().filter_map(|key| key.slot).collect();
    SLOTS.into_iter().find(|slot| !taken.contains(slot)).ok_or(DomainError::TooManyActiveKeys)
}

/// The lock on the project makes this impossible; the constraint makes sure.
fn too_many(error: StoreError) -> DomainError {
    match error {
        StoreError::Duplicate => DomainError::TooManyActiveKeys,
        other => other.into(),
    }
}
