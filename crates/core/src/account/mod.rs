//! An account of a server: its workspaces, its projects, and the access keys of those.
//!
//! The server keeps the account's key and the project keys sealed. They are opened here, with what the master password
//! gives, so that access keys can be made without the server learning anything that opens a project.

mod access_keys;
mod credentials;
mod permission;
mod projects;
mod session;
mod wire;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

pub use self::{
    access_keys::{AccessKey, AccessKeyChange},
    credentials::Credentials,
    permission::{Permission, UnknownPermission},
    projects::{Project, Workspace},
};
use self::{
    session::Session,
    wire::{AccountBody, Email, SessionAnswer, SignInBody},
};
use crate::{
    aside::off_thread,
    config::Connection,
    crypto::{CryptoError, EncString, Kdf, KdfFields, MasterKey, MasterPassword, SymmetricKey},
    error::{Error, ErrorKind},
    transport::Transport,
};

const ACCOUNTS_PATH: &str = "/v1/accounts";
const KDF_PATH: &str = "/v1/kdf";
const SESSION_PATH: &str = "/v1/session";

/// An account that is signed in. [`Account::sign_out`] ends its session; dropped without that, the session ends on the
/// server some time later.
pub struct Account {
    transport: Transport<Session>,
    id: String,
    email: String,
    key: SymmetricKey,
}

impl Account {
    /// Makes a new account, which is then signed in.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] for a password that is too short or too long, [`ErrorKind::PermissionDenied`] if the
    /// server takes no new accounts, [`ErrorKind::AlreadyExists`] if the email has one.
    pub async fn create(connection: Connection, email: &str, password: &SecretString) -> Result<Self, Error> {
        let (password, kdf) = (MasterPassword::choose(password)?, Kdf::make()?);
        let master_key = derive(password, kdf.clone()).await?;
        let (key, sign_in_key) = (SymmetricKey::make()?, master_key.sign_in_key());
        let body = AccountBody {
            email,
            kdf: &kdf,
            sign_in_key: sign_in_key.expose_secret(),
            sealed_account_key: &master_key.wrapping_key().seal_key(&key)?.to_string(),
        };
        let transport = Transport::new(connection, Session::default());
        let answer = transport.write(http::Method::POST, ACCOUNTS_PATH, &body, transport.deadline()).await?;
        Ok(Self::signed_in(transport, answer, key))
    }

    /// Signs in.
    ///
    /// # Errors
    /// [`ErrorKind::Authentication`] for an unknown email or a wrong password, [`ErrorKind::RateLimit`] after too many
    /// attempts, [`ErrorKind::Integrity`] if what the server sends is not of this account or not safe to use.
    pub async fn sign_in(
        connection: Connection,
        email: &str,
        password: &SecretString,
    ) -> Result<Self, Error> {
        let password = MasterPassword::new(password)?;
        let transport = Transport::new(connection, Session::default());
        let kdf: KdfFields = transport.ask(KDF_PATH, &Email { email }, transport.deadline()).await?;
        let master_key = derive(password, kdf.try_into()?).await?;
        let sign_in_key = master_key.sign_in_key();
        let body = SignInBody { email, sign_in_key: sign_in_key.expose_secret() };
        let answer: SessionAnswer = transport.ask(SESSION_PATH, &body, transport.deadline()).await?;
        let key = open_key(&master_key.wrapping_key(), &answer.sealed_account_key, "the account key")?;
        Ok(Self::signed_in(transport, answer, key))
    }

    fn signed_in(transport: Transport<Session>, answer: SessionAnswer, key: SymmetricKey) -> Self {
        transport.caller().set_csrf_token(answer.csrf_token);
        Self { transport, id: answer.account.id, email: answer.account.email, key }
    }

    /// Ends the session on the server.
    ///
    /// # Errors
    /// As any call: the session may then live on until the server ends it.
    pub async fn sign_out(self) -> Result<(), Error> {
        self.transport.delete(SESSION_PATH, self.transport.deadline()).await
    }

    /// The server's id of the account.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The email with which the account signs in.
    #[must_use]
    pub fn email(&self) -> &str {
        &self.email
    }
}

impl fmt::Debug for Account {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Stretches the password off the threads that drive other calls: it is made to take long.
async fn derive(password: MasterPassword, kdf: Kdf) -> Result<MasterKey, Error> {
    Ok(off_thread(move || MasterKey::derive(&password, &kdf)).await??)
}

/// Opens a key that the server keeps.
fn open_key(wrapping: &SymmetricKey, sealed: &str, what: &str) -> Result<SymmetricKey, Error> {
    let opened = sealed.parse::<EncString>().and_then(|sealed| wrapping.open_key(&sealed));
    opened.map_err(|problem: CryptoError| {
        Error::new(ErrorKind::Integrity, format!("{what}: {problem}")).with_source(problem)
    })
}
