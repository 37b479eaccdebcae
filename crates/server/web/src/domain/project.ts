import type { Api, Project } from '../api'
import type { SymmetricKey } from '../crypto/symmetric-key'

/** A project whose key is open. */
export interface OpenProject {
  api: Api
  project: Project
  key: SymmetricKey
  accountKey: SymmetricKey
}

export async function openProject(api: Api, id: number, accountKey: SymmetricKey): Promise<OpenProject> {
  const project = await api.project(id)
  return { api, project, key: await accountKey.openKey(project.sealed_project_key), accountKey }
}

/** Makes a project with a key that only this account can open. */
export async function createProject(
  api: Api,
  accountKey: SymmetricKey,
  workspaceId: string,
  name: string,
): Promise<Project> {
  const sealed_project_key = await accountKey.makeSealedKey()
  return api.createProject({ workspace_id: workspaceId, name, sealed_project_key })
}
