import type { Sealed, SealedSecret, Seconds } from '../api'
import { hashName } from '../crypto/name-hash'
import type { Environment } from './environments'
import type { OpenProject } from './project'
import { readable } from './readable'

/** A secret whose value is still sealed. */
export interface Secret {
  id: string
  key: string
  description: string
  /** `null` for ALL environments. */
  environmentId: string | null
  sealedValue: Sealed | null
  revisionDate: Seconds
  /** Its texts are sealed with another key, or damaged. */
  unreadable: boolean
}

export interface SecretDraft {
  key: string
  /** `undefined`: the value stays as it is. */
  value: string | undefined
  description: string
  environmentId: string | null
}

export async function listSecrets({ api, project, key }: OpenProject): Promise<Secret[]> {
  const sealed = await api.secrets(project.id)
  const opened = await Promise.all(sealed.map((secret) => open(secret)))
  return opened.sort((a, b) => a.key.localeCompare(b.key, 'en', { numeric: true }))

  async function open(secret: SealedSecret): Promise<Secret> {
    const { texts, unreadable } = await readable(key, [secret.key, secret.description] as const)
    return {
      id: secret.id,
      key: texts[0],
      description: texts[1],
      environmentId: secret.environment_id,
      sealedValue: secret.value,
      revisionDate: secret.revision_date,
      unreadable,
    }
  }
}

export function revealSecret({ key }: OpenProject, secret: Secret): Promise<string> {
  return key.openText(secret.sealedValue)
}

export async function createSecret(
  open: OpenProject,
  draft: SecretDraft,
  environments: Environment[],
): Promise<void> {
  const { api, project, key } = open
  await api.createSecret(project.id, {
    hash: await hashName(project.id, draft.key),
    key: await key.sealText(draft.key),
    value: await key.sealText(draft.value ?? ''),
    description: await key.sealText(draft.description),
    ...(draft.environmentId !== null && (await inEnvironment(open, draft.environmentId, environments))),
  })
}

/** Sends what differs only. */
export async function changeSecret(
  open: OpenProject,
  before: Secret,
  draft: SecretDraft,
  environments: Environment[],
): Promise<void> {
  const { api, project, key } = open
  await api.changeSecret(project.id, before.id, {
    hash: await hashName(project.id, draft.key),
    ...(draft.key !== before.key && { key: await key.sealText(draft.key) }),
    ...(draft.value !== undefined && { value: await key.sealText(draft.value) }),
    ...(draft.description !== before.description && { description: await key.sealText(draft.description) }),
    ...(draft.environmentId !== before.environmentId &&
      (await inEnvironment(open, draft.environmentId, environments))),
  })
}

/** The wire names ALL by an empty id. */
async function inEnvironment({ key }: OpenProject, id: string | null, environments: Environment[]) {
  const name = environments.find((environment) => environment.id === id)?.name ?? ''
  return { environment_id: id ?? '', environment_name: await key.sealText(name) }
}
