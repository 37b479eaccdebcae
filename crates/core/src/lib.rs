//! The Locker Secrets SDK: an asynchronous client for end-to-end encrypted secrets.
//!
//! The server sees ciphertext only. Keys and values are sealed and opened here, with a key that the access key's
//! secret opens and that never leaves the process.
//!
//! ```no_run
//! use locker_core::{CallOptions, Config, Locker, Options};
//!
//! # async fn example() -> Result<(), locker_core::Error> {
//! let config = Config::new(Options::default(), |name| std::env::var(name).ok())?;
//! let locker = Locker::new(config);
//! let password = locker.get("DB_PASSWORD", Some("prod"), &CallOptions::default()).await?;
//! # Ok(())
//! # }
//! ```

pub mod account;
mod aside;
#[cfg(any(test, feature = "bench"))]
#[doc(hidden)]
pub mod bench;
mod cache;
mod client;
mod clock;
mod config;
pub mod crypto;
mod error;
#[cfg(test)]
mod fuzz;
mod log;
mod model;
mod secrets;
mod shared;
mod texts;
mod transport;
mod vault;
mod wire;

pub use client::{
    Changes, EnvironmentChange, Locker, NewEnvironment, NewSecret, Part, Place, SecretChange, Watcher,
};
pub use config::{
    CacheFolder, CallOptions, Config, Connection, ConnectionOptions, ENVIRONMENT_VARIABLES, Options,
};
pub use error::{Error, ErrorKind};
pub use log::{LogLevel, Record, RequestRecord, Severity, Sink};
pub use model::{Dates, Environment, Secret};
pub use secrets::{SecretRef, Secrets};

#[cfg(test)]
mod tests {
    use secrecy::SecretString;

    use super::{
        account::{AccessKeyChange, Account, Permission},
        *,
    };

    fn is_send<T: Send>(_: &T) {}

    /// Doors spawn these futures on runtimes with many threads; that they compile is the test.
    #[expect(dead_code, reason = "compiled only")]
    fn futures_of_accounts_are_send(account: Account, connection: Connection, password: &SecretString) {
        is_send(&Account::create(connection.clone(), "", password));
        is_send(&Account::sign_in(connection, "", password));
        is_send(&account.create_project("", ""));
        is_send(&account.create_access_key(1, Permission::Read, &[]));
        is_send(&account.edit_access_key(1, "", &AccessKeyChange::default()));
        is_send(&account.regenerate_access_key(1, ""));
        is_send(&account.sign_out());
    }

    #[expect(dead_code, reason = "compiled only")]
    fn futures_are_send(locker: &Locker, secret: &NewSecret, environment: &NewEnvironment) {
        let options = CallOptions::default();
        is_send(&locker.list(None, &options));
        is_send(&locker.get("", None, &options));
        is_send(&locker.retrieve("", None, &options));
        is_send(&locker.create(secret, &options));
        is_send(&locker.modify("", None, &SecretChange::default(), &options));
        is_send(&locker.list_environments(&options));
        is_send(&locker.get_environment("", &options));
        is_send(&locker.create_environment(environment, &options));
        is_send(&locker.modify_environment("", &EnvironmentChange::default(), &options));
        is_send(&locker.clear_cache());
        is_send(&locker.watcher().look(&options));
    }
}
