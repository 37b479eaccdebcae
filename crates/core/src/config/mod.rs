//! The options of a [`Locker`](crate::Locker): their defaults, their environment variables and their checks.

mod connection;

use std::{path::PathBuf, time::Duration};

use secrecy::{ExposeSecret, SecretString};

pub use self::connection::{Connection, ConnectionOptions};
pub(crate) use self::connection::{Proxies, Trust, parse_certificates};
use crate::{
    crypto::{AccessKeySecret, CryptoError},
    error::{Error, ErrorKind},
};

const DEFAULT_REST_TIME: Duration = Duration::from_secs(120);

/// Ten years in seconds.
const MAX_AGE_SECONDS: f64 = 315_360_000.0;
const MAX_ACCESS_KEY_ID_LEN: usize = 256;

/// The environment variables that stand in for options that are not given.
pub const ENVIRONMENT_VARIABLES: [&str; 20] = [
    "LOCKER_ACCESS_KEY_ID",
    "LOCKER_ACCESS_KEY_SECRET",
    "LOCKER_SECRET_ACCESS_KEY",
    "LOCKER_API_BASE",
    "LOCKER_CACHE_DIR",
    "XDG_CACHE_HOME",
    "HOME",
    "LOCALAPPDATA",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
    "REQUEST_METHOD",
];

/// What an application asks for, not yet checked. Everything may be left out.
#[derive(Default)]
pub struct Options {
    /// The id of the access key.
    pub access_key_id: Option<String>,
    /// The secret of the access key.
    pub access_key_secret: Option<SecretString>,
    /// Another name of `access_key_secret`.
    pub secret_access_key: Option<SecretString>,
    /// How the server is reached.
    pub connection: ConnectionOptions,
    /// Never answer from the cache.
    pub fetch: bool,
    /// For how many seconds what was read may be used again.
    pub rest_time: Option<f64>,
    /// How many seconds old an answer may be that is used when the server cannot be reached.
    pub stale_if_error: Option<f64>,
    /// Where what was read is kept for other processes.
    pub cache_folder: CacheFolder,
}

/// Where what was read is kept for other processes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum CacheFolder {
    /// The folder of `LOCKER_CACHE_DIR` (`none` for none), else the platform's own.
    #[default]
    Platform,
    /// Nowhere: it is kept in memory only.
    None,
    /// In this folder.
    At(PathBuf),
}

/// Per-call settings. What is left out is taken from the [`Options`] of the `Locker`.
#[derive(Clone, Copy, Debug, Default)]
pub struct CallOptions {
    /// Never answer from the cache.
    pub fetch: Option<bool>,
    /// For how many seconds what was read may be used again.
    pub rest_time: Option<f64>,
    /// Budget of this call in milliseconds, retries included.
    pub timeout_ms: Option<f64>,
}

/// How a call may use what was read before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct CachePolicy {
    /// Do not answer from the cache.
    pub(crate) fetch: bool,
    /// An answer this old is used without asking.
    pub(crate) rest_time: Duration,
    /// An answer this old is used when the server cannot be reached.
    pub(crate) stale_if_error: Duration,
}

impl CachePolicy {
    /// Whether anything that was read is ever used again.
    fn may_reuse(self) -> bool {
        !self.fetch && self.rest_time.max(self.stale_if_error) > Duration::ZERO
    }
}

/// Checked settings of one call.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CallSettings {
    pub(crate) cache: CachePolicy,
    pub(crate) timeout: Duration,
}

impl CallSettings {
    /// The same, without any use of the cache.
    pub(crate) fn uncached(self) -> Self {
        Self { cache: CachePolicy { fetch: true, ..self.cache }, ..self }
    }
}

/// Checked options, with defaults and environment variables in place.
pub struct Config {
    pub(crate) access_key_id: String,
    pub(crate) access_key_secret: AccessKeySecret,
    pub(crate) connection: Connection,
    pub(crate) cache: CachePolicy,
    /// `None` keeps what was read in memory only.
    pub(crate) cache_folder: Option<PathBuf>,
    /// Whether the owner of the program chose that folder.
    pub(crate) is_cache_folder_chosen: bool,
}

impl Config {
    /// Checks `options`, and takes what they leave out from the environment. Does no input or output.
    ///
    /// `variable` looks up one of [`ENVIRONMENT_VARIABLES`]; an empty value counts as none.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] or, for credentials that cannot be valid, [`ErrorKind::Authentication`]. Both
    /// name the option.
    pub fn new(options: Options, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        let is_cache_folder_chosen =
            options.cache_folder != CacheFolder::Platform || variable("LOCKER_CACHE_DIR").is_some();
        let cache = CachePolicy {
            fetch: options.fetch,
            rest_time: seconds("cacheOptions.restTime", options.rest_time)?.unwrap_or(DEFAULT_REST_TIME),
            stale_if_error: seconds("cacheOptions.staleIfError", options.stale_if_error)?.unwrap_or_default(),
        };
        Ok(Self {
            cache_folder: cache_folder(options.cache_folder, &variable)?.filter(|_| cache.may_reuse()),
            is_cache_folder_chosen,
            access_key_id: access_key_id(options.access_key_id, &variable)?,
            access_key_secret: access_key_secret(
                options.access_key_secret,
                options.secret_access_key,
                &variable,
            )?,
            connection: Connection::new(options.connection, variable)?,
            cache,
        })
    }

