//! `locker-server access-key`.

use std::io::{self, IsTerminal};

use locker_core::account::{AccessKey, AccessKeyChange, Account, Credentials, Permission};
use secrecy::ExposeSecret;
use serde::Serialize;

use super::{CommandResult, ago::ago, print, print_text, signing_in::SigningIn, table::table, tell};

const SHOWN_ONCE: &str = "Keep the secret now: it is shown this once, and nobody can show it again.";

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// List the access keys of a project, the oldest first.
    List {
        #[command(flatten)]
        project: InProject,
    },
    /// Make an access key. Its secret is shown this once.
    Create {
        /// What it allows: read, or read-write.
        #[arg(long)]
        permission: Permission,
        /// An address or a network from which it may be used; from everywhere without it. May be given more than once.
        #[arg(long, value_name = "CIDR")]
        allow_ip: Vec<String>,
        #[command(flatten)]
        project: InProject,
    },
    /// Change what an access key allows, and from where.
    Edit {
        /// The id of the access key.
        key_id: String,
        #[command(flatten)]
        change: Change,
        #[command(flatten)]
        project: InProject,
    },
    /// Make an access key inactive, at once.
    Deactivate {
        /// The id of the access key.
        key_id: String,
        #[command(flatten)]
        project: InProject,
    },
    /// Make an access key active again.
    Activate {
        /// The id of the access key.
        key_id: String,
        #[command(flatten)]
        project: InProject,
    },
    /// Give an access key a new secret, which is shown this once. The old one no longer opens the project.
    Regenerate {
        /// The id of the access key.
        key_id: String,
        #[command(flatten)]
        project: InProject,
    },
    /// Delete an access key for good.
    Delete {
        /// The id of the access key.
        key_id: String,
        /// The same id again. Asked for on a terminal if it is left out.
        #[arg(long, value_name = "KEY_ID")]
        confirm: Option<String>,
        #[command(flatten)]
        project: InProject,
    },
}

#[derive(Debug, clap::Args)]
pub(super) struct InProject {
    #[command(flatten)]
    signing_in: SigningIn,
    /// The id of the project.
    #[arg(long = "project", value_name = "ID")]
    id: i64,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, clap::Args)]
#[group(required = true, multiple = true)]
pub(super) struct Change {
    /// What it allows from now on: read, or read-write.
    #[arg(long)]
    permission: Option<Permission>,
    /// An address or a network from which it may be used, in place of those of before. May be given more than once.
    #[arg(long, value_name = "CIDR")]
    allow_ip: Vec<String>,
    /// Let it be used from everywhere.
    #[arg(long, conflicts_with = "allow_ip")]
    allow_any_ip: bool,
}

impl From<Change> for AccessKeyChange {
    fn from(Change { permission, allow_ip, allow_any_ip }: Change) -> Self {
        let allowed_addresses = (allow_any_ip || !allow_ip.is_empty()).then_some(allow_ip);
        Self { permission, allowed_addresses }
    }
}

pub(super) async fn run(command: Command) -> CommandResult {
    match command {
        Command::List { project } => {
            project.work(async |account, id| show_all(&account.access_keys(id).await?, project.json)).await
        }
        Command::Create { permission, allow_ip, project } => {
            project
                .work(async |account, id| {
                    let made = account.create_access_key(id, permission, &allow_ip).await?;
                    show_secret(&made, project.json)
                })
                .await
        }
        Command::Edit { key_id, change, project } => {
            let change = change.into();
            project
                .work(async |account, id| {
                    show(&account.edit_access_key(id, &key_id, &change).await?, project.json)
                })
                .await
        }
        Command::Deactivate { key_id, project } => {
            project
                .work(async |account, id| {
                    show(&account.deactivate_access_key(id, &key_id).await?, project.json)
                })
                .await
        }
        Command::Activate { key_id, project } => {
            project
                .work(async |account, id| {
                    show(&account.activate_access_key(id, &key_id).await?, project.json)
                })
                .await
        }
        Command::Regenerate { key_id, project } => {
            project
                .work(async |account, id| {
                    show_secret(&account.regenerate_access_key(id, &key_id).await?, project.json)
                })
                .await
        }
        Command::Delete { key_id, confirm, project } => {
            confirm_deletion(&key_id, confirm)?;
            project.work(async |account, id| delete(account, id, &key_id, project.json).await).await
        }
    }
}

