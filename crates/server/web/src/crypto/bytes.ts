import { CryptoError } from './error'

/** Bytes of which WebCrypto can be sure that no other thread changes them. */
export type Bytes = Uint8Array<ArrayBuffer>

export function randomBytes(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length))
}

export function concat(...parts: Bytes[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let offset = 0
  for (const part of parts) {
    whole.set(part, offset)
    offset += part.length
  }
  return whole
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text)
}

/** Standard base64 with padding. */
export function toBase64(bytes: Bytes): string {
  let binary = ''
  for (const byte of bytes) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/**
 * Reads standard base64 with padding, in the one form that {@link toBase64} writes.
 *
 * @throws {CryptoError} for anything else
 */
export function fromBase64(text: string): Bytes {
  const binary = decode(text)
  // atob also takes spaces and a missing padding.
  if (btoa(binary) !== text) throw new CryptoError('not base64')
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

function decode(text: string): string {
  try {
    return atob(text)
  } catch {
    throw new CryptoError('not base64')
  }
}
