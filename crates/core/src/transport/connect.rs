//! How a connection is made: over TCP, through a proxy, with TLS where the address asks for it.

use std::{
    error::Error as StdError,
    io::{self, IoSlice},
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use http::{HeaderMap, HeaderValue, Uri, header, uri::Scheme};
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_util::{
    client::{
        legacy::connect::{Connected, Connection, HttpConnector, proxy::Tunnel},
        proxy::matcher::Intercept,
    },
    rt::TokioIo,
};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;
use tokio_rustls::TlsConnector;
use tower_service::Service;

/// A peer that has gone without a word is noticed after four of these.
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const KEEP_ALIVE_RETRIES: u32 = 3;
/// How long what was sent may stay unacknowledged.
#[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
const UNACKNOWLEDGED: Duration = Duration::from_secs(30);

type BoxError = Box<dyn StdError + Send + Sync>;
type Connecting = Pin<Box<dyn Future<Output = Result<Stream, BoxError>> + Send>>;

/// Makes the connections to one API base. The HTTP client clones it for every request.
#[derive(Clone)]
pub(super) struct Connector(Arc<Way>);

enum Way {
    Direct(Direct),
    /// A proxy that reads the requests, and sends them on.
    Forwarded {
        proxy: Uri,
        direct: Direct,
    },
    /// A proxy that connects to the server, and cannot look into what is sent.
    Tunnelled {
        tunnel: Tunnel<Direct>,
        tls: Option<Arc<ClientConfig>>,
    },
}

impl Connector {
    /// For the address `base`, through `proxy` if there is one. `tls` is needed if one of the two is `https`.
    pub(super) fn new(
        base: &Uri,
        proxy: Option<&Intercept>,
        tls: Option<Arc<ClientConfig>>,
        user_agent: HeaderValue,
    ) -> Self {
        let way = match proxy {
            None => Way::Direct(Direct::new(tls)),
            Some(proxy) if is_https(base) => {
                let mut headers = HeaderMap::from_iter([(header::USER_AGENT, user_agent)]);
                headers.extend(proxy.basic_auth().map(|auth| (header::PROXY_AUTHORIZATION, auth.clone())));
                let direct = Direct::new(tls.as_deref().map(without_alpn));
                Way::Tunnelled { tunnel: Tunnel::new(proxy.uri().clone(), direct).with_headers(headers), tls }
            }
            Some(proxy) => Way::Forwarded { proxy: proxy.uri().clone(), direct: Direct::new(tls) },
        };
        Self(Arc::new(way))
    }
}

impl Service<Uri> for Connector {
    type Response = Stream;
    type Error = BoxError;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, base: Uri) -> Connecting {
        match &*self.0 {
            Way::Direct(direct) => direct.clone().call(base),
            Way::Forwarded { proxy, direct } => {
                let connecting = direct.clone().call(proxy.clone());
                Box::pin(async { Ok(Stream { is_forwarded: true, ..connecting.await? }) })
            }
            Way::Tunnelled { tunnel, tls } => {
                let (tunnelling, tls) = (tunnel.clone().call(base.clone()), tls.clone());
                Box::pin(async move { with_tls(tunnelling.await?, &base, tls).await })
            }
        }
    }
}

/// Connects to the address that it is called with.
#[derive(Clone)]
struct Direct {
    tcp: HttpConnector,
    tls: Option<Arc<ClientConfig>>,
}

impl Direct {
    fn new(tls: Option<Arc<ClientConfig>>) -> Self {
        let mut tcp = HttpConnector::new();
        tcp.enforce_http(false);
        tcp.set_nodelay(true);
        tcp.set_keepalive(Some(KEEP_ALIVE));
        tcp.set_keepalive_interval(Some(KEEP_ALIVE));
        tcp.set_keepalive_retries(Some(KEEP_ALIVE_RETRIES));
        #[cfg(any(target_os = "android", target_os = "fuchsia", target_os = "linux"))]
        tcp.set_tcp_user_timeout(Some(UNACKNOWLEDGED));
        Self { tcp, tls }
    }
}

impl Service<Uri> for Direct {
    type Response = Stream;
    type Error = BoxError;
    type Future = Connecting;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, to: Uri) -> Connecting {
        let connecting = self.tcp.call(to.clone());
        let tls = self.tls.clone();
        Box::pin(async move {
            let plain = Stream::new(connecting.await?);
            if is_https(&to) { with_tls(plain, &to, tls).await } else { Ok(plain) }
        })
    }
}

pub(super) fn is_https(uri: &Uri) -> bool {
    uri.scheme() == Some(&Scheme::HTTPS)
}

/// A tunnel is asked for in HTTP/1.1.
fn without_alpn(tls: &ClientConfig) -> Arc<ClientConfig> {
    let mut tls = tls.clone();
    tls.alpn_protocols.clear();
    Arc::new(tls)
}

async fn with_tls(stream: Stream, server: &Uri, tls: Option<Arc<ClientConfig>>) -> Result<Stream, BoxError> {
    // Whatever is wrong, nothing is sent in the clear that has to be secret.
    let tls = tls.ok_or("there is no TLS configuration")?;
    let host = server.host().unwrap_or_default();
    // An IPv6 address is in brackets in a URI, and in a certificate it is not.
    let name = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let name = ServerName::try_from(name.to_owned())?;
    let stream = TlsConnector::from(tls).connect(name, TokioIo::new(stream)).await?;
    let speaks_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
    Ok(Stream { speaks_http2, ..Stream::new(TokioIo::new(stream)) })
}

trait Io: Read + Write + Send + Unpin {}

impl<T: Read + Write + Send + Unpin> Io for T {}

/// A connection of any kind. Boxed, because TLS may run inside TLS.
pub(super) struct Stream {
    io: Box<dyn Io>,
    is_forwarded: bool,
    speaks_http2: bool,
}

impl Stream {
    fn new(io: impl Io + 'static) -> Self {
        Self { io: Box::new(io), is_forwarded: false, speaks_http2: false }
    }
}

impl Connection for Stream {
    fn connected(&self) -> Connected {
        let connected = Connected::new().proxy(self.is_forwarded);
        if self.speaks_http2 { connected.negotiated_h2() } else { connected }
    }
}

impl Read for Stream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        into: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, into)
    }
}

impl Write for Stream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }
}
