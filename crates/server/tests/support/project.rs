//! Projects, made as an account makes them.

use locker_core::{
    account::{Credentials, Permission},
    crypto::{AccessKeySecret, Kdf, SymmetricKey},
};
use locker_server::{
    domain::{
        AllowedAddresses,
        access_keys::{self, NewAccessKey},
        accounts::{self, NewAccount, SignUp},
        fields::{Email, Name, SignInKey},
        projects, workspaces,
    },
    store::Store,
};
use secrecy::ExposeSecret;
use uuid::Uuid;

/// An access key of these credentials that nobody has stored yet.
pub(crate) fn new_key(
    credentials: &Credentials,
    project_key: &SymmetricKey,
    permission: Permission,
) -> NewAccessKey {
    NewAccessKey {
        id: credentials.id.clone(),
        sealed_project_key: credentials.seal(project_key).unwrap().into(),
        permission,
        allowed_addresses: AllowedAddresses::default(),
        expiration_date: None,
    }
}

/// Makes a project of a new account with these access keys, and gives its number.
pub(crate) async fn make_project(store: &Store, keys: &[(&Credentials, Permission)]) -> i64 {
    let name = Name::try_from("test".to_owned()).unwrap();
    let key = SymmetricKey::make().unwrap();
    let new = NewAccount {
        email: Email::try_from(format!("{}@example.com", Uuid::new_v4())).unwrap(),
        kdf: Kdf::make().unwrap(),
        // As random as one that is derived, and made without the work of Argon2.
        sign_in_key: SignInKey::try_from(
            AccessKeySecret::make().unwrap().to_base64().expose_secret().to_owned(),
        )
        .unwrap(),
        sealed_account_key: key.seal_key(&key).unwrap().into(),
    };
    let account = accounts::create(store, new, SignUp::Open).await.unwrap();
    let workspace = workspaces::create(store, &account.id, &name).await.unwrap();
    let sealed = key.seal_key(&key).unwrap().into();
    let project = projects::create(store, &account.id, &workspace, &name, &sealed).await.unwrap();
    for (credentials, permission) in keys {
        access_keys::create(store, project, new_key(credentials, &key, *permission)).await.unwrap();
    }
    project
}
