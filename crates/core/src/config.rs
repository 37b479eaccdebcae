//! The options of a [`Locker`](crate::Locker): their defaults, their environment variables and their checks.

use std::{path::PathBuf, time::Duration};

use reqwest::header::{self, HeaderMap, HeaderName, HeaderValue};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    crypto::{AccessKeySecret, CryptoError},
    error::{Error, ErrorKind},
    log::{LogLevel, Sink},
};

const DEFAULT_API_BASE: &str = "https://api.locker.io/locker_secrets";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_MAX_RETRIES: u32 = 2;
const DEFAULT_REST_TIME: Duration = Duration::from_secs(120);

/// The largest `timeoutMs`: what a timer of 32 bits can count, as in JavaScript.
const MAX_TIMEOUT_MS: f64 = 2_147_483_647.0;
const MAX_RETRIES: f64 = 100.0;
/// Ten years in seconds.
const MAX_AGE_SECONDS: f64 = 315_360_000.0;
const MAX_ACCESS_KEY_ID_LEN: usize = 256;

/// Headers that the SDK or the HTTP library sets; replacing them would break a call or its security.
const RESERVED_HEADERS: [HeaderName; 9] = [
    header::AUTHORIZATION,
    header::PROXY_AUTHORIZATION,
    header::HOST,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::TRANSFER_ENCODING,
    header::CONNECTION,
    header::ACCEPT,
    header::ACCEPT_ENCODING,
];

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
    /// Where the API is.
    pub api_base: Option<String>,
    /// Headers sent with every call.
    pub headers: Vec<(String, String)>,
    /// Accept any TLS certificate. The option `unsafe` of the public API.
    pub accept_any_certificate: bool,
    /// 0, 1 or 2; see [`LogLevel`].
    pub log_level: Option<f64>,
    /// Where log records go.
    pub log_sink: Option<Sink>,
    /// Never answer from the cache.
    pub fetch: bool,
    /// For how many seconds what was read may be used again.
    pub rest_time: Option<f64>,
    /// How many seconds old an answer may be that is used when the server cannot be reached.
    pub stale_if_error: Option<f64>,
    /// Where what was read is kept for other processes.
    pub cache_folder: CacheFolder,
    /// Budget of one call in milliseconds, retries included.
    pub timeout_ms: Option<f64>,
    /// How often a read is tried again.
    pub max_retries: Option<f64>,
    /// Certificates in PEM, trusted besides the system's.
    pub ca_cert: Option<Vec<u8>>,
    /// URL of an HTTP proxy; empty for none.
    pub proxy: Option<String>,
    /// What the `User-Agent` header says.
    pub user_agent: Option<String>,
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

/// Which proxy a call goes through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Proxies {
    pub(crate) http: Option<Url>,
    pub(crate) https: Option<Url>,
    pub(crate) bypass: Option<String>,
}

/// Which certificates are trusted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trust {
    pub(crate) accept_any: bool,
    /// From the option `caCert`.
    pub(crate) extra: Vec<CertificateDer<'static>>,
    /// From `NODE_EXTRA_CA_CERTS`.
    pub(crate) extra_file: Option<PathBuf>,
    /// From `SSL_CERT_FILE`, in place of the system's store.
    pub(crate) system_file: Option<PathBuf>,
    /// From `SSL_CERT_DIR`, in place of the system's store.
    pub(crate) system_dir: Option<PathBuf>,
}

