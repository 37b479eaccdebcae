//! `locker-server project`.

use secrecy::ExposeSecret;
use serde::Serialize;

use super::{CommandResult, print};
use crate::{
    domain::{
        access_keys::{Credentials, Permission},
        projects,
    },
    store::{Database, Store},
};

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a project with a first Read & Write access key, and print it as one line of JSON.
    ///
    /// The secret of the access key is printed this once; the database never holds it.
    Create {
        /// The database: sqlite:PATH, made if it is missing.
        #[arg(long, value_name = "URL")]
        database: Database,
        /// What to call the project. The server can read this name.
        #[arg(long, default_value = "")]
        name: String,
    },
    /// Print each project as one line of JSON.
    List {
        /// The database: sqlite:PATH.
        #[arg(long, value_name = "URL")]
        database: Database,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Created<'a> {
    project_id: i64,
    access_key_id: &'a str,
    access_key_secret: &'a str,
    permission: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ListedProject<'a> {
    project_id: i64,
    name: &'a str,
}

pub(super) async fn run(command: Command) -> CommandResult {
    match command {
        Command::Create { database, name } => create(&database, &name).await,
        Command::List { database } => list(&database).await,
    }
}

async fn create(database: &Database, name: &str) -> CommandResult {
    let store = Store::open(database).await?;
    let (credentials, permission) = (Credentials::make()?, Permission::ReadWrite);
    let project_id = projects::create(&store, name, &[(&credentials, permission)]).await?;
    store.close().await;
    print(&Created {
        project_id,
        access_key_id: &credentials.id,
        access_key_secret: credentials.secret.to_base64().expose_secret(),
        permission: permission.as_str(),
    })
}

async fn list(database: &Database) -> CommandResult {
    let store = Store::open(database).await?;
    for project in projects::list(&store).await? {
        print(&ListedProject { project_id: project.id, name: &project.name })?;
    }
    store.close().await;
    Ok(())
}
