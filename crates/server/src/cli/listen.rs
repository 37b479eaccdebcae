//! What `dev` and `serve` have in common: a socket and an end.

use std::{io, net::TcpListener};

/// Binds the address `--listen` names.
pub(super) fn bind(listen: &str) -> Result<TcpListener, String> {
    TcpListener::bind(listen).map_err(|error| format!("--listen {listen}: {error}"))
}

/// What asks the server to stop. From its making on, the signals no longer kill the process.
#[derive(Debug)]
pub(super) struct StopSignals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl StopSignals {
    #[cfg(unix)]
    pub(super) fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    #[cfg(unix)]
    pub(super) async fn received(mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }

    #[cfg(not(unix))]
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    pub(super) async fn received(self) {
        if tokio::signal::ctrl_c().await.is_err() {
            // Without a signal to wait for, only a kill ends the server.
            std::future::pending::<()>().await;
        }
    }
}
