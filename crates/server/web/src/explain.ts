import { ApiError, UnreachableError } from './api'
import { CryptoError } from './crypto/error'

/** Something that was typed cannot be used; the message says what to type. */
export class InputError extends Error {
  override name = 'InputError'
}

/** What went wrong and what to do, for a person. */
export function explain(error: unknown): string {
  if (error instanceof ApiError) return explainRefusal(error)
  if (error instanceof InputError || error instanceof UnreachableError || error instanceof CryptoError)
    return sentence(error.message)
  return 'Something unexpected went wrong on this page. Reload it and try again.'
}

function explainRefusal(error: ApiError): string {
  if (error.status === 429) {
    const wait = error.retryAfter === undefined ? 'a little later' : `in ${inWords(error.retryAfter)}`
    return `Too many attempts. Try again ${wait}.`
  }
  if (error.status >= 500) return `The server failed (${error.status}). Try again; its log says more.`
  return sentence(error.message)
}

export function inWords(seconds: number): string {
  const rounded = Math.ceil(seconds)
  if (rounded < 90) return rounded === 1 ? '1 second' : `${rounded} seconds`
  return `${Math.ceil(rounded / 60)} minutes`
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(begun) ? begun : `${begun}.`
}