    /// The settings of one call.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] for a number out of range.
    pub(crate) fn call_settings(&self, options: &CallOptions) -> Result<CallSettings, Error> {
        Ok(CallSettings {
            cache: CachePolicy {
                fetch: options.fetch.unwrap_or(self.cache.fetch),
                rest_time: seconds("restTime", options.rest_time)?.unwrap_or(self.cache.rest_time),
                ..self.cache
            },
            timeout: connection::timeout(options.timeout_ms)?.unwrap_or(self.connection.timeout),
        })
    }

    /// The settings of a call that is given none.
    pub(crate) fn default_settings(&self) -> CallSettings {
        CallSettings { cache: self.cache, timeout: self.connection.timeout }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("access_key_id", &self.access_key_id)
            .field("connection", &self.connection)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

fn access_key_id(given: Option<String>, variable: &impl Fn(&str) -> Option<String>) -> Result<String, Error> {
    let id = given
        .or_else(|| variable("LOCKER_ACCESS_KEY_ID"))
        .filter(|id| !id.is_empty())
        .ok_or_else(|| Error::validation("accessKeyId", "missing. Set it, or LOCKER_ACCESS_KEY_ID"))?;
    if id.len() > MAX_ACCESS_KEY_ID_LEN || !id.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(cannot_be_valid("accessKeyId", "it has characters that no id has"));
    }
    Ok(id)
}

fn access_key_secret(
    given: Option<SecretString>,
    synonym: Option<SecretString>,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<AccessKeySecret, Error> {
    const FIELD: &str = "accessKeySecret";
    if let (Some(given), Some(synonym)) = (&given, &synonym)
        && given.expose_secret() != synonym.expose_secret()
    {
        return Err(Error::validation(FIELD, "differs from secretAccessKey. They are one option; give one"));
    }
    let from_environment = || {
        variable("LOCKER_ACCESS_KEY_SECRET")
            .or_else(|| variable("LOCKER_SECRET_ACCESS_KEY"))
            .map(SecretString::from)
    };
    let text = given
        .or(synonym)
        .or_else(from_environment)
        .filter(|text| !text.expose_secret().is_empty())
        .ok_or_else(|| Error::validation(FIELD, "missing. Set it, or LOCKER_ACCESS_KEY_SECRET"))?;
    text.expose_secret().parse().map_err(|problem: CryptoError| cannot_be_valid(FIELD, problem))
}

fn cannot_be_valid(field: &'static str, problem: impl std::fmt::Display) -> Error {
    Error::new(ErrorKind::Authentication, format!("{field}: {problem}")).with_field(field)
}

fn seconds(field: &'static str, given: Option<f64>) -> Result<Option<Duration>, Error> {
    match given {
        None => Ok(None),
        Some(value) if (0.0..=MAX_AGE_SECONDS).contains(&value) => Ok(Some(Duration::from_secs_f64(value))),
        Some(_) => Err(Error::validation(field, "needs a number of seconds from 0 to 315360000 (10 years)")),
    }
}

fn cache_folder(
    given: CacheFolder,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Option<PathBuf>, Error> {
    let path = match given {
        CacheFolder::None => return Ok(None),
        CacheFolder::At(path) if path.as_os_str().is_empty() => {
            return Err(Error::validation("cacheOptions.dir", "must not be empty. For none it is null"));
        }
        CacheFolder::At(path) => Some(path),
        CacheFolder::Platform => match variable("LOCKER_CACHE_DIR") {
            Some(none) if none == "none" => None,
            Some(path) => Some(path.into()),
            None => platform_cache_folder(variable),
        },
    };
    let unusable = |_| Error::validation("cacheOptions.dir", "cannot be made an absolute path");
    path.map(std::path::absolute).transpose().map_err(unusable)
}

/// Where the platform wants caches to be: the XDG Base Directory Specification, and the habits of macOS and Windows.
fn platform_cache_folder(variable: &impl Fn(&str) -> Option<String>) -> Option<PathBuf> {
    let path = |name: &str| variable(name).map(PathBuf::from);
    let caches = if cfg!(windows) {
        path("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        path("HOME").map(|home| home.join("Library/Caches"))
    } else {
        // A relative path is to be ignored, says the specification.
        path("XDG_CACHE_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| path("HOME").map(|home| home.join(".cache")))
    };
    caches.map(|caches| caches.join("lockerpm"))
}
