//! The account and the project that `dev` serves, made as a client would make them.

use std::error::Error;

use locker_core::{
    account::{Credentials, Permission},
    crypto::{EncString, Kdf, MasterKey, MasterPassword, SymmetricKey},
};
use secrecy::ExposeSecret;

use super::dev_credentials::DevCredentials;
use crate::{
    domain::{
        AllowedAddresses, DomainError,
        access_keys::{self, NewAccessKey},
        accounts::{self, Account, NewAccount, SignUp},
        fields::{Email, Name, SignInKey},
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
    if access_keys::list(store, project.id).await?.is_empty() {
        let project_key = account_key.open_key(&project.sealed_project_key.parse::<EncString>()?)?;
        // The Read key first: the other one is what tells that this was finished.
        add(store, project.id, &project_key, &credentials.read_only, Permission::Read).await?;
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
    let kdf = accounts::kdf(store, &email).await?;
    let kdf = if accounts::is_sign_up_open(store, SignUp::OnlyFirst).await? { Kdf::make()? } else { kdf };
    let password = MasterPassword::new(&credentials.master_password)?;
    let derivation = kdf.clone();
    let master_key = tokio::task::spawn_blocking(move || MasterKey::derive(&password, &derivation)).await??;
    let sign_in_key = || SignInKey::try_from(master_key.sign_in_key().expose_secret().to_owned());
    match accounts::sign_in(store, &email, sign_in_key()?).await {
        Ok(account) => {
            let key =
                master_key.wrapping_key().open_key(&account.sealed_account_key.parse::<EncString>()?)?;
            Ok((account, key))
        }
        Err(DomainError::WrongSignIn) => {
            let key = SymmetricKey::make()?;
            let sealed_account_key = master_key.wrapping_key().seal_key(&key)?.into();
            let new = NewAccount { email, kdf, sign_in_key: sign_in_key()?, sealed_account_key };
            Ok((accounts::create(store, new, SignUp::OnlyFirst).await?, key))
        }
        Err(error) => Err(error.into()),
    }
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
