import { type AccessKey, type AccessKeySettings, ApiError } from '../api'
import { type AccessKeyCredentials, deriveAccessKey, makeAccessKeySecret } from '../crypto/access-key'
import type { OpenProject } from './project'

export const MAX_ACTIVE_KEYS = 2

/** A new id and secret. A second attempt with the same ones cannot make a second access key. */
export function makeCredentials(): AccessKeyCredentials {
  return { id: crypto.randomUUID(), secret: makeAccessKeySecret() }
}

/** Creates the access key, unless an attempt before this one did: its answer may have been lost. */
export async function createAccessKey(
  open: OpenProject,
  { id, secret }: AccessKeyCredentials,
  settings: AccessKeySettings,
  retry: boolean,
): Promise<void> {
  const key = await wrapProjectKey(open, secret)
  try {
    await open.api.createAccessKey(open.project.id, { id, key, ...settings })
  } catch (error) {
    if (!retry || !(error instanceof ApiError && error.code === 'already_exists')) throw error
    await open.api.changeAccessKey(open.project.id, id, settings)
  }
}

/** Wraps the project key for another secret. From then on the old secret opens nothing. */
export async function rotateAccessKey(
  open: OpenProject,
  { id, secret }: AccessKeyCredentials,
): Promise<AccessKey> {
  return open.api.rotateAccessKey(open.project.id, id, await wrapProjectKey(open, secret))
}

async function wrapProjectKey({ accountKey, project }: OpenProject, secret: string): Promise<string> {
  return accountKey.rewrapKey(project.sealed_project_key, await deriveAccessKey(secret))
}

/** A file that a shell or a dotenv library reads, with the variables that the SDK looks for. */
export function credentialsFile({ id, secret }: AccessKeyCredentials, apiBase: string): string {
  return `LOCKER_ACCESS_KEY_ID=${id}\nLOCKER_ACCESS_KEY_SECRET=${secret}\nLOCKER_API_BASE=${apiBase}\n`
}
