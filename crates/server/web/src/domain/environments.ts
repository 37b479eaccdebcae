import type { Seconds, SealedEnvironment } from '../api'
import { hashName } from '../crypto/name-hash'
import type { OpenProject } from './project'
import { readable } from './readable'

export interface Environment {
  id: string
  name: string
  externalUrl: string
  description: string
  creationDate: Seconds
  revisionDate: Seconds
  /** Its texts are sealed with another key, or damaged. */
  unreadable: boolean
}

export type EnvironmentDraft = Pick<Environment, 'name' | 'externalUrl' | 'description'>

export async function listEnvironments({ api, project, key }: OpenProject): Promise<Environment[]> {
  const sealed = await api.environments(project.id)
  const opened = await Promise.all(sealed.map((environment) => open(environment)))
  return opened.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }))

  async function open(environment: SealedEnvironment): Promise<Environment> {
    const { texts, unreadable } = await readable(key, [
      environment.name,
      environment.external_url,
      environment.description,
    ] as const)
    const [name, externalUrl, description] = texts
    return {
      id: environment.id,
      name,
      externalUrl,
      description,
      creationDate: environment.creation_date,
      revisionDate: environment.revision_date,
      unreadable,
    }
  }
}

export async function createEnvironment(
  { api, project, key }: OpenProject,
  draft: EnvironmentDraft,
): Promise<void> {
  await api.createEnvironment(project.id, {
    hash: await hashName(project.id, draft.name),
    name: await key.sealText(draft.name),
    external_url: await key.sealText(draft.externalUrl),
    description: await key.sealText(draft.description),
  })
}

/** Sends what differs only. */
export async function changeEnvironment(
  { api, project, key }: OpenProject,
  before: Environment,
  draft: EnvironmentDraft,
): Promise<void> {
  await api.changeEnvironment(project.id, before.id, {
    hash: await hashName(project.id, draft.name),
    ...(draft.name !== before.name && { name: await key.sealText(draft.name) }),
    ...(draft.externalUrl !== before.externalUrl && { external_url: await key.sealText(draft.externalUrl) }),
    ...(draft.description !== before.description && { description: await key.sealText(draft.description) }),
  })
}