impl InProject {
    async fn work(&self, work: impl AsyncFnOnce(&Account, i64) -> CommandResult) -> CommandResult {
        self.signing_in.with_account(async |account| work(account, self.id).await).await
    }
}

async fn delete(account: &Account, project_id: i64, key_id: &str, json: bool) -> CommandResult {
    let mut access_key = account.access_key(project_id, key_id).await?;
    account.delete_access_key(project_id, key_id).await?;
    access_key.is_active = false;
    if json { show(&access_key, json) } else { print_text(&format!("The access key {key_id} is deleted.\n")) }
}

/// Deleting cannot be undone, so the id is given twice.
fn confirm_deletion(key_id: &str, given: Option<String>) -> CommandResult {
    let typed = match given {
        Some(given) => given,
        None if io::stdin().is_terminal() => {
            tell(format_args!("Type the id of the access key to delete it ({key_id}):"));
            let mut line = String::new();
            io::stdin().read_line(&mut line)?;
            line
        }
        None => return Err(format!("to delete the access key for good, add --confirm {key_id}").into()),
    };
    if typed.trim() != key_id {
        return Err(format!("nothing is deleted: the confirmation is not the id {key_id}").into());
    }
    Ok(())
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    access_key_id: &'a str,
    permission: Permission,
    allow_ip: &'a [String],
    active: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    access_key_secret: Option<&'a str>,
}

impl<'a> Shown<'a> {
    fn new(access_key: &'a AccessKey, secret: Option<&'a str>) -> Self {
        Self {
            access_key_id: &access_key.id,
            permission: access_key.permission,
            allow_ip: &access_key.allowed_addresses,
            active: access_key.is_active,
            access_key_secret: secret,
        }
    }
}

fn show_secret((access_key, credentials): &(AccessKey, Credentials), json: bool) -> CommandResult {
    let secret = credentials.secret.to_base64();
    if json {
        return print(&Shown::new(access_key, Some(secret.expose_secret())));
    }
    print_text(&format!(
        "Access key id:      {}\nAccess key secret:  {}\n",
        credentials.id,
        secret.expose_secret()
    ))?;
    tell(SHOWN_ONCE);
    Ok(())
}

fn show(access_key: &AccessKey, json: bool) -> CommandResult {
    if json { print(&Shown::new(access_key, None)) } else { print_text(&rows([access_key])) }
}

fn show_all(access_keys: &[AccessKey], json: bool) -> CommandResult {
    if json {
        print(&access_keys.iter().map(|access_key| Shown::new(access_key, None)).collect::<Vec<_>>())
    } else {
        print_text(&rows(access_keys))
    }
}

fn rows<'a>(access_keys: impl IntoIterator<Item = &'a AccessKey>) -> String {
    let head = ["ID", "PERMISSION", "STATE", "ALLOWED ADDRESSES", "LAST USE"].map(str::to_owned);
    let row = |access_key: &AccessKey| {
        let addresses = &access_key.allowed_addresses;
        [
            access_key.id.clone(),
            access_key.permission.to_string(),
            if access_key.is_active { "active" } else { "inactive" }.to_owned(),
            if addresses.is_empty() { "any".to_owned() } else { addresses.join(", ") },
            access_key.last_use_date.map_or("never".to_owned(), ago),
        ]
    };
    table(&[vec![head], access_keys.into_iter().map(row).collect()].concat())
}
