/** Who is signed in, and the keys, which live here and in no storage. */

import { Api, ApiError, type Session } from './api'
import { checkKdf, makeKdf } from './crypto/kdf'
import { CryptoError } from './crypto/error'
import { deriveFromPassword, type PasswordKeys } from './crypto/master-password'
import type { SymmetricKey } from './crypto/symmetric-key'
import { Store } from './store'

/** Why somebody who was signed in has to do it again. */
export const SESSION_ENDED = 'Your session has ended. Sign in to go on where you were.'
/** The server ends a session of which it has not heard for so long. */
const IDLE_LIMIT = 30 * 60 * 1000
const CHECK_INTERVAL = 15 * 1000

export type State =
  | { phase: 'loading' }
  | { phase: 'unreachable'; error: unknown }
  | { phase: 'signed-out'; notice?: string }
  /** The session lives, the keys are gone: after a reload. */
  | { phase: 'locked'; session: Session }
  | { phase: 'unlocked'; session: Session; accountKey: SymmetricKey }

export type Progress = (progress: number) => void

export const state = new Store<State>({ phase: 'loading' })

export const api = new Api({
  csrfToken: () => currentSession()?.csrf_token,
  ended: () => currentSession() && end(SESSION_ENDED),
  renew: async () => adopt(await api.session()),
})

const otherTabs = new BroadcastChannel('locker-server session')

function currentSession(): Session | undefined {
  return 'session' in state.value ? state.value.session : undefined
}

/** Looks whether there is a session, at the beginning and after no answer came. */
export async function start(): Promise<void> {
  state.value = { phase: 'loading' }
  try {
    state.value = { phase: 'locked', session: await api.session() }
  } catch (error) {
    const none = error instanceof ApiError && error.status === 401
    state.value = none ? { phase: 'signed-out' } : { phase: 'unreachable', error }
  }
}

export async function signIn(email: string, password: string, progress: Progress): Promise<void> {
  const { signInKey, wrappingKey } = await deriveFromPassword(password, await api.kdf(email), progress)
  const session = await api.signIn({ email, sign_in_key: signInKey })
  await open(session, wrappingKey)
  otherTabs.postMessage('changed')
}

export async function signUp(email: string, password: string, progress: Progress): Promise<void> {
  const kdf = makeKdf()
  const { signInKey, wrappingKey } = await deriveFromPassword(password, kdf, progress)
  const sealed_account_key = await wrappingKey.makeSealedKey()
  const session = await api.createAccount({ email, kdf, sign_in_key: signInKey, sealed_account_key })
  await open(session, wrappingKey)
  otherTabs.postMessage('changed')
}

/** Opens the keys again, with the session that there is. */
export async function unlock(session: Session, password: string, progress: Progress): Promise<void> {
  const { wrappingKey } = await deriveFromPassword(password, checkKdf(session.kdf), progress)
  try {
    await open(session, wrappingKey)
  } catch (error) {
    if (error instanceof CryptoError) throw new CryptoError('This is not the master password of the account.')
    throw error
  }
}

async function open(session: Session, wrappingKey: PasswordKeys['wrappingKey']): Promise<void> {
  const accountKey = await wrappingKey.openKey(session.sealed_account_key)
  state.value = { phase: 'unlocked', session, accountKey }
}

/** Drops the keys at once, whatever the server says. */
export async function signOut(): Promise<void> {
  const gone = api.signOut()
  end('You have signed out.')
  try {
    await gone
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return
    end('You have signed out here, but the server could not be told. The session ends there by itself.')
  } finally {
    otherTabs.postMessage('changed')
  }
}

function end(notice: string): void {
  state.value = { phase: 'signed-out', notice }
}

/** Takes over what the server says of the session. The keys of another account are of no use. */
function adopt(session: Session): void {
  const { value } = state
  const same = 'session' in value && value.session.account.id === session.account.id
  state.value = same && value.phase === 'unlocked' ? { ...value, session } : { phase: 'locked', session }
}

/** Another tab has signed in or out. */
otherTabs.addEventListener('message', async () => {
  if (!currentSession()) return start()
  // A 401 ends the session here too; with no answer nothing is known.
  await api.session().then(adopt, () => {})
})

setInterval(() => {
  const session = currentSession()
  if (!session) return
  const now = Date.now()
  if (now > session.expiration_date * 1000 || now - api.lastCall > IDLE_LIMIT) end(SESSION_ENDED)
}, CHECK_INTERVAL)

// A page that the browser keeps to go back to would keep the keys.
addEventListener('pagehide', (event) => {
  const session = currentSession()
  if (event.persisted && session) state.value = { phase: 'locked', session }
})
