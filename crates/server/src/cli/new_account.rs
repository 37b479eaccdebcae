//! An account that is made beside the database, in the place of a client.

use std::error::Error;

use locker_core::crypto::{Kdf, MasterKey, MasterPassword, SymmetricKey};
use secrecy::ExposeSecret;

use crate::domain::{
    accounts::NewAccount,
    fields::{Email, SignInKey},
};

/// Stretches a master password off the threads that do other work.
pub(super) async fn derive(password: MasterPassword, kdf: Kdf) -> Result<MasterKey, Box<dyn Error>> {
    Ok(tokio::task::spawn_blocking(move || MasterKey::derive(&password, &kdf)).await??)
}

/// What signs in with this master key.
pub(super) fn sign_in_key(master_key: &MasterKey) -> Result<SignInKey, Box<dyn Error>> {
    Ok(SignInKey::try_from(master_key.sign_in_key().expose_secret().to_owned())?)
}

/// An account with a new key, and that key.
pub(super) fn make(
    email: Email,
    kdf: Kdf,
    master_key: &MasterKey,
) -> Result<(NewAccount, SymmetricKey), Box<dyn Error>> {
    let key = SymmetricKey::make()?;
    let sealed_account_key = master_key.wrapping_key().seal_key(&key)?.into();
    Ok((NewAccount { email, kdf, sign_in_key: sign_in_key(master_key)?, sealed_account_key }, key))
}
