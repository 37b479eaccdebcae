//! Workspaces and projects of an account.

use http::Method;
use serde::Deserialize;

use super::{
    Account, open_key,
    wire::{ProjectBody, Results, WorkspaceBody},
};
use crate::{crypto::SymmetricKey, error::Error};

const WORKSPACES_PATH: &str = "/v1/workspaces";
const PROJECTS_PATH: &str = "/v1/projects";

/// What projects are grouped in.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Workspace {
    /// The server's id of the workspace.
    pub id: String,
    /// What it is called. The server can read this name.
    pub name: String,
    /// When it was created, in seconds since the Unix epoch.
    pub creation_date: Option<f64>,
}

/// A project.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Project {
    /// The server's id of the project.
    pub id: i64,
    /// The workspace that it belongs to.
    pub workspace_id: String,
    /// What it is called. The server can read this name.
    pub name: String,
    /// When it was created, in seconds since the Unix epoch.
    pub creation_date: Option<f64>,
    /// The project key, sealed for the account.
    sealed_project_key: String,
}

impl Account {
    /// The workspaces of the account.
    ///
    /// # Errors
    /// As any call of a session: [`ErrorKind::Authentication`](crate::ErrorKind::Authentication) when it has ended.
    pub async fn workspaces(&self) -> Result<Vec<Workspace>, Error> {
        let list: Results<_> = self.transport.read(WORKSPACES_PATH, self.transport.deadline()).await?;
        Ok(list.results)
    }

    /// Makes a workspace.
    ///
    /// # Errors
    /// [`ErrorKind::Other`](crate::ErrorKind::Other) for a name that the server does not take.
    pub async fn create_workspace(&self, name: &str) -> Result<Workspace, Error> {
        let deadline = self.transport.deadline();
        self.transport.write(Method::POST, WORKSPACES_PATH, &WorkspaceBody { name }, deadline).await
    }

    /// The projects of all workspaces of the account.
    ///
    /// # Errors
    /// As any call of a session.
    pub async fn projects(&self) -> Result<Vec<Project>, Error> {
        let list: Results<_> = self.transport.read(PROJECTS_PATH, self.transport.deadline()).await?;
        Ok(list.results)
    }

    /// Makes a project with a fresh project key, which the server gets sealed for the account.
    ///
    /// # Errors
    /// [`ErrorKind::ResourceNotFound`](crate::ErrorKind::ResourceNotFound) if the account has no such workspace.
    pub async fn create_project(&self, workspace_id: &str, name: &str) -> Result<Project, Error> {
        let sealed_project_key = self.key.seal_key(&SymmetricKey::make()?)?.to_string();
        let body = ProjectBody { workspace_id, name, sealed_project_key: &sealed_project_key };
        self.transport.write(Method::POST, PROJECTS_PATH, &body, self.transport.deadline()).await
    }

    /// The opened key of a project.
    pub(super) async fn project_key(&self, project_id: i64) -> Result<SymmetricKey, Error> {
        let path = format!("{PROJECTS_PATH}/{project_id}");
        let project: Project = self.transport.read(&path, self.transport.deadline()).await?;
        open_key(&self.key, &project.sealed_project_key, "the project key")
    }
}
