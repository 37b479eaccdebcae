//! The account and the project that `dev` serves, made as a client would make them.

use std::error::Error;

use locker_core::{
    account::{Credentials, Permission},
    crypto::{EncString, Kdf, MasterPassword, SymmetricKey},
};

use super::{dev_credentials::DevCredentials, new_account};
use crate::{
    domain::{
        AllowedAddresses,
        access_keys::{self, NewAccessKey},
        accounts::{self, Account, SignUp},
        fields::{Email, Name},
        projects, workspaces,
    },
    store::Store,
};

const NAME: &str = "dev";

/// Makes what is not there yet, and returns the number of the project. A run that broke off is carried on.
pub(super) async fn ensure(store: &Store, credentials: &DevCredentials) -> Result<i64, Box<dyn Error>> {
    let (account, account_key) = ensure_account(store, credentials).await?;
    let workspace_id = match workspaces::list(store, &account.id).await?.into_iter().next() {
        Some(workspace) => workspace.id,
        None => workspaces::create(store, &account.id, &name()?).await?,
    };
    let project = match projects::list(store, &account.id).await?.into_iter().next() {
        Some(project) => project,
        None => {
            let sealed = account_key.seal_key(&SymmetricKey::make()?)?.into();
            let id = projects::create(store, &account.id, &workspace_id, &name()?, &sealed).await?;
            projects::find(store, &account.id, id).await?
        }
    };
    let keys = access_keys::list(store, project.id).await?;
    // The Read key comes first, so one that is alone was left by a run that broke off. Otherwise the keys are the
    // developer's, who may have deleted some.
    if keys.iter().all(|key| key.id == credentials.read_only.id) {
        let project_key = account_key.open_key(&project.sealed_project_key.parse::<EncString>()?)?;
        if keys.is_empty() {
            add(store, project.id, &project_key, &credentials.read_only, Permission::Read).await?;
        }
        add(store, project.id, &project_key, &credentials.read_write, Permission::ReadWrite).await?;
    }
    Ok(project.id)
}

fn name() -> Result<Name, Box<dyn Error>> {
    Ok(Name::try_from(NAME.to_owned())?)
}

async fn ensure_account(
    store: &Store,
    credentials: &DevCredentials,
) -> Result<(Account, SymmetricKey), Box<dyn Error>> {
    let email = Email::try_from(credentials.email.clone())?;
    let is_new = accounts::is_sign_up_open(store, SignUp::OnlyFirst).await?;
    let kdf = if is_new { Kdf::make()? } else { accounts::kdf(store, &email).await? };
    let password = MasterPassword::new(&credentials.master_password)?;
    let master_key = new_account::derive(password, kdf.clone()).await?;
    if is_new {
        let (new, key) = new_account::make(email, kdf, &master_key)?;
        return Ok((accounts::create(store, new, SignUp::OnlyFirst).await?, key));
    }
    let account = accounts::sign_in(store, &email, new_account::sign_in_key(&master_key)?).await?;
    let key = master_key.wrapping_key().open_key(&account.sealed_account_key.parse::<EncString>()?)?;
    Ok((account, key))
}

async fn add(
    store: &Store,
    project_id: i64,
    project_key: &SymmetricKey,
    credentials: &Credentials,
    permission: Permission,
) -> Result<(), Box<dyn Error>> {
    let new = NewAccessKey {
        id: credentials.id.clone(),
        sealed_project_key: credentials.seal(project_key)?.into(),
        permission,
        allowed_addresses: AllowedAddresses::default(),
        expiration_date: None,
    };
    access_keys::create(store, project_id, new).await?;
    Ok(())
}
