/** The one place that speaks HTTP. */

import type { Kdf } from './crypto/kdf'

/** Seconds since the epoch. */
export type Seconds = number
/** A text that only the browser can read: `2.<iv>|<ct>|<mac>`. */
export type Sealed = string
export type Permission = 'read' | 'read-write'

export interface Session {
  account: { id: string; email: string; creation_date: Seconds }
  kdf: Kdf
  sealed_account_key: Sealed
  csrf_token: string
  expiration_date: Seconds
}

export interface Workspace {
  id: string
  name: string
  creation_date: Seconds
}

export interface Project {
  id: number
  workspace_id: string
  name: string
  sealed_project_key: Sealed
  creation_date: Seconds
}

export interface AccessKey {
  id: string
  permission: Permission
  restrict_ip: string[]
  activated: boolean
  creation_date: Seconds
  revision_date: Seconds
  last_use_date: Seconds | null
  expiration_date: Seconds | null
}

export interface LogEntry {
  id: string
  date: Seconds
  access_key_id: string | null
  account_id: string | null
  action: string
  item_id: string | null
  address: string
  status: number
}

export interface SealedSecret {
  id: string
  creation_date: Seconds
  revision_date: Seconds
  environment_id: string | null
  environment_name: Sealed | null
  key: Sealed
  value: Sealed | null
  description: Sealed | null
}

export interface SealedEnvironment {
  id: string
  creation_date: Seconds
  revision_date: Seconds
  name: Sealed
  external_url: Sealed | null
  description: Sealed | null
}

/** What a write sends; what is left out stays as it is. */
export interface SecretBody {
  hash: string
  key?: Sealed
  value?: Sealed
  description?: Sealed
  environment_id?: string
  environment_name?: Sealed
}

export interface EnvironmentBody {
  hash: string
  name?: Sealed
  external_url?: Sealed
  description?: Sealed
}

export interface AccessKeySettings {
  permission: Permission
  restrict_ip: string[]
}

/** The server said no. */
export class ApiError extends Error {
  override name = 'ApiError'

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly retryAfter: number | undefined,
  ) {
    super(message)
  }
}

/** No answer came, or none that can be understood; whether the server did what was asked is not known. */
export class UnreachableError extends Error {
  override name = 'UnreachableError'
}

/** What the client needs to know of the session, and whom it tells that there is none any more. */
export interface SessionHooks {
  csrfToken(): string | undefined
  ended(): void
  /** Asks for the session again, as another tab may have begun a new one. */
  renew(): Promise<void>
}

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE'

/** Where the API is; what an SDK wants to know as `apiBase`. */
export const API_BASE = new URL('locker_secrets', document.baseURI).href
const LIST_SIZE = 2000

export class Api {
  readonly #hooks: SessionHooks
  #lastCall = Date.now()

  constructor(hooks: SessionHooks) {
    this.#hooks = hooks
  }

  /** When the server last heard of this page. */
  get lastCall(): number {
    return this.#lastCall
  }

