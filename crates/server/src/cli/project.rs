//! `locker-server project`.

use std::error::Error;

use locker_core::account::{Account, Project};
use serde::Serialize;

use super::{CommandResult, print, print_text, signing_in::SigningIn, table::table};

/// What the workspace is called that an account without one gets.
const FIRST_WORKSPACE: &str = "Default";

#[derive(Debug, clap::Subcommand)]
pub(super) enum Command {
    /// Make a project.
    Create {
        #[command(flatten)]
        signing_in: SigningIn,
        /// What to call the project. The server can read this name.
        #[arg(long)]
        name: String,
        /// The workspace that it goes into, if the account has more than one.
        #[arg(long, value_name = "ID")]
        workspace: Option<String>,
        /// Print one line of JSON.
        #[arg(long)]
        json: bool,
    },
    /// List the projects of the account.
    List {
        #[command(flatten)]
        signing_in: SigningIn,
        /// Print one line of JSON.
        #[arg(long)]
        json: bool,
    },
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown<'a> {
    project_id: i64,
    name: &'a str,
    workspace_id: &'a str,
}

impl<'a> From<&'a Project> for Shown<'a> {
    fn from(project: &'a Project) -> Self {
        Self { project_id: project.id, name: &project.name, workspace_id: &project.workspace_id }
    }
}

pub(super) async fn run(command: Command) -> CommandResult {
    match command {
        Command::Create { signing_in, name, workspace, json } => {
            signing_in
                .with_account(async |account| {
                    let workspace = workspace_id(account, workspace).await?;
                    show(&account.create_project(&workspace, &name).await?, json)
                })
                .await
        }
        Command::List { signing_in, json } => {
            signing_in.with_account(async |account| show_all(&account.projects().await?, json)).await
        }
    }
}

/// The workspace that was asked for, or else the only one.
async fn workspace_id(account: &Account, asked: Option<String>) -> Result<String, Box<dyn Error>> {
    if let Some(id) = asked {
        return Ok(id);
    }
    let mut workspaces = account.workspaces().await?;
    if workspaces.len() > 1 {
        let names: Vec<_> =
            workspaces.into_iter().map(|workspace| [String::new(), workspace.id, workspace.name]).collect();
        let text =
            format!("the account has several workspaces; name one with --workspace:\n{}", table(&names));
        return Err(text.trim_end().into());
    }
    match workspaces.pop() {
        Some(only) => Ok(only.id),
        None => Ok(account.create_workspace(FIRST_WORKSPACE).await?.id),
    }
}

fn show(project: &Project, json: bool) -> CommandResult {
    if json { print(&Shown::from(project)) } else { print_text(&rows([project])) }
}

fn show_all(projects: &[Project], json: bool) -> CommandResult {
    if json {
        print(&projects.iter().map(Shown::from).collect::<Vec<_>>())
    } else {
        print_text(&rows(projects))
    }
}

fn rows<'a>(projects: impl IntoIterator<Item = &'a Project>) -> String {
    let head = ["ID", "NAME", "WORKSPACE"].map(str::to_owned);
    let row =
        |project: &Project| [project.id.to_string(), project.name.clone(), project.workspace_id.clone()];
    table(&[vec![head], projects.into_iter().map(row).collect()].concat())
}