/// Checked options, with defaults and environment variables in place.
pub struct Config {
    pub(crate) access_key_id: String,
    pub(crate) access_key_secret: AccessKeySecret,
    pub(crate) api_base: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) user_agent: HeaderValue,
    pub(crate) log_level: LogLevel,
    pub(crate) log_sink: Option<Sink>,
    pub(crate) call: CallSettings,
    /// `None` keeps what was read in memory only.
    pub(crate) cache_folder: Option<PathBuf>,
    /// Whether the owner of the program chose that folder.
    pub(crate) is_cache_folder_chosen: bool,
    pub(crate) max_retries: u32,
    pub(crate) trust: Trust,
    pub(crate) proxies: Proxies,
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
            api_base: api_base(options.api_base, &variable)?,
            headers: headers(&options.headers)?,
            user_agent: user_agent(options.user_agent)?,
            log_level: log_level(options.log_level)?,
            log_sink: options.log_sink,
            call: CallSettings { cache, timeout: timeout(options.timeout_ms)?.unwrap_or(DEFAULT_TIMEOUT) },
            max_retries: max_retries(options.max_retries)?,
            trust: trust(options.accept_any_certificate, options.ca_cert, &variable)?,
            proxies: proxies(options.proxy, &variable)?,
        })
    }

    /// The settings of one call.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`] for a number out of range.
    pub(crate) fn call_settings(&self, options: &CallOptions) -> Result<CallSettings, Error> {
        let CallSettings { cache, timeout: default_timeout } = self.call;
        Ok(CallSettings {
            cache: CachePolicy {
                fetch: options.fetch.unwrap_or(cache.fetch),
                rest_time: seconds("restTime", options.rest_time)?.unwrap_or(cache.rest_time),
                ..cache
            },
            timeout: timeout(options.timeout_ms)?.unwrap_or(default_timeout),
        })
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config")
            .field("access_key_id", &self.access_key_id)
            .field("api_base", &self.api_base.as_str())
            .field("call", &self.call)
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

fn api_base(given: Option<String>, variable: &impl Fn(&str) -> Option<String>) -> Result<Url, Error> {
    let invalid = |problem: &str| Error::validation("apiBase", problem);
    let text = given.or_else(|| variable("LOCKER_API_BASE")).unwrap_or_else(|| DEFAULT_API_BASE.to_owned());
    let url = Url::parse(text.trim_end_matches('/'))
        .map_err(|problem| invalid(&format!("not a URL ({problem})")))?;
    if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
        return Err(invalid("needs http:// or https:// and a host"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("must not hold a user name or a password"));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("must end with the path, without ? or #"));
    }
    Ok(url)
}

fn headers(given: &[(String, String)]) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::with_capacity(given.len());
    for (name, value) in given {
        // A value may be a token, so errors show names only.
        let invalid = |problem: &str| Error::validation("headers", format!("{name:?} {problem}"));
        let parsed =
            HeaderName::try_from(name.as_str()).map_err(|_| invalid("is not the name of a header"))?;
        if RESERVED_HEADERS.contains(&parsed) {
            return Err(invalid("is set by lockerpm and cannot be replaced"));
        }
        let mut value = HeaderValue::from_str(value)
            .map_err(|_| invalid("has a value that cannot be sent in a header"))?;
        value.set_sensitive(true);
        headers.insert(parsed, value);
    }
    Ok(headers)
}

fn user_agent(given: Option<String>) -> Result<HeaderValue, Error> {
    let own = concat!("locker-core/", env!("CARGO_PKG_VERSION"));
    HeaderValue::from_str(given.as_deref().unwrap_or(own))
        .map_err(|_| Error::validation("userAgent", "cannot be sent in a header"))
}

fn log_level(given: Option<f64>) -> Result<LogLevel, Error> {
    match given {
        None => Ok(LogLevel::default()),
        Some(0.0) => Ok(LogLevel::None),
        Some(1.0) => Ok(LogLevel::Error),
        Some(2.0) => Ok(LogLevel::Debug),
        Some(other) => {
            Err(Error::validation("logLevel", format!("{other} is none of 0 (NONE), 1 (ERROR), 2 (DEBUG)")))
        }
    }
}

fn seconds(field: &'static str, given: Option<f64>) -> Result<Option<Duration>, Error> {
    match given {
        None => Ok(None),
        Some(value) if (0.0..=MAX_AGE_SECONDS).contains(&value) => Ok(Some(Duration::from_secs_f64(value))),
        Some(_) => Err(Error::validation(field, "needs a number of seconds from 0 to 315360000 (10 years)")),
    }
}

