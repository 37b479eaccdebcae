//! Accounts: who may sign in. The master password never gets here.

use locker_core::crypto::Kdf;
use sha2::{Digest, Sha256};

use super::{
    DomainError,
    fields::{Email, SealedKey, SignInKey},
    new_id, sign_in,
};
use crate::store::{AccountRow, Store, Timestamp};

/// The setting that makes the answers about unknown accounts unpredictable.
const UNKNOWN_ACCOUNTS: &str = "unknown_accounts";
/// Bytes of the salt of a new account.
const SALT_LEN: usize = 16;

/// An account that is yet to be stored.
#[derive(Debug)]
pub struct NewAccount {
    /// By which it signs in.
    pub email: Email,
    /// How its master password is stretched.
    pub kdf: Kdf,
    /// Derived from the master password.
    pub sign_in_key: SignInKey,
    /// The account key, sealed for the master password.
    pub sealed_account_key: SealedKey,
}

/// Who may make an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignUp {
    /// Whoever comes first.
    OnlyFirst,
    /// Everybody.
    Open,
}

/// An account.
#[derive(Clone, Debug)]
pub struct Account {
    /// A UUID.
    pub id: String,
    /// In lower case.
    pub email: String,
    /// How its master password is stretched.
    pub kdf: Kdf,
    /// The account key, sealed for the master password.
    pub sealed_account_key: String,
    /// When it was made.
    pub creation_date: Timestamp,
}

impl Account {
    fn from_row(row: AccountRow) -> Result<Self, DomainError> {
        Ok(Self {
            kdf: read(&row.kdf)?,
            id: row.id,
            email: row.email,
            sealed_account_key: row.sealed_account_key,
            creation_date: row.creation_date,
        })
    }
}

fn read(kdf: &str) -> Result<Kdf, DomainError> {
    serde_json::from_str(kdf).map_err(|_| DomainError::Failed("the kdf of an account cannot be read"))
}

/// Makes an account.
///
/// # Errors
/// [`DomainError::SignUpClosed`], [`DomainError::Duplicate`] for an e-mail address that has an account.
pub async fn create(store: &Store, new: NewAccount, sign_up: SignUp) -> Result<Account, DomainError> {
    // Asked first, so that a stranger cannot make the server hash for nothing.
    if !is_sign_up_open(store, sign_up).await? {
        return Err(DomainError::SignUpClosed);
    }
    let kdf =
        serde_json::to_string(&new.kdf).map_err(|_| DomainError::Failed("the kdf cannot be written"))?;
    let row = AccountRow {
        id: new_id(),
        email: new.email.as_str().to_owned(),
        kdf,
        sign_in_hash: sign_in::hash(new.sign_in_key).await?,
        sealed_account_key: new.sealed_account_key.to_string(),
        creation_date: Timestamp::now(),
    };
    let inserted = store.insert_account(&row, sign_up == SignUp::OnlyFirst).await;
    if inserted.map_err(DomainError::or_duplicate("This e-mail address has an account already"))? {
        Account::from_row(row)
    } else {
        Err(DomainError::SignUpClosed)
    }
}

/// Whether an account can be made now.
pub(crate) async fn is_sign_up_open(store: &Store, sign_up: SignUp) -> Result<bool, DomainError> {
    Ok(sign_up == SignUp::Open || store.has_no_account().await?)
}

/// How the master password of an account is stretched. For an e-mail address without an account the answer is made
/// up, always the same, so that it does not tell who has one.
pub(crate) async fn kdf(store: &Store, email: &Email) -> Result<Kdf, DomainError> {
    if let Some(account) = store.account_by_email(email.as_str()).await? {
        return read(&account.kdf);
    }
    let key = store.setting_or(UNKNOWN_ACCOUNTS, &new_id()).await?;
    let digest = Sha256::new().chain_update(&key).chain_update([0]).chain_update(email.as_str()).finalize();
    let (salt, _) = digest.split_at(SALT_LEN);
    let salt = <[u8; SALT_LEN]>::try_from(salt).unwrap_or_default();
    Ok(Kdf::with_salt(salt))
}

/// Lets an account in that has the right sign-in key.
///
/// # Errors
/// [`DomainError::WrongSignIn`], the same for an unknown account and a wrong key.
pub(crate) async fn sign_in(store: &Store, email: &Email, key: SignInKey) -> Result<Account, DomainError> {
    let row = store.account_by_email(email.as_str()).await?;
    let hash = row.as_ref().map(|row| row.sign_in_hash.clone());
    match (sign_in::verify(key, hash).await?, row) {
        (true, Some(row)) => Account::from_row(row),
        _ => Err(DomainError::WrongSignIn),
    }
}

/// The account of a session.
pub(crate) async fn find(store: &Store, id: &str) -> Result<Option<Account>, DomainError> {
    store.account(id).await?.map(Account::from_row).transpose()
}
