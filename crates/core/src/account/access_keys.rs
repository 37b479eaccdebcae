//! The access keys of a project, as its owner manages them.

use http::Method;
use serde::{Deserialize, de::DeserializeOwned};

use super::{
    Account, Credentials, Permission,
    wire::{AccessKeyBody, AccessKeyChangeBody, ActivatedBody, Results, RotateBody},
};
use crate::{crypto::AccessKeySecret, error::Error};

/// An access key, as the server describes it. Only its owner has the secret.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct AccessKey {
    /// The id.
    pub id: String,
    /// What it allows.
    pub permission: Permission,
    /// The addresses and networks from which it may be used; none means from everywhere.
    #[serde(rename = "restrict_ip")]
    pub allowed_addresses: Vec<String>,
    /// Whether it may be used at all.
    #[serde(rename = "activated")]
    pub is_active: bool,
    /// When it was created, in seconds since the Unix epoch.
    pub creation_date: Option<f64>,
    /// When it was last edited, activated, deactivated or regenerated.
    pub revision_date: Option<f64>,
    /// When it was last used, to a minute.
    pub last_use_date: Option<f64>,
    /// When it ends.
    pub expiration_date: Option<f64>,
}

/// What is to change of an access key. What is `None` stays.
#[derive(Clone, Debug, Default)]
pub struct AccessKeyChange {
    /// What it is to allow.
    pub permission: Option<Permission>,
    /// From where it is to be used; an empty list allows every address.
    pub allowed_addresses: Option<Vec<String>>,
}

impl Account {
    /// The access keys of a project, the oldest first.
    ///
    /// # Errors
    /// [`ErrorKind::ResourceNotFound`](crate::ErrorKind::ResourceNotFound) if the account has no such project, as in all of
    /// these calls.
    pub async fn access_keys(&self, project_id: i64) -> Result<Vec<AccessKey>, Error> {
        let path = access_keys_path(project_id);
        let list: Results<_> = self.transport.read(&path, self.transport.deadline()).await?;
        Ok(list.results)
    }

    /// One access key of a project.
    ///
    /// # Errors
    /// [`ErrorKind::ResourceNotFound`](crate::ErrorKind::ResourceNotFound), as in all calls that name an access key.
    pub async fn access_key(&self, project_id: i64, id: &str) -> Result<AccessKey, Error> {
        self.transport.read(&access_key_path(project_id, id)?, self.transport.deadline()).await
    }

    /// Makes an active access key. Its secret is in this answer and nowhere else: it is made here, and never sent.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if two are active already.
    pub async fn create_access_key(
        &self,
        project_id: i64,
        permission: Permission,
        allowed_addresses: &[String],
    ) -> Result<(AccessKey, Credentials), Error> {
        let project_key = self.project_key(project_id).await?;
        let credentials = Credentials::make()?;
        let body = AccessKeyBody {
            id: &credentials.id,
            key: &credentials.seal(&project_key)?.to_string(),
            permission,
            restrict_ip: allowed_addresses,
        };
        let access_key = self.send(Method::POST, &access_keys_path(project_id), &body).await?;
        Ok((access_key, credentials))
    }

    /// Changes the permission and the allowed addresses, and nothing else.
    ///
    /// # Errors
    /// [`ErrorKind::Other`](crate::ErrorKind::Other) for a text that is no address.
    pub async fn edit_access_key(
        &self,
        project_id: i64,
        id: &str,
        change: &AccessKeyChange,
    ) -> Result<AccessKey, Error> {
        let body = AccessKeyChangeBody {
            permission: change.permission,
            restrict_ip: change.allowed_addresses.as_deref(),
        };
        self.send(Method::PUT, &access_key_path(project_id, id)?, &body).await
    }

    /// Makes an access key active again.
    ///
    /// # Errors
    /// [`ErrorKind::AlreadyExists`](crate::ErrorKind::AlreadyExists) if two others are active.
    pub async fn activate_access_key(&self, project_id: i64, id: &str) -> Result<AccessKey, Error> {
        self.set_activated(project_id, id, true).await
    }

    /// Makes an access key inactive, at once, also for clients that have called before.
    ///
    /// # Errors
    /// As any call that names an access key.
    pub async fn deactivate_access_key(&self, project_id: i64, id: &str) -> Result<AccessKey, Error> {
        self.set_activated(project_id, id, false).await
    }

    async fn set_activated(&self, project_id: i64, id: &str, activated: bool) -> Result<AccessKey, Error> {
        let path = format!("{}/activated", access_key_path(project_id, id)?);
        self.send(Method::PUT, &path, &ActivatedBody { activated }).await
    }

    /// Gives an access key a new secret. The old one no longer opens the project.
    ///
    /// # Errors
    /// As any call that names an access key.
    pub async fn regenerate_access_key(
        &self,
        project_id: i64,
        id: &str,
    ) -> Result<(AccessKey, Credentials), Error> {
        let path = format!("{}/rotate_key", access_key_path(project_id, id)?);
        let project_key = self.project_key(project_id).await?;
        let credentials = Credentials { id: id.to_owned(), secret: AccessKeySecret::make()? };
        let key = credentials.seal(&project_key)?.to_string();
        let access_key = self.send(Method::POST, &path, &RotateBody { key: &key }).await?;
        Ok((access_key, credentials))
    }

    /// Deletes an access key for good. What clients have fetched with it stays with them.
    ///
    /// # Errors
    /// As any call that names an access key.
    pub async fn delete_access_key(&self, project_id: i64, id: &str) -> Result<(), Error> {
        let path = format!("{}?confirm={id}", access_key_path(project_id, id)?);
        self.transport.delete(&path, self.transport.deadline()).await
    }

    async fn send<T: DeserializeOwned>(
        &self,
        method: Method,
        path: &str,
        body: &impl serde::Serialize,
    ) -> Result<T, Error> {
        self.transport.write(method, path, body, self.transport.deadline()).await
    }
}

fn access_keys_path(project_id: i64) -> String {
    format!("/v1/projects/{project_id}/access_keys")
}

/// An id becomes a part of the path, so it may hold nothing that has a meaning there.
fn access_key_path(project_id: i64, id: &str) -> Result<String, Error> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    if id.is_empty() || !id.bytes().all(is_plain) {
        return Err(Error::validation("accessKeyId", "it is not the id of an access key"));
    }
    Ok(format!("{}/{id}", access_keys_path(project_id)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_cannot_lead_elsewhere() {
        let id = "0d0c0b0a-0000-4000-8000-000000000001";
        assert_eq!(access_key_path(7, id).unwrap(), format!("/v1/projects/7/access_keys/{id}"));
        for id in ["", ".", "..", "a/b", "a?b", "a#b", "a%2fb", "a b", "\u{e9}"] {
            assert!(access_key_path(7, id).is_err(), "{id:?}");
        }
    }
}
