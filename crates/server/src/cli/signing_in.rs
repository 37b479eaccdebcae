//! What every command of an account needs: the server, the email and the master password.

use std::{env, error::Error, fs, path::PathBuf, str::FromStr};

use locker_core::{Connection, ConnectionOptions, Record, Severity, account::Account};
use url::{Host, Url};

use super::{CommandResult, master_password, tell};
use crate::http::API_BASE;

#[derive(Debug, clap::Args)]
pub(super) struct SigningIn {
    /// The server, such as https://locker.example.com.
    #[arg(long, value_name = "URL", env = "LOCKER_SERVER")]
    server: Option<Server>,
    /// The email of the account. Its master password is asked for, or taken from LOCKER_MASTER_PASSWORD.
    #[arg(long, env = "LOCKER_EMAIL")]
    pub(super) email: String,
    /// A certificate in PEM to trust besides the system's.
    #[arg(long, value_name = "FILE")]
    ca_cert: Option<PathBuf>,
}

impl SigningIn {
    /// Makes the account.
    pub(super) async fn create_account(&self) -> Result<Account, Box<dyn Error>> {
        let (connection, password) = (self.connection()?, master_password::choose()?);
        Account::create(connection, &self.email, &password).await.map_err(in_words_of_flags)
    }

    /// Signs in, works, and signs out, also when the work failed.
    pub(super) async fn with_account(
        &self,
        work: impl AsyncFnOnce(&Account) -> CommandResult,
    ) -> CommandResult {
        let (connection, password) = (self.connection()?, master_password::ask()?);
        let account =
            Account::sign_in(connection, &self.email, &password).await.map_err(in_words_of_flags)?;
        let outcome = work(&account).await.map_err(|error| match error.downcast() {
            Ok(error) => in_words_of_flags(*error),
            Err(other) => other,
        });
        sign_out(account).await;
        outcome
    }

    fn connection(&self) -> Result<Connection, Box<dyn Error>> {
        let missing = "--server URL is missing; LOCKER_SERVER can name it too";
        let server = self.server.as_ref().ok_or(missing)?;
        if !server.is_private() {
            tell(format_args!(
                "locker-server: warning: {} is not encrypted, so others can read and change what is sent. Use https",
                server.0
            ));
        }
        let options = ConnectionOptions {
            api_base: Some(format!("{}{API_BASE}", server.0.as_str().trim_end_matches('/'))),
            ca_cert: self.ca_cert.as_ref().map(read_certificate).transpose()?,
            log_level: Some(2.0),
            log_sink: Some(std::sync::Arc::new(log)),
            user_agent: Some(concat!("locker-server/", env!("CARGO_PKG_VERSION")).to_owned()),
            ..ConnectionOptions::default()
        };
        Connection::new(options, |name| env::var(name).ok()).map_err(in_words_of_flags)
    }
}

/// Ends the session. A session that could not be ended is no reason to fail: it ends by itself.
pub(super) async fn sign_out(account: Account) {
    if let Err(error) = account.sign_out().await {
        tell(format_args!("locker-server: warning: the session is not ended: {error}"));
    }
}

fn read_certificate(file: &PathBuf) -> Result<Vec<u8>, String> {
    fs::read(file).map_err(|error| format!("--ca-cert {}: {error}", file.display()))
}

fn log(record: Record) {
    match record.severity {
        Severity::Error => tracing::error!("{}", record.message),
        Severity::Warning => tracing::warn!("{}", record.message),
        Severity::Debug => tracing::debug!("{}", record.message),
    }
}

/// The SDK names its options; here they are flags.
fn in_words_of_flags(error: locker_core::Error) -> Box<dyn Error> {
    error.to_string().replace("caCert", "--ca-cert").replace("apiBase", "--server").into()
}

/// The address of a server, without the path of its API.
#[derive(Clone, Debug)]
struct Server(Url);

impl FromStr for Server {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim_end_matches('/');
        let mut url =
            Url::parse(text.strip_suffix(API_BASE).unwrap_or(text)).map_err(|error| error.to_string())?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err("it needs https:// (or http://) and a host".to_owned());
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("it must not hold a user name or a password".to_owned());
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("it must end with the path, without ? or #".to_owned());
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        Ok(Self(url))
    }
}

impl Server {
    /// Whether nobody else sees what is sent: it is encrypted, or stays on this machine.
    fn is_private(&self) -> bool {
        self.0.scheme() == "https"
            || match self.0.host() {
                Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
                Some(Host::Ipv4(address)) => address.is_loopback(),
                Some(Host::Ipv6(address)) => address.is_loopback(),
                None => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_with_or_without_the_path_of_its_api() {
        for (text, server) in [
            ("https://locker.example", "https://locker.example/"),
            ("https://locker.example/", "https://locker.example/"),
            ("https://locker.example/locker_secrets", "https://locker.example/"),
            ("https://locker.example/locker_secrets/", "https://locker.example/"),
            ("https://example/below/locker_secrets", "https://example/below"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080/"),
        ] {
            assert_eq!(text.parse::<Server>().unwrap().0.as_str(), server);
        }
        for text in ["", "locker.example", "ftp://a", "https://u:p@a", "https://a?b", "https://a#b"] {
            assert!(text.parse::<Server>().is_err(), "{text:?}");
        }
    }

    #[test]
    fn only_what_leaves_the_machine_in_the_clear_is_warned_of() {
        for (text, is_private) in [
            ("https://locker.example", true),
            ("http://localhost:1", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:1", true),
            ("http://locker.example", false),
            ("http://192.168.0.1", false),
            ("http://localhost.example", false),
        ] {
            assert_eq!(text.parse::<Server>().unwrap().is_private(), is_private, "{text}");
        }
    }
}
