//! The HTTP client, set up as the options say.

use http::{HeaderValue, header};
use reqwest::{NoProxy, Proxy, redirect};

use super::tls;
use crate::{
    config::{Connection, Proxies},
    error::{Error, ErrorKind},
};

/// Makes the client. Certificates are read from files, so that happens off the threads that drive other calls.
pub(super) async fn make(connection: Connection) -> Result<reqwest::Client, Error> {
    if !needs_tls(&connection) {
        // No connection can use the certificates, which are costly to load.
        return build(&connection, tls::no_trust()?);
    }
    let task = tokio::task::spawn_blocking(move || {
        build(&connection, tls::client_config(&connection.trust, &connection.log)?)
    });
    task.await.unwrap_or_else(|panicked_or_shut_down| Err(unusable(panicked_or_shut_down)))
}

fn unusable(source: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Other, "the HTTP client cannot be set up").with_source(source)
}

fn build(connection: &Connection, tls: rustls::ClientConfig) -> Result<reqwest::Client, Error> {
    let mut headers = connection.headers.clone();
    headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));

    let mut builder = reqwest::Client::builder()
        .default_headers(headers)
        .user_agent(connection.user_agent.clone())
        // A redirect could carry the authorization to another host, and a Locker API has none.
        .redirect(redirect::Policy::none())
        .referer(false)
        .tls_backend_preconfigured(tls)
        .no_proxy();
    for proxy in proxies(&connection.proxies)? {
        builder = builder.proxy(proxy);
    }
    builder.build().map_err(|error| unusable(error.without_url()))
}

fn needs_tls(Connection { api_base, proxies, .. }: &Connection) -> bool {
    [Some(api_base), proxies.http.as_ref(), proxies.https.as_ref()]
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
