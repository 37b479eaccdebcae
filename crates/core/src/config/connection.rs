//! How a server is reached, whoever calls it.

use std::{fmt, path::PathBuf, time::Duration};

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use rustls_pki_types::{CertificateDer, pem::PemObject};
use url::Url;

use crate::{
    error::Error,
    log::{Log, LogLevel, Sink},
};

const DEFAULT_API_BASE: &str = "https://api.locker.io/locker_secrets";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_MAX_RETRIES: u32 = 2;

/// The largest `timeoutMs`: what a timer of 32 bits can count, as in JavaScript.
const MAX_TIMEOUT_MS: f64 = 2_147_483_647.0;
const MAX_RETRIES: f64 = 100.0;

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

/// What an application asks of its connection, not yet checked. Everything may be left out.
#[derive(Default)]
pub struct ConnectionOptions {
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

/// A checked way to a server, with defaults and environment variables in place. It says nothing of who calls.
#[derive(Clone)]
pub struct Connection {
    pub(crate) api_base: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) user_agent: HeaderValue,
    pub(crate) log: Log,
    pub(crate) timeout: Duration,
    pub(crate) max_retries: u32,
    pub(crate) trust: Trust,
    pub(crate) proxies: Proxies,
}

impl Connection {
    /// Checks `options`, and takes what they leave out from the environment. Does no input or output.
    ///
    /// `variable` looks up one of [`ENVIRONMENT_VARIABLES`](crate::ENVIRONMENT_VARIABLES); an empty value counts as none.
    ///
    /// # Errors
    /// [`ErrorKind::Validation`](crate::ErrorKind::Validation), which names the option.
    pub fn new(options: ConnectionOptions, variable: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let variable = |name: &str| variable(name).filter(|value| !value.is_empty());
        Ok(Self {
            api_base: api_base(options.api_base, &variable)?,
            headers: headers(&options.headers)?,
            user_agent: user_agent(options.user_agent)?,
            log: Log::new(log_level(options.log_level)?, options.log_sink),
            timeout: timeout(options.timeout_ms)?.unwrap_or(DEFAULT_TIMEOUT),
            max_retries: max_retries(options.max_retries)?,
            trust: trust(options.accept_any_certificate, options.ca_cert, &variable)?,
            proxies: proxies(options.proxy, &variable)?,
        })
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("api_base", &self.api_base.as_str())
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
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

pub(super) fn timeout(given: Option<f64>) -> Result<Option<Duration>, Error> {
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
