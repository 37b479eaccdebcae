//! `locker-server serve`.

use std::path::PathBuf;

use super::{
    CommandResult,
    database::DatabaseParser,
    listen::{StopSignals, bind},
};
use crate::{
    domain::{AllowedAddresses, accounts::SignUp},
    http::{self, Rate, Settings, tls},
    store::{Database, Store},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The address to listen on, such as 0.0.0.0:8443.
    #[arg(long, value_name = "ADDR")]
    listen: String,
    /// The database: sqlite:PATH, made if it is missing, or postgres://USER@HOST/NAME.
    #[arg(long, value_name = "URL", value_parser = DatabaseParser)]
    database: Database,
    /// The certificate chain, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The private key of the certificate, in PEM.
    #[arg(long, value_name = "FILE", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A proxy whose X-Forwarded-For is believed: an address or a network. May be given more than once.
    #[arg(long, value_name = "CIDR")]
    trusted_proxy: Vec<String>,
    /// Calls per second for each access key, and refused calls for each address.
    #[arg(long, value_name = "N/s", default_value = "500/s")]
    rate_limit: Rate,
    /// Let everybody make an account. Otherwise only the first can be made.
    #[arg(long)]
    open_sign_up: bool,
    /// For how many days the access log is kept.
    #[arg(long, value_name = "DAYS", default_value_t = 90, value_parser = clap::value_parser!(u32).range(1..))]
    access_log_days: u32,
}

pub(super) async fn run(args: Args) -> CommandResult {
    let stop = StopSignals::new()?;
    let proxies =
        AllowedAddresses::parse(&args.trusted_proxy).map_err(|error| format!("--trusted-proxy: {error}"))?;
    let tls = match (&args.tls_cert, &args.tls_key) {
        (Some(certificate), Some(key)) => Some(tls::from_files(certificate, key)?),
        _ => None,
    };
    let store = Store::open(&args.database).await?;
    let listener = bind(&args.listen)?;
    tracing::info!(address = %listener.local_addr()?, tls = tls.is_some(), "serving");
    let settings = Settings {
        rate: Some(args.rate_limit),
        // A trusted proxy is what has TLS if this server has not.
        secure_cookies: tls.is_some() || !args.trusted_proxy.is_empty(),
        trusted_proxies: proxies,
        sign_up: if args.open_sign_up { SignUp::Open } else { SignUp::OnlyFirst },
        access_log_days: args.access_log_days,
    };
    http::serve(listener, tls, store.clone(), settings, stop.received()).await?;
    store.close().await;
    tracing::info!("stopped");
    Ok(())
}
