//! Access keys: what they allow, and how many there may be.

use std::{net::IpAddr, sync::Arc};

use locker_core::account::Permission;

use super::{AllowedAddresses, DomainError, fields::SealedKey, write};
use crate::store::{AccessKeyInUse, AccessKeyRow, ProjectDates, ProjectWrite, Store, StoreError, Timestamp};

/// Only so many access keys of a project are active at a time: each of them holds a slot.
const SLOTS: [i64; 2] = [1, 2];

/// The date of last use is exact to this many seconds, so that reading does not mean writing each time.
const LAST_USE_SECONDS: i64 = 60;

/// What the database says an access key allows. A permission that this version does not know allows the least.
fn permission(stored: &str) -> Permission {
    stored.parse().unwrap_or(Permission::Read)
}

/// An access key that is yet to be stored. Whoever makes it keeps its secret.
#[derive(Clone, Debug)]
pub struct NewAccessKey {
    /// A UUID that its owner knows.
    pub id: String,
    /// The project key, sealed for its secret.
    pub sealed_project_key: SealedKey,
    /// What it allows.
    pub permission: Permission,
    /// From where.
    pub allowed_addresses: AllowedAddresses,
    /// Until when.
    pub expiration_date: Option<Timestamp>,
}

impl NewAccessKey {
    fn into_row(self, project_id: i64, slot: i64, now: Timestamp) -> AccessKeyRow {
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

/// An access key as its account sees it.
#[derive(Clone, Debug)]
pub struct AccessKey {
    /// A UUID.
    pub id: String,
    /// What it allows.
    pub permission: Permission,
    /// From where: addresses and networks; none for everywhere.
    pub restrict_ip: Vec<String>,
    /// Whether it may call.
    pub activated: bool,
    /// Until when it may.
    pub expiration_date: Option<Timestamp>,
    /// When it was made.
    pub creation_date: Timestamp,
    /// When it was last changed.
    pub revision_date: Timestamp,
    /// When it was last used, give or take a minute.
    pub last_use_date: Option<Timestamp>,
}

impl From<AccessKeyRow> for AccessKey {
    fn from(row: AccessKeyRow) -> Self {
        let networks = row.allowed_addresses.split(',').filter(|network| !network.is_empty());
        Self {
            permission: permission(&row.permission),
            restrict_ip: networks.map(str::to_owned).collect(),
            activated: row.slot.is_some(),
            id: row.id,
            expiration_date: row.expiration_date,
            creation_date: row.creation_date,
            revision_date: row.revision_date,
            last_use_date: row.last_use_date,
        }
    }
}

/// An access key that is known. Whether it may call is another question.
#[derive(Debug)]
pub(crate) struct Known(Arc<AccessKeyInUse>);

/// Finds the access key with this id. Asks the database each time, so that a deactivation acts at once.
pub(crate) async fn find_known(store: &Store, id: &str) -> Result<Known, DomainError> {
    store.access_key_in_use(id).await?.map(Known).ok_or(DomainError::Unauthorized)
}

impl Known {
    pub(crate) fn id(&self) -> &str {
        &self.0.key.id
    }

    pub(crate) fn project_id(&self) -> i64 {
        self.0.key.project_id
    }

    /// Decides whether the access key may call from `address` now.
    pub(crate) fn admit(self, address: IpAddr) -> Result<Admitted, DomainError> {
        let (now, project_dates, key) = (Timestamp::now(), self.0.dates(), &self.0.key);
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
        Ok(Admitted {
            permission: permission(&key.permission),
            id: key.id.clone(),
            project_id: key.project_id,
            sealed_project_key: key.sealed_project_key.clone(),
            allowed_addresses,
            expiration_date: key.expiration_date,
            creation_date: key.creation_date,
            revision_date: key.revision_date,
            project_dates,
            is_use_news: key.last_use_date.is_none_or(|last| last <= now.seconds_before(LAST_USE_SECONDS)),
        })
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
    pub(crate) project_dates: ProjectDates,
    /// Whether the date of last use is to be stored.
    pub(crate) is_use_news: bool,
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

/// Adds an active access key to a project.
///
/// # Errors
/// [`DomainError::TooManyActiveKeys`] if two are active already; [`DomainError::Duplicate`] if the id is taken;
/// [`DomainError::NotFound`] without the project.
pub async fn create(store: &Store, project_id: i64, key: NewAccessKey) -> Result<AccessKey, DomainError> {
    let mut write = write(store, project_id).await?;
    let slot = free_slot(&mut write).await?;
    let row = key.into_row(project_id, slot, Timestamp::now());
    let inserted = write.insert_access_key(&row).await;
    // The lock on the project keeps the slot free, so what is taken is the id.
    inserted.map_err(DomainError::or_duplicate("This access key id already exists"))?;
    write.commit().await?;
    Ok(row.into())
}

/// The access keys of a project, oldest first.
pub(crate) async fn list(store: &Store, project_id: i64) -> Result<Vec<AccessKey>, DomainError> {
    Ok(store.access_keys(project_id).await?.into_iter().map(AccessKey::from).collect())
}

/// An access key of a project.
pub(crate) async fn find(store: &Store, project_id: i64, id: &str) -> Result<AccessKey, DomainError> {
    list(store, project_id).await?.into_iter().find(|key| key.id == id).ok_or(NO_ACCESS_KEY)
}

/// Changes the permission and the allowed addresses of an access key, and nothing else. What is `None` stays.
///
/// # Errors
/// [`DomainError::NotFound`] if the project has no such access key.
pub async fn edit(
    store: &Store,
    project_id: i64,
    id: &str,
    permission: Option<Permission>,
    allowed_addresses: Option<&AllowedAddresses>,
) -> Result<AccessKey, DomainError> {
    let (write, mut row) = begin(store, project_id, id).await?;
    if let Some(permission) = permission {
        permission.as_str().clone_into(&mut row.permission);
    }
    if let Some(addresses) = allowed_addresses {
        row.allowed_addresses = addresses.to_string();
    }
    finish(write, row).await
}

/// Makes an access key active again.
///
/// # Errors
/// [`DomainError::TooManyActiveKeys`] if two others are active; [`DomainError::NotFound`].
pub async fn activate(store: &Store, project_id: i64, id: &str) -> Result<AccessKey, DomainError> {
    let (mut write, mut row) = begin(store, project_id, id).await?;
    if row.slot.is_some() {
        return Ok(row.into());
    }
    row.slot = Some(free_slot(&mut write).await?);
    finish(write, row).await
}

/// Makes an access key inactive, at once, also for clients that have called before.
///
/// # Errors
/// [`DomainError::NotFound`] if the project has no such access key.
pub async fn deactivate(store: &Store, project_id: i64, id: &str) -> Result<AccessKey, DomainError> {
    let (write, mut row) = begin(store, project_id, id).await?;
    if row.slot.is_none() {
        return Ok(row.into());
    }
    row.slot = None;
    finish(write, row).await
}

/// Gives an access key a new secret: from now on only that opens the project key.
///
/// # Errors
/// [`DomainError::NotFound`] if the project has no such access key.
pub async fn rotate(
    store: &Store,
    project_id: i64,
    id: &str,
    sealed_project_key: &SealedKey,
) -> Result<AccessKey, DomainError> {
    let (write, mut row) = begin(store, project_id, id).await?;
    row.sealed_project_key = sealed_project_key.to_string();
    finish(write, row).await
}

/// Deletes an access key. What clients have fetched with it stays with them.
///
/// # Errors
/// [`DomainError::NotFound`] if the project has no such access key.
pub async fn delete(store: &Store, project_id: i64, id: &str) -> Result<(), DomainError> {
    let (mut write, row) = begin(store, project_id, id).await?;
    write.delete_access_key(&row.id).await?;
    Ok(write.commit().await?)
}

const NO_ACCESS_KEY: DomainError = DomainError::NotFound("access key");

async fn begin(
    store: &Store,
    project_id: i64,
    id: &str,
) -> Result<(ProjectWrite, AccessKeyRow), DomainError> {
    let mut write = write(store, project_id).await?;
    let row = write.access_keys().await?.into_iter().find(|key| key.id == id);
    Ok((write, row.ok_or(NO_ACCESS_KEY)?))
}

async fn finish(mut write: ProjectWrite, mut row: AccessKeyRow) -> Result<AccessKey, DomainError> {
    row.revision_date = Timestamp::now();
    write.update_access_key(&row).await.map_err(too_many)?;
    write.commit().await?;
    Ok(row.into())
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
