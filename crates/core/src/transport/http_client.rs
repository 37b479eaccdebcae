//! The HTTP client, set up as the options say.

use std::{error::Error as StdError, sync::Arc};

use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header, uri::PathAndQuery};
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper_util::{
    client::{
        legacy::{self, Client},
        proxy::matcher::{Intercept, Matcher},
    },
    rt::{TokioExecutor, TokioTimer},
};
use rustls::ClientConfig;

use super::{
    answer::NoAnswer,
    connect::{Connector, is_https},
    tls,
};
use crate::{
    aside::off_thread,
    config::{Connection, Proxies},
    error::{Error, ErrorKind},
};

/// How often a request is sent again that an HTTP/2 server says it has not begun with.
const MAX_REFUSED: u32 = 2;

/// Sends requests to one API base. Follows no redirect: one could carry the authorization to another host, and a Locker
/// API has none.
pub(super) struct HttpClient {
    client: Client<Connector, Full<Bytes>>,
    /// The scheme and the host of every request.
    base: Uri,
    /// What the path of every request begins with.
    prefix: String,
    /// What is sent with every request.
    headers: HeaderMap,
    /// It is agreed on by TLS only.
    may_speak_http2: bool,
}

impl HttpClient {
    pub(super) async fn new(connection: &Connection) -> Result<Self, Error> {
        let base: Uri = connection.api_base[..url::Position::BeforePath].parse().map_err(unusable)?;
        let proxy = proxy(&connection.proxies, &base)?;
        let tls = if is_https(&base) || proxy.as_ref().is_some_and(|proxy| is_https(proxy.uri())) {
            Some(tls_config(connection.clone()).await?)
        } else {
            None
        };

        let mut headers = connection.headers.clone();
        headers.insert(header::USER_AGENT, connection.user_agent.clone());
        headers.insert(header::ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static("gzip"));
        // A proxy that tunnels is shown it when the tunnel is made.
        if !is_https(&base)
            && let Some(auth) = proxy.as_ref().and_then(Intercept::basic_auth)
        {
            headers.insert(header::PROXY_AUTHORIZATION, auth.clone());
        }

        let may_speak_http2 = tls.is_some();
        let connector = Connector::new(&base, proxy.as_ref(), tls, connection.user_agent.clone());
        Ok(Self {
            client: Client::builder(TokioExecutor::new()).pool_timer(TokioTimer::new()).build(connector),
            base,
            prefix: connection.api_base.path().trim_end_matches('/').to_owned(),
            headers,
            may_speak_http2,
        })
    }

    /// Sends a request for `path` (with its query, relative to the API base), and gives its answer as soon as that begins.
    pub(super) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: HeaderMap,
        json: Option<Vec<u8>>,
    ) -> Result<Response<Incoming>, NoAnswer> {
        let mut request = Request::default();
        *request.method_mut() = method;
        *request.uri_mut() = self.uri(path).map_err(NoAnswer::not_sent)?;
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().extend(headers);
        if let Some(json) = json {
            request.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
            *request.body_mut() = Full::from(json);
        }
        let mut copies = if self.may_speak_http2 { MAX_REFUSED } else { 0 };
        loop {
            let copy = (copies > 0).then(|| request.clone());
            let error = match self.client.request(request).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            match copy {
                Some(copy) if was_not_begun(&error) => request = copy,
                _ => return Err(error.into()),
            }
            copies -= 1;
        }
    }

    /// The base was parsed before; only what comes behind it is looked at here.
    fn uri(&self, path: &str) -> Result<Uri, Error> {
        let path = Bytes::from([&self.prefix, path].concat());
        let path = PathAndQuery::from_maybe_shared(path).map_err(unaddressed)?;
        let mut parts = self.base.clone().into_parts();
        parts.path_and_query = Some(path);
        Uri::from_parts(parts).map_err(unaddressed)
    }
}

fn unusable(source: impl StdError + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Other, "the HTTP client cannot be set up").with_source(source)
}

fn unaddressed(source: impl StdError + Send + Sync + 'static) -> Error {
    Error::new(ErrorKind::Other, "the request has no valid address").with_source(source)
}

/// Certificates are read from files, so that happens off the threads that drive other calls.
async fn tls_config(connection: Connection) -> Result<Arc<ClientConfig>, Error> {
    off_thread(move || tls::client_config(&connection.trust, &connection.log)).await?.map(Arc::new)
}

/// The proxy on the way to `base`, if there is one.
fn proxy(proxies: &Proxies, base: &Uri) -> Result<Option<Intercept>, Error> {
    let Some(url) = (if is_https(base) { &proxies.https } else { &proxies.http }) else { return Ok(None) };
    let unless = |bypass: &str| Matcher::builder().all(url.as_str()).no(bypass).build().intercept(base);
    // One that is not understood must not become a direct call.
    let proxy = unless("").ok_or_else(|| Error::validation("proxy", "cannot be used as a proxy"))?;
    Ok(proxies.bypass.as_deref().map_or(Some(proxy), unless))
}

/// Whether an HTTP/2 server says that it has not begun with the request: it shuts down, or refused the stream
/// (RFC 9113, section 8.7).
fn was_not_begun(error: &legacy::Error) -> bool {
    let cause = error.source().and_then(StdError::source).and_then(|cause| cause.downcast_ref::<h2::Error>());
    cause.is_some_and(|cause| {
        let reason = cause.reason();
        let shuts_down = cause.is_go_away() && reason == Some(h2::Reason::NO_ERROR);
        let refused = cause.is_reset() && reason == Some(h2::Reason::REFUSED_STREAM);
        cause.is_remote() && (shuts_down || refused)
    })
}
