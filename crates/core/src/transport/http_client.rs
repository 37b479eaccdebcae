//! The HTTP client, set up as the options say.

use std::sync::Arc;

use http::{HeaderValue, header};
use reqwest::{NoProxy, Proxy, redirect};

use super::tls;
use crate::{
    config::{Config, Proxies},
    error::{Error, ErrorKind},
    log::Log,
};

/// Makes the client. Certificates are read from files, so that happens off the threads that drive other calls.
pub(super) async fn make(config: Arc<Config>, log: Log) -> Result<reqwest::Client, Error> {
    if !needs_tls(&config) {
        // No connection can use the certificates, which are costly to load.
        return build(&config, tls::no_trust()?);
    }
    let task = tokio::task::spawn_blocking(move || build(&config, tls::client_config(&config.trust, &log)?));
    task.await.unwrap_or_else(|panicked_or_shut_down| Err(unusable(panicked_or_shut_down)))
}

fn unusable(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Other, "the HTTP client cannot be set up").with_source(source)
}

fn build(config: &Config, tls: rustls::ClientConfig) -> Result<reqwest::Client, Error> {
    let mut authorization =
        HeaderValue::from_str(&format!("Bearer {}", config.access_key_id)).map_err(|source| {
            Error::new(ErrorKind::Authentication, "accessKeyId: cannot be sent in a header")
                .with_source(source)
        })?;
    authorization.set_sensitive(true);
    let mut headers = config.headers.clone();
    headers.insert(header::AUTHORIZATION, authorization);
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));

    let mut builder = reqwest::Client::builder()
        .default_headers(headers)
        .user_agent(config.user_agent.clone())
        // A redirect could carry the access key to another host, and a Locker API has none.
        .redirect(redirect::Policy::none())
        .referer(false)
        .tls_backend_preconfigured(tls)
        .no_proxy();
    for proxy in proxies(&config.proxies)? {
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| unusable(error.without_url()))
}

fn needs_tls(config: &Config) -> bool {
    [Some(&config.api_base), config.proxies.http.as_ref(), config.proxies.https.as_ref()]
        .into_iter()
        .flatten()
        .any(|url| url.scheme() == "https")
}

fn proxies(proxies: &Proxies) -> Result<Vec<Proxy>, Error> {
    let bypass = || proxies.bypass.as_deref().and_then(NoProxy::from_string);
    let refused = |_| Error::validation("proxy", "cannot be used as a proxy");
    let http = proxies.http.as_ref().map(|url| Proxy::http(url.clone()));
    let https = proxies.https.as_ref().map(|url| Proxy::https(url.clone()));
    [http, https]
        .into_iter()
        .flatten()
        .map(|proxy| proxy.map(|proxy| proxy.no_proxy(bypass())).map_err(refused))
        .collect()
}
