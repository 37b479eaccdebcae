//! `locker-server dev`.

use std::{
    error::Error,
    io::{self, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
    thread,
};

use serde::Serialize;
use tempfile::TempDir;
use tokio::sync::oneshot;

use super::{
    CommandResult,
    dev_credentials::{DevCredentials, ShownAll},
    dev_project,
    listen::{StopSignals, bind},
    print,
};
use crate::{
    domain::accounts::{self, SignUp},
    http::{self, API_BASE, Rate, Settings, tls},
    private_fs,
    store::{Database, Store},
};

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The address to listen on; port 0 takes a free one.
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    listen: String,
    /// Keep the data and the access keys in this folder instead of memory.
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Speak https, with a certificate made for this run; the ready line names the file of its CA.
    #[arg(long)]
    tls_self_signed: bool,
    /// Calls per second for each access key; there is no limit without it.
    #[arg(long, value_name = "N/s")]
    rate_limit: Option<Rate>,
    /// End when stdin ends: with the program that holds its other end, in whatever way that goes.
    #[arg(long)]
    end_with_stdin: bool,
}

/// How to reach the server: the one line on stdout.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Ready {
    event: &'static str,
    url: String,
    api_base: String,
    project_id: i64,
    #[serde(flatten)]
    credentials: ShownAll,
    ca_cert_file: Option<PathBuf>,
}

pub(super) async fn run(args: Args) -> CommandResult {
    let stop = StopSignals::new()?;
    let listener = bind(&args.listen)?;
    let address = listener.local_addr()?;
    let (store, credentials, project_id) = open(args.data_dir.as_deref()).await?;
    let tls = args.tls_self_signed.then(|| DevTls::make(args.data_dir.as_deref())).transpose()?;

    let url = url(address, tls.is_some());
    print(&Ready {
        event: "ready",
        api_base: format!("{url}{API_BASE}"),
        url,
        project_id,
        credentials: credentials.show(),
        ca_cert_file: tls.as_ref().map(|tls| tls.ca_file.clone()),
    })?;

    // For people; nothing depends on it being read.
    let kept = args.data_dir.as_deref().map_or("in memory, gone at the end".into(), Path::to_string_lossy);
    let _ = writeln!(io::stderr(), "locker-server dev is ready (data: {kept}); Ctrl-C ends it");

    let settings = Settings { rate: args.rate_limit, secure_cookies: tls.is_some(), ..Settings::default() };
    let config = tls.as_ref().map(|tls| tls.made.config.clone());
    let end = async {
        tokio::select! {
            () = stop.received() => {}
            () = stdin_ended(), if args.end_with_stdin => {}
        }
    };
    http::serve(listener, config, store.clone(), settings, end).await?;
    store.close().await;
    Ok(())
}

/// Reads stdin to its end. In a thread that nobody waits for: a runtime would wait for its own before the process ends.
async fn stdin_ended() {
    let (ended, end) = oneshot::channel();
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = ended.send(());
    });
    let _ = end.await;
}

/// Opens the database and makes its project unless it is there already.
///
/// The credentials are on the disk before the database knows them: after a crash in between, the same ones are used
/// again.
async fn open(data_dir: Option<&Path>) -> Result<(Store, DevCredentials, i64), Box<dyn Error>> {
    let Some(folder) = data_dir.map(std::path::absolute).transpose()? else {
        let (store, credentials) = (Store::open(&Database::SqliteMemory).await?, DevCredentials::make()?);
        let project_id = dev_project::ensure(&store, &credentials).await?;
        return Ok((store, credentials, project_id));
    };
    private_fs::create_folder(&folder)
        .map_err(|error| format!("--data-dir {}: {error}", folder.display()))?;
    let store = Store::open(&Database::SqliteFile(folder.join("locker.db"))).await?;
    let is_new = accounts::is_sign_up_open(&store, SignUp::OnlyFirst).await?;
    let file = folder.join("dev-credentials.json");
    let credentials = match DevCredentials::load(&file)? {
        Some(credentials) => credentials,
        None if is_new => {
            let credentials = DevCredentials::make()?;
            credentials.save(&file)?;
            credentials
        }
        None => return Err(lost(&file).into()),
    };
    let project_id = dev_project::ensure(&store, &credentials).await?;
    Ok((store, credentials, project_id))
}

fn lost(file: &Path) -> String {
    format!(
        "{} is missing, and nothing else opens the project in this folder; put it back, or name another \
         folder with --data-dir",
        file.display()
    )
}

/// A certificate for this run, and the file that lets clients trust it.
#[derive(Debug)]
struct DevTls {
    made: tls::SelfSigned,
    ca_file: PathBuf,
    /// Removed with all that is in it when the server ends.
    _temporary: Option<TempDir>,
}

impl DevTls {
    fn make(data_dir: Option<&Path>) -> Result<Self, Box<dyn Error>> {
        let made = tls::self_signed()?;
        let temporary = if data_dir.is_none() { Some(TempDir::with_prefix("locker-server-")?) } else { None };
        let folder = temporary.as_ref().map(TempDir::path).or(data_dir).unwrap_or(Path::new("."));
        let ca_file = std::path::absolute(folder)?.join("ca.pem");
        private_fs::write_atomically(&ca_file, made.ca_pem.as_bytes())
            .map_err(|error| format!("cannot write {}: {error}", ca_file.display()))?;
        Ok(Self { made, ca_file, _temporary: temporary })
    }
}

/// Where a client on this machine finds the server, also if it listens on all addresses.
fn url(address: SocketAddr, tls: bool) -> String {
    let host = match address.ip() {
        IpAddr::V4(v4) if v4.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(v6) if v6.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        other => other,
    };
    let scheme = if tls { "https" } else { "http" };
    format!("{scheme}://{}", SocketAddr::new(host, address.port()))
}