fn timeout(given: Option<f64>) -> Result<Option<Duration>, Error> {
    match given {
        None => Ok(None),
        Some(value) if value > 0.0 && value <= MAX_TIMEOUT_MS => {
            Ok(Some(Duration::from_secs_f64(value / 1000.0)))
        }
        Some(_) => {
            Err(Error::validation("timeoutMs", "needs a number of milliseconds, over 0, at most 2147483647"))
        }
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is checked")]
fn max_retries(given: Option<f64>) -> Result<u32, Error> {
    match given {
        None => Ok(DEFAULT_MAX_RETRIES),
        Some(value) if value.fract() == 0.0 && (0.0..=MAX_RETRIES).contains(&value) => Ok(value as u32),
        Some(_) => Err(Error::validation("maxRetries", "needs a whole number from 0 to 100")),
    }
}

fn trust(
    accept_any: bool,
    ca_cert: Option<Vec<u8>>,
    variable: &impl Fn(&str) -> Option<String>,
) -> Result<Trust, Error> {
    let extra = match ca_cert {
        None => Vec::new(),
        Some(pem) => parse_certificates(&pem).map_err(|problem| Error::validation("caCert", problem))?,
    };
    let path = |name: &str| variable(name).map(PathBuf::from);
    Ok(Trust {
        accept_any,
        extra,
        extra_file: path("NODE_EXTRA_CA_CERTS"),
        system_file: path("SSL_CERT_FILE"),
        system_dir: path("SSL_CERT_DIR"),
    })
}

/// The certificates of a PEM text.
pub(crate) fn parse_certificates(pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, &'static str> {
    let certificates = CertificateDer::pem_slice_iter(pem)
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| "holds a certificate in PEM that is damaged")?;
    // A body that is no certificate would be noticed only when the first connection is made.
    if certificates.iter().any(|der| rustls::RootCertStore::empty().add(der.clone()).is_err()) {
        return Err("holds something that is not an X.509 certificate");
    }
    if certificates.is_empty() { Err("holds no certificate in PEM") } else { Ok(certificates) }
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

fn proxies(given: Option<String>, variable: &impl Fn(&str) -> Option<String>) -> Result<Proxies, Error> {
    if let Some(given) = given {
        if given.is_empty() {
            return Ok(Proxies::default());
        }
        let proxy = parse_proxy("proxy", &given)?;
        return Ok(Proxies { http: Some(proxy.clone()), https: Some(proxy), bypass: None });
    }
    let from_environment = |field: &'static str, names: [&str; 4]| {
        names.into_iter().find_map(variable).map(|value| parse_proxy(field, &value)).transpose()
    };
    let bypass = variable("NO_PROXY").or_else(|| variable("no_proxy"));
    // The HTTP library applies `*` to names only, and not to addresses.
    if bypass.as_deref().is_some_and(|list| list.split(',').any(|entry| entry.trim() == "*")) {
        return Ok(Proxies::default());
    }
    // Under CGI a client sets HTTP_PROXY with a header (httpoxy, CVE-2016-5385); the lower-case name is safe.
    let http_proxy = if variable("REQUEST_METHOD").is_some() { "http_proxy" } else { "HTTP_PROXY" };
    Ok(Proxies {
        http: from_environment("HTTP_PROXY", [http_proxy, "http_proxy", "ALL_PROXY", "all_proxy"])?,
        https: from_environment("HTTPS_PROXY", ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"])?,
        bypass,
    })
}

/// A proxy as people write it: `http://host:port`, or `host:port`.
fn parse_proxy(field: &'static str, text: &str) -> Result<Url, Error> {
    // The text may hold a password, so the error does not show it.
    let invalid =
        || Error::validation(field, "needs the URL of an HTTP proxy, such as http://127.0.0.1:3128");
    let url = if text.contains("://") { Url::parse(text) } else { Url::parse(&format!("http://{text}")) }
        .map_err(|_| invalid())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() { Ok(url) } else { Err(invalid()) }
}