  signUpOpen = async () => (await this.#json<{ open: boolean }>('GET', '/v1/sign_up')).open
  createAccount = (body: { email: string; kdf: Kdf; sign_in_key: string; sealed_account_key: Sealed }) =>
    this.#json<Session>('POST', '/v1/accounts', body)
  kdf = (email: string) => this.#json<Kdf>('POST', '/v1/kdf', { email })
  signIn = (body: { email: string; sign_in_key: string }) => this.#json<Session>('POST', '/v1/session', body)
  session = () => this.#json<Session>('GET', '/v1/session')
  signOut = () => this.#send('DELETE', '/v1/session')

  workspaces = async () => (await this.#json<{ results: Workspace[] }>('GET', '/v1/workspaces')).results
  createWorkspace = (name: string) => this.#json<Workspace>('POST', '/v1/workspaces', { name })
  projects = async () => (await this.#json<{ results: Project[] }>('GET', '/v1/projects')).results
  project = (id: number) => this.#json<Project>('GET', `/v1/projects/${id}`)
  createProject = (body: { workspace_id: string; name: string; sealed_project_key: Sealed }) =>
    this.#json<Project>('POST', '/v1/projects', body)

  accessKeys = async (projectId: number) =>
    (await this.#json<{ results: AccessKey[] }>('GET', `/v1/projects/${projectId}/access_keys`)).results
  createAccessKey = (projectId: number, body: AccessKeySettings & { id: string; key: Sealed }) =>
    this.#json<AccessKey>('POST', `/v1/projects/${projectId}/access_keys`, body)
  changeAccessKey = (projectId: number, id: string, body: AccessKeySettings) =>
    this.#json<AccessKey>('PUT', `/v1/projects/${projectId}/access_keys/${id}`, body)
  activateAccessKey = (projectId: number, id: string, activated: boolean) =>
    this.#json<AccessKey>('PUT', `/v1/projects/${projectId}/access_keys/${id}/activated`, { activated })
  rotateAccessKey = (projectId: number, id: string, key: Sealed) =>
    this.#json<AccessKey>('POST', `/v1/projects/${projectId}/access_keys/${id}/rotate_key`, { key })
  deleteAccessKey = (projectId: number, id: string, confirm: string) =>
    this.#send('DELETE', `/v1/projects/${projectId}/access_keys/${id}?confirm=${encodeURIComponent(confirm)}`)

  /** The newest entries, or those that `next` of the page before names. */
  accessLog = (projectId: number, next?: string) =>
    this.#json<{ results: LogEntry[]; next: string | null }>(
      'GET',
      next === undefined ? `/v1/projects/${projectId}/access_logs?size=50` : checkedPath(next),
    )
  exportAccessLog = async (projectId: number) =>
    (await this.#send('GET', `/v1/projects/${projectId}/access_logs/export`)).blob()

  secrets = (projectId: number) => this.#all<SealedSecret>(`/v1/projects/${projectId}/secrets`)
  createSecret = (projectId: number, body: SecretBody) =>
    this.#json<SealedSecret>('POST', `/v1/projects/${projectId}/secrets`, body)
  changeSecret = (projectId: number, id: string, body: SecretBody) =>
    this.#json<SealedSecret>('PUT', `/v1/projects/${projectId}/secrets/${id}`, body)
  deleteSecret = (projectId: number, id: string) =>
    this.#send('DELETE', `/v1/projects/${projectId}/secrets/${id}`)

  environments = (projectId: number) => this.#all<SealedEnvironment>(`/v1/projects/${projectId}/environments`)
  createEnvironment = (projectId: number, body: EnvironmentBody) =>
    this.#json<SealedEnvironment>('POST', `/v1/projects/${projectId}/environments`, body)
  changeEnvironment = (projectId: number, id: string, body: EnvironmentBody) =>
    this.#json<SealedEnvironment>('PUT', `/v1/projects/${projectId}/environments/${id}`, body)
  deleteEnvironment = (projectId: number, id: string) =>
    this.#send('DELETE', `/v1/projects/${projectId}/environments/${id}`)

  async #all<T>(path: string): Promise<T[]> {
    const items: T[] = []
    const seen = new Set<string>()
    let next: string | null = `${path}?size=${LIST_SIZE}`
    while (next !== null) {
      if (seen.has(next)) throw new UnreachableError('The list of the server does not end.')
      seen.add(next)
      const page: { results: T[]; next: string | null } = await this.#json('GET', next)
      items.push(...page.results)
      next = page.next === null ? null : checkedPath(page.next)
    }
    return items
  }

  async #json<T>(method: Method, path: string, body?: object): Promise<T> {
    const response = await this.#send(method, path, body)
    try {
      return (await response.json()) as T
    } catch {
      throw new UnreachableError('The answer of the server cannot be read.')
    }
  }

  async #send(method: Method, path: string, body?: object): Promise<Response> {
    let response = await this.#fetch(method, path, body)
    if (response.ok) return response
    let error = await refusal(response)
    if (error.code === 'csrf') {
      await this.#hooks.renew()
      response = await this.#fetch(method, path, body)
      if (response.ok) return response
      error = await refusal(response)
    }
    // At the sign-in itself it means: the wrong password.
    const isSignIn = method === 'POST' && path === '/v1/session'
    if (error.status === 401 && !isSignIn) this.#hooks.ended()
    throw error
  }

  async #fetch(method: Method, path: string, body?: object): Promise<Response> {
    const headers: Record<string, string> = { accept: 'application/json' }
    if (body) headers['content-type'] = 'application/json'
    const token = this.#hooks.csrfToken()
    if (method !== 'GET' && token) headers['x-csrf-token'] = token
    try {
      const response = await fetch(API_BASE + path, {
        method,
        headers,
        credentials: 'same-origin',
        redirect: 'error',
        cache: 'no-store',
        ...(body && { body: JSON.stringify(body) }),
      })
      this.#lastCall = Date.now()
      return response
    } catch {
      throw new UnreachableError(
        'The server cannot be reached. Check that it runs and that you are online, then try again.',
      )
    }
  }
}

/** A list may only lead to another page of this API. */
function checkedPath(next: string): string {
  if (!next.startsWith('/v1/') || next.includes('..'))
    throw new UnreachableError('The next page of the list is not a path of this server.')
  return next
}

/** The body of an error may be anything; the status decides. */
async function refusal(response: Response): Promise<ApiError> {
  const body: unknown = await response.json().catch(() => undefined)
  const { code, message } = { code: '', message: '', ...(body as { code?: string; message?: string }) }
  const seconds = Number(response.headers.get('retry-after'))
  return new ApiError(
    response.status,
    String(code),
    String(message) || `The server answered with status ${response.status}.`,
    seconds > 0 ? seconds : undefined,
  )
}
