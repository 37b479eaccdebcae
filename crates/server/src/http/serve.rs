//! Connections.

use std::{
    io,
    net::{SocketAddr, TcpListener},
    sync::Arc,
    time::Duration,
};

use axum::Router;
use axum_server::{
    Handle,
    accept::NoDelayAcceptor,
    tls_rustls::{RustlsAcceptor, RustlsConfig},
};
use hyper_util::{
    rt::{TokioExecutor, TokioTimer},
    server::conn::auto::Builder,
};
use rustls::ServerConfig;

use super::{App, Settings, answers::Answers, rate_limit::RateLimits, router};
use crate::{
    domain::{access_log::Recorder, maintenance},
    store::Store,
};

/// How long a connection may take over the head of a request, and so how long it may be idle. Longer than
/// clients keep theirs, so that it is not closed under a request.
const HEAD_TIME_LIMIT: Duration = Duration::from_secs(120);
/// An HTTP/2 client that does not answer a ping is gone.
const PING_INTERVAL: Duration = Duration::from_secs(30);
/// Requests that are under way at the end get this long.
const GRACE: Duration = Duration::from_secs(30);
/// How many bytes of answers are kept: those to some 80,000 secrets.
const ANSWERS_LIMIT: usize = 64 * 1024 * 1024;

/// Serves what is in `store` until `shutdown` comes, then finishes the requests that are under way. When it returns,
/// everything is stored.
///
/// # Errors
/// [`io::Error`] if the listener cannot be used.
pub async fn serve(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    store: Store,
    settings: Settings,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let (recorder, recording) = Recorder::start(store.clone());
    let maintenance = tokio::spawn(maintenance::run(store.clone(), settings.access_log_days));
    let app = App {
        answers: Answers::new(ANSWERS_LIMIT),
        limits: RateLimits::new(settings.rate, &store),
        recorder,
        trusted_proxies: settings.trusted_proxies,
        sign_up: settings.sign_up,
        secure_cookies: settings.secure_cookies,
        store,
    };
    let served = listen(listener, tls, router(app), shutdown).await;
    maintenance.abort();
    // The last recorder went with the router.
    if recording.await.is_err() {
        tracing::error!("the access log broke off");
    }
    served
}

async fn listen(
    listener: TcpListener,
    tls: Option<Arc<ServerConfig>>,
    router: Router,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    listener.set_nonblocking(true)?;
    let handle = Handle::new();
    let mut server = axum_server::from_tcp(listener)?.handle(handle.clone());
    limit(server.http_builder());
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let serving = async {
        match tls {
            Some(config) => {
                let tls = RustlsAcceptor::new(RustlsConfig::from_config(config));
                server.acceptor(tls.acceptor(NoDelayAcceptor::new())).serve(service).await
            }
            None => server.acceptor(NoDelayAcceptor::new()).http1_only().serve(service).await,
        }
    };
    tokio::pin!(serving);
    tokio::select! {
        result = &mut serving => return result,
        () = shutdown => handle.graceful_shutdown(Some(GRACE)),
    }
    serving.await
}

fn limit(http: &mut Builder<TokioExecutor>) {
    http.http1().timer(TokioTimer::new()).header_read_timeout(HEAD_TIME_LIMIT);
    http.http2().timer(TokioTimer::new()).keep_alive_interval(PING_INTERVAL);
}
